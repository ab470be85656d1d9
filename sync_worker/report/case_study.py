"""The report of a success case study: who answered, how the answers are spread, the cases, what helped and hindered.

Nothing is shown from which the answer of somebody in a group of fewer than five could be read. A case is told where its
person agreed to be talked with; it names and quotes them only where they agreed to that too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sync_worker.config.base import write_private
from sync_worker.content.markdown import person_name
from sync_worker.languages.parts import CASES, language
from sync_worker.model import Allowed, CaseKind, NoteKind
from sync_worker.report.write import page_environment, percent, write_rows
from sync_worker.signals.cases import FEWEST
from sync_worker.signals.participation import may_show
from sync_worker.store.database import make_folder
from sync_worker.store.pauses import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Case, CaseNote, Cohort

TOLD = (NoteKind.USED, NoteKind.RESULT, NoteKind.HELPED, NoteKind.HINDERED)
"""What of an LCM's notes is told; who can confirm it is not."""
HALF = 0.5
BETWEEN = " / "
NONE = "none"
MANAGERS_SAY = ("yes", "talk", "not yet")  # of several managers, the first of these that one of them answered


@dataclass(frozen=True, slots=True)
class Level:
    """How many people gave an answer, or one of several that stand together."""

    label: str
    people: int


@dataclass(frozen=True, slots=True)
class ToldCase:
    """A case as it is told: without a `name` it is nobody's, and has no `words`; `notes` are of these kinds in order.

    `manager` is what a manager answered, `none` where nobody did, "" where nobody may be asked.
    """

    kind: CaseKind
    name: str
    words: str
    notes: tuple[tuple[NoteKind, tuple[str, ...]], ...]
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """In how many conversations something was said to have helped, and to have hindered; `lever` is "" for none."""

    label: str
    lever: str
    helped: int
    hindered: int


@dataclass(frozen=True, slots=True)
class CaseReport:
    """All that the page shows; there are no `levels` where they would show too much."""

    cohort: Cohort
    asked: int
    answered: int
    levels: tuple[Level, ...] = ()
    cases: tuple[ToldCase, ...] = ()
    factors: tuple[Factor, ...] = ()

    @property
    def too_few(self) -> bool:
        """Whether nothing is said about the answers."""
        return self.answered < FEWEST

    @property
    def low_rate(self) -> bool:
        """Whether fewer than half of those who were asked have answered."""
        return self.answered < HALF * self.asked

    @property
    def share(self) -> str:
        """How many answered, in per cent."""
        return percent(self.answered / self.asked if self.asked else 0.0) or ""

    @property
    def is_merged(self) -> bool:
        """Whether answers stand together."""
        return any(BETWEEN in level.label for level in self.levels)


def case_report(
    cohort: Cohort, cases: Sequence[Case], managers: Mapping[str, Sequence[str]], unquoted: Collection[int] = ()
) -> CaseReport:
    """Return the report of the latest study of a cohort.

    Args:
        cohort: whose it is.
        cases: everybody who was asked, in any study.
        managers: what managers answered, by the key of the case.
        unquoted: accounts that are neither named nor quoted.

    """
    latest = max((one.slot for one in cases), default=None)
    asked = [one for one in cases if one.slot == latest]
    answered = [one for one in asked if one.used is not None]
    if len(answered) < FEWEST:
        return CaseReport(cohort, len(asked), len(answered))
    told = [one for one in answered if one.kind and one.allows.get(Allowed.TALK) and one.notes]
    told.sort(key=lambda one: (list(CaseKind).index(one.kind or CaseKind.BEST), one.key))
    return CaseReport(
        cohort=cohort,
        asked=len(asked),
        answered=len(answered),
        levels=levels_of([one.used for one in answered if one.used is not None], CASES.of(cohort.locale).options),
        cases=tuple(_told(one, managers.get(one.key, ()), unquoted, cohort.locale) for one in told),
        factors=_factors(told, cohort.locale),
    )


def levels_of(used: Sequence[int], options: Sequence[str]) -> tuple[Level, ...]:
    """Return how many gave each answer, neighbours together where fewer than five did; nothing where all would be one.

    Of the ways to put neighbours together, the one with the most groups is taken, of as many the first.
    """
    for groups in _partitions(len(options)):
        counts = [sum(low <= place < high for place in used) for low, high in groups]
        if may_show(*counts):
            return tuple(
                Level(BETWEEN.join(options[low:high]), people)
                for (low, high), people in zip(groups, counts, strict=True)
            )
    return ()


def _partitions(length: int) -> Iterator[list[tuple[int, int]]]:
    """Yield the ways to cut a row into two pieces or more, those with most pieces first."""
    for pieces in range(length, 1, -1):
        for cuts in combinations(range(1, length), pieces - 1):
            marks = (0, *cuts, length)
            yield list(pairwise(marks))


def _told(case: Case, managers: Sequence[str], unquoted: Collection[int], locale: str) -> ToldCase:
    is_named = case.allows.get(Allowed.NAMED, False) and case.user_id not in unquoted
    said = {kind: tuple(_text(note, locale) for note in case.notes if note.kind is kind) for kind in TOLD}
    may_ask = case.allows.get(Allowed.MANAGER, False)
    return ToldCase(
        kind=case.kind or CaseKind.BEST,
        name=person_name(case.name, case.username) if is_named else "",
        words=case.words if is_named else "",
        notes=tuple((kind, texts) for kind, texts in said.items() if texts),
        manager=next((one for one in MANAGERS_SAY if one in managers), NONE) if may_ask else "",
    )


def _text(note: CaseNote, locale: str) -> str:
    """Return a note as it is told: "Manager: who kept Fridays free"."""
    if not note.factor:
        return note.text
    label = CASES.of(locale).factors[note.factor][0]
    return f"{label}{language(locale).colon} {note.text}" if note.text else label


def _factors(cases: Sequence[Case], locale: str) -> tuple[Factor, ...]:
    """Return what helped and hindered, that which was named in most conversations first."""
    named: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    texts: dict[tuple[str, str], str] = {}
    for case in cases:
        for note in case.notes:
            if note.kind in (NoteKind.HELPED, NoteKind.HINDERED):
                what = (note.factor, "" if note.factor else _letters(note.text))
                texts.setdefault(what, CASES.of(locale).factors[note.factor][0] if note.factor else note.text)
                sides = named.setdefault(what, (set(), set()))
                sides[note.kind is NoteKind.HINDERED].add(case.key)
    found = [Factor(texts[what], what[0], len(helped), len(hindered)) for what, (helped, hindered) in named.items()]
    return tuple(sorted(found, key=lambda one: (-(one.helped + one.hindered), not one.lever, one.label.casefold())))


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


# Its files: one page of HTML, and two of CSV.


def write_case_report(report: CaseReport, out: Path, now: datetime) -> Path:
    """Write the page and the CSV files into a folder; return the page. Only their owner may read them."""
    make_folder(out)
    cohort, words = report.cohort, CASES.of(report.cohort.locale)
    most = max((level.people for level in report.levels), default=0) or 1
    page = (
        page_environment()
        .get_template("case_study.html")
        .render(
            report=report,
            words=words.report,
            language=language(cohort.locale),
            kinds=tuple(CaseKind),
            bar=lambda level: round(100 * level.people / most),
            now=now.astimezone(cohort.zone),
        )
    )
    path = out / f"{cohort.key}-case-study.html"
    write_private(path, page)
    answers: list[list[object]] = [["cohort", "asked", "answered", "answer", "people"]]
    levels = report.levels or (None,)
    for level in levels:
        shown = [level.label, level.people] if level is not None else ["", ""]
        answered = "" if report.too_few else report.answered
        answers.append([cohort.key, report.asked, answered, *shown])
    write_rows(out / f"{cohort.key}-case-study.csv", answers)
    factors: list[list[object]] = [["cohort", "lever", "what", "helped", "hindered"]]
    factors += [[cohort.key, one.lever, one.label, one.helped, one.hindered] for one in report.factors]
    write_rows(out / f"{cohort.key}-case-study-factors.csv", factors)
    return path


# Where reports were written: these files tell of people who are forgotten later.


NOTED = "case-report:"
MOST_NOTED = 20  # files of one cohort


def note_report(session: Session, forum: str, cohort: str, page: Path) -> None:
    """Remember where a report of a cohort was written."""
    pages = [one for one in _noted(session, forum, cohort) if one != page.resolve()]
    remember(session, forum, f"{NOTED}{cohort}", json.dumps([*map(str, pages), str(page.resolve())][-MOST_NOTED:]))


def reports_of(session: Session, forum: str, cohorts: Iterable[str]) -> list[tuple[str, Path]]:
    """Return the pages that were written of some cohorts and are still there on this machine, by cohort."""
    noted = [(cohort, page) for cohort in sorted(set(cohorts)) for page in _noted(session, forum, cohort)]
    return [(cohort, page) for cohort, page in noted if page.is_file()]


def _noted(session: Session, forum: str, cohort: str) -> list[Path]:
    return [Path(one) for one in json.loads(remembered(session, forum, f"{NOTED}{cohort}") or "[]")]

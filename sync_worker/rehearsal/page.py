"""What each kind of person reads in a rehearsal, week by week, and the page that shows it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sync_worker.config.base import write_private, writing
from sync_worker.languages.parts import REHEARSAL, language
from sync_worker.model import DraftKind
from sync_worker.rehearsal.play import people_of
from sync_worker.report.write import page_environment, rendered
from sync_worker.store.database import make_folder
from sync_worker.store.mails import TO_MANAGER

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from sync_worker.rehearsal.play import Quiet, Rehearsed, Shown


# Adults read 238 words of non-fiction a minute (Brysbaert 2019, "How many words do we read per minute?", Journal of
# Memory and Language 109); on a screen, and in a language that is not everybody's first, rather less.
WORDS_PER_MINUTE = 200
ANSWER_MINUTES = 5  # as the shipped welcome promises
DECISION_MINUTES = 2
PROMPT = "prompt"
TO_FEW = (DraftKind.MESSAGE, DraftKind.MAIL)
WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the journey; `number` is 0 for what comes before its start."""

    number: int
    first: date
    last: date
    everybody: tuple[Shown, ...]
    one_learner: tuple[Shown, ...]
    lcms: tuple[Shown, ...]
    managers: tuple[Shown, ...]
    quiet: tuple[Quiet, ...]
    prompts: int

    @property
    def reading_minutes(self) -> int:
        """How long a learner reads what is for every learner."""
        return _minutes(self.everybody)

    @property
    def answering_minutes(self) -> int:
        """How long a learner needs to answer what every learner is asked."""
        return self.prompts * ANSWER_MINUTES

    @property
    def decisions(self) -> int:
        """How many drafts an LCM decides on."""
        return sum(one.approved for one in self._read_by_lcms)

    @property
    def lcm_minutes(self) -> int:
        """How long an LCM reads and decides."""
        return _minutes(self._read_by_lcms) + self.decisions * DECISION_MINUTES

    @property
    def _read_by_lcms(self) -> tuple[Shown, ...]:
        return (*self.everybody, *self.one_learner, *self.lcms, *self.managers)


def weeks_of(rehearsed: Rehearsed) -> list[Week]:
    """Return the weeks of the journey, from the first in which anything happened to the last."""
    cohort = rehearsed.cohort
    lcms = {cohort.lcm_group, *(one.username for one in people_of(rehearsed.people, learners=False))}
    plays = {step.id: step.play for step in rehearsed.playbook.file.steps}

    def number(day: date) -> int:
        return max((day - cohort.start).days // 7 + 1, 0)

    moments = [one.at for one in rehearsed.shown] + [one.at for one in rehearsed.quiet]
    numbers = [number(moment.astimezone(cohort.zone).date()) for moment in moments]
    weeks = []
    for week in range(min(numbers, default=1), max(numbers, default=0) + 1):
        first = cohort.start + timedelta(weeks=week - 1)
        shown = [one for one in rehearsed.shown if number(one.at.astimezone(cohort.zone).date()) == week]
        managers = tuple(one for one in shown if TO_MANAGER in one.draft.refs)
        messages = [one for one in shown if one.draft.kind in TO_FEW and one not in managers]
        everybody = tuple(one for one in shown if one.draft.kind not in TO_FEW)
        to_lcms = tuple(one for one in messages if _is_for(one, lcms))
        weeks.append(
            Week(
                number=week,
                first=first,
                last=first + timedelta(days=6),
                everybody=everybody,
                one_learner=tuple(one for one in messages if one not in to_lcms),
                lcms=to_lcms,
                managers=managers,
                quiet=tuple(one for one in rehearsed.quiet if number(one.at.astimezone(cohort.zone).date()) == week),
                prompts=sum(plays.get(one.step) == PROMPT for one in everybody),
            )
        )
    return weeks


def _is_for(one: Shown, lcms: Collection[str]) -> bool:
    """Whether only LCMs read a text; a mail that is for no manager is for one of them."""
    return one.draft.kind is DraftKind.MAIL or set(one.draft.recipients) <= set(lcms)


def _minutes(shown: Sequence[Shown]) -> int:
    words = sum(len(WORD.findall(f"{one.draft.title or ''} {one.draft.raw}")) for one in shown)
    return math.ceil(words / WORDS_PER_MINUTE)


# Write a rehearsal as a page: everything that each kind of person reads, week by week.


def page_of(rehearsed: Rehearsed) -> str:
    """Return the page as HTML, in the cohort's language; it loads nothing from elsewhere."""
    cohort, words = rehearsed.cohort, REHEARSAL.of(rehearsed.cohort.locale).words
    names = {cohort.lcm_group: words["all_lcms"], **{one.username: one.name for one in rehearsed.people}}
    counts = {}
    for learners, noun in ((True, "learner"), (False, "lcm")):
        number = len(people_of(rehearsed.people, learners=learners))
        counts[noun] = f"{number} {words[noun][number != 1]}"
    template = page_environment("sync_worker.rehearsal").get_template("rehearsal.html")
    return template.render(
        cohort=cohort,
        title=rehearsed.playbook.file.title.in_language(cohort.locale),
        words=words,
        language=language(cohort.locale),
        counts=counts,
        weeks=weeks_of(rehearsed),
        assumed={
            "words": WORDS_PER_MINUTE,
            "answer": ANSWER_MINUTES,
            "decide": DECISION_MINUTES,
        },
        problems=rehearsed.problems,
        names=names,
        rendered=rendered,
    )


def write_page(rehearsed: Rehearsed, path: Path) -> None:
    """Write the page; only its owner may read it, as it names people.

    Raises:
        UsageError: it cannot be written there.

    """
    with writing("the page", path):
        make_folder(path.parent)
        write_private(path, page_of(rehearsed))

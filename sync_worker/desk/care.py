"""What was done for people, for the LCM to look up: hand-overs, mails to managers, messages, their effect, the network.

From the store alone. Each part has a heading and lines of plain text, each perhaps with an address within the forum;
a part without lines is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.activity.participation import Counts
from sync_worker.errors import ConfigError
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import LETTERS, REPORT, language
from sync_worker.model import DraftKind
from sync_worker.plays.nudge import HAND_OVER
from sync_worker.signals.network import isolated, network_of
from sync_worker.store.ledger import published_rows
from sync_worker.store.mails import TO_MANAGER, answers_of, recipient_of, sent_mails
from sync_worker.worker.trials import effect_in_words, effect_over, trials_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sync_worker.languages.language import Language
    from sync_worker.model import Cohort
    from sync_worker.store.tables import LedgerRow

HANDED_FOR = timedelta(days=60)
SENT_FOR = timedelta(days=28)
MOST_LINES = 40  # of a part, the latest
TITLE_LONGEST = 120
LINE_LONGEST = 900


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a part: plain text, and an address within the forum, "" for none."""

    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what was done: its heading, and its lines, the latest first."""

    title: str
    lines: tuple[Line, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as the plugin takes it."""
        lines = [{"text": one.text, **({"url": one.path} if one.path else {})} for one in self.lines]
        return {"title": self.title, "lines": lines}


def newest_first(told: Iterable[tuple[date, Line]]) -> list[Line]:
    """Return the lines of the newest days first, those of one day by their words: not by which call came first."""
    return [line for _, line in sorted(told, key=lambda pair: (-pair[0].toordinal(), pair[1].text, pair[1].path))]


@dataclass(frozen=True, slots=True)
class Care:
    """Reads what was done for the people of one cohort.

    Args:
        session: of the store.
        forum: its name.
        cohort: whose people they are.
        categories: that the cohort reads.
        learners: their accounts; of nobody else anything is said.
        names: what people in the cohort are called, by account.
        now: aware.

    """

    session: Session
    forum: str
    cohort: Cohort
    categories: Sequence[int]
    learners: Collection[int]
    names: Mapping[int, str]
    now: datetime

    def parts(self) -> list[Part]:
        """Return every part that has something to say."""
        published = published_rows(self.session, self.forum, self.cohort.key, ("done",))
        found = {
            "handed": newest_first(self._handed(published)),
            "managers": newest_first(self._managers()),
            "sent": newest_first(self._sent(published)),
            "effect": self._effect(),
            "network": self._network(),
        }
        read = {name: tuple(lines)[:MOST_LINES] for name, lines in found.items()}
        return [Part(self._say[name], lines) for name, lines in read.items() if lines]

    @property
    def _say(self) -> Mapping[str, str]:
        return LETTERS.of(self.cohort.locale).desk

    @property
    def _words(self) -> Language:
        return language(self.cohort.locale)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.cohort.zone).date()

    def _handed(self, published: Iterable[LedgerRow]) -> Iterator[tuple[date, Line]]:
        """Yield who did not react to two messages and was handed over to the LCMs."""
        for row in published:
            if HAND_OVER in row.payload.get("refs", ()) and self.now - row.updated_at < HANDED_FOR:
                day = self._day(row.updated_at)
                for number in self._still_here(row):
                    text = self._say["handed_line"].format(name=self._named(number), day=self._words.day(day))
                    yield day, Line(text, _topic(row))

    def _managers(self) -> Iterator[tuple[date, Line]]:
        """Yield each mail to a manager, what became of it, and what the manager answered."""
        answered = {row.key: row.answer for row in answers_of(self.session, self.forum, self.cohort.key)}
        for row in sent_mails(self.session, self.forum, self.cohort.key):
            manager, learners = recipient_of(row.payload.get("recipients", ())), self._still_here(row)
            if manager is None or not learners or TO_MANAGER not in row.payload.get("refs", ()):
                continue
            about = self._words.listing([self._named(number) for number in learners])
            state = self._say[f"mail_{row.state}" if f"mail_{row.state}" in self._say else "mail_failed"]
            answer = answered.get(row.key, "").replace(" ", "_")
            said = self._say["answered"].format(answer=self._say[f"answer_{answer}"]) if answer else ""
            day = self._day(row.created_at)
            line = self._say["managers_line"].format(
                manager=manager.name or manager.address, learners=about, day=self._words.day(day), state=state
            )
            yield day, Line(shortened(f"{line}{said}", LINE_LONGEST))

    def _sent(self, published: Iterable[LedgerRow]) -> Iterator[tuple[date, Line]]:
        """Yield the messages that went to one learner alone."""
        rows = [row for row in published if row.to_learner in self.learners and row.action == DraftKind.MESSAGE]
        for row in rows:
            at = row.sent_at or row.updated_at
            if self.now - at < SENT_FOR and not row.payload.get("answers_learner"):
                title = self._words.quoted(shortened(row.payload.get("title") or "", TITLE_LONGEST))
                name, day = self._named(row.to_learner or 0), self._day(at)
                text = self._say["sent_line"].format(name=name, title=title, day=self._words.day(day))
                yield day, Line(text, _topic(row))

    def _effect(self) -> Iterator[Line]:
        """Yield whether messages to the silent help, where a share of the people was left out by lot."""
        trials = trials_of(self.session, self.forum, self.cohort.key, self.now)
        if trials:
            days = frozenset[int]().union(*(one.days for one in trials))
            yield Line(effect_in_words(effect_over(trials), days, REPORT.of(self.cohort.locale).words))

    def _network(self) -> Iterator[Line]:
        """Yield who answers whom, in figures, and who is connected to nobody yet."""
        counts = Counts(self.session, self.forum, self.cohort.key, self.categories, self.now)
        answers = counts.answers(since=self.cohort.start)
        words, people = REPORT.of(self.cohort.locale).words, sorted(self.learners)
        try:
            found = network_of(people, answers)
        except ConfigError:  # the library of the network is not installed
            alone: Collection[int] = isolated(people, answers)
        else:
            if not found.ties:
                return
            alone = found.isolates
            returned = "–" if found.reciprocity is None else self._share(found.reciprocity)
            for name, value in (
                ("network_ties", str(found.ties)),
                ("network_density", self._share(found.density)),
                ("network_reciprocity", returned),
                ("network_bridges", str(len(found.bridges))),
            ):
                yield Line(f"{words[name]}{self._words.colon} {value}")
        if answers and alone:
            listed = self._words.listing([self._named(number) for number in sorted(alone)])
            yield Line(shortened(f"{words['network_isolates']}{self._words.colon} {listed}", LINE_LONGEST))

    def _still_here(self, row: LedgerRow) -> list[int]:
        return [number for number in row.payload.get("about_users", ()) if number in self.learners]

    def _named(self, number: int) -> str:
        return self.names.get(number, "?")

    def _share(self, value: float) -> str:
        return f"{100 * value:.0f}\u00a0%"


def _topic(row: LedgerRow) -> str:
    number = row.result.get("topic_id")
    return f"/t/{number}" if number else ""

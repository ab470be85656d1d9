"""Cohorts: as a source knows them, as we look after them; moments of their playbooks, levers, what people planned."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sync_worker.timeline import StepChange


@dataclass(frozen=True, slots=True)
class SourceCohort:
    """A cohort as a source knows it: our key for it, what the source calls it (`written`), its full name and dates.

    A name that is empty and dates that are None are not said by the source.
    """

    key: str
    written: str
    name: str = ""
    start: date | None = None
    end: date | None = None
    where: str = ""

    @property
    def label(self) -> str:
        """How to call the cohort."""
        return self.name or self.written


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Days on which a cohort does not work.

    `holidays` are the public ones of a country or a part of it (`FR`, `DE-BY`), `days` further ones; what a step does
    on these it says itself. On `blackout` days nothing of the journey happens.
    """

    holidays: str | None = None
    days: frozenset[date] = frozenset()
    blackout: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Cohort:
    """People who learn together from `start` to `end` (both days included), in one time zone.

    From `archive_after` days after `end`, or once it was `archived`, the cohort is over: its category may only be read,
    and its learners join the `alumni_group`. Cohorts of one `programme` hand on what they found out. `languages` are
    those in which its people read, where they are more than its `locale`. `parent_category` is the slug of the category
    under which the cohort's own stands. The notification levels are those that new members start with, in the group's
    messages and in the category; None leaves Discourse's.
    """

    key: str
    name: str
    start: date
    end: date
    timezone: str
    locale: str
    group: str
    lcm_group: str
    category: str
    category_slug: str
    playbook: str | None = None
    tags: tuple[str, ...] = ()
    also_reads: tuple[str, ...] = ()
    archive_after: int = 14
    alumni_group: str | None = None
    parent_category: str | None = None
    group_notifications: str | None = None
    category_notifications: str | None = None
    from_source: SourceCohort | None = None
    archived: bool = False
    programme: str | None = None
    languages: tuple[str, ...] = ()
    days_off: DaysOff = DaysOff()
    step_changes: tuple[StepChange, ...] = ()

    def over_on(self, day: date) -> bool:
        """Whether the cohort is over on `day`: archived, or ended, and `archive_after` more days gone by."""
        return self.archived or (day - self.end).days > self.archive_after

    @property
    def further_languages(self) -> tuple[str, ...]:
        """The languages in which its people read beside its own, in the order given."""
        return tuple(one for one in self.languages if one != self.locale)

    @property
    def why_over(self) -> str:
        """Why the cohort is over, in words, once it is."""
        return "the cohort was archived" if self.archived else f"the cohort ended on {self.end}"

    @property
    def zone(self) -> ZoneInfo:
        """The cohort's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One step at one moment for one cohort: the unit that happens exactly once.

    `slot` is when the playbook plans it, and says which one it is; `moved` when it happens instead, where it was moved
    away from a holiday. A follow-up of the step has its name in `follow_up`, and in `follows` the slot that it follows,
    which happens at `follows_moved` where that was moved.
    """

    cohort: Cohort
    playbook: str
    step: str
    slot: datetime
    moved: datetime | None = None
    follow_up: str = ""
    follows: datetime | None = None
    follows_moved: datetime | None = None

    @property
    def label(self) -> str:
        """How people read which step it is, and which follow-up of it."""
        return f"{self.step}/{self.follow_up}" if self.follow_up else self.step

    @property
    def own_day(self) -> date:
        """The day of the step itself on the cohort's own clock; of a follow-up, the day of what it follows."""
        return (self.follows or self.slot).astimezone(self.cohort.zone).date()

    @property
    def main_at(self) -> datetime:
        """When the step itself happens, on the cohort's own clock; of a follow-up, what it follows."""
        return (self.follows_moved or self.follows or self.at).astimezone(self.cohort.zone)

    @property
    def at(self) -> datetime:
        """When it happens."""
        return self.moved or self.slot

    @property
    def local(self) -> datetime:
        """The slot on the cohort's own clock."""
        return self.slot.astimezone(self.cohort.zone)

    @property
    def local_at(self) -> datetime:
        """When it happens, on the cohort's own clock."""
        return self.at.astimezone(self.cohort.zone)


# The levers of transfer effectiveness: what makes people use at work what they learned.
# The twelve are those of Ina Weinbauer-Heidel, "What Makes Training Really Work" (2018): three of the learner, four of
# the programme, five of the organisation.


class Lever(StrEnum):
    """One lever, as playbooks and decks name it; `label` says it in full."""

    MOTIVATION = "motivation"
    SELF_BELIEF = "self-belief"
    VOLITION = "volition"
    EXPECTATIONS = "expectations"
    RELEVANCE = "relevance"
    PRACTICE = "practice"
    PLANNING = "planning"
    OPPORTUNITY = "opportunity"
    TIME = "time"
    MANAGER = "manager"
    PEERS = "peers"
    FIRM = "firm"

    @property
    def label(self) -> str:
        """The lever's name in words."""
        return LABELS[self]


LABELS = {
    Lever.MOTIVATION: "motivation",
    Lever.SELF_BELIEF: "belief in oneself",
    Lever.VOLITION: "volition",
    Lever.EXPECTATIONS: "clear expectations",
    Lever.RELEVANCE: "relevant content",
    Lever.PRACTICE: "active practice",
    Lever.PLANNING: "transfer planning",
    Lever.OPPORTUNITY: "opportunity to apply",
    Lever.TIME: "time",
    Lever.MANAGER: "manager's support",
    Lever.PEERS: "peers' support",
    Lever.FIRM: "expectation of the firm",
}


# What people said they would do, as the store keeps it, and what became of it. No I/O.


class BlockerWord(StrEnum):
    """What a person can say about a topic: it is a blocker, it is solved, it is open again, somebody looks after it."""

    OPEN = "open"
    SOLVE = "solve"
    REOPEN = "reopen"
    ASSIGN = "assign"


class Answer(StrEnum):
    """What became of a plan, in its author's own answer."""

    DONE = "done"
    NOT_YET = "not yet"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a person is going to do: the post in which they wrote it, its sentences as they are quoted.

    `day` is the one after which they are asked about it, `named` whether they named it themselves. `talk` is the
    message in which they were asked, `answer` what they answered there, None where they have not.
    """

    step: str
    slot: datetime
    topic_id: int
    post_id: int
    number: int
    user_id: int
    username: str
    name: str
    words: tuple[str, ...]
    day: date
    named: bool
    is_cut: bool = False
    asked_at: datetime | None = None
    talk: int | None = None
    later_at: datetime | None = None
    answer: Answer | None = None
    later_answer: Answer | None = None
    withdrawn_at: datetime | None = None


# What people answered some weeks after a programme, and the cases that were chosen of it. No I/O.


class CaseKind(StrEnum):
    """Whether somebody stands for those who used it most, or for those who used it least."""

    BEST = "best"
    WORST = "worst"


class Allowed(StrEnum):
    """What a person who was chosen can allow: a conversation, their name in the report, a question to their manager."""

    TALK = "conversation"
    NAMED = "named"
    MANAGER = "manager"


class NoteKind(StrEnum):
    """What a line of an LCM's notes of a conversation is about."""

    USED = "used"
    RESULT = "result"
    HELPED = "helped"
    HINDERED = "hindered"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class CaseNote:
    """One line of the notes: what helped or hindered has a `factor`, the lever that it is about, "" for none."""

    kind: NoteKind
    text: str
    factor: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What one person answered to the two questions, and, where they were chosen, what became of it.

    `key` is that of the message that asked. `used` is the place of the answer among the options, 0 for not at all, None
    for no answer; `words` say what came of it. `posts` are the posts of theirs that speak of it. `invited` says that
    the invitation went out; `allows` is what they answered to it, where they did.
    """

    key: str
    step: str
    slot: datetime
    user_id: int
    username: str
    name: str
    used: int | None = None
    words: str = ""
    kind: CaseKind | None = None
    posts: tuple[int, ...] = ()
    talk: int | None = None
    invited: bool = False
    allows: Mapping[Allowed, bool] = field(default_factory=dict)
    unclear: bool = False
    notes: tuple[CaseNote, ...] = ()

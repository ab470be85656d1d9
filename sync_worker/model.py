"""The words of the project as frozen data: people, cohorts, plans, signals, drafts. No I/O."""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime


class Role(StrEnum):
    """What a person is in a cohort."""

    LEARNER = "learner"
    LCM = "lcm"
    FACILITATOR = "facilitator"


class RosterKind(StrEnum):
    """Whether absence from the roster means anything."""

    SNAPSHOT = "snapshot"
    DELTA = "delta"


def fold(text: str) -> str:
    """Return the form in which names and e-mails are compared: NFKC, case-folded, stripped."""
    if text.isascii():  # the same, ten times faster
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().casefold()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the roster. At least one of `external_id`, `email`, `username` is set."""

    external_id: str | None = None
    email: str | None = None
    username: str | None = None
    name: str = ""
    manager_email: str | None = None
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out `key`, the person's identity in our records: the strongest identifier the roster gives."""
        if self.external_id:
            key = f"id:{fold(self.external_id)}"
        elif self.email:
            key = f"mail:{fold(self.email)}"
        else:
            key = f"name:{fold(self.username or '')}"
        object.__setattr__(self, "key", key)

    @property
    def label(self) -> str:
        """How to call the person in a table read by staff."""
        return self.name or self.username or self.email or self.external_id or "?"


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

    From `archive_after` days after `end` the cohort is over: its category may only be read, and its learners join the
    `alumni_group`. `parent_category` is the slug of the category under which the cohort's own stands. The notification
    levels are those that new members start with, in the group's messages and in the category; None leaves Discourse's.
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
    days_off: DaysOff = DaysOff()

    def over_on(self, day: date) -> bool:
        """Whether the cohort is over on `day`: ended, and `archive_after` more days gone by."""
        return (day - self.end).days > self.archive_after

    @property
    def zone(self) -> ZoneInfo:
        """The cohort's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's place in a cohort."""

    person: Person
    cohort: str
    role: Role = Role.LEARNER
    start: date | None = None
    end: date | None = None
    where: str = ""
    withdrawn: bool = False

    def active_on(self, day: date) -> bool:
        """Whether the enrolment holds on `day` (both ends included)."""
        started = self.start is None or self.start <= day
        return started and (self.end is None or day <= self.end) and not self.withdrawn


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of a source that was not taken, with the place and the reason.

    `about` are the identifiers (kind, folded value) that could be read in it, `cohort` our key for its cohort, where
    that could be read; they are for comparing and are shown nowhere.
    """

    where: str
    reason: str
    do: str = ""
    about: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    cohort: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A person whom a source knows, and where, without an enrolment."""

    person: Person
    where: str


class GroupedEnrolments(Sequence[Enrolment]):
    """Enrolments that know by themselves which are of which cohort, without all of them being made into objects."""

    @abstractmethod
    def by_cohort(self) -> Mapping[str, Sequence[Enrolment]]:
        """Return the enrolments of each cohort, in their order."""

    @abstractmethod
    def people(self) -> int:
        """Return how many different people there are."""


@dataclass(frozen=True)
class Roster:
    """Every enrolment that a source knows at one moment.

    `cohorts` are those of `cohorts_from`, `people` whom the source knows without enrolling them. `deltas` are the
    cohorts whose absentees mean nothing although the roster as a whole is a snapshot. `remarks` say what a reader
    decided where sources differ; `ignored` counts enrolments that nobody asked for.
    """

    source: str
    kind: RosterKind
    enrolments: Sequence[Enrolment]
    rejected: tuple[RejectedRow, ...] = ()
    cohorts: tuple[SourceCohort, ...] = ()
    people: tuple[Listed, ...] = ()
    deltas: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()
    ignored: int = 0

    def kind_of(self, cohort: str) -> RosterKind:
        """Whether absence from that cohort means anything."""
        return RosterKind.DELTA if cohort in self.deltas else self.kind

    @cached_property
    def by_cohort(self) -> Mapping[str, Sequence[Enrolment]]:
        """The enrolments by cohort key, in the roster's order; a cohort without any is not in it."""
        if isinstance(self.enrolments, GroupedEnrolments):
            return self.enrolments.by_cohort()
        found: dict[str, list[Enrolment]] = {}
        last, of_cohort = None, list[Enrolment]()
        for enrolment in self.enrolments:
            cohort = enrolment.cohort
            if cohort is not last:  # neighbours are mostly of the same cohort
                of_cohort, last = found.setdefault(cohort, []), cohort
            of_cohort.append(enrolment)
        return found

    @property
    def people_enrolled(self) -> int:
        """How many different people are enrolled."""
        if isinstance(self.enrolments, GroupedEnrolments):
            return self.enrolments.people()
        return len({enrolment.person.key for enrolment in self.enrolments})

    def of(self, cohort: str) -> Sequence[Enrolment]:
        """Return a cohort's enrolments."""
        return self.by_cohort.get(cohort, ())


class ChangeKind(StrEnum):
    """What a line of a membership plan does, or why it does nothing."""

    CREATE_GROUP = "create_group"
    ADOPT_GROUP = "adopt_group"
    UPDATE_GROUP = "update_group"
    CREATE_CATEGORY = "create_category"
    ADOPT_CATEGORY = "adopt_category"
    UPDATE_CATEGORY = "update_category"
    OPEN_CATEGORY = "open_category"
    ARCHIVE_CATEGORY = "archive_category"
    ADD = "add"
    ADD_BY_EMAIL = "add_by_email"
    REMOVE = "remove"
    INVITE = "invite"
    REMIND = "remind"
    WITHDRAW = "withdraw"
    INVITED = "invited"
    ADD_OWNER = "add_owner"
    REMOVE_OWNER = "remove_owner"
    UNKNOWN = "unknown"
    CONTRADICTION = "contradiction"
    FOLLOWED = "followed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    WAITING = "waiting"
    GRACE = "grace"


IDLE = frozenset(
    {
        *(ChangeKind.UNKNOWN, ChangeKind.UNCHANGED, ChangeKind.KEPT, ChangeKind.WAITING, ChangeKind.GRACE),
        *(ChangeKind.INVITED, ChangeKind.CONTRADICTION, ChangeKind.FOLLOWED),
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan: what happens to which group and whom, and why."""

    kind: ChangeKind
    cohort: str
    target: str
    reason: str
    username: str | None = None
    user_id: int | None = None
    person: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Steady:
    """The people of one group for whom nothing changes: counted here, told one by one by `lines` only when asked."""

    cohort: str
    target: str
    count: int
    lines: Callable[[], Iterable[Change]] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """The membership changes that would make the forum agree with the roster.

    `changes` are the lines that do something or need an explanation; people who stay as they are are in `steady`.
    """

    changes: tuple[Change, ...]
    rejected: tuple[RejectedRow, ...] = ()
    steady: tuple[Steady, ...] = ()

    def of(self, *kinds: ChangeKind) -> tuple[Change, ...]:
        """Return the changes of the given kinds, in plan order."""
        return tuple(change for change in self.changes if change.kind in kinds)

    def everything(self) -> Iterator[Change]:
        """Yield every line, then those of the people who stay as they are, group by group."""
        yield from self.changes
        for group in self.steady:
            yield from group.lines()

    @property
    def unchanged(self) -> int:
        """How many memberships stay as they are."""
        return sum(group.count for group in self.steady)

    @property
    def effective(self) -> tuple[Change, ...]:
        """The lines that would write something on the forum."""
        return tuple(change for change in self.changes if change.kind not in IDLE)


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the activity store keeps it. Times are aware and in UTC.

    Of a post that is not `quotable` no word is shown and its author is not named: a bot wrote it, or somebody whose
    account was anonymised or who asked not to be quoted.
    """

    id: int
    topic_id: int
    number: int
    user_id: int
    username: str
    name: str
    created_at: datetime
    raw: str | None
    cooked: str
    likes: int
    reads: int = 0
    reply_to: int | None = None
    accepted: bool = False
    marked: bool = False  # by an LCM, as a practice worth carrying on
    quotable: bool = True

    @property
    def by_a_person(self) -> bool:
        """Whether a person wrote it; Discourse gives its own accounts and those of helpers ids of 0 and below."""
        return self.user_id > 0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with its regular posts in order, as the activity store keeps it."""

    id: int
    category_id: int
    title: str
    slug: str
    created_at: datetime
    posts: tuple[Post, ...]
    tags: tuple[str, ...] = ()
    views: int = 0
    closed: bool = False
    external_id: str | None = None

    @property
    def opening(self) -> Post | None:
        """The first post, unless it was removed."""
        return self.posts[0] if self.posts and self.posts[0].number == 1 else None


class Use(StrEnum):
    """For what a draft cites a post: to quote it, to link to its topic, to call out its question, to ask its author."""

    QUOTE = "quote"
    LINK = "link"
    QUESTION = "question"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Citation:
    """What a draft shows of the forum, as the forum was when the draft was written; looked up again before it goes out.

    `title` is the topic's title where the draft shows it. A post and a person are named where the draft quotes or names
    them. `passages` are the words of the post that the draft quotes, or makes its heading of.
    """

    use: Use
    topic_id: int
    title: str = ""
    post_id: int | None = None
    number: int = 1
    user_id: int | None = None
    username: str = ""
    name: str = ""
    passages: tuple[str, ...] = ()


class DraftKind(StrEnum):
    """How a draft reaches its readers."""

    TOPIC = "topic"
    REPLY = "reply"
    MESSAGE = "message"


class Approval(StrEnum):
    """Who must agree before a draft is sent."""

    NONE = "none"
    LCM = "lcm"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text ready to be posted or sent, with why it exists.

    `part` tells the drafts of one occurrence apart (`""` for the only one). `raw` is Markdown as Discourse takes it.
    `refs` names what the draft is and uses up ("roundup", "prompt:apply-it/first-sentence"), so that later ones know.
    `signed` are the names under it.
    """

    kind: DraftKind
    raw: str
    reason: str
    part: str = ""
    title: str | None = None
    recipients: tuple[str, ...] = ()
    topic_id: int | None = None
    tags: tuple[str, ...] = ()
    pin_days: int | None = None
    approval: Approval = Approval.NONE
    about_posts: tuple[int, ...] = ()
    about_users: tuple[int, ...] = ()
    refs: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    signed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One step at one moment for one cohort: the unit that happens exactly once.

    `slot` is when the playbook plans it, and says which one it is; `moved` when it happens instead, where it was moved
    away from a holiday.
    """

    cohort: Cohort
    playbook: str
    step: str
    slot: datetime
    moved: datetime | None = None

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


@dataclass(frozen=True, slots=True)
class Signal:
    """A fact computed from forum activity, with the posts that prove it."""

    kind: str
    subject: str
    reason: str
    score: float = 0.0
    posts: tuple[int, ...] = ()

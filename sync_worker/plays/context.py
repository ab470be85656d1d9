"""What a play is given and what it answers, and what the `with:` of several plays has in common."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from sync_worker.config.base import Strict
from sync_worker.content.proposals import Proposals
from sync_worker.model import Approval, Role
from sync_worker.timeline import CLOCK, text_schema

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from sync_worker.activity.reader import ActivityReader
    from sync_worker.content.proposals import Material, Wording
    from sync_worker.content.template_words import Word
    from sync_worker.content.templates import PlaybookTexts
    from sync_worker.forum.records import ForumPoll
    from sync_worker.model import Action, ActionKind, Case, Commitment, Draft, Fact, Lever, Occurrence, Topic
    from sync_worker.rules.rule import Unknown, Value
    from sync_worker.signals.blockers import Said
    from sync_worker.signals.effect import Trial
    from sync_worker.signals.needs_hand import Need
    from sync_worker.timeline import FollowUp
    from sync_worker.wording import Markdown


LATER = re.compile(rf"\+(?P<count>\d{{1,3}})(?P<unit>[dw]) {CLOCK}")
DISTANCE = re.compile(r"(?P<count>\d{1,3})(?P<unit>[hdw]) (?P<side>before|after)")
A_WEEK = 7
SATURDAY = 5


def read_days(value: object) -> object:
    """Read `7d`, `2w` as a number of days; what is no text and no number stays as it is."""
    if isinstance(value, str):
        match = re.fullmatch(r"(\d{1,3})([dw])", value.strip())
        if not match:
            raise ValueError("expected a number of days or weeks, like 7d or 2w")
        return int(match[1]) * (7 if match[2] == "w" else 1)
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"say which unit: {value}d or {value}w")  # noqa: TRY004  (pydantic reads ValueError)
    return value


Days = Annotated[
    int,
    Field(ge=1, le=365),
    BeforeValidator(read_days),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}[dw]$", "description": "days or weeks, like 7d or 2w"}),
]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]


@dataclass(frozen=True, slots=True)
class Later:
    """A time of the cohort's clock, so many days after a step's own day."""

    days: int
    clock: time

    def __str__(self) -> str:
        return f"+{self.days}d {self.clock:%H:%M}"

    def after(self, local: datetime) -> datetime:
        """Return that time, counted from an aware time of the cohort's clock."""
        return datetime.combine(local.date() + timedelta(days=self.days), self.clock, local.tzinfo)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far something is from a moment: days and minutes after it, negative before it."""

    days: int
    minutes: int = 0

    def __str__(self) -> str:
        side = "before" if (self.days, self.minutes) < (0, 0) else "after"
        return f"{abs(self.minutes) // 60}h {side}" if self.minutes else f"{abs(self.days)}d {side}"


def parse_later(value: object) -> Later:
    """Read `+7d 18:00`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = LATER.fullmatch(" ".join(value.lower().split())) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected days after the step's own day and a time, like '+7d 18:00', not '{value}'")
    days = int(match["count"]) * (A_WEEK if match["unit"] == "w" else 1)
    return Later(days, time(int(match["hour"]), int(match["minute"])))


def parse_distance(value: object) -> Distance:
    """Read `2d before`, `1w after`, `1h before`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = DISTANCE.fullmatch(" ".join(value.lower().split())) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected a distance like '2d before', '1d after' or '1h before', not '{value}'")
    count = int(match["count"]) * (-1 if match["side"] == "before" else 1)
    if match["unit"] == "h":
        return Distance(0, count * 60)
    return Distance(count * (A_WEEK if match["unit"] == "w" else 1))


LaterField = Annotated[Later, PlainValidator(parse_later), WithJsonSchema(text_schema(LATER.pattern, "+7d 18:00"))]
DistanceField = Annotated[
    Distance, PlainValidator(parse_distance), WithJsonSchema(text_schema(DISTANCE.pattern, "2d before", "1d after"))
]


class TopicOptions(Strict):
    """A play that opens a topic: how long it stays pinned, and its tags."""

    pin: Days | None = None
    tags: tuple[str, ...] = ()


# What a play is given and what it answers.


@dataclass(frozen=True, slots=True)
class Host:
    """An LCM of the cohort: their account, and how they are called."""

    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Readers:
    """Who can read a cohort's category: everybody where it is `public`, else so many people, 0 where it is unknown."""

    category: str = ""
    people: int = 0
    public: bool = False


@dataclass(frozen=True, slots=True)
class SiteFeatures:
    """What a forum can show; what is not known it cannot.

    Polls; the calendar's events, in which people say whether they come; dates in each reader's own time; a post in
    several languages, of which each reader sees one.
    """

    polls: bool = False
    events: bool = False
    local_dates: bool = False
    translations: bool = False


@dataclass(frozen=True, slots=True)
class ChosenPerson:
    """Somebody in the cohort whom a step is for: the account, how they are called, and what they are in the cohort.

    `joined_at` is when they came into the cohort's group, `seen_at` when they were last on the forum, and
    `posted_at` when they last wrote there, messages included; None where the forum does not say.
    """

    user_id: int
    username: str
    name: str
    role: Role = Role.LEARNER
    joined_at: datetime | None = None
    seen_at: datetime | None = None
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastDraft:
    """A draft that this cohort already got, or is about to get; `topic_id` is where it stands once published.

    `follow_up` is the name of the step's follow-up that it belongs to, "" for the step itself, and `follows` the slot
    that this one follows. `key` is that of the ledger, which a topic carries as its external id, and `day` the day of
    the step itself that the key holds: the cohort's clock, or the step's time of day, may have been another one then.
    `sent_at` is when a message went out to its learners, which may be days after the slot: it waited for an LCM, or for
    the morning.
    """

    step: str
    slot: datetime
    draft: Draft
    topic_id: int | None = None
    follow_up: str = ""
    follows: datetime | None = None
    key: str = ""
    day: date | None = None
    sent_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it went out; where that is not known, when it was planned."""
        return self.sent_at or self.slot

    @property
    def own_slot(self) -> datetime:
        """The slot of the step itself; of a follow-up, the one that it follows."""
        return self.follows or self.slot

    def is_of(self, slot: datetime, day: date | None) -> bool:
        """Whether it belongs to the date of its step that is at this slot, or on this day of the cohort's clock."""
        return self.own_slot == slot or (day is not None and self.day == day)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Chance left somebody out of a step's messages about silence: when, and until when nobody writes to them."""

    slot: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class SharedTopic:
    """A topic that a cohort of the programme got: which cohort, when, the draft of it, and how it reads now.

    `topic` is None where it is gone, or not where it was.
    """

    cohort: str
    name: str
    slot: datetime
    draft: Draft
    topic_id: int
    topic: Topic | None = None


class Programme(Protocol):
    """What the cohorts of one programme got, from the ledger, with the topics as they read now."""

    def shared(self, ref: str) -> Sequence[SharedTopic]:
        """Return the topics whose drafts have this reference, this cohort's own among them, by slot."""
        ...


class History(Protocol):
    """What a cohort already got, from the ledger."""

    def drafts(self) -> Sequence[PastDraft]:
        """Return every draft published, intended or waiting for an LCM, by slot, oldest first.

        Drafts that were rejected, failed for good or were skipped are left out, and so are those of the occurrence
        being drafted.
        """
        ...

    def rejected(self) -> Sequence[PastDraft]:
        """Return every draft that an LCM rejected, by slot, oldest first."""
        ...

    def acted_on(self, kind: ActionKind) -> frozenset[int]:
        """Return the topics to which this was done before, or is about to be done, whatever people did since."""
        ...


def on_weekdays(day: date) -> bool:
    """Whether a day is none of a weekend."""
    return day.weekday() < SATURDAY


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for an LCM: its `kind`, what it is in words with links, and since when.

    `ref` names it for what reads the answer: `draft:KEY`, `answer:KEY`, `entry:KEY`, `topic:ID`, or the subject of a
    task. `number` is the one under which a reply answers it, 0 where none does.
    """

    kind: str
    what: Markdown
    since: datetime
    ref: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class MailsKnown:
    """What is known about mails: the addresses that get none, and what was answered, by step and address.

    Addresses are in the form in which they are compared.
    """

    stopped: frozenset[str] = frozenset()
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlayContext:
    """All that a play may know. `options` is an instance of the play's own `Options`.

    `once` says that its step happens once, `at_the_end` that it is the last date of its step in this cohort's
    journey, `follow_up` which follow-up of the step is drafted, "" for the step itself. `people` are those whom the
    step is for, by username: the learners, where the step does not say otherwise. Only a play with `for_people` is
    given them, and `commitments`, what they said they would do; only one with `reads_cases` is given `cases`, who was
    asked about their use and what they answered. `facts` are what is known about people, by account and name. A play
    that finds people by itself asks `is_for`. `texts` knows the values of the conditions about the cohort; what one
    person gets is written with `texts_for`. `spent` are those who got as many texts of the step as its limit allows:
    what goes to one of them alone is left out by itself, and a play that brings people together leaves them out. Only
    a play with `reads_signals` is given `needs`, who may need a hand and why, `last_posts`, when each wrote in the
    cohort last, `no_nudges`, who chose to get no such messages, and `held_out`, whom chance left out of them, oldest
    first. `members` is everybody in the cohort whom nobody left out of the step, LCMs too. `is_working_day` says on
    which days the cohort works, `blocker_words` what people said of topics that are blockers. `votes` are the polls
    of the topics that its play reads them of. Only a play with `sends_mails` is given `mails`, only one with
    `reads_waiting` what waits for an LCM. `closed_to` are accounts and groups that were found not to read the
    cohort's category, of those that a draft is to be sent to only while they do. Only a play with `may_be_proposed` is
    given `proposals`, what a language model proposed for it.
    """

    occurrence: Occurrence
    options: Strict
    now: datetime
    texts: PlaybookTexts
    activity: ActivityReader
    history: History
    forum_url: str
    rng: random.Random
    approval: Approval = Approval.NONE
    hosts: tuple[Host, ...] = ()
    own_usernames: frozenset[str] = frozenset({"system", "discobot"})
    at_the_end: bool = False
    readers: Readers = Readers()
    programme: Programme | None = None
    site: SiteFeatures = SiteFeatures()
    once: bool = False
    follow_up: str = ""
    people: tuple[ChosenPerson, ...] = ()
    members: tuple[ChosenPerson, ...] = ()
    is_working_day: Callable[[date], bool] = on_weekdays
    facts: Mapping[int, Mapping[str, Fact]] = field(default_factory=dict)
    commitments: tuple[Commitment, ...] = ()
    cases: tuple[Case, ...] = ()
    blocker_words: Mapping[int, tuple[Said, ...]] = field(default_factory=dict)
    votes: Mapping[int, tuple[ForumPoll, ...]] = field(default_factory=dict)
    chosen: frozenset[int] | None = None
    spent: frozenset[int] = frozenset()
    known: Mapping[int, Mapping[str, Value | Unknown]] = field(default_factory=dict)
    needs: Mapping[int, tuple[Need, ...]] = field(default_factory=dict)
    last_posts: Mapping[int, datetime] = field(default_factory=dict)
    mails: MailsKnown = MailsKnown()
    waiting: tuple[Waiting, ...] = ()
    no_nudges: frozenset[int] = frozenset()
    held_out: Mapping[int, tuple[HeldOut, ...]] = field(default_factory=dict)
    proposals: Proposals = field(default_factory=Proposals)
    closed_to: frozenset[str] = frozenset()

    def is_for(self, user_id: int) -> bool:
        """Whether the step is for somebody; where it chooses nobody, it is for everybody."""
        return self.chosen is None or user_id in self.chosen

    def texts_for(self, *user_ids: int) -> PlaybookTexts:
        """Return the texts as somebody gets them: their conditions are about this person, or hold of each of these."""
        return self.texts.knowing(*(self.known.get(number, {}) for number in user_ids))


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a play wants to post and to do; `reason` says why, above all where there is nothing to do.

    `not_now` says that the step's condition does not hold; the reason says why. `evidence` is what was known when the
    texts were written, by the part of the draft. `trials` are the people about whom chance decided whether they get a
    message: those who do, and those who do not. `material` is what a language model may be given to propose words for
    the drafts, and `wording` whose words they have.
    """

    drafts: tuple[Draft, ...]
    reason: str
    actions: tuple[Action, ...] = ()
    not_now: bool = False
    evidence: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    material: Material | None = None
    wording: tuple[Wording, ...] = ()


def no_follow_ups(options: Strict) -> tuple[FollowUp, ...]:
    """Return that a play does nothing again."""
    del options
    return ()


@dataclass(frozen=True, slots=True)
class Play:
    """A play as playbooks name it: how its `with:` looks, how it drafts, and what must be fresh before it does.

    `counts_days`: its text names the days before the one it is planned for, so these must be over when it happens.
    `texts` says by option what the template that it names may use, and `personal_texts` which of these go to one person
    each, or to a few, so that their conditions may be about these; `follow_ups` what a step with these options does
    again later, or earlier; `PlayContext.follow_up` then says which one is drafted.
    `watches`: it looks for something on many dates and finds it on few, so that calendars leave out those on which
    there was nothing, and all that are to come but the next.
    `for_people`: it writes to individual people, and is given those whom its step is for; `to_people`: it writes to
    individual people whom it finds itself. `reads_signals`: it is also given who of them may need a hand.
    Where a step does not say who approves, `default_approval` holds; for a follow-up `follow_up_approval`, if given,
    unless it is one of the `open_follow_ups`, which speak to the whole cohort.
    `acts`: it posts nothing, so there is nothing to approve. `names_steps`: which options name other steps of the
    playbook.
    `programme_refs`: by which references the topics of other cohorts of the programme are found that it reads.
    `reads_votes`: it reads the polls of the cohort's topics with this ref. `sends_mails`: its drafts go out by e-mail.
    `reads_waiting`: it is given what waits for an LCM. `reads_cases`: it is given who was asked about their use.
    `may_be_proposed`: a language model may propose words for it.
    `may_poll`: whether a step with these options may post a poll. `names_moments`: its texts say when something takes
    place. `in_languages`: its topics speak all languages of the cohort. `counts_answers`: its follow-ups know what
    people answered to an invitation. `goes_by_topic`: its follow-ups go by what the topic of their date says now.
    `levers`: what a step of it usually does for transfer.
    """

    name: str
    options: type[Strict]
    draft: Callable[[PlayContext], Drafted]
    reads_activity: bool = False
    reads_answers: bool = False
    names_readers: bool = False
    counts_days: bool = False
    for_people: bool = False
    to_people: bool = False
    reads_signals: bool = False
    watches: bool = False
    reads_votes: str = ""
    sends_mails: bool = False
    reads_waiting: bool = False
    reads_cases: bool = False
    may_be_proposed: bool = False
    acts: bool = False
    names_steps: tuple[str, ...] = ()
    default_approval: Approval = Approval.NONE
    follow_up_approval: Approval | None = None
    texts: Mapping[str, tuple[Word, ...]] = field(default_factory=dict)
    personal_texts: frozenset[str] = frozenset()
    levers: frozenset[Lever] = frozenset()
    follow_ups: Callable[[Any], tuple[FollowUp, ...]] = no_follow_ups
    open_follow_ups: frozenset[str] = frozenset()
    programme_refs: Callable[[Any, Sequence[PastDraft]], tuple[str, ...]] | None = None
    may_poll: Callable[[Any, PlaybookTexts], bool] | None = None
    names_moments: bool = False
    in_languages: bool = False
    counts_answers: bool = False
    goes_by_topic: bool = False

    @property
    def addresses_people(self) -> bool:
        """Whether its texts go to individual people, so that a step may say for whom it is."""
        return self.for_people or self.to_people

    def approval_of(self, follow_up: str) -> Approval:
        """Return who approves what a step that does not say so itself drafts, or a follow-up of it."""
        if follow_up and self.follow_up_approval and follow_up not in self.open_follow_ups:
            return self.follow_up_approval
        return self.default_approval

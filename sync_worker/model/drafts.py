"""Posts as the store keeps them, texts that are ready to be sent, and when one learner may be written to. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo


KEY_PREFIX = "lcm-"
"""How the keys begin by which the worker's own topics are recognised: their external ids."""

MAIL_LINK = "lcm:"
"""Before a word, as the address of a link in a text for a mail: where it leads is put in its place."""


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
    """A topic with its regular posts in order, as the activity store keeps it.

    Whether it is `pinned` or `archived` is known only of a topic that was just read.
    """

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
    pinned: bool = False
    archived: bool = False

    @property
    def opening(self) -> Post | None:
        """The first post, unless it was removed."""
        return self.posts[0] if self.posts and self.posts[0].number == 1 else None

    @property
    def may_be_named(self) -> bool:
        """Whether its title may be shown elsewhere: it is its author's words, and goes by what that person wants.

        Of a topic without its first post nobody knows who wrote the title, unless it is the worker's own: the post may
        be hidden, or its author have asked to be forgotten. A title that no person wrote may be shown.
        """
        opening = self.opening
        if opening is None:
            return (self.external_id or "").startswith(KEY_PREFIX)
        return not opening.by_a_person or opening.quotable

    def opened_by(self, usernames: Collection[str]) -> bool:
        """Whether one of these accounts, the worker's and the LCMs', opened the topic.

        Our plugin reports no posts of Discourse's own accounts, such as `system`: a topic that has a key of the worker
        and not its first post was opened by the worker.
        """
        if self.opening is None:
            return (self.external_id or "").startswith(KEY_PREFIX)
        return self.opening.username in usernames


@dataclass(frozen=True, slots=True)
class Signal:
    """A fact computed from forum activity, with the posts that prove it."""

    kind: str
    subject: str
    reason: str
    score: float = 0.0
    posts: tuple[int, ...] = ()


# Texts that are ready to be posted or sent, the posts that they cite, and what is done without a text.


WHILE_FACT = "while-fact:"
"""Before a fact's name, `=` and yes or no, among the refs of a message that is void once that is not so any more."""

UNTIL_ANSWERED = "until-answered:"
"""Before a topic's id, among the refs of a message that is void once the person whom it is about has answered there."""

WHILE_KEPT = "while-kept:"
"""Before a post's id, among the refs of a text that shows it: void once the practice library may not show it."""

WHILE_IN = "while-in:"
"""Before a group's name, among the refs of a message that is void once the person whom it is about has left it."""


UNTIL_REPLIED = "until-replied:"
"""Before a topic's id, among the refs of a message that is written anew once somebody has replied to its author there,
or nobody can or need reply any more: it was deleted, closed, archived or pinned."""

UNTIL_SOLVED = "until-solved:"
"""Before a topic's id, among the refs of a message that is written anew once the topic was closed, archived or deleted,
or somebody said that it is solved; where `:` and a tag follow, also once it does not have that tag any more."""

WHILE_MAY_ASK = "while-may-ask:"
"""Before the key of the message that asked somebody about their use of what they learned, among the refs of a mail to
their manager that is void once they do not allow it any more."""

WHILE_READS = "while-reads:"
"""Before a username or a group's name, among the refs of a message that is written anew once it may not read the
cohort's category."""

UNTIL_BACK = "until-back:"
"""Before a moment in ISO 8601, among the refs of a message that is void once its learner has written after it."""
TOGETHER = "together"
"""Among the refs of a message that brings the people together whom it is about: void once one of them is unwilling."""


class Use(StrEnum):
    """For what a draft cites a post.

    To quote it, to link to its topic, to call out its question, to ask its author; to hand on to another cohort what
    its author left for it, with the author's name or without; to show its author their own words, and nobody else; to
    keep it in the practice library, under the name that its author had then, among people who can read the post, or
    because the author agreed to that.
    """

    QUOTE = "quote"
    LINK = "link"
    QUESTION = "question"
    CALL = "call"
    HAND_ON = "hand on"
    HAND_ON_UNNAMED = "hand on unnamed"
    OWN = "own"
    KEPT = "kept"
    AGREED = "agreed"


def behind_mark(refs: Iterable[str], mark: str) -> list[str]:
    """Return what stands behind a mark in those of a draft's refs that begin with it."""
    return [ref.removeprefix(mark) for ref in refs if ref.startswith(mark)]


@dataclass(frozen=True, slots=True)
class Citation:
    """What a draft shows of the forum, as the forum was when the draft was written; looked up again before it goes out.

    `title` is the topic's title where the draft shows it; `titled` says that it shows words of it, whatever the title
    is now. A post and a person are named where the draft quotes or names them. `passages` are the words of the post
    that the draft quotes, or makes its heading of.

    `pieces` are what the draft says because of it, in the order of its text: what is taken out of the text once it must
    not be shown any more.
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
    pieces: tuple[str, ...] = ()
    titled: bool = False


@dataclass(frozen=True, slots=True)
class Translation:
    """A topic's title and text in a further language."""

    locale: str
    title: str
    raw: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a figure: what stands below it, and its number; None where that must not be shown."""

    label: str
    value: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """Bars that are drawn as a picture, with what they show in a few words above them."""

    title: str
    bars: tuple[Bar, ...]


class DraftKind(StrEnum):
    """How a draft reaches its readers."""

    TOPIC = "topic"
    REPLY = "reply"
    MESSAGE = "message"
    MAIL = "mail"


class Approval(StrEnum):
    """Who must agree before a draft is sent."""

    NONE = "none"
    LCM = "lcm"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text ready to be posted or sent, with why it exists.

    `part` tells the drafts of one occurrence apart (`""` for the only one). `raw` is Markdown as Discourse takes it.
    `refs` names what the draft is and uses up ("roundup", "prompt:apply-it/first-sentence"), so that later ones know.
    `signed` are the names under it. After `not_after` it is of no use and is not sent.

    A topic with `translations` is written in the language `locale`; the forum shows each reader the one that they read.

    A `mail` goes to the one e-mail address among its `recipients`, in the language `locale`.

    `figure` is the picture whose place is marked in the text (`content.figure`); it is drawn and uploaded right before
    the draft goes out.

    `to_learner` is the account id of the one learner whom it reaches, who is the first of the `recipients` of a message
    (LCMs may read along): caps, quiet hours and "no
    nudges" then hold, and where several drafts compete for what the caps leave, that of the highest `precedence` goes
    first. `answers_learner` says that it answers what this learner has just done, so that none of this holds. A message
    that brings people together (`TOGETHER` in `refs`) reaches each of `about_users`, and counts for each of them.
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
    to_learner: int | None = None
    answers_learner: bool = False
    precedence: int = 0
    locale: str = ""
    translations: tuple[Translation, ...] = ()
    not_after: datetime | None = None
    figure: Figure | None = None

    @property
    def learners(self) -> tuple[int, ...]:
        """The accounts of the learners whom it reaches: one alone, or those whom it brings together; none else."""
        if self.to_learner is not None:
            return (self.to_learner,)
        return self.about_users if TOGETHER in self.refs else ()


class ActionKind(StrEnum):
    """What is done on the forum without a text: to a topic that is there, or to the cohort as a whole."""

    PIN = "pin"
    UNPIN = "unpin"
    CLOSE = "close"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Action:
    """Something to be done that posts nothing, with why.

    `part` tells it apart from all else of its occurrence. `topic_id` is None where it is about the cohort as a whole.
    `key` is the external id by which the topic is known to be ours, "" for one that people opened. A pin ends `until`
    then; a topic is closed only if nobody has written in it after `quiet_since`.
    """

    kind: ActionKind
    reason: str
    part: str
    topic_id: int | None = None
    key: str = ""
    until: datetime | None = None
    quiet_since: datetime | None = None


# When one learner may be written to: caps, quiet hours, weekends. Pure: moments in, moments out.


MAX_STEPS = 200  # from one hindrance to the next; more than a month of full days
SATURDAY = 5
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one learner may receive from us: so many messages on one day, in one week (Monday to Sunday), and when.

    None is no cap. From the first of the `quiet` times on, up to the second, nothing is sent (it may lie on the next
    day), nor on Saturdays and Sundays without `weekend`. All times are of the cohort's clock.
    """

    per_day: int | None = 1
    per_week: int | None = 3
    quiet: tuple[time, time] | None = (time(20), time(7, 30))
    weekend: bool = False


class Sent(NamedTuple):
    """A message that the learner got, or may have got, and the time zone of the cohort that it came from."""

    at: datetime
    zone: ZoneInfo


class Hindrance(StrEnum):
    """Why a message may not go out at a moment."""

    QUIET = "quiet"
    DAY = "day"
    WEEK = "week"


class Opening(NamedTuple):
    """The first moment at which a message may go out, None for never, and what hinders it now, if anything does."""

    at: datetime | None
    why: Hindrance | None


def opening(reach: Reach, zone: ZoneInfo, now: datetime, *sent: Sequence[Sent]) -> Opening:
    """Return when a message to a learner, or to several who all get it at once, may go out, at the earliest.

    Days and weeks are those of the cohort's zone and of the zone of every cohort that the learner got something from,
    so that the caps hold on each of these clocks.

    Args:
        reach: the rules of the cohort whose message it is.
        zone: its time zone.
        now: the present, aware.
        sent: for each learner whom it reaches, what they got already, from whichever cohort; what is older than a week
            does not matter.

    """
    if 0 in (reach.per_day, reach.per_week):
        return Opening(None, Hindrance.DAY if reach.per_day == 0 else Hindrance.WEEK)
    moment, first = now, None
    for _ in range(MAX_STEPS):
        hindered = [found for got in sent if (found := _hindered(reach, zone, moment, got)) is not None]
        if not hindered:
            return Opening(moment, first)
        why, until = max(hindered, key=lambda found: found[1])
        first = first or why
        moment = max(until, moment + timedelta(seconds=1))
    return Opening(None, first)


def is_quiet(reach: Reach, local: datetime) -> bool:
    """Whether nothing is sent at a moment of the cohort's clock."""
    if not reach.weekend and local.weekday() >= SATURDAY:
        return True
    return reach.quiet is not None and _is_between(local.time(), *reach.quiet)


def _hindered(
    reach: Reach, zone: ZoneInfo, moment: datetime, sent: Sequence[Sent]
) -> tuple[Hindrance, datetime] | None:
    """Return what hinders a message to one learner at a moment, and until when it does."""
    local = moment.astimezone(zone)
    if is_quiet(reach, local):
        return Hindrance.QUIET, _end_of_quiet(reach, zone, local)
    for one in {zone, *(message.zone for message in sent)}:
        day = moment.astimezone(one).date()
        days = [message.at.astimezone(one).date() for message in sent]
        if reach.per_week is not None and sum(_monday(other) == _monday(day) for other in days) >= reach.per_week:
            return Hindrance.WEEK, _midnight(one, _monday(day) + 7 * A_DAY)
        if reach.per_day is not None and days.count(day) >= reach.per_day:
            return Hindrance.DAY, _midnight(one, day + A_DAY)
    return None


def _end_of_quiet(reach: Reach, zone: ZoneInfo, local: datetime) -> datetime:
    if reach.quiet is None or not _is_between(local.time(), *reach.quiet):
        return _midnight(zone, local.date() + A_DAY)  # of a day of the weekend
    start, end = reach.quiet
    day = local.date() + A_DAY if start > end and local.time() >= start else local.date()
    for fold in (0, 1):  # clocks that are set back show a time twice
        moment = datetime.combine(day, end, zone).replace(fold=fold).astimezone(UTC)
        if moment > local.astimezone(UTC):
            break
    return moment


def _is_between(clock: time, start: time, end: time) -> bool:
    return start <= clock < end if start < end else clock >= start or clock < end


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _midnight(zone: ZoneInfo, day: date) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)

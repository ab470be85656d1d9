"""Texts that are ready to be posted or sent, the posts that they cite, and what is done without a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

WHILE_FACT = "while-fact:"
"""Before a fact's name, `=` and yes or no, among the refs of a message that is void once that is not so any more."""

UNTIL_ANSWERED = "until-answered:"
"""Before a topic's id, among the refs of a message that is void once the person whom it is about has answered there."""

WHILE_IN = "while-in:"
"""Before a group's name, among the refs of a message that is void once the person whom it is about has left it."""


class Use(StrEnum):
    """For what a draft cites a post.

    To quote it, to link to its topic, to call out its question, to ask its author; to hand on to another cohort what
    its author left for it, with the author's name or without; to show its author their own words, and nobody else.
    """

    QUOTE = "quote"
    LINK = "link"
    QUESTION = "question"
    CALL = "call"
    HAND_ON = "hand on"
    HAND_ON_UNNAMED = "hand on unnamed"
    OWN = "own"


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


@dataclass(frozen=True, slots=True)
class Translation:
    """A topic's title and text in a further language."""

    locale: str
    title: str
    raw: str


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
    `signed` are the names under it. After `not_after` it is of no use and is not sent.

    A topic with `translations` is written in the language `locale`; the forum shows each reader the one that they read.

    `to_learner` is the account id of the one learner whom it reaches, who is the first of the `recipients` of a message
    (LCMs may read along): caps, quiet hours and "no
    nudges" then hold, and where several drafts compete for what the caps leave, that of the highest `precedence` goes
    first. `answers_learner` says that it answers what this learner has just done, so that none of this holds.
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

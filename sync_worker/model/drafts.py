"""Texts that are ready to be posted or sent, and the posts that they cite."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

    `to_learner` is the account id of the one learner whom it reaches (LCMs may read along): caps, quiet hours and "no
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

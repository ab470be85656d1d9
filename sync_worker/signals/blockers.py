"""Blockers: topics that nobody answers, that carry a tag, or that an LCM called one; and how each stands. Pure.

Nothing is kept of how a blocker stands: it follows from the topic as it reads now, from what people said of it, and
from what the LCMs heard of it. So it is the same whenever it is asked for, and after any death.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.languages.parts import CUES
from sync_worker.model import BlockerWord
from sync_worker.signals.waiting import asks_for_a_reply, is_replied_to

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sync_worker.model import Post, Topic
    from sync_worker.signals.waiting import WorkingTime

OLDEST = timedelta(days=60)  # a topic that was unanswered for longer before anybody looked is left alone
TAGS = frozenset(tag for words in CUES.all().values() for tag in words.blocker_tags)


class Found(StrEnum):
    """Why a topic is a blocker."""

    UNANSWERED = "unanswered"
    TAG = "tag"
    LCM = "lcm"


class State(StrEnum):
    """How a blocker stands."""

    OPEN = "open"
    ESCALATED = "escalated"
    SOLVED = "solved"


class End(StrEnum):
    """Why a blocker is none any more."""

    ACCEPTED = "accepted"
    ANSWERED = "answered"
    UNTAGGED = "untagged"
    CLOSED = "closed"
    LCM = "lcm"


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said about a blocker: `owner` is a username, "" for the LCMs."""

    word: BlockerWord
    by: str
    at: datetime
    owner: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """When the LCMs heard of a blocker, and when others did, in order."""

    told: tuple[datetime, ...] = ()
    escalated: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockerRule:
    """What makes a topic a blocker.

    Args:
        category_id: the cohort's own category.
        unanswered: so much working time without a reply; None for never.
        tags: any of these.
        learners: the accounts whose topics count as unanswered.
        ours: usernames of the worker and of Discourse's own accounts; their topics are no blockers.
        clock: the cohort's working time.

    """

    category_id: int
    unanswered: timedelta | None
    tags: frozenset[str]
    learners: frozenset[int]
    ours: frozenset[str]
    clock: WorkingTime


@dataclass(frozen=True, slots=True)
class Blocker:
    """A blocker as it stands; `since` when it counts, `base` the moment from which escalation counts, once it does.

    `owner` is a username, "" for the LCMs. `by` and `note` are those of who said last that it is one, or is solved.
    """

    topic: Topic
    post: Post
    found: Found
    since: datetime
    state: State = State.OPEN
    end: End | None = None
    tag: str = ""
    owner: str = ""
    by: str = ""
    note: str = ""
    base: datetime | None = None
    escalations: int = 0
    escalated_at: datetime | None = None
    said: tuple[Said, ...] = field(default=(), repr=False)

    @property
    def is_open(self) -> bool:
        """Whether it still is one."""
        return self.state is not State.SOLVED

    @property
    def stated_at(self) -> datetime | None:
        """When somebody said last how it stands; right after that where it ended by itself; None where nobody did."""
        words = [one.at for one in self.said if one.word is not BlockerWord.ASSIGN]
        if not words:
            return None
        return words[-1] if self.end in (None, End.LCM) else words[-1] + timedelta(seconds=1)

    def days(self, now: datetime) -> int:
        """Return its age in whole days."""
        return max((now - self.since) // timedelta(days=1), 0)


def blockers(
    topics: Iterable[Topic],
    said: Mapping[int, Sequence[Said]],
    heard: Mapping[int, Heard],
    rule: BlockerRule,
    now: datetime,
) -> list[Blocker]:
    """Return all blockers, solved ones that the LCMs heard of or spoke of among them, the oldest first."""
    found = (
        _blocker(topic, topic.opening, tuple(said.get(topic.id, ())), heard.get(topic.id, Heard()), rule, now)
        for topic in topics
        if topic.category_id == rule.category_id and topic.opening is not None and not topic.opened_by(rule.ours)
    )
    return sorted((one for one in found if one is not None), key=lambda one: (one.since, one.topic.id))


def _blocker(  # noqa: PLR0917
    topic: Topic, post: Post | None, said: Sequence[Said], heard: Heard, rule: BlockerRule, now: datetime
) -> Blocker | None:
    assert post is not None  # noqa: S101  (the caller has looked)
    word = next((one for one in reversed(said) if one.word is not BlockerWord.ASSIGN), None)
    opened = word if word is not None and word.word is not BlockerWord.SOLVE else None
    tag = next((tag for tag in topic.tags if tag.casefold() in rule.tags), "")
    reason = _reason(topic, tag, rule, now, is_known=bool(heard.told))
    if opened is None and reason is None and not heard.told and word is None:
        return None
    end = _end(topic, word, reason, rule.ours)
    if end in (End.ACCEPTED, End.CLOSED) and not heard.told and word is None:
        return None
    since = opened.at if opened is not None else topic.created_at
    told = [at for at in heard.told if opened is None or at >= opened.at]
    escalated = [at for at in heard.escalated if opened is None or at >= opened.at]
    state = State.SOLVED if end is not None else State.ESCALATED if escalated else State.OPEN
    return Blocker(
        topic,
        post,
        Found.LCM if opened is not None else reason or (Found.TAG if end is End.UNTAGGED else Found.UNANSWERED),
        since,
        state,
        end,
        tag,
        next((one.owner for one in reversed(said) if one.word is BlockerWord.ASSIGN), ""),
        word.by if word is not None else "",
        word.note if word is not None else "",
        opened.at if opened is not None else min(told, default=None),
        len(escalated),
        max(escalated, default=None),
        tuple(said),
    )


def _reason(topic: Topic, tag: str, rule: BlockerRule, now: datetime, *, is_known: bool) -> Found | None:
    if tag:
        return Found.TAG
    opening = topic.opening
    if rule.unanswered is None or opening is None or opening.user_id not in rule.learners:
        return None
    if not asks_for_a_reply(topic, rule.ours) or (now - topic.created_at > OLDEST and not is_known):
        return None
    return Found.UNANSWERED if rule.clock.between(topic.created_at, now) >= rule.unanswered else None


def _end(topic: Topic, word: Said | None, reason: Found | None, ours: Collection[str]) -> End | None:
    """Return why a topic is no blocker any more; what somebody said later than an answer was given counts more."""
    if word is not None and word.word is BlockerWord.SOLVE:
        return End.LCM
    if is_over(topic):
        return End.CLOSED
    accepted = next((post for post in topic.posts if post.accepted), None)
    if accepted is not None and (word is None or accepted.created_at > word.at):
        return End.ACCEPTED
    if word is not None or reason is not None:
        return None
    return End.ANSWERED if is_replied_to(topic, ours) else End.UNTAGGED


def is_over(topic: Topic | None) -> bool:
    """Whether a topic is gone, closed or archived."""
    return topic is None or topic.closed or topic.archived


def known_tags(chosen: Collection[str]) -> frozenset[str]:
    """Return the tags that mark a blocker: those chosen, else the usual ones of all our languages."""
    return frozenset(tag.casefold() for tag in chosen) or TAGS

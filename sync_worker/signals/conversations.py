"""The conversations of a period, the one most worth opening first. Pure.

Five votes, each of which orders the conversations; the places are added up (a Borda count), so that no vote needs a
weight and no scale matters: likes of the opening, whether it is new, how many people took part, the substance of the
opening, and the likes of the best received post. Measured against what human editors picked, such a sum of places
orders better than likes alone (tests/benchmarks/editors.py prints the comparison).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.signals.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sync_worker.model import Post, Topic


@dataclass(frozen=True, slots=True)
class Conversation:
    """A topic, or under a prompt of ours one answer with the replies to it, as it stood at the end of a period.

    `opening` begins it; `written` are the posts of the period, by members.
    """

    topic: Topic
    opening: Post
    written: tuple[Post, ...]
    is_new: bool
    hosted: bool

    @property
    def people(self) -> int:
        """How many members wrote in the period."""
        return len({post.user_id for post in self.written})

    @property
    def words(self) -> int:
        """How many words they wrote."""
        return sum(words_in(post) for post in self.written)


def conversations(
    topics: Sequence[Topic], since: datetime, until: datetime, staff: frozenset[str]
) -> list[Conversation]:
    """Return every conversation in which members wrote in `[since, until)`."""
    found: list[Conversation] = []
    for topic in topics:
        posts = [post for post in topic.posts if post.created_at < until and post.by_a_person]
        if not posts:
            continue
        hosted = topic.opening is None or topic.opening.username in staff
        parts = _under_prompt(posts, staff) if hosted else [posts]
        for part in parts:
            members = tuple(post for post in part if post.created_at >= since and post.username not in staff)
            if members:
                found.append(Conversation(topic, part[0], members, part[0].created_at >= since, hosted))
    return found


def ranked(found: Sequence[Conversation]) -> list[Conversation]:
    """Return the conversations, the one most worth opening first; the newest where all votes are even.

    What an LCM marked as practice comes before all others: that person has read it.
    """
    total = [0.0] * len(found)
    for vote in VOTES:
        for number, place in enumerate(_places([vote(one) for one in found])):
            total[number] += place
    marked = [any(post.marked for post in one.written) for one in found]
    order = sorted(range(len(found)), key=lambda at: (not marked[at], -total[at], -found[at].opening.id))
    return [found[number] for number in order]


def _under_prompt(posts: Sequence[Post], staff: frozenset[str]) -> list[list[Post]]:
    """Return the answers to a prompt, each with what was replied to it."""
    home: dict[int, list[Post]] = {}
    parts: list[list[Post]] = []
    for post in posts:
        if post.number == 1 and post.username in staff:
            continue
        part = home.get(post.reply_to or 0)
        if part is None:
            part = []
            parts.append(part)
        part.append(post)
        home[post.number] = part
    return parts


def _places(values: Sequence[float]) -> list[float]:
    """Return each value's place from 0 (lowest) to 1, ties in the middle."""
    last = len(values) - 1 or 1
    return [(sum(one < value for one in values) + (values.count(value) - 1) / 2) / last for value in values]


def words_in(post: Post) -> int:
    """Return how many words of its author's own a post has."""
    return len(plain_text(post.cooked).split())


VOTES: tuple[Callable[[Conversation], float], ...] = (
    lambda one: one.opening.likes,
    lambda one: one.is_new,
    lambda one: one.people,
    lambda one: words_in(one.opening),
    lambda one: max(post.likes for post in one.written),
)

"""Topics of learners to which nobody has replied yet, and for how long, in the cohort's working time. Pure.

On a forum without help, 74 % of first posts were answered within a day, and newcomers came back half as often after
three days of silence; who gets a reply writes again more often (Joyce and Kraut 2006, Journal of Computer-Mediated
Communication 11(3), doi 10.1111/j.1083-6101.2006.00033.x).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from sync_worker.model import Post, Topic

A_DAY = timedelta(days=1)
OLDEST = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """How long a cohort has had, without weekends, holidays and days off; `is_working_day` says which days count."""

    zone: ZoneInfo
    is_working_day: Callable[[date], bool]

    def between(self, since: datetime, until: datetime) -> timedelta:
        """Return how much of the time between two aware moments lies on working days, midnight to midnight."""
        total, day = timedelta(0), since.astimezone(self.zone).date()
        while (start := self._midnight(day)) < until:
            end = self._midnight(day + A_DAY)
            if self.is_working_day(day):
                total += max(min(end, until) - max(start, since), timedelta(0))
            day += A_DAY
        return total

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A topic that waits for a first reply: its first post, and for how much working time.

    `is_first`: it is the first post of its author in these categories.
    """

    topic: Topic
    post: Post
    waited: timedelta
    is_first: bool = False


def waiting_topics(  # noqa: PLR0917
    topics: Iterable[Topic],
    category_id: int,
    learners: Collection[int],
    ours: Collection[str],
    now: datetime,
    clock: WorkingTime,
) -> list[Waiting]:
    """Return the topics of a category that learners opened and to which nobody has replied, the oldest first.

    What the author adds is no reply, nor what bots and our own accounts write. A topic that is closed, archived or
    pinned asks for none; one that is older than four weeks is left alone.

    Args:
        topics: all that were read, for who has written before.
        category_id: the cohort's own category.
        learners: the accounts whose topics count.
        ours: usernames of the worker and of Discourse's own accounts.
        now: aware.
        clock: the cohort's working time.

    """
    found = list(topics)
    first = _first_posts(found)
    waiting = [
        Waiting(topic, opening, clock.between(topic.created_at, now), is_first=opening.id in first)
        for topic in found
        if topic.category_id == category_id
        and now - OLDEST <= topic.created_at < now
        and (opening := topic.opening) is not None
        and opening.user_id in learners
        and not topic.opened_by(ours)
        and asks_for_a_reply(topic, ours)
    ]
    return sorted(waiting, key=lambda one: (one.topic.created_at, one.topic.id))


def asks_for_a_reply(topic: Topic, ours: Collection[str]) -> bool:
    """Whether a topic is open, has its first post, and got no reply; one that is pinned or archived informs."""
    informs = topic.closed or topic.archived or topic.pinned
    return topic.opening is not None and not informs and not is_replied_to(topic, ours)


def is_replied_to(topic: Topic, ours: Collection[str]) -> bool:
    """Whether a person other than the author has written in a topic; our own accounts do not count."""
    author = topic.opening.user_id if topic.opening is not None else None
    return any(post.by_a_person and post.user_id != author and post.username not in ours for post in topic.posts)


def _first_posts(topics: Iterable[Topic]) -> frozenset[int]:
    """Return the id of the earliest post of each author."""
    first: dict[int, Post] = {}
    for topic in topics:
        for post in topic.posts:
            known = first.get(post.user_id)
            if known is None or (post.created_at, post.id) < (known.created_at, known.id):
                first[post.user_id] = post
    return frozenset(post.id for post in first.values())

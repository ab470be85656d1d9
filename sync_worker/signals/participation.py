"""How each member of a cohort takes part, from its topics. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.model import Post, Topic

WEEKS_SHOWN = 4
WEEK = timedelta(weeks=1)
QUIET_AFTER = timedelta(days=14)
FEWEST_PEOPLE = 3  # below it a comparison with the others would point at somebody
TALKING_SHARE = 0.5  # how many of the others must have written lately for silence to mean anything


@dataclass(frozen=True, slots=True)
class GivenLike:
    """Somebody liked a post of somebody."""

    user_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class LearnerActivity:
    """One member's share in the talk. `weeks` are posts in each of the last four weeks, oldest first."""

    user_id: int
    weeks: tuple[int, int, int, int]
    posts: int
    replies_given: int
    replies_received: int
    likes_given: int
    likes_received: int
    last_posted_at: datetime | None

    def quiet_since(self, now: datetime) -> timedelta | None:
        """Return how long the member has not written; None where they never did."""
        return None if self.last_posted_at is None else now - self.last_posted_at


def learner_activity(
    topics: Iterable[Topic], members: Collection[int], likes: Sequence[GivenLike] | None, now: datetime
) -> dict[int, LearnerActivity]:
    """Return every member's activity as known at `now`, by user id; members who never wrote are there with zeros.

    Args:
        topics: the cohort's topics with their posts.
        members: user ids.
        likes: who liked whose posts; None where only each post's number of likes is known.
        now: aware; later posts do not count.

    """
    known = [topic for topic in topics if topic.created_at <= now]
    posts = {post.id: post for topic in known for post in topic.posts if post.created_at <= now}
    written: dict[int, list[Post]] = defaultdict(list)
    for post in posts.values():
        written[post.user_id].append(post)
    given, received = _replies(known, now)
    liked_by, liked = _likes(posts, likes)
    return {
        member: LearnerActivity(
            user_id=member,
            weeks=_weeks(written[member], now),
            posts=len(written[member]),
            replies_given=given[member],
            replies_received=received[member],
            likes_given=liked_by[member],
            likes_received=liked[member],
            last_posted_at=max((post.created_at for post in written[member]), default=None),
        )
        for member in members
    }


def need_a_hand(activity: Mapping[int, LearnerActivity], joined_before: Mapping[int, bool], now: datetime) -> set[int]:
    """Return who has been silent for two weeks while most of the others wrote.

    It is a first sign and no verdict: thresholds are relative to the cohort, and a cohort that is silent as a whole
    points at nobody. `joined_before` says who has been a member for that long.
    """
    settled = [one for one in activity.values() if joined_before.get(one.user_id, False)]
    if len(settled) < FEWEST_PEOPLE:
        return set()
    silent = {one.user_id for one in settled if _is_silent(one, now)}
    talking = len(settled) - len(silent)
    return silent if talking >= TALKING_SHARE * len(settled) else set()


def usual_posts(activity: Mapping[int, LearnerActivity]) -> float:
    """Return how many posts the member in the middle has written in the last four weeks."""
    return float(median(sum(one.weeks) for one in activity.values())) if activity else 0.0


def _is_silent(one: LearnerActivity, now: datetime) -> bool:
    since = one.quiet_since(now)
    return since is None or since >= QUIET_AFTER


def _weeks(posts: Iterable[Post], now: datetime) -> tuple[int, int, int, int]:
    ages = Counter((now - post.created_at) // WEEK for post in posts)
    first, second, third, fourth = (ages[age] for age in range(WEEKS_SHOWN - 1, -1, -1))
    return first, second, third, fourth


def _replies(topics: Iterable[Topic], now: datetime) -> tuple[Counter[int], Counter[int]]:
    """Count who replied to somebody else, and who got a reply; a post that names no other answers the topic's first."""
    given: Counter[int] = Counter()
    received: Counter[int] = Counter()
    for topic in topics:
        authors = {post.number: post.user_id for post in topic.posts}
        for post in topic.posts:
            if post.number == 1 or post.created_at > now:
                continue
            addressed = authors.get(post.reply_to or 1)
            if addressed is not None and addressed != post.user_id:
                given[post.user_id] += 1
                received[addressed] += 1
    return given, received


def _likes(posts: Mapping[int, Post], likes: Sequence[GivenLike] | None) -> tuple[Counter[int], Counter[int]]:
    given: Counter[int] = Counter()
    received: Counter[int] = Counter()
    if likes is None:
        for post in posts.values():
            received[post.user_id] += post.likes
        return given, received
    for like in likes:
        given[like.user_id] += 1
        received[like.author_id] += 1
    return given, received

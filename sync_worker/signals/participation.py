"""How each member of a cohort takes part: counts by day and by week, and what they say of a person. Pure.

Counts are kept in two tables of small rows (`ActivityDayRow`, `AnswerWeekRow`), made here from the posts of one topic,
so that what changed in a topic changes its counts and nothing else has to be read again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

WEEKS_SHOWN = 4
WEEKS_KNOWN = 12  # of which the first ten say what is usual for a person
RECENT_WEEKS = 2
WEEK = timedelta(weeks=1)
A_DAY = timedelta(days=1)
FEWEST_PEOPLE = 5  # below it a figure could be read as one person's


def may_show(*people: int) -> bool:
    """Whether each of these numbers of people is none, or of people enough to hide each one of them."""
    return all(number == 0 or number >= FEWEST_PEOPLE for number in people)


class Written(NamedTuple):
    """What counts of a post; `created_at` is aware."""

    id: int
    number: int
    user_id: int
    created_at: datetime
    reply_to: int | None = None
    likes: int = 0


class GivenLike(NamedTuple):
    """Somebody liked a post of somebody, at an aware moment."""

    post_id: int
    user_id: int
    author_id: int
    at: datetime


class DayKey(NamedTuple):
    """A person on one day of UTC, as Discourse counts its visits."""

    user_id: int
    day: date


class AnswerKey(NamedTuple):
    """Who answered whom in which week, named by its Monday."""

    by: int
    to: int
    week: date


@dataclass(slots=True)
class DayShare:
    """What one person did on one day, and what came of it.

    `answered` of the day's `posts` got a reply of somebody else later; the first replies came after `wait` seconds in
    all. `replies_given` answer a post of somebody else, `replies_received` were given to this person on this day.
    `last_at` and `last_post` are of the last post of the day.
    """

    posts: int = 0
    replies_given: int = 0
    replies_received: int = 0
    answered: int = 0
    wait: int = 0
    likes_given: int = 0
    likes_received: int = 0
    last_at: datetime | None = None
    last_post: int | None = None

    def add(self, other: DayShare, sign: int = 1) -> None:
        """Add, or with -1 take away, the counts of another; the last post stays as it is."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + sign * getattr(other, name))

    def wrote(self, post_id: int, at: datetime) -> None:
        """Take note of a post as the last one, if it is."""
        if self.last_at is None or (at, post_id) > (self.last_at, self.last_post or 0):
            self.last_at, self.last_post = at, post_id


COUNTS = ("posts", "replies_given", "replies_received", "answered", "wait", "likes_given", "likes_received")


@dataclass(slots=True)
class Shares:
    """The counts of some posts: by person and day, and who answered whom by week."""

    days: defaultdict[DayKey, DayShare] = field(default_factory=lambda: defaultdict(DayShare))
    answers: Counter[AnswerKey] = field(default_factory=Counter)

    def count(self, posts: Sequence[Written], likes: Iterable[GivenLike] = ()) -> None:
        """Add one topic: all its posts, and the likes of them as far as it is known who gave them.

        Likes of a post of which nobody knows the giver count on the day of the post. A reply that names
        no other post answers the topic's first. Accounts of Discourse itself and of helpers (ids of 0 and below) are
        nobody.
        """
        by_number = {post.number: post for post in posts}
        first_reply: dict[int, datetime] = {}
        for post in posts:
            self._count_post(post)
            answered = by_number.get(post.reply_to or 1) if post.number > 1 else None
            if answered is None or answered.user_id == post.user_id or min(answered.user_id, post.user_id) <= 0:
                continue
            self._count_reply(post, answered)
            first_reply[answered.id] = min(post.created_at, first_reply.get(answered.id, post.created_at))
        authors = {post.id: post for post in posts}
        for number, at in first_reply.items():
            share = self.days[_key(authors[number].user_id, authors[number].created_at)]
            share.answered += 1
            share.wait += max(int((at - authors[number].created_at).total_seconds()), 0)
        self._count_likes(posts, likes)

    def _count_post(self, post: Written) -> None:
        if post.user_id > 0:
            share = self.days[_key(post.user_id, post.created_at)]
            share.posts += 1
            share.wrote(post.id, post.created_at)

    def _count_reply(self, post: Written, answered: Written) -> None:
        self.days[_key(post.user_id, post.created_at)].replies_given += 1
        self.days[_key(answered.user_id, post.created_at)].replies_received += 1
        self.answers[AnswerKey(post.user_id, answered.user_id, monday(post.created_at))] += 1

    def _count_likes(self, posts: Sequence[Written], likes: Iterable[GivenLike]) -> None:
        given = list(likes)
        known = Counter(like.post_id for like in given)
        for like in given:
            if like.user_id > 0:
                self.days[_key(like.user_id, like.at)].likes_given += 1
            if like.author_id > 0:
                self.days[_key(like.author_id, like.at)].likes_received += 1
        for post in posts:
            if post.likes > known[post.id] and post.user_id > 0:
                self.days[_key(post.user_id, post.created_at)].likes_received += post.likes - known[post.id]


def _key(user_id: int, at: datetime) -> DayKey:
    return DayKey(user_id, at.astimezone(UTC).date())


def monday(at: datetime) -> date:
    """Return the Monday of a moment's week in UTC."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class LearnerActivity:
    """One member's share in the talk, as known at a moment.

    Args:
        user_id: of the account.
        weeks: posts in each of the last four weeks, oldest first.
        earlier: posts in each of the eight weeks before, oldest first.
        posts: all of them, as are the replies and likes that follow.
        replies_given: answers to posts of others.
        replies_received: answers of others.
        likes_given: None where the forum does not tell.
        likes_received: of their posts.
        days_active: on how many of the last 28 days they wrote, or were there where that is known.
        settled_posts: posts of the last four weeks that are at least three days old.
        answered: those of them that somebody answered.
        wait: how long the first reply took, on average over what was answered in the last four weeks; None for none.
        last_posted_at: None for never.
        last_post: its id.
        seen_on: the last day on which they were there; None where the forum does not tell.
        posts_read: in the last four weeks; None where the forum does not tell.

    """

    user_id: int
    weeks: tuple[int, int, int, int] = (0, 0, 0, 0)
    earlier: tuple[int, ...] = (0,) * (WEEKS_KNOWN - WEEKS_SHOWN)
    posts: int = 0
    replies_given: int = 0
    replies_received: int = 0
    likes_given: int | None = None
    likes_received: int = 0
    days_active: int = 0
    settled_posts: int = 0
    answered: int = 0
    wait: timedelta | None = None
    last_posted_at: datetime | None = None
    last_post: int | None = None
    seen_on: date | None = None
    posts_read: int | None = None

    def quiet_since(self, now: datetime) -> timedelta | None:
        """Return how long the member has not written; None where they never did."""
        return None if self.last_posted_at is None else now - self.last_posted_at

    @property
    def recent(self) -> int:
        """Posts of the last two weeks."""
        return sum(self.weeks[-RECENT_WEEKS:])

    def usual(self, weeks: int) -> float | None:
        """Return the posts in the middle one of up to ten weeks before the last two; None for fewer than three weeks.

        Args:
            weeks: how many full weeks the person has been in the cohort.

        """
        before = (*self.earlier, *self.weeks[:-RECENT_WEEKS])
        there = min(weeks - RECENT_WEEKS, len(before))
        return float(median(before[-there:])) if there >= 3 else None


class Visit(NamedTuple):
    """A day on which somebody was on the forum."""

    day: date
    posts_read: int


SETTLED = timedelta(days=3)  # a first reply that comes later than that is rare


def learner_activity(
    members: Collection[int],
    days: Mapping[int, Mapping[date, DayShare]],
    totals: Mapping[int, DayShare],
    visits: Mapping[int, Sequence[Visit]] | None,
    now: datetime,
    *,
    likes_are_known: bool,
) -> dict[int, LearnerActivity]:
    """Return every member's activity at `now`, by user id; members who never wrote are there with zeros.

    Args:
        members: user ids.
        days: what each did on each day of the last twelve weeks.
        totals: what each did in all.
        visits: of the last four weeks; None where the forum does not tell, which is not the same as nobody's.
        now: aware.
        likes_are_known: whether the forum tells who gave a like.

    """
    today = now.astimezone(UTC).date()
    return {
        member: _activity(
            member,
            days.get(member, {}),
            totals.get(member, DayShare()),
            None if visits is None else visits.get(member, ()),
            today,
            likes_are_known=likes_are_known,
        )
        for member in members
    }


def _activity(
    member: int,
    days: Mapping[date, DayShare],
    total: DayShare,
    visits: Sequence[Visit] | None,
    today: date,
    *,
    likes_are_known: bool,
) -> LearnerActivity:
    by_week: Counter[int] = Counter()
    lately: dict[date, DayShare] = {}
    for day, share in days.items():
        age = (today - day).days
        by_week[age // 7] += share.posts
        if age < WEEKS_SHOWN * 7:
            lately[day] = share
    weeks = tuple(by_week[age] for age in range(WEEKS_KNOWN - 1, -1, -1))
    first, second, third, fourth = weeks[-WEEKS_SHOWN:]
    settled = [share for day, share in lately.items() if today - day >= SETTLED]
    answered = sum(share.answered for share in lately.values())
    there = {day for day, share in lately.items() if share.posts} | {visit.day for visit in visits or ()}
    return LearnerActivity(
        user_id=member,
        weeks=(first, second, third, fourth),
        earlier=weeks[:-WEEKS_SHOWN],
        posts=total.posts,
        replies_given=total.replies_given,
        replies_received=total.replies_received,
        likes_given=total.likes_given if likes_are_known else None,
        likes_received=total.likes_received,
        days_active=len(there),
        settled_posts=sum(share.posts for share in settled),
        answered=sum(share.answered for share in settled),
        wait=timedelta(seconds=sum(share.wait for share in lately.values()) / answered) if answered else None,
        last_posted_at=total.last_at,
        last_post=total.last_post,
        seen_on=max((visit.day for visit in visits), default=None) if visits is not None else None,
        posts_read=None if visits is None else sum(visit.posts_read for visit in visits),
    )


def usual_posts(activity: Mapping[int, LearnerActivity]) -> float:
    """Return how many posts the member in the middle has written in the last four weeks."""
    return float(median(sum(one.weeks) for one in activity.values())) if activity else 0.0

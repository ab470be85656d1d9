"""How the members of a cohort take part, read from the counts of the store; and signs that LCMs put aside."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from sync_worker.activity.counts import ensure_counts
from sync_worker.activity.feed import Feed
from sync_worker.signals.participation import (
    COUNTS,
    WEEKS_KNOWN,
    WEEKS_SHOWN,
    AnswerKey,
    DayShare,
    LearnerActivity,
    Visit,
    learner_activity,
)
from sync_worker.store.database import in_parts
from sync_worker.store.tables import ActivityDayRow, AnswerWeekRow, DismissalRow, PostRow, TopicRow, VisitRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """Reads the counts of a cohort's categories; makes them first where they are not there.

    Args:
        session: of the store.
        forum: its name.
        cohort: its key.
        categories: the cohort's own category, then those that it also reads.
        now: aware; later days do not count.

    """

    session: Session
    forum: str
    cohort: str
    categories: Sequence[int]
    now: datetime

    def learners(self, members: Collection[int]) -> dict[int, LearnerActivity]:
        """Return how each member takes part, by user id.

        The work grows with the people and the days on which they did something, not with what they wrote.
        """
        ensure_counts(self.session, self.forum)
        told = Feed.was_read(self.session, self.forum, self.cohort)
        days = self._days(members)
        return learner_activity(
            members,
            days,
            self._totals(members, days),
            self._visits(members) if told else None,
            self.now,
            likes_are_known=told,
        )

    def answers(self, since: date | None = None) -> dict[AnswerKey, int]:
        """Return who answered whom, how often in each week from that of `since` on; of all weeks without it."""
        ensure_counts(self.session, self.forum)
        query = (
            select(AnswerWeekRow.by_user, AnswerWeekRow.to_user, AnswerWeekRow.week, func.sum(AnswerWeekRow.replies))
            .where(AnswerWeekRow.forum == self.forum, AnswerWeekRow.category_id.in_(self.categories))
            .where(AnswerWeekRow.week <= self._today)
            .group_by(AnswerWeekRow.by_user, AnswerWeekRow.to_user, AnswerWeekRow.week)
        )
        if since is not None:
            query = query.where(AnswerWeekRow.week >= since - timedelta(days=since.weekday()))
        return {AnswerKey(by, to, week): replies for by, to, week, replies in self.session.execute(query)}

    def posts_of(self, user_id: int, most: int) -> list[tuple[int, int, int, datetime]]:
        """Return the last posts of a person as proof: id, topic, number and time of each, newest first."""
        rows = self.session.execute(
            select(PostRow.id, PostRow.topic_id, PostRow.number, PostRow.created_at)
            .join(TopicRow, (TopicRow.forum == PostRow.forum) & (TopicRow.id == PostRow.topic_id))
            .where(PostRow.forum == self.forum, PostRow.user_id == user_id, PostRow.created_at <= self.now)
            .where(TopicRow.category_id.in_(self.categories))
            .order_by(PostRow.created_at.desc(), PostRow.id.desc())
            .limit(most)
        )
        return [(number, topic, place, at) for number, topic, place, at in rows]

    @property
    def _today(self) -> date:
        return self.now.astimezone(UTC).date()

    def _days(self, members: Collection[int]) -> Mapping[int, Mapping[date, DayShare]]:
        first = self._today - timedelta(weeks=WEEKS_KNOWN) + A_DAY
        columns = [getattr(ActivityDayRow, name) for name in COUNTS]
        found: dict[int, dict[date, DayShare]] = defaultdict(dict)
        for part in in_parts(sorted(members)):
            rows = self.session.execute(
                select(
                    ActivityDayRow.user_id,
                    ActivityDayRow.day,
                    ActivityDayRow.last_at,
                    ActivityDayRow.last_post,
                    *columns,
                ).where(
                    ActivityDayRow.forum == self.forum,
                    ActivityDayRow.category_id.in_(self.categories),
                    ActivityDayRow.user_id.in_(part),
                    ActivityDayRow.day.between(first, self._today),
                )
            )
            for user_id, day, last_at, last_post, *counts in rows:
                share = found[user_id].setdefault(day, DayShare())
                share.add(DayShare(**dict(zip(COUNTS, counts, strict=True))))
                if last_at is not None:
                    share.wrote(last_post, last_at)
        return found

    def _totals(self, members: Collection[int], days: Mapping[int, Mapping[date, DayShare]]) -> Mapping[int, DayShare]:
        found: dict[int, DayShare] = {}
        for part in in_parts(sorted(members)):
            rows = self.session.execute(
                select(ActivityDayRow.user_id, *(func.sum(getattr(ActivityDayRow, name)) for name in COUNTS))
                .where(
                    ActivityDayRow.forum == self.forum,
                    ActivityDayRow.category_id.in_(self.categories),
                    ActivityDayRow.user_id.in_(part),
                    ActivityDayRow.day <= self._today,
                )
                .group_by(ActivityDayRow.user_id)
            )
            for user_id, *counts in rows:
                total = DayShare()
                for name, count in zip(COUNTS, counts, strict=True):
                    setattr(total, name, int(count))
                self._find_last(user_id, total, days.get(user_id, {}))
                found[user_id] = total
        return found

    def _find_last(self, user_id: int, total: DayShare, days: Mapping[date, DayShare]) -> None:
        """Put in the last post: of the last weeks, else of whenever it was."""
        for share in days.values():
            if share.last_at is not None and share.last_post is not None:
                total.wrote(share.last_post, share.last_at)
        if total.last_at is None and total.posts:
            total.last_at, total.last_post = self.session.execute(
                select(ActivityDayRow.last_at, ActivityDayRow.last_post)
                .where(ActivityDayRow.forum == self.forum, ActivityDayRow.category_id.in_(self.categories))
                .where(ActivityDayRow.user_id == user_id, ActivityDayRow.last_at.is_not(None))
                .where(ActivityDayRow.day <= self._today)
                .order_by(ActivityDayRow.last_at.desc(), ActivityDayRow.last_post.desc())
                .limit(1)
            ).one()

    def _visits(self, members: Collection[int]) -> Mapping[int, Sequence[Visit]]:
        first = self._today - timedelta(weeks=WEEKS_SHOWN) + A_DAY
        found: dict[int, list[Visit]] = defaultdict(list)
        for part in in_parts(sorted(members)):
            rows = self.session.execute(
                select(VisitRow.user_id, VisitRow.day, VisitRow.posts_read).where(
                    VisitRow.forum == self.forum,
                    VisitRow.user_id.in_(part),
                    VisitRow.day.between(first, self._today),
                )
            )
            for user_id, day, posts_read in rows:
                found[user_id].append(Visit(day, posts_read))
        return found


def dismiss(  # noqa: PLR0917
    session: Session, forum: str, cohort: str, user_id: int, reason: str, by: str, at: datetime, until: datetime | None
) -> None:
    """Put the sign that somebody needs a hand aside until a moment, or (None) for good; an older word gives way."""
    kept = session.get(DismissalRow, (forum, cohort, user_id))
    if kept is not None and kept.at > at:
        return
    session.merge(
        DismissalRow(forum=forum, cohort=cohort, user_id=user_id, reason=reason, until=until, by=by[:60], at=at)
    )


def restore(session: Session, forum: str, cohort: str, user_id: int) -> None:
    """Let the sign that somebody needs a hand show again."""
    mine = (DismissalRow.forum == forum, DismissalRow.cohort == cohort, DismissalRow.user_id == user_id)
    session.execute(delete(DismissalRow).where(*mine))


def dismissals(session: Session, forum: str, cohort: str, now: datetime) -> dict[int, DismissalRow]:
    """Return what LCMs put aside, and still counts, by user id."""
    rows = session.scalars(select(DismissalRow).where(DismissalRow.forum == forum, DismissalRow.cohort == cohort))
    return {row.user_id: row for row in rows if row.until is None or row.until > now}

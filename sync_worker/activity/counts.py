"""Counts of what people did, kept in step with the posts of the store: a change costs what changed, not the past.

Everything that changes stored posts, topics or likes does so within `recounting`, in one transaction with the counts.
What the topics concerned came to before is taken away, what they come to afterwards is added. So an edit, a deletion, a
topic that moves and a post that arrives late change the right counts, and a process that is killed changes none.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import delete, func, select, tuple_, update

from sync_worker.signals.participation import COUNTS, AnswerKey, DayKey, DayShare, GivenLike, Shares, Written
from sync_worker.store.database import in_parts
from sync_worker.store.tables import (
    ACTIVITY_COUNTS,
    ActivityDayRow,
    AnswerWeekRow,
    CursorRow,
    LikeRow,
    PostRow,
    TopicRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy.orm import Session

CURSOR = ACTIVITY_COUNTS
VERSION = "2"  # of what is counted; another one makes all counts anew
KEYS_AT_ONCE = 300
A_DAY = timedelta(days=1)

Counted = dict[int, Shares]
Key = TypeVar("Key", DayKey, AnswerKey)


@contextmanager
def recounting(session: Session, forum: str, topic_ids: Collection[int]) -> Iterator[None]:
    """Change stored posts and likes of these topics; the counts follow in the same transaction.

    One process at a time counts for a forum. Reads the topics concerned twice, without their texts, and nothing else.

    Args:
        session: of the store; the caller commits.
        forum: its name.
        topic_ids: all topics that are changed; of a post that moves, also the one that it leaves.

    """
    _lock(session, forum)
    if not _is_ready(session, forum):
        yield
        return
    before = _counted(session, forum, topic_ids)
    yield
    session.flush()
    _apply(session, forum, before, _counted(session, forum, topic_ids))


def ensure_counts(session: Session, forum: str) -> None:
    """Make the counts of a forum from its stored activity where they are not there, as after an update."""
    if _is_ready(session, forum):
        return
    _lock(session, forum)
    for table in (ActivityDayRow, AnswerWeekRow):
        session.execute(delete(table).where(table.forum == forum))
    session.flush()
    numbers = session.scalars(select(TopicRow.id).where(TopicRow.forum == forum).order_by(TopicRow.id)).all()
    total: Counted = defaultdict(Shares)
    for part in in_parts(numbers):
        for category, shares in _counted(session, forum, part).items():
            _merge(total[category], shares)
    for category, shares in total.items():
        _insert(session, forum, category, shares)
    session.merge(CursorRow(forum=forum, name=CURSOR, value=VERSION))
    session.flush()


def _is_ready(session: Session, forum: str) -> bool:
    """Whether the counts hold; those of a store without any post do."""
    row = session.get(CursorRow, (forum, CURSOR))
    if row is not None and row.value == VERSION:
        return True
    if row is None and session.scalar(select(PostRow.id).where(PostRow.forum == forum).limit(1)) is None:
        session.merge(CursorRow(forum=forum, name=CURSOR, value=VERSION))
        session.flush()
        return True
    return False


def _lock(session: Session, forum: str) -> None:
    """Let nobody else count until this transaction ends. In SQLite any write keeps out all others."""
    if session.get_bind().dialect.name == "sqlite":
        mine = (CursorRow.forum == forum) & (CursorRow.name == CURSOR)
        session.execute(update(CursorRow).where(mine).values(value=CursorRow.value))
    else:
        number = int.from_bytes(hashlib.sha256(f"{forum} {CURSOR}".encode()).digest()[:7])
        session.execute(select(func.pg_advisory_xact_lock(number)))


def _counted(session: Session, forum: str, topic_ids: Collection[int]) -> Counted:
    """Return what some topics come to, as they are stored, by category."""
    found: Counted = defaultdict(Shares)
    for part in in_parts(sorted(topic_ids)):
        likes = _likes(session, forum, part)
        rows = session.execute(
            select(
                *(TopicRow.category_id, PostRow.topic_id, PostRow.id, PostRow.number, PostRow.user_id),
                *(PostRow.created_at, PostRow.reply_to, PostRow.likes),
            )
            .join(TopicRow, (TopicRow.forum == PostRow.forum) & (TopicRow.id == PostRow.topic_id))
            .where(PostRow.forum == forum, PostRow.topic_id.in_(part))
            .order_by(PostRow.topic_id, PostRow.number)
        )
        for (category, topic), posts in groupby(rows, key=lambda row: (row[0], row[1])):
            found[category].count([Written(*post[2:]) for post in posts], likes.get(topic, ()))
    return found


def _likes(session: Session, forum: str, topic_ids: Sequence[int]) -> dict[int, list[GivenLike]]:
    rows = session.execute(
        select(PostRow.topic_id, LikeRow.post_id, LikeRow.user_id, LikeRow.author_id, LikeRow.created_at)
        .join(LikeRow, (LikeRow.forum == PostRow.forum) & (LikeRow.post_id == PostRow.id))
        .where(PostRow.forum == forum, PostRow.topic_id.in_(topic_ids))
    )
    found: dict[int, list[GivenLike]] = {}
    for topic, post_id, user_id, author_id, at in rows:
        found.setdefault(topic, []).append(GivenLike(post_id, user_id, author_id, at))
    return found


def _merge(total: Shares, more: Shares) -> None:
    for key, share in more.days.items():
        kept = total.days[key]
        kept.add(share)
        if share.last_at is not None and share.last_post is not None:
            kept.wrote(share.last_post, share.last_at)
    total.answers.update(more.answers)


def _insert(session: Session, forum: str, category: int, shares: Shares) -> None:
    place = {"forum": forum, "category_id": category}
    session.add_all(
        ActivityDayRow(**place, **key._asdict(), **_columns(share), last_at=share.last_at, last_post=share.last_post)
        for key, share in shares.days.items()
    )
    session.add_all(
        AnswerWeekRow(**place, by_user=key.by, to_user=key.to, week=key.week, replies=replies)
        for key, replies in shares.answers.items()
    )
    session.flush()
    session.expunge_all()


def _columns(share: DayShare) -> dict[str, int]:
    return {name: getattr(share, name) for name in COUNTS}


def _apply(session: Session, forum: str, before: Counted, after: Counted) -> None:
    for category in sorted({*before, *after}):
        old, new = before.get(category, Shares()), after.get(category, Shares())
        _apply_days(session, forum, category, old, new)
        _apply_answers(session, forum, category, old, new)


def _apply_days(session: Session, forum: str, category: int, old: Shares, new: Shares) -> None:
    changed = [key for key in {*old.days, *new.days} if old.days.get(key) != new.days.get(key)]
    kept = _kept_days(session, forum, category, changed)
    for key in sorted(changed):
        row = kept.get(key)
        if row is None:
            row = ActivityDayRow(forum=forum, category_id=category, **key._asdict(), **_columns(DayShare()))
            session.add(row)
        gone, came = old.days.get(key, DayShare()), new.days.get(key, DayShare())
        for name in COUNTS:
            setattr(row, name, getattr(row, name) + getattr(came, name) - getattr(gone, name))
        _set_last(session, row, gone, came)
        if not any(getattr(row, name) for name in COUNTS):
            session.expunge(row) if row in session.new else session.delete(row)
    session.flush()


def _set_last(session: Session, row: ActivityDayRow, gone: DayShare, came: DayShare) -> None:
    """Keep the last post of the day; where the one that was is gone, the posts of that day say which is."""
    if gone.last_post is not None and gone.last_post == row.last_post and gone.last_post != came.last_post:
        row.last_at, row.last_post = _last_post(session, row)
    elif came.last_at is not None and (row.last_at is None or came.last_at >= row.last_at):
        row.last_at, row.last_post = came.last_at, came.last_post


def _last_post(session: Session, row: ActivityDayRow) -> tuple[datetime, int] | tuple[None, None]:
    begins = datetime.combine(row.day, time(), UTC)
    found = session.execute(
        select(PostRow.created_at, PostRow.id)
        .join(TopicRow, (TopicRow.forum == PostRow.forum) & (TopicRow.id == PostRow.topic_id))
        .where(PostRow.forum == row.forum, PostRow.user_id == row.user_id, TopicRow.category_id == row.category_id)
        .where(PostRow.created_at >= begins, PostRow.created_at < begins + A_DAY)
        .order_by(PostRow.created_at.desc(), PostRow.id.desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found is not None else (None, None)


def _kept_days(session: Session, forum: str, category: int, keys: Sequence[DayKey]) -> dict[DayKey, ActivityDayRow]:
    found: dict[DayKey, ActivityDayRow] = {}
    for part in in_parts(list(keys), KEYS_AT_ONCE):
        rows = session.scalars(
            select(ActivityDayRow).where(
                ActivityDayRow.forum == forum,
                ActivityDayRow.category_id == category,
                tuple_(ActivityDayRow.user_id, ActivityDayRow.day).in_(part),
            )
        )
        found.update((DayKey(row.user_id, row.day), row) for row in rows)
    return found


def _apply_answers(session: Session, forum: str, category: int, old: Shares, new: Shares) -> None:
    changed = [key for key in {*old.answers, *new.answers} if old.answers[key] != new.answers[key]]
    kept: dict[AnswerKey, AnswerWeekRow] = {}
    for part in in_parts(list(changed), KEYS_AT_ONCE):
        rows = session.scalars(
            select(AnswerWeekRow).where(
                AnswerWeekRow.forum == forum,
                AnswerWeekRow.category_id == category,
                tuple_(AnswerWeekRow.by_user, AnswerWeekRow.to_user, AnswerWeekRow.week).in_(part),
            )
        )
        kept.update((AnswerKey(row.by_user, row.to_user, row.week), row) for row in rows)
    place = {"forum": forum, "category_id": category}
    for key in sorted(changed):
        row = kept.get(key)
        replies = (row.replies if row else 0) + new.answers[key] - old.answers[key]
        if row is None and replies:
            session.add(AnswerWeekRow(**place, by_user=key.by, to_user=key.to, week=key.week, replies=replies))
        elif row is not None and replies:
            row.replies = replies
        elif row is not None:
            session.delete(row)
    session.flush()

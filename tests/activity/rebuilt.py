"""Compares the counts of a store with those that are made anew of all its posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from sync_worker.activity.counts import CURSOR, ensure_counts
from sync_worker.store.tables import ActivityDayRow, AnswerWeekRow, CursorRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Row = tuple[object, ...]


def counts_of(session: Session) -> set[Row]:
    """Return every count of a store."""
    session.flush()
    tables = (ActivityDayRow.__table__, AnswerWeekRow.__table__)
    return {tuple(row) for table in tables for row in session.execute(select(table))}


def assert_counts_hold(session: Session, forum: str) -> None:
    """Check that what was kept step by step is what all posts come to; leaves the store as it was."""
    ensure_counts(session, forum)
    kept = counts_of(session)
    with session.begin_nested() as savepoint:
        session.execute(delete(CursorRow).where(CursorRow.forum == forum, CursorRow.name == CURSOR))
        session.expire_all()
        for table in (ActivityDayRow, AnswerWeekRow):
            session.execute(delete(table))
        session.expire_all()
        ensure_counts(session, forum)
        anew = counts_of(session)
        savepoint.rollback()
    session.expire_all()
    assert kept == anew

"""What a person settles: entries given up are tried again or dropped, late occurrences are wanted after all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from sync_worker.store.ledger import CATCH_UP, DRAFTING, DROPPED
from sync_worker.store.tables import LedgerRow, OccurrenceRow
from sync_worker.worker.due import catch_up_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Occurrence
    from sync_worker.worker.due import Planned


def try_again(session: Session, rows: Iterable[LedgerRow], now: datetime) -> None:
    """Let the next run try entries that were given up, as if they had never been tried; however late it is."""
    for row in rows:
        if row.action == DRAFTING:
            _want(session, row, now)
        row.state, row.attempts, row.reason = "intended", 0, ""
        row.created_at = row.updated_at = now


def drop(session: Session, rows: Iterable[LedgerRow], now: datetime) -> None:
    """Leave entries that were given up undone for good; they are not reported any more."""
    del session
    for row in rows:
        row.state, row.updated_at = DROPPED, now


def _want(session: Session, row: LedgerRow, now: datetime) -> None:
    """Let an occurrence whose drafting was given up be due again."""
    session.execute(delete(OccurrenceRow).where(OccurrenceRow.key == row.payload["of"]))
    session.merge(_entry(row.forum, row, row.payload["of"], now))


def catch_up(session: Session, forum: str, planned: Planned, now: datetime) -> None:
    """Let an occurrence that came too late be due, however late it is."""
    session.execute(delete(OccurrenceRow).where(OccurrenceRow.key == planned.key))
    session.merge(_entry(forum, planned.occurrence, planned.key, now))


def _entry(forum: str, of: LedgerRow | Occurrence, key: str, now: datetime) -> LedgerRow:
    cohort = of.cohort if isinstance(of, LedgerRow) else of.cohort.key
    return LedgerRow(
        key=catch_up_key(key),
        part=CATCH_UP,
        forum=forum,
        cohort=cohort,
        playbook=of.playbook,
        step=of.step,
        slot=of.slot,
        action=CATCH_UP,
        state="intended",
        payload={"of": key},
        result={},
        reason="",
        attempts=0,
        created_at=now,
        updated_at=now,
    )

"""What the store knows under one name carried over to another: a forum that moved, a cohort whose key changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from sync_worker.errors import UsageError
from sync_worker.store.tables import (
    BudgetRow,
    CallRow,
    CallWaiterRow,
    CursorRow,
    LedgerRow,
    OccurrenceRow,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

OF_THE_BUDGET = frozenset(table.__tablename__ for table in (BudgetRow, CallRow, CallWaiterRow))
OWN_CURSORS = ("clock", "clock in doubt", "held", "site")
COHORT_CURSORS = ("activity:", "collected:", "playbook of ", "roster-size:", "cohort ")


def known_forums(session: Session) -> list[str]:
    """Return the names of the forums that the store knows anything of, the one with the newest entry first."""
    query = select(LedgerRow.forum, func.max(LedgerRow.updated_at)).group_by(LedgerRow.forum)
    newest = sorted(session.execute(query).all(), key=lambda row: row[1], reverse=True)
    names = [row[0] for row in newest]
    for table in Table.metadata.sorted_tables:
        if "forum" in table.columns and table.name not in OF_THE_BUDGET:
            names += session.scalars(select(table.c.forum).distinct()).all()
    return list(dict.fromkeys(names))


def knows_anything(session: Session, forum: str) -> bool:
    """Whether the store knows of anything done on a forum."""
    tables = [table for table in Table.metadata.sorted_tables if table.name in ("ledger", "occurrences", "memberships")]
    return any(
        session.execute(select(table.c.forum).where(table.c.forum == forum).limit(1)).first() for table in tables
    )


def move_forum(session: Session, old: str, new: str, new_key: Callable[[OccurrenceRow], str]) -> None:
    """Carry over all that is known of a forum to its new name.

    Args:
        session: of the store.
        old: the forum's name so far.
        new: its name from now on, of which nothing is known yet.
        new_key: gives the key that an occurrence has under the new name; the row has it already.

    Raises:
        UsageError: things were done under the new name as well.

    """
    if knows_anything(session, new):
        raise UsageError(f"the store knows of things done on '{new}' as well; the two cannot become one.")
    for row in session.scalars(select(CursorRow).where(CursorRow.forum == new)):
        session.delete(row)
    for row in session.scalars(select(CursorRow).where(CursorRow.forum == old, CursorRow.name.in_(OWN_CURSORS[:3]))):
        session.delete(row)
    session.flush()
    for table in Table.metadata.sorted_tables:
        if "forum" in table.columns and table.name not in OF_THE_BUDGET:
            session.execute(update(table).where(table.c.forum == old).values(forum=new))
    session.expire_all()
    _renew_keys(session, session.scalars(select(OccurrenceRow).where(OccurrenceRow.forum == new)).all(), new_key)


def rename_cohort(session: Session, forum: str, old: str, new: str, new_key: Callable[[OccurrenceRow], str]) -> None:
    """Carry over all that is known of a cohort to its new key; `new_key` as for `move_forum`."""
    for table in Table.metadata.sorted_tables:
        if "cohort" in table.columns and "forum" in table.columns:
            session.execute(update(table).where(table.c.forum == forum, table.c.cohort == old).values(cohort=new))
    for prefix in COHORT_CURSORS:
        old_name, new_name = f"{prefix}{old}", f"{prefix}{new}"
        row = session.get(CursorRow, (forum, old_name))
        if row is not None:
            session.merge(CursorRow(forum=forum, name=new_name, value=row.value))
            session.delete(row)
    session.expire_all()
    rows = session.scalars(select(OccurrenceRow).where(OccurrenceRow.forum == forum, OccurrenceRow.cohort == new))
    _renew_keys(session, rows.all(), new_key)


def _renew_keys(session: Session, rows: Iterable[OccurrenceRow], new_key: Callable[[OccurrenceRow], str]) -> None:
    """Give occurrences the keys that they have from now on; what went to the forum keeps the key it went with."""
    renewed: dict[str, str] = {}
    for row in rows:
        key = new_key(row)
        if key != row.key and session.get(OccurrenceRow, key) is None:
            renewed[row.key] = key
            values: dict[str, Any] = {c.name: getattr(row, c.name) for c in OccurrenceRow.__table__.columns}
            session.delete(row)
            session.flush()
            session.add(OccurrenceRow(**values | {"key": key}))
    for entry in session.scalars(select(LedgerRow)):
        of = entry.payload.get("of")
        if of in renewed and entry.action in ("draft", "catch-up"):
            entry.payload = {**entry.payload, "of": renewed[of]}
    session.flush()

"""A store carried over: to another database, row by row; to another name of its forum or of a cohort."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, delete, func, insert, select, text, update

from sync_worker.errors import RefusedError, StoreError, UsageError
from sync_worker.store.database import MIGRATION_WAIT_SECONDS, open_store
from sync_worker.store.tables import (
    BudgetRow,
    CallRow,
    CallWaiterRow,
    CohortClockRow,
    CursorRow,
    DismissalRow,
    FactRow,
    LedgerRow,
    OccurrenceRow,
    Table,
)
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

    from sync_worker.store.database import Store


AT_ONCE = 500
LOCKS = ("publish {}", "messages {}", "people:{}", "sync:{}")
OF_NO_USE = frozenset({"calls", "call_waiters"})
"""What is over within a minute, and counts by the clock of its own database."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of each table were carried over and found the same."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def move_store(source: Store, url: str, forums: Iterable[str]) -> Moved:
    """Carry everything over to an empty store, in one transaction, and compare it row for row.

    Nobody posts or syncs meanwhile; the source is only read.

    Args:
        source: the store so far, with its tables up to date.
        url: the new one's address; its tables are made where they are missing.
        forums: the names of the forums of `source`.

    Raises:
        RefusedError: the new store has rows already, or somebody is at work on the old one.
        StoreError: something was read back otherwise than it was written; the new store is empty.
        ConfigError: the new address cannot be used.

    """
    target = open_store(url)
    try:
        if _is_same(source, target):
            raise RefusedError("this is the store that is moved.", do="Give the address of another one.")
        with nobody_at_work(source, forums):
            return _carry_over(source, target)
    finally:
        target.close()


def _is_same(source: Store, target: Store) -> bool:
    one, other = source.engine.url, target.engine.url
    return (one.get_backend_name(), one.host, one.port, one.database) == (
        other.get_backend_name(), other.host, other.port, other.database
    )  # fmt: skip


@contextmanager
def nobody_at_work(store: Store, forums: Iterable[str]) -> Iterator[None]:
    """Let nobody work with these forums meanwhile.

    Raises:
        RefusedError: somebody does.

    """
    with ExitStack() as stack:
        for name in [name.format(forum) for forum in forums for name in LOCKS]:
            if not stack.enter_context(store.exclusive(name, MIGRATION_WAIT_SECONDS)):
                raise RefusedError("a worker or a sync is at work with it.", do="Stop `lcm run`, then try again.")
        yield


def _carry_over(source: Store, target: Store) -> Moved:
    rows: dict[str, int] = {}
    with source.engine.connect() as old, target.engine.begin() as new:
        _refuse_filled(new)
        for table in Table.metadata.sorted_tables:
            if table.name in OF_NO_USE:
                continue
            rows[table.name] = _copy(table, old, new)
        for table in Table.metadata.sorted_tables:
            if table.name not in OF_NO_USE:
                _compare(table, old, new)
                _set_sequence(table, new)
    return Moved(rows)


def _refuse_filled(new: Connection) -> None:
    for table in Table.metadata.sorted_tables:
        count = new.scalar(select(func.count()).select_from(table)) or 0
        if count:
            raise RefusedError(
                f"the new store is not empty: it has {counted(count, 'row')} in '{table.name}'. Nothing was changed.",
                do="Give an empty database; two stores cannot become one.",
            )


def _copy(table: SqlTable, old: Connection, new: Connection) -> int:
    count = 0
    rows = (dict(row) for row in old.execute(select(table)).mappings())
    while some := list(islice(rows, AT_ONCE)):
        new.execute(insert(table), some)
        count += len(some)
    return count


def _compare(table: SqlTable, old: Connection, new: Connection) -> None:
    """Compare all rows, whatever their order; numbers, times and JSON by what they mean.

    Raises:
        StoreError: a row is missing, too many or another.

    """
    before, after = _digests(table, old), _digests(table, new)
    if before != after:
        lost, more = len(before - after), len(after - before)
        raise StoreError(
            f"{lost} rows of '{table.name}' were read back otherwise than they were written ({more} others instead). "
            "Nothing was moved.",
            do="Please report it; the old store is as it was.",
        )


def _digests(table: SqlTable, connection: Connection) -> set[bytes]:
    names = sorted(column.name for column in table.columns)
    rows = connection.execute(select(*(table.c[name] for name in names)))
    return {hashlib.blake2b(_canonical(row), digest_size=16).digest() for row in rows}


def _canonical(values: Iterable[Any]) -> bytes:
    return "\x1f".join(chain.from_iterable(_shown(value) for value in values)).encode()


def _shown(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for key in sorted(value):
            yield from (repr(str(key)), *_shown(value[key]))
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for one in value:
            yield from _shown(one)
        yield "]"
    elif isinstance(value, float) and value.is_integer():
        yield f"float {value:.0f}"
    else:
        yield f"{type(value).__name__} {value!r}"


def _set_sequence(table: SqlTable, new: Connection) -> None:
    """Let a number that the database gives out go on after the largest that was carried over."""
    if new.dialect.name != "postgresql":
        return  # SQLite takes the next number after the largest by itself
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer | BigInteger) and _has_sequence(new, table.name, column.name):
            largest = new.scalar(select(func.max(column))) or 0
            statement = text("SELECT setval(pg_get_serial_sequence(:table, :column), :value, :used)")
            new.execute(
                statement, {"table": table.name, "column": column.name, "value": max(largest, 1), "used": largest > 0}
            )


def _has_sequence(new: Connection, table: str, column: str) -> bool:
    statement = text("SELECT pg_get_serial_sequence(:table, :column)")
    return new.scalar(statement, {"table": table, "column": column}) is not None


# What the store knows under one name carried over to another: a forum that moved, a cohort whose key changed.


OF_THE_BUDGET = frozenset(table.__tablename__ for table in (BudgetRow, CallRow, CallWaiterRow))
OWN_CURSORS = ("clock", "clock in doubt", "held", "site")
COHORT_CURSORS = (
    *("activity:", "collected:", "playbook of ", "roster-size:", "cohort ", "cohort:"),
    *("numbers:", "desk:", "desk topic:", "desk figure:", "figure of a roundup:", "library-offer:", "case-report:"),
    "feed categories:",
)


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
    """Carry over all that is known of a cohort to its new key; `new_key` as for `move_forum`.

    What a person said of the new key meanwhile stands: a pause, a fact about somebody, a sign that was put aside.
    """
    _join_clocks(session, forum, old, new)
    for said in (FactRow, DismissalRow):
        _leave_to_the_new(session, Table.metadata.tables[said.__tablename__], forum, old, new)
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


def _join_clocks(session: Session, forum: str, old: str, new: str) -> None:
    """Let the clock of a cohort's new key say what that of the old one does, where it does not say so itself."""
    session.flush()
    before, since = (session.get(CohortClockRow, (forum, key)) for key in (old, new))
    if before is None or since is None:
        return
    if not since.paused:
        since.paused, since.paused_until = before.paused, before.paused_until
    since.shift_days = since.shift_days or before.shift_days
    since.archived_at = since.archived_at or before.archived_at
    session.delete(before)
    session.flush()


def _leave_to_the_new(session: Session, table: SqlTable, forum: str, old: str, new: str) -> None:
    """Take out the rows of a cohort's old key in whose place one of the new key stands."""
    other = table.alias()
    others = [column.name for column in table.primary_key.columns if column.name != "cohort"]
    in_place = [other.c.cohort == new, *(other.c[name] == table.c[name] for name in others)]
    taken = select(other.c.forum).where(*in_place).exists()
    session.execute(delete(table).where(table.c.forum == forum, table.c.cohort == old, taken))


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

"""A store carried over to another database, from SQLite to PostgreSQL or back: every row, compared one by one."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, func, insert, select, text

from sync_worker.errors import RefusedError, StoreError
from sync_worker.store.database import MIGRATION_WAIT_SECONDS, open_store
from sync_worker.store.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Connection

    from sync_worker.store.database import Store

AT_ONCE = 500
LOCKS = ("publish {}", "people:{}", "sync:{}")
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


def move_store(
    source: Store, url: str, forums: Iterable[str], *, progress: Callable[[str, int], None] | None = None
) -> Moved:
    """Carry everything over to an empty store, in one transaction, and compare it row for row.

    Nobody posts or syncs meanwhile; the source is only read.

    Args:
        source: the store so far, with its tables up to date.
        url: the new one's address; its tables are made where they are missing.
        forums: the names of the forums of `source`.
        progress: told each table and its rows.

    Raises:
        RefusedError: the new store has rows already, or somebody is at work on the old one.
        StoreError: something was read back otherwise than it was written; the new store is empty.
        ConfigError: the new address cannot be used.

    """
    target = open_store(url)
    try:
        if _is_same(source, target):
            raise RefusedError("this is the store that is moved.", do="Give the address of another one.")
        with _held(source, [name.format(forum) for forum in forums for name in LOCKS]):
            return _carry_over(source, target, progress)
    finally:
        target.close()


def _is_same(source: Store, target: Store) -> bool:
    one, other = source.engine.url, target.engine.url
    return (one.get_backend_name(), one.host, one.port, one.database) == (
        other.get_backend_name(), other.host, other.port, other.database
    )  # fmt: skip


@contextmanager
def _held(store: Store, names: Iterable[str]) -> Iterator[None]:
    """Let nobody work with the store meanwhile."""
    with ExitStack() as stack:
        for name in names:
            if not stack.enter_context(store.exclusive(name, MIGRATION_WAIT_SECONDS)):
                raise RefusedError("a worker or a sync is at work with it.", do="Stop `lcm run`, then try again.")
        yield


def _carry_over(source: Store, target: Store, progress: Callable[[str, int], None] | None) -> Moved:
    rows: dict[str, int] = {}
    with source.engine.connect() as old, target.engine.begin() as new:
        _refuse_filled(new)
        for table in Table.metadata.sorted_tables:
            if table.name in OF_NO_USE:
                continue
            rows[table.name] = _copy(table, old, new)
            if progress is not None:
                progress(table.name, rows[table.name])
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
                f"the new store is not empty: it has {count} rows in '{table.name}'. Nothing was changed.",
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

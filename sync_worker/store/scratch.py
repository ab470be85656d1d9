"""A copy of the store in memory, for what may read and compute but must leave nothing behind."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from sync_worker.store.database import Store
from sync_worker.store.tables import BudgetRow, CallRow, CallWaiterRow, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_COPIED = frozenset({BudgetRow.__tablename__, CallRow.__tablename__, CallWaiterRow.__tablename__})
ROWS_AT_ONCE = 1000


@contextmanager
def scratch_copy(store: Store, forum: str) -> Iterator[Store]:
    """Give a copy of what the store knows of a forum; whatever is written to it is gone at the end."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _wait_for_nobody)
    try:
        Table.metadata.create_all(engine)
        with store.engine.connect() as source, engine.begin() as copy:
            for table in Table.metadata.sorted_tables:
                if table.name in NOT_COPIED or "forum" not in table.columns:
                    continue
                found = source.execute(select(table).where(table.c.forum == forum)).mappings()
                while rows := found.fetchmany(ROWS_AT_ONCE):
                    copy.execute(table.insert(), [dict(row) for row in rows])
        yield Store(engine, sessionmaker(engine, expire_on_commit=False))
    finally:
        engine.dispose()


def _wait_for_nobody(connection: Any, record: object) -> None:
    del record
    connection.execute("PRAGMA foreign_keys = ON")

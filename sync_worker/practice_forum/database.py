"""The forum's SQLite database: opened, created where empty, and one transaction at a time."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from sync_worker.practice_forum.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine


class Database:
    """Hands out sessions. Requests are served one after the other: SQLite has one writer, and order is then plain."""

    def __init__(self, path: Path | str) -> None:
        self.engine = _engine(str(path))
        with self.engine.begin() as connection:
            if connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is None:
                for statement in _schema():
                    connection.exec_driver_sql(statement)
            else:
                Base.metadata.create_all(connection)  # a newer version has tables that an older file lacks
        self._lock = threading.RLock()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back where it raises."""
        with self._lock, Session(self.engine, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@cache
def _schema() -> tuple[str, ...]:
    """Return what makes all tables and indexes in an empty database; writing it takes longer than carrying it out."""
    tables = Base.metadata.sorted_tables
    make: list[CreateTable | CreateIndex] = [CreateTable(table) for table in tables]
    make += [CreateIndex(index) for table in tables for index in table.indexes]
    return tuple(str(one.compile(dialect=sqlite.dialect())) for one in make)


def _engine(path: str) -> Engine:
    in_memory = path == ":memory:"
    more: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(
        "sqlite://" if in_memory else f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None},
        **more,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _matches(pattern: str, value: str | None) -> bool:
    return value is not None and re.search(pattern, value) is not None


def _prepare(connection: Any, _record: Any) -> None:
    connection.create_function("regexp", 2, _matches, deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

"""New stores and forums for tests: copies of a store that was migrated once, SQL written once a process, databases.

What migrations do is tested in `tests/store`, where stores are made as they are everywhere else.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Engine, make_url

from sync_worker.practice_forum.server import database as forum_database
from sync_worker.store import database
from sync_worker.store.database import Store, open_store

_MIGRATE, _PREPARE = database._migrate, database._prepare_sqlite


@contextmanager
def migrated_stores() -> Iterator[None]:
    """Migrate every new store, as the worker does."""
    with patch.object(database, "_migrate", _MIGRATE), patch.object(database, "_prepare_sqlite", _PREPARE):
        yield


@contextmanager
def copied_stores(folder: Path) -> Iterator[None]:
    """Make every new SQLite store of this process a copy; a store that is there already is opened as ever.

    Args:
        folder: where the store goes that the others are copied from.

    """
    file = folder / "migrated.db"
    open_store(f"sqlite:///{file}").close()
    migrated, one_at_a_time = file.read_bytes(), threading.Lock()

    def copy_or_migrate(store: Store, url: URL) -> None:
        new = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
        with one_at_a_time:
            if new is not None and new.is_file() and new.stat().st_size == 0:
                new.write_bytes(migrated)
                return
        _MIGRATE(store, url)

    def prepare_without_waiting(connection: Any, record: object) -> None:
        _PREPARE(connection, record)
        connection.execute("PRAGMA synchronous = OFF")  # no test cuts the power

    with (
        patch.object(database, "_migrate", copy_or_migrate),
        patch.object(database, "_prepare_sqlite", prepare_without_waiting),
    ):
        yield


STATEMENTS = 4000


@contextmanager
def shared_statements() -> Iterator[None]:
    """Let the SQL that was written from a query for one database of this process serve all that follow.

    Every engine writes the SQL of each query once; a process of tests has thousands of engines, a worker has one.
    """
    with (
        patch.object(database, "create_engine", _like_the_first()),
        patch.object(forum_database, "create_engine", _like_the_first()),
    ):
        yield


def _like_the_first() -> Callable[..., Engine]:
    made: dict[str, Engine] = {}

    def make(*address: Any, **options: Any) -> Engine:
        engine = create_engine(*address, query_cache_size=STATEMENTS, **options)
        first = made.get(engine.dialect.name, engine)
        if first.dialect.server_version_info is None:  # it has never reached its database, so it knows nothing of it
            first = made[engine.dialect.name] = engine
        engine.dialect = engine.pool._dialect = first.dialect  # it is part of what SQL is looked up by
        engine._compiled_cache = first._compiled_cache
        return engine

    return make


@contextmanager
def new_database(server: str, prefix: str) -> Iterator[str]:
    """Make a PostgreSQL database on a server, yield its address and drop it."""
    name = f"{prefix}_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()

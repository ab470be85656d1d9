"""New stores for tests: copies of one that was migrated once, on a disk that is not waited for.

What migrations do is tested in `tests/store`, where stores are made as they are everywhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy.engine import URL

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

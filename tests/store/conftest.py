"""Stores as they are made outside of tests, in each database that is at hand."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sync_worker.store.database import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sync_worker.store.database import Store


@pytest.fixture(autouse=True)
def _as_the_worker_does(migrated_new_stores: None) -> None:
    """Migrate every new store."""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind that is at hand."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lcm.db'}"
    address: str = request.getfixturevalue("postgres_url")
    return address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store in it."""
    with closing(open_store(url)) as opened:
        yield opened

"""Stores as they are made outside of tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _as_the_worker_does(migrated_new_stores: None) -> None:
    """Migrate every new store."""

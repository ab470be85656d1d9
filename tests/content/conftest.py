"""A real forum's topics, and an empty forum to write in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.talk import Talk, read_topics

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.model import Topic


@pytest.fixture(scope="session")
def real_topics(shared_folder: Path) -> list[Topic]:
    """Every topic that was opened on a game engine's forum in 2019."""
    return read_topics(shared_folder / "real_forum" / "topics-2019.jsonl.gz")


@pytest.fixture
def talk() -> Talk:
    """An empty forum to write in."""
    return Talk()

"""Fixtures of the commands' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from tests.cli.place import Place
from tests.conftest import PracticeForum

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A forum where Ana and Ben are in the cohort `spring`, which refusals leave alone."""
    with ForumServer(":memory:", options=ForumOptions()) as server:
        forum = PracticeForum(server, DEFAULT_KEY)
        yield Place.filled(forum, tmp_path_factory.mktemp("good"))
        forum.client.close()

"""Fixtures for sources that are asked over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.practice_forum.options import DEFAULT_KEY, ForumOptions
from sync_worker.practice_forum.server import ForumServer
from sync_worker.rosters import http
from tests.conftest import PracticeForum
from tests.rosters.syncing import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = ("marta", "ines", "tomas", "ana", "ben")


@pytest.fixture(scope="module")
def quiet_forum() -> Iterator[PracticeForum]:
    """A practice forum with the accounts of Marta, Ines, Tomas, Ana and Ben, which a module's refusals leave alone."""
    with ForumServer(":memory:", options=ForumOptions()) as server:
        forum = PracticeForum(server, DEFAULT_KEY)
        forum.add_users(*PEOPLE)
        yield forum
        forum.client.close()


@pytest.fixture
def quiet_desk(quiet_forum: PracticeForum, tmp_path: Path) -> Desk:
    """A desk whose syncs are refused: they leave the forum as it is."""
    return Desk(tmp_path, quiet_forum)


@pytest.fixture
def desk(practice_forum: Any, tmp_path: Path) -> Desk:
    """A desk at a forum of its own."""
    practice_forum.add_users(*PEOPLE)
    return Desk(tmp_path, practice_forum)


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that sources asked for; nobody really sleeps."""
    slept: list[float] = []
    monkeypatch.setattr(http, "PACE", http.Pace(sleep=slept.append))
    return slept

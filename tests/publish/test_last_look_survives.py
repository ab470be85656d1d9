"""The last look holds for what an outage has delayed, and a worker that dies in the midst of it does no harm."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import requests
from sqlalchemy import select

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from sync_worker.store.tables import DraftRow, LedgerRow
from tests.journey.site import Site
from tests.publish.scene import SECRETS, Place, Scene
from tests.publish.test_what_happened_since import PAUSES, edit
from tests.worker.conftest import Reaper, deadly_lives


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A practice forum without the plugin and without pauses between posts."""
    with ForumServer(":memory:", options=ForumOptions(settings=dict.fromkeys(PAUSES, "0"))) as server:
        yield Place(
            Site(server.url, ForumOptions().api_key, "forumadmin", 1_000_000), plugin=False, hide=lambda _: None
        )


def scene(place: Place, folder: Path) -> Scene:
    """A scene in which everything was drafted and approved."""
    made = Scene(place, folder / uuid.uuid4().hex[:6], uuid.uuid4().hex[:6])
    made.prepare()
    with made.at_work() as (_, store), store.begin() as session:
        for row in session.scalars(select(DraftRow)):
            row.state = "approved"
    return made


@contextmanager
def nothing_can_be_posted() -> Iterator[None]:
    """An outage that lets everything be read."""
    send = requests.Session.send

    def failing(session: requests.Session, asked: requests.PreparedRequest, **more: Any) -> requests.Response:
        if asked.method == "POST" and (asked.url or "").endswith("/posts.json"):
            raise requests.ConnectionError("down")
        return send(session, asked, **more)

    with patch.object(requests.Session, "send", failing):
        yield


def outcome(made: Scene) -> dict[str, int]:
    """How many texts of each kind the forum has got, and how many of them have what was taken out."""
    news = {step: made.published(step) for step in ("roundup", "story", "ask-ana")}
    texts = [text for each in news.values() for text in each]
    secrets = sum(secret in text for text in texts for each in SECRETS.values() for secret in each)
    notes = sum(one["part"] == "held" for one in made.written().values())
    return {step: len(each) for step, each in news.items()} | {"secrets": secrets, "notes": notes}


EXPECTED = {"roundup": 1, "story": 0, "ask-ana": 0, "secrets": 0, "notes": 1}


def test_what_an_outage_delayed_is_looked_up_again_before_it_goes_out(place: Place, tmp_path: Path) -> None:
    made = scene(place, tmp_path)
    with nothing_can_be_posted():
        made.run()
    with made.at_work() as (_, store), store.begin() as session:
        waiting = session.scalars(select(LedgerRow).where(LedgerRow.state == "intended", LedgerRow.action != "pin"))
        assert {row.step for row in waiting} == {"roundup", "story", "ask-ana"}
    edit(made)
    made.now += timedelta(hours=2)
    made.run()
    made.approve_and_publish()
    assert outcome(made) == EXPECTED


@pytest.mark.slow
def test_a_worker_that_dies_at_any_moment_of_the_last_look_publishes_the_same(place: Place, tmp_path: Path) -> None:
    first = scene(place, tmp_path)
    edit(first)
    counting = Reaper()
    with counting.at_work():
        first.run()
    first.approve_and_publish()
    assert outcome(first) == EXPECTED
    for [reaper] in deadly_lives([counting], at_most=8):
        made = scene(place, tmp_path)
        edit(made)
        with pytest.raises(Reaper.Killed), reaper.at_work():
            made.run()
        made.run()
        made.approve_and_publish()
        assert outcome(made) == EXPECTED, f"killed at moment {reaper.moments} of {counting.count}"

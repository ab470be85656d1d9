"""A practice forum in the recorded start state, and what it answers to the recorded calls."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from tests.contract.left_out import LEFT_OUT
from tests.contract.meanwhile import BEFORE
from tests.contract.recorded import SEEDED_AT, Answer, Client, Exchange, Keys, PracticeClock, Recording, read_all
from tests.contract.stage import Stage, set_up

ALL_USERS, SINGLE_USER = "a" * 64, "b" * 64


@dataclass(frozen=True)
class Replayed:
    """A recorded call, and what the forum answered to it now."""

    recording: Recording
    exchange: Exchange

    @property
    def answer(self) -> Answer:
        """What it answered."""
        return self.exchange.answer


def serve(**options: object) -> ForumServer:
    wanted = ForumOptions(api_key=ALL_USERS, admin_key=SINGLE_USER, bulk_users=1105, now=SEEDED_AT, **options)  # type: ignore[arg-type]
    return ForumServer(":memory:", options=wanted)


@pytest.fixture(scope="module", params=["practice", pytest.param("live", marks=pytest.mark.live)])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """What the facts are about, on a practice forum and on a real one."""
    if request.param == "practice":
        with ForumServer(":memory:", options=ForumOptions()) as server:
            yield set_up(server.url, ForumOptions().api_key, "forumadmin")
        return
    url, key = os.environ.get("DISCOURSE_URL"), os.environ.get("DISCOURSE_API_KEY")
    if not url or not key:
        pytest.skip("DISCOURSE_URL and DISCOURSE_API_KEY name no Discourse")
    yield set_up(url, key, os.environ.get("DISCOURSE_API_USERNAME", "system"))


@pytest.fixture(scope="session")
def recordings(shared_folder: Path) -> dict[int, Recording]:
    """All recorded calls by number."""
    return {recording.number: recording for recording in read_all(shared_folder / "recordings")}


@pytest.fixture(scope="session")
def replayed(recordings: dict[int, Recording]) -> dict[int, Replayed]:
    """Every recorded call but those about limits, sent once, in order, to one practice forum."""
    found: dict[int, Replayed] = {}
    with serve(ip_limits=False) as server:
        client = Client(server.url, Keys(ALL_USERS, SINGLE_USER))
        clock = PracticeClock(client)
        clock.set(clock.now)
        for number, recording in recordings.items():
            if number in LEFT_OUT or 750 <= number < 760:
                continue
            if step := BEFORE.get(number):
                step(client, clock)
            clock.before(recording)
            found[number] = Replayed(recording, client.send(recording))
    return found


@pytest.fixture(scope="session")
def replayed_over_limits(recordings: dict[int, Recording]) -> dict[int, Replayed]:
    """The recorded calls about limits, sent to a forum whose minute is used up."""
    found: dict[int, Replayed] = {}
    with serve(admin_requests_per_minute=60) as server:
        client = Client(server.url, Keys(ALL_USERS, SINGLE_USER))
        for _ in range(60):
            client.call("GET", "/session/current.json")
        for number, recording in recordings.items():
            if not 750 <= number < 760:
                continue
            if number == 758:
                for _ in range(50):
                    client.send(recording)
            found[number] = Replayed(recording, client.send(recording))
    return found

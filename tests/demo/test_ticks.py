"""The demo's worker within one tick: waiting costs no time, and an outage of minutes is over before the next tick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync_worker.config import load_settings
from sync_worker.config.load import api_key
from sync_worker.demo.scenario import SETTINGS, SYNC_HOUR, Scenario, WorkerClock, write_roster, write_settings
from sync_worker.demo.worker_process import TickingWorker
from sync_worker.forum import Forum, Patience
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import PROFILES, Fault, FaultProfile
from sync_worker.store.database import open_store

SCENARIO = Scenario(seed="ticks", weeks=1, learners=3)
FIRST_DAY = datetime(2027, 3, 15, SYNC_HOUR, tzinfo=UTC)
WELCOMES = FIRST_DAY.replace(hour=10)
READ_ONLY = FaultProfile("outage", 1.0, (Fault.READ_ONLY,), read_only_calls=1000)


class ClockThatEndsAnOutage(WorkerClock):
    """The forum can be written to again once the worker has waited that long."""

    def __init__(self, forum: Any, after: timedelta) -> None:
        super().__init__(FIRST_DAY)
        self.forum, self.after = forum, after.total_seconds()

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        if self.waited > self.after:
            self.forum.faults.set(PROFILES["none"], 0)


@pytest.fixture
def clock(practice_forum: Any) -> ClockThatEndsAnOutage:
    return ClockThatEndsAnOutage(practice_forum, timedelta(seconds=40))


@pytest.fixture
def worker(practice_forum: Any, clock: WorkerClock, tmp_path: Path) -> Iterator[TickingWorker]:
    write_settings(tmp_path, SCENARIO, practice_forum.url)
    rows = SCENARIO.roster(FIRST_DAY.date())
    for row in rows:
        practice_forum.add_user(row.email.partition("@")[0], email=row.email)
    write_roster(tmp_path, rows)
    settings = load_settings(tmp_path / SETTINGS)
    store = open_store(settings.store)
    playbooks = playbooks_of(settings, REGISTRY)
    patience = Patience(sleep=clock.wait)
    with Forum.connect(settings.forum, api_key(settings.forum), patience=patience) as forum:
        yield TickingWorker.of(forum, store, settings, playbooks, clock)
    store.close()


def test_an_outage_that_outlasts_the_client_s_patience_is_over_within_the_tick(
    practice_forum: Any, worker: TickingWorker
) -> None:
    practice_forum.set_clock(FIRST_DAY)
    assert worker.tick(FIRST_DAY)["failures"] == []
    practice_forum.set_clock(WELCOMES)
    practice_forum.faults.set(READ_ONLY, 0)
    told = worker.tick(WELCOMES)
    assert any("read-only" in failure for failure in told["failures"])
    assert told["waited"] >= 40  # more than that, in tenths of a second
    again = worker.tick(WELCOMES + timedelta(hours=3))  # no hour at which the desks are looked at
    assert (again["calls"], again["failures"], again["waited"]) == (0, [], 0)
    listed = practice_forum.get("/latest.json")["topic_list"]["topics"]
    times = {topic["created_at"] for topic in listed if topic["created_at"].startswith("2027")}
    assert "2027-03-15T10:00:00.000Z" in times
    assert all(time <= "2027-03-15T10:00:00.000Z" for time in times)

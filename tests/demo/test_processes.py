"""The demo's worker process, killed before it has read a line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sync_worker.demo.processes import WorkerProcess
from sync_worker.demo.scenario import Scenario, write_roster, write_settings

if TYPE_CHECKING:
    from tests.conftest import PracticeForum

SCENARIO = Scenario(seed="processes", weeks=3, learners=1)
NIGHT = datetime(2027, 3, 12, 1, tzinfo=UTC)


def test_a_worker_killed_before_it_reads_its_tick_is_started_again_and_does_the_tick(
    practice_forum: PracticeForum, tmp_path: Path
) -> None:
    write_settings(tmp_path, SCENARIO, practice_forum.url)
    write_roster(tmp_path, SCENARIO.roster(NIGHT.date()))
    worker = WorkerProcess(tmp_path, {NIGHT: [0.0]})
    process = worker._running()
    process.kill()
    process.wait()
    answer = worker.tick(NIGHT)
    worker.stop()
    assert worker.killed == 1
    assert (answer["calls"], answer["failures"]) == (0, [])

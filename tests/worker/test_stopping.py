"""A worker that only waits ends at once when it is asked to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync_worker.errors import StoppedWaiting
from sync_worker.worker.service import Stopping
from tests.forum.conftest import ScriptedForum


def test_a_sleep_ends_when_the_process_is_asked_to_stop() -> None:
    stopping = Stopping()
    stopping.sleep(0.0)
    timer = threading.Timer(0.05, stopping.ask)
    timer.start()
    with pytest.raises(StoppedWaiting):
        stopping.sleep(3600.0)
    with pytest.raises(StoppedWaiting):
        stopping.sleep(3600.0)
    timer.join()


def test_a_service_that_a_reload_ended_while_it_started_is_started_again() -> None:
    """For systemd a death by SIGHUP is as good as an end that was wanted."""
    unit = (Path(__file__).parents[2] / "docs" / "deployment" / "lcm.service").read_text(encoding="utf-8")
    assert "ExecReload=/bin/kill -HUP $MAINPID" in unit
    assert "\nRestart=always\n" in unit


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_service_stops_in_the_middle_of_a_wait_that_the_forum_wants(tmp_path: Path, number: signal.Signals) -> None:
    forum = ScriptedForum()
    wait = forum.reply({"errors": ["slow"], "extras": {"wait_seconds": 290}}, 429)
    for path in ("/lcm/status.json", "/site.json"):
        forum.on("GET", path, wait)
    today = datetime.now(UTC).date()
    (tmp_path / "lcm.yaml").write_text(
        f"forum: {{url: '{forum.url}', calls_per_minute: 1000000}}\n"
        f"cohorts:\n  - {{key: spring, name: Spring, start: {today}, end: {today + timedelta(days=30)},"
        " timezone: UTC, playbook: first-steps}\n",
        encoding="utf-8",
    )
    service = subprocess.Popen(
        [sys.executable, "-c", "from sync_worker.cli import main; main()", "run", "--every", "1"],
        cwd=tmp_path, env={**os.environ, "DISCOURSE_API_KEY": "k" * 64}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert service.stderr is not None
    for line in service.stderr:
        if "Again in 29" in line:
            break
    service.send_signal(number)
    rest = service.communicate(timeout=280)[1]  # it would have waited for longer
    forum.close()
    assert service.returncode == 0, rest
    assert "this tick ends here, between two calls" in rest or "desks ends here, between two calls" in rest
    assert rest.rstrip().endswith("stopped")

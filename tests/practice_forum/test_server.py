"""The forum over real HTTP: clock, speed, a clean end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from sync_worker.practice_forum.server.options import DEFAULT_KEY

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_forum_has_an_administrator_and_says_that_it_lives(practice_forum: Any) -> None:
    assert practice_forum.client.get(f"{practice_forum.url}/srv/status", timeout=60).text == "ok"
    assert practice_forum.get("/session/current.json")["current_user"]["username"] == "forumadmin"


def test_the_virtual_clock_stamps_everything_until_it_is_set_again(practice_forum: Any) -> None:
    practice_forum.set_clock(datetime(2027, 3, 1, 9, tzinfo=UTC))
    practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    practice_forum.add_user("ana")
    practice_forum.call("PUT", "/groups/41/members.json", json={"usernames": "ana"})
    member = practice_forum.get("/groups/spring/members.json")["members"][0]
    assert member["added_at"] == "2027-03-01T09:00:00.000Z"
    practice_forum.set_clock(None)
    clock = practice_forum.client.get(f"{practice_forum.url}/practice/clock.json", timeout=60).json()
    assert clock["virtual"] is False


def test_the_virtual_clock_outlives_a_restart(make_practice_forum: Any, tmp_path: Any) -> None:
    file = tmp_path / "forum.sqlite"
    first = make_practice_forum(file)
    first.set_clock(datetime(2027, 3, 1, 9, tzinfo=UTC))
    first.server.stop()
    second = make_practice_forum(file)
    clock = second.client.get(f"{second.url}/practice/clock.json", timeout=60).json()
    assert clock == {"now": "2027-03-01T09:00:00.000Z", "virtual": True}


def test_an_end_that_another_wake_up_brings_about_finds_its_trigger_open(make_practice_forum: Any) -> None:
    server = make_practice_forum().server
    trigger = server._server.trigger
    pull = trigger._physical_pull

    def woken_before(*_: Any) -> None:
        os.write(trigger.trigger, b"x")
        while not server._ending.is_set():
            time.sleep(0.001)
        time.sleep(0.05)  # long enough for a serving thread that does not wait to have closed everything
        pull()

    trigger._physical_pull = woken_before
    server.stop()
    assert trigger._closed


SERVE = """
import sys
from sync_worker.practice_forum.app import serve
serve("127.0.0.1", 0, sys.argv[1], ready=lambda url: print(url, flush=True))
"""


def test_what_was_answered_outlives_a_killed_process_and_sigterm_ends_cleanly(tmp_path: Path) -> None:
    headers = {"Api-Key": DEFAULT_KEY, "Api-Username": "forumadmin"}
    command = [sys.executable, "-c", SERVE, str(tmp_path / "forum.sqlite")]
    for ending in (signal.SIGKILL, signal.SIGTERM):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            group = requests.get(f"{url}/groups/spring.json", headers=headers, timeout=60)
            assert group.status_code == (404 if ending is signal.SIGKILL else 200)
            body = {"group": {"name": "spring"}}
            requests.post(f"{url}/admin/groups.json", headers=headers, json=body, timeout=60)
            process.send_signal(ending)
    assert process.returncode == 0

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from sync_worker.errors import OtherTablesError
from sync_worker.worker.service import Chore, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_settings(folder: Path, practice_forum: Any) -> Path:
    """A cohort whose welcome was due an hour ago."""
    start = datetime.now(UTC) - timedelta(hours=1)
    (folder / "mine" / "templates").mkdir(parents=True)
    (folder / "mine" / "templates" / "welcome.en.md").write_text(
        "---\ntitle: Welcome to all of you\n---\nTell us what you work on.\n", encoding="utf-8"
    )
    (folder / "mine" / "playbook.yml").write_text(
        "playbook: mine\ntitle: {en: Mine}\nversion: 1\nsteps:\n"
        f"  - {{id: welcome, at: 'start {start:%H:%M}', play: topic, with: {{template: welcome}}}}\n",
        encoding="utf-8",
    )
    file = folder / "lcm.yaml"
    file.write_text(
        f"forum: {{url: '{practice_forum.url}', api_username: forumadmin, calls_per_minute: 1000000}}\n"
        "playbooks: [mine]\n"
        "cohorts:\n"
        f"  - {{key: spring, name: Spring, start: {start.date()}, end: {start.date() + timedelta(days=30)},\n"
        "     timezone: UTC, playbook: mine}\n",
        encoding="utf-8",
    )
    practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    practice_forum.call("POST", "/categories.json", json={"name": "Spring", "slug": "spring", "color": "0088CC",
                        "text_color": "FFFFFF", "permissions": {"spring": 1}})  # fmt: skip
    return file


def titles(practice_forum: Any) -> list[str]:
    topics = practice_forum.get("/c/spring/5/l/latest.json")["topic_list"]["topics"]
    return [topic["title"] for topic in topics]


def first_line(service: subprocess.Popen[str]) -> str:
    assert service.stderr is not None
    return service.stderr.readline()


@pytest.mark.slow
def test_two_services_on_one_store_publish_once_and_stop_when_told(tmp_path: Path, practice_forum: Any) -> None:
    file = write_settings(tmp_path, practice_forum)
    command = [
        sys.executable,
        "-c",
        "from sync_worker.cli import main; main()",
        "run",
        "--every",
        "1",
        "--config",
        file,
    ]
    environment = {**os.environ, "DISCOURSE_API_KEY": practice_forum.key}
    services = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    first_lines = [first_line(service) for service in services]  # from here on each of them can be stopped
    deadline = time.monotonic() + 600
    while "Welcome to all of you" not in titles(practice_forum) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(2)  # the other one has the time for a tick of its own
    for service in services:
        service.send_signal(signal.SIGTERM)
    logs = [service.communicate(timeout=600)[1] for service in services]
    assert [service.returncode for service in services] == [0, 0], logs
    assert titles(practice_forum).count("Welcome to all of you") == 1
    assert sum("welcome topic: topic done" in log or "welcome: topic done" in log for log in logs) == 1, logs
    assert all("stopped" in log for log in logs)
    assert all("people are not synced, because lcm.yaml has no `sync`" in line for line in first_lines), first_lines
    assert not any("apscheduler" in log or "Job" in log for log in logs), logs


def test_a_store_that_fails_is_said_in_words_and_the_next_tick_works(
    journey: Any, world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: datetime) -> bool:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    with journey.store() as store, world.forum() as forum:
        service = Service(forum, store, journey.settings, journey.playbooks, 60.0)
        service.do(Chore("desks", 60.0, fail))
        service.listen = fail
        service.tick()
        assert [record.getMessage().partition(". ")[0] for record in caplog.records] == [
            f"{what} failed: store: {journey.settings.store}: the store failed: disk I/O error"
            for what in ("desks", "this tick")
        ]
        assert not any(record.exc_info for record in caplog.records)
        caplog.clear()
        service.listen = lambda _: True
        service.tick()
        assert caplog.text == ""


def test_settings_are_read_again_before_a_chore_as_before_a_tick(journey: Any, world: Any) -> None:
    read: list[bool] = []
    with journey.store() as store, world.forum() as forum:
        service = Service(forum, store, journey.settings, {}, 60.0, reread=read.append)
        service.do(Chore("desks", 60.0, lambda _: None))
        service.read_again()
        service.do(Chore("desks", 60.0, lambda _: None))
        service.tick()
    assert read == [False, True, False]


def test_a_cohort_without_its_playbook_is_reported_once_and_the_next_tick_works(
    journey: Any, world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with journey.store() as store, world.forum() as forum:
        service = Service(forum, store, journey.settings, {}, 60.0)
        service.tick()
        assert "its playbook 'journey' was not found" in caplog.text
        caplog.clear()
        service.tick()
        assert caplog.text == ""  # once is enough
        service.playbooks = journey.playbooks
        service.tick()
        assert "ERROR" not in caplog.text
    assert threading.active_count() >= 1


@pytest.fixture
def _signals_as_before() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals_as_before")
@pytest.mark.parametrize("at_work", ["a tick", "a chore"])
def test_a_service_ends_where_another_version_changes_the_tables_so_that_it_is_started_anew(
    journey: Any, world: Any, at_work: str
) -> None:
    done: list[datetime] = []

    def upgrade(now: datetime) -> bool:
        done.append(now)
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
        return True

    def chore(now: datetime) -> None:
        upgrade(now)
        with store.exclusive("desks"):
            pytest.fail("it went to work")

    with journey.store() as store, world.forum() as forum:
        service = Service(forum, store, journey.settings, journey.playbooks, 60.0)
        if at_work == "a tick":
            service.listen = upgrade
        else:
            service.listen = lambda _: False  # a tick then does nothing
            service.chores = [Chore("desks", 60.0, chore)]
        with pytest.raises(OtherTablesError, match="'9999_later'"):
            service.run()
    assert len(done) == 1

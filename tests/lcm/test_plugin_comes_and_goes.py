"""A plugin that is switched off and on while the worker runs, and what is said of it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync_worker.checks import Finding, Verdict
from sync_worker.config import load_settings
from sync_worker.desk.loop import DeskLoop
from sync_worker.forum import Forum, Patience
from sync_worker.forum.checks import check_setup
from sync_worker.forum.plugin import LOOK_AGAIN_AFTER, PluginFinder
from sync_worker.store.database import Store, open_store

NOW = datetime(2027, 3, 10, 10, tzinfo=UTC)


class Clock:
    """Monotonic seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with_tables = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield with_tables
    with_tables.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def forum(site: Any, clock: Clock) -> Any:
    with Forum.connect(site.forum.settings, site.forum.key, patience=Patience(attempts=1)) as connected:
        connected._plugin = PluginFinder(connected._http, clock)
        yield connected


def switch(site: Any, on: bool) -> None:
    body = {"lcm_enabled": "true" if on else "false"}
    assert site.forum.call("PUT", "/admin/site_settings/lcm_enabled", data=body).status_code == 200


def looks(forum: Forum) -> int:
    return forum.calls.by_operation.get("GET /lcm/status", 0)


def test_a_plugin_that_is_off_at_first_is_found_later_without_a_call_at_each_look(
    site: Any, forum: Forum, clock: Clock
) -> None:
    switch(site, on=False)
    for _ in range(5):
        assert forum.plugin is None
    assert looks(forum) == 1
    switch(site, on=True)
    clock.now += LOOK_AGAIN_AFTER
    assert forum.plugin is not None
    assert forum.plugin is not None
    assert looks(forum) == 2


def test_the_desks_wait_with_one_plain_sentence_while_it_is_off(
    site: Any, forum: Forum, clock: Clock, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sync_worker.desk")
    site.declare()
    (tmp_path / "lcm.yaml").write_text(f"forum: {{url: '{site.forum.url}', api_username: forumadmin}}\n")
    loop = DeskLoop(forum, store, load_settings(tmp_path / "lcm.yaml"), {}, "host:1")
    loop.look(NOW)
    switch(site, on=False)
    for _ in range(3):
        loop.look(NOW)
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(said) == 1
    assert "switched off or removed" in said[0]
    assert "lcm_enabled" in said[0]
    assert "lcm.yaml" not in said[0]
    switch(site, on=True)
    clock.now += LOOK_AGAIN_AFTER
    loop.look(NOW)
    assert caplog.messages[-1] == "the plugin discourse-lcm answers; looking after the desks"


def test_a_cohort_that_the_plugin_does_not_know_is_no_sign_that_it_is_gone(site: Any, forum: Forum) -> None:
    del site
    plugin = forum.plugin
    assert plugin is not None
    with pytest.raises(Exception, match="could not be found"):
        plugin.activity("nobody", None)
    assert forum.plugin is plugin


def test_a_forum_that_is_down_is_said_once_without_a_word_of_desks(
    site: Any, forum: Forum, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sync_worker.desk")
    (tmp_path / "lcm.yaml").write_text(f"forum: {{url: '{site.forum.url}', api_username: forumadmin}}\n")
    loop = DeskLoop(forum, store, load_settings(tmp_path / "lcm.yaml"), {}, "host:1")
    site.forum.server.stop()
    for _ in range(3):
        loop.look(NOW)
    assert len(caplog.messages) == 1
    assert "does not answer: the forum refuses connections." in caplog.text
    assert "status.json" not in caplog.text


def test_a_forum_that_is_down_is_not_said_to_answer_by_what_had_nothing_to_ask_it(
    site: Any, forum: Forum, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "lcm.yaml").write_text(f"forum: {{url: '{site.forum.url}', api_username: forumadmin}}\n")
    loop = DeskLoop(forum, store, load_settings(tmp_path / "lcm.yaml"), {}, "host:1")
    caplog.set_level(logging.INFO, "sync_worker.desk")
    loop.look(NOW)
    caplog.clear()
    site.forum.server.stop()
    for _ in range(3):
        loop.look(NOW)
        assert loop.listen(NOW)
    assert len(caplog.messages) == 1


def findings(site: Any, folder: Path, key: str | None = None) -> dict[str, Finding]:
    file = folder / "lcm.yaml"
    file.write_text(
        f"forum: {{url: '{site.forum.url}', api_username: forumadmin, calls_per_minute: 1000000}}\n"
        f"store: sqlite:///{folder / 'check.db'}\n"
    )
    found = check_setup(file, {"DISCOURSE_API_KEY": key or site.forum.key}, datetime.now(UTC))
    return {finding.area: finding for finding in found}


def test_a_check_tells_off_from_absent(site: Any, tmp_path: Path, make_practice_forum: Any) -> None:
    site.forum.set_clock(None)
    assert "is installed and used" in findings(site, tmp_path)["plugin"].what
    switch(site, on=False)
    off = findings(site, tmp_path)["plugin"]
    assert (off.verdict, "installed but switched off" in off.what) == (Verdict.WARN, True)
    site.forum = make_practice_forum()
    absent = findings(site, tmp_path)["plugin"]
    assert (absent.verdict, "not installed" in absent.what) == (Verdict.OK, True)


def test_a_check_with_a_key_for_the_plugin_alone_says_what_works_and_what_does_not(site: Any, tmp_path: Path) -> None:
    site.forum.set_clock(None)
    scopes = [{"scope_id": "lcm:worker"}]
    body = {"key": {"description": "worker", "username": "forumadmin", "scope_mode": "granular", "scopes": scopes}}
    made = site.forum.call("POST", "/admin/api/keys.json", json=body).json()["key"]["key"]
    found = findings(site, tmp_path, made)
    assert found["key"].verdict is Verdict.WARN
    assert "lcm:worker" in found["key"].what
    assert "syncs of people through the plugin" in found["key"].what
    assert "posts" in found["key"].what
    assert "is installed and used" in found["plugin"].what
    assert Verdict.FAIL not in {finding.verdict for finding in found.values()}

"""An edit of lcm.yaml or of a playbook counts without a restart; a broken one never does."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from sync_worker.cli import main
from sync_worker.cli.run import Following, Work
from sync_worker.config.settings import ForumSettings
from sync_worker.plays import REGISTRY
from sync_worker.store.database import open_store
from sync_worker.worker.in_force import AT_START, OTHER_FORUM, Live, not_followed
from sync_worker.worker.metrics import Standing
from tests.worker.test_service import titles, write_settings

TEMPLATE = "---\ntitle: {title}\n---\nTell us what you work on in your team these days.\n"
PLAYBOOK = """\
playbook: mine
title: {{en: Mine}}
version: 1
steps:
  - {{id: welcome, at: start 09:00, play: topic, with: {{template: welcome}}}}
{more}"""
SECOND = "  - {id: second, at: start 10:00, play: topic, with: {template: second}}\n"


class Place:
    """A folder with lcm.yaml and one playbook of its own, and what a worker follows of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "lcm.yaml"
        self.playbook = folder / "mine" / "playbook.yml"
        self.template = folder / "mine" / "templates" / "welcome.en.md"
        self.template.parent.mkdir(parents=True)
        self.template.write_text(TEMPLATE.format(title="Welcome"), encoding="utf-8")
        self.playbook.write_text(PLAYBOOK.format(more=""), encoding="utf-8")
        self.write()
        (folder / "scratch").mkdir()
        self.live = Live.start(self.file, REGISTRY, folder / "scratch")

    def write(self, name: str = "Spring", url: str = "https://forum.example.org", more: str = "") -> None:
        self.file.write_text(
            f"forum: {{url: '{url}'}}\nplaybooks: [mine]\ncohorts:\n"
            f"  - {{key: spring, name: {name}, start: 2027-03-01, end: 2027-05-28, timezone: UTC, playbook: mine}}\n"
            f"{more}",
            encoding="utf-8",
        )

    def title(self) -> str | None:
        return self.live.playbooks["mine"].texts("en").render("welcome", cohort="Spring").title

    def steps(self) -> list[str]:
        return [step.id for step in self.live.playbooks["mine"].file.steps]

    def name(self) -> str:
        return self.live.settings.cohorts[0].name


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_nothing_is_read_again_while_no_file_changes(place: Place) -> None:
    assert not place.live.look()
    assert place.live.look(again=True)
    assert place.live.problems == ()


def test_an_edit_of_the_settings_is_followed(place: Place) -> None:
    place.write(name="Summer")
    assert place.live.look()
    assert place.name() == "Summer"
    assert not place.live.look()


def test_broken_settings_are_said_and_the_ones_before_are_followed(place: Place) -> None:
    place.write(name="Summer", more="cohort: []\n")
    assert place.live.look()
    (problem,) = place.live.problems
    assert "lcm.yaml" in problem
    assert "the settings before it hold" in problem
    assert place.name() == "Spring"
    assert not place.live.look()  # said once
    place.write(name="Summer")
    assert place.live.look()
    assert (place.name(), place.live.problems) == ("Summer", ())


def test_settings_that_are_gone_for_a_moment_change_nothing(place: Place) -> None:
    place.file.rename(place.folder / "elsewhere")
    assert place.live.look()
    assert place.name() == "Spring"
    (place.folder / "elsewhere").rename(place.file)
    assert place.live.look()
    assert place.live.problems == ()


def test_another_forum_or_store_waits_for_a_restart_with_all_else_of_the_edit(place: Place) -> None:
    place.write(name="Summer", url="https://other.example.org", more="store: sqlite:///other.db\n")
    place.live.look()
    (problem,) = place.live.problems
    assert "forum.url, store changed" in problem
    assert (place.name(), place.live.settings.forum.url) == ("Spring", "https://forum.example.org")


def test_every_setting_of_the_forum_that_waits_for_a_restart_is_said_to_and_is_in_the_guide() -> None:
    assert {*OTHER_FORUM, *AT_START} == ForumSettings.model_fields.keys()
    guide = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    named = guide.partition("**These need a restart**")[2].partition("\n\n")[0]
    assert [name for name in ForumSettings.model_fields if f"`forum.{name}`" not in named] == []
    assert "`service`" in named


def test_people_in_a_call_wait_for_a_restart_and_that_is_said(place: Place) -> None:
    place.write(name="Summer", url="https://forum.example.org', people_a_call: 100, api_username: 'system")
    place.live.look()
    (problem,) = place.live.problems
    assert "forum.people_a_call changed, which counts from the next start on" in problem


def test_the_number_of_calls_waits_for_a_restart_and_all_else_does_not(place: Place) -> None:
    place.write(name="Summer", url="https://forum.example.org', calls_per_minute: 30, api_username: 'system")
    place.live.look()
    (problem,) = place.live.problems
    assert "forum.calls_per_minute changed, which counts from the next start on" in problem
    assert (place.name(), place.live.settings.forum.calls_per_minute) == ("Summer", 55)


def test_a_new_step_is_followed(place: Place) -> None:
    (place.template.parent / "second.en.md").write_text(TEMPLATE.format(title="Second"), encoding="utf-8")
    place.playbook.write_text(PLAYBOOK.format(more=SECOND), encoding="utf-8")
    assert place.live.look()
    assert place.steps() == ["welcome", "second"]


@pytest.mark.parametrize(
    ("file", "broken"),
    [
        ("playbook.yml", PLAYBOOK.format(more="  - {id: second, at: sometimes, play: topic}\n")),
        ("playbook.yml", "playbook: [\n"),
        ("playbook.yml", "\0" * 512),
        ("templates/welcome.en.md", "---\ntitle: Welcome\n---\nHello {{ nobody_knows }}.\n"),
    ],
)
def test_a_broken_playbook_is_said_with_its_place_and_the_one_before_is_followed(
    place: Place, file: str, broken: str
) -> None:
    (place.folder / "mine" / file).write_text(broken, encoding="utf-8")
    assert place.live.look()
    (problem,) = place.live.problems
    assert str(place.folder / "mine" / file) in problem, problem
    assert "the playbook before it is followed" in problem
    assert (place.steps(), place.title()) == (["welcome"], "Welcome")


def test_files_that_a_playbook_includes_are_followed_too(place: Place) -> None:
    steps = place.folder / "mine" / "steps"
    (steps / "deeper").mkdir(parents=True)
    first, second = steps / "first.yml", steps / "deeper" / "second.yml"
    first.write_text("- include: deeper/second.yml\n", encoding="utf-8")
    second.write_text("- {id: second, at: start 10:00, play: topic, with: {template: welcome}}\n", encoding="utf-8")
    place.playbook.write_text(PLAYBOOK.format(more="  - include: steps/first.yml\n"), encoding="utf-8")
    assert place.live.look()
    assert (place.live.problems, place.steps()) == ((), ["welcome", "second"])
    again = Live.start(place.file, REGISTRY, place.folder / "scratch")
    assert (again.problems, list(again.playbooks)) == ((), ["mine"])

    second.write_text(second.read_text("utf-8").replace("second", "third"), encoding="utf-8")
    assert place.live.look()
    assert place.steps() == ["welcome", "third"]
    second.write_text("- {id: third\n", encoding="utf-8")
    assert place.live.look()
    (problem,) = place.live.problems
    assert f"{second}:" in problem
    assert place.steps() == ["welcome", "third"]
    assert not place.live.look()
    second.unlink()
    assert place.live.look()
    (problem,) = place.live.problems
    assert "there is no file 'deeper/second.yml'" in problem


def test_a_template_counts_when_it_was_read_and_checked_not_while_it_is_written(place: Place) -> None:
    place.template.write_text(TEMPLATE.format(title="Good morning"), encoding="utf-8")
    assert place.title() == "Welcome"
    place.live.look()
    assert place.title() == "Good morning"


def test_copies_that_are_not_followed_any_more_are_deleted(place: Place) -> None:
    for number in range(3):
        place.template.write_text(TEMPLATE.format(title=f"Number {number}"), encoding="utf-8")
        assert place.live.look()
    assert len(list((place.folder / "scratch").iterdir())) == 1


def test_texts_that_could_not_be_copied_are_followed_once_there_is_room(place: Place) -> None:
    place.template.write_text(TEMPLATE.format(title="Hello"), encoding="utf-8")
    with patch.object(Path, "write_bytes", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        for _ in range(3):
            place.live.look()
            (problem,) = place.live.problems
            assert problem == (
                f"playbook 'mine': {place.live.scratch}: its texts cannot be copied: No space left on device. "
                "Make room there; it is tried again by itself. "
                "Until this is corrected the playbook before it is followed."
            )
            assert place.title() == "Welcome"
    assert place.live.look()
    assert (place.title(), place.live.problems) == ("Hello", ())
    assert not place.live.look()


def test_copies_that_something_tidied_away_are_made_again(place: Place) -> None:
    for folder in list(place.live.scratch.iterdir()):
        shutil.rmtree(folder)
    assert place.live.look()
    assert (place.title(), place.live.problems) == ("Welcome", ())
    assert not place.live.look()
    next(place.live.scratch.glob("*/mine/templates/*")).unlink()
    assert place.live.look()
    assert place.title() == "Welcome"


def test_an_edit_is_followed_though_the_folder_of_the_copies_is_gone(place: Place) -> None:
    place.write(name="Summer")
    place.file.write_text(place.file.read_text(encoding="utf-8").replace("playbook: mine", "playbook: first-steps"))
    place.live.look()
    shutil.rmtree(place.live.scratch)
    place.write(name="Autumn")
    place.file.write_text(place.file.read_text(encoding="utf-8").replace("playbook: mine", "playbook: first-steps"))
    assert place.live.look()
    assert (place.name(), place.live.problems) == ("Autumn", ())


def test_pages_for_answers_to_mails_are_served_from_the_edit_on_that_puts_their_links_into_mails(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place.write(more=f"service: {{listen: '127.0.0.1:{port}'}}\n")
    live = Live.start(place.file, REGISTRY, place.folder / "scratch")
    with closing(open_store(f"sqlite:///{place.folder / 'lcm.db'}")) as store:
        standing = Standing(store, lambda: (live.settings, live.playbooks, 0), lambda: None, 60.0, datetime.now(UTC))
        with Work(live, Mock(), Mock(store=store), standing, None).serving():
            link = f"http://127.0.0.1:{port}/briefing/lcm-spring.stop.code"
            assert "text/html" not in requests.get(link, timeout=30).headers["Content-Type"]
            mail = "mail: {folder: mails, from: lea@example.org, answers_at: 'https://lcm.example.org'}\n"
            place.write(more=f"service: {{listen: '127.0.0.1:{port}'}}\n{mail}")
            live.look()
            assert live.problems == ()
            assert "text/html" in requests.get(link, timeout=30).headers["Content-Type"]


def test_what_is_not_followed_is_kept_for_status_once_the_store_works_again(place: Place) -> None:
    workspace = Mock(store=Mock(begin=Mock(side_effect=OperationalError("", {}, sqlite3.OperationalError("full")))))
    following = Following(workspace, place.live, Mock(), Mock(), Mock())
    place.playbook.write_text("playbook: [\n", encoding="utf-8")
    with pytest.raises(OperationalError):
        following.reread(False)
    with closing(open_store(f"sqlite:///{place.folder / 'lcm.db'}")) as workspace.store:
        following.reread(False)
        (problem,) = not_followed(workspace.store, place.live.settings.forum.name)
    assert "playbook 'mine'" in problem


def test_a_playbook_that_people_may_edit_is_named_by_its_own_place(place: Place) -> None:
    assert place.live.playbooks["mine"].place == place.playbook


@pytest.mark.slow
def test_a_running_service_follows_edits_and_says_once_what_it_does_not_follow(
    tmp_path: Path, practice_forum: Any
) -> None:
    file = write_settings(tmp_path, practice_forum)
    start = datetime.now(UTC) - timedelta(hours=1)
    service = subprocess.Popen(
        [sys.executable, "-c", "from sync_worker.cli import main; main()", "run", "--every", "1", "--config", file],
        env={**os.environ, "DISCOURSE_API_KEY": practice_forum.key}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert service.stderr is not None
    lines: list[str] = []

    def read_until(words: str) -> None:
        assert service.stderr is not None
        for line in service.stderr:
            lines.append(line)
            if words in line:
                return
        raise AssertionError("".join(lines))

    read_until("topic done")
    playbook = tmp_path / "mine" / "playbook.yml"
    good = playbook.read_text(encoding="utf-8")
    playbook.write_text(good + "  - {id: second, at: sometimes, play: topic}\n", encoding="utf-8")
    read_until("not followed: playbook 'mine'")
    shown = CliRunner().invoke(main, ["status", "--config", str(file)])
    assert "the playbook before it is followed" in shown.output
    (tmp_path / "mine" / "templates" / "second.en.md").write_text(
        TEMPLATE.format(title="The second topic of spring"), encoding="utf-8"
    )
    playbook.write_text(
        good + f"  - {{id: second, at: 'start {start:%H:%M}', play: topic, with: {{template: second}}}}\n",
        encoding="utf-8",
    )
    read_until("spring second: topic done")
    deadline = time.monotonic() + 600
    while "The second topic of spring" not in titles(practice_forum) and time.monotonic() < deadline:
        time.sleep(0.2)
    service.send_signal(signal.SIGHUP)  # nothing changed: it is read again, and the service goes on
    read_until("settings and playbooks were read again")
    service.send_signal(signal.SIGTERM)
    rest = service.communicate(timeout=600)[1]
    assert service.returncode == 0, rest
    assert sum("not followed" in line for line in [*lines, *rest.splitlines()]) == 1, lines
    assert titles(practice_forum).count("The second topic of spring") == 1
    assert "the playbook before it" not in CliRunner().invoke(main, ["status", "--config", str(file)]).output

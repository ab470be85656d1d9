"""A word to the worker and the boxes of the plugin's page: each choice is as it was last said, wherever it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.activity.choices import take_in_choices
from sync_worker.cli import main
from sync_worker.store.tables import ChoiceRow
from tests.lcm.test_desk_loop import START, Worker, story_of_ana
from tests.worker.backup import back_up, put_back

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def worker(cohort: Any, tmp_path: Path) -> Worker:
    return Worker(cohort, tmp_path)


def write(worker: Worker, raw: str) -> None:
    """Let Ana write to the worker's account."""
    forum = worker.site.forum
    account = forum.get("/u/ana.json")["user"]["id"]
    assert forum.call("PUT", f"/admin/users/{account}/trust_level.json", json={"level": 1}).ok
    body = {"title": "A word to you", "raw": raw, "archetype": "private_message", "target_recipients": "forumadmin"}
    assert forum.call("POST", "/posts.json", as_user="ana", json=body).ok


def tick(worker: Worker, minutes: int, **choices: bool) -> None:
    """Let Ana change boxes on the page."""
    worker.site.forum.set_clock(START + timedelta(minutes=minutes))
    worker.site.ask("PUT", "/lcm/preferences.json", choices, as_user="ana")


def held(worker: Worker) -> tuple[bool, bool, bool]:
    """Whether Ana may be nudged, quoted and paired, as the store has it."""
    with worker.store() as store, store.begin() as session:
        row = session.scalars(select(ChoiceRow).where(ChoiceRow.username == "ana")).one()
        return row.nudges, row.quoting, row.pairing


def quotes(worker: Worker) -> bool:
    """Whether anything that the worker wrote repeats Ana's story."""
    found = worker.site.forum.get("/posts.json")["latest_posts"]
    return any("reading the list aloud" in post["raw"] for post in found if post["username"] == "forumadmin")


def test_a_word_by_message_holds_until_the_box_of_the_same_choice_is_changed(worker: Worker) -> None:
    worker.look(START)
    worker.site.forum.set_clock(START + timedelta(minutes=1))
    write(worker, "Don't quote me, please")
    worker.look(START + timedelta(minutes=2))
    assert held(worker) == (True, False, True)
    tick(worker, 3, nudges=False)
    worker.look(START + timedelta(minutes=4))
    assert held(worker) == (False, False, True)
    tick(worker, 5, quoting=False)  # the page did not know
    tick(worker, 6, quoting=True)
    worker.look(START + timedelta(minutes=7))
    assert held(worker) == (False, True, True)


@pytest.mark.parametrize("again", [False, True])
def test_who_wrote_not_to_be_quoted_and_then_changed_another_box_is_in_no_roundup(worker: Worker, again: bool) -> None:
    story_of_ana(worker)
    worker.look(START)
    worker.site.forum.set_clock(START + timedelta(minutes=1))
    write(worker, "Don't quote me, please")
    tick(worker, 3, nudges=False)
    if again:
        tick(worker, 4, quoting=False)
        tick(worker, 5, quoting=True)
    worker.look(START + timedelta(minutes=6))
    worker.run(START + timedelta(days=5, hours=2))
    assert quotes(worker) is again


def test_a_store_that_begins_anew_comes_to_the_same(worker: Worker, tmp_path: Path) -> None:
    write(worker, "Don't quote me, please")
    tick(worker, 3, nudges=False)
    anew = Worker(worker.site, tmp_path / "anew")
    anew.folder.mkdir()
    anew.look(START + timedelta(hours=1))
    assert held(anew) == (False, False, True)


def hear(worker: Worker) -> None:
    """Take in what people chose, as whatever publishes does."""
    with worker.store() as store, worker.forum() as forum:
        assert forum.plugin is not None
        take_in_choices(forum.plugin, store, forum.name)


@pytest.mark.parametrize("desk", [True, False])
def test_a_no_after_a_restore_is_heard_though_its_number_was_read_before(
    worker: Worker, desk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    forum = worker.site.forum
    worker.run(START)
    backup = back_up(forum.server.app)
    tick(worker, 60, nudges=False)
    hear(worker)
    if desk:
        worker.look(START + timedelta(minutes=61))
    assert held(worker) == (False, True, True)
    put_back(forum.server.app, backup)
    tick(worker, 120, quoting=False)
    (worker.folder / "lcm.yaml").write_text(
        f"forum: {{url: '{forum.url}', api_username: forumadmin, calls_per_minute: 1000000}}\n", encoding="utf-8"
    )
    monkeypatch.setenv("DISCOURSE_API_KEY", forum.key)
    done = CliRunner().invoke(main, ["recover", "--apply", "--config", str(worker.folder / "lcm.yaml")])
    assert done.exit_code == 0, done.output
    hear(worker)
    assert held(worker) == (False, False, True)

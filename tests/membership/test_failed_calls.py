"""What a run reports of a line whose call failed: the call's outcome decides, never the status."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from sync_worker.config import ForumSettings
from sync_worker.forum import Forum, Patience
from sync_worker.membership.applying.apply import Applier
from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.membership.state import CategoryState
from sync_worker.model import Change, ChangeKind, Plan
from sync_worker.model.details import CategoryBefore, CategoryChange, GroupSpec, Level, LevelChange
from sync_worker.store.database import Store, open_store
from tests.forum.conftest import ScriptedForum

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
LOG_IN = "<html><title>Log in</title></html>"
GROUP = Change(ChangeKind.CREATE_GROUP, "spring", "spring", "", detail=GroupSpec("Spring"))
UPDATE = Change(
    ChangeKind.UPDATE_CATEGORY,
    "spring",
    "Spring",
    "",
    detail=CategoryChange(5, "spring", {"staff": 1}, (), before=CategoryBefore({}, ())),
)
NEXT = Change(ChangeKind.UPDATE_GROUP, "spring", "there", "", detail=LevelChange(7, 3, Level(2)))
OF_NEXT = "/groups/7.json"


@dataclass
class Run:
    """A run over a forum that answers what a test scripts."""

    scripted: ScriptedForum
    store: Store
    naps: list[float] = field(default_factory=list)

    def apply(self, *changes: Change, url: str = "") -> Any:
        """Make the changes one after another; return the report."""
        plan = Plan(tuple(changes))
        settings = ForumSettings(url=url or self.scripted.url, read_timeout=60)
        journal = Journal(self.store.sessions, "talk").begin("run-1", "sync", plan, NOW)
        memory = MembershipStore(self.store.sessions, "talk")
        parents = {"spring": CategoryState("Spring", "spring", {}, frozenset(), 5)}
        with Forum.connect(settings, "k" * 64, patience=Patience(sleep=self.naps.append)) as forum:
            applier = Applier(forum, memory, journal, "run-1", NOW, {"there": 7}, parents)
            for change in changes:
                applier.make(change)
        return applier.report

    def is_remembered(self, name: str) -> bool:
        """Whether the store says that we may have made the group."""
        return ("group", name) in MembershipStore(self.store.sessions, "talk").read().created

    def journalled(self) -> list[str]:
        """How the lines of the run stand in the journal."""
        return [entry.state for entry in Journal(self.store.sessions, "talk").entries("run-1")]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    scripted, store = ScriptedForum(), open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    scripted.on("PUT", OF_NEXT, scripted.reply({"success": "OK"}))
    scripted.on("GET", "/groups/search.json", scripted.reply([]))
    scripted.on("GET", "/session/current.json", scripted.reply({"current_user": {"id": 1}}))
    yield Run(scripted, store)
    store.close()
    scripted.close()


def test_a_web_page_instead_of_an_answer_leaves_a_change_in_doubt(run: Run) -> None:
    run.scripted.on("PUT", "/categories/5.json", run.scripted.reply(LOG_IN, content_type="text/html"))
    report = run.apply(UPDATE, NEXT)
    assert [failure.doubtful for failure in report.failed] == [True]
    assert report.done == (NEXT,)  # the forum itself answers
    assert run.journalled() == ["intended", "done"]


def test_a_time_out_that_the_server_reports_leaves_a_group_ours(run: Run) -> None:
    run.scripted.on("POST", "/admin/groups.json", run.scripted.reply("", status=408))
    report = run.apply(GROUP, NEXT)
    assert [failure.doubtful for failure in report.failed] == [True]
    assert run.is_remembered("spring")
    assert report.done == (NEXT,)


def test_read_only_mode_is_a_plain_failure(run: Run) -> None:
    closed = {"errors": ["The site is in read only mode."], "error_type": "read_only"}
    run.scripted.on("PUT", "/categories/5.json", run.scripted.reply(closed, 503))
    run.scripted.on("POST", "/admin/groups.json", run.scripted.reply(closed, 503))
    report = run.apply(UPDATE, GROUP, NEXT)
    assert [failure.doubtful for failure in report.failed] == [False, False]
    assert not run.is_remembered("spring")
    assert report.done == (NEXT,)


def test_a_certificate_that_is_not_accepted_is_a_plain_failure_and_ends_the_run(run: Run) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    unknown = ScriptedForum(context, host="localhost")
    try:
        report = run.apply(GROUP, NEXT, url=unknown.url)
    finally:
        unknown.close()
    assert [failure.doubtful for failure in report.failed] == [False, False]
    assert report.failed[1].reason == "not tried: the forum does not answer"
    assert report.unreachable
    assert not run.is_remembered("spring")
    assert run.naps == []


def test_an_answer_of_an_unexpected_shape_leaves_doubt_and_the_rest_is_tried(run: Run) -> None:
    run.scripted.on("POST", "/admin/groups.json", run.scripted.reply({"success": "OK"}))
    report = run.apply(GROUP, NEXT)
    assert [failure.doubtful for failure in report.failed] == [True]
    assert run.is_remembered("spring")
    assert (report.done, report.unreachable) == ((NEXT,), False)


@pytest.mark.parametrize("status", [200, 403, 502, 503])
def test_a_page_in_front_of_the_whole_forum_ends_the_run(run: Run, status: int) -> None:
    page = run.scripted.reply(LOG_IN, status=status, content_type="text/html")
    for method, path in (("PUT", "/categories/5.json"), ("GET", "/session/current.json"), ("PUT", OF_NEXT)):
        run.scripted.on(method, path, page)
    report = run.apply(UPDATE, NEXT)
    assert report.unreachable
    assert not run.scripted.made("PUT", OF_NEXT)


REFUSED = {"errors": ["Name has already been taken"]}
SCRIPTS: list[tuple[str, Callable[[ScriptedForum], Any], bool]] = [
    ("refused", lambda forum: [forum.reply(REFUSED, 422)], False),
    ("lost, then a limit", lambda forum: [forum.reply("", 502), forum.reply({"errors": ["slow"]}, 429)], True),
    ("a limit", lambda forum: [forum.reply({"errors": ["slow"]}, 429)], False),
]


@pytest.mark.parametrize(("name", "script", "doubtful"), SCRIPTS, ids=[name for name, *_ in SCRIPTS])
def test_the_worst_attempt_of_a_call_counts(
    run: Run, name: str, script: Callable[[ScriptedForum], Any], doubtful: bool
) -> None:
    del name
    run.scripted.on("PUT", "/categories/5.json", *script(run.scripted))
    report = run.apply(UPDATE)
    assert [failure.doubtful for failure in report.failed] == [doubtful]

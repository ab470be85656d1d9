"""What membership writes down comes back as it was, from SQLite and from PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.membership.records.ties import State, Tie, TieKey, TieRecord, digest
from sync_worker.model import Change, ChangeKind, Plan
from sync_worker.model.details import Member
from sync_worker.store.database import Store, open_store

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
ADDS = tuple(
    Change(ChangeKind.ADD, "spring", "g", "learner", f"u{n}", n, f"Person {n}", Member(f"mail:u{n}@x.org"))
    for n in (1, 2, 3)
)
KEPT = Change(ChangeKind.KEPT, "spring", "g", "manually", "u9", 9)
PLAN = Plan((*ADDS, KEPT))


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind that is at hand."""
    sqlite = f"sqlite:///{tmp_path / 'lcm.db'}"
    opened = open_store(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield opened
    opened.close()


def test_ties_come_back_with_marks_and_the_newest_state(store: Store) -> None:
    memory = MembershipStore(store.sessions, "forum")
    member, owner = TieKey("g", 1), TieKey("g", 1, Tie.OWNER)
    added = TieRecord(State.ADDED, "u1", "mail:u1@x.org", "spring", "0123 4567")
    marked = TieRecord(State.MARKED, "u1", "mail:u1@x.org", "spring", "0123 4567", NOW, 2)
    memory.write_ties({member: added, owner: added}, "run-1", NOW)
    memory.write_ties({member: marked}, "run-2", NOW)
    memory.write_ties({}, "run-3", NOW)
    assert dict(memory.read().ties.items()) == {member: marked, owner: added}
    assert MembershipStore(store.sessions, "another").read().ties.groups == {}
    memory.end_ownerships("g", [1], NOW)
    found = memory.read().ties.get(owner)
    assert found is not None
    assert found.state is State.REMOVED


def test_a_tie_keeps_the_digests_of_everybody_whose_it_may_be(store: Store) -> None:
    memory, key = MembershipStore(store.sessions, "forum"), TieKey("g", 1)
    record = TieRecord(State.REMOVED, "u1", "", "spring", " ".join(digest(f"u{n}@x.org") for n in range(40)))
    memory.write_ties({key: record}, "run-1", NOW)
    assert memory.read().ties.get(key) == record


def test_a_run_is_written_down_before_it_begins_and_settled_line_by_line(store: Store) -> None:
    journal = Journal(store.sessions, "forum")
    running = journal.begin("run-1", "sync", PLAN, NOW)
    assert [(entry.state, entry.change) for entry in journal.entries("run-1")] == [("intended", each) for each in ADDS]
    running.settle(ADDS[:1], "done", NOW)
    running.settle(ADDS[1:2], "failed", NOW, "no.")
    assert [entry.state for entry in journal.entries("run-1")] == ["done", "failed", "intended"]
    journal.finish("run-1", NOW, "partial", {"done": 1, "failed": 1})
    line = journal.runs(10)[0]
    assert (line.id, line.command, line.outcome, line.counts) == ("run-1", "sync", "partial", {"add": 1})


def test_what_a_killed_run_left_open_is_settled_by_what_the_forum_shows(store: Store) -> None:
    journal = Journal(store.sessions, "forum")
    journal.begin("run-1", "sync", PLAN, NOW)
    shown = {1: True, 2: False, 3: None}
    journal.settle_open(lambda change: shown[change.user_id or 0], NOW)
    assert [entry.state for entry in journal.entries("run-1")] == ["done", "failed", "intended"]
    assert journal.runs()[0].outcome == "killed"


def test_runs_are_told_apart_and_listed_newest_first(store: Store) -> None:
    journal = Journal(store.sessions, "forum")
    assert journal.free_id("sync-1") == "sync-1"
    journal.begin("sync-1", "sync", PLAN, NOW)
    assert journal.free_id("sync-1") == "sync-1-2"
    later = NOW + timedelta(days=1)
    journal.begin("sync-1-2", "sync", PLAN, later)
    assert [line.id for line in journal.runs()] == ["sync-1-2", "sync-1"]
    assert {entry.run for entry in journal.entries(since=later)} == {"sync-1-2"}
    assert Journal(store.sessions, "another").runs() == []


def test_a_run_of_ten_thousand_lines_is_written_and_settled(store: Store) -> None:
    journal = Journal(store.sessions, "forum")
    many = tuple(Change(ChangeKind.ADD, "spring", "g", "learner", f"u{n}", n) for n in range(10_000))
    running = journal.begin("run-1", "sync", Plan(many), NOW)
    running.settle(many, "done", NOW)
    assert journal.runs()[0].counts == {"add": 10_000}
    ties = {TieKey("g", n): TieRecord(State.ADDED, f"u{n}", "") for n in range(10_000)}
    memory = MembershipStore(store.sessions, "forum")
    memory.write_ties(ties, "run-1", NOW)
    assert len(memory.read().ties.to("g").ours) == 10_000

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from sync_worker.model import Approval, Cohort, Draft, DraftKind
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.publish.entries import Place, build_entries
from sync_worker.store.database import Store, open_store
from sync_worker.store.ledger import drafts
from sync_worker.worker.due import plan
from sync_worker.worker.history import CalendarLine, calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NINE = datetime(2026, 9, 7, 9, tzinfo=UTC)
COHORT = Cohort("spring", "Spring", date(2026, 9, 7), date(2026, 10, 7), "UTC", "en", "g", "l", "Spring", "spring")
TOPIC = Draft(DraftKind.TOPIC, "Which decision will you hand over?", "a prompt", title="A decision to hand over")
PLAYBOOK = load_named("first-steps", (), REGISTRY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield opened
    opened.close()


def first_line(store: Store) -> CalendarLine:
    with store.begin() as session:
        return calendar(session, "forum", PLAYBOOK, COHORT, NINE)[0]


def draft(store: Store, *texts: Draft) -> None:
    """Let the first step have these drafts."""
    occurrence = plan("forum", PLAYBOOK.file, COHORT, {})[0].occurrence
    entries = build_entries(Place("forum", 5, "topic"), occurrence, texts, "why", NINE)
    with store.begin() as session:
        session.add_all([entries.over, *entries.ledger, *entries.waiting])


def draft_two_for_approval(store: Store) -> None:
    waiting = replace(TOPIC, approval=Approval.LCM)
    draft(store, waiting, replace(waiting, part="second"))


def decide(store: Store, *states: str) -> None:
    with store.begin() as session:
        for row, state in zip(drafts(session, "forum", "spring"), states, strict=True):
            row.state, row.decided_by, row.decision_reason = state, "lea", "not this week"


def test_a_step_waits_as_long_as_one_of_its_drafts_does(store: Store) -> None:
    draft_two_for_approval(store)
    assert first_line(store).state == "waiting"
    decide(store, "sent", "pending")
    assert first_line(store).state == "waiting"


@pytest.mark.parametrize(
    ("states", "line"),
    [
        (("sent", "rejected"), ("done", "why")),
        (("sent", "withdrawn"), ("done", "why")),
        (("rejected", "withdrawn"), ("skipped", "not this week")),
        (("rejected", "rejected"), ("skipped", "rejected by lea: not this week")),
    ],
)
def test_once_all_is_decided_a_step_is_what_came_of_its_drafts(
    store: Store, states: tuple[str, str], line: tuple[str, str]
) -> None:
    draft_two_for_approval(store)
    decide(store, *states)
    found = first_line(store)
    assert (found.state, found.reason) == line


def test_a_step_that_sent_something_and_has_drafts_left_waits_as_well(store: Store) -> None:
    draft(store, TOPIC, replace(TOPIC, part="second", approval=Approval.LCM))
    assert first_line(store).state == "waiting"
    decide(store, "rejected")
    assert first_line(store).state == "done"

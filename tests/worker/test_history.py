from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.model import Approval, Cohort, Draft, DraftKind, Occurrence
from sync_worker.publish.entries import Place, build_entries
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import DraftRow, LedgerRow
from sync_worker.worker.history import LedgerHistory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NINE = datetime(2026, 9, 7, 9, tzinfo=UTC)
COHORT = Cohort("spring", "Spring", date(2026, 9, 7), date(2026, 10, 7), "UTC", "en", "g", "l", "Spring", "spring")
FIRST = Occurrence(COHORT, "first-steps", "prompt", NINE)
SECOND = replace(FIRST, slot=NINE + timedelta(days=7))
TOPIC = Draft(
    DraftKind.TOPIC, "Which decision will you hand over?", "a prompt", title="A decision to hand over",
    refs=("prompt:apply-it/decision",), pin_days=7,
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield opened
    opened.close()


def intend(store: Store, occurrence: Occurrence, *drafts: Draft, forum: str = "forum") -> None:
    entries = build_entries(Place(forum, 5, "prompt"), occurrence, drafts, "why", NINE)
    with store.begin() as session:
        session.add_all([entries.over, *entries.ledger, *entries.waiting])


def past(store: Store, occurrence: Occurrence | None = None) -> list[str]:
    present = occurrence or replace(FIRST, slot=NINE + timedelta(days=14))
    with store.begin() as session:
        return [f"{one.slot:%d %b} {one.draft.title}" for one in LedgerHistory(session, "forum", present).drafts()]


def test_a_cohort_remembers_what_it_got_and_what_is_on_its_way_in_order(store: Store) -> None:
    intend(store, SECOND, replace(TOPIC, title="The second one of them"))
    intend(store, FIRST, TOPIC)
    assert past(store) == ["07 Sep A decision to hand over", "14 Sep The second one of them"]


def test_every_field_of_a_draft_comes_back_and_pins_are_no_drafts(store: Store) -> None:
    intend(store, FIRST, TOPIC)
    with store.begin() as session:
        for row in session.query(LedgerRow):
            row.state, row.result = "done", {"topic_id": 7}
        only = LedgerHistory(session, "forum", SECOND).drafts()
    assert [(one.draft, one.topic_id, one.step) for one in only] == [(TOPIC, 7, "prompt")]


def test_drafts_that_wait_count_and_rejected_ones_do_not(store: Store) -> None:
    intend(store, FIRST, replace(TOPIC, approval=Approval.LCM))
    assert past(store) == ["07 Sep A decision to hand over"]
    with store.begin() as session:
        for row in session.query(DraftRow):
            row.state = "rejected"
    assert past(store) == []


def test_what_failed_another_forum_and_the_occurrence_itself_are_left_out(store: Store) -> None:
    intend(store, FIRST, replace(TOPIC, raw="@all look"))
    intend(store, SECOND, TOPIC, forum="another")
    assert past(store) == []
    third = replace(FIRST, slot=NINE + timedelta(days=14))
    intend(store, third, TOPIC)
    assert past(store, third) == []


def test_two_drafts_of_one_occurrence_need_parts_of_their_own() -> None:
    with pytest.raises(ValueError, match="the same part"):
        build_entries(Place("forum", 5, "prompt"), FIRST, (TOPIC, TOPIC), "why", NINE)

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from sync_worker.model import Cohort
from sync_worker.playbook.format import PlaybookFile
from sync_worker.publish.entries import InTime, close_occurrence
from sync_worker.publish.gate import send_by
from sync_worker.store.tables import LedgerRow, OccurrenceRow
from sync_worker.timeline import FollowUp, StepChange
from sync_worker.worker.due import Late, Planned, overtaken, plan, try_again

COHORT = Cohort("spring", "Spring", date(2026, 9, 7), date(2026, 9, 25), "Europe/Lisbon", "en", "g", "l", "S", "s")
MONDAY = datetime(2026, 9, 7, 8, tzinfo=UTC)
PLAYBOOK = PlaybookFile.model_validate({
    "playbook": "test-one", "title": {"en": "Test"}, "version": 1,
    "steps": [
        {"id": "welcome", "at": "start 09:00", "play": "topic"},
        {"id": "prompt", "every": "monday 09:00", "play": "prompt"},
    ],
})  # fmt: skip


def planned(cohort: Cohort = COHORT, over: dict[str, OccurrenceRow] | None = None) -> list[Planned]:
    return plan("forum", PLAYBOOK, cohort, over or {})


def due(now: datetime, **more: object) -> list[str]:
    return [f"{p.step.id} {p.occurrence.local.date()}" for p in planned(**more) if p.is_due(now)]  # type: ignore[arg-type]


def closed(one: Planned, outcome: str = "done") -> dict[str, OccurrenceRow]:
    return {one.key: close_occurrence("forum", one.occurrence, outcome, "", MONDAY)}


def test_nothing_is_due_before_its_time() -> None:
    assert due(MONDAY - timedelta(seconds=1)) == []


def test_what_has_come_is_due_in_the_order_of_the_playbook() -> None:
    assert due(MONDAY) == ["welcome 2026-09-07", "prompt 2026-09-07"]


def test_a_weekly_step_is_due_over_a_weekend_and_a_single_one_for_a_week() -> None:
    assert due(MONDAY + timedelta(days=3)) == ["welcome 2026-09-07", "prompt 2026-09-07"]
    later = MONDAY + timedelta(days=3, hours=1)
    assert due(later) == ["welcome 2026-09-07"]
    assert [p.step.id for p in planned() if p.is_missed(later)] == ["prompt"]
    assert [p.step.id for p in planned() if p.is_missed(MONDAY + timedelta(days=7, seconds=1))] == ["welcome", "prompt"]


def test_a_step_that_the_cohort_switches_off_is_never_due_and_stops_no_other() -> None:
    without = replace(COHORT, step_changes=(StepChange("welcome", off=True),))
    assert due(MONDAY, cohort=without) == ["prompt 2026-09-07"]


def test_what_is_over_is_not_due_again() -> None:
    assert due(MONDAY, over=closed(planned()[0])) == ["prompt 2026-09-07"]


def test_a_single_step_that_happened_stays_over_when_the_dates_are_moved() -> None:
    moved = replace(COHORT, start=COHORT.start + timedelta(days=1))
    tuesday = MONDAY + timedelta(days=1)
    assert due(tuesday, cohort=moved, over=closed(planned()[0])) == []
    assert due(tuesday, cohort=moved, over=closed(planned()[0], "skipped")) == ["welcome 2026-09-08"]


def late(now: datetime, **more: object) -> list[str]:
    key = planned()[1].key
    found = plan("forum", PLAYBOOK, COHORT, {}, Late(**{name: of(key) for name, of in more.items()}))  # type: ignore[operator]
    return [f"{p.step.id} {p.occurrence.local.date()}" for p in found if p.is_due(now)]


def test_an_outage_does_not_use_up_the_time_to_catch_up_but_the_next_date_ends_it() -> None:
    last_try = MONDAY + timedelta(days=5)
    assert late(MONDAY + timedelta(days=6), tried=lambda key: {key: last_try}) == [
        "welcome 2026-09-07",
        "prompt 2026-09-07",
    ]
    after_the_next = MONDAY + timedelta(days=7, hours=2)
    assert late(after_the_next, tried=lambda key: {key: last_try}) == ["prompt 2026-09-14"]


def test_what_a_person_asked_for_is_due_however_late() -> None:
    a_month_later = MONDAY + timedelta(days=30)
    assert late(a_month_later, wanted=lambda key: frozenset({key})) == ["prompt 2026-09-07"]


def daily(catch_up: str | None) -> PlaybookFile:
    step = {"id": "tip", "every": {"rule": "FREQ=DAILY", "at": "09:00"}, "play": "prompt"}
    return PlaybookFile.model_validate({
        "playbook": "test-one", "title": {"en": "Test"}, "version": 1,
        "steps": [
            step | ({"catch_up": catch_up} if catch_up else {}),
            {"id": "first", "at": "start 09:00", "play": "topic"},
        ],
    })  # fmt: skip


def after_an_absence(catch_up: str | None, late: Late | None = None) -> list[str]:
    """Return what is done after the worker was off from Monday to Thursday noon."""
    now = MONDAY + timedelta(days=3, hours=3)
    found = plan("forum", daily(catch_up), COHORT, {}, late)
    left_out = overtaken(found, now)
    return [f"{p.step.id} {p.occurrence.local:%a}" for p in found if p.is_due(now) and p not in left_out]


def test_a_message_that_a_person_wants_tried_again_is_of_use_from_then_on() -> None:
    body = InTime(MONDAY, timedelta(days=3)).in_body(MONDAY)
    row = LedgerRow(forum="forum", cohort="spring", action="message", state="failed", payload=body)
    weeks_later = MONDAY + timedelta(days=20)
    try_again(cast("Any", None), [row], weeks_later)
    assert send_by(row) == weeks_later + timedelta(days=3)


def test_after_an_absence_only_the_latest_date_of_a_step_is_done() -> None:
    assert after_an_absence(None) == ["first Mon", "tip Thu"]
    assert after_an_absence("latest 2w") == ["first Mon", "tip Thu"]


def test_a_step_can_ask_for_every_missed_date_or_for_none() -> None:
    assert after_an_absence("all 2w") == ["tip Mon", "first Mon", "tip Tue", "tip Wed", "tip Thu"]
    assert after_an_absence("all 2d") == ["first Mon", "tip Wed", "tip Thu"]
    assert after_an_absence("skip") == ["first Mon"]


def test_a_date_that_a_person_asked_for_is_done_whatever_came_later() -> None:
    tuesday = next(one for one in plan("forum", daily(None), COHORT, {}) if f"{one.occurrence.local:%a}" == "Tue")
    assert after_an_absence(None, Late(wanted=frozenset({tuesday.key}))) == ["first Mon", "tip Tue", "tip Thu"]


FOLLOWED = PLAYBOOK.model_copy(
    update={
        "steps": tuple(step.with_follow_ups((FollowUp("hint", 1), FollowUp("outcome", 2))) for step in PLAYBOOK.steps)
    }
)


def follow_ups(now: datetime, over: dict[str, OccurrenceRow]) -> list[str]:
    found = plan("forum", FOLLOWED, COHORT, over)
    late = {one.key for one in overtaken(found, now)}
    return [f"{p.occurrence.label} {p.occurrence.local.date()}" for p in found if p.is_due(now) and p.key not in late]


def test_after_an_outage_only_the_last_of_a_steps_follow_ups_is_done_and_the_step_itself() -> None:
    assert follow_ups(MONDAY + timedelta(days=2), {}) == [
        "welcome 2026-09-07",
        "prompt 2026-09-07",
        "welcome/outcome 2026-09-09",
        "prompt/outcome 2026-09-09",
    ]


def test_a_follow_up_of_one_date_is_not_left_out_for_another_one_of_the_next_date() -> None:
    steps = (PLAYBOOK.steps[1].with_follow_ups((FollowUp("announce", -6), FollowUp("missed", 1))),)
    found = plan("forum", PLAYBOOK.model_copy(update={"steps": steps}), COHORT, {})
    tuesday = MONDAY + timedelta(days=8)
    left_out = overtaken(found, tuesday)
    assert [
        f"{p.occurrence.label} {p.occurrence.own_day}" for p in found if p.is_due(tuesday) and p not in left_out
    ] == ["prompt 2026-09-14", "prompt/missed 2026-09-14", "prompt/announce 2026-09-21"]


def test_a_follow_up_of_a_step_that_happens_once_stays_over_when_the_dates_are_moved() -> None:
    moved = replace(COHORT, start=COHORT.start + timedelta(days=1))
    over: dict[str, OccurrenceRow] = {}
    for one in plan("forum", FOLLOWED, COHORT, {}):
        if one.occurrence.label in ("welcome", "welcome/hint"):
            over |= closed(one)
    found = plan("forum", FOLLOWED, moved, over)
    once = {one.occurrence.label: one.over is not None for one in found if one.step.at}
    assert once == {"welcome": True, "welcome/hint": True, "welcome/outcome": False}

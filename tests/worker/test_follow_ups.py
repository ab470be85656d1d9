"""Follow-ups of a step: each exactly once, whatever happens to the worker, and on time like the step itself."""

from __future__ import annotations

import random
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.config.load import complete_cohort
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted, Play, PlayContext
from sync_worker.store.pauses import read_clock
from sync_worker.timeline import FollowUp
from sync_worker.worker.due import Journey as Dates
from sync_worker.worker.history import CalendarLine, calendar
from tests.worker.conftest import Journey, NoOptions, World, deadly_lives

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.model import Cohort

BOOK = """\
playbook: followed
title: {en: A goal and what came of it}
version: 1
steps:
  - {id: goal, at: start 09:00, play: goal, catch_up: 2d}
"""
TOPIC, LATER = 1, 3  # days after the step


def goal(context: PlayContext) -> Drafted:
    """Ask for a goal; a day later write into the topic, two days after that write a message."""
    name = context.occurrence.cohort.name
    if context.follow_up == "hint":
        asked = next(past for past in context.history.drafts() if not past.follow_up)
        hint = Draft(DraftKind.REPLY, "Name a day for it as well.", "a hint", topic_id=asked.topic_id)
        return Drafted((hint,), "a hint")
    if context.follow_up == "outcome":
        message = Draft(
            DraftKind.MESSAGE, f"What came of it in {name}?", "it is time", title=f"{name}, later", recipients=("ines",)
        )
        return Drafted((message,), "it is time")
    topic = Draft(DraftKind.TOPIC, "What will you do this week?", "it starts", title=f"A goal of your own in {name}")
    return Drafted((topic,), "it starts")


PLAYS = {
    "goal": Play("goal", NoOptions, goal, follow_ups=lambda _: (FollowUp("hint", TOPIC), FollowUp("outcome", LATER)))
}
WHOLE = [
    ("regular", "A goal of your own in NAME", ["What will you do this week?", "Name a day for it as well."]),
    ("private_message", "NAME, later", ["What came of it in NAME?"]),
]


@pytest.fixture(scope="module")
def new_journey(world: World) -> Callable[..., Journey]:
    world.write_playbook("followed", BOOK)
    return lambda store=None: world.add_cohort(store, "followed", PLAYS)


@pytest.fixture
def followed(new_journey: Callable[..., Journey]) -> Journey:
    return new_journey()


def seen(journey: Journey) -> list[tuple[str, str, list[str]]]:
    return [(kind, title, [raw for _, raw in posts]) for kind, title, _, posts in journey.seen_on_forum()]


def live(journey: Journey, at: Callable[[float], datetime], reapers: list[Any]) -> list[tuple[str, str, list[str]]]:
    """Look after a cohort on the three days, starting anew after each death."""
    for day, reaper in zip((0, TOPIC, LATER), reapers, strict=True):
        reaper.to_the_end(journey.run, at(24 * day + 9), plays=PLAYS)
    return seen(journey)


def lines(journey: Journey, now: datetime) -> list[CalendarLine]:
    with journey.store() as store, store.begin() as session:
        book = journey.playbooks["followed"]
        return calendar(session, journey.settings.forum.name, book, cohort(journey), now)


def cohort(journey: Journey) -> Cohort:
    with journey.store() as store, store.begin() as session:
        return read_clock(session, journey.settings.forum.name, journey.key).shifted(
            complete_cohort(journey.settings.cohorts[0])
        )


def test_a_death_at_any_moment_leaves_each_follow_up_there_once(
    new_journey: Callable[..., Journey], at: Any, reaper: Any
) -> None:
    counting = [reaper() for _ in range(3)]
    assert live(new_journey(), at, counting) == WHOLE
    assert max(one.count for one in counting) > 15
    assert all(len(one.changes) > 2 for one in counting)
    different = [
        [one.moments for one in dying] for dying in deadly_lives(counting) if live(new_journey(), at, dying) != WHOLE
    ]
    assert different == []


def test_many_deaths_change_nothing_with_a_store_on_postgresql(
    new_journey: Callable[..., Journey], at: Any, reaper: Any, postgres_url: str
) -> None:
    chance = random.Random(3)
    reapers = [reaper(*chance.sample(range(1, 40), 8)) for _ in range(3)]
    assert live(new_journey(postgres_url), at, reapers) == WHOLE


def test_two_workers_at_once_send_a_follow_up_once(followed: Journey, at: Any) -> None:
    followed.run(at(9), plays=PLAYS)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            followed.run(at(24 * LATER + 9), plays=PLAYS)
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    assert failures == []
    assert [title for _, title, _ in seen(followed)] == [title for _, title, _ in WHOLE]


def test_after_an_outage_over_both_only_the_last_follow_up_is_done(followed: Journey, at: Any) -> None:
    followed.run(at(9), plays=PLAYS)
    followed.run(at(24 * LATER + 9), plays=PLAYS)
    assert [len(posts) for _, _, posts in seen(followed)] == [1, 1]
    assert [line.state for line in lines(followed, at(24 * LATER + 10))] == ["done", "skipped", "done"]


def test_what_came_too_late_is_skipped_and_due_again_where_the_clock_had_run_ahead(followed: Journey, at: Any) -> None:
    followed.run(at(9), plays=PLAYS)
    followed.run(at(24 * 20), plays=PLAYS)
    assert [line.state for line in lines(followed, at(24 * 20))] == ["done", "skipped", "skipped"]
    followed.run(at(24 * LATER + 9), plays=PLAYS)
    assert [title for _, title, _ in seen(followed)] == [title for _, title, _ in WHOLE]


def test_a_store_that_was_lost_sends_no_follow_up_again(followed: Journey, at: Any) -> None:
    for hour in (9, 24 * TOPIC + 9, 24 * LATER + 9):
        followed.run(at(hour), plays=PLAYS)
    before = seen(followed)
    followed.lose_store()
    followed.run(at(24 * LATER + 10), plays=PLAYS)
    assert [title for _, title, _ in seen(followed)] == [title for _, title, _ in before]


def test_the_calendar_a_preview_and_a_shift_know_the_follow_ups(followed: Journey, at: Any) -> None:
    now = at(9)
    followed.run(now, plays=PLAYS)
    assert [(line.label, line.when, line.state) for line in lines(followed, now)] == [
        ("goal", "2026-09-07T09:00+00:00", "done"),
        ("goal/hint", "2026-09-08T09:00+00:00", "to come"),
        ("goal/outcome", "2026-09-10T09:00+00:00", "to come"),
    ]
    book = followed.playbooks["followed"]
    with followed.store() as store, store.begin() as session:
        dates = Dates(session, followed.settings.forum.name, book, cohort(followed), now)
        shifted = [(one.step, one.after) for one in dates.shifted(7)]
        paused = [(one.step, one.note) for one in dates.paused(at(24 * 20))]
    assert shifted == [("goal/hint", at(24 * 8 + 9)), ("goal/outcome", at(24 * 10 + 9))]
    assert paused == [("goal/hint", "it will be too late for it"), ("goal/outcome", "it will be too late for it")]


def test_a_step_wanted_early_brings_no_follow_up_early(followed: Journey, at: Any) -> None:
    followed.run(at(9), plays=PLAYS)
    followed.run(at(10), plays=PLAYS, step="goal", early=True)
    assert [title for _, title, _ in seen(followed)] == ["A goal of your own in NAME"]

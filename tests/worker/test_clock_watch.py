"""A clock that was set is noticed: nothing is posted early, nothing is written off, and the log says so."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import select

from sync_worker.store.tables import OccurrenceRow
from sync_worker.worker.service import Chore, ClockGuard, Job, Service, keep_doing
from sync_worker.worker.start import ClockWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 9, 7, 8, 50, tzinfo=UTC)


@dataclass
class Machine:
    """A machine whose clock can be set, and a forum whose clock is right."""

    true: datetime = NOW
    error: timedelta = timedelta(0)
    asked: int = 0
    began: datetime = field(default=NOW)
    forum_is_dated: bool = True

    def wall(self) -> datetime:
        return self.true + self.error

    def steady(self) -> float:
        return (self.true - self.began).total_seconds()

    def pass_time(self, **more: float) -> None:
        self.true += timedelta(**more)


class Instead:
    """An object that answers as another one, but for the attributes given."""

    def __init__(self, real: Any, **attributes: Any) -> None:
        self._real = real
        self.__dict__.update(attributes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def with_clock(forum: Any, machine: Machine) -> Any:
    """Return the forum of the test, but for its clock."""

    def server_time() -> datetime | None:
        machine.asked += 1
        return machine.true if machine.forum_is_dated else None

    return Instead(forum, itself=Instead(forum.itself, server_time=server_time))


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def service(journey: Any, world: Any, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The service for one cohort on that machine."""
    monkeypatch.setattr("sync_worker.worker.run.REGISTRY", journey.plays)
    with journey.store() as store, world.forum() as forum:
        yield Service(
            with_clock(forum, machine),
            store,
            journey.settings,
            journey.playbooks,
            wall=machine.wall,
            steady=machine.steady,
        )


def start(machine: Machine, forum: Any, store: Any) -> ClockWatch:
    """A worker's watch at its start."""
    return ClockWatch(store, with_clock(forum, machine), machine.wall, machine.steady)


def outcomes(journey: Any) -> dict[str, str]:
    with journey.store() as store, store.begin() as session:
        return {row.step: row.outcome for row in session.scalars(select(OccurrenceRow))}


def tick(service: Service, machine: Machine, minutes: float = 1) -> None:
    machine.pass_time(minutes=minutes)
    service.tick()


def test_a_clock_a_year_ahead_for_one_tick_writes_nothing_off(
    service: Service, machine: Machine, journey: Any, caplog: pytest.LogCaptureFixture
) -> None:
    tick(service, machine)
    machine.error = timedelta(days=365)
    tick(service, machine)
    assert "is ahead of the forum's" in caplog.text
    assert outcomes(journey) == {}
    machine.error = timedelta(0)
    for _ in range(10):
        tick(service, machine, 2)
    assert outcomes(journey)["welcome"] == "done"
    assert "Welcome to you all in NAME" in str(journey.seen_on_forum())


def test_a_clock_set_back_is_said_once_and_the_work_goes_on_when_it_is_right(
    service: Service, machine: Machine, journey: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    tick(service, machine, 5)
    machine.error = -timedelta(hours=1)
    for _ in range(5):
        tick(service, machine, 2)
    assert caplog.text.count("is behind the forum's") == 1
    assert journey.seen_on_forum() == []
    machine.error = timedelta(0)
    tick(service, machine)
    assert "agrees with the forum's again" in caplog.text
    assert "Welcome to you all in NAME" in str(journey.seen_on_forum())


def test_chores_are_held_as_well_while_the_clock_is_in_doubt(service: Service, machine: Machine) -> None:
    done: list[datetime] = []
    chore = Chore("roster", 60, done.append)
    service.do(chore)
    machine.error = timedelta(days=2)
    machine.pass_time(minutes=1)
    service.do(chore)
    assert done == [NOW]


def test_a_jump_while_the_worker_was_off_is_noticed_by_the_next_one(journey: Any, world: Any, machine: Machine) -> None:
    with journey.store() as store, world.forum() as real:
        forum: Any = with_clock(real, machine)
        assert ClockWatch(store, forum, machine.wall, machine.steady).look() == ""
        machine.error = timedelta(days=400)
        machine.pass_time(minutes=3)
        assert "ahead of" in ClockWatch(store, forum, machine.wall, machine.steady).look()
        assert "ahead of" in ClockWatch(store, forum, machine.wall, machine.steady).look()  # and by the one after that
        machine.error = timedelta(0)
        assert ClockWatch(store, forum, machine.wall, machine.steady).look() == ""


def test_a_short_restart_and_a_quiet_hour_ask_nobody(journey: Any, world: Any, machine: Machine) -> None:
    with journey.store() as store, world.forum() as real:
        forum: Any = with_clock(real, machine)
        watch = ClockWatch(store, forum, machine.wall, machine.steady)
        for _ in range(60):
            assert watch.look() == ""
            machine.pass_time(minutes=1)
        assert ClockWatch(store, forum, machine.wall, machine.steady).look() == ""
        assert machine.asked == 1  # the very first look


def test_a_long_stop_is_no_jump(journey: Any, world: Any, machine: Machine) -> None:
    with journey.store() as store, world.forum() as real:
        forum: Any = with_clock(real, machine)
        ClockWatch(store, forum, machine.wall, machine.steady).look()
        machine.pass_time(days=30)
        assert ClockWatch(store, forum, machine.wall, machine.steady).look() == ""


def test_a_clock_in_doubt_asks_the_forum_once_a_minute_at_most(journey: Any, world: Any, machine: Machine) -> None:
    machine.error = timedelta(hours=3)
    with journey.store() as store, world.forum() as real:
        watch = ClockWatch(store, with_clock(real, machine), machine.wall, machine.steady)
        for _ in range(12):
            assert watch.look()
            machine.pass_time(seconds=10)
        assert machine.asked == 2


def test_a_forum_whose_answers_carry_no_time_is_worked_with_from_the_first_start_and_after_a_long_stop(
    journey: Any, world: Any, machine: Machine
) -> None:
    machine.forum_is_dated = False
    with journey.store() as store, world.forum() as forum:
        assert start(machine, forum, store).look() == ""
        machine.pass_time(days=3)
        assert start(machine, forum, store).look() == ""


def test_a_clock_that_was_set_is_in_doubt_until_a_new_start_where_the_forum_carries_no_time(
    journey: Any, world: Any, machine: Machine
) -> None:
    machine.forum_is_dated = False
    with journey.store() as store, world.forum() as forum:
        running = start(machine, forum, store)
        assert running.look() == ""
        machine.error = timedelta(days=2)
        assert "start the worker again" in running.look()
        machine.error = timedelta(days=-2)
        assert "start the worker again" in start(machine, forum, store).look()
        machine.error = timedelta(0)
        machine.pass_time(minutes=3)
        assert start(machine, forum, store).look() == ""


def test_what_a_clock_ahead_had_skipped_is_due_again(journey: Any, at: Any) -> None:
    journey.run(at(24 * 365))
    assert set(outcomes(journey).values()) == {"skipped"}
    report = journey.run(at(9))
    assert [happening.outcome for happening in report.happenings] == ["done"]
    assert "Welcome to you all in NAME" in str(journey.seen_on_forum())


@pytest.mark.parametrize(("error", "was_set"), [(-3600, True), (86_400 * 365, True), (1, False), (0, False)])
def test_a_clock_that_is_set_lets_every_job_begin_anew_instead_of_waiting_for_it(error: int, was_set: bool) -> None:
    machine = Machine(true=datetime.now(UTC), began=datetime.now(UTC))
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start(paused=True)
    try:
        guard = ClockGuard(scheduler, machine.wall, machine.steady)
        later = machine.wall() + timedelta(hours=1)
        job = scheduler.add_job(print, IntervalTrigger(hours=1, timezone=UTC), next_run_time=later)
        machine.pass_time(seconds=1)
        machine.error = timedelta(seconds=error)
        assert guard.look() is was_set
        assert job.next_run_time == (machine.wall() if was_set else later)
        assert not guard.look()
    finally:
        scheduler.shutdown(wait=False)


def test_a_machine_that_slept_is_no_clock_that_was_set() -> None:
    machine = Machine()
    guard = ClockGuard(BackgroundScheduler(timezone=UTC), machine.wall, machine.steady)
    machine.pass_time(hours=9)
    assert not guard.look()


def test_jobs_are_done_at_once_again_and_again_and_never_at_the_same_time() -> None:
    stop, done, busy = threading.Event(), [], threading.Lock()

    def do(name: str) -> None:
        assert busy.acquire(blocking=False), "two jobs at the same time"
        done.append(name)
        busy.release()
        if done.count("tick") >= 3 and done.count("desk") >= 3:
            stop.set()

    keep_doing([Job(partial(do, "tick"), 0.05), Job(partial(do, "desk"), 0.05)], stop)
    assert done[:2] == ["tick", "desk"]
    assert min(done.count("tick"), done.count("desk")) >= 3


def test_a_job_that_has_begun_is_finished_and_no_other_begins_when_it_is_time_to_stop() -> None:
    stop, done = threading.Event(), []

    def first() -> None:
        stop.set()
        done.append("first")

    keep_doing([Job(first, 60), Job(lambda: done.append("second"), 60)], stop)
    assert done == ["first"]

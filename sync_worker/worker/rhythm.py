"""Jobs that come again and again. APScheduler starts them; a clock that is set neither stops nor hurries them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from sync_worker.worker.clock_watch import present, steady

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from apscheduler.schedulers.base import BaseScheduler

LOOK_SECONDS = 1.0
SET_BY = 2.0  # seconds; a clock that is only corrected drifts by less between two looks


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, and how many seconds from one start to the next."""

    do: Callable[[], None]
    seconds: float


def keep_doing(jobs: Sequence[Job], stop: threading.Event, wake: threading.Event | None = None) -> None:
    """Do each job at once and then again and again, one after the other, until `stop` is set.

    When `wake` is set, each job is done as soon as the one under way is over, at most once a second.

    A job that took longer than its time, or a machine that slept, makes it come late, never twice in a row. A job that
    has begun is finished before this returns.
    """
    busy = threading.Lock()
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    for job in jobs:
        scheduler.add_job(
            partial(_do_unless, stop, busy, job),
            IntervalTrigger(seconds=job.seconds, timezone=UTC),
            next_run_time=present(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        guard = ClockGuard(scheduler)
        while not stop.wait(LOOK_SECONDS):
            guard.look()
            if wake is not None and wake.is_set() and not busy.locked():
                wake.clear()
                guard.all_now()
    finally:
        scheduler.shutdown(wait=True)


def _do_unless(stop: threading.Event, busy: threading.Lock, job: Job) -> None:
    if not stop.is_set():
        with busy:
            job.do()


@dataclass(slots=True)
class ClockGuard:
    """Lets all jobs begin anew when the machine's clock was set, for APScheduler counts intervals by that clock.

    Set back by an hour, it would wait for an hour.
    """

    scheduler: BaseScheduler
    wall: Callable[[], datetime] = present
    steady: Callable[[], float] = steady
    _apart: float = field(init=False)

    def __post_init__(self) -> None:
        """Remember how far the two clocks are apart now."""
        self._apart = self._difference()

    def look(self) -> bool:
        """Return whether the clock was set since the last look; every job is due then."""
        apart = self._difference()
        was_set = abs(apart - self._apart) > SET_BY
        if was_set:
            self.all_now()
        self._apart = apart
        return was_set

    def all_now(self) -> None:
        """Let all jobs be due."""
        for job in self.scheduler.get_jobs():
            job.modify(next_run_time=self.wall())

    def _difference(self) -> float:
        return self.wall().timestamp() - self.steady()

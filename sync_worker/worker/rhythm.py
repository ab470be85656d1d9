"""Jobs that come again and again, by a clock that nobody sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.worker.clock_watch import steady

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, and how many seconds from one start to the next."""

    do: Callable[[], None]
    seconds: float


def keep_doing(jobs: Sequence[Job], stop: threading.Event, clock: Callable[[], float] = steady) -> None:
    """Do each job at once and then again and again, one after the other, until `stop` is set.

    A job that took longer than its time, or a machine that slept, makes it come late, never twice in a row.
    """
    following = [clock()] * len(jobs)
    while not stop.is_set():
        for position, job in enumerate(jobs):
            if clock() >= following[position] and not stop.is_set():
                job.do()
                on_time = following[position] + job.seconds
                following[position] = on_time if on_time > clock() else clock() + job.seconds
        stop.wait(max(0.0, min(following) - clock()))

"""The time of the demo's worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class WorkerClock:
    """The worker's virtual time: waiting moves it on and takes none, and the forum's does not move until the next tick.

    Args:
        now: aware.
        waited: seconds waited in all.

    """

    now: datetime
    waited: float = 0.0

    def wait(self, seconds: float) -> None:
        """Let the seconds pass."""
        self.now += timedelta(seconds=seconds)
        self.waited += seconds

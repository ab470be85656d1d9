"""A clock that several processes share: it moves on when all of them sleep, to the moment at which the first wakes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import SpawnContext

# A process that ends without `leave` must fail its test instead of hanging it; no result depends on this number.
STUCK_AFTER = 300.0


class SharedClock:
    """Simulated seconds for a fixed number of processes; hand it to each of them with the place that is its own.

    Processes that wake at the same moment really run at the same time, so what they share is tried as in earnest,
    while no result depends on how fast the machine is.
    """

    def __init__(self, context: SpawnContext, processes: int, start: float) -> None:
        self._turn = context.Condition()
        self._now = context.Value("d", start, lock=False)
        # Until when each process sleeps; one that has not begun, or is at work, is awake: -inf.
        self._until = context.Array("d", [-math.inf] * processes, lock=False)

    def now(self) -> float:
        """Return the simulated time in seconds."""
        with self._turn:
            return float(self._now.value)

    def sleep(self, place: int, seconds: float) -> None:
        """Sleep for simulated seconds."""
        with self._turn:
            until = self._now.value + seconds
            self._until[place] = until
            self._move_on()
            while self._now.value < until:
                if not self._turn.wait(STUCK_AFTER):
                    raise TimeoutError("another process neither sleeps nor has left")
            self._until[place] = -math.inf

    def leave(self, place: int) -> None:
        """Take part no more, so that nobody waits for this process."""
        with self._turn:
            self._until[place] = math.inf
            self._move_on()

    def _move_on(self) -> None:
        # A caller that is due but has not run yet is not asleep any more, though its place still says until when.
        earliest = min(self._until)
        if self._now.value < earliest < math.inf:
            self._now.value = earliest
            self._turn.notify_all()

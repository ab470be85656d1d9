"""Discourse's request limiters: the last N times of a window, in whole seconds."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class SlidingWindow:
    """Lets `limit` calls through per `seconds`.

    Args:
        aggressive: whether refused calls count as well, so that hammering never recovers.
        clock: seconds since some moment; a real clock, since clients really wait.

    """

    def __init__(
        self,
        limit: int,
        seconds: int,
        *,
        aggressive: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._aggressive = aggressive
        self._clock = clock
        self._times: deque[int] = deque(maxlen=limit)
        self._lock = threading.Lock()

    def enter(self) -> int | None:
        """Count a call: None where it may pass, else the seconds to wait."""
        with self._lock:
            now = int(self._clock())
            full = len(self._times) >= self._limit
            wait = self._seconds - (now - self._times[0]) if full else 0
            if wait <= 0:
                self._times.append(now)
                return None
            if self._aggressive:
                self._times.append(now)
                return self._seconds - (now - self._times[0])
            return wait

    def take_back(self) -> None:
        """Forget the latest call."""
        with self._lock:
            if self._times:
                self._times.pop()

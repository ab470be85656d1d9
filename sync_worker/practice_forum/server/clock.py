"""The forum's clock (real time, or a virtual now until it is set again), and limits on calls in a window of seconds."""

from __future__ import annotations

import threading
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Tells the forum's now."""

    def __init__(self, virtual: datetime | None = None) -> None:
        self.virtual = virtual

    def follow(self, header: str | None) -> None:
        """Set the virtual now to what a call says about itself (`Practice-Forum-Now`), where it says anything."""
        moment = parse_moment(header) if header else None
        if moment is not None:
            self.virtual = moment

    def now(self) -> datetime:
        """The virtual now where one is set, else the real one (aware, UTC, whole milliseconds)."""
        moment = self.virtual or datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime | None) -> str | None:
    """Return a moment as Discourse writes it (`2026-11-24T00:28:44.750Z`), None for None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_moment(text: str) -> datetime | None:
    """Return a date or timestamp written by a client, read as UTC where it names no zone; None if it is neither."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


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

"""Whether this machine's clock can be trusted: compared with a clock that cannot be set, and with the forum's own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.store.pauses import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.forum.client import Forum
    from sync_worker.store.database import Store

JUMP = timedelta(minutes=2)  # more than this between two looks is no drift
APART = timedelta(minutes=5)  # how far two machines' clocks may be apart
RESTART = timedelta(minutes=15)  # a longer pause than a restart takes; the forum's clock says whether it was one
ASK_AGAIN = 60.0
SAVE_EVERY = timedelta(minutes=5)
LAST_TIME, DOUBT = "clock", "clock in doubt"


def present() -> datetime:
    """Return the time of this machine's clock."""
    return datetime.now(UTC)


def steady() -> float:
    """Return seconds that only go forward, at one pace, while the machine sleeps as well."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(slots=True)
class ClockWatch:
    """Notices that the clock was set, and waits until it agrees with the forum's again.

    Args:
        store: remembers the last time seen, so that a restart does not hide a jump.
        forum: whose clock is asked where the machine's is in doubt.
        wall: the machine's clock, aware.
        steady: seconds that only go forward.

    """

    store: Store
    forum: Forum
    wall: Callable[[], datetime] = present
    steady: Callable[[], float] = steady
    _last: tuple[datetime, float] | None = None
    _saved: datetime | None = None
    _doubt: str = ""
    _apart: bool = False
    _asked: float | None = field(default=None)

    def look(self) -> str:
        """Return why the clock is in doubt, "" where it is not. Calls: none; 1 a minute while it is in doubt."""
        now, ticks = self.wall(), self.steady()
        if self._doubt or self._jumped(now, ticks):
            self._doubt = self._compare(now, ticks)
        self._last = (now, ticks)
        if not self._doubt:
            self._save(now)
        return self._doubt

    def _jumped(self, now: datetime, ticks: float) -> bool:
        if self._last is not None:
            before, ticks_before = self._last
            return abs((now - before) - timedelta(seconds=ticks - ticks_before)) > JUMP
        with self.store.begin() as session:
            written = remembered(session, self.forum.name, LAST_TIME)
            was_in_doubt = remembered(session, self.forum.name, DOUBT)
        if written is None or was_in_doubt:
            return True
        return not -JUMP <= now - datetime.fromisoformat(written) <= RESTART

    def _compare(self, now: datetime, ticks: float) -> str:
        if self._asked is not None and self._doubt and ticks - self._asked < ASK_AGAIN:
            return self._doubt
        self._asked = ticks
        try:
            theirs = self.forum.itself.server_time()
        except ForumError as error:
            return self._note(
                f"this machine's clock may be wrong, and cannot be compared with the forum's: {error.what}"
            )
        if theirs is None:
            return self._note(self._without_comparison(now))
        apart = now - theirs
        if abs(apart) <= APART:
            self._apart = False
            return self._note("")
        if self._doubt and self._apart:
            return self._doubt
        self._apart = True
        side = "ahead of" if apart > timedelta(0) else "behind"
        return self._note(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC and is {side} the forum's, which says "
            f"{theirs:%Y-%m-%d %H:%M} UTC. Nothing is posted, skipped or synced until the two agree."
        )

    def _without_comparison(self, now: datetime) -> str:
        """Return the doubt about a clock with which no other can be compared: only one that was set is in doubt.

        A worker that starts for the first time, or after a long stop, has seen nobody set it.
        """
        with self.store.begin() as session:
            written = remembered(session, self.forum.name, LAST_TIME)
        went_back = written is not None and now - datetime.fromisoformat(written) < -JUMP
        if self._last is None and not went_back:
            return ""
        return (
            f"this machine's clock was set, to {now:%Y-%m-%d %H:%M} UTC, and no answer of the forum carries a time to "
            "compare it with. Compare both manually; when this machine's clock is right, start the worker again."
        )

    def _note(self, doubt: str) -> str:
        """Keep the doubt for `lcm status`, and for the next start."""
        if doubt != self._doubt or not doubt:
            with self.store.begin() as session:
                remember(session, self.forum.name, DOUBT, doubt)
        return doubt

    def _save(self, now: datetime) -> None:
        if self._saved is not None and abs(now - self._saved) < SAVE_EVERY:
            return
        with self.store.begin() as session:
            remember(session, self.forum.name, LAST_TIME, now.isoformat())
        self._saved = now

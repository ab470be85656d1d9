"""Waiting for a call of the budget: never for ever, and never in silence."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from sync_worker.errors import Outcome
from sync_worker.forum.failures import FailedCall

log = logging.getLogger(__name__)
SAID_AFTER = 5.0
SAID_EVERY = 60.0


@dataclass(slots=True)
class Waiting:
    """One wait for a call; all times in seconds.

    Args:
        forum: the forum's name.
        limit: calls a minute.
        longest: how long to wait at most.

    """

    forum: str
    limit: int
    longest: float
    waited: float = 0.0
    said: float | None = None

    def before(self, nap: float, paused: float, now: float) -> None:
        """Report that it takes a while, where that was not reported lately; count the nap.

        Args:
            nap: how long the next nap is.
            paused: for how long the forum wants no call at all.
            now: the time, in seconds since 1970.

        Raises:
            FailedCall: the wait would be too long; nothing was sent.

        """
        left = max(nap, paused)
        if self.waited + left > self.longest:
            raise self._too_long(now + left)
        is_news = max(self.waited, paused) >= SAID_AFTER if self.said is None else self.waited - self.said >= SAID_EVERY
        if is_news:
            self.said = self.waited
            log.warning("waiting for %s: %s", self.forum, self._why(paused))
        self.waited += nap

    def _why(self, paused: float) -> str:
        if paused:
            return f"it allows no call for another {paused:.0f} s."
        return f"its budget of {self.limit} calls a minute is used up."

    def _too_long(self, until: float) -> FailedCall:
        moment = datetime.fromtimestamp(until, UTC)
        return FailedCall(
            f"{self.forum} allows no call until {moment:%Y-%m-%d %H:%M:%S} UTC, and a command waits for"
            f" {self.longest:.0f} s at most; nothing was sent.",
            outcome=Outcome.POSTPONED,
            hopeless=True,
            unreachable=True,
            do="Try again then. Does something else use up the forum's calls?",
        )

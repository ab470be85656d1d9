"""Who may call next: the rules of a call budget, without database; and waiting, never for ever, never in silence."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from sync_worker.errors import Outcome
from sync_worker.forum.failures import FailedCall


class Priority(IntEnum):
    """Whose work a call is; a smaller number goes first."""

    PERSON = 0
    NORMAL = 1
    BACKGROUND = 2


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits for a call; times in seconds."""

    id: str
    priority: int
    since: float


@dataclass(frozen=True, slots=True)
class Rules:
    """At most `limit` calls in any `window` seconds.

    A few calls are kept back for people, and everybody else's calls are spread out once half of the budget is used, so
    that a person who comes along finds a place at once and further ones as they become free. Nobody starves: a caller
    that has waited for a quarter of a window is no longer background, and one that has waited for a whole window goes
    like a person.
    """

    limit: int
    window: float = 60.0

    @property
    def kept_for_people(self) -> int:
        """Calls that only people may use: 4 % of the limit, so that 96 % are there for everybody."""
        return self.limit // 25

    @property
    def gap(self) -> float:
        """Seconds between two calls that are not a person's while the budget is more than half used.

        A fifth shorter than an even spread, to make up for waking late.
        """
        return 0.8 * self.window / self.limit

    def rank(self, waiter: Waiter, now: float) -> tuple[int, float, str]:
        """Return the order of service: class, then time of coming."""
        waited = now - waiter.since
        if waited >= self.window:
            return Priority.PERSON, waiter.since, waiter.id
        lowest = Priority.NORMAL if waited * 4 >= self.window else Priority.BACKGROUND
        return min(waiter.priority, lowest), waiter.since, waiter.id

    def room(self, rank: tuple[int, float, str]) -> int:
        """Return how many calls may be under way in a window for the next one to be of this rank."""
        return self.limit if rank[0] == Priority.PERSON else self.limit - self.kept_for_people

    def ahead(self, me: Waiter, waiters: list[Waiter], now: float) -> int:
        """Return how many others are served before me."""
        mine = self.rank(me, now)
        return sum(1 for waiter in waiters if waiter.id != me.id and self.rank(waiter, now) < mine)

    def must_spread(self, rank: tuple[int, float, str], used: int) -> bool:
        """Whether a call of this rank keeps its distance from the last one that was not a person's."""
        return rank[0] != Priority.PERSON and used * 2 > self.limit


# Waiting for a call of the budget: never for ever, and never in silence.


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

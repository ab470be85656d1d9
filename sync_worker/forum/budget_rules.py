"""Who may call next: the rules of a call budget, without clock or database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


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

"""A failed call to the forum, how long to wait before it is repeated, and who may call next."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING

import requests

from sync_worker.errors import ForumError, Outcome
from sync_worker.http import OverdueError, TooLargeError, UnreadableError, redact

if TYPE_CHECKING:
    from collections.abc import Callable


class FailedCall(ForumError):  # noqa: N818  (a ForumError by any name)
    """One call failed.

    Args:
        what: what happened, with Discourse's own words.
        outcome: whether it may have been carried out.
        wait: seconds to stay away, where the forum said so.
        site_wide: whether it holds for every call to the site, or for all that write, and not only for this kind.
        hopeless: whether a repeat right away would only fail in the same way.
        unreachable: whether no answer of the forum itself came.
        status: HTTP status, or None where no answer came.
        url: address without secrets.
        error_type: Discourse's `error_type`.
        do: what the reader can do about it.

    """

    def __init__(
        self,
        what: str,
        *,
        outcome: Outcome,
        wait: float | None = None,
        site_wide: bool = False,
        hopeless: bool = False,
        unreachable: bool = False,
        status: int | None = None,
        url: str | None = None,
        error_type: str | None = None,
        do: str | None = None,
    ) -> None:
        super().__init__(
            what, status=status, url=url, error_type=error_type, do=do, outcome=outcome, unreachable=unreachable
        )
        self.wait = wait
        self.site_wide = site_wide
        self.hopeless = hopeless


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try (times in seconds); `sleep` and `rng` are exchangeable for tests and demos.

    `longest_wait` bounds one wait that the forum asks for, `longest_in_all` all waits of one call together.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_backoff: float = 15.0
    longest_wait: float = 300.0
    longest_in_all: float = 600.0
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)

    def pause_after(self, error: ForumError, attempt: int, *, harmless: bool, waited: float = 0.0) -> float | None:
        """Return the seconds to wait before attempt number `attempt` + 1, or None to give up.

        Args:
            error: how the last attempt failed.
            attempt: its number, from 1.
            harmless: whether a repeat does no harm even if it was carried out.
            waited: seconds that were waited before it, in all.

        """
        if not isinstance(error, FailedCall) or attempt >= self.attempts or error.refused or error.hopeless:
            return None
        if error.doubtful and not harmless:
            return None
        pause = self._pause(error, attempt)
        return pause if error.wait is None or self._is_bearable(error.wait, waited) else None

    def _pause(self, error: FailedCall, attempt: int) -> float:
        if error.wait is not None:
            # Everybody else was sent away with the same number of seconds: do not all come back at once.
            return error.wait + self.rng.uniform(0.1, 1.0)
        longest = min(self.longest_backoff, self.first_wait * 2 ** (attempt - 1))
        return self.rng.uniform(longest / 2, longest)

    def _is_bearable(self, wait: float, waited: float) -> bool:
        return wait <= self.longest_wait and waited + wait <= self.longest_in_all


# What it means that no answer of the forum came: no connection, none in time, or one beyond the bounds of a call.


LATER = "Try again later."
CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"


@dataclass(frozen=True, slots=True)
class Sign:
    """How a failure is recognised, by words or by kind, and what it means."""

    words: tuple[str, ...]
    kinds: tuple[type[Exception], ...]
    what: str
    outcome: Outcome
    do: str

    def is_of(self, error: Exception, text: str) -> bool:
        """Whether this is such a failure."""
        return isinstance(error, self.kinds) or any(word in text for word in self.words)


SIGNS = (
    Sign(
        ("NameResolutionError", "Failed to resolve"),
        (),
        "the forum's name cannot be resolved.",
        Outcome.POSTPONED,
        "Check the address and this machine's DNS.",
    ),
    Sign(
        (),
        (requests.ConnectTimeout,),
        "the forum cannot be reached in time.",
        Outcome.POSTPONED,
        "Check the address and firewalls.",
    ),
    Sign(
        ("NewConnectionError", "Failed to establish a new connection"),
        (),
        "the forum refuses connections.",
        Outcome.POSTPONED,
        "Is it running, and the port right?",
    ),
    Sign(
        ("Read timed out",),
        (requests.Timeout,),
        "the forum did not answer in time.",
        Outcome.DOUBTFUL,
        "It may be overloaded; try again later.",
    ),
    Sign((), (UnreadableError,), "the forum's answer cannot be unpacked.", Outcome.DOUBTFUL, LATER),
)
BROKEN = Sign((), (), "the connection broke before the whole answer came.", Outcome.DOUBTFUL, LATER)


def no_answer(error: Exception, url: str, secret: str) -> FailedCall:
    """Return the error for a call that brought no answer.

    Args:
        error: what `http.fetch` raised.
        url: the address as errors show it.
        secret: a text that no error may show.

    """
    if isinstance(error, OverdueError):
        return _given_up(f"the forum's answer was not complete after {error.limit:.0f} s.", url, LATER)
    if isinstance(error, TooLargeError):
        megabytes = error.limit / 1024 / 1024
        what = f"the answer is larger than {megabytes:,.3g} MB; the rest was not read."
        return _given_up(what, url, "Check forum.url, and what is in front of the forum.")
    text = str(error)
    if CERTIFICATE in text:
        why = redact(text[text.find(CERTIFICATE) :].partition("(_ssl")[0].strip(), secret)
        return FailedCall(
            f"the forum's certificate is not accepted: {why}.",
            outcome=Outcome.POSTPONED,
            hopeless=True,
            unreachable=True,
            url=url,
            do="Renew it, or check the address and this machine's clock.",
        )
    sign = next((sign for sign in SIGNS if sign.is_of(error, text)), BROKEN)
    return FailedCall(sign.what, outcome=sign.outcome, unreachable=True, url=url, do=sign.do)


def _given_up(what: str, url: str, do: str) -> FailedCall:
    return FailedCall(what, outcome=Outcome.DOUBTFUL, hopeless=True, unreachable=True, url=url, do=do)


# Who may call next: the rules of a call budget, without database; and waiting, never for ever, never in silence.


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

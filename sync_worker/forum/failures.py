"""A failed call to the forum, what it means that no answer came, and how long to wait before a call is repeated."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
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
        site_wide: whether that holds for every call to the site and not only for this kind.
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

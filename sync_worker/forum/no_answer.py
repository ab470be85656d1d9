"""What it means that no answer of the forum came: no connection, none in time, or one beyond the bounds of a call."""

from __future__ import annotations

from dataclasses import dataclass

import requests

from sync_worker.errors import Outcome
from sync_worker.forum.failures import FailedCall
from sync_worker.http.fetch import OverdueError
from sync_worker.http.redact import redact
from sync_worker.http.unpack import TooLargeError, UnreadableError

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

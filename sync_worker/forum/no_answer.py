"""What it means that no answer of the forum came: no connection, none in time, or one beyond the bounds of a call."""

from __future__ import annotations

import requests

from sync_worker.errors import Outcome
from sync_worker.forum.failures import FailedCall
from sync_worker.forum.redact import redact
from sync_worker.net.fetch import OverdueError
from sync_worker.net.unpack import TooLargeError, UnreadableError

LATER = "Try again later."


def no_answer(error: Exception, url: str, secret: str) -> FailedCall:
    """Return the error for a call that brought no answer.

    Args:
        error: what `net.fetch` raised.
        url: the address as errors show it.
        secret: a text that no error may show.

    """
    if isinstance(error, OverdueError):
        return _given_up(f"the forum's answer was not complete after {error.limit:.0f} s.", url, LATER)
    if isinstance(error, TooLargeError):
        megabytes = error.limit / 1024 / 1024
        what = f"the answer is larger than {megabytes:,.3g} MB; the rest was not read."
        return _given_up(what, url, "Is forum.url right, and what stands in front of it?")
    what, outcome, hopeless, do = _explain(error)
    return FailedCall(redact(what, secret), outcome=outcome, hopeless=hopeless, unreachable=True, url=url, do=do)


def _given_up(what: str, url: str, do: str) -> FailedCall:
    return FailedCall(what, outcome=Outcome.DOUBTFUL, hopeless=True, unreachable=True, url=url, do=do)


def _explain(error: Exception) -> tuple[str, Outcome, bool, str]:
    """Return what happened, what that means, whether a repeat is of no use, and what to do."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why = text[text.find("CERTIFICATE_VERIFY_FAILED") :].partition("(_ssl")[0]
        do = "Renew it, or check the address and this machine's clock."
        return f"the forum's certificate is not accepted: {why.strip()}.", Outcome.POSTPONED, True, do
    if "NameResolutionError" in text or "Failed to resolve" in text:
        do = "Check the address and this machine's DNS."
        return "the forum's name cannot be resolved.", Outcome.POSTPONED, False, do
    if isinstance(error, requests.ConnectTimeout):
        do = "Check the address and firewalls."
        return "the forum cannot be reached in time.", Outcome.POSTPONED, False, do
    if "NewConnectionError" in text or "Failed to establish a new connection" in text:
        return "the forum refuses connections.", Outcome.POSTPONED, False, "Is it running, and the port right?"
    if isinstance(error, requests.Timeout):
        do = "It may be overloaded; try again later."
        return "the forum did not answer in time.", Outcome.DOUBTFUL, False, do
    if isinstance(error, UnreadableError):
        return f"the forum's answer cannot be unpacked: {error}.", Outcome.DOUBTFUL, False, LATER
    return "the connection broke before the whole answer came.", Outcome.DOUBTFUL, False, LATER

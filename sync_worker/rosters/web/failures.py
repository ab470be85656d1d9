"""What went wrong in speaking to a source, in words."""

from __future__ import annotations

import json

from requests import ConnectTimeout, Timeout
from requests.exceptions import InvalidSchema, InvalidURL

from sync_worker.http.fetch import OverdueError
from sync_worker.http.unpack import TooLargeError, UnreadableError

# Far more than is shown: secrets are taken out before the text is cut.
LONGEST = 20_000
FEWER = "read fewer at a time."
Told = tuple[str, str, bool]
FAILURES: tuple[tuple[tuple[str, ...], tuple[type[Exception], ...], Told], ...] = (
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        (),
        (
            "the source's certificate is not accepted.",
            "Renew it, or check the address and this machine's clock.",
            False,
        ),
    ),
    (
        ("NameResolutionError", "Failed to resolve"),
        (),
        ("the source's name cannot be resolved.", "Check the address and this machine's DNS.", True),
    ),
    ((), (ConnectTimeout,), ("the source cannot be reached in time.", "Check the address and firewalls.", True)),
    (
        ("NewConnectionError", "Failed to establish a new connection"),
        (),
        ("the source refuses connections.", "Is it running, and the address right?", True),
    ),
    ((), (InvalidURL, InvalidSchema), ("this is not a valid URL.", "Correct it.", False)),
    ((), (UnreadableError,), ("the answer cannot be unpacked.", "Try again; if it stays, report it.", True)),
    (
        ("Read timed out",),
        (Timeout,),
        ("the source did not answer in time.", "It may be overloaded; try again later.", True),
    ),
)


def words_of(body: bytes) -> str:
    """Return what an error's body says, in the source's own words."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return body[:LONGEST].decode("utf-8", "replace") if not body.lstrip().startswith(b"<") else ""
    while isinstance(told, dict | list):
        if isinstance(told, list):
            told = told[0] if told else ""
        else:
            keys = ("message", "detail", "error_description", "errors", "error")
            told = next((told[key] for key in keys if told.get(key)), "")
    return str(told)[:LONGEST]


def advice_for(status: int) -> str:
    """Return what to do about a status that no source knows better about."""
    if status == 401:
        return "The token is wrong or has expired: make a new one."
    if status == 403:
        return "The token is good but may not read this: give its owner the right to."
    if status == 404:
        return "Is the address, and the number in it, right?"
    if status == 429:
        return "It wants fewer calls: try again later."
    return (
        "Try again later; if it stays, ask the people who run the source." if status >= 500 else "Check the settings."
    )


def explain(error: Exception) -> Told:
    """Return what happened, what to do, and whether a repeat may help."""
    if isinstance(error, OverdueError):
        return f"the answer takes too long: not complete after {error.limit:.0f} s.", f"Try again, or {FEWER}", False
    if isinstance(error, TooLargeError):
        return (
            f"the answer is larger than {error.limit // 1024:,} kB.",
            f"Is this the right address? If so, {FEWER}",
            False,
        )
    text = str(error)
    for signs, kinds, told in FAILURES:
        if isinstance(error, kinds) or any(sign in text for sign in signs):
            return told
    return "the connection broke before the whole answer came.", "Try again later.", True

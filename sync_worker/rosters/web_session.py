"""HTTP to a roster's source: bounds of time and size, repeats, its secret, and what went wrong, in words."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests import ConnectTimeout, Timeout
from requests.exceptions import InvalidSchema, InvalidURL

from sync_worker import __version__
from sync_worker.errors import ConfigError, SourceError
from sync_worker.http import (
    LARGEST_ANSWER,
    Bounds,
    OverdueError,
    TooLargeError,
    UnreadableError,
    fetch,
    open_session,
    redact,
)
from sync_worker.rosters.web_answers import Answer, next_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sync_worker.rosters.web_answers import Params


log = logging.getLogger(__name__)
USER_AGENT = f"discourse-lcm/{__version__}"
PASSING = {429, 502, 503, 504}
LONGEST_CALL = 600.0
THROTTLED = "too many requests"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to try what is harmless to repeat, and how long to wait (seconds); `sleep` is exchangeable for tests.

    A server's Retry-After counts, up to `longest_wait`: a source that wants more is left for the next run.
    """

    attempts: int = 4
    first_wait: float = 1.0
    longest_wait: float = 120.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def pause(self, attempt: int, asked: float | None) -> float | None:
        """Return the seconds to wait after attempt number `attempt`, or None to give up."""
        if attempt >= self.attempts:
            return None
        if asked is None:
            return min(self.longest_wait, self.first_wait * float(4 ** (attempt - 1)))
        return asked if asked <= self.longest_wait else None


PACE = Pace()


class SourceSession:
    """Speaks to one source.

    Args:
        headers: what every call carries, the secret included; given anew for each call, so that a token may change.
        secrets: texts that no message may show.
        advice: what to do about a status, by the status (401, 403, 404, ...).
        timeouts: seconds to wait for a connection, and for each part of an answer.
        pace: repeats and waits; `PACE` if None.
        max_bytes: the largest answer that is read, unpacked.
        longest_call: seconds that a call may take in all, from connecting to the last byte.
        throttled: whether a status of 403 with this text means "too many requests" (the text is of the answer's body).

    """

    def __init__(
        self,
        headers: Callable[[], Mapping[str, str]],
        *,
        secrets: Sequence[str] = (),
        advice: Mapping[int, str] | None = None,
        timeouts: tuple[float, float] = (10.0, 60.0),
        pace: Pace | None = None,
        max_bytes: int = LARGEST_ANSWER,
        throttled: str = THROTTLED,
        longest_call: float = LONGEST_CALL,
    ) -> None:
        self._headers = headers
        self._secrets = set(secrets)
        self._advice = dict(advice or {})
        self._bounds = Bounds(*timeouts, longest_call, max_bytes)
        self._pace = pace or PACE
        self._throttled = throttled.lower().encode()
        self._session = open_session({"User-Agent": USER_AGENT}, connections=2)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def keep_secret(self, text: str) -> None:
        """Keep a text out of all messages from now on."""
        self._secrets.add(text)

    def get(self, url: str, params: Params = ()) -> Answer:
        """Read one page. Calls: 1, and up to 3 more while the source is busy.

        Raises:
            SourceError: no good answer.

        """
        return self.ask("GET", url, harmless=True, params=list(params))

    def ask(self, verb: str, url: str, *, harmless: bool, **content: Any) -> Answer:
        """Send a call; `harmless` ones are repeated while the source is busy. `content` is as requests takes it.

        Raises:
            RefusedCall: the source answered, and not with a success.
            SourceError: no answer, or none that can be used.

        """
        where = self.shown(url)
        attempt = 1
        while True:
            try:
                return self._once(verb, url, where, content)
            except _BusyError as busy:
                pause = self._pace.pause(attempt, busy.wait) if harmless else None
                if pause is None:
                    raise busy.error from None
                log.warning("%s: %s Again in %.0f s.", where, busy.error.what, pause)
            self._pace.sleep(pause)
            attempt += 1

    def shown(self, url: str) -> str:
        """Return an address as messages show it: without query, user or secret."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return self.redacted(f"{parts.scheme}://{host}{parts.path}")

    def _once(self, verb: str, url: str, where: str, content: Mapping[str, Any]) -> Answer:
        try:
            response, body = fetch(self._session, verb, url, self._bounds, headers=dict(self._headers()), **content)
        except (requests.RequestException, OSError) as error:
            what, do, passing = explain(error)
            problem = SourceError(self.redacted(what), where=where, do=do)
            if passing:
                raise _BusyError(problem, None) from None
            raise problem from None
        log.debug("%s %s: %d, %d bytes", verb, where, response.status_code, len(body))
        self._check_status(response, body, where)
        return Answer(_parsed(response, body, where), where, next_page(response, url, where))

    def _check_status(self, response: requests.Response, body: bytes, where: str) -> None:
        status = response.status_code
        if status in (200, 201):
            return
        if 300 <= status < 400:
            raise SourceError(
                f"the source redirects to another address ({status}: {self._target(response)}).",
                where=where,
                do="Write that address into lcm.yaml if it is right; the token is not sent there.",
            )
        said = self.redacted(words_of(body))
        error = RefusedCallError(
            f"the source answered {status}{f' ({said})' if said else ''}.",
            status=status,
            where=where,
            do=self._advice.get(status) or advice_for(status),
            body=body,
        )
        if status in PASSING or (status == 403 and self._throttled in body.lower()):
            raise _BusyError(error, self._asked_wait(response))
        raise error

    def _target(self, response: requests.Response) -> str:
        try:
            return self.shown(urljoin(response.url, response.headers.get("Location", "")))
        except ValueError:
            return "an invalid URL"

    def _asked_wait(self, response: requests.Response) -> float | None:
        written = response.headers.get("Retry-After", "").strip()
        if written.isascii() and written.isdigit():
            return float(written)
        try:
            return max(0.0, parsedate_to_datetime(written).timestamp() - self._pace.clock())
        except (TypeError, ValueError, OverflowError):
            return None

    def redacted(self, text: str) -> str:
        """Return a text as messages show it: short, on one line, without secrets and e-mail addresses."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]") if secret else text
        return redact(text)


class RefusedCallError(SourceError):
    """The source (or what stands before it) answered with a status that is no success."""

    def __init__(self, what: str, *, status: int, where: str, do: str, body: bytes) -> None:
        super().__init__(what, where=where, do=do)
        self.status = status
        self._body = body

    def json(self) -> Any:
        """Return what came with it as JSON, None where it is something else."""
        try:
            return json.loads(self._body)
        except (ValueError, RecursionError):
            return None


class _BusyError(Exception):
    """A failure that may pass; `wait` is what the source asked for."""

    def __init__(self, error: SourceError, wait: float | None) -> None:
        super().__init__(error.what)
        self.error = error
        self.wait = wait


def _parsed(response: requests.Response, body: bytes, where: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        kind = response.headers.get("Content-Type", "").partition(";")[0] or "something"
        cut = bool(body[:1] in (b"{", b"["))
        raise SourceError(
            "the answer is truncated or is not valid JSON." if cut else f"the answer is {redact(kind)}, not JSON.",
            where=where,
            do="Try again." if cut else "Is this the address of the interface? A log-in page answers like this.",
        ) from None


# What went wrong in speaking to a source, in words.


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
            "Renew it, or check the address and this machine's clock; for your own authority set REQUESTS_CA_BUNDLE.",
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


# A source's secret, read from the environment or a file; it is never written in `lcm.yaml`.


MAX_BYTES = 64 * 1024


def read_token(env: str | None, file: Path | None, environment: Mapping[str, str], make: str) -> str:
    """Return the token in the file, else in the environment variable; `make` says where one gets a token.

    Raises:
        ConfigError: there is none, or it cannot be sent in a header.

    """
    if file is not None:
        token, place = read_secret_file(file, make).strip(), str(file)
    else:
        token, place = environment.get(env or "", "").strip(), f"environment variable {env}"
    if not token:
        raise ConfigError("there is no token.", where=place, do=make)
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ConfigError("expected exactly one token here.", where=place, do="Put the token there and nothing else.")
    return token


def read_secret_file(file: Path, make: str) -> str:
    """Return the text of a file with a secret.

    Raises:
        ConfigError: it cannot be read, is not text, or far too large.

    """
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}.", where=str(file), do=make) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if not text.strip() or len(content) > MAX_BYTES:
        raise ConfigError("the file does not hold a token or key as text.", where=str(file), do=make)
    return text

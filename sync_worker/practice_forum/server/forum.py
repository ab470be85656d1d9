"""The running practice forum: its database, clock, limits and modes; and the faults that it makes on request."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from flask import request
from sqlalchemy import insert
from waitress.channel import ClientDisconnected

from sync_worker.practice_forum.dialects import Dialect
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.database import Database, seed
from sync_worker.practice_forum.server.options import NONE, Clock, Fault, FaultProfile, SlidingWindow
from sync_worker.practice_forum.tables import ForumState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import TypeVar

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.server.options import ForumOptions


class Forum:
    """Everything of a practice forum that outlives a request."""

    def __init__(self, database: Path | str, options: ForumOptions) -> None:
        self.options = options
        self.dialect = Dialect(options.dialect)
        self.database = Database(database)
        self.webhooks = self.database.webhooks
        self.clock = Clock(options.now)
        self.read_only = False
        self.log = logging.getLogger("sync_worker.practice_forum")
        limit = options.admin_requests_per_minute
        self.admin_window = SlidingWindow(limit, 60) if limit is not None else None
        self.address_windows: dict[str, tuple[SlidingWindow, SlidingWindow]] = {}
        with self.database.session() as session:
            seed(session, options, self.clock.now())
            self._restore(session)

    def _restore(self, session: Session) -> None:
        virtual = session.get(ForumState, "now")
        self.clock.virtual = datetime.fromisoformat(virtual.value) if virtual else self.options.now
        mode = session.get(ForumState, "read_only")
        self.read_only = mode is not None and mode.value == "true"

    def set_clock(self, session: Session, moment: datetime | None) -> None:
        """Set the virtual now, or go back to real time."""
        if moment is None:
            row = session.get(ForumState, "now")
            if row is not None:
                session.delete(row)
        else:
            now = {"name": "now", "value": moment.isoformat()}
            session.execute(insert(ForumState).values(now).prefix_with("OR REPLACE"))
        self.clock.virtual = moment

    def set_read_only(self, session: Session, *, on: bool) -> None:
        """Switch read-only mode, in which every writing call is answered with 503."""
        session.merge(ForumState(name="read_only", value="true" if on else "false"))
        self.read_only = on

    def address_limits(self, address: str) -> tuple[SlidingWindow, SlidingWindow]:
        """The limiters of one client address: 50 calls per 10 seconds, 200 per minute."""
        windows = self.address_windows.get(address)
        if windows is None:
            windows = SlidingWindow(50, 10, aggressive=True), SlidingWindow(200, 60, aggressive=True)
            self.address_windows[address] = windows
        return windows

    def close(self) -> None:
        """Close the database."""
        self.database.close()


# Faults on request: calls that are refused, broken, cut or lost, between the web server and the forum.


if TYPE_CHECKING:
    T = TypeVar("T")

_KILL, _KILLED = "forum.kill", "forum.killed"
_JSON = "application/json; charset=utf-8"
_TEXT = "text/plain"
_HTML = "text/html"
_LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Log in</title></head><body><form action='/login'></form></body></html>"

Answer = tuple[str, list[tuple[str, str]], bytes]


class KilledError(Exception):
    """The server was killed in the middle of a call."""


def half_of_a_killed_call(items: Sequence[T]) -> Sequence[T]:
    """Return all of `items`, or the first half where this call is going to be killed in the middle."""
    return items[: len(items) // 2] if request.environ.get(_KILL) else items


def die_if_killed(session: Session) -> None:
    """Keep what is done so far and end the call without an answer, where it is to be killed.

    Raises:
        KilledError: caught by the application, which leaves the rest to the fault layer.

    """
    if request.environ.get(_KILL):
        session.commit()
        request.environ[_KILLED] = True
        raise KilledError


class FaultLayer:
    """Stands before the forum and lets calls fail as a profile and a seed say.

    Only calls with an API key count and fail, so that pages and the practice forum's own endpoints always work; a
    simulated learner's calls say `Practice-Forum-Faults: off` and always work too. The
    n-th call fails in the same way whenever profile and seed are the same.
    """

    def __init__(self, app: WSGIApplication, profile: FaultProfile | None = None, seed: int = 0) -> None:
        self._app = app
        self._lock = threading.Lock()
        self.profile, self.seed = profile or NONE, seed
        self.calls = 0
        self.happened: Counter[Fault] = Counter()
        self._read_only_until = 0

    def set(self, profile: FaultProfile, seed: int) -> None:
        """Use another profile from now on, and count calls from the start again."""
        with self._lock:
            self.profile, self.seed = profile, seed
            self.calls = self._read_only_until = 0
            self.happened.clear()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one call, or let it fail."""
        exempt = environ.get("HTTP_PRACTICE_FORUM_FAULTS") == "off" or environ["forum.path"].startswith("/practice/")
        if self.profile is NONE or "HTTP_API_KEY" not in environ or exempt:
            return self._app(environ, start_response)
        fault, spell = self._next()
        if fault is None and spell and environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            fault = Fault.READ_ONLY
        if fault is None:
            return self._app(environ, start_response)
        return self._fail(fault, environ, start_response)

    def _next(self) -> tuple[Fault | None, bool]:
        """How the next call fails, and whether it falls into a read-only spell."""
        with self._lock:
            self.calls += 1
            fault = self.profile.fault_of(self.seed, self.calls)
            spell = self.calls <= self._read_only_until
            if fault is Fault.READ_ONLY:
                self._read_only_until = self.calls + self.profile.read_only_calls - 1
            if fault is not None:
                self.happened[fault] += 1
            return fault, spell

    def _fail(self, fault: Fault, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if fault is Fault.SLOW:
            time.sleep(self.profile.slow_seconds)
            return self._app(environ, start)
        if fault is Fault.CLOSED_BEFORE:
            raise ClientDisconnected
        if fault is Fault.READ_ONLY and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return self._app(environ, start)
        if fault in _AFTER:
            return self._fail_after(fault, environ, start)
        return _send(_instead(fault, self.profile.wait_seconds), start)

    def _fail_after(self, fault: Fault, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if fault is Fault.KILLED:
            environ[_KILL] = True
        status, headers, body = _collect(self._app, environ)
        if fault is Fault.KILLED and not environ.get(_KILLED):
            return _send((status, headers, body), start)
        if fault in (Fault.CLOSED_AFTER, Fault.KILLED):
            raise ClientDisconnected
        if fault is Fault.BAD_GATEWAY_AFTER:
            return _send(_instead(Fault.BAD_GATEWAY, 0), start)
        half = body[: len(body) // 2]
        if fault is Fault.CUT_JSON:
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            return _send((status, [*headers, ("content-length", str(len(half)))], half), start)
        start(status, headers)
        return _half_then_gone(half)


_AFTER = (Fault.KILLED, Fault.CLOSED_AFTER, Fault.BAD_GATEWAY_AFTER, Fault.CUT_JSON, Fault.CLOSED_DURING)


def _half_then_gone(half: bytes) -> Iterable[bytes]:
    yield half
    raise ClientDisconnected


def _collect(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """The whole answer of the application, its effect done."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _exc: object = None, /) -> object:
        begun.append((status, headers))
        return None

    answer = app(environ, start)  # type: ignore[arg-type]
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
    status, headers = begun[-1]
    return status, headers, body


def _send(answer: Answer, start: StartResponse) -> Iterable[bytes]:
    status, headers, body = answer
    if not any(name.lower() == "content-length" for name, _ in headers):
        headers = [*headers, ("content-length", str(len(body)))]
    start(status, headers)
    return [body]


def _instead(fault: Fault, wait: int) -> Answer:
    """What comes instead of an answer, without the call having any effect."""
    limited = "429 Too Many Requests"
    if fault is Fault.RATE_LIMIT_JSON:
        refusal = requests.rate_limited(wait, "admin_api_key_rate_limit")
        headers = [("content-type", _JSON), *refusal.headers.items()]
        return limited, headers, json.dumps(refusal.body).encode()
    if fault is Fault.READ_ONLY:
        body = requests.read_only().body
        return "503 Service Unavailable", [("content-type", _JSON)], json.dumps(body).encode()
    page = b"<html><head><title>%b</title></head><body><h1>%b</h1></body></html>"
    slow_down = f"Slow down, you're making too many requests.\nPlease retry again in {wait} seconds.\n".encode()
    again = [("retry-after", str(wait)), ("discourse-rate-limit-error-code", "ip_10_secs_limit")]
    answers: dict[Fault, Answer] = {
        Fault.RATE_LIMIT_BARE_JSON: (limited, [("content-type", _JSON)], b'{"failed":"FAILED","message":"Slow down."}'),
        Fault.RATE_LIMIT_TEXT: (limited, [("content-type", _TEXT), *again], slow_down),
        Fault.RATE_LIMIT_HTML: (limited, [("content-type", _HTML)], page % (b"429", b"Too Many Requests")),
        Fault.INTERNAL_ERROR: (
            "500 Internal Server Error",
            [("content-type", _JSON)],
            b'{"status":500,"error":"Internal Server Error"}',
        ),
        Fault.BAD_GATEWAY: ("502 Bad Gateway", [("content-type", _HTML)], page % (b"502", b"Bad Gateway")),
        Fault.UNAVAILABLE: (
            "503 Service Unavailable",
            [("content-type", _HTML)],
            page % (b"503", b"Service Unavailable"),
        ),
        Fault.LOGIN_PAGE: ("200 OK", [("content-type", "text/html; charset=utf-8")], _LOGIN_PAGE.encode()),
    }
    return answers[fault]

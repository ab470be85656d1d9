"""A small HTTP server beside the ticks: health, metrics, webhooks and answers to mails, bounded in all it takes."""

from __future__ import annotations

import errno
import json
import logging
import socket
import threading
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ConfigError
from sync_worker.worker.answer_pages import HEADERS as PAGE_HEADERS
from sync_worker.worker.answer_pages import HTML_TYPE, MOST_BYTES
from sync_worker.worker.answer_pages import PATH as ANSWERS_PATH
from sync_worker.worker.service import log_failure
from sync_worker.worker.start import present
from sync_worker.worker.webhooks import MAX_BYTES, PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sync_worker.worker.answer_pages import AnswerPages, Page
    from sync_worker.worker.metrics import Standing
    from sync_worker.worker.webhooks import Receiver


LOG = logging.getLogger(__name__)
REQUEST_SECONDS, WHOLE_REQUEST_SECONDS = 10.0, 30.0
"""For each wait, and for all of a request together."""
AT_ONCE = 16
MOST_DROPPED = 4 * MAX_BYTES
DIGITS = 9
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JSON_TYPE = "application/json"


class Server(ThreadingHTTPServer):
    """Serves how a service stands; more than a few requests at once are sent away."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(
        self,
        place: tuple[str, int],
        standing: Standing,
        now: Callable[[], datetime] = present,
        receiver: Receiver | None = None,
        pages: AnswerPages | None = None,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self.standing = standing
        self.now = now
        self.receiver = receiver
        self.pages = pages
        self._room = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(place, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there is room for one."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room; who takes too long is cut off, however steadily they send."""
        cut_off = threading.Timer(WHOLE_REQUEST_SECONDS, _end, [request])
        cut_off.daemon = True
        cut_off.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            cut_off.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log that a request failed: a caller who hangs up is no error of ours."""
        del request, client_address
        LOG.debug("a request was not answered", exc_info=True)


def _end(request: socket.socket) -> None:
    with suppress(OSError):  # it is over already
        request.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    timeout = REQUEST_SECONDS
    server_version = "lcm"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer health, readiness and metrics."""
        now, standing = self.server.now(), self.server.standing
        path = self.path.partition("?")[0]
        if path == "/healthz":
            alive = standing.is_alive(now)
            self.answer(HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE, {"alive": alive})
        elif path == "/readyz":
            reasons = standing.why_not_ready(now)
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK,
                        {"ready": not reasons, "reasons": reasons})  # fmt: skip
        elif path == "/metrics":
            self._metrics(now)
        elif self._is_answer(path):
            self._page(lambda pages: pages.show(path))
        else:
            self.answer(HTTPStatus.NOT_FOUND, {"error": "there are /healthz, /readyz and /metrics"})

    do_HEAD = do_GET  # noqa: N815  (the same)

    def do_POST(self) -> None:
        """Take in a webhook (written down, answered at once, worked later), or what a reader of a mail chose."""
        receiver, path = self.server.receiver, self.path.partition("?")[0]
        is_answer = self._is_answer(path)
        if not is_answer and (receiver is None or path != PATH):
            self.answer(HTTPStatus.NOT_FOUND, {"error": "nothing is taken in here"})
            return
        length = self.headers.get("Content-Length") or ""
        if not (length.isascii() and length.isdecimal()):
            self.refuse(HTTPStatus.LENGTH_REQUIRED)
        elif len(length) > DIGITS or int(length) > (MOST_BYTES if is_answer else MAX_BYTES):
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        elif is_answer:
            self.rfile.read(int(length))
            self._page(lambda pages: pages.enter(path, self.server.now()))
        elif receiver is not None:
            self._receive(receiver, int(length))

    def _is_answer(self, path: str) -> bool:
        pages = self.server.pages
        return pages is not None and path.startswith(ANSWERS_PATH) and pages.wanted()

    def _page(self, make: Callable[[AnswerPages], Page]) -> None:
        pages = self.server.pages
        if pages is None:
            return
        try:
            page = make(pages)
        except Exception as error:
            log_failure(LOG, self.server.standing.store, error, "an answer to a mail could not be taken in")
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "try again in a minute"})
        else:
            self.send(page.status, HTML_TYPE, page.body, PAGE_HEADERS)

    def _receive(self, receiver: Receiver, length: int) -> None:
        body = self.rfile.read(length)
        if len(body) < length:
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        try:
            status = receiver.receive(dict(self.headers.items()), body, self.server.now())
        except Exception as error:
            log_failure(LOG, self.server.standing.store, error, "a webhook could not be written down")
            status = HTTPStatus.SERVICE_UNAVAILABLE
        self.answer(status, {"taken": status == HTTPStatus.OK})

    def refuse(self, status: HTTPStatus) -> None:
        """Answer before what was sent is read; the connection ends, for the rest would be taken for a request.

        What still comes is read and dropped, in bounds: an end with bytes that nobody has read is a reset, and who is
        still sending, as a proxy, would not get the answer.
        """
        self.close_connection = True
        self.answer(status, {"taken": False})
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            left = MOST_DROPPED
            while left > 0 and (got := self.rfile.read1(left)):
                left -= len(got)

    def _metrics(self, now: datetime) -> None:
        try:
            text = self.server.standing.metrics(now)
        except Exception as error:
            log_failure(LOG, self.server.standing.store, error, "the metrics could not be gathered")
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the store does not answer"})
        else:
            self.send(HTTPStatus.OK, METRICS_TYPE, text.encode())

    def answer(self, status: HTTPStatus, body: object) -> None:
        """Answer with JSON."""
        self.send(status, JSON_TYPE, json.dumps(body).encode() + b"\n")

    def send(self, status: HTTPStatus, kind: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer; nobody may keep it."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the standard library's name)
        """Log requests for those who look for mistakes; an address that somebody calls may be anything."""
        LOG.debug("%s %s", self.command, args[1] if len(args) > 1 else "")


class PortTakenError(ConfigError):
    """Another process listens at this place."""


@contextmanager
def serving(place: tuple[str, int] | None, standing: Standing, **more: Any) -> Iterator[Server | None]:
    """Serve at a place meanwhile; nothing where it is None.

    Raises:
        PortTakenError: another process listens there.
        ConfigError: nobody can listen there.

    """
    if place is None:
        yield None
        return
    try:
        server = Server(place, standing, **more)
    except OSError as error:
        kind = PortTakenError if error.errno == errno.EADDRINUSE else ConfigError
        raise kind(
            f"nothing can listen at {place[0]}:{place[1]}: {error.strerror}.",
            where="service.listen",
            do="Give another address or port in lcm.yaml, or stop what listens there.",
        ) from None
    thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    LOG.info("health and metrics at http://%s:%s", *server.server_address[:2])
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(REQUEST_SECONDS)

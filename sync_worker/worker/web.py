"""A small HTTP server beside the ticks: health, metrics and webhooks. Bounded in all it takes."""

from __future__ import annotations

import json
import logging
import socket
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ConfigError
from sync_worker.worker.clock_watch import present
from sync_worker.worker.webhooks import MAX_BYTES, PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sync_worker.worker.metrics import Standing
    from sync_worker.worker.webhooks import Receiver

LOG = logging.getLogger(__name__)
REQUEST_SECONDS = 10.0
AT_ONCE = 16
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
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self.standing = standing
        self.now = now
        self.receiver = receiver
        self._room = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(place, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there is room for one."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log that a request failed: a caller who hangs up is no error of ours."""
        del request, client_address
        LOG.debug("a request was not answered", exc_info=True)


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
        else:
            self.answer(HTTPStatus.NOT_FOUND, {"error": "there are /healthz, /readyz and /metrics"})

    do_HEAD = do_GET  # noqa: N815  (the same)

    def do_POST(self) -> None:
        """Take in a webhook: written down, answered at once, worked later."""
        receiver = self.server.receiver
        if receiver is None or self.path.partition("?")[0] != PATH:
            self.answer(HTTPStatus.NOT_FOUND, {"error": "nothing is taken in here"})
            return
        length = self.headers.get("Content-Length") or ""
        if not (length.isascii() and length.isdecimal()):
            self.refuse(HTTPStatus.LENGTH_REQUIRED)
        elif len(length) > DIGITS or int(length) > MAX_BYTES:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._receive(receiver, int(length))

    def _receive(self, receiver: Receiver, length: int) -> None:
        body = self.rfile.read(length)
        if len(body) < length:
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        try:
            status = receiver.receive(dict(self.headers.items()), body, self.server.now())
        except Exception:
            LOG.exception("a webhook could not be written down")
            status = HTTPStatus.SERVICE_UNAVAILABLE
        self.answer(status, {"taken": status == HTTPStatus.OK})

    def refuse(self, status: HTTPStatus) -> None:
        """Answer without having read what was sent; the connection ends, for the rest would be taken for a request."""
        self.close_connection = True
        self.answer(status, {"taken": False})

    def _metrics(self, now: datetime) -> None:
        try:
            text = self.server.standing.metrics(now)
        except Exception:
            LOG.exception("the metrics could not be gathered")
            self.answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "the store does not answer"})
        else:
            self.send(HTTPStatus.OK, METRICS_TYPE, text.encode())

    def answer(self, status: HTTPStatus, body: object) -> None:
        """Answer with JSON."""
        self.send(status, JSON_TYPE, json.dumps(body).encode() + b"\n")

    def send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        """Answer; nobody may keep it."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the standard library's name)
        """Log requests for those who look for mistakes; an address that somebody calls may be anything."""
        LOG.debug("%s %s", self.command, args[1] if len(args) > 1 else "")


@contextmanager
def serving(place: tuple[str, int] | None, standing: Standing, **more: Any) -> Iterator[Server | None]:
    """Serve at a place meanwhile; nothing where it is None.

    Raises:
        ConfigError: nobody can listen there.

    """
    if place is None:
        yield None
        return
    try:
        server = Server(place, standing, **more)
    except OSError as error:
        raise ConfigError(
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

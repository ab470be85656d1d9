"""A forum that says exactly what a test scripts, over real HTTP: for faults that no sound server makes."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sync_worker.config import ForumSettings
from sync_worker.forum import Forum, Patience

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


@dataclass
class Call:
    """A request as the scripted forum received it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What to answer; `fault` is "close" (no answer), "cut" (half of the body) or "slow" (never)."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = "application/json; charset=utf-8"
    fault: str = ""

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Handler = Callable[[Call], Reply]


class ScriptedForum:
    """Answers each route with its replies in turn; the last one stays."""

    reply = Reply

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.calls: list[Call] = []
        self.connections = 0
        self._routes: dict[tuple[str, str], list[Reply | Handler]] = defaultdict(list)
        scripted = self

        class RequestHandler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                scripted.connections += 1
                super().setup()

            def do_GET(self) -> None:
                scripted._serve(self)

            do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *args: object) -> None:
                del args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), RequestHandler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def on(self, method: str, path: str, *replies: Reply | Handler) -> None:
        """Script a route."""
        self._routes[method, path] = list(replies)

    def made(self, method: str, path: str) -> list[Call]:
        """The calls received on a route."""
        return [call for call in self.calls if (call.method, call.path) == (method, path)]

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        call = Call(request.command, parts.path, parse_qs(parts.query), dict(request.headers), body)
        self.calls.append(call)
        replies = self._routes.get((call.method, call.path))
        if not replies:
            reply: Reply | Handler = Reply({"errors": ["no such route"], "error_type": "not_found"}, 404)
        else:
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        self._send(request, reply(call) if callable(reply) else reply)

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.fault == "slow":
            request.connection.recv(1)  # until the caller has had enough and hangs up
            request.close_connection = True
            return
        if reply.fault == "close":
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.close_connection = True
            return
        body = reply.encoded()
        try:
            (request.send_response_only if "Date" in reply.headers else request.send_response)(reply.status)
            if reply.content_type:
                request.send_header("Content-Type", reply.content_type)
            request.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(body[: len(body) // 2] if reply.fault == "cut" else body)
        except OSError:
            request.close_connection = True
        if reply.fault == "cut":
            request.close_connection = True


@pytest.fixture
def key() -> str:
    """The API key; nothing may show it."""
    return KEY


@pytest.fixture
def scripted() -> Iterator[ScriptedForum]:
    """A forum that says exactly what the test scripts."""
    forum = ScriptedForum()
    yield forum
    forum.close()


class Naps(list[float]):
    """The waits that were asked for; none of them is slept."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def naps() -> Naps:
    """The waits that were asked for."""
    return Naps()


PATIENT, HASTY = 60.0, 0.5


@pytest.fixture
def read_timeout(request: pytest.FixtureRequest) -> float:
    """Seconds to wait for an answer: few only where a parameter of the test is an answer that never comes."""
    given = request.node.callspec.params.values() if hasattr(request.node, "callspec") else ()
    return HASTY if any("'slow'" in str(value) for value in given) else PATIENT


@pytest.fixture
def forum_settings(scripted: ScriptedForum, read_timeout: float) -> ForumSettings:
    """Settings for the scripted forum."""
    return ForumSettings(url=scripted.url, connect_timeout=60, read_timeout=read_timeout)


@pytest.fixture
def forum(forum_settings: ForumSettings, naps: Naps) -> Iterator[Forum]:
    """The client, connected to the scripted forum; its waits are noted in `naps` and not slept."""
    with Forum.connect(forum_settings, KEY, patience=Patience(sleep=naps)) as connected:
        yield connected

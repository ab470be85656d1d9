"""Serving a WSGI application on loopback, noting what is asked, and making it fail on purpose."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Call = Callable[[], Response]
Fault = Callable[[Request, Call], Response]


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str


@dataclass
class Loopback:
    """A server in a thread; `fault` stands between the network and the application."""

    app: WSGIApplication
    fault: Fault | None = None
    seen: list[Seen] = field(default_factory=list, repr=False)
    _ending: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._server.shutdown()
        self._thread.join(timeout=60)
        self._server.server_close()

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(content)
        request = Request(environ)
        body = content.decode("utf-8", "replace")
        self.seen.append(Seen(request.method, request.path, request.query_string.decode(), dict(request.headers), body))

        def call() -> Response:
            environ["wsgi.input"] = BytesIO(content)
            return Response.from_app(self.app, environ, buffered=True)

        response = self.fault(request, call) if self.fault else call()
        return response(environ, start_response)

    def wait(self) -> None:
        """Keep a caller waiting, until the server ends at the latest."""
        self._ending.wait(timeout=600)

    def paths(self) -> list[str]:
        """Return the paths asked for, in order."""
        return [seen.path for seen in self.seen]


class _Quiet(WSGIRequestHandler):
    """Logs nothing; each request has its connection."""

    def log_request(self, *_: Any) -> None:
        pass


@dataclass
class Failing:
    """A fault for requests whose path (and query) holds `part`: from the `first` such on, `times` of them (0: all)."""

    answer: Fault
    part: str = ""
    first: int = 1
    times: int = 0
    count: int = 0

    def __call__(self, request: Request, call: Call) -> Response:
        if self.part not in f"{request.full_path}{request.form.get('wsfunction', '')}":
            return call()
        self.count += 1
        due = self.count >= self.first and (not self.times or self.count < self.first + self.times)
        return self.answer(request, call) if due else call()


def status(code: int, body: str = "", part: str = "", *, first: int = 1, times: int = 0, **headers: str) -> Failing:
    """Answer with a status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Failing(lambda request, call: Response(body, code, named), part, first, times)


def content(body: str | bytes, kind: str = "application/json", part: str = "", *, first: int = 1) -> Failing:
    """Answer 200 with this content."""
    return Failing(lambda request, call: Response(body, 200, content_type=kind), part, first)


def edited(change: Callable[[Any], Any], part: str = "", *, first: int = 1, times: int = 0) -> Failing:
    """Change the JSON of good answers; what `change` returns (or changed in place) is sent."""

    def answer(request: Request, call: Call) -> Response:
        response = call()
        told = json.loads(response.get_data())
        changed = change(told)
        response.set_data(json.dumps(told if changed is None else changed))
        return response

    return Failing(answer, part, first, times)


def header(name: str, value: Callable[[Request], str | None], part: str = "", *, first: int = 1) -> Failing:
    """Replace a header of good answers; None takes it away."""

    def answer(request: Request, call: Call) -> Response:
        response = call()
        response.headers.remove(name)
        if (written := value(request)) is not None:
            response.headers[name] = written
        return response

    return Failing(answer, part, first)


def broken_off(part: str = "") -> Failing:
    """End the connection before the whole answer is out."""

    def answer(request: Request, call: Call) -> Response:
        response = call()
        whole = response.get_data()
        response.set_data(whole[: len(whole) // 2])
        response.headers["Content-Length"] = str(len(whole))
        response.automatically_set_content_length = False
        return response

    return Failing(answer, part)

"""A language model for tests: a server on this machine that speaks the API of OpenAI's chat completions."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from sync_worker.config.language_model import LanguageModelSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

KEY = "sk-test-4711"
Items = list[dict[str, Any]]


def honest(items: Items) -> dict[str, Any]:
    """Propose for each item words of its own: the heading is how the passage begins, the sentence names the topic."""
    told = [
        {
            "n": item["n"],
            "heading": " ".join(item["passage"].split()[:6]).rstrip(".,;"),
            "sentence": f"It is about {item['topic'].lower()}.",
        }
        for item in items
    ]
    return {"opening": f"This week was about {items[0]['topic'].lower()}.", "items": told}


@dataclass
class ModelServer:
    """What the server answers, and what it was asked.

    `says` makes the text of the answer from the items that were sent; `status`, `body` and `delay` (seconds) replace a
    good answer.
    """

    url: str = ""
    says: Callable[[Items], Any] = honest
    status: int = 200
    body: bytes | None = None
    delay: float = 0.0
    usage: Any = field(default_factory=lambda: {"total_tokens": 321})
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    @property
    def settings(self) -> LanguageModelSettings:
        """Settings that lead to it."""
        return LanguageModelSettings(url=self.url, model="small", timeout=5)

    @property
    def sent(self) -> str:
        """All that was ever sent to it."""
        return "\n".join(one["content"] for call in self.asked for one in call["messages"])

    def items(self, call: int = -1) -> Items:
        """Return the items of a call."""
        return list(json.loads(self.asked[call]["messages"][-1]["content"])["items"])

    def answer(self, path: str, given: Mapping[str, Any]) -> tuple[int, bytes]:
        """Return status and body."""
        self.asked.append(given)
        if self.delay:
            time.sleep(self.delay)
        if path != "/v1/chat/completions":
            return 404, b'{"error": {"message": "not here"}}'
        if self.body is not None or self.status != 200:
            return self.status, self.body or json.dumps({"error": {"message": given["messages"]}}).encode()
        is_probe = "response_format" not in given
        text = "yes" if is_probe else self.says(self.items())
        content = text if isinstance(text, str) else json.dumps(text)
        message = {"role": "assistant", "content": content}
        return 200, json.dumps({"choices": [{"index": 0, "message": message}], "usage": self.usage}).encode()


@contextmanager
def model_server(**more: Any) -> Iterator[ModelServer]:
    """Give a server in a thread."""
    made = ModelServer(**more)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            made.headers.append(dict(self.headers))
            status, body = made.answer(self.path, json.loads(self.rfile.read(length)))
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # who asked has gone
                pass

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join(timeout=30)
        server.server_close()

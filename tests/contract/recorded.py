"""Recorded calls of a real Discourse: reading them, sending them again to any forum, in their true order."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import requests

from tests.patient import patiently, without_cookies

RECORDED_HOST = "http://forum.example.com"
_MOMENT = re.compile(r'"(2026-11-24T\d\d:\d\d:\d\d\.\d{3}Z)"')
_SHORTENED = re.compile(r"\.\.\.<(\d+) bytes in all>$")
SEEDED_AT = datetime(2026, 11, 24, 0, 27, 34, tzinfo=UTC)
START = datetime(2026, 11, 24, 0, 28, 40, tzinfo=UTC)
"""When the recorder began; the forum was seeded a minute earlier."""


@dataclass(frozen=True)
class Recording:
    """One recorded call and its answer."""

    number: int
    name: str
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def id(self) -> str:
        """How the call is named in test reports."""
        return f"{self.number:03d} {self.name}"

    @property
    def method(self) -> str:
        return str(self.request["method"])

    @property
    def path(self) -> str:
        return str(self.request["path"])

    def latest_moment(self) -> datetime | None:
        """The latest moment of the day of recording that the answer names."""
        found = _MOMENT.findall(json.dumps(self.response.get("json")))
        return max((datetime.fromisoformat(text) for text in found), default=None)

    def body(self) -> bytes | None:
        """The request's body; what was shortened in the file is completed from the answer or the pattern it follows."""
        body = self.request.get("body")
        if body is None:
            return None
        if str(body).startswith("b'"):
            value = ast.literal_eval(body)
            assert isinstance(value, bytes)
            return value
        shortened = _SHORTENED.search(body)
        return self._complete(body[: shortened.start()], int(shortened[1])) if shortened else body.encode()

    def _complete(self, start: str, size: int) -> bytes:
        if start.startswith("{"):
            addresses = self.request["json"]["email"]
            return json.dumps({**self.request["json"], "email": addresses}).encode()
        pairs = parse_qsl(start, keep_blank_values=True)
        name, text = pairs[-1]
        if name == "usernames":
            pairs[-1] = name, _numbered(text.split(",")[0], size, pairs)
            return urlencode(pairs).encode()
        return _repeated(pairs, name, text, size)


def _numbered(first: str, size: int, pairs: list[tuple[str, str]]) -> str:
    prefix = first.rstrip("0123456789")
    number, names = int(first[len(prefix) :]), [first]
    while len(urlencode([*pairs[:-1], (pairs[-1][0], ",".join(names))])) < size:
        number += 1
        names.append(f"{prefix}{number:04d}")
    return ",".join(names)


def _repeated(pairs: list[tuple[str, str]], name: str, text: str, size: int) -> bytes:
    """Continue a text that repeats its first words, to exactly `size` bytes with what stood behind it."""
    words = text.split(" ")
    unit = " ".join(words[: 2 if words[1] != words[0] else 1]) + " "
    rest = "&category=5" if name == "raw" and "topic_id" not in dict(pairs) and words[0] == "some" else ""
    head = urlencode([*pairs[:-1], (name, "")])
    repeats = (size - len(head) - len(rest)) // len(urlencode({"": unit})[1:]) + 1
    room = size - len(head) - len(rest)
    encoded = urlencode({"": unit * repeats})[1:][:room]
    return f"{head}{encoded}{rest}".encode()


def read_all(folder: Path) -> list[Recording]:
    """Read every recorded call (no webhook deliveries), in the order in which they were made.

    The calls numbered 6xx were made after those numbered 70x and 71x: the times and the ids in the answers show it.
    """
    found = []
    for path in sorted(folder.glob("[0-9][0-9][0-9]-*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "response" in content:
            number = int(path.name[:3])
            found.append(Recording(number, content["name"], content["request"], content["response"]))
    return sorted(found, key=lambda item: (_phase(item.number), item.number))


def _phase(number: int) -> int:
    return {7: 6, 6: 7}.get(number // 100, number // 100) if number < 750 else 8


@dataclass
class Answer:
    """What a forum answered."""

    status: int
    headers: dict[str, str]
    text: str
    json: Any = None


@dataclass(frozen=True)
class Exchange:
    """A call that was sent, and what the forum answered."""

    method: str
    path: str
    content_type: str
    body: bytes | None
    answer: Answer


@dataclass
class Keys:
    """What stands for the masked keys of the recordings."""

    all_users: str
    single_user: str
    scoped: str = "0" * 64

    def of(self, placeholder: str) -> str:
        if placeholder.startswith("<all-users"):
            return self.all_users
        if placeholder.startswith("<single-user"):
            return self.single_user
        if placeholder.startswith("<a key with scope"):
            return self.scoped
        return "f" * 64


@dataclass
class Client:
    """Sends recorded calls, and some of our own, to one forum; knows nothing but its address and its keys.

    A patient one waits where the forum says that a limit of calls is reached; any other takes that for the answer.
    """

    base_url: str
    keys: Keys
    is_patient: bool = False
    http: requests.Session = field(default_factory=without_cookies)
    exchanges: list[Exchange] = field(default_factory=list)

    def send(self, recording: Recording) -> Exchange:
        """Send a recorded call again."""
        headers = {
            name: value for name, value in recording.request["headers"].items() if name not in ("Host", "Api-Key")
        }
        if placeholder := recording.request["headers"].get("Api-Key"):
            headers["Api-Key"] = self.keys.of(placeholder)
        headers.setdefault("Accept", "*/*")
        self._send(recording.method, recording.path, headers, recording.body())
        return self.exchanges[-1]

    def call(
        self, method: str, path: str, *, user: str | None = "forumadmin", json_body: Any = None, **form: str
    ) -> Answer:
        """Make a call of our own with the key of all users."""
        headers = {"User-Agent": "contract-suite/1.0", "Accept": "application/json"}
        if user is not None:
            headers |= {"Api-Key": self.keys.all_users, "Api-Username": user}
        if json_body is not None:
            headers["Content-Type"] = "application/json"
            return self._send(method, path, headers, json.dumps(json_body).encode())
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._send(method, path, headers, urlencode(form).encode() if form else None)

    def upload(self, user: str, name: str, content: bytes) -> Answer:
        """Upload a file for use in a post."""
        files = {"file": (name, content, "image/png")}
        request = requests.Request("POST", self.base_url, data={"upload_type": "composer"}, files=files).prepare()
        assert isinstance(request.body, bytes)
        headers = {"Accept": "application/json", "Api-Key": self.keys.all_users, "Api-Username": user}
        headers["Content-Type"] = request.headers["Content-Type"]
        return self._send("POST", "/uploads.json", headers, request.body)

    def _send(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        request = requests.Request(method, self.base_url + path, headers=headers, data=body)
        prepared = self.http.prepare_request(request)
        prepared.url = self.base_url + path

        def once() -> requests.Response:
            return self.http.send(prepared, timeout=60, allow_redirects=False)

        raw = patiently(once) if self.is_patient else once()
        own = {name.lower(): self._as_recorded(value) for name, value in raw.headers.items()}
        text = self._as_recorded(raw.content.decode("utf-8", "replace"))
        is_json = own.get("content-type", "").startswith("application/json")
        answer = Answer(raw.status_code, own, text, json.loads(text) if is_json and text.strip() else None)
        self.exchanges.append(Exchange(method, path, headers.get("Content-Type", ""), body, answer))
        return answer

    def _as_recorded(self, text: str) -> str:
        text = text.replace(self.base_url, RECORDED_HOST)
        return text.replace(self.base_url.removeprefix("http:"), RECORDED_HOST.removeprefix("http:"))


class PracticeClock:
    """Moves a practice forum's clock along the times of the recordings, so that limits and pauses hold as recorded."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.now = START

    def pass_by(self, span: timedelta) -> None:
        self.set(self.now + span)

    def set(self, moment: datetime) -> None:
        self.now = moment
        answer = self.client.call("PUT", "/practice/clock.json", json_body={"now": moment.isoformat()})
        assert answer.status == 200, answer.text

    def before(self, recording: Recording) -> None:
        """Move to when the call was made: the latest moment its answer names, or a little later than the last call."""
        at = recording.latest_moment()
        elapsed = timedelta(milliseconds=float(recording.response.get("elapsed_ms") or 10))
        self.set(max(at or START, self.now + elapsed))

"""How learners reach the forum: over HTTP, each as themselves."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sync_worker.errors import ForumError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

TIMEOUT = 60
REFUSED = (403, 404, 422, 429)
Json = dict[str, Any]


class Browser:
    """One kept connection to the practice forum, used by all learners in turn; also sets the forum's clock.

    Thousands of small calls go through it, one after the other, so it is as thin as can be. Its calls are exempt from
    the forum's faults.
    """

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.now: datetime | None = None
        self.refusals: list[str] = []
        self._http = HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
        self._headers: dict[str, str] = {
            "Api-Key": key,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Practice-Forum-Faults": "off",
        }

    def set_clock(self, moment: datetime) -> datetime:
        """Let it be `moment` on the forum from the next call on, or leave it where it is later already; return it."""
        if self.now is None or moment > self.now:
            self.now = moment
            self._headers["Practice-Forum-Now"] = moment.isoformat()
        return self.now

    def keep_clock(self) -> None:
        """Set the forum's own clock, for those who do not say what time it is."""
        if self.now is not None:
            self._call("PUT", "/practice/clock.json", "forumadmin", {"now": self.now.isoformat()})

    def wait(self, span: timedelta) -> datetime:
        """Let time pass on the forum."""
        if self.now is None:
            raise ValueError("the clock was not set")
        return self.set_clock(self.now + span)

    def get(self, path: str, username: str) -> Json | None:
        """Read something as somebody; None where the forum does not show it to them."""
        return self._call("GET", path, username, None)

    def send(self, path: str, username: str, data: Mapping[str, Any], method: str = "POST") -> Json | None:
        """Write something as somebody; None where the forum refuses."""
        return self._call(method, path, username, data)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _call(self, method: str, path: str, username: str, data: Mapping[str, Any] | None) -> Json | None:
        body = None if data is None else json.dumps(data).encode()
        self._http.request(method, path, body, {**self._headers, "Api-Username": username})
        answer = self._http.getresponse()
        text = answer.read().decode()
        if answer.status in REFUSED:
            self.refusals.append(f"{method} {path} as {username}: {answer.status} {text[:200]}")
            return None
        if answer.status >= 400:
            raise ForumError(f"{method} {path} as {username}: {text[:200]}", status=answer.status)
        read: Json = json.loads(text) if text else {}
        return read

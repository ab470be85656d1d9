"""What learners use to visit the forum: a browser over HTTP, each as themselves, and what they remember of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sync_worker.errors import ForumError

if TYPE_CHECKING:
    from collections.abc import Mapping


TIMEOUT = 60
BETWEEN_POSTS = timedelta(seconds=40)
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

    def read(self, topic: Json, username: str, *, first: bool = False) -> Json | None:
        """Read the first posts of a topic as somebody, or the latest; the topic as it was listed, with its `posts`."""
        part = "" if first else f"?post_number={topic['highest_post_number'] + 1}&asc=false"
        read = self.get(f"/t/{topic['id']}/posts.json{part}", username)
        return read and {**topic, "posts": read["post_stream"]["posts"]}

    def reply(self, username: str, topic_id: int, raw: str, reply_to: int | None = None) -> bool:
        """Write into a topic as somebody, a little later; False where the forum refuses."""
        self.wait(BETWEEN_POSTS)
        data: Json = {"topic_id": topic_id, "raw": raw}
        if reply_to:
            data["reply_to_post_number"] = reply_to
        return self.send("/posts.json", username, data) is not None

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


@dataclass(slots=True)
class Memory:
    """What one learner remembers of the forum."""

    answered: set[int] = field(default_factory=set)
    liked: set[int] = field(default_factory=set)
    taken_up: set[int] = field(default_factory=set)
    consents: set[int] = field(default_factory=set)
    visits: int = 0
    voted: set[tuple[int, str]] = field(default_factory=set)
    nudged: bool = False
    agreed: set[int] = field(default_factory=set)
    asked_about_use: set[int] = field(default_factory=set)

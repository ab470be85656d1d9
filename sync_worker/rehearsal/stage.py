"""The practice forum of a rehearsal: its accounts and its clock."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from sync_worker import extras
from sync_worker.errors import ForumError
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sync_worker.rehearsal.stand_ins import StandIn

ADMIN = "forumadmin"
SECONDS = 60


class Stage:
    """A practice forum over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.headers.update({"Api-Key": DEFAULT_KEY, "Api-Username": ADMIN})

    def set_clock(self, now: datetime) -> None:
        """Make it that time on the forum."""
        self._call("PUT", "/practice/clock.json", {"now": now.isoformat()})

    def register(self, person: StandIn) -> None:
        """Make an account."""
        account = {
            "username": person.username,
            "name": person.name[:250],
            "email": person.email,
            "password": "nobody-logs-in-to-a-rehearsal",
            "active": True,
            "approved": True,
        }
        answer = self._call("POST", "/users.json", account)
        if not answer.get("success"):
            raise ForumError(f"the account of {person.name} could not be made: {answer.get('message')}.")

    def _call(self, verb: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._session.request(verb, f"{self.url}{path}", json=body, timeout=SECONDS)
        if not answer.ok:
            what = f"the practice forum refused {verb} {path}: {answer.text[:200]}"
            raise ForumError(what, status=answer.status_code)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


@contextmanager
def open_stage(now: datetime) -> Iterator[Stage]:
    """Serve a new practice forum, which is gone afterwards; it begins at `now`.

    Raises:
        ConfigError: the libraries of the extra `demo` are not installed.

    """
    serve = extras.load("sync_worker.practice_forum.app:ForumServer", "a rehearsal")
    with serve(":memory:", options=ForumOptions(now=now)) as server:
        stage = Stage(server.url)
        try:
            yield stage
        finally:
            stage.close()

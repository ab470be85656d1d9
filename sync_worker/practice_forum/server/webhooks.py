"""Webhooks that the practice forum sends: signed, one event a request, after the transaction; never tried again."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import secrets
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, inspect, select

from sync_worker.practice_forum.tables import Like, Post, Topic, WebHook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

SECONDS = 20.0
IDS = 10**15
EVENT_TYPES: dict[str, dict[str, int]] = {
    "topic": {"topic_created": 101, "topic_edited": 103, "topic_destroyed": 104},
    "post": {"post_created": 201, "post_edited": 202, "post_destroyed": 203},
    "solved": {"accepted_solution": 1101, "unaccepted_solution": 1102},
    "group_user": {"user_added_to_group": 1401, "user_removed_from_group": 1402},
    "like": {"post_liked": 1501},
}
"""The events that are sent, by their type, with Discourse's own numbers."""
_PENDING = "webhook events"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one address."""

    hook: int
    url: str
    secret: str
    kind: str
    name: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The headers that Discourse sends."""
        found = {
            "Content-Type": "application/json",
            "X-Discourse-Instance": "practice",
            "X-Discourse-Event-Id": str(secrets.randbelow(IDS)),
            "X-Discourse-Event-Type": self.kind,
        }
        if self.name:
            found["X-Discourse-Event"] = self.name
        if self.secret:
            digest = hmac.new(self.secret.encode(), self.body, hashlib.sha256).hexdigest()
            found["X-Discourse-Event-Signature"] = f"sha256={digest}"
        return found


class WebHooks:
    """Notices what happens in a session and sends it once that is committed, from a thread of its own."""

    def __init__(self) -> None:
        self._hooks: list[tuple[int, str, str, frozenset[int]]] = []
        self._waiting: queue.Queue[Delivery] = queue.Queue()
        self._sender: threading.Thread | None = None
        self.delivered: dict[int, int] = {}

    def reload(self, session: Session) -> None:
        """Read which hooks there are; called after each change of them, before it is committed."""
        session.flush()
        rows = session.scalars(select(WebHook).where(WebHook.active.is_(True)))
        self._hooks = [(row.id, row.payload_url, row.secret, frozenset(row.event_type_ids)) for row in rows]

    def watch(self, session: Session) -> None:
        """Notice what happens in a session."""
        if self._hooks:
            session.info[_PENDING] = []
            event.listen(session, "after_flush", _note)
            event.listen(session, "after_commit", self._send)

    def ping(self, hook: WebHook) -> None:
        """Send a test."""
        self._put(Delivery(hook.id, hook.payload_url, hook.secret, "ping", "", b'{"ping":"OK"}'))

    def _send(self, session: Session) -> None:
        for kind, name, payload in session.info.pop(_PENDING, []):
            body = json.dumps({kind: payload}, default=str).encode()
            for number, url, secret, wanted in self._hooks:
                if EVENT_TYPES[kind][name] in wanted:
                    self._put(Delivery(number, url, secret, kind, name, body))

    def _put(self, delivery: Delivery) -> None:
        self._waiting.put(delivery)
        if self._sender is None or not self._sender.is_alive():
            self._sender = threading.Thread(target=self._work, name="webhooks", daemon=True)
            self._sender.start()

    def _work(self) -> None:
        while True:
            delivery = self._waiting.get()
            self.delivered[delivery.hook] = _deliver(delivery)


def _deliver(delivery: Delivery) -> int:
    """Send an event; return the status, 0 where there was no answer."""
    message = urllib.request.Request(  # noqa: S310  (an administrator wrote the address)
        delivery.url, data=delivery.body, headers=delivery.headers, method="POST"
    )
    try:
        with urllib.request.urlopen(message, timeout=SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return 0


def _note(session: Session, context: object) -> None:
    del context
    found = session.info.setdefault(_PENDING, [])
    with session.no_autoflush:
        for row in session.new:
            found += _made(session, row)
        for row in session.dirty:
            found += _changed(session, row)


def _made(session: Session, row: object) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if isinstance(row, Post):
        yield "post", "post_created", _post(session, row)
        if row.post_number == 1:
            yield "topic", "topic_created", _topic(session, row.topic_id)
    elif isinstance(row, Like):
        post = session.get(Post, row.post_id)
        if post is not None:
            yield "like", "post_liked", {"post": _post(session, post), "user": {"id": row.user_id}}


def _changed(session: Session, row: object) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if isinstance(row, Post):
        state = inspect(row)
        if state.attrs.deleted_at.history.has_changes() and row.deleted_at is not None:
            yield "post", "post_destroyed", _post(session, row)
        elif state.attrs.raw.history.has_changes():
            yield "post", "post_edited", _post(session, row)
    elif isinstance(row, Topic) and inspect(row).attrs.accepted_post_id.history.has_changes():
        post = session.get(Post, row.accepted_post_id) if row.accepted_post_id else None
        if post is not None:
            yield "solved", "accepted_solution", _post(session, post)


def _post(session: Session, post: Post) -> dict[str, Any]:
    topic = session.get(Topic, post.topic_id)
    return {
        "id": post.id,
        "topic_id": post.topic_id,
        "post_number": post.post_number,
        "user_id": post.user_id,
        "raw": post.raw,
        "cooked": post.cooked,
        "created_at": post.created_at,
        "category_id": topic.category_id if topic else None,
        "topic_title": topic.title if topic else None,
        "topic_archetype": topic.archetype if topic else None,
    }


def _topic(session: Session, topic_id: int) -> dict[str, Any]:
    topic = session.get(Topic, topic_id)
    if topic is None:
        return {"id": topic_id}
    return {"id": topic.id, "title": topic.title, "category_id": topic.category_id, "archetype": topic.archetype}


def note_memberships(session: Session, group_id: int, user_ids: Iterable[int], *, added: bool) -> None:
    """Notice that people came into a group or left it: they are written many at a time, past the session's rows."""
    if _PENDING in session.info:
        name = "user_added_to_group" if added else "user_removed_from_group"
        session.info[_PENDING] += [
            ("group_user", name, {"group_id": group_id, "user_id": user_id}) for user_id in user_ids
        ]

"""Webhooks of the forum: verified and written down at once, worked later. Each only says where to look sooner.

What is in them is not believed and not kept but for numbers: the worker reads the forum itself. So a webhook that is
lost, doubled, late or in another order changes nothing in the end.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from sync_worker.activity.consents import question_of
from sync_worker.config.options import SHORTEST
from sync_worker.errors import ConfigError
from sync_worker.store.tables import ConsentRow, MembershipRow, WebhookEventRow
from sync_worker.worker.roster_sync import read_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
PATH = "/webhooks"
EVENTS = (
    "topic_created", "topic_edited", "topic_destroyed", "topic_recovered", "post_created", "post_edited",
    "post_destroyed", "post_recovered", "post_liked", "accepted_solution", "unaccepted_solution",
    "user_added_to_group", "user_removed_from_group",
)  # fmt: skip
OF_GROUPS = ("user_added_to_group", "user_removed_from_group")
SIGNATURE = "x-discourse-event-signature"
MAX_BYTES = 2_000_000
SHORTEST_SECRET = 12
MOST_WAITING = 10_000
"""So many events wait at most; further ones are not written down: the worker is far behind, and polls all the same."""
OURS_FOR = timedelta(hours=1)
SAID_EVERY = timedelta(minutes=1)
LONGEST_ID, LARGEST_NUMBER = 64, 2**31 - 1


def checked_secret(secret: str, where: str) -> str:
    """Return a secret that Discourse takes.

    Raises:
        ConfigError: there is none, it is too short, or not of plain characters.

    """
    if not secret:
        raise ConfigError(
            "there is no secret of webhooks.",
            where=f"environment variable {where}",
            do="Make one (openssl rand -hex 32), and let `lcm run` have it too.",
        )
    if len(secret) < SHORTEST_SECRET or not secret.isascii() or not secret.isprintable():
        raise ConfigError(
            f"the secret of webhooks needs {SHORTEST_SECRET} plain characters or more.",
            where=f"environment variable {where}",
            do="Make one: openssl rand -hex 32",
        )
    return secret


def signature_of(secret: str, body: bytes) -> str:
    """Return what the header of a body that was signed with the secret says."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


@dataclass(slots=True)
class Refused:
    """Logs requests without our signature: anybody can send them, as fast as they like, so one line a minute."""

    _said: datetime | None = None
    _since: int = 0
    _lock: Lock = field(default_factory=Lock)

    def note(self, now: datetime) -> None:
        """Log that one was refused, and how many since the last line; or only count it."""
        with self._lock:
            self._since += 1
            if self._said is not None and timedelta(0) <= now - self._said < SAID_EVERY:
                return
            count, self._said, self._since = self._since, now, 0
        more = f", and {count - 1:,} more since this was said last" if count > 1 else ""
        LOG.warning("a webhook without our signature was refused%s", more)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Takes in webhooks of one forum; called by the web server's threads.

    Args:
        store: where what arrives is written down.
        forum: the forum's name in the store.
        secret: the one that the forum signs with.
        wake: called when there is something to do.
        refused: logs what is not taken in.

    """

    store: Store
    forum: str
    secret: str
    wake: Callable[[], None]
    refused: Refused = field(default_factory=Refused)

    def receive(self, headers: Mapping[str, str], body: bytes, now: datetime) -> HTTPStatus:
        """Take in one request; return the status to answer with.

        A signature is compared in constant time, over the bytes as they came, before anything of them is read.
        """
        headers = {name.lower(): value for name, value in headers.items()}
        given = headers.get(SIGNATURE) or ""
        if not hmac.compare_digest(signature_of(self.secret, body).encode(), given.encode("utf-8", "replace")):
            self.refused.note(now)
            return HTTPStatus.FORBIDDEN
        name, number = headers.get("x-discourse-event") or "", headers.get("x-discourse-event-id") or ""
        if name not in EVENTS:
            return HTTPStatus.OK  # a ping, or an event that nobody asked for
        if not number.isascii() or not 0 < len(number) <= LONGEST_ID:
            return HTTPStatus.BAD_REQUEST
        try:
            read = json.loads(body)
        except (ValueError, RecursionError):
            return HTTPStatus.BAD_REQUEST
        if not isinstance(read, dict):
            return HTTPStatus.BAD_REQUEST
        if self._write_down(number, name, read, now):
            self.wake()
        return HTTPStatus.OK

    def _write_down(self, number: str, name: str, read: dict[str, Any], now: datetime) -> bool:
        """Write an event down, unless it is known or of our own making; return whether there is something to do."""
        try:
            with self.store.begin() as session:
                if session.get(WebhookEventRow, (self.forum, number)) is not None:
                    return False
                if self._waiting(session) >= MOST_WAITING:
                    return True
                done = name in OF_GROUPS and _is_ours(session, self.forum, name, read, now)
                session.add(
                    WebhookEventRow(
                        forum=self.forum, event_id=number, event=name, topic_id=_topic(read), worked=done, at=now
                    )
                )
        except IntegrityError:  # the same event in two threads
            return False
        return not done

    def _waiting(self, session: Session) -> int:
        query = select(func.count()).select_from(WebhookEventRow)
        waits = WebhookEventRow.forum == self.forum, WebhookEventRow.worked.is_(False)
        return session.scalar(query.where(*waits)) or 0


def _topic(read: dict[str, Any]) -> int | None:
    """Return which topic an event is about, None where it is about none, or does not say."""
    topic, like = read.get("topic"), read.get("like")
    post = read.get("post") or read.get("solved") or (like.get("post") if isinstance(like, dict) else None)
    found = topic.get("id") if isinstance(topic, dict) else post.get("topic_id") if isinstance(post, dict) else None
    return _number(found)


def _number(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and isinstance(value, int) and 0 < value <= LARGEST_NUMBER else None


def _is_ours(session: Session, forum: str, name: str, read: dict[str, Any], now: datetime) -> bool:
    """Whether a change of a group is one that we have just made ourselves."""
    membership = read.get("group_user")
    user = _number(membership.get("user_id")) if isinstance(membership, dict) else None
    states = ("adding", "added") if name == "user_added_to_group" else ("removing", "removed")
    ours = MembershipRow.forum == forum, MembershipRow.user_id == user, MembershipRow.state.in_(states)
    return session.scalars(select(MembershipRow).where(*ours, MembershipRow.at > now - OURS_FOR)).first() is not None


@dataclass(frozen=True, slots=True)
class Sooner:
    """What is to be looked at sooner because of what arrived."""

    desks: bool = False
    people: bool = False
    conversations: int = 0


def work_on(store: Store, forum: str, now: datetime) -> Sooner:
    """Work on what arrived, in one transaction: let what it is about be read at the next look. Calls: none.

    A conversation about a story is read again at the next tick, desks are brought up to date, people are synced, but
    not sooner than the shortest time between two syncs after the last one.
    """
    with store.begin() as session:
        waits = WebhookEventRow.forum == forum, WebhookEventRow.worked.is_(False)
        rows = session.scalars(select(WebhookEventRow).where(*waits).order_by(WebhookEventRow.at)).all()
        topics = {row.topic_id for row in rows if row.topic_id is not None}
        conversations = _read_again(session, forum, topics) if topics else 0
        people = [row for row in rows if row.event in OF_GROUPS]
        others = [row for row in rows if row.event not in OF_GROUPS]
        for row in others:
            row.worked = True
    is_time = bool(people) and _sync_sooner(store, forum, now)
    if is_time:
        with store.begin() as session:
            for row in people:
                session.merge(row).worked = True
    return Sooner(bool(others), is_time, conversations)


def _read_again(session: Session, forum: str, topics: set[int]) -> int:
    count = 0
    for row in session.scalars(select(ConsentRow).where(ConsentRow.forum == forum)):
        asked = question_of(session, row)
        if asked is not None and asked.result.get("topic_id") in topics:
            row.looked_at = None
            count += 1
    return count


def _sync_sooner(store: Store, forum: str, now: datetime) -> bool:
    state = read_state(store, forum)
    if state.at is not None and timedelta(0) <= now - state.at < SHORTEST:
        return False
    if state.at is not None:
        write_state(store, forum, replace(state, at=None))
    return True

"""What is done without a text, carried out once: topics pinned, unpinned and closed, cohorts archived.

A topic that people deleted, moved or closed, or in which they wrote meanwhile, is left as it is; the ledger says so.
Two topics that were merged leave a closed one behind, so the same holds for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.model import ActionKind
from sync_worker.publish.verdict import Carried
from sync_worker.store import clocks
from sync_worker.store.ledger import acted_on

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.writing import TopicState
    from sync_worker.store.tables import LedgerRow

FOUND = "found on the forum"
NOT_PINNED = "there is no topic to pin"
PIN_OVER = "the time to be pinned is over"
TOPIC_GONE = "the topic was deleted; nothing was done about it"
TOPIC_MOVED = "the topic was moved to another category; it is left as it is"
NOT_THE_TOPIC = "the topic is not ours any more; it is left as it is"
TOPIC_CLOSED = "somebody closed the topic; it is left as it is"
PINNED_BY_OTHERS = "somebody pinned the topic, until another time; it is left so"
NOT_PINNED_NOW = "the topic is not pinned any more"
IN_USE = "somebody has written in the topic since; it stays open"

ACTIONS = frozenset(ActionKind)


@dataclass(frozen=True, slots=True)
class Acts:
    """Carries out actions; `fresh` says that the entry was written a moment ago, and cannot have been tried before."""

    forum: Forum
    sessions: sessionmaker[Session]
    cohort: str
    now: datetime
    fresh: bool

    def carry_out(self, row: LedgerRow, target: LedgerRow | None) -> Carried:
        """Make what the entry says true, once.

        `target` is the entry of the topic where the action came with it. Calls: 2 for a topic, 1 where it is left as it
        is; none for a cohort.

        Raises:
            ForumError: it could not be done, or nobody can tell; the entry stays intended.

        """
        if row.action == ActionKind.ARCHIVE:
            with self.sessions.begin() as session:
                clocks.archive(session, row.forum, row.cohort, row.created_at)
            return Carried("done")
        topic_id = _topic_of(row, target)
        if topic_id is None:
            return Carried("skipped", reason=NOT_PINNED)
        try:
            return self._on_topic(ActionKind(row.action), topic_id, _Wanted.of(row, target))
        except ForumError as error:
            if error.refused_with(404, 410):
                return Carried("skipped", topic_id, reason=TOPIC_GONE)
            raise

    def _on_topic(self, kind: ActionKind, topic_id: int, wanted: _Wanted) -> Carried:
        if kind is ActionKind.PIN:
            return self._pin(topic_id, wanted)
        if kind is ActionKind.UNPIN:
            objection = self.forum.unpin(topic_id, lambda state: self._against_unpinning(state, topic_id, wanted))
        else:
            objection = self.forum.close_topic(topic_id, lambda state: self._against_closing(state, wanted))
        return _came_to(topic_id, objection)

    def _pin(self, topic_id: int, wanted: _Wanted) -> Carried:
        until = wanted.until
        if until is None or until <= self.now:
            return Carried("skipped", topic_id, reason=PIN_OVER)

        def objection(state: TopicState) -> str:
            if state.pinned and not state.is_pinned_until(until) and not self._is_our_pin(state, topic_id):
                return PINNED_BY_OTHERS
            return self._objection(state, topic_id, wanted)

        return _came_to(topic_id, self.forum.pin(topic_id, until, objection))

    def _objection(self, state: TopicState, topic_id: int, wanted: _Wanted) -> str:
        """Return why a topic is left as it is; one that we closed ourselves may be pinned and unpinned."""
        found = wanted.objection(state)
        if not found and state.closed and self._last(ActionKind.CLOSE, topic_id) is None:
            return TOPIC_CLOSED
        return found

    def _against_unpinning(self, state: TopicState, topic_id: int, wanted: _Wanted) -> str:
        found = self._objection(state, topic_id, wanted)
        if not found and not state.pinned:
            return FOUND if not self.fresh else NOT_PINNED_NOW
        return found or ("" if self._is_our_pin(state, topic_id) else PINNED_BY_OTHERS)

    def _against_closing(self, state: TopicState, wanted: _Wanted) -> str:
        if state.closed:
            return wanted.objection(state) or (TOPIC_CLOSED if self.fresh else FOUND)
        since, last = wanted.quiet_since, state.last_posted_at
        is_in_use = since is not None and last is not None and last > since
        return wanted.objection(state) or (IN_USE if is_in_use else "")

    def _is_our_pin(self, state: TopicState, topic_id: int) -> bool:
        """Whether a topic is pinned as we pinned it last."""
        row = self._last(ActionKind.PIN, topic_id)
        until = _moment(row.payload.get("until")) if row is not None else None
        return until is not None and state.is_pinned_until(until)

    def _last(self, kind: ActionKind, topic_id: int) -> LedgerRow | None:
        with self.sessions() as session:
            return acted_on(session, self.forum.name, self.cohort, kind).get(topic_id)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an entry wants of a topic: where it is, how it is known, and until and since when."""

    category_id: int | None
    key: str
    until: datetime | None
    quiet_since: datetime | None

    @classmethod
    def of(cls, row: LedgerRow, target: LedgerRow | None) -> _Wanted:
        payload = row.payload
        if target is not None:
            return cls(target.payload.get("category_id"), target.key, _moment(payload.get("until")), None)
        return cls(
            payload.get("category_id"),
            payload.get("topic_key") or "",
            _moment(payload.get("until")),
            _moment(payload.get("quiet_since")),
        )

    def objection(self, state: TopicState) -> str:
        """Return why a topic is not the one that is meant, or is where it was not."""
        if state.deleted:
            return TOPIC_GONE
        if self.key and state.external_id not in (None, self.key):
            return NOT_THE_TOPIC
        if None not in (self.category_id, state.category_id) and state.category_id != self.category_id:
            return TOPIC_MOVED
        return ""


def _came_to(topic_id: int, objection: str) -> Carried:
    state = "skipped" if objection not in ("", FOUND) else "done"
    return Carried(state, topic_id, reason=objection)


def _topic_of(row: LedgerRow, target: LedgerRow | None) -> int | None:
    found = target.result.get("topic_id") if target is not None else row.payload.get("topic_id")
    return found if isinstance(found, int) else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

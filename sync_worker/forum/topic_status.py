"""What a topic is: pinned, open or closed; looked at before it is changed.

Discourse adds a small action to a topic with every effective change, so nothing is changed that is as it should be.
Source: Discourse's topics_controller.rb (`status`), 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.failures import FailedCall
from sync_worker.forum.parse import Shape, is_deleted, is_pinned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sync_worker.forum.transport import Transport

PIN_TOLERANCE = 1.0  # seconds; Discourse keeps milliseconds


@dataclass(frozen=True, slots=True)
class TopicState:
    """What a topic is at a moment; `last_posted_at` is None where the forum does not say."""

    category_id: int | None
    external_id: str | None
    deleted: bool
    closed: bool
    pinned: bool
    pinned_until: datetime | None
    last_posted_at: datetime | None

    def is_pinned_until(self, until: datetime) -> bool:
        """Whether it is pinned, and until then."""
        if not self.pinned or self.pinned_until is None:
            return False
        return abs((self.pinned_until - until).total_seconds()) <= PIN_TOLERANCE


def _nothing_against(_: TopicState) -> str:
    return ""


class StatusCalls:
    """The calls about what topics are."""

    _http: Transport

    def topic_state(self, topic_id: int) -> TopicState | None:
        """Return what a topic is, deleted or not; None where none of this id can be seen. Calls: 1."""
        try:
            return _parse(Shape(self._http.ask("GET", f"/t/{topic_id}.json").json(), "answer"))
        except ForumError as error:
            if error.refused_with(403, 404, 410):
                return None
            raise

    def pin(self, topic_id: int, until: datetime, unless: Callable[[TopicState], str] = _nothing_against) -> str:
        """Pin a topic in its category until then; does nothing where it is so already. Calls: 2, or 1.

        Args:
            topic_id: which.
            until: an aware time.
            unless: gives the reason to leave a topic as it is, "" for none.

        Returns:
            That reason, "" where the topic is pinned until then.

        """
        if until.tzinfo is None:
            raise ValueError("a pin needs an aware time")
        change = {"status": "pinned", "enabled": "true", "until": until.isoformat()}
        return self._change(topic_id, change, lambda state: state.is_pinned_until(until), unless)

    def unpin(self, topic_id: int, unless: Callable[[TopicState], str] = _nothing_against) -> str:
        """Take a topic's pin away; does nothing where there is none. Calls, arguments, answer: as `pin`."""
        change = {"status": "pinned", "enabled": "false"}
        return self._change(topic_id, change, lambda state: not state.pinned, unless)

    def close_topic(self, topic_id: int, unless: Callable[[TopicState], str] = _nothing_against) -> str:
        """Close a topic: nobody but moderators can reply. Calls, arguments, answer: as `pin`."""
        return self._change(topic_id, {"status": "closed", "enabled": "true"}, lambda state: state.closed, unless)

    def _change(
        self,
        topic_id: int,
        change: Mapping[str, str],
        is_so: Callable[[TopicState], bool],
        unless: Callable[[TopicState], str],
    ) -> str:
        for attempt in count(1):
            state = _parse(Shape(self._http.ask("GET", f"/t/{topic_id}.json").json(), "answer"))
            objection = unless(state)
            if objection or is_so(state):
                return objection
            try:
                self._http.ask("PUT", f"/t/{topic_id}/status.json", data=dict(change), expects="success")
            except FailedCall as error:
                self._pause_or_raise(error, attempt)
            else:
                return ""
        raise AssertionError("unreachable")

    def _pause_or_raise(self, error: ForumError, attempt: int) -> None:
        patience = self._http.patience
        pause = patience.pause_after(error, attempt, harmless=True) if error.doubtful else None
        if pause is None:
            raise error
        patience.sleep(pause)


def _parse(shape: Shape) -> TopicState:
    return TopicState(
        category_id=shape.get("category_id").integer_or_none(),
        external_id=shape.get("external_id").text_or_none(),
        deleted=is_deleted(shape),
        closed=shape.get("closed", default=False).flag(),
        pinned=is_pinned(shape),
        pinned_until=shape.get("pinned_until").time_or_none(),
        last_posted_at=shape.get("last_posted_at").time_or_none(),
    )

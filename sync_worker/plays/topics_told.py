"""Which topics the LCMs know from a message, of any play: no play reports a topic to them as if it were news.

They hear of a topic that waits, and once more where it goes on waiting; after that it stands on the desk and in the
morning note. Before other people hear of it, they are told so all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.model import behind_mark

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sync_worker.plays.context import PastDraft

UNANSWERED, UNANSWERED_STILL, BLOCKED = "first-reply:", "first-reply-again:", "blocker:"
"""Before a topic's id, among the refs of a message that tells the LCMs of it: that nobody has answered it, that nobody
has answered it still, that it is a blocker."""


def topics_in(refs: Iterable[str]) -> list[int]:
    """Return the topics of which a message with these refs tells the LCMs."""
    known = list(refs)
    return [int(one) for mark in (UNANSWERED, UNANSWERED_STILL, BLOCKED) for one in behind_mark(known, mark)]


def told_of(past: Iterable[PastDraft]) -> tuple[dict[int, datetime], frozenset[int]]:
    """Return when each topic was reported to the LCMs first, and which were reported a second time."""
    told: dict[int, datetime] = {}
    again: set[int] = set()
    for one in past:
        for topic in topics_in(one.draft.refs):
            if topic in told:
                again.add(topic)
            else:
                told[topic] = one.slot
    return told, frozenset(again)

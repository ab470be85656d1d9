"""Further languages of a topic that we posted: added once, and never over what people wrote.

Discourse keeps them beside the post and its title, and shows each reader the one that they read. Source: Discourse's
post_localizations_controller.rb and topic_localizations_controller.rb, 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.publish.acts import FOUND
from sync_worker.publish.verdict import Carried

if TYPE_CHECKING:
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.store.tables import LedgerRow

NOT_POSTED = "there is no topic to add a language to"
NOT_OURS = "the topic is closed, or not ours any more; it is left as it is"
EDITED = "somebody changed the topic; the other language would not say the same"
OTHER_TRANSLATION = "somebody wrote it in this language; theirs is left"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a translation goes, or why it does not."""

    post_id: int = 0
    reason: str = ""


def translate(forum: Forum, row: LedgerRow, target: LedgerRow | None, *, fresh: bool) -> Carried:
    """Add a further language to a topic that we posted, unless people changed it or wrote that language themselves.

    Calls: 2 right after the topic was posted; else 1 to 4.

    Raises:
        ForumError: it could not be done; the entry stays intended, and the topic as it is.

    """
    topic_id = target.result.get("topic_id") if target is not None else None
    if target is None or topic_id is None:
        return Carried("skipped", reason=NOT_POSTED)
    post_id = target.result.get("post_id")
    place = _Place(post_id) if fresh and post_id is not None else _look(forum, row, target, topic_id)
    if place.reason:
        return Carried("done" if place.reason == FOUND else "skipped", topic_id, reason=place.reason)
    forum.translate(topic_id, place.post_id, row.payload["locale"], row.payload["title"], row.payload["raw"])
    return Carried("done", topic_id, place.post_id)


def _look(forum: Forum, row: LedgerRow, target: LedgerRow, topic_id: int) -> _Place:
    """Return where the translation goes, as the topic is now."""
    topic = forum.topic(topic_id)
    opening = next((post for post in topic.posts if post.number == 1), None) if topic is not None else None
    if topic is None or opening is None:
        return _Place(reason=NOT_POSTED)
    return _Place(opening.id, _objection(topic, opening, target) or _there(forum, row, opening.id))


def _objection(topic: ForumTopic, opening: ForumPost, target: LedgerRow) -> str:
    if topic.closed or topic.external_id not in (None, target.key):
        return NOT_OURS
    is_edited = opening.raw is not None and opening.raw.strip() != target.payload["raw"].strip()
    return EDITED if is_edited else ""


def _there(forum: Forum, row: LedgerRow, post_id: int) -> str:
    """Return that the translation is there, ours or another, "" where it is not there, or not whole."""
    found = forum.translations(post_id).get(row.payload["locale"])
    if found is None:
        return ""
    title, raw = found
    if raw.strip() != row.payload["raw"].strip():
        return OTHER_TRANSLATION
    return FOUND if title else ""

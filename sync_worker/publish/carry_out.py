"""One entry of the ledger, carried out on the forum, or found there already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.model import Draft, DraftKind
from sync_worker.publish.entries import PIN
from sync_worker.publish.keys import marker
from sync_worker.store.payload import draft_from_json

if TYPE_CHECKING:
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import CreatedPost
    from sync_worker.store.tables import LedgerRow

MAX_TITLE = 255
REMOVED = "removed by a person; not posted again"


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of an entry: `done` or `skipped`, where it stands, and anything worth saying."""

    state: str
    topic_id: int | None = None
    post_id: int | None = None
    reason: str = ""


def carry_out(forum: Forum, row: LedgerRow, target: LedgerRow | None, now: datetime, *, fresh: bool) -> Carried:
    """Make what the entry says true on the forum, once.

    Args:
        forum: where.
        row: the entry.
        target: for a pin, the entry of the topic to pin.
        now: the present.
        fresh: the entry was written a moment ago by this process, so that it cannot be on the forum yet.

    Raises:
        ForumError: it could not be done, or nobody can tell; the entry stays intended.

    """
    if row.action == PIN:
        return _pin(forum, row, target, now)
    draft = draft_from_json(row.payload)
    if draft.kind is DraftKind.REPLY:
        return _reply(forum, row.key, draft, fresh=fresh)
    return _start(forum, row, draft, fresh=fresh)


def _start(forum: Forum, row: LedgerRow, draft: Draft, *, fresh: bool) -> Carried:
    """Start a topic or a message; both carry the key as their external id."""
    found = None if fresh else forum.topic_id_of(row.key)
    if found is not None:
        return Carried("done", found, reason="found on the forum")
    try:
        created = _send(forum, row, draft, draft.title or "")
    except ForumError as error:
        if _key_is_taken(error):
            return Carried("done", reason=REMOVED)
        if not error.refused_with(422) or draft.kind is not DraftKind.TOPIC:
            raise
        # Discourse wants titles to be unique on the whole forum: another cohort may have had the same prompt.
        name = f" · {row.payload['cohort_name']}"
        title = f"{(draft.title or '')[: MAX_TITLE - len(name)]}{name}"
        created = _send(forum, row, draft, title)
    return Carried("done", created.topic_id, created.post_id)


def _send(forum: Forum, row: LedgerRow, draft: Draft, title: str) -> CreatedPost:
    if draft.kind is DraftKind.MESSAGE:
        return forum.create_message(title, draft.raw, draft.recipients, row.key)
    return forum.create_topic(title, draft.raw, row.payload["category_id"], row.key, draft.tags)


def _key_is_taken(error: ForumError) -> bool:
    """Whether the external id belongs to a topic that was deleted.

    The client has already looked for a living one. "External" is the attribute's name, which Discourse does not
    translate.
    """
    return error.refused_with(422) and "external" in error.what.lower()


def _reply(forum: Forum, key: str, draft: Draft, *, fresh: bool) -> Carried:
    topic_id = draft.topic_id or 0
    if not fresh:
        topic = forum.topic(topic_id)
        if topic is None:
            return Carried("skipped", reason="the topic to reply to is gone")
        for post in topic.posts:
            if post.username == forum.username and marker(key) in (post.raw or ""):
                return Carried("done", topic_id, post.id, reason="found on the forum")
    created = forum.reply(topic_id, f"{draft.raw.rstrip()}\n\n{marker(key)}")
    return Carried("done", created.topic_id, created.post_id)


def _pin(forum: Forum, row: LedgerRow, target: LedgerRow | None, now: datetime) -> Carried:
    until = datetime.fromisoformat(row.payload["until"])
    topic_id = target.result.get("topic_id") if target is not None else None
    if topic_id is None:
        return Carried("skipped", reason="there is no topic to pin")
    if until <= now:
        return Carried("skipped", topic_id, reason="the time to be pinned is over")
    forum.pin(topic_id, until)
    return Carried("done", topic_id)

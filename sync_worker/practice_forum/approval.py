"""Posts that wait for a moderator: when, and what happens when one decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sync_worker.practice_forum import text_rules
from sync_worker.practice_forum.posting import Poster, Submission
from sync_worker.practice_forum.tables import Category, Reviewable, Topic
from sync_worker.practice_forum.text_rules import RejectedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.guardian import Guardian
    from sync_worker.practice_forum.tables import User

PENDING, APPROVED, REJECTED, DELETED = 0, 1, 2, 4
QUEUED_POST = "ReviewableQueuedPost"


def needs_approval(guardian: Guardian, wanted: Submission) -> bool:
    """Whether the submission must wait, since its category asks for it and the author does not moderate there."""
    if guardian.is_staff or wanted.message:
        return False
    session = guardian.session
    if wanted.opens_topic:
        number = wanted.category if wanted.category and wanted.category.isdigit() else "0"
        category = session.get(Category, int(number))
        waits = category is not None and category.require_topic_approval
    else:
        topic = guardian.topic(wanted.topic_id)
        category = guardian.category_of(topic) if topic is not None else None
        waits = category is not None and category.require_reply_approval
    return waits and category is not None and not guardian.can_moderate_category(category.id)


def enqueue(poster: Poster, wanted: Submission) -> dict[str, Any]:
    """Check the submission and put it into the queue.

    The external id is lost on the way, as in Discourse.

    Raises:
        RejectedError: it would not hold up as a topic or reply.
        Refusal: 400 or 403 as for posting at once.

    """
    session, user = poster.session, poster.user
    errors = text_rules.body_errors(wanted.raw, poster.settings, first=wanted.opens_topic, message=False)
    if errors:
        raise RejectedError(*errors)
    if wanted.opens_topic:
        poster.check_topic(wanted)
    else:
        poster.reply_topic(wanted)
    category = poster.category(wanted)
    payload: dict[str, Any] = {"raw": wanted.raw, "tags": list(wanted.tags) or None}
    if wanted.title:
        payload["title"] = wanted.title
    if wanted.reply_to:
        payload["reply_to_post_number"] = wanted.reply_to
    row = Reviewable(
        type=QUEUED_POST,
        created_by_id=user.id,
        topic_id=wanted.topic_id,
        category_id=category.id if category else _category_of(session, wanted.topic_id),
        payload=payload,
        created_at=poster.now,
        updated_at=poster.now,
    )
    session.add(row)
    session.flush()
    return {"row": row, "count": pending_count(session, user)}


def _category_of(session: Session, topic_id: int | None) -> int | None:
    topic = session.get(Topic, topic_id) if topic_id else None
    return topic.category_id if topic else None


def pending_count(session: Session, user: User) -> int:
    """Return how many posts of a user wait."""
    mine = (Reviewable.created_by_id == user.id, Reviewable.status == PENDING, Reviewable.type == QUEUED_POST)
    return session.scalar(select(func.count()).select_from(Reviewable).where(*mine)) or 0


def submission_of(row: Reviewable) -> Submission:
    """Return what was queued, ready to be posted without further checks."""
    return Submission(
        raw=row.payload["raw"],
        title=row.payload.get("title"),
        topic_id=row.topic_id,
        category=str(row.category_id) if row.category_id and not row.topic_id else None,
        tags=tuple(row.payload.get("tags") or ()),
        reply_to=row.payload.get("reply_to_post_number"),
        skip_validations=True,
    )

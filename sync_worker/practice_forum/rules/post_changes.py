"""Editing, deleting and recovering posts, and approving those that wait for a moderator."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sync_worker.practice_forum.cook.inline import clean_title, slugify
from sync_worker.practice_forum.rules import events, polls, rights, text_rules, writing
from sync_worker.practice_forum.rules.posting import TITLE_TAKEN, Poster, Submission
from sync_worker.practice_forum.rules.text_rules import RejectedError, word_count
from sync_worker.practice_forum.rules.writing import at_number, cook_post
from sync_worker.practice_forum.tables import Category, Post, PostRevision, Reviewable, Topic, User

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian

_REMOVED = {True: "(topic deleted by author)", False: "(post deleted by author)"}


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change about a post; None leaves it as it is."""

    raw: str | None = None
    reason: str | None = None
    title: str | None = None


def revise(poster: Poster, post: Post, topic: Topic, wanted: Edit) -> None:
    """Carry out an edit.

    Raises:
        RejectedError: the new text or title does not hold up.

    """
    message = topic.archetype == rights.PRIVATE
    raw = wanted.raw.rstrip() if wanted.raw is not None else None
    if raw is not None and raw != post.raw and post.post_type != writing.SMALL_ACTION:
        first = post.post_number == 1
        if errors := text_rules.body_errors(raw, poster.settings, first=first, message=message):
            raise RejectedError(*errors)
    title = topic.title
    if wanted.title is not None:
        rename(poster, topic, wanted.title)
    changed: dict[str, Any] = {"title": [title, topic.title]} if title != topic.title else {}
    if raw is None or raw == post.raw:
        if changed:
            _keep_revision(poster, post, post.raw, wanted, changed)
            post.last_editor_id, post.updated_at = poster.user.id, poster.now
        return
    author = poster.session.get(User, post.user_id) or poster.user
    polls.revise(poster.guardian, post, polls.written(poster.guardian, raw, poster.user, poster.base_url))
    first = post.post_number == 1 and topic.archetype == "regular"
    events.store(poster.session, post, events.written(poster.guardian, raw, poster.user, poster.base_url, first=first))
    _keep_revision(poster, post, raw, wanted, changed | {"raw": [post.raw, raw]})
    post.raw = raw
    post.cooked = cook_post(poster.session, raw, author, topic.id, poster.base_url)
    topic.word_count = (topic.word_count or 0) + word_count(raw) - post.word_count
    post.word_count = word_count(raw)
    post.edit_reason = wanted.reason or post.edit_reason
    post.last_editor_id = poster.user.id
    post.updated_at = topic.updated_at = poster.now
    if post.post_number == topic.highest_post_number and post.version > 1 and post.post_number > 1:
        topic.bumped_at = poster.now


def _keep_revision(poster: Poster, post: Post, raw: str, wanted: Edit, changed: dict[str, Any]) -> None:
    """Start a new version, unless the same author makes a small change within the grace period.

    What a small change is the first to touch joins the revision that is there, with what it was before.
    """
    grace = timedelta(seconds=poster.settings.number("editing_grace_period"))
    most = poster.settings.number("editing_grace_period_max_diff")
    soon = poster.now - post.updated_at < grace and post.last_editor_id == poster.user.id
    if soon and wanted.reason in (None, "", post.edit_reason) and _difference(post.raw, raw) <= most:
        latest = poster.session.get(PostRevision, (post.id, post.version))
        if latest is not None:
            latest.modifications = changed | latest.modifications
        return
    post.version += 1
    poster.session.add(
        PostRevision(
            post_id=post.id,
            number=post.version,
            user_id=poster.user.id,
            modifications=changed | {"edit_reason": [post.edit_reason, wanted.reason]},
            created_at=poster.now,
        )
    )


def _difference(old: str, new: str) -> int:
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(max(b - a, d - c) for kind, a, b, c, d in blocks if kind != "equal")


def rename(poster: Poster, topic: Topic, title: str) -> None:
    """Give a topic another title.

    Raises:
        RejectedError: the title does not hold up.

    """
    message = topic.archetype == rights.PRIVATE
    cleaned = clean_title(title)
    if cleaned == topic.title:
        return
    errors = text_rules.title_errors(cleaned, poster.settings, admin=poster.user.admin, message=message)
    category = str(topic.category_id or 0)
    if not message and not errors and poster.title_taken(cleaned, category, except_topic=topic.id):
        errors.append(TITLE_TAKEN)
    if errors:
        raise RejectedError(*errors)
    topic.title, topic.slug, topic.updated_at = cleaned, slugify(cleaned), poster.now


def remove(poster: Poster, post: Post, topic: Topic) -> None:
    """Delete a post; with the first one goes the topic."""
    if not rights.moderates(poster.guardian, topic):
        _withdraw(poster, post, topic)
        return
    session = poster.session
    was_last = post.post_number == topic.highest_post_number
    post.deleted_at, post.deleted_by_id = poster.now, poster.user.id
    if post.reply_to_post_number:
        _count_reply(session, post, topic, -1)
    if post.post_number == 1:
        topic.deleted_at, topic.deleted_by_id = poster.now, poster.user.id
    session.flush()
    writing.recount(session, topic)
    if was_last and post.post_number > 1:
        writing.reset_bump(session, topic)
    topic.updated_at = poster.now


def _withdraw(poster: Poster, post: Post, topic: Topic) -> None:
    first = post.post_number == 1
    change = {"raw": [post.raw, _REMOVED[first]]}
    _keep_revision(poster, post, _REMOVED[first], Edit(reason="deleted by author"), change)
    post.raw = _REMOVED[first]
    post.cooked = f"<p>{_REMOVED[first]}</p>"
    post.user_deleted = True
    post.updated_at = topic.updated_at = poster.now
    if first:
        topic.closed = True


def bring_back(session: Session, post: Post, topic: Topic) -> None:
    """Undo the deletion of a post; with the first one comes the topic."""
    if post.deleted_at is None:
        _restore_text(session, post)
        return
    post.deleted_at = post.deleted_by_id = None
    post.user_deleted = False
    if post.reply_to_post_number:
        _count_reply(session, post, topic, +1)
    if post.post_number == 1:
        topic.deleted_at = topic.deleted_by_id = None
    session.flush()
    writing.recount(session, topic)


def _restore_text(session: Session, post: Post) -> None:
    latest = session.get(PostRevision, (post.id, post.version))
    post.user_deleted = False
    if latest is not None and "raw" in latest.modifications:
        post.raw = latest.modifications["raw"][0]
        post.cooked = f"<p>{post.raw}</p>"


def _count_reply(session: Session, post: Post, topic: Topic, by: int) -> None:
    replied_to = at_number(session, topic.id, post.reply_to_post_number or 0)
    if replied_to is not None:
        replied_to.reply_count = max(0, replied_to.reply_count + by)


def first_post(guardian: Guardian, topic: Topic) -> Post | None:
    """Return the opening post of a topic, deleted or not."""
    return at_number(guardian.session, topic.id, 1)


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

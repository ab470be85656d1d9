"""Endpoints that list private messages and notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import func, select, update

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.topic_reads import asked_page
from sync_worker.practice_forum.cook.titles import fancy_title
from sync_worker.practice_forum.json import topic_lists
from sync_worker.practice_forum.json.topic_lists import Page
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.rights import PRIVATE
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.clock import iso
from sync_worker.practice_forum.tables import (
    Notification,
    Post,
    Topic,
    TopicAllowedUser,
    User,
)

if TYPE_CHECKING:
    from sqlalchemy import Select

blueprint = Blueprint("messages", __name__)


def _owner(username: str) -> User:
    """The user whose messages are asked for: oneself, or anybody for an administrator."""
    caller = context.require_user()
    owner = people.by_username(context.session(), username)
    if owner is None:
        raise refusals.not_found()
    if owner.id != caller.id and not caller.admin:
        raise refusals.invalid_access()
    return owner


def _messages() -> Select[Topic]:
    return select(Topic).where(Topic.archetype == PRIVATE, Topic.deleted_at.is_(None))


def _addressed_to(owner: User) -> Select[Topic]:
    mine = select(TopicAllowedUser.topic_id).where(TopicAllowedUser.user_id == owner.id)
    return _messages().where(Topic.id.in_(mine))


def _answer(query: Select[Topic], owner: User) -> dict[str, Any]:
    asked = asked_page()
    page = Page(number=asked.number, size=asked.size, pinned_first=False)
    session, guardian = context.session(), context.guardian()
    topics = topic_lists.read_page(session, query, page)
    found = topic_lists.around(guardian, topics)
    extras = topic_lists.message_extras(session, topics, owner.id, found)
    items = [topic_lists.list_item(guardian, topic, found) | extras[topic.id] for topic in topics]
    answer: dict[str, Any] = {
        "can_create_topic": guardian.can_create_topic,
        "per_page": page.size,
        "top_tags": topic_lists.top_tags(guardian),
        "topics": items,
    }
    if len(topics) >= page.size:
        answer["more_topics_url"] = f"/topics/private-messages/{owner.username_lower}?page={page.number + 1}"
    return topic_lists.with_users({"topic_list": answer}, items, found)


@blueprint.get("/topics/private-messages/<username>", endpoint="list/private_messages")
def inbox(username: str) -> dict[str, Any]:
    """List the messages to a user: all but those they opened themselves and nobody has answered yet."""
    owner = _owner(username)
    others = select(Post.topic_id).where(Post.user_id != owner.id, Post.deleted_at.is_(None))
    return _answer(_addressed_to(owner).where(Topic.id.in_(others)), owner)


@blueprint.get("/topics/private-messages-sent/<username>", endpoint="list/private_messages_sent")
def sent(username: str) -> dict[str, Any]:
    """List the messages that a user opened and that nobody but them has written to."""
    owner = _owner(username)
    others = select(Post.topic_id).where(Post.user_id != owner.id, Post.deleted_at.is_(None))
    query = _addressed_to(owner).where(Topic.user_id == owner.id, Topic.id.not_in(others))
    return _answer(query, owner)


MOST = 60


def _notified() -> User:
    caller = context.require_user()
    name = context.params().text("username")
    if not name:
        return caller
    owner = people.by_username(context.session(), name)
    if owner is None:
        raise refusals.not_found()
    if owner.id != caller.id and not caller.staff:
        raise refusals.invalid_access()
    return owner


@blueprint.get("/notifications", endpoint="notifications/index")
def index() -> dict[str, Any]:
    """List a user's notifications, the newest first, 60 at a time."""
    owner, params, session = _notified(), context.params(), context.session()
    limit = min(MOST, params.integer("limit") or MOST)
    offset = max(0, params.integer("offset"))
    mine = Notification.user_id == owner.id
    query = select(Notification, Topic).outerjoin(Topic, Topic.id == Notification.topic_id).where(mine)
    kind = params.text("filter")
    if kind in ("read", "unread"):
        query = query.where(Notification.read.is_(kind == "read"))
    rows = session.execute(query.order_by(Notification.id.desc()).offset(offset).limit(limit))
    more = f"/notifications?limit={limit}&offset={offset + limit}&username={owner.username_lower}"
    listed = [_json(row, topic) for row, topic in rows]
    if "recent" in params:
        return {"notifications": listed, "seen_notification_id": 0}
    return {
        "notifications": listed,
        "total_rows_notifications": session.scalar(select(func.count()).select_from(Notification).where(mine)),
        "seen_notification_id": 0,
        "load_more_notifications": more,
    }


def _json(row: Notification, topic: Topic | None) -> dict[str, Any]:
    answer = {
        "id": row.id,
        "user_id": row.user_id,
        "notification_type": row.notification_type,
        "read": row.read,
        "high_priority": row.high_priority,
        "created_at": iso(row.created_at),
        "post_number": row.post_number,
        "topic_id": row.topic_id,
        "slug": topic.slug if topic else None,
        "data": row.data,
    }
    return answer | ({"fancy_title": fancy_title(topic.title)} if topic else {})


@blueprint.put("/notifications/mark-read", endpoint="notifications/mark_read")
def mark_read() -> dict[str, Any]:
    """Mark one's notifications read, all or the one with `id`."""
    user = context.require_user()
    change = update(Notification).where(Notification.user_id == user.id).values(read=True)
    if number := context.params().integer("id"):
        change = change.where(Notification.id == number)
    context.session().execute(change)
    return {"success": "OK"}

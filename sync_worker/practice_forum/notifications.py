"""The endpoint that lists a user's notifications, and the one that marks them read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import func, select, update

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.cook import fancy_title
from sync_worker.practice_forum.tables import Notification, Topic, User

blueprint = Blueprint("notifications", __name__)

MOST = 60


def _owner() -> User:
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
    owner, params, session = _owner(), context.params(), context.session()
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

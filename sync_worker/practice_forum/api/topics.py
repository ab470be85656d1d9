"""Endpoints that change topics: title, category, tags, dates, owners, deletion; open, archived, pinned; timers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response
from sqlalchemy import bindparam, delete, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.posts import empty, poster
from sync_worker.practice_forum.json.categories import UNCATEGORIZED_ID
from sync_worker.practice_forum.json.topics import basic_topic, timer_json
from sync_worker.practice_forum.rules import people, post_changes, rights, text_rules, writing
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Category, Post, PostRevision, Topic, TopicTimer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.tables import User


blueprint = Blueprint("topics", __name__)

NOT_UPDATED = "There was an error updating that topic."
CATEGORY_NOT_FOUND = "Category not found!"
CONFLICT = "That post was edited by another user and your changes can no longer be saved."
NOT_DELETED = "There was an error deleting that topic. Please contact the site's administrator."
MOVE_REFUSED = "You cannot move this topic to a category where you do not have permission to create new topics."


def live_topic(topic_id: int) -> Topic | None:
    """Return a topic that is not deleted."""
    topic = context.session().get(Topic, topic_id)
    return None if topic is None or topic.deleted_at is not None else topic


@blueprint.put("/t/<int:topic_id>", endpoint="topics/update")
@blueprint.put("/t/<slug>/<int:topic_id>", endpoint="topics/update")
def update(topic_id: int, slug: str = "") -> dict[str, Any]:
    """Change a topic's title, category, tags or featured link."""
    user = context.require_user()
    topic = live_topic(topic_id)
    if topic is None or not rights.can_edit_topic(context.guardian(), topic):
        raise requests.invalid_access()
    params = context.params()
    _refuse_conflict(topic)
    try:
        if "title" in params:
            post_changes.rename(poster(user), topic, params.text("title") or "")
        if "category_id" in params and params.integer("category_id") != (topic.category_id or 0):
            _move(topic, params.integer("category_id"))
        if "tags" in params:
            _retag(topic, params.items("tags"))
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    if "featured_link" in params:
        topic.featured_link = params.text("featured_link") or None
    return {"basic_topic": basic_topic(topic)}


def _refuse_conflict(topic: Topic) -> None:
    params = context.params()
    original = params.text("original_title")
    tags = params.items("original_tags")
    present = text_rules.names_of(context.session(), [topic.id]).get(topic.id, [])
    if (original and original != topic.title) or (tags and sorted(tags) != sorted(present)):
        raise requests.unprocessable(CONFLICT, status=409)


def _move(topic: Topic, category_id: int) -> None:
    if category_id in (0, UNCATEGORIZED_ID) and not context.settings().flag("allow_uncategorized_topics"):
        raise requests.unprocessable(NOT_UPDATED)
    category = context.session().get(Category, category_id)
    if category is None:
        raise requests.unprocessable(CATEGORY_NOT_FOUND)
    guardian = context.guardian()
    may = guardian.can_create_topic_in(category) and not category.require_topic_approval
    if not guardian.is_staff and not may:
        raise requests.unprocessable(MOVE_REFUSED, status=403)
    topic.category_id = category.id
    topic.updated_at = context.now()


def _retag(topic: Topic, names: list[str]) -> None:
    category = context.session().get(Category, topic.category_id) if topic.category_id else None
    text_rules.put_on(context.session(), context.guardian(), topic, category, [name for name in names if name])


@blueprint.put("/t/<int:topic_id>/tags", endpoint="topics/update_tags")
@blueprint.put("/t/<slug>/<int:topic_id>/tags", endpoint="topics/update_tags")
def update_tags(topic_id: int, slug: str = "") -> dict[str, Any]:
    """Set a topic's tags."""
    if context.params().raw("tags") in (None, "", []):
        raise requests.missing_parameter("tags")
    context.require_user()
    topic = live_topic(topic_id)
    if topic is None:
        raise requests.crash()
    if not rights.can_edit_topic(context.guardian(), topic):
        raise requests.invalid_access()
    try:
        _retag(topic, context.params().items("tags"))
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    return {"basic_topic": basic_topic(topic)}


@blueprint.delete("/t/<int:topic_id>", endpoint="topics/destroy")
@blueprint.delete("/t/<slug>/<int:topic_id>", endpoint="topics/destroy")
def destroy(topic_id: int, slug: str = "") -> Response:
    """Delete a topic."""
    user = context.require_user()
    topic = live_topic(topic_id)
    first = post_changes.first_post(context.guardian(), topic) if topic else None
    if topic is None or first is None or not rights.can_delete_topic(context.guardian(), topic):
        raise requests.unprocessable(NOT_DELETED)
    post_changes.remove(poster(user), first, topic)
    return empty()


@blueprint.put("/t/<int:topic_id>/recover", endpoint="topics/recover")
def recover(topic_id: int) -> Response:
    """Bring a deleted topic back."""
    context.require_user()
    topic = context.session().get(Topic, topic_id)
    if topic is None:
        raise requests.not_found()
    first = post_changes.first_post(context.guardian(), topic)
    if first is None or not rights.can_recover_post(context.guardian(), first, topic):
        raise requests.invalid_access()
    post_changes.bring_back(context.session(), first, topic)
    return empty()


@blueprint.put("/t/<int:topic_id>/change-timestamp", endpoint="topics/change_timestamps")
def change_timestamps(topic_id: int) -> dict[str, Any]:
    """Move a topic and its posts in time, so that it begins at `timestamp` (seconds since 1970)."""
    context.require_user()
    if not context.guardian().is_staff:
        raise requests.invalid_access()
    seconds = float(to_i(context.params().require("timestamp")))
    topic = live_topic(topic_id)
    if topic is None:
        raise requests.not_found()
    at = datetime.fromtimestamp(seconds, UTC)
    if at > context.now():
        raise requests.Refusal(422, {"failed": "FAILED"})
    shift = at - topic.created_at
    latest = at
    for post in context.session().scalars(select(Post).where(Post.topic_id == topic.id)):
        post.created_at = at if post.post_number == 1 else min(post.created_at + shift, context.now())
        latest = max(latest, post.created_at)
    topic.created_at = at
    topic.updated_at = context.now()
    topic.bumped_at = topic.last_posted_at = latest
    return {"success": "OK"}


@blueprint.put("/t/<int:topic_id>/reset-bump-date", endpoint="topics/reset_bump_date")
def reset_bump_date(topic_id: int) -> Response:
    """Order the topic by its latest post again."""
    context.require_user()
    if not rights.staff_or_leader(context.guardian()):
        raise requests.invalid_access()
    topic = live_topic(topic_id)
    if topic is None:
        raise requests.not_found()
    writing.reset_bump(context.session(), topic)
    return empty()


@blueprint.post("/t/<int:topic_id>/change-owner", endpoint="topics/change_post_owners")
def change_post_owners(topic_id: int) -> tuple[dict[str, Any], int] | dict[str, Any]:
    """Give posts of a topic to another user."""
    editor = context.require_user()
    params = context.params()
    ids = [to_i(item) for item in params.items("post_ids")]
    if not ids:
        raise requests.missing_parameter("post_ids")
    name = params.require("username")
    if not context.guardian().is_staff:
        raise requests.invalid_access()
    topic = live_topic(topic_id)
    owner = people.by_username(context.session(), name)
    if topic is None or owner is None:
        raise requests.invalid_parameters("username") if topic else requests.not_found()
    for post in context.session().scalars(select(Post).where(Post.id.in_(ids), Post.topic_id == topic.id)):
        _hand_over(post, topic, owner, editor)
    return {"success": "OK"}


def _hand_over(post: Post, topic: Topic, owner: User, editor: User) -> None:
    session, now = context.session(), context.now()
    if post.user_id == owner.id:
        return
    post.version += 1
    revision = {"user_id": [post.user_id, owner.id]}
    session.add(
        PostRevision(
            post_id=post.id,
            number=post.version,
            user_id=editor.id,
            modifications=revision,
            created_at=now,
        )
    )
    post.user_id, post.edit_reason, post.updated_at = owner.id, "Ownership transferred", now
    if post.post_number == 1:
        topic.user_id = owner.id
    if post.post_number == topic.highest_post_number:
        topic.last_post_user_id = owner.id
    writing.track(session, topic.id, owner.id, writing.WATCHING)


@blueprint.post("/t/<int:topic_id>/notifications", endpoint="topics/set_notifications")
def set_notifications(topic_id: int) -> dict[str, Any]:
    """Set how a user follows a topic; an administrator may do it for others."""
    caller = context.require_user()
    params = context.params()
    topic = live_topic(topic_id)
    if topic is None:
        raise requests.not_found()
    name = params.text("username")
    user = people.by_username(context.session(), name) if name and caller.admin else caller
    if user is None:
        raise requests.not_found()
    level = params.integer("notification_level")
    writing.track(context.session(), topic.id, user.id, level, keep=False)
    return {"success": "OK"}


# Endpoints about what a topic is: open or closed, archived, listed, pinned; and its timers.


STATUSES = ("closed", "visible", "archived", "pinned", "pinned_globally")
TIMERS = (
    "close", "open", "publish_to_category", "delete", "reminder", "bump", "delete_replies", "silent_close",
    "clear_slow_mode",
)  # fmt: skip
_RELISTED, _UNLISTED = 4, 3
_LONGEST_HOURS = 20 * 365 * 24


@blueprint.put("/t/<int:topic_id>/status", endpoint="topics/status")
@blueprint.put("/t/<slug>/<int:topic_id>/status", endpoint="topics/status")
def status(topic_id: int, slug: str = "") -> dict[str, Any]:
    """Set one status of a topic. `enabled` counts as true only as the string "true"."""
    params = context.params()
    name = params.require("status")
    params.require("enabled")
    user = context.require_user()
    if name not in STATUSES:
        raise requests.invalid_parameters("status")
    enabled = params.raw("enabled") == "true"
    topic = live_topic(topic_id)
    if topic is None or not _may(topic, name):
        raise requests.invalid_access()
    _set(topic, user, name, params.text("until") or None, enabled=enabled)
    timer = context.session().scalar(select(TopicTimer).where(TopicTimer.topic_id == topic.id).limit(1))
    return {"success": "OK", "topic_status_update": timer_json(timer) if timer else None}


def _may(topic: Topic, name: str) -> bool:
    guardian = context.guardian()
    if name in ("closed", "archived", "visible", "pinned"):
        return rights.moderates(guardian, topic)
    return rights.staff_or_leader(guardian)


def _set(topic: Topic, user: User, name: str, until: str | None, *, enabled: bool) -> None:
    session, now = context.session(), context.now()
    if name in ("pinned", "pinned_globally"):
        _pin(topic, until, globally=name == "pinned_globally", enabled=enabled)
        changed = True
    else:
        changed = getattr(topic, name) != enabled
        setattr(topic, name, enabled)
    if name == "visible":
        topic.visibility_reason_id = _RELISTED if enabled else _UNLISTED
    if name == "closed":
        kinds = ("close", "silent_close") if enabled else ("open",)
        wiped = delete(TopicTimer).where(TopicTimer.topic_id == topic.id, TopicTimer.status_type.in_(kinds))
        session.execute(wiped)
    if changed:
        code = f"{name}.{'enabled' if enabled else 'disabled'}"
        opening = name == "closed" and not enabled
        writing.small_action(session, topic, user.id, code, now, bump=opening)


def _pin(topic: Topic, until: str | None, *, globally: bool, enabled: bool) -> None:
    moment = parse_moment(until) if until else None
    if until and moment is None:
        raise requests.invalid_parameters("pinned_until")
    topic.pinned_at = context.now() if enabled else None
    topic.pinned_globally = globally
    topic.pinned_until = moment if enabled else None


@blueprint.post("/t/<int:topic_id>/timer", endpoint="topics/timer")
@blueprint.post("/t/<slug>/<int:topic_id>/timer", endpoint="topics/timer")
def timer(topic_id: int, slug: str = "") -> dict[str, Any]:
    """Set or delete what is to happen to a topic later; `time` is a number of hours or a future moment."""
    params = context.params()
    kind = params.require("status_type")
    if kind not in TIMERS:
        raise requests.invalid_parameters("status_type")
    based_on_last_post = params.text("based_on_last_post") == "true"
    if based_on_last_post:
        params.require("duration_minutes")
    user = context.require_user()
    topic = live_topic(topic_id)
    guardian = context.guardian()
    if topic is None or not rights.staff_or_leader(guardian):
        raise requests.invalid_access()
    if kind in ("delete", "delete_replies") and not rights.can_delete_topic(guardian, topic):
        raise requests.invalid_access()
    minutes = params.integer("duration_minutes") or None
    at = _moment(params.text("time"), minutes)
    session = context.session()
    session.execute(delete(TopicTimer).where(TopicTimer.topic_id == topic.id))
    row = None
    if at is not None:
        row = TopicTimer(
            topic_id=topic.id,
            user_id=user.id,
            status_type=kind,
            execute_at=at,
            duration_minutes=minutes,
            based_on_last_post=based_on_last_post,
            category_id=params.integer("category_id") or None,
            created_at=context.now(),
        )
        session.add(row)
        session.flush()
    return {
        "success": "OK",
        "execute_at": iso(row.execute_at) if row else None,
        "duration_minutes": row.duration_minutes if row else None,
        "based_on_last_post": row.based_on_last_post if row else None,
        "closed": topic.closed,
        "category_id": row.category_id if row else None,
    }


def _moment(time: str | None, minutes: int | None) -> datetime | None:
    now = context.now()
    if not time:
        return now + timedelta(minutes=minutes) if minutes else None
    try:
        hours = float(time)
    except ValueError:
        moment = parse_moment(time)
        if moment is None:
            raise requests.invalid_parameters("Discourse::InvalidParameters") from None
        if moment < now:
            raise requests.invalid_parameters("time") from None
        return moment
    if not 0 < hours <= _LONGEST_HOURS:
        raise requests.invalid_parameters("time")
    return now + timedelta(hours=hours)


_ANYTHING_DUE = select(
    or_(
        select(Topic.id).where(Topic.pinned_until.is_not(None), Topic.pinned_until <= bindparam("now")).exists(),
        select(TopicTimer.id).where(TopicTimer.execute_at <= bindparam("now")).exists(),
    )
)


def carry_out_due(session: Session, now: datetime) -> None:
    """Do what timers and pins with an end ask for by now; called before lists and topics are read."""
    if not session.scalar(_ANYTHING_DUE, {"now": now}):
        return
    for topic in session.scalars(select(Topic).where(Topic.pinned_until.is_not(None), Topic.pinned_until <= now)):
        topic.pinned_at = topic.pinned_until = None
        topic.pinned_globally = False
    for row in list(session.scalars(select(TopicTimer).where(TopicTimer.execute_at <= now))):
        topic = session.get_one(Topic, row.topic_id)
        _carry_out(session, topic, row, now)
        session.delete(row)


def _carry_out(session: Session, topic: Topic, row: TopicTimer, now: datetime) -> None:
    if row.status_type in ("close", "silent_close", "open"):
        close = row.status_type != "open"
        if topic.closed != close:
            topic.closed = close
            code = f"autoclosed.{'enabled' if close else 'disabled'}"
            writing.small_action(session, topic, -1, code, now, bump=not close)
    elif row.status_type == "publish_to_category" and row.category_id:
        topic.category_id = row.category_id
    elif row.status_type == "bump":
        topic.bumped_at = now
    elif row.status_type == "delete":
        topic.deleted_at, topic.deleted_by_id = now, row.user_id
        first = writing.at_number(session, topic.id, 1)
        if first is not None:
            first.deleted_at, first.deleted_by_id = now, row.user_id

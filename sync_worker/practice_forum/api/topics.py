"""Endpoints that change topics: title, category, tags, dates, owners, deletion."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.posts import empty, poster
from sync_worker.practice_forum.cook.titles import fancy_title
from sync_worker.practice_forum.json.categories import UNCATEGORIZED_ID
from sync_worker.practice_forum.rules import people, post_changes, rights, tagging, writing
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Category, Post, PostRevision, Topic

if TYPE_CHECKING:
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
        raise refusals.invalid_access()
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
        raise refusals.unprocessable(*error.args) from None
    if "featured_link" in params:
        topic.featured_link = params.text("featured_link") or None
    return {"basic_topic": basic_topic(topic)}


def basic_topic(topic: Topic) -> dict[str, Any]:
    """Return the few keys with which a changed topic is answered."""
    return {
        "fancy_title": fancy_title(topic.title),
        "id": topic.id,
        "title": topic.title,
        "slug": topic.slug,
        "posts_count": topic.posts_count,
    }


def _refuse_conflict(topic: Topic) -> None:
    params = context.params()
    original = params.text("original_title")
    tags = params.items("original_tags")
    present = tagging.names_of(context.session(), [topic.id]).get(topic.id, [])
    if (original and original != topic.title) or (tags and sorted(tags) != sorted(present)):
        raise refusals.unprocessable(CONFLICT, status=409)


def _move(topic: Topic, category_id: int) -> None:
    if category_id in (0, UNCATEGORIZED_ID) and not context.settings().flag("allow_uncategorized_topics"):
        raise refusals.unprocessable(NOT_UPDATED)
    category = context.session().get(Category, category_id)
    if category is None:
        raise refusals.unprocessable(CATEGORY_NOT_FOUND)
    guardian = context.guardian()
    may = guardian.can_create_topic_in(category) and not category.require_topic_approval
    if not guardian.is_staff and not may:
        raise refusals.unprocessable(MOVE_REFUSED, status=403)
    topic.category_id = category.id
    topic.updated_at = context.now()


def _retag(topic: Topic, names: list[str]) -> None:
    category = context.session().get(Category, topic.category_id) if topic.category_id else None
    tagging.put_on(context.session(), context.guardian(), topic, category, [name for name in names if name])


@blueprint.put("/t/<int:topic_id>/tags", endpoint="topics/update_tags")
@blueprint.put("/t/<slug>/<int:topic_id>/tags", endpoint="topics/update_tags")
def update_tags(topic_id: int, slug: str = "") -> dict[str, Any]:
    """Set a topic's tags."""
    if context.params().raw("tags") in (None, "", []):
        raise refusals.missing_parameter("tags")
    context.require_user()
    topic = live_topic(topic_id)
    if topic is None:
        raise refusals.crash()
    if not rights.can_edit_topic(context.guardian(), topic):
        raise refusals.invalid_access()
    try:
        _retag(topic, context.params().items("tags"))
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    return {"basic_topic": basic_topic(topic)}


@blueprint.delete("/t/<int:topic_id>", endpoint="topics/destroy")
@blueprint.delete("/t/<slug>/<int:topic_id>", endpoint="topics/destroy")
def destroy(topic_id: int, slug: str = "") -> Response:
    """Delete a topic."""
    user = context.require_user()
    topic = live_topic(topic_id)
    first = post_changes.first_post(context.guardian(), topic) if topic else None
    if topic is None or first is None or not rights.can_delete_topic(context.guardian(), topic):
        raise refusals.unprocessable(NOT_DELETED)
    post_changes.remove(poster(user), first, topic)
    return empty()


@blueprint.put("/t/<int:topic_id>/recover", endpoint="topics/recover")
def recover(topic_id: int) -> Response:
    """Bring a deleted topic back."""
    context.require_user()
    topic = context.session().get(Topic, topic_id)
    if topic is None:
        raise refusals.not_found()
    first = post_changes.first_post(context.guardian(), topic)
    if first is None or not rights.can_recover_post(context.guardian(), first, topic):
        raise refusals.invalid_access()
    post_changes.bring_back(context.session(), first, topic)
    return empty()


@blueprint.put("/t/<int:topic_id>/change-timestamp", endpoint="topics/change_timestamps")
def change_timestamps(topic_id: int) -> dict[str, Any]:
    """Move a topic and its posts in time, so that it begins at `timestamp` (seconds since 1970)."""
    context.require_user()
    if not context.guardian().is_staff:
        raise refusals.invalid_access()
    seconds = float(to_i(context.params().require("timestamp")))
    topic = live_topic(topic_id)
    if topic is None:
        raise refusals.not_found()
    at = datetime.fromtimestamp(seconds, UTC)
    if at > context.now():
        raise refusals.Refusal(422, {"failed": "FAILED"})
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
        raise refusals.invalid_access()
    topic = live_topic(topic_id)
    if topic is None:
        raise refusals.not_found()
    writing.reset_bump(context.session(), topic)
    return empty()


@blueprint.post("/t/<int:topic_id>/change-owner", endpoint="topics/change_post_owners")
def change_post_owners(topic_id: int) -> tuple[dict[str, Any], int] | dict[str, Any]:
    """Give posts of a topic to another user."""
    editor = context.require_user()
    params = context.params()
    ids = [to_i(item) for item in params.items("post_ids")]
    if not ids:
        raise refusals.missing_parameter("post_ids")
    name = params.require("username")
    if not context.guardian().is_staff:
        raise refusals.invalid_access()
    topic = live_topic(topic_id)
    owner = people.by_username(context.session(), name)
    if topic is None or owner is None:
        raise refusals.invalid_parameters("username") if topic else refusals.not_found()
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
        raise refusals.not_found()
    name = params.text("username")
    user = people.by_username(context.session(), name) if name and caller.admin else caller
    if user is None:
        raise refusals.not_found()
    level = params.integer("notification_level")
    writing.track(context.session(), topic.id, user.id, level, keep=False)
    return {"success": "OK"}

"""Endpoints that mark a post: locked against edits, open to everybody's; and those that list the replies to it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from sqlalchemy import select

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.params import to_bool
from sync_worker.practice_forum.post_json import Shape, post_json
from sync_worker.practice_forum.posts import empty, find_post
from sync_worker.practice_forum.tables import Post

blueprint = Blueprint("post_marks", __name__)

MOST_REPLIES = 20


@blueprint.get("/posts/<int:post_id>/replies", endpoint="posts/replies")
def replies(post_id: int) -> list[dict[str, Any]]:
    """The direct replies to a post, after the post number `after`."""
    post, topic = find_post(post_id)
    after = max(1, context.params().integer("after"))
    query = select(Post).where(Post.topic_id == topic.id, Post.reply_to_post_number == post.post_number)
    query = query.where(Post.deleted_at.is_(None), Post.post_number > after).order_by(Post.post_number)
    found = context.session().scalars(query.limit(MOST_REPLIES))
    return [post_json(context.guardian(), reply, topic, Shape()) for reply in found]


@blueprint.put("/posts/<int:post_id>/locked", endpoint="posts/locked")
def locked(post_id: int) -> dict[str, bool]:
    """Keep everybody but staff from editing a post; true is the word `true` only."""
    user = context.require_user()
    post, _topic = find_post(post_id)
    if not context.guardian().is_staff:
        raise refusals.invalid_access()
    post.locked_by_id = user.id if context.params().raw("locked") == "true" else None
    return {"locked": post.locked_by_id is not None}


@blueprint.put("/posts/<int:post_id>/wiki", endpoint="posts/wiki")
def wiki(post_id: int) -> Response:
    """Let many people edit a post, or no longer."""
    context.require_user()
    post, _topic = find_post(post_id)
    context.params().require("wiki")
    if not context.guardian().is_staff:
        raise refusals.invalid_access()
    post.wiki = to_bool(context.params().raw("wiki"))
    return empty()

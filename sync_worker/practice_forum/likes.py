"""Endpoints about what people do to posts: liking them, and who did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint
from sqlalchemy import func, select

from sync_worker.practice_forum import context, notifying, people, post_rights, refusals, writing
from sync_worker.practice_forum.integers import bounded_integer
from sync_worker.practice_forum.params import to_i
from sync_worker.practice_forum.post_json import UNDO_LIKE, Shape, post_json
from sync_worker.practice_forum.posts import find_post, user_limits
from sync_worker.practice_forum.tables import Like, Post, Topic, TopicUser, User
from sync_worker.practice_forum.user_limits import Limit, refuse_if_over

blueprint = Blueprint("likes", __name__)

LIKE = 2
MOST_ACTORS = 200
_ALREADY = "Oops! You already performed this action. Can you try refreshing the page?"
_PER_LEVEL = {2: 1.5, 3: 2.0, 4: 3.0}


def _found(post_id: int) -> tuple[Post, Topic]:
    post, topic = find_post(post_id)
    if post.deleted_at is not None:
        raise refusals.not_found()
    return post, topic


@blueprint.post("/post_actions", endpoint="post_actions/create")
def create() -> dict[str, Any]:
    """Like a post, as the user who calls."""
    user = context.require_user()
    params = context.params()
    post, topic = _found(to_i(params.require("id")))
    kind = to_i(params.require("post_action_type_id"))
    if kind != LIKE:
        raise refusals.invalid_parameters("post_action_type_id")
    session = context.session()
    if session.get(Like, (post.id, user.id)) is not None:
        raise refusals.unprocessable(_ALREADY, status=403)
    if not post_rights.can_like(context.guardian(), post, topic):
        raise refusals.invalid_access()
    limit = _limit(user)
    refuse_if_over(user_limits(), user, limit, context.now())
    session.add(Like(post_id=post.id, user_id=user.id, created_at=context.now()))
    _count(post, topic, user, +1)
    user_limits().note(user.id, limit, context.now())
    notifying.about_like(session, post, topic, user, context.now())
    return post_json(context.guardian(), post, topic, Shape())


def _limit(user: User) -> Limit:
    most = context.settings().number("max_likes_per_day") * _PER_LEVEL.get(user.trust_level, 1.0)
    return Limit("create_like", int(most), timedelta(days=1))


def _count(post: Post, topic: Topic, user: User, by: int) -> None:
    session = context.session()
    post.like_count = max(0, post.like_count + by)
    topic.like_count = max(0, topic.like_count + by)
    row = session.get(TopicUser, (topic.id, user.id))
    if row is None:
        writing.track(session, topic.id, user.id, writing.NORMAL)
        row = session.get_one(TopicUser, (topic.id, user.id))
    if by > 0:
        row.liked = True
        return
    others = select(Like.post_id).join(Post, Post.id == Like.post_id)
    others = others.where(Like.user_id == user.id, Post.topic_id == topic.id)
    row.liked = session.scalar(others.limit(1)) is not None


@blueprint.delete("/post_actions/<int:post_id>", endpoint="post_actions/destroy")
def destroy(post_id: int) -> dict[str, Any]:
    """Take a like back, within ten minutes."""
    user = context.require_user()
    post, topic = _found(post_id)
    session = context.session()
    row = session.get(Like, (post.id, user.id))
    if row is None:
        raise refusals.unprocessable(refusals.NOT_FOUND, status=404)
    if context.now() - row.created_at >= UNDO_LIKE or topic.archived:
        raise refusals.invalid_access()
    session.delete(row)
    _count(post, topic, user, -1)
    return post_json(context.guardian(), post, topic, Shape())


@blueprint.get("/post_action_users", endpoint="post_action_users/index")
def actors() -> dict[str, Any]:
    """List who liked a post, in the order in which they did; at most 200 a page, pages count from 0."""
    params = context.params()
    kind = to_i(params.require("post_action_type_id"))
    post_id = to_i(params.require("id"))
    size = bounded_integer("limit", default=MOST_ACTORS, high=MOST_ACTORS)
    if context.session().get(Post, post_id) is None:
        raise refusals.invalid_access()
    post, _topic = find_post(post_id)
    if kind != LIKE and not context.guardian().is_staff:
        raise refusals.invalid_access()
    page = max(0, params.integer("page"))
    session = context.session()
    mine = Like.post_id == post.id if kind == LIKE else Like.post_id == -1
    query = select(User).join(Like, Like.user_id == User.id).where(mine).order_by(Like.created_at, User.id)
    answer: dict[str, Any] = {
        "post_action_users": [_actor(user) for user in session.scalars(query.offset(page * size).limit(size))],
    }
    total = session.scalar(select(func.count()).select_from(Like).where(mine)) or 0
    if total > size:
        answer["total_rows_post_action_users"] = total
    return answer


def _actor(user: User) -> dict[str, Any]:
    return people.basic_user(user) | {"post_url": None, "username_lower": user.username_lower}

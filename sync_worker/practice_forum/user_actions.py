"""The endpoint that tells what one user did: topics, replies, likes given and received, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.cook import excerpt
from sync_worker.practice_forum.params import to_i
from sync_worker.practice_forum.post_json import EXCERPT_LENGTH
from sync_worker.practice_forum.post_rights import PRIVATE
from sync_worker.practice_forum.tables import Like, Post, Topic, TopicAllowedUser, User
from sync_worker.practice_forum.user_json import may_see_profile

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

blueprint = Blueprint("user_actions", __name__)

LIKE, WAS_LIKED, NEW_TOPIC, REPLY, RESPONSE, SENT, GOT = 1, 2, 4, 5, 6, 12, 13
PUBLIC = (LIKE, WAS_LIKED, NEW_TOPIC, REPLY, RESPONSE)
PER_PAGE = 30

Action = tuple[int, Post, Topic, int, "datetime"]


@blueprint.get("/user_actions", endpoint="user_actions/index")
def index() -> dict[str, Any]:
    """List a user's actions, the newest first; `filter` takes types joined by commas."""
    params = context.params()
    user = people.by_username(context.session(), params.require("username"))
    if user is None or not may_see_profile(user, context.guardian()):
        raise refusals.not_found()
    kinds = [to_i(part) for part in (params.text("filter") or "").split(",") if part] or list(PUBLIC)
    caller = context.user()
    own = caller is not None and (caller.id == user.id or caller.admin)
    if not own:
        kinds = [kind for kind in kinds if kind not in (SENT, GOT)]
    offset, limit = max(0, params.integer("offset")), max(1, params.integer("limit", PER_PAGE))
    found: list[Action] = []
    for kind in dict.fromkeys(kinds):
        found += _actions(kind, user, offset + limit)
    found.sort(key=lambda action: (action[4], action[1].id), reverse=True)
    return {"user_actions": _json(found[offset : offset + limit], user)}


def _actions(kind: int, user: User, most: int) -> list[Action]:
    session, guardian = context.session(), context.guardian()
    if kind in (LIKE, WAS_LIKED):
        whose = Like.user_id == user.id if kind == LIKE else Post.user_id == user.id
        likes = _live().add_columns(Like.user_id, Like.created_at).join(Like, Like.post_id == Post.id).where(whose)
        rows = session.execute(likes.order_by(Like.created_at.desc()).limit(most))
        found = [(kind, post, topic, actor, at) for post, topic, actor, at in rows]
    else:
        written = session.execute(_written(kind, user).order_by(Post.created_at.desc()).limit(most))
        found = [(kind, post, topic, post.user_id, post.created_at) for post, topic in written]
    return [action for action in found if guardian.can_see_topic(action[2])]


def _live() -> Select[Post, Topic]:
    joined = select(Post, Topic).join(Topic, Topic.id == Post.topic_id)
    return joined.where(Post.deleted_at.is_(None), Topic.deleted_at.is_(None))


def _written(kind: int, user: User) -> Select[Post, Topic]:
    query = _live()
    if kind in (SENT, GOT):
        query = query.where(Topic.archetype == PRIVATE)
        inside = select(TopicAllowedUser.topic_id).where(TopicAllowedUser.user_id == user.id)
        return query.where(Post.user_id == user.id if kind == SENT else Post.user_id != user.id, Topic.id.in_(inside))
    query = query.where(Topic.archetype == "regular", Post.hidden.is_(False))
    if kind == NEW_TOPIC:
        about = Topic.last_posted_at.is_(None)
        return query.where(Post.user_id == user.id, Post.post_number == 1, ~about)
    if kind == REPLY:
        return query.where(Post.user_id == user.id, Post.post_number > 1)
    if kind == RESPONSE:
        return query.where(Post.reply_to_user_id == user.id, Post.user_id != user.id)
    return query.where(Post.id == -1)


def _json(actions: list[Action], target: User) -> list[dict[str, Any]]:
    users = people.by_ids(context.session(), {target.id, *(a[1].user_id for a in actions), *(a[3] for a in actions)})
    lines = []
    for kind, post, topic, actor_id, at in actions:
        author, actor = users[post.user_id], users[actor_id]
        opened = kind == NEW_TOPIC
        line: dict[str, Any] = {
            "excerpt": excerpt(post.cooked, EXCERPT_LENGTH, links=True, images=True),
            "action_type": kind,
            "created_at": iso(at),
            "avatar_template": people.avatar_template(author),
            "acting_avatar_template": people.avatar_template(actor),
            "slug": topic.slug,
            "topic_id": topic.id,
            "target_user_id": target.id,
            "target_name": target.name,
            "target_username": target.username,
            "post_number": post.post_number,
            "post_id": None if opened else post.id,
            "username": author.username,
            "name": author.name,
            "user_id": author.id,
            "acting_username": actor.username,
            "acting_name": actor.name,
            "acting_user_id": actor.id,
            "title": topic.title,
            "deleted": False,
            "hidden": None if opened else post.hidden,
            "post_type": None if opened else post.post_type,
            "action_code": post.action_code,
            "category_id": topic.category_id,
            "closed": topic.closed,
            "archived": topic.archived,
        }
        if len(post.cooked.strip()) > EXCERPT_LENGTH:
            line["truncated"] = True
        if not opened:
            line["reply_to_post_number"] = post.reply_to_post_number
        lines.append(line)
    return lines

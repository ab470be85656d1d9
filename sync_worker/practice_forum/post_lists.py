"""Endpoints that list posts across topics: the latest of the site, one's messages, those of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import or_, select

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.clock import iso, parse_moment
from sync_worker.practice_forum.cook import excerpt
from sync_worker.practice_forum.params import to_i
from sync_worker.practice_forum.post_json import EXCERPT_LENGTH, Shape, posts_json, topics_of
from sync_worker.practice_forum.post_rights import PRIVATE
from sync_worker.practice_forum.tables import (
    Category,
    Group,
    GroupUser,
    Post,
    Topic,
    TopicAllowedGroup,
    TopicAllowedUser,
    User,
)

if TYPE_CHECKING:
    from sqlalchemy import Select

blueprint = Blueprint("post_lists", __name__)

LATEST, OF_GROUP = 50, 20


def _latest(query: Select[Post]) -> list[dict[str, Any]]:
    before = to_i(context.params().text("before") or "")
    if before > 0:
        query = query.where(Post.id < before)
    posts = list(context.session().scalars(query.order_by(Post.id.desc()).limit(LATEST)))
    topics = topics_of(context.session(), posts)
    return posts_json(context.guardian(), posts, topics, Shape(raw=True, in_list=True))


def _live() -> Select[Post]:
    return (
        select(Post)
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.deleted_at.is_(None), Topic.deleted_at.is_(None), Post.hidden.is_(False))
    )


def _public() -> Select[Post]:
    """Posts in listed topics of categories that the user may see."""
    seen = select(Category.id).where(context.guardian().visible_categories())
    return _live().where(Topic.archetype == "regular", Topic.visible.is_(True), Topic.category_id.in_(seen))


@blueprint.get("/posts", endpoint="posts/latest")
def latest() -> dict[str, Any]:
    """List the newest posts of the site, 50 at a time; `before` leaves out the post it names."""
    return {"latest_posts": _latest(_public().where(Post.post_type == 1))}


@blueprint.get("/private-posts", endpoint="posts/latest")
def latest_private() -> dict[str, Any]:
    """List the newest posts of the user's messages; administrators see all."""
    user = context.require_user()
    query = _live().where(Topic.archetype == PRIVATE)
    if not user.admin:
        mine = select(TopicAllowedUser.topic_id).where(TopicAllowedUser.user_id == user.id)
        ours = select(TopicAllowedGroup.topic_id).where(
            TopicAllowedGroup.group_id.in_(context.guardian().group_ids),
        )
        query = query.where(or_(Topic.id.in_(mine), Topic.id.in_(ours)))
    return {"private_posts": _latest(query)}


@blueprint.get("/groups/<name>/posts", endpoint="groups/posts")
def group_posts(name: str) -> dict[str, Any]:
    """List posts by a group's members, newest first, 20 at a time; both cursors leave out what they name."""
    session, guardian, params = context.session(), context.guardian(), context.params()
    group = session.scalar(select(Group).where(Group.name_lower == name.lower()))
    if group is None or not guardian.can_see_group(group):
        raise refusals.not_found()
    if not guardian.can_see_members(group):
        raise refusals.invalid_access()
    members = select(GroupUser.user_id).where(GroupUser.group_id == group.id)
    query = _public().where(Post.user_id.in_(members), Post.post_type.in_((1, 2)))
    if before := parse_moment(params.text("before") or ""):
        query = query.where(Post.created_at < before)
    if before_id := params.integer("before_post_id"):
        query = query.where(Post.id < before_id)
    if category_id := params.integer("category_id"):
        query = query.where(Topic.category_id == category_id)
    posts = list(session.scalars(query.order_by(Post.created_at.desc(), Post.id.desc()).limit(OF_GROUP)))
    topics = topics_of(session, posts)
    users = people.by_ids(session, [post.user_id for post in posts])
    return {"posts": [_of_group(post, topics[post.topic_id], users[post.user_id]) for post in posts]}


def _of_group(post: Post, topic: Topic, author: User) -> dict[str, Any]:
    category = context.session().get(Category, topic.category_id) if topic.category_id else None
    return {
        "id": post.id,
        "excerpt": excerpt(post.cooked, EXCERPT_LENGTH, links=True),
        "created_at": iso(post.created_at),
        "topic_id": topic.id,
        "topic_title": topic.title,
        "topic_slug": topic.slug,
        "url": f"/t/{topic.slug}/{topic.id}/{post.post_number}",
        "category_id": topic.category_id,
        "post_number": post.post_number,
        "posts_count": topic.posts_count,
        "post_type": post.post_type,
        "username": author.username,
        "name": author.name,
        "avatar_template": people.avatar_template(author),
        "user_title": author.title,
        "primary_group_name": people.primary_group_name(context.session(), author),
        "category": {"id": category.id, "name": category.name, "color": category.color} if category else None,
        "user": people.basic_user(author),
        "topic": {"id": topic.id, "title": topic.title, "slug": topic.slug, "posts_count": topic.posts_count},
    }

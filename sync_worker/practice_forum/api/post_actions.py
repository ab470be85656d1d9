"""What people do with posts beyond writing them: likes, votes in polls; and lists of posts across topics."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import func, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.context import bounded_integer
from sync_worker.practice_forum.api.posts import find_post, user_limits
from sync_worker.practice_forum.cook.inline import excerpt
from sync_worker.practice_forum.json.posts import EXCERPT_LENGTH, UNDO_LIKE, Shape, post_json, posts_json, topics_of
from sync_worker.practice_forum.rules import notifying, people, polls, rights, writing
from sync_worker.practice_forum.rules.rights import PRIVATE
from sync_worker.practice_forum.rules.settings import Limit, refuse_if_over
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import (
    Category,
    Group,
    GroupUser,
    Like,
    Post,
    Topic,
    TopicAllowedGroup,
    TopicAllowedUser,
    TopicUser,
    User,
)

if TYPE_CHECKING:
    from sqlalchemy import Select

    from sync_worker.practice_forum.tables import Poll


blueprint = Blueprint("likes", __name__)

LIKE = 2
MOST_ACTORS = 200
_ALREADY = "Oops! You already performed this action. Can you try refreshing the page?"
_PER_LEVEL = {2: 1.5, 3: 2.0, 4: 3.0}


def _found(post_id: int) -> tuple[Post, Topic]:
    post, topic = find_post(post_id)
    if post.deleted_at is not None:
        raise requests.not_found()
    return post, topic


@blueprint.post("/post_actions", endpoint="post_actions/create")
def create() -> dict[str, Any]:
    """Like a post, as the user who calls."""
    user = context.require_user()
    params = context.params()
    post, topic = _found(to_i(params.require("id")))
    kind = to_i(params.require("post_action_type_id"))
    if kind != LIKE:
        raise requests.invalid_parameters("post_action_type_id")
    session = context.session()
    if session.get(Like, (post.id, user.id)) is not None:
        raise requests.unprocessable(_ALREADY, status=403)
    if not rights.can_like(context.guardian(), post, topic):
        raise requests.invalid_access()
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
        raise requests.unprocessable(requests.NOT_FOUND, status=404)
    if context.now() - row.created_at >= UNDO_LIKE or topic.archived:
        raise requests.invalid_access()
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
        raise requests.invalid_access()
    post, _topic = find_post(post_id)
    if kind != LIKE and not context.guardian().is_staff:
        raise requests.invalid_access()
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
        raise requests.not_found()
    if not guardian.can_see_members(group):
        raise requests.invalid_access()
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


# Endpoints of Discourse's poll plugin: voting, taking a vote back, closing, who voted.


@blueprint.put("/polls/vote", endpoint="discourse_poll/polls/vote")
def vote() -> dict[str, Any]:
    """Let the user's vote be the given options."""
    user = context.require_user()
    post_id, name = _post_id(), context.params().require("poll_name")
    wanted = context.params().items("options")
    if not wanted:
        raise requests.missing_parameter("options")
    try:
        poll = _open(post_id, name)
        chosen = polls.vote(context.guardian(), poll, user, wanted)
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    return {"poll": polls.poll_json(context.guardian(), poll), "vote": chosen}


@blueprint.delete("/polls/vote", endpoint="discourse_poll/polls/remove_vote")
def remove_vote() -> dict[str, Any]:
    """Take the user's vote back."""
    user = context.require_user()
    post_id, name = _post_id(), context.params().require("poll_name")
    try:
        poll = _open(post_id, name)
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    polls.take_back(context.session(), poll, user)
    return {"poll": polls.poll_json(context.guardian(), poll)}


@blueprint.put("/polls/toggle_status", endpoint="discourse_poll/polls/toggle_status")
def toggle_status() -> dict[str, Any]:
    """Open or close a poll: its author, or staff."""
    user = context.require_user()
    post_id, name = _post_id(), context.params().require("poll_name")
    status = context.params().require("status")
    try:
        post, topic = _post(post_id)
        poll = polls.own_poll(context.guardian(), post, topic, user, name)
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    if status not in polls.STATUSES:
        raise requests.crash()
    poll.status = status
    return {"poll": polls.poll_json(context.guardian(), poll)}


@blueprint.get("/polls/voters", endpoint="discourse_poll/polls/voters")
def voters() -> dict[str, Any]:
    """Who voted for what, of a poll that shows it."""
    post_id, name = _post_id(), context.params().require("poll_name")
    if context.session().get(Post, post_id) is None:
        raise requests.invalid_parameters("post_id")
    try:
        post, _ = _post(post_id)
        shown = polls.poll_json(context.guardian(), polls.find(context.session(), post, name))
    except RejectedError:
        raise requests.invalid_parameters("poll_name") from None
    if not shown.get("public") or not all("votes" in option for option in shown["options"]):
        raise requests.invalid_parameters("poll_name")
    return {"voters": shown["preloaded_voters"]}


def _post_id() -> int:
    return to_i(context.params().require("post_id"))


def _post(post_id: int) -> tuple[Post, Topic]:
    """Return a post that the user can see, with its topic.

    Raises:
        RejectedError: there is none, or it was deleted.

    """
    session = context.session()
    post = session.get(Post, post_id)
    if post is None or post.deleted_at is not None:
        raise RejectedError("Cannot act on a deleted post.")
    return post, session.get_one(Topic, post.topic_id)


def _open(post_id: int, name: str) -> Poll:
    post, topic = _post(post_id)
    if not context.guardian().can_see_topic(topic):
        raise RejectedError("You can't vote because you can't post in this topic.")
    return polls.open_poll(context.guardian(), post, topic, name)

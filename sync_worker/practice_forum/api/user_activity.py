"""Endpoints about what users did and what reached them: directory, actions, private messages, notifications."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request
from sqlalchemy import BigInteger, func, select, type_coerce, update

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.context import bounded_integer
from sync_worker.practice_forum.api.topic_reads import PERIODS, asked_page
from sync_worker.practice_forum.cook.inline import excerpt, fancy_title
from sync_worker.practice_forum.json import topic_lists
from sync_worker.practice_forum.json.posts import EXCERPT_LENGTH
from sync_worker.practice_forum.json.topic_lists import Page
from sync_worker.practice_forum.json.users import may_see_profile
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.rights import PRIVATE
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import (
    Group,
    GroupUser,
    Like,
    Notification,
    Post,
    Topic,
    TopicAllowedUser,
    TopicUser,
    User,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select


blueprint = Blueprint("directory", __name__)

MOST_ACTIONS = 50
COLUMNS = ["likes_received", "likes_given", "topics_entered", "topic_count", "post_count", "posts_read", "days_visited"]


@dataclass(frozen=True, slots=True)
class Span:
    """The time that the counts cover; no `end` means: nothing was counted yet."""

    begin: datetime | None
    end: datetime | None


def span_of(period: str) -> Span:
    """Return what the latest count of a period covers.

    A real forum counts the daily period every hour and the others every night; so it looks here, too, without a job.
    """
    now = context.now()
    first = context.session().scalar(select(User.created_at).where(User.id == 1)) or now
    hour = now.replace(minute=0, second=0, microsecond=0)
    counted = hour if period == "daily" else hour.replace(hour=0)
    if counted < first:
        return Span(None, None)
    length = PERIODS[period]
    return Span(counted - length if length else None, counted)


@blueprint.get("/directory_items", endpoint="directory_items/index")
def directory_index() -> dict[str, Any]:
    """List users with their counts, 50 a page at most, pages from 0."""
    params = context.params()
    period = params.require("period")
    if period not in PERIODS or not context.settings().flag("enable_user_directory"):
        raise requests.invalid_access()
    listed = _users()
    page = bounded_integer("page", default=0)
    limit = bounded_integer("limit", default=MOST_ACTIONS, high=MOST_ACTIONS)
    span = span_of(period)
    users = list(context.session().scalars(listed)) if span.end is not None else []
    items = _items(users, span)
    order = params.text("order") or COLUMNS[0]
    if order in COLUMNS:
        items.sort(key=lambda item: (item[order], -item["id"]), reverse="asc" not in params)
    elif order == "username":
        items.sort(key=lambda item: item["user"]["username"].lower(), reverse="asc" not in params)
    return {
        "directory_items": items[page * limit : (page + 1) * limit],
        "meta": {
            "last_updated_at": iso(span.end),
            "total_rows_directory_items": len(items),
            "load_more_directory_items": _more(page + 1),
        },
    }


def _more(page: int) -> str:
    kept = {name: request.args[name] for name in ("period", "order", "asc", "group", "name") if name in request.args}
    kept["page"] = str(page)
    return "/directory_items.json?" + "&".join(f"{name}={value}" for name, value in sorted(kept.items()))


def _users() -> Select[User]:
    params, session = context.params(), context.session()
    query = select(User).where(User.active.is_(True), User.id > 0, User.staged.is_(False))
    query = query.where(User.silenced_till.is_(None) | (User.silenced_till <= context.now()))
    if name := params.text("group"):
        group = session.scalar(select(Group).where(Group.name == name))
        if group is None:
            raise requests.invalid_parameters("group")
        if not context.guardian().can_see_members(group):
            raise requests.invalid_access()
        query = query.where(User.id.in_(select(GroupUser.user_id).where(GroupUser.group_id == group.id)))
    if left_out := params.text("exclude_groups"):
        inside = select(GroupUser.user_id).join(Group, Group.id == GroupUser.group_id)
        query = query.where(User.id.not_in(inside.where(Group.name.in_(left_out.split("|")))))
    if left_out := params.text("exclude_usernames"):
        query = query.where(User.username.not_in(left_out.split(",")))
    if username := params.text("username"):
        query = query.where(User.username_lower == username.lower())
    if part := params.text("name"):
        query = query.where(User.username_lower.contains(part.lower()) | func.lower(User.name).contains(part.lower()))
    return query


def _items(users: list[User], span: Span) -> list[dict[str, Any]]:
    if not users:
        return []
    counts = _counts(span)
    return [{"id": user.id, **{name: counts[name][user.id] for name in COLUMNS}, "user": _user(user)} for user in users]


def _user(user: User) -> dict[str, Any]:
    return people.basic_user(user) | {
        "title": user.title,
        "primary_group_name": people.primary_group_name(context.session(), user),
    }


def _counts(span: Span) -> dict[str, Counter[int]]:
    listed = (Topic.deleted_at.is_(None), Topic.archetype == "regular", Topic.visible.is_(True))
    live = (Post.deleted_at.is_(None), Post.hidden.is_(False), Post.post_type == 1, *listed)
    posts = select(Post.user_id, func.count()).join(Topic, Topic.id == Post.topic_id).where(*live)
    received = select(Post.user_id, func.count()).join(Like, Like.post_id == Post.id)
    given = select(Like.user_id, func.count()).join(Post, Post.id == Like.post_id)
    received, given = (query.join(Topic, Topic.id == Post.topic_id).where(*live) for query in (received, given))
    visits = select(Post.user_id, func.count(func.distinct(type_coerce(Post.created_at, BigInteger) / 86_400_000)))
    read = select(TopicUser.user_id, func.sum(TopicUser.last_read_post_number))
    return {
        "post_count": _count(posts.where(Post.post_number > 1), Post.created_at, Post.user_id, span),
        "topic_count": _count(posts.where(Post.post_number == 1), Post.created_at, Post.user_id, span),
        "likes_received": _count(received, Like.created_at, Post.user_id, span),
        "likes_given": _count(given, Like.created_at, Like.user_id, span),
        "days_visited": _count(visits, Post.created_at, Post.user_id, span),
        "topics_entered": _count(
            select(TopicUser.user_id, func.count()), TopicUser.last_visited_at, TopicUser.user_id, span
        ),
        "posts_read": _count(read, TopicUser.last_visited_at, TopicUser.user_id, span),
    }


def _count(query: Any, moment: Any, by: Any, span: Span) -> Counter[int]:
    query = query.where(moment <= span.end)
    if span.begin is not None:
        query = query.where(moment > span.begin)
    counts: Counter[int] = Counter()
    for user_id, number in context.session().execute(query.group_by(by)):
        counts[user_id] = int(number or 0)
    return counts


LIKE, WAS_LIKED, NEW_TOPIC, REPLY, RESPONSE, SENT, GOT = 1, 2, 4, 5, 6, 12, 13
PUBLIC = (LIKE, WAS_LIKED, NEW_TOPIC, REPLY, RESPONSE)
PER_PAGE = 30

Action = tuple[int, Post, Topic, int, "datetime"]


@blueprint.get("/user_actions", endpoint="user_actions/index")
def actions_index() -> dict[str, Any]:
    """List a user's actions, the newest first; `filter` takes types joined by commas."""
    params = context.params()
    user = people.by_username(context.session(), params.require("username"))
    if user is None or not may_see_profile(user, context.guardian()):
        raise requests.not_found()
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
    return {"user_actions": _actions_json(found[offset : offset + limit], user)}


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


def _actions_json(actions: list[Action], target: User) -> list[dict[str, Any]]:
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


# Endpoints that list private messages and notifications.


def _owner(username: str) -> User:
    """The user whose messages are asked for: oneself, or anybody for an administrator."""
    caller = context.require_user()
    owner = people.by_username(context.session(), username)
    if owner is None:
        raise requests.not_found()
    if owner.id != caller.id and not caller.admin:
        raise requests.invalid_access()
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


MOST_NOTIFICATIONS = 60


def _notified() -> User:
    caller = context.require_user()
    name = context.params().text("username")
    if not name:
        return caller
    owner = people.by_username(context.session(), name)
    if owner is None:
        raise requests.not_found()
    if owner.id != caller.id and not caller.staff:
        raise requests.invalid_access()
    return owner


@blueprint.get("/notifications", endpoint="notifications/index")
def index() -> dict[str, Any]:
    """List a user's notifications, the newest first, 60 at a time."""
    owner, params, session = _notified(), context.params(), context.session()
    limit = min(MOST_NOTIFICATIONS, params.integer("limit") or MOST_NOTIFICATIONS)
    offset = max(0, params.integer("offset"))
    mine = Notification.user_id == owner.id
    query = select(Notification, Topic).outerjoin(Topic, Topic.id == Notification.topic_id).where(mine)
    kind = params.text("filter")
    if kind in ("read", "unread"):
        query = query.where(Notification.read.is_(kind == "read"))
    rows = session.execute(query.order_by(Notification.id.desc()).offset(offset).limit(limit))
    more = f"/notifications?limit={limit}&offset={offset + limit}&username={owner.username_lower}"
    listed = [_notification_json(row, topic) for row, topic in rows]
    if "recent" in params:
        return {"notifications": listed, "seen_notification_id": 0}
    return {
        "notifications": listed,
        "total_rows_notifications": session.scalar(select(func.count()).select_from(Notification).where(mine)),
        "seen_notification_id": 0,
        "load_more_notifications": more,
    }


def _notification_json(row: Notification, topic: Topic | None) -> dict[str, Any]:
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

"""The user directory: what everybody did in a period, as of the latest count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request
from sqlalchemy import BigInteger, func, select, type_coerce

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.integers import bounded_integer
from sync_worker.practice_forum.lists import PERIODS
from sync_worker.practice_forum.tables import Group, GroupUser, Like, Post, Topic, TopicUser, User

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select

blueprint = Blueprint("directory", __name__)

MOST = 50
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
def index() -> dict[str, Any]:
    """List users with their counts, 50 a page at most, pages from 0."""
    params = context.params()
    period = params.require("period")
    if period not in PERIODS or not context.settings().flag("enable_user_directory"):
        raise refusals.invalid_access()
    listed = _users()
    page = bounded_integer("page", default=0)
    limit = bounded_integer("limit", default=MOST, high=MOST)
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
            raise refusals.invalid_parameters("group")
        if not context.guardian().can_see_members(group):
            raise refusals.invalid_access()
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

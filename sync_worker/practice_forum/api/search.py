"""The search endpoint, with the operators that matter for a forum of this size."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import and_, func, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.cook.inline import excerpt
from sync_worker.practice_forum.json import topic_lists
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Category, Group, GroupUser, Post, Tag, Topic, TopicTag, User

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

blueprint = Blueprint("search", __name__)

LAST_PAGE = 10
BLURB = 200
_OPERATOR = re.compile(r'(?P<name>[a-z_]+):(?P<value>"[^"]*"|\S+)')
_ORDERS = ("latest", "likes", "views", "latest_topic", "oldest", "oldest_topic", "read", "relevance")


@dataclass(slots=True)
class Query:
    """A search text, taken apart."""

    words: list[str] = field(default_factory=list)
    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    order: str = "relevance"


def parse(text: str) -> Query:
    """Take a search text apart; operators that are not known count as words."""
    query = Query()
    for part in re.findall(r'[a-z_]+:"[^"]*"|"[^"]*"|\S+', text):
        if not _apply(query, part):
            query.words.append(part.strip('"'))
    return query


def _apply(query: Query, part: str) -> bool:
    if part.startswith("@") and len(part) > 1:
        query.conditions.append(_by_author(part[1:]))
        return True
    if part.startswith("#") and len(part) > 1:
        query.conditions.append(or_(_in_category(part[1:]), _with_tag(part[1:])))
        return True
    if part == "l":
        query.order = "latest"
        return True
    match = _OPERATOR.fullmatch(part)
    return match is not None and _apply_operator(query, match["name"], match["value"].strip('"'))


def _apply_operator(query: Query, name: str, value: str) -> bool:
    if name == "order":
        query.order = value if value in _ORDERS else query.order
        return True
    condition = _condition(name, value)
    if condition is None:
        return False
    query.conditions.append(condition)
    return True


def _condition(name: str, value: str) -> ColumnElement[bool] | None:  # noqa: PLR0911 - one line an operator
    if name == "user":
        return _by_author(value)
    if name == "category":
        return _in_category(value.removeprefix("="))
    if name in ("tag", "tags"):
        return or_(*(_with_tag(tag) for tag in value.split(",")))
    if name in ("before", "after"):
        return _dated(name, value)
    if name == "in":
        return {"first": Post.post_number == 1, "title": Post.post_number == 1, "wiki": Post.wiki.is_(True)}.get(value)
    if name == "status":
        return {
            "open": and_(Topic.closed.is_(False), Topic.archived.is_(False)),
            "closed": Topic.closed.is_(True),
            "archived": Topic.archived.is_(True),
            "noreplies": Topic.posts_count == 1,
        }.get(value)
    if name == "group":
        members = select(GroupUser.user_id).join(Group, Group.id == GroupUser.group_id)
        return Post.user_id.in_(members.where(Group.name_lower == value.lower()))
    if name in ("min_posts", "posts_count") and value.isdigit():
        return Topic.posts_count >= int(value)
    return None


def _by_author(name: str) -> ColumnElement[bool]:
    return Post.user_id.in_(select(User.id).where(User.username_lower == name.lower()))


def _in_category(slug: str) -> ColumnElement[bool]:
    wanted = slug.rpartition(":")[2].lower()
    named = select(Category.id).where(or_(Category.slug == wanted, func.lower(Category.name) == wanted))
    below = select(Category.id).where(Category.parent_category_id.in_(named))
    return or_(Topic.category_id.in_(named), Topic.category_id.in_(below))


def _with_tag(name: str) -> ColumnElement[bool]:
    tagged = select(TopicTag.topic_id).join(Tag, Tag.id == TopicTag.tag_id)
    return Topic.id.in_(tagged.where(Tag.name_lower == name.lower()))


def _dated(name: str, value: str) -> ColumnElement[bool] | None:
    try:
        day = datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Post.created_at < day if name == "before" else Post.created_at > day


def _statement(query: Query) -> Select[Post, Topic]:
    guardian = context.guardian()
    seen = select(Category.id).where(guardian.visible_categories())
    statement = (
        select(Post, Topic)
        .join(Topic, Topic.id == Post.topic_id)
        .where(
            Post.deleted_at.is_(None),
            Topic.deleted_at.is_(None),
            Topic.archetype == "regular",
            Topic.visible.is_(True),
            Topic.category_id.in_(seen),
            Post.post_type.in_((1, 2)),
            Post.hidden.is_(False),
            *query.conditions,
        )
    )
    for word in query.words:
        pattern = f"%{word.replace('%', '')}%"
        in_title = and_(Post.post_number == 1, Topic.title.ilike(pattern))
        statement = statement.where(or_(Post.raw.ilike(pattern), in_title))
    return statement.order_by(*_order(query.order))


def _order(name: str) -> tuple[Any, ...]:
    newest = Post.created_at.desc()
    return {
        "latest": (newest,),
        "oldest": (Post.created_at.asc(),),
        "latest_topic": (Topic.created_at.desc(), newest),
        "likes": (Post.like_count.desc(), newest),
        "views": (Topic.views.desc(), newest),
        "relevance": (Post.post_number, Topic.bumped_at.desc()),
    }.get(name, (newest,))


@blueprint.get("/search", endpoint="search/show")
def show() -> dict[str, Any]:
    """Search posts: at most 50 a page, one post a topic, ten pages."""
    params = context.params()
    if isinstance(params.raw("q"), (dict, list)):
        raise requests.invalid_parameters("q")
    text = params.text("q") or ""
    shortest = context.settings().number("min_search_term_length")
    if text and len(text) < shortest:
        raise requests.invalid_parameters("q")
    page = _page(params.raw("page"))
    if not text:
        return {"grouped_search_result": None}
    query = parse(text)
    size = context.settings().number("search_page_size")
    rows: list[tuple[Post, Topic]] = []
    if query.conditions or any(len(word) >= shortest for word in query.words):
        rows = _one_a_topic(context.session().execute(_statement(query)).all())
    start = (page - 1) * size
    return _answer(rows[start : start + size], text, more=len(rows) > start + size)


def _page(raw: object) -> int:
    """Read the number of the page, from 1, as the controller does."""
    if raw is None:
        return 1
    if not isinstance(raw, str) or str(to_i(raw)) != raw:
        raise requests.invalid_parameters("Discourse::InvalidParameters")
    if to_i(raw) > LAST_PAGE:
        raise requests.invalid_parameters(f"page parameter must not be greater than {LAST_PAGE}")
    return max(1, to_i(raw))


def _one_a_topic(rows: Any) -> list[tuple[Post, Topic]]:
    seen: set[int] = set()
    kept = []
    for post, topic in rows:
        if topic.id not in seen:
            seen.add(topic.id)
            kept.append((post, topic))
    return kept


def _answer(rows: list[tuple[Post, Topic]], text: str, *, more: bool) -> dict[str, Any]:
    guardian, session = context.guardian(), context.session()
    topics = [topic for _, topic in rows]
    found = topic_lists.around(guardian, topics)
    authors = people.by_ids(session, [post.user_id for post, _ in rows])
    lines = []
    for topic in topics:
        line = topic_lists.listable(topic, found.reading.get(topic.id), guardian, image=False)
        line |= {"tags": found.tags.get(topic.id, []), "tags_descriptions": {}, "category_id": topic.category_id}
        lines.append(line)
    return {
        "posts": [_post(post, authors.get(post.user_id)) for post, _ in rows],
        "topics": lines,
        "users": [],
        "categories": [],
        "tags": [],
        "groups": [],
        "grouped_search_result": {
            "more_posts": None,
            "more_users": None,
            "more_categories": None,
            "term": text,
            "search_log_id": 1,
            "more_full_page_results": True if more else None,
            "can_create_topic": guardian.can_create_topic,
            "error": None,
            "extra": {},
            "post_ids": [post.id for post, _ in rows],
            "user_ids": [],
            "category_ids": [],
            "tag_ids": [],
            "group_ids": [],
        },
    }


def _post(post: Post, author: User | None) -> dict[str, Any]:
    return {
        "id": post.id,
        "name": author.name if author else None,
        "username": author.username if author else None,
        "avatar_template": people.avatar_template(author) if author else None,
        "created_at": iso(post.created_at),
        "like_count": post.like_count,
        "blurb": excerpt(post.cooked, BLURB).replace("&hellip;", "..."),
        "post_number": post.post_number,
        "topic_id": post.topic_id,
    }

"""How topics appear in lists: set-based queries, pinned ones first, and the lines themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from sync_worker.practice_forum import topic_lines
from sync_worker.practice_forum.tables import (
    Category,
    Tag,
    Topic,
    TopicTag,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.guardian import Guardian

PER_PAGE = 30
SUGGESTED = 5
TOP_TAGS = 10
_TOP_TAGS = (
    select(Tag.name)
    .join(TopicTag, TopicTag.tag_id == Tag.id)
    .join(Topic, Topic.id == TopicTag.topic_id)
    .where(Topic.deleted_at.is_(None), Topic.archetype == "regular")
    .group_by(Tag.id)
    .order_by(func.count().desc(), Tag.name)
    .limit(TOP_TAGS)
)
_TOP_TAGS_OF_CATEGORY = _TOP_TAGS.where(Topic.category_id == bindparam("category"))


def visible_topics(guardian: Guardian) -> Select[Topic]:
    """Return the query for the listed topics that the user may see (no messages)."""
    query = select(Topic).where(Topic.archetype == "regular", Topic.deleted_at.is_(None))
    if not guardian.is_staff:
        query = query.where(Topic.visible.is_(True))
    if not guardian.is_admin:
        seen = select(Category.id).where(guardian.visible_categories())
        query = query.where(or_(Topic.category_id.is_(None), Topic.category_id.in_(seen)))
    return query


def without_about_topics(query: Select[Topic], *, keep: int | None = None) -> Select[Topic]:
    """Leave out the topics that describe categories, but for the one of category `keep`."""
    about = select(Category.topic_id).where(Category.topic_id.is_not(None))
    if keep is not None:
        about = about.where(Category.id != keep)
    return query.where(Topic.id.not_in(about))


@dataclass(frozen=True, slots=True)
class Page:
    """Which stretch of a list is wanted, and in which order."""

    number: int = 0
    size: int = PER_PAGE
    order: str = "activity"
    ascending: bool = False
    category_id: int | None = None
    pinned_first: bool = True


_ORDERS: dict[str, ColumnElement[Any]] = {
    "likes": Topic.like_count.expression,
    "views": Topic.views.expression,
    "posts": Topic.posts_count.expression,
    "created": Topic.created_at.expression,
    "activity": Topic.bumped_at.expression,
    "default": Topic.bumped_at.expression,
    "category": Topic.category_id.expression,
    "title": func.lower(Topic.title),
}


def pinned_condition(page: Page) -> ColumnElement[bool]:
    """Return the condition for topics that stand above the others in a list."""
    place = Topic.category_id == page.category_id if page.category_id is not None else Topic.pinned_globally.is_(True)
    return and_(place, Topic.pinned_at.is_not(None))


def read_page(session: Session, query: Select[Topic], page: Page) -> list[Topic]:
    """Return the topics of a page: pinned ones at the head of the first, then by the wanted order."""
    order = _ORDERS.get(page.order, _ORDERS["activity"])
    directed = (order.asc(), Topic.id.asc()) if page.ascending else (order.desc(), Topic.id.desc())
    if not page.pinned_first or page.order not in ("activity", "default"):
        return list(session.scalars(query.order_by(*directed).offset(page.number * page.size).limit(page.size)))
    pinned = pinned_condition(page)
    if page.number == 0:
        newest = (case((pinned, Topic.pinned_at)).desc(), case((pinned, Topic.id)).desc())
        return list(session.scalars(query.order_by(*newest, *directed).limit(page.size)))
    count = session.scalar(query.where(pinned).with_only_columns(func.count())) or 0
    others = query.where(~func.coalesce(pinned, False)).order_by(*directed)
    offset = max(0, page.number * page.size - count)
    return list(session.scalars(others.offset(offset).limit(page.size)))


def list_json(
    guardian: Guardian, topics: Sequence[Topic], page: Page, *, more: str | None, extra: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a whole list: the users in it, and the topics. An empty one has no users."""
    found = topic_lines.around(guardian, topics)
    items = [topic_lines.list_item(guardian, topic, found) for topic in topics]
    answer: dict[str, Any] = {
        "can_create_topic": guardian.can_create_topic,
        "per_page": page.size,
        "top_tags": top_tags(guardian, page.category_id),
        **(extra or {}),
        "topics": items,
    }
    if more is not None and len(topics) >= page.size:
        answer["more_topics_url"] = more
    return topic_lines.with_users({"topic_list": answer}, items, found)


def top_tags(guardian: Guardian, category_id: int | None = None) -> list[str]:
    """Return the names of the tags most used, on the site or in a category that the user may see."""
    if category_id is not None:
        return list(guardian.session.scalars(_TOP_TAGS_OF_CATEGORY, {"category": category_id}))
    query = _TOP_TAGS
    if not guardian.is_admin:
        seen = select(Category.id).where(guardian.visible_categories())
        query = query.where(Topic.category_id.in_(seen))
    return list(guardian.session.scalars(query))


def suggested(guardian: Guardian, topic: Topic) -> list[dict[str, Any]]:
    """Return a few other topics, those of the same category first."""
    here = Topic.category_id == topic.category_id
    query = without_about_topics(visible_topics(guardian)).where(Topic.id != topic.id, Topic.closed.is_(False))
    topics = list(
        guardian.session.scalars(query.order_by(here.desc(), Topic.bumped_at.desc(), Topic.id.desc()).limit(SUGGESTED))
    )
    found = topic_lines.around(guardian, topics)
    return [topic_lines.suggestion(guardian, other, found) for other in topics]

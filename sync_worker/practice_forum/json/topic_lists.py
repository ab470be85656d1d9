"""How topics appear in lists: set-based queries, pinned ones first, and what each line shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from sync_worker.practice_forum.cook import inline
from sync_worker.practice_forum.cook.inline import fancy_title
from sync_worker.practice_forum.rules import people, rights, text_rules
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import (
    Category,
    Group,
    Post,
    Tag,
    Topic,
    TopicAllowedGroup,
    TopicAllowedUser,
    TopicTag,
    TopicUser,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian

NEW_FOR = timedelta(days=2)
_CODE = re.compile(r":([\w+-]+):")
_FREQUENT = 4
_POSTERS = (
    select(Post.topic_id, Post.user_id)
    .where(Post.topic_id.in_(bindparam("topics", expanding=True)), Post.deleted_at.is_(None), Post.post_type == 1)
    .group_by(Post.topic_id, Post.user_id)
    .order_by(Post.topic_id, func.count().desc(), Post.user_id)
)
_READING = select(TopicUser).where(
    TopicUser.user_id == bindparam("user"), TopicUser.topic_id.in_(bindparam("topics", expanding=True))
)


@dataclass(slots=True)
class Around:
    """What the lines of a list need of other tables, read once."""

    users: dict[int, User] = field(default_factory=dict)
    tags: dict[int, list[str]] = field(default_factory=dict)
    reading: dict[int, TopicUser] = field(default_factory=dict)
    frequent: dict[int, list[int]] = field(default_factory=dict)


def around(guardian: Guardian, topics: Sequence[Topic]) -> Around:
    """Read tags, posters and the user's own reading of all topics."""
    session, ids = guardian.session, [topic.id for topic in topics]
    if not ids:
        return Around()
    found = Around(tags=text_rules.names_of(session, ids), frequent=_posters(session, topics))
    wanted = {topic.user_id for topic in topics} | {topic.last_post_user_id for topic in topics}
    found.users = people.by_ids(session, wanted.union(*found.frequent.values()))
    if guardian.user is not None:
        mine = session.scalars(_READING, {"user": guardian.user.id, "topics": ids})
        found.reading = {row.topic_id: row for row in mine}
    return found


def _posters(session: Session, topics: Sequence[Topic]) -> dict[int, list[int]]:
    """The users who write most in each topic, apart from those who opened it or wrote last."""
    known = {topic.id: (topic.user_id, topic.last_post_user_id) for topic in topics}
    found: dict[int, list[int]] = {topic_id: [] for topic_id in known}
    for topic_id, user_id in session.execute(_POSTERS, {"topics": list(known)}):
        if user_id not in known[topic_id] and len(found[topic_id]) < _FREQUENT:
            found[topic_id].append(user_id)
    return found


def listable(topic: Topic, row: TopicUser | None, guardian: Guardian, *, image: bool = True) -> dict[str, Any]:
    """Return the keys that every list of topics has."""
    seen = guardian.user is None or (row is not None and row.last_read_post_number is not None)
    answer: dict[str, Any] = {
        "fancy_title": fancy_title(topic.title),
        "id": topic.id,
        "title": topic.title,
        "slug": topic.slug,
        "posts_count": topic.posts_count,
        "reply_count": topic.reply_count,
        "highest_post_number": topic.highest_post_number,
        "created_at": iso(topic.created_at),
        "last_posted_at": iso(topic.last_posted_at),
        "bumped": topic.bumped_at > topic.created_at or topic.updated_at == topic.created_at,
        "bumped_at": iso(topic.bumped_at),
        "archetype": topic.archetype,
        "unseen": not seen and _is_new(topic, guardian),
        "pinned": topic.pinned_at is not None,
        "unpinned": None,
        "visible": topic.visible,
        "closed": topic.closed,
        "archived": topic.archived,
        "bookmarked": False if row else None,
        "liked": row.liked if row else None,
    }
    if topic.accepted_post_id is not None:
        answer["has_accepted_answer"] = True
    if image:
        answer["image_url"] = topic.image_url
    if topic.pinned_at is not None:
        answer["excerpt"] = topic.excerpt
    if row is not None:
        unread = max(0, topic.highest_post_number - (row.last_read_post_number or 0))
        unread = unread if row.last_read_post_number is not None and row.notification_level >= 2 else 0
        answer |= {
            "last_read_post_number": row.last_read_post_number,
            "unread": 0,
            "new_posts": unread,
            "unread_posts": unread,
            "notification_level": row.notification_level,
        }
    if topic.visibility_reason_id is not None:
        answer["visibility_reason_id"] = topic.visibility_reason_id
    if _CODE.search(topic.title):
        answer["unicode_title"] = _CODE.sub(lambda hit: inline.BY_NAME.get(hit[1], hit[0]), topic.title)
    return answer


def _is_new(topic: Topic, guardian: Guardian) -> bool:
    user = guardian.user
    return user is not None and topic.created_at >= max(user.created_at, guardian.now - NEW_FOR)


def staff_keys(user: User) -> dict[str, Any]:
    """Return `admin` and `moderator` where they hold."""
    keys: dict[str, Any] = {}
    if user.admin:
        keys["admin"] = True
    if user.moderator:
        keys["moderator"] = True
    return keys


def poster_user(user: User) -> dict[str, Any]:
    """Return a user of a list's `users`."""
    return people.basic_user(user) | staff_keys(user) | {"trust_level": user.trust_level}


def posters(topic: Topic, found: Around) -> list[dict[str, Any]]:
    """Return who opened the topic, who wrote last and who writes most, with what each of them is."""
    ids = list(dict.fromkeys([topic.user_id, topic.last_post_user_id, *found.frequent.get(topic.id, [])]))[:5]
    if topic.user_id != topic.last_post_user_id and topic.last_post_user_id in ids:
        ids.remove(topic.last_post_user_id)
        ids.append(topic.last_post_user_id)
    alone = len(set(ids)) == 1
    lines = []
    for user_id in ids:
        roles = []
        if user_id == topic.user_id:
            roles.append("Original Poster")
        if user_id == topic.last_post_user_id:
            roles.append("Most Recent Poster")
        latest = user_id == topic.last_post_user_id
        lines.append(
            {
                "user_id": user_id,
                "extras": ("latest single" if alone else "latest") if latest else None,
                "description": ", ".join(roles) or "Frequent Poster",
            }
        )
    return lines


def _poster_ids(lines: list[dict[str, Any]], found: Around) -> list[dict[str, Any]]:
    answer = []
    for line in lines:
        user = found.users.get(line["user_id"])
        groups = {
            "primary_group_id": user.primary_group_id if user else None,
            "flair_group_id": user.flair_group_id if user else None,
        }
        answer.append(line | groups)
    return answer


def list_item(guardian: Guardian, topic: Topic, found: Around) -> dict[str, Any]:
    """Return a line of a topic list."""
    last = found.users.get(topic.last_post_user_id)
    item = listable(topic, found.reading.get(topic.id), guardian) | {
        "tags": found.tags.get(topic.id, []),
        "tags_descriptions": {},
        "views": topic.views,
        "like_count": topic.like_count,
        "has_summary": False,
        "last_poster_username": last.username if last else None,
        "category_id": topic.category_id,
        "pinned_globally": topic.pinned_globally,
        "featured_link": topic.featured_link,
        "posters": _poster_ids(posters(topic, found), found),
    }
    if topic.archetype == rights.PRIVATE:
        del item["tags"]
    return item


def with_users(answer: dict[str, Any], items: list[dict[str, Any]], found: Around) -> dict[str, Any]:
    """Add the users that a list's lines name by id."""
    if not items:
        return answer
    named = [line["user_id"] for item in items for line in (*item["posters"], *item.get("participants", ()))]
    users = [found.users[user_id] for user_id in dict.fromkeys(named) if user_id in found.users]
    return {
        "users": [poster_user(user) for user in users],
        "primary_groups": [],
        "flair_groups": [],
        **answer,
    }


def suggestion(guardian: Guardian, topic: Topic, found: Around) -> dict[str, Any]:
    """Return a line of the topics suggested below another."""
    lines = [
        {
            "extras": line["extras"],
            "description": line["description"],
            "user": poster_user(found.users[line["user_id"]]),
        }
        for line in posters(topic, found)
        if line["user_id"] in found.users
    ]
    return listable(topic, found.reading.get(topic.id), guardian) | {
        "tags": found.tags.get(topic.id, []),
        "tags_descriptions": {},
        "like_count": topic.like_count,
        "views": topic.views,
        "category_id": topic.category_id,
        "featured_link": topic.featured_link,
        "posters": lines,
    }


def message_extras(
    session: Session, topics: Iterable[Topic], viewer_id: int, found: Around
) -> dict[int, dict[str, Any]]:
    """Return what lists of private messages show besides: who is in them."""
    ids = [topic.id for topic in topics]
    members: dict[int, list[int]] = {}
    rows = select(TopicAllowedUser.topic_id, TopicAllowedUser.user_id).where(TopicAllowedUser.topic_id.in_(ids))
    for topic_id, user_id in session.execute(rows.order_by(TopicAllowedUser.user_id)):
        members.setdefault(topic_id, []).append(user_id)
    groups: dict[int, list[str]] = {}
    named = select(TopicAllowedGroup.topic_id, Group.name).join(Group, Group.id == TopicAllowedGroup.group_id)
    for topic_id, name in session.execute(named.where(TopicAllowedGroup.topic_id.in_(ids))):
        groups.setdefault(topic_id, []).append(name)
    found.users |= people.by_ids(session, {user_id for part in members.values() for user_id in part})
    extras = {}
    for topic in topics:
        inside = members.get(topic.id, [])
        shown = list(dict.fromkeys([topic.user_id, *inside]))
        shown = [user_id for user_id in shown if user_id != viewer_id][:5]
        lines = [
            {
                "extras": "latest" if user_id == topic.last_post_user_id else None,
                "description": None,
                "user_id": user_id,
            }
            for user_id in shown
        ]
        extras[topic.id] = {
            "allowed_user_count": len(inside),
            "participant_groups": groups.get(topic.id, []),
            "participants": _poster_ids(lines, found),
        }
    return extras


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
    """Return the condition for topics that come before the others in a list."""
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
    found = around(guardian, topics)
    items = [list_item(guardian, topic, found) for topic in topics]
    answer: dict[str, Any] = {
        "can_create_topic": guardian.can_create_topic,
        "per_page": page.size,
        "top_tags": top_tags(guardian, page.category_id),
        **(extra or {}),
        "topics": items,
    }
    if more is not None and len(topics) >= page.size:
        answer["more_topics_url"] = more
    return with_users({"topic_list": answer}, items, found)


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
    found = around(guardian, topics)
    return [suggestion(guardian, other, found) for other in topics]

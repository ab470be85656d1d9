"""Cooking a post with what the forum knows: who is mentioned, which topics are quoted, which categories are named."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from sync_worker.practice_forum import people
from sync_worker.practice_forum.cook import CookContext, Hashtag, Mentioned, QuotedTopic, cook
from sync_worker.practice_forum.tables import Category, Group, Topic, User

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

_MENTIONABLE_BY = {1: "admin", 2: "staff", 3: "staff", 4: "staff", 99: "anyone"}


def cook_post(session: Session, raw: str, author: User, topic_id: int | None, base_url: str) -> str:
    """Return the HTML of `raw`, written by `author` in the topic (None while it has no id yet)."""
    context = CookContext(
        base_url=base_url,
        topic_id=topic_id,
        trusted=author.trust_level >= 3 or author.staff,
        mentions=partial(mentions, session, author),
        avatar=partial(_avatar, session),
        primary_group=partial(_primary_group, session),
        topic=partial(_topic, session, base_url),
        hashtag=partial(_hashtag, session),
    )
    return cook(raw, context=context)


def mentions(session: Session, author: User, names: Collection[str]) -> Mapping[str, Mentioned]:
    """Return what the (lower-case) names stand for: users first, then groups."""
    found: dict[str, Mentioned] = {}
    for group in session.scalars(select(Group).where(Group.name_lower.in_(names))):
        who = _MENTIONABLE_BY.get(group.mentionable_level)
        may = who == "anyone" or (who == "staff" and author.staff) or (who == "admin" and author.admin)
        found[group.name_lower] = Mentioned.MENTIONABLE_GROUP if may else Mentioned.GROUP
    users = select(User.username_lower).where(User.username_lower.in_(names), User.staged.is_(False))
    return found | dict.fromkeys(session.scalars(users), Mentioned.USER)


def _avatar(session: Session, username: str) -> str | None:
    user = people.by_username(session, username)
    return people.avatar_template(user) if user else None


def _primary_group(session: Session, username: str) -> str | None:
    user = people.by_username(session, username)
    return people.primary_group_name(session, user) if user else None


def _topic(session: Session, base_url: str, topic_id: int) -> QuotedTopic | None:
    topic = session.get(Topic, topic_id)
    if topic is None:
        return None
    category = session.get(Category, topic.category_id) if topic.category_id else None
    if category is None or category.read_restricted:
        return QuotedTopic(f"/t/{topic_id}", "On another topic")
    return QuotedTopic(f"{base_url}/t/{topic.slug}/{topic_id}", topic.title)


def _hashtag(session: Session, slug: str) -> Hashtag | None:
    wanted = slug.rpartition(":")[2].lower()
    match = or_(Category.slug == wanted, Category.slug == slug.lower())
    category = session.scalar(select(Category).where(match, Category.read_restricted.is_(False)).limit(1))
    if category is None:
        return None
    return Hashtag(category.id, category.slug, category.name, f"/c/{category.slug}/{category.id}")

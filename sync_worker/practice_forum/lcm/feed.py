"""Which posts of the followed categories changed, as their readers see them: the posts of the activity.

Like the plugin's, it keeps what was told of each post and compares it with what is true now; small as a practice forum
is, it compares whenever it is read.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sync_worker.practice_forum import context
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.tables import LcmFeedPost, Post, Tag, Topic, TopicTag, User

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

REGULAR = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A post that readers of a category can find there."""

    post: Post
    topic: Topic
    user: User

    @property
    def fingerprint(self) -> str:
        """Return what tells one state of it from another."""
        post, topic = self.post, self.topic
        parts = (
            post.updated_at,
            post.version,
            zlib.crc32(post.raw.encode()),
            self.user.username,
            self.user.name,
            topic.title,
            topic.closed,
        )
        return "|".join(map(str, parts))


def posts_after(
    categories: Sequence[int], number: int, start: datetime, limit: int
) -> list[tuple[int, dict[str, Any]]]:
    """Return the posts of categories that changed after a number, with the number of each; none before `start`."""
    shown = _compare(categories)
    query = (
        select(LcmFeedPost)
        .where(LcmFeedPost.category_id.in_(categories), LcmFeedPost.number > number, LcmFeedPost.at >= start)
        .order_by(LcmFeedPost.number)
        .limit(limit)
    )
    rows = context.session().scalars(query).all()
    tags = _tags({row.topic_id for row in rows})
    return [(row.number, _row(row, shown.get((row.category_id, row.post_id)), tags)) for row in rows]


def _compare(categories: Sequence[int]) -> dict[tuple[int, int], Shown]:
    """Bring what is kept of categories up to date; return the posts that are shown, by category and id."""
    session = context.session()
    shown = _shown(categories)
    kept = {
        (row.category_id, row.post_id): row
        for row in session.scalars(select(LcmFeedPost).where(LcmFeedPost.category_id.in_(categories)))
    }
    first = {category for category in categories if not any(key[0] == category for key in kept)}
    number = session.scalar(select(func.max(LcmFeedPost.number))) or 0
    for key, one in sorted(shown.items(), key=lambda item: (item[1].post.updated_at, item[0])):
        row = kept.get(key)
        if row is not None and not row.gone and (row.fingerprint, row.topic_id) == (one.fingerprint, one.topic.id):
            continue
        number += 1
        at = one.post.updated_at if key[0] in first else context.now()
        row = LcmFeedPost(category_id=key[0], post_id=key[1], topic_id=one.topic.id, number=number, at=at)
        row.fingerprint, row.gone = one.fingerprint, False
        session.merge(row)
    for key, row in sorted(kept.items()):
        if key not in shown and not row.gone:
            number += 1
            row.gone, row.number, row.at = True, number, context.now()
    session.flush()
    return shown


def _shown(categories: Sequence[int]) -> dict[tuple[int, int], Shown]:
    query = (
        select(Post, Topic, User)
        .join(Topic, Topic.id == Post.topic_id)
        .join(User, User.id == Post.user_id)
        .where(Topic.category_id.in_(categories), Topic.archetype == "regular", Topic.visible.is_(True))
        .where(Topic.deleted_at.is_(None), Post.deleted_at.is_(None), Post.user_deleted.is_(False))
        .where(Post.post_type == REGULAR, Post.hidden.is_(False), Post.user_id > 0)
    )
    return {
        (topic.category_id or 0, post.id): Shown(post, topic, user)
        for post, topic, user in context.session().execute(query)
    }


def _row(kept: LcmFeedPost, one: Shown | None, tags: dict[int, list[str]]) -> dict[str, Any]:
    if one is None:
        return _gone(kept)
    post, topic, user = one.post, one.topic, one.user
    return {
        "id": post.id,
        "topic_id": topic.id,
        "topic_title": topic.title,
        "topic_slug": topic.slug,
        "topic_created_at": iso(topic.created_at),
        "topic_closed": topic.closed,
        "topic_views": topic.views,
        "topic_tags": tags.get(topic.id, []),
        "topic_external_id": topic.external_id,
        "category_id": topic.category_id,
        "number": post.post_number,
        "user_id": user.id,
        "username": user.username,
        "name": user.name or "",
        "created_at": iso(post.created_at),
        "updated_at": iso(post.updated_at),
        "raw": post.raw,
        "cooked": post.cooked,
        "likes": post.like_count,
        "reads": post.reads,
        "reply_to": post.reply_to_post_number,
        "deleted": False,
    }


def _gone(kept: LcmFeedPost) -> dict[str, Any]:
    """Return a post that left: where it was, and nothing of what it is."""
    texts = dict.fromkeys(("topic_title", "topic_slug", "username", "name", "raw", "cooked"), "")
    numbers = dict.fromkeys(("topic_views", "number", "user_id", "likes", "reads"), 0)
    times = dict.fromkeys(("topic_created_at", "created_at", "updated_at"), iso(kept.at))
    where = {"id": kept.post_id, "topic_id": kept.topic_id, "category_id": kept.category_id}
    rest = {"topic_closed": False, "topic_tags": [], "topic_external_id": None, "reply_to": None, "deleted": True}
    return where | texts | numbers | times | rest


def _tags(topic_ids: set[int]) -> dict[int, list[str]]:
    query = select(TopicTag.topic_id, Tag.name).join(Tag, Tag.id == TopicTag.tag_id)
    found: dict[int, list[str]] = {}
    for topic_id, name in context.session().execute(query.where(TopicTag.topic_id.in_(topic_ids)).order_by(Tag.name)):
        found.setdefault(topic_id, []).append(name)
    return found

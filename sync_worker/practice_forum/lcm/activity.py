"""What happened in a cohort since a cursor, page by page: posts as their readers see them, likes, solutions, visits."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint
from sqlalchemy import ColumnElement, and_, func, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm.cohorts import find_cohort, require_worker
from sync_worker.practice_forum.lcm.members import member_ids
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import (
    Category,
    CategoryGroup,
    LcmFeedPost,
    Like,
    Post,
    Tag,
    Topic,
    TopicTag,
    TopicUser,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync_worker.practice_forum.tables import LcmCohort

REGULAR = 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A post that readers of a category can find there."""

    post: Post
    topic: Topic
    user: User

    @property
    def fingerprint(self) -> str:
        """Return what distinguishes one state of it from another."""
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


blueprint = Blueprint("lcm_activity", __name__)

STREAMS = ("posts", "likes", "solutions", "visits")
LEAD = timedelta(weeks=4)
DEFAULT_LIMIT, LARGEST_LIMIT = 500, 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Position = tuple[int, int]  # milliseconds since 1970, then an id that breaks ties; of posts, the number of the change


@blueprint.get("/lcm/cohorts/<key>/activity", endpoint="discourse_lcm/activity/show")
def read(key: str) -> dict[str, Any]:
    """Return the next page; a page holds rows of one stream, and streams with nothing new are passed over."""
    require_worker()
    cohort, params = find_cohort(key), context.params()
    limit = params.integer("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise requests.invalid_parameters("limit")
    stream, places = _cursor(params.text("after"), cohort)
    categories = _categories(cohort, params.text("categories"))
    rows = _READERS[stream](cohort, categories, places[stream], limit + 1)
    while not rows and stream != STREAMS[-1]:
        stream = STREAMS[STREAMS.index(stream) + 1]
        rows = _READERS[stream](cohort, categories, places[stream], limit + 1)
    page, more_here = rows[:limit], len(rows) > limit
    if page:
        places[stream] = page[-1][0]
    last = stream == STREAMS[-1]
    following = stream if more_here else STREAMS[0] if last else STREAMS[STREAMS.index(stream) + 1]
    return {
        "stream": stream,
        "cursor": _encode(following, places),
        "more": more_here or not last,
        stream: [row for _, row in page],
    }


def _cursor(text: str | None, cohort: LcmCohort) -> tuple[str, dict[str, Position]]:
    if text is None:
        first = (_milliseconds(_first_moment(cohort)), 0)
        return STREAMS[0], {"posts": (0, 0), **dict.fromkeys(STREAMS[1:], first)}
    try:
        padded = text + "=" * (-len(text) % 4)
        stream, *places = json.loads(base64.urlsafe_b64decode(padded))
        positions = {name: (int(at), int(number)) for name, (at, number) in zip(STREAMS, places, strict=True)}
    except (ValueError, TypeError, binascii.Error):
        raise requests.invalid_parameters("after") from None
    if stream not in STREAMS:
        raise requests.invalid_parameters("after")
    return stream, positions


def _first_moment(cohort: LcmCohort) -> datetime:
    zone = ZoneInfo(cohort.declaration["timezone"])
    return datetime.combine(date.fromisoformat(cohort.declaration["start"]), time(), zone) - LEAD


def _encode(stream: str, places: dict[str, Position]) -> str:
    text = json.dumps([stream, *(places[name] for name in STREAMS)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _categories(cohort: LcmCohort, more: str | None) -> list[int]:
    """Return the cohort's category with its subcategories, and those of `more` that the cohort's group may see."""
    session = context.session()
    own = session.scalars(
        select(Category.id).where(
            or_(Category.id == cohort.category_id, Category.parent_category_id == cohort.category_id)
        )
    ).all()
    wanted = [int(part) for part in (more or "").split(",") if part.isdigit()]
    seen = select(CategoryGroup.category_id).where(CategoryGroup.group_id.in_((cohort.group_id, 0)))
    visible = or_(Category.read_restricted.is_(False), Category.id.in_(seen))
    return [*own, *session.scalars(select(Category.id).where(Category.id.in_(wanted), visible))]


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _after(moment: ColumnElement[Any], number: ColumnElement[Any], place: Position) -> ColumnElement[bool]:
    at = _moment(place[0])
    return or_(moment > at, and_(moment == at, number > place[1]))


def _posts(cohort: LcmCohort, categories: Sequence[int], place: Position, limit: int) -> list[tuple[Position, Any]]:
    return [((number, 0), row) for number, row in posts_after(categories, place[0], _first_moment(cohort), limit)]


def _likes(cohort: LcmCohort, categories: Sequence[int], place: Position, limit: int) -> list[tuple[Position, Any]]:
    del cohort
    # A like has no number of its own here; its post and user make one that orders and stays.
    number = Like.post_id * 1_000_000 + Like.user_id
    query = (
        select(Like, Post.user_id, number)
        .join(Post, Post.id == Like.post_id)
        .join(Topic, Topic.id == Post.topic_id)
        .where(Topic.category_id.in_(categories), _after(Like.created_at.expression, number, place))
        .order_by(Like.created_at, number)
        .limit(limit)
    )
    return [
        (
            (_milliseconds(like.created_at), key),
            {
                "id": key,
                "post_id": like.post_id,
                "user_id": like.user_id,
                "author_id": author_id,
                "created_at": iso(like.created_at),
                "deleted": False,
            },
        )
        for like, author_id, key in context.session().execute(query)
    ]


def _solutions(cohort: LcmCohort, categories: Sequence[int], place: Position, limit: int) -> list[tuple[Position, Any]]:
    del cohort
    query = (
        select(Topic.id, Topic.accepted_post_id, Topic.user_id, Topic.updated_at)
        .where(Topic.category_id.in_(categories), Topic.accepted_post_id.is_not(None))
        .where(_after(Topic.updated_at.expression, Topic.id.expression, place))
        .order_by(Topic.updated_at, Topic.id)
        .limit(limit)
    )
    return [
        (
            (_milliseconds(at), topic_id),
            {"topic_id": topic_id, "post_id": post_id, "accepted_by": user_id, "created_at": iso(at)},
        )
        for topic_id, post_id, user_id, at in context.session().execute(query)
    ]


def _visits(cohort: LcmCohort, categories: Sequence[int], place: Position, limit: int) -> list[tuple[Position, Any]]:
    """Days on which members were last seen in a topic; how much they read is counted by topics, not by time."""
    query = (
        select(TopicUser.user_id, TopicUser.last_visited_at, TopicUser.last_read_post_number)
        .join(Topic, Topic.id == TopicUser.topic_id)
        .where(Topic.category_id.in_(categories), TopicUser.last_visited_at.is_not(None))
    )
    members = member_ids(cohort)
    days: dict[tuple[date, int], int] = {}
    for user_id, at, number in context.session().execute(query):
        if at is not None and user_id in members:
            key = (at.date(), user_id)
            days[key] = days.get(key, 0) + (number or 0)
    rows = [
        (
            (_milliseconds(datetime.combine(day, time(), UTC)), user_id),
            {"user_id": user_id, "day": day.isoformat(), "posts_read": count, "seconds_read": 0},
        )
        for (day, user_id), count in sorted(days.items())
    ]
    return [row for row in rows if row[0] > place][:limit]


_READERS: dict[str, Callable[[LcmCohort, Sequence[int], Position, int], list[tuple[Position, Any]]]] = {
    "posts": _posts,
    "likes": _likes,
    "solutions": _solutions,
    "visits": _visits,
}

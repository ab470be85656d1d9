"""What happened in a cohort since a cursor: posts, likes, solutions, visits, page by page."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint
from sqlalchemy import ColumnElement, and_, or_, select

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.lcm.callers import find_cohort, require_worker
from sync_worker.practice_forum.lcm.feed import posts_after
from sync_worker.practice_forum.lcm.members import member_ids
from sync_worker.practice_forum.tables import (
    Category,
    CategoryGroup,
    Like,
    Post,
    Topic,
    TopicUser,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync_worker.practice_forum.tables import LcmCohort

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
        raise refusals.invalid_parameters("limit")
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
        raise refusals.invalid_parameters("after") from None
    if stream not in STREAMS:
        raise refusals.invalid_parameters("after")
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

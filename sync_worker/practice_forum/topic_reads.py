"""Endpoints that read topics."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from sqlalchemy import select

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.excerpts import excerpt
from sync_worker.practice_forum.params import to_i
from sync_worker.practice_forum.posts import user_limits
from sync_worker.practice_forum.tables import Post, Topic
from sync_worker.practice_forum.topic_json import Asked, TopicView
from sync_worker.practice_forum.topic_status import carry_out_due
from sync_worker.practice_forum.user_limits import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("topic_reads", __name__)

Shown = dict[str, Any] | Response


def find_topic(topic_id: int) -> Topic:
    """Return a topic as far as the user who calls may see it.

    Raises:
        Refusal: 404 where it is not there or not for the user.

    """
    carry_out_due(context.session(), context.now())
    topic = context.session().get(Topic, topic_id)
    if topic is None or not context.guardian().can_see_topic(topic):
        raise refusals.not_found()
    return topic


def _asked(number: int | None) -> Asked:
    params = context.params()
    names = params.text("username_filters") or ""
    moderator = context.guardian().is_staff
    return Asked(
        page=params.integer("page"),
        number=number,
        raw=params.text("include_raw") in ("true", "1"),
        whole=params.flag("print"),
        show_deleted=moderator and params.text("show_deleted") in ("true", "1"),
        usernames=tuple(name for name in names.split(",") if name),
    )


@blueprint.get("/t/<int:topic_id>", endpoint="topics/show")
@blueprint.get("/t/<int:topic_id>/<int:number>", endpoint="topics/show")
@blueprint.get("/t/<slug>/<int:topic_id>", endpoint="topics/show")
@blueprint.get("/t/<slug>/<int:topic_id>/<int:number>", endpoint="topics/show")
def show(topic_id: int, slug: str | None = None, number: int | None = None) -> Shown:
    """Show a topic with a page of its posts, or those around a number; a wrong slug leads to the right one."""
    asked = _asked(number)
    _limit_printing(asked)
    topic = find_topic(topic_id)
    if asked.page < 0 or (asked.page - 1) * asked.size >= topic.highest_post_number:
        raise refusals.not_found()
    if slug is not None and slug != topic.slug:
        place = f"/{number}" if number else ""
        return moved(f"/t/{topic.slug}/{topic.id}{place}", request.args)
    return TopicView(context.guardian(), topic, asked).json()


def _limit_printing(asked: Asked) -> None:
    guardian, most = context.guardian(), context.settings().number("max_prints_per_hour_per_user")
    if asked.whole and not most:
        raise refusals.invalid_access()  # nobody may print then, administrators included
    if not asked.whole or guardian.is_admin:
        return
    user = context.require_user()
    limit = Limit("print", most, timedelta(hours=1))
    if user_limits().wait(user.id, limit, context.now()):
        raise refusals.unprocessable("You’ve performed this action too many times, please try again later.")
    user_limits().note(user.id, limit, context.now())


@blueprint.get("/t/external_id/<external_id>", endpoint="topics/show_by_external_id")
def by_external_id(external_id: str) -> Response:
    """Lead to the topic with an external id; upper and lower case matter, and deleted topics do not count."""
    query = select(Topic).where(Topic.external_id == external_id, Topic.deleted_at.is_(None))
    topic = context.session().scalar(query)
    if topic is None:
        raise refusals.not_found()
    if not context.guardian().can_see_topic(topic):
        raise refusals.invalid_access()
    return moved(f"/t/{topic.slug}/{topic.id}")


def moved(path: str, query: Mapping[str, str] | None = None) -> Response:
    """Return 301 to a path of this forum, in the format that was asked for."""
    json = ".json" if request.environ.get("forum.path", "").endswith(".json") else ""
    tail = "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""
    answer = Response("", 301, content_type="text/html; charset=utf-8")
    answer.headers["location"] = f"{context.base_url()}{path}{json}{tail}"
    return answer


@blueprint.get("/t/<int:topic_id>/posts", endpoint="topics/posts")
def posts(topic_id: int) -> dict[str, Any]:
    """Show posts of a topic by their ids, or those after a number."""
    topic = find_topic(topic_id)
    params = context.params()
    view = TopicView(context.guardian(), topic, _asked(None))
    ids = [to_i(item) for item in params.items("post_ids")]
    if not ids and "post_number" in params:
        ids = view.after(params.integer("post_number"), ascending=params.flag("asc"))
    return {"post_stream": {"posts": view.posts(ids or view.stream[:20])}, "id": topic.id}


@blueprint.get("/t/<int:topic_id>/post_ids", endpoint="topics/post_ids")
def post_ids(topic_id: int) -> dict[str, Any]:
    """List the ids of a topic's posts after a number."""
    view = TopicView(context.guardian(), find_topic(topic_id), Asked())
    number = context.params().integer("post_number")
    return {"post_ids": view.after(number, ascending=True, most=None)}


@blueprint.get("/t/<int:topic_id>/excerpts", endpoint="topics/excerpts")
def excerpts(topic_id: int) -> list[dict[str, Any]]:
    """List posts of a topic with the beginning of their text; at most 100 ids."""
    topic = find_topic(topic_id)
    ids = [to_i(item) for item in context.params().items("post_ids")]
    if len(ids) > 100:
        raise refusals.invalid_parameters("post_ids")
    view = TopicView(context.guardian(), topic, Asked())
    return [
        {
            "post_id": post["id"],
            "username": post["username"],
            "user_deleted": post["user_deleted"],
            "excerpt": excerpt(post["cooked"], 220),
        }
        for post in view.posts(ids)
    ]


@blueprint.get("/raw/<int:topic_id>", endpoint="posts/markdown_num")
@blueprint.get("/raw/<int:topic_id>/<int:number>", endpoint="posts/markdown_num")
def raw(topic_id: int, number: int | None = None) -> Response:
    """Show the source of a topic's posts (100 a page), or of one post."""
    topic = find_topic(topic_id)
    live = select(Post).where(Post.topic_id == topic.id, Post.deleted_at.is_(None)).order_by(Post.post_number)
    if number is not None:
        found = context.session().scalar(live.where(Post.post_number == number))
        if found is None:
            raise refusals.not_found()
        return Response(found.raw, content_type="text/plain; charset=utf-8")
    page = max(1, context.params().integer("page", 1))
    rows = context.session().scalars(live.offset((page - 1) * 100).limit(100))
    text = "\n\n-------------------------\n\n".join(post.raw for post in rows)
    return Response(text, content_type="text/plain; charset=utf-8")

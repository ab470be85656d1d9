"""Endpoints that read topics and list them: the latest of all or of a category, the top ones, those by a user."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request
from sqlalchemy import bindparam, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.posts import user_limits
from sync_worker.practice_forum.api.topics import carry_out_due
from sync_worker.practice_forum.json import topic_lists
from sync_worker.practice_forum.json.topic_lists import Page
from sync_worker.practice_forum.json.topics import Asked, TopicView
from sync_worker.practice_forum.rules.settings import Limit
from sync_worker.practice_forum.rules.writing import open_link
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Category, Post, Tag, Topic, TopicTag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Select

blueprint = Blueprint("topic_reads", __name__)

Shown = dict[str, Any] | Response


def find_topic(topic_id: int) -> Topic:
    """Return a topic if the calling user may see it.

    Raises:
        Refusal: 404 where it is not there or not for the user.

    """
    carry_out_due(context.session(), context.now())
    topic = context.session().get(Topic, topic_id)
    if topic is None or not context.guardian().can_see_topic(topic):
        raise requests.not_found()
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
        host=urlsplit(context.base_url()).hostname or "",
    )


@blueprint.post("/clicks/track", endpoint="clicks/track")
def track_click() -> dict[str, Any]:
    """Count that somebody opened a link of a post, as the forum's pages say so."""
    params, session, caller = context.params(), context.session(), context.guardian().user
    wanted = {name: params.text(name) for name in ("url", "post_id", "topic_id")}
    for name, value in wanted.items():
        if not value:
            raise requests.missing_parameter(name)
    post = session.get(Post, to_i(wanted["post_id"] or ""))
    if post is not None:
        find_topic(post.topic_id)
        open_link(session, post, wanted["url"] or "", caller.id if caller else None, context.now())
    return {"success": "OK"}


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
        raise requests.not_found()
    if slug is not None and slug != topic.slug:
        place = f"/{number}" if number else ""
        return moved(f"/t/{topic.slug}/{topic.id}{place}", request.args)
    return TopicView(context.guardian(), topic, asked).json()


def _limit_printing(asked: Asked) -> None:
    guardian, most = context.guardian(), context.settings().number("max_prints_per_hour_per_user")
    if asked.whole and not most:
        raise requests.invalid_access()  # nobody may print then, administrators included
    if not asked.whole or guardian.is_admin:
        return
    user = context.require_user()
    limit = Limit("print", most, timedelta(hours=1))
    if user_limits().wait(user.id, limit, context.now()):
        raise requests.unprocessable("You’ve performed this action too many times, please try again later.")
    user_limits().note(user.id, limit, context.now())


@blueprint.get("/t/external_id/<external_id>", endpoint="topics/show_by_external_id")
def by_external_id(external_id: str) -> Response:
    """Lead to the topic with an external id; upper and lower case matter, and deleted topics do not count."""
    query = select(Topic).where(Topic.external_id == external_id, Topic.deleted_at.is_(None))
    topic = context.session().scalar(query)
    if topic is None:
        raise requests.not_found()
    if not context.guardian().can_see_topic(topic):
        raise requests.invalid_access()
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


Listed = dict[str, Any] | Response
PERIODS = {
    "all": None,
    "yearly": timedelta(days=365),
    "quarterly": timedelta(days=90),
    "monthly": timedelta(days=30),
    "weekly": timedelta(days=7),
    "daily": timedelta(days=1),
}
MOST_PER_PAGE = 100
TOP_PER_PAGE = 50
_CHILDREN = select(Category.id).where(Category.parent_category_id == bindparam("parent"))


def asked_page(*, category_id: int | None = None) -> Page:
    """Return the page a client asks for.

    Raises:
        Refusal: 400 for a page or a size that cannot be.

    """
    params = context.params()
    number, size = params.text("page"), params.text("per_page")
    if number is not None and not (number.strip().isdigit() or number == ""):
        raise requests.invalid_parameters("page")
    if size is not None and not (size.isdigit() and 1 <= int(size) <= MOST_PER_PAGE):
        raise requests.invalid_parameters("per_page")
    return Page(
        number=to_i(number or "0"),
        size=int(size) if size else topic_lists.PER_PAGE,
        order=params.text("order") or "activity",
        ascending=params.flag("ascending"),
        category_id=category_id,
    )


def _filtered(query: Select[Topic]) -> Select[Topic]:
    """Narrow a list to what the usual parameters ask for."""
    params, now = context.params(), context.now()
    for name, column in (("bumped_before", Topic.bumped_at), ("before", Topic.created_at)):
        if name in params:
            query = query.where(column < now - timedelta(days=params.integer(name)))
    ids = [to_i(part) for part in (params.text("topic_ids") or "").split(",") if part]
    if ids:
        query = query.where(Topic.id.in_(ids))
    status = params.text("status")
    if status in ("open", "closed"):
        query = query.where(Topic.closed.is_(status == "closed"))
    if status == "archived":
        query = query.where(Topic.archived.is_(True))
    tags = params.items("tags")
    for name in tags:
        tagged = select(TopicTag.topic_id).join(Tag, Tag.id == TopicTag.tag_id).where(Tag.name_lower == name.lower())
        query = query.where(Topic.id.in_(tagged))
    return query


def _more(page: Page) -> str:
    """Return the path of the next page, with the parameters of this one."""
    path = request.environ.get("forum.path", request.path).removesuffix(".json")
    kept = {name: value for name, value in request.args.items() if name != "page"} | {"page": str(page.number + 1)}
    if path == "/latest":
        kept["no_definitions"] = "true"
    return f"{path}?" + "&".join(f"{name}={value}" for name, value in sorted(kept.items()))


def answer_list(query: Select[Topic], page: Page, extra: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the page of a list."""
    topics = topic_lists.read_page(context.session(), _filtered(query), page)
    return topic_lists.list_json(context.guardian(), topics, page, more=_more(page), extra=extra)


@blueprint.get("/latest", endpoint="list/latest")
def latest() -> dict[str, Any]:
    """List all topics, those with the latest activity first."""
    carry_out_due(context.session(), context.now())
    page = asked_page()
    query = topic_lists.without_about_topics(topic_lists.visible_topics(context.guardian()))
    if wanted := context.params().integer("category"):
        query = query.where(Topic.category_id == wanted)
    return answer_list(query, page)


@blueprint.get("/top", endpoint="list/top")
def top() -> dict[str, Any]:
    """List the topics of a period that have most likes and posts; a job would fill it on a real forum."""
    period = context.params().text("period") or "all"
    if period not in PERIODS:
        raise requests.invalid_parameters(f"Invalid period. Valid periods are {', '.join(PERIODS)}")
    page = Page(size=TOP_PER_PAGE, pinned_first=False, order="likes")
    query = topic_lists.without_about_topics(topic_lists.visible_topics(context.guardian()))
    query = query.where(or_(Topic.like_count > 0, Topic.views > 0))
    span = PERIODS[period]
    if span is not None:
        query = query.where(Topic.created_at >= context.now() - span)
    return answer_list(query, page, {"for_period": period})


def _category(category_id: int) -> Category:
    category = context.session().get(Category, category_id)
    if category is None or not context.guardian().can_see_category(category):
        raise requests.not_found()
    return category


def category_path(category: Category) -> str:
    """Return the path of a category: its parent's slug, its own, its id."""
    parent = context.session().get(Category, category.parent_category_id) if category.parent_category_id else None
    head = f"{parent.slug}/" if parent else ""
    return f"/c/{head}{category.slug}/{category.id}"


def _category_list(category: Category, *, only_itself: bool) -> dict[str, Any]:
    carry_out_due(context.session(), context.now())
    page = asked_page(category_id=category.id)
    ids = [category.id]
    if not only_itself and not context.params().flag("no_subcategories"):
        ids += context.session().scalars(_CHILDREN, {"parent": category.id})
    query = topic_lists.visible_topics(context.guardian()).where(Topic.category_id.in_(ids))
    query = topic_lists.without_about_topics(query, keep=category.id)
    return answer_list(query, page)


@blueprint.get("/c/<int:category_id>", endpoint="list/category_default")
@blueprint.get("/c/<path:slugs>/<int:category_id>", endpoint="list/category_default")
def category_default(category_id: int, slugs: str = "") -> Listed:
    """List a category's topics, as it does by default; anything but its full address leads there."""
    category = _category(category_id)
    if f"/c/{slugs}/{category_id}" != category_path(category):
        return _moved(category_path(category))
    return _category_list(category, only_itself=False)


def _moved(path: str) -> Response:
    """Lead to a category's right address; unlike other redirects this one says nothing about caching."""
    g.raised = True
    return moved(path, request.args)


@blueprint.get("/c/<int:category_id>/l/latest", endpoint="list/category_latest")
@blueprint.get("/c/<path:slugs>/<int:category_id>/l/latest", endpoint="list/category_latest")
def category_latest(category_id: int, slugs: str = "") -> Listed:
    """List a category's topics and those of its subcategories, pinned ones first."""
    category = _category(category_id)
    if f"/c/{slugs}/{category_id}" != category_path(category):
        return _moved(f"{category_path(category)}/l/latest")
    return _category_list(category, only_itself=False)

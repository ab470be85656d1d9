"""Endpoints about categories."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum import (
    category_changes,
    context,
    people,
    post_rights,
    refusals,
    topic_lines,
    topic_lists,
)
from sync_worker.practice_forum.category_json import UNCATEGORIZED_ID, CategoryView
from sync_worker.practice_forum.category_rows import UnknownGroupError
from sync_worker.practice_forum.tables import Category, Topic
from sync_worker.practice_forum.text_rules import RejectedError

blueprint = Blueprint("categories", __name__)

LAZY = "lazy_load_categories_groups"
CATEGORIES_A_PAGE = 20
SUBCATEGORIES_SHOWN = 5
"""How many a list holds for those who load categories lazily (Discourse: category_list.rb)."""


def find_category(category_id: int) -> Category:
    """Return a category as far as the user who calls may see it.

    Raises:
        Refusal: 404 where it is not there, 403 where it is not for the user.

    """
    category = context.session().get(Category, category_id)
    if category is None:
        raise refusals.not_found()
    if not context.guardian().can_see_category(category):
        raise refusals.invalid_access()
    return category


def _require_manager() -> None:
    context.require_user()
    guardian = context.guardian()
    manager = guardian.is_staff and context.settings().flag("moderators_manage_categories_and_groups")
    if not guardian.is_admin and not manager:
        raise refusals.invalid_access()


@blueprint.post("/categories", endpoint="categories/create")
def create() -> dict[str, Any]:
    """Make a category."""
    _require_manager()
    params = context.params()
    params.require("name")
    try:
        category = category_changes.create(context.guardian(), context.require_user(), params, context.base_url())
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    return {"category": CategoryView(context.guardian()).full(category, written=True)}


@blueprint.put("/categories/<int:category_id>", endpoint="categories/update")
def update(category_id: int) -> dict[str, Any]:
    """Change a category; permissions that are given replace all there were."""
    context.require_user()
    category = context.session().get(Category, category_id)
    if category is None:
        raise refusals.not_found()
    _require_manager()
    try:
        category_changes.update(context.guardian(), category, context.params())
    except UnknownGroupError:
        raise refusals.crash() from None
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    return {"success": "OK", "category": CategoryView(context.guardian()).full(category, written=True)}


@blueprint.delete("/categories/<int:category_id>", endpoint="categories/destroy")
def destroy(category_id: int) -> dict[str, Any]:
    """Delete a category that has neither topics nor subcategories."""
    user = context.require_user()
    category = context.session().get(Category, category_id)
    if category is None:
        raise refusals.not_found()
    _require_manager()
    if CategoryView(context.guardian()).cannot_delete_reason(category) is not None:
        raise refusals.invalid_access()
    category_changes.remove(context.session(), category, context.now(), user)
    return {"success": "OK"}


@blueprint.get("/c/<int:category_id>/show", endpoint="categories/show")
def show(category_id: int) -> dict[str, Any]:
    """Show one category."""
    return {"category": CategoryView(context.guardian()).full(find_category(category_id))}


@blueprint.get("/c/<path:slugs>/find_by_slug", endpoint="categories/find_by_slug")
def find_by_slug(slugs: str) -> dict[str, Any]:
    """Show the category with a slug, or with a parent's slug and its own."""
    session = context.session()
    found: Category | None = None
    for slug in slugs.split("/"):
        query = select(Category).where(Category.slug == slug)
        query = query.where(Category.parent_category_id.is_(found.id if found else None))
        found = session.scalar(query)
        if found is None:
            raise refusals.not_found()
    if found is None or not context.guardian().can_see_category(found):
        raise refusals.not_found()
    return {"category": CategoryView(context.guardian()).full(found, setting=True)}


@blueprint.get("/categories", endpoint="categories/index")
def index() -> dict[str, Any]:
    """List the categories, those with the latest topics first."""
    guardian, session = context.guardian(), context.session()
    view = CategoryView(guardian)
    query = select(Category).where(guardian.visible_categories())
    parent = context.params().integer("parent_category_id")
    whole = context.params().flag("include_subcategories")
    query = query.where(Category.parent_category_id.is_(parent or None))
    lazy = guardian.in_any_group(LAZY)
    categories = list(session.scalars(query.order_by(Category.position, Category.id)))
    if not context.settings().flag("allow_uncategorized_topics"):
        used = view.counts.get(UNCATEGORIZED_ID)
        categories = [category for category in categories if used or category.id != UNCATEGORIZED_ID]
    latest = view.latest
    categories.sort(key=lambda category: -latest[category.id].timestamp() if category.id in latest else 0.0)
    page = max(1, context.params().integer("page"))
    if lazy and not parent:
        categories = categories[(page - 1) * CATEGORIES_A_PAGE : page * CATEGORIES_A_PAGE]
    elif page > 1:
        categories = []  # only categories that are loaded lazily come in pages
    most = SUBCATEGORIES_SHOWN if lazy else None
    lines = [_with_children(view, category, most) if whole else _line(view, category) for category in categories]
    return {
        "category_list": {
            "can_create_category": guardian.is_admin,
            "can_create_topic": guardian.can_create_topic,
            "categories": lines,
        }
    }


def _with_children(view: CategoryView, category: Category, most: int | None) -> dict[str, Any]:
    """A category with its subcategories and theirs; `most` of each (None: all)."""
    line = _line(view, category)
    query = select(Category).where(Category.id.in_(line["subcategory_ids"])).order_by(Category.id)
    children = list(view.session.scalars(query))[:most]
    if children:
        line["subcategory_list"] = [_with_children(view, child, most) for child in children]
    return line


def _line(view: CategoryView, category: Category) -> dict[str, Any]:
    line = view.listed(category)
    topics = _featured(view, category)
    return line | ({"topics": topics} if topics else {})


def _featured(view: CategoryView, category: Category) -> list[dict[str, Any]]:
    """The latest topics of a category, pinned ones first."""
    if category.id not in view.latest:
        return []
    guardian, session = view.guardian, view.session
    query = topic_lists.without_about_topics(topic_lists.visible_topics(guardian))
    query = query.where(Topic.category_id == category.id)
    most = (category.options or {}).get("num_featured_topics") or 3
    topics = topic_lists.read_page(session, query, topic_lists.Page(size=most, category_id=category.id))
    found = topic_lines.around(guardian, topics)
    return [
        topic_lines.listable(topic, found.reading.get(topic.id), guardian)
        | {"last_poster": people.basic_user(found.users[topic.last_post_user_id])}
        for topic in topics
        if topic.last_post_user_id in found.users and topic.archetype != post_rights.PRIVATE
    ]

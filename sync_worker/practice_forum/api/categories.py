"""Endpoints about categories, tags and tag groups."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import delete, func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.topic_reads import answer_list, asked_page
from sync_worker.practice_forum.json import topic_lists
from sync_worker.practice_forum.json.categories import UNCATEGORIZED_ID, CategoryView
from sync_worker.practice_forum.rules import category_changes, people, rights, text_rules
from sync_worker.practice_forum.rules.category_changes import UnknownGroupError
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.requests import Params, to_bool, to_i
from sync_worker.practice_forum.tables import (
    Category,
    Group,
    Tag,
    TagGroup,
    TagGroupMember,
    TagGroupPermission,
    Topic,
    TopicTag,
)

blueprint = Blueprint("categories", __name__)

LAZY = "lazy_load_categories_groups"
CATEGORIES_A_PAGE = 20
SUBCATEGORIES_SHOWN = 5
"""How many a list holds for those who load categories lazily (Discourse: category_list.rb)."""


def find_category(category_id: int) -> Category:
    """Return a category if the calling user may see it.

    Raises:
        Refusal: 404 where it is not there, 403 where it is not for the user.

    """
    category = context.session().get(Category, category_id)
    if category is None:
        raise requests.not_found()
    if not context.guardian().can_see_category(category):
        raise requests.invalid_access()
    return category


def _require_manager() -> None:
    context.require_user()
    guardian = context.guardian()
    manager = guardian.is_staff and context.settings().flag("moderators_manage_categories_and_groups")
    if not guardian.is_admin and not manager:
        raise requests.invalid_access()


@blueprint.post("/categories", endpoint="categories/create")
def create() -> dict[str, Any]:
    """Make a category."""
    _require_manager()
    params = context.params()
    params.require("name")
    try:
        category = category_changes.create(context.guardian(), context.require_user(), params, context.base_url())
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    return {"category": CategoryView(context.guardian()).full(category, written=True)}


@blueprint.put("/categories/<int:category_id>", endpoint="categories/update")
def update(category_id: int) -> dict[str, Any]:
    """Change a category; permissions that are given replace all there were."""
    context.require_user()
    category = context.session().get(Category, category_id)
    if category is None:
        raise requests.not_found()
    _require_manager()
    try:
        category_changes.update(context.guardian(), category, context.params())
    except UnknownGroupError:
        raise requests.crash() from None
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    return {"success": "OK", "category": CategoryView(context.guardian()).full(category, written=True)}


@blueprint.delete("/categories/<int:category_id>", endpoint="categories/destroy")
def destroy(category_id: int) -> dict[str, Any]:
    """Delete a category that has neither topics nor subcategories."""
    user = context.require_user()
    category = context.session().get(Category, category_id)
    if category is None:
        raise requests.not_found()
    _require_manager()
    if CategoryView(context.guardian()).cannot_delete_reason(category) is not None:
        raise requests.invalid_access()
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
            raise requests.not_found()
    if found is None or not context.guardian().can_see_category(found):
        raise requests.not_found()
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
    found = topic_lists.around(guardian, topics)
    return [
        topic_lists.listable(topic, found.reading.get(topic.id), guardian)
        | {"last_poster": people.basic_user(found.users[topic.last_post_user_id])}
        for topic in topics
        if topic.last_post_user_id in found.users and topic.archetype != rights.PRIVATE
    ]


def _uses() -> dict[int, int]:
    """How many listed topics that the user may see each tag has."""
    guardian = context.guardian()
    seen = select(Category.id).where(guardian.visible_categories())
    query = (
        select(TopicTag.tag_id, func.count())
        .join(Topic, Topic.id == TopicTag.topic_id)
        .where(Topic.deleted_at.is_(None), Topic.archetype == "regular", Topic.category_id.in_(seen))
        .group_by(TopicTag.tag_id)
    )
    return {row[0]: row[1] for row in context.session().execute(query)}


@blueprint.get("/tags", endpoint="tags/index")
def tags_index() -> dict[str, Any]:
    """List the tags; only staff sees those that no topic has."""
    uses = _uses()
    rows = context.session().scalars(select(Tag).order_by(Tag.id))
    shown = [tag for tag in rows if context.guardian().is_staff or uses.get(tag.id)]
    lines = [
        {
            "id": tag.name,
            "text": tag.name,
            "name": tag.name,
            "description": tag.description,
            "count": uses.get(tag.id, 0),
            "pm_only": False,
            "target_tag": None,
        }
        for tag in shown
    ]
    return {"tags": lines, "extras": {"categories": []}}


@blueprint.get("/tag/<name>", endpoint="tags/show")
@blueprint.get("/tag/<name>/l/latest", endpoint="tags/show")
@blueprint.get("/tags/<name>", endpoint="tags/show")
def show_tag(name: str) -> dict[str, Any]:
    """List the topics with a tag."""
    tag = context.session().scalar(select(Tag).where(Tag.name_lower == name.lower()))
    if tag is None or name.lower() in text_rules.hidden_names(context.session(), context.guardian()):
        raise requests.not_found()
    tagged = select(TopicTag.topic_id).where(TopicTag.tag_id == tag.id)
    query = topic_lists.visible_topics(context.guardian()).where(Topic.id.in_(tagged))
    about = {
        "id": tag.id,
        "name": tag.name,
        "topic_count": _uses().get(tag.id, 0),
        "staff": False,
        "description": tag.description,
    }
    return answer_list(query, asked_page(), {"tags": [about]})


def _wanted() -> Params:
    params = context.params()
    return params.section("tag_group") if "tag_group" in params else params


@blueprint.get("/tag_groups", endpoint="tag_groups/index")
def groups_index() -> dict[str, Any]:
    """List the tag groups."""
    rows = context.session().scalars(select(TagGroup).order_by(TagGroup.name))
    return {"tag_groups": [_json(row) for row in rows]}


@blueprint.get("/tag_groups/<int:group_id>", endpoint="tag_groups/show")
def show_group(group_id: int) -> dict[str, Any]:
    """Show one tag group."""
    return {"tag_group": _json(_find(group_id))}


@blueprint.post("/tag_groups", endpoint="tag_groups/create")
def create_group() -> dict[str, Any]:
    """Make a tag group, and the tags in it that are new."""
    context.require_admin()
    wanted = _wanted()
    name = (wanted.text("name") or "").strip()
    _check_name(name, None)
    row = TagGroup(name=name)
    context.session().add(row)
    context.session().flush()
    _apply(row, wanted)
    return {"tag_group": _json(row)}


@blueprint.put("/tag_groups/<int:group_id>", endpoint="tag_groups/update")
def update_group(group_id: int) -> dict[str, Any]:
    """Change a tag group."""
    context.require_admin()
    row, wanted = _find(group_id), _wanted()
    if "name" in wanted:
        row.name = (wanted.text("name") or "").strip()
        _check_name(row.name, row.id)
    _apply(row, wanted)
    return {"success": "OK", "tag_group": _json(row)}


@blueprint.delete("/tag_groups/<int:group_id>", endpoint="tag_groups/destroy")
def destroy_group(group_id: int) -> dict[str, Any]:
    """Delete a tag group; its tags stay."""
    context.require_admin()
    context.session().delete(_find(group_id))
    return {"success": "OK"}


def _find(group_id: int) -> TagGroup:
    row = context.session().get(TagGroup, group_id)
    if row is None:
        raise requests.not_found()
    return row


def _check_name(name: str, own_id: int | None) -> None:
    if not name:
        raise requests.unprocessable("Name can't be blank")
    twin = context.session().scalar(select(TagGroup.id).where(func.lower(TagGroup.name) == name.lower()))
    if twin is not None and twin != own_id:
        raise requests.unprocessable("Name has already been taken")


def _apply(row: TagGroup, wanted: Params) -> None:
    session = context.session()
    if "one_per_topic" in wanted:
        row.one_per_topic = to_bool(wanted.raw("one_per_topic"))
    if "tag_names" in wanted:
        session.execute(delete(TagGroupMember).where(TagGroupMember.tag_group_id == row.id))
        cleaned = (text_rules.clean_name(name, context.guardian()) for name in wanted.items("tag_names"))
        tags = text_rules.known_or_new(session, [name for name in cleaned if name], context.now())
        session.add_all(TagGroupMember(tag_group_id=row.id, tag_id=tag.id) for tag in tags)
    if "parent_tag_name" in wanted:
        parents = [text_rules.clean_name(name, context.guardian()) for name in wanted.items("parent_tag_name")]
        found = text_rules.known_or_new(session, [name for name in parents[:1] if name], context.now())
        row.parent_tag_id = found[0].id if found else None
    if "permissions" in wanted:
        session.execute(delete(TagGroupPermission).where(TagGroupPermission.tag_group_id == row.id))
        levels = wanted.section("permissions")
        for name in levels.tree:
            level = to_i(levels.text(name) or "")
            group_id = _group_id(name)
            session.add(TagGroupPermission(tag_group_id=row.id, group_id=group_id, permission_type=level))
    session.flush()


def _group_id(name: str) -> int:
    match = Group.id == int(name) if name.isdigit() else Group.name_lower == name.lower()
    found = context.session().scalar(select(Group.id).where(match))
    if found is None:
        raise requests.invalid_parameters("permissions")
    return found


def _json(row: TagGroup) -> dict[str, Any]:
    session = context.session()
    tags = select(Tag.name).join(TagGroupMember, TagGroupMember.tag_id == Tag.id)
    rules = select(TagGroupPermission).where(TagGroupPermission.tag_group_id == row.id)
    permissions = {str(rule.group_id): rule.permission_type for rule in session.scalars(rules)}
    parent = session.get(Tag, row.parent_tag_id) if row.parent_tag_id else None
    return {
        "id": row.id,
        "name": row.name,
        "tag_names": list(session.scalars(tags.where(TagGroupMember.tag_group_id == row.id).order_by(Tag.name))),
        "parent_tag_name": [parent.name] if parent else [],
        "one_per_topic": row.one_per_topic,
        "permissions": permissions or {"0": 1},
    }

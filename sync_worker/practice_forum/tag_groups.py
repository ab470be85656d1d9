"""Endpoints about tag groups, for staff."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import delete, func, select

from sync_worker.practice_forum import context, refusals, tagging
from sync_worker.practice_forum.params import Params, to_bool, to_i
from sync_worker.practice_forum.tables import Group, Tag, TagGroup, TagGroupMember, TagGroupPermission

blueprint = Blueprint("tag_groups", __name__)


def _wanted() -> Params:
    params = context.params()
    return params.section("tag_group") if "tag_group" in params else params


@blueprint.get("/tag_groups", endpoint="tag_groups/index")
def index() -> dict[str, Any]:
    """List the tag groups."""
    rows = context.session().scalars(select(TagGroup).order_by(TagGroup.name))
    return {"tag_groups": [_json(row) for row in rows]}


@blueprint.get("/tag_groups/<int:group_id>", endpoint="tag_groups/show")
def show(group_id: int) -> dict[str, Any]:
    """Show one tag group."""
    return {"tag_group": _json(_find(group_id))}


@blueprint.post("/tag_groups", endpoint="tag_groups/create")
def create() -> dict[str, Any]:
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
def update(group_id: int) -> dict[str, Any]:
    """Change a tag group."""
    context.require_admin()
    row, wanted = _find(group_id), _wanted()
    if "name" in wanted:
        row.name = (wanted.text("name") or "").strip()
        _check_name(row.name, row.id)
    _apply(row, wanted)
    return {"success": "OK", "tag_group": _json(row)}


@blueprint.delete("/tag_groups/<int:group_id>", endpoint="tag_groups/destroy")
def destroy(group_id: int) -> dict[str, Any]:
    """Delete a tag group; its tags stay."""
    context.require_admin()
    context.session().delete(_find(group_id))
    return {"success": "OK"}


def _find(group_id: int) -> TagGroup:
    row = context.session().get(TagGroup, group_id)
    if row is None:
        raise refusals.not_found()
    return row


def _check_name(name: str, own_id: int | None) -> None:
    if not name:
        raise refusals.unprocessable("Name can't be blank")
    twin = context.session().scalar(select(TagGroup.id).where(func.lower(TagGroup.name) == name.lower()))
    if twin is not None and twin != own_id:
        raise refusals.unprocessable("Name has already been taken")


def _apply(row: TagGroup, wanted: Params) -> None:
    session = context.session()
    if "one_per_topic" in wanted:
        row.one_per_topic = to_bool(wanted.raw("one_per_topic"))
    if "tag_names" in wanted:
        session.execute(delete(TagGroupMember).where(TagGroupMember.tag_group_id == row.id))
        cleaned = (tagging.clean_name(name, context.guardian()) for name in wanted.items("tag_names"))
        tags = tagging.known_or_new(session, [name for name in cleaned if name], context.now())
        session.add_all(TagGroupMember(tag_group_id=row.id, tag_id=tag.id) for tag in tags)
    if "parent_tag_name" in wanted:
        parents = [tagging.clean_name(name, context.guardian()) for name in wanted.items("parent_tag_name")]
        found = tagging.known_or_new(session, [name for name in parents[:1] if name], context.now())
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
        raise refusals.invalid_parameters("permissions")
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

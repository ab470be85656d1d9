"""What happened to a group, and where it has rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.groups import find
from sync_worker.practice_forum.people import basic_user, by_ids
from sync_worker.practice_forum.tables import Category, CategoryGroup, GroupHistory, User

if TYPE_CHECKING:
    from collections.abc import Sequence

blueprint = Blueprint("group_history", __name__)

_LOGS_PER_PAGE = 25


@blueprint.get("/groups/<name>/logs", endpoint="groups/histories")
def logs(name: str) -> dict[str, Any]:
    """One page of a group's history; `offset` counts pages."""
    context.require_user()
    group, guardian = find(name), context.guardian()
    if not guardian.can_edit_group(group) and not guardian.can_admin_group(group):
        raise refusals.invalid_access()
    query = select(GroupHistory).where(GroupHistory.group_id == group.id)
    wanted = context.params().section("filters")
    for column in ("action", "subject"):
        if value := wanted.text(column):
            query = query.where(getattr(GroupHistory, column) == value)
    for column in ("acting_user", "target_user"):
        if value := wanted.text(column):
            ids = select(User.id).where(User.username_lower == value.lower())
            query = query.where(getattr(GroupHistory, f"{column}_id").in_(ids))
    offset = context.params().integer("offset") * _LOGS_PER_PAGE
    query = query.order_by(GroupHistory.created_at.desc(), GroupHistory.id.desc())
    rows = context.session().scalars(query.offset(offset).limit(_LOGS_PER_PAGE)).all()
    return {"logs": _log_rows(rows), "all_loaded": len(rows) < _LOGS_PER_PAGE}


def _log_rows(rows: Sequence[GroupHistory]) -> list[dict[str, Any]]:
    ids = {row.acting_user_id for row in rows} | {row.target_user_id for row in rows if row.target_user_id}
    people = by_ids(context.session(), ids)
    answer = []
    for row in rows:
        entry = {name: getattr(row, name) for name in ("action", "subject", "prev_value", "new_value")}
        acting, target = people.get(row.acting_user_id), people.get(row.target_user_id or 0)
        entry["created_at"] = iso(row.created_at)
        entry["acting_user"] = basic_user(acting) if acting else None
        entry["target_user"] = basic_user(target) if target else None
        answer.append(entry)
    return answer


@blueprint.get("/groups/<name>/permissions", endpoint="groups/permissions")
def permissions(name: str) -> list[dict[str, Any]]:
    """The categories in which the group has rights."""
    group = find(name)
    query = (
        select(Category, CategoryGroup.permission_type)
        .join(CategoryGroup, CategoryGroup.category_id == Category.id)
        .where(CategoryGroup.group_id == group.id, context.guardian().visible_categories())
        .order_by(Category.name)
    )
    return [
        {
            "permission_type": level,
            "group_name": group.name,
            "category": {"id": row.id, "name": row.name, "color": row.color, "slug": row.slug},
        }
        for row, level in context.session().execute(query)
    ]

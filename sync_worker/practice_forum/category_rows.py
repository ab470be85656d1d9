"""Who may do what in a category, who moderates it, and which tags it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from sync_worker.practice_forum.guardian import EVERYONE, FULL, OWN_GROUPS
from sync_worker.practice_forum.params import Params, to_i
from sync_worker.practice_forum.tables import (
    Category,
    CategoryGroup,
    CategoryModerator,
    CategoryRequiredTagGroup,
    CategoryTag,
    CategoryTagGroup,
    Group,
    TagGroup,
)
from sync_worker.practice_forum.tagging import clean_name, known_or_new
from sync_worker.practice_forum.text_rules import RejectedError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.guardian import Guardian

_CONFLICT = (
    "Any group that is allowed to access a subcategory must also be allowed to access the parent category. "
    "The following groups have access to one of the subcategories, but no access to parent category: {}."
)


class UnknownGroupError(RejectedError):
    """A permission names a group that does not exist."""

    def __init__(self) -> None:
        super().__init__("unknown group")


def apply_rows(guardian: Guardian, category: Category, params: Params) -> None:
    """Set a category's permissions, moderators and tags, as far as `params` name them.

    Raises:
        RejectedError: the permissions clash with those of a parent or a child, or name an unknown group.

    """
    session = guardian.session
    if "permissions" in params:
        _set_permissions(session, category, params.section("permissions"))
    if "moderating_group_ids" in params and guardian.settings.flag("enable_category_group_moderation"):
        session.execute(delete(CategoryModerator).where(CategoryModerator.category_id == category.id))
        ids = {to_i(item) for item in params.items("moderating_group_ids") if item}
        known = session.scalars(select(Group.id).where(Group.id.in_(ids)))
        session.add_all(CategoryModerator(category_id=category.id, group_id=group_id) for group_id in known)
    _set_tags(guardian, category, params)
    session.flush()


def _set_permissions(session: Session, category: Category, wanted: Params) -> None:
    """Replace the permissions; `everyone: 1` means none are needed."""
    levels = {_group_id(session, name): to_i(wanted.text(name) or "") for name in wanted.tree}
    open_to_all = levels.get(EVERYONE) == FULL
    rows = {} if open_to_all else levels
    _check_against_parent(session, category, set(rows) or {EVERYONE})
    _check_against_children(session, category, set(rows) or {EVERYONE})
    session.execute(delete(CategoryGroup).where(CategoryGroup.category_id == category.id))
    session.add_all(
        CategoryGroup(category_id=category.id, group_id=group_id, permission_type=level)
        for group_id, level in rows.items()
    )
    category.read_restricted = not open_to_all and EVERYONE not in levels


def _group_id(session: Session, name: str) -> int:
    if name.lstrip("-").isdigit():
        group = session.get(Group, int(name))
    elif name in OWN_GROUPS:
        group = session.get(Group, OWN_GROUPS[name])
    else:
        group = session.scalar(select(Group).where(Group.name_lower == name.lower()))
    if group is None:
        raise UnknownGroupError
    return group.id


def _groups_of(session: Session, category_id: int) -> set[int]:
    rows = set(session.scalars(select(CategoryGroup.group_id).where(CategoryGroup.category_id == category_id)))
    return rows or {EVERYONE}


def _check_against_parent(session: Session, category: Category, groups: set[int]) -> None:
    if category.parent_category_id is not None:
        _check_compatible(session, _groups_of(session, category.parent_category_id), groups)


def _check_against_children(session: Session, category: Category, groups: set[int]) -> None:
    children = session.scalars(select(Category.id).where(Category.parent_category_id == category.id))
    for child_id in children:
        _check_compatible(session, groups, _groups_of(session, child_id))


def _check_compatible(session: Session, parent: set[int], child: set[int]) -> None:
    if EVERYONE in parent or child <= parent:
        return
    names = session.scalars(select(Group.name).where(Group.id.in_(child - parent)).order_by(Group.id))
    raise RejectedError(_CONFLICT.format(", ".join(names)))


def _set_tags(guardian: Guardian, category: Category, params: Params) -> None:
    session = guardian.session
    if "allowed_tags" in params:
        session.execute(delete(CategoryTag).where(CategoryTag.category_id == category.id))
        names = dict.fromkeys(clean_name(name, guardian) for name in params.items("allowed_tags"))
        tags = known_or_new(session, [name for name in names if name], guardian.now)
        session.add_all(CategoryTag(category_id=category.id, tag_id=tag.id) for tag in tags)
    if "allowed_tag_groups" in params:
        session.execute(delete(CategoryTagGroup).where(CategoryTagGroup.category_id == category.id))
        groups = session.scalars(select(TagGroup.id).where(TagGroup.name.in_(params.items("allowed_tag_groups"))))
        session.add_all(CategoryTagGroup(category_id=category.id, tag_group_id=group_id) for group_id in groups)
    if isinstance(rules := params.raw("required_tag_groups"), list):
        _require_tag_groups(session, category, rules)


def _require_tag_groups(session: Session, category: Category, rules: list[Any]) -> None:
    table = CategoryRequiredTagGroup
    session.execute(delete(table).where(table.category_id == category.id))
    for rule in rules:
        group = session.scalar(select(TagGroup).where(TagGroup.name == str(rule.get("name", ""))))
        if group is not None:
            count = to_i(str(rule.get("min_count", 1)))
            session.add(table(category_id=category.id, tag_group_id=group.id, min_count=count))

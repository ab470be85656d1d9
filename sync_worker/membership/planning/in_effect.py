"""Whether the forum shows what a line of a plan does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync_worker.membership.planning.upkeep import lacking_tags, unnamed_tags
from sync_worker.membership.state import TOP
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync_worker.membership.state import CategoryState, GroupState, Observed
    from sync_worker.model import Cohort

PEOPLE = frozenset({ChangeKind.ADD, ChangeKind.REMOVE, ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER})
JOINING = frozenset({ChangeKind.ADD, ChangeKind.ADD_OWNER})
OF_GROUPS = frozenset({ChangeKind.CREATE_GROUP, ChangeKind.ADOPT_GROUP, ChangeKind.UPDATE_GROUP})
OWNING = frozenset({ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER})


@dataclass(frozen=True)
class Scene:
    """What was observed, by names: of a group or category that is not in it nothing is known.

    A group that is not ours, though it has the name of one of ours, is as if it were not there.
    """

    groups: Mapping[str, GroupState | None]
    categories: Mapping[str, CategoryState | None]

    @classmethod
    def of(cls, cohorts: Iterable[Cohort], observed: Observed) -> Scene:
        """Return what was observed of these cohorts, and the alumni groups and parent categories."""
        groups = {name: _if_ours(group) for name, group in observed.alumni.items()}
        categories = dict(observed.parents)
        for cohort in cohorts:
            seen = observed.cohorts[cohort.key]
            groups |= {cohort.group: _if_ours(seen.group), cohort.lcm_group: _if_ours(seen.lcm_group)}
            categories[cohort.category_slug] = seen.category
        return cls(groups, categories)

    @property
    def group_sizes(self) -> dict[str, int]:
        """How many members each group has; 0 for a group that is not there, or not ours."""
        return {name: len(group.members) if group else 0 for name, group in self.groups.items()}

    def shows(self, change: Change) -> bool | None:
        """Return whether the forum is as the line would have it; None where it was not looked at."""
        if change.kind in (*PEOPLE, *OF_GROUPS):
            return _shown(change, self.groups[change.target]) if change.target in self.groups else None
        if change.detail.get("slug") not in self.categories:
            return None
        category = self.categories[change.detail["slug"]]
        if category is None or change.kind in (ChangeKind.CREATE_CATEGORY, ChangeKind.ADOPT_CATEGORY):
            return category is not None
        if change.kind is ChangeKind.OPEN_CATEGORY:
            return {fold(name) for name in change.detail["open_to"]} <= {fold(name) for name in category.permissions}
        return is_as_told(category, change.detail)


def _if_ours(group: GroupState | None) -> GroupState | None:
    return group if group and group.ours else None


def is_as_told(category: CategoryState, detail: Mapping[str, Any]) -> bool:
    """Whether a category is as a line of a plan makes it; a part that the forum did not show counts as being so."""
    if not same_permissions(category.permissions, detail["permissions"]):
        return False
    if "tags" in detail and category.tags is not None:
        told, names = detail["tags"], category.tags.names
        if lacking_tags(told, names) or unnamed_tags(told, names):
            return False
    parent: str = detail.get("parent") or TOP
    return "parent" not in detail or category.parent is None or fold(category.parent) == fold(parent)


def how_it_is(category: CategoryState, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return those parts of a category that a line with this detail changes, as they are now."""
    now: dict[str, Any] = {"permissions": dict(category.permissions), "moderators": sorted(category.moderators)}
    if "tags" in detail and category.tags is not None:
        now |= {"tags": sorted(category.tags.names), "free_tags": category.tags.free}
    if "parent" in detail and category.parent is not None:
        now["parent"] = category.parent or None
    return now


def same_permissions(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Whether two sets of permissions allow the same, whatever the case of the groups' names."""
    return {fold(name): level for name, level in one.items()} == {fold(name): level for name, level in other.items()}


def _shown(change: Change, group: GroupState | None) -> bool:
    """Whether a group is as a line makes it."""
    if group is None:
        return change.kind in PEOPLE - JOINING
    if change.kind in (ChangeKind.CREATE_GROUP, ChangeKind.ADOPT_GROUP):
        return True
    if change.kind is ChangeKind.UPDATE_GROUP:
        return bool(group.notifications == change.detail["level"])
    present = change.user_id in (group.owners if change.kind in OWNING else group.members)
    return present is (change.kind in JOINING)

"""Whether the forum shows what a line of a plan does. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.membership.state import CategoryState, GroupState, Observed

PEOPLE = frozenset({ChangeKind.ADD, ChangeKind.REMOVE, ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER})
JOINING = frozenset({ChangeKind.ADD, ChangeKind.ADD_OWNER})
OWNING = frozenset({ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER})


@dataclass(frozen=True)
class Scene:
    """What was observed, by names: of a group or category that is not in it nothing is known."""

    groups: Mapping[str, GroupState | None]
    categories: Mapping[str, CategoryState | None]

    @classmethod
    def of(cls, observed: Observed, names: Mapping[str, tuple[str, str, str]]) -> Scene:
        """Return the scene; `names` gives each cohort's group, LCM group and category slug."""
        groups = dict(observed.alumni)
        categories = dict(observed.parents)
        for cohort, (group, lcm_group, slug) in names.items():
            seen = observed.cohorts[cohort]
            groups |= {group: seen.group, lcm_group: seen.lcm_group}
            categories[slug] = seen.category
        return cls(groups, categories)

    def shows(self, change: Change) -> bool | None:
        """Return whether the forum is as the line would have it; None where it was not looked at."""
        if change.kind in PEOPLE or change.kind is ChangeKind.CREATE_GROUP:
            if change.target not in self.groups:
                return None
            group = self.groups[change.target]
            return group is not None if change.kind is ChangeKind.CREATE_GROUP else _holds(change, group)
        if change.detail.get("slug") not in self.categories:
            return None
        category = self.categories[change.detail["slug"]]
        if category is None or change.kind is ChangeKind.CREATE_CATEGORY:
            return category is not None
        if change.kind is ChangeKind.OPEN_CATEGORY:
            return {fold(name) for name in change.detail["open_to"]} <= {fold(name) for name in category.permissions}
        return same_permissions(category.permissions, change.detail["permissions"])


def same_permissions(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Whether two sets of permissions allow the same, whatever the case of the groups' names."""
    return {fold(name): level for name, level in one.items()} == {fold(name): level for name, level in other.items()}


def _holds(change: Change, group: GroupState | None) -> bool:
    present = change.user_id in (group.owners if change.kind in OWNING else group.members) if group else False
    return present is (change.kind in JOINING)

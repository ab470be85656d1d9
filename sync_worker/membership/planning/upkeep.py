"""What lcm.yaml asks of groups and categories that exist, and whether the forum shows what a line does. Pure.

What is asked for and missing is set; what somebody added stays; what lcm.yaml does not name, or the forum did not show,
is never touched; and no category is moved out of a parent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.membership.state import JOINING, NOTIFICATIONS, OF_GROUPS, OWNING, PEOPLE, TOP
from sync_worker.model import Change, ChangeKind, fold
from sync_worker.model.details import ABSENT, CategoryBefore, CategoryChange, LevelChange, ParentOpening

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync_worker.membership.state import CategoryState, GroupState, Observed
    from sync_worker.model import Cohort


SHORTEST_CUT = 20
"""Discourse cuts longer tags off at `max_tag_length`, which is 20 if nobody changed it."""
_NOT_IN_TAGS = re.compile(r"""[/?#\[\]@!$&'()*+,;=.%\\`^|{}"<>]+""")


@dataclass(frozen=True, slots=True)
class CategoryUpkeep:
    """What a category lacks: tags, and a place below the parent with the slug `parent`."""

    tags: tuple[str, ...] = ()
    parent: str | None = None

    def __bool__(self) -> bool:
        return bool(self.tags) or self.parent is not None

    @classmethod
    def of(cls, cohort: Cohort, there: CategoryState, *, over: bool) -> CategoryUpkeep:
        """Return what lcm.yaml asks for and the category lacks; nothing where the cohort is over."""
        if over:
            return cls()
        tags = lacking_tags(cohort.tags, there.tags.names) if there.tags is not None else ()
        return cls(tags, cohort.parent_category if there.parent == TOP else None)

    def staying(self) -> CategoryUpkeep:
        """Return the same without the move."""
        return replace(self, parent=None)

    def words(self) -> list[str]:
        """Return what is lacking, in words."""
        parts = [f"lacks {tags_in_words(self.tags)}"] if self.tags else []
        return [*parts, f"not below '{self.parent}'"] if self.parent is not None else parts

    def added_to(self, change: CategoryChange, there: CategoryState, parent: CategoryState | None) -> CategoryChange:
        """Return a change of the category that does this as well, with what takes it back."""
        before = change.before
        assert before is not ABSENT  # noqa: S101 - a plan's change has what takes it back
        if self.tags and there.tags is not None:
            change = replace(change, tags=tuple(sorted({*there.tags.names, *self.tags})))
            before = replace(before, tags=tuple(sorted(there.tags.names)))
            if not there.tags.restricted:  # as when a category is made: tags that are free everywhere stay so here
                change, before = replace(change, free_tags=True), replace(before, free_tags=there.tags.free)
        if self.parent is not None:
            change = replace(change, parent=self.parent, parent_id=parent.id if parent else None)
            before = replace(before, parent=None)
        return replace(change, before=before)


def lacking_tags(wanted: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that are wanted and not there, whatever Discourse made of their names."""
    there = {clean_tag(name) for name in names}
    cut = [name for name in there if len(name) >= SHORTEST_CUT]

    def is_there(tag: str) -> bool:
        return tag in there or any(tag.startswith(name) for name in cut)

    return tuple(sorted(tag for tag in set(wanted) if not is_there(clean_tag(tag))))


def unnamed_tags(wanted: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that are there and that nobody wants, whatever Discourse made of the wanted names."""
    known = {clean_tag(name) for name in wanted}

    def is_wanted(name: str) -> bool:
        return name in known or (len(name) >= SHORTEST_CUT and any(tag.startswith(name) for tag in known))

    return tuple(sorted(name for name in names if not is_wanted(clean_tag(name))))


def clean_tag(name: str) -> str:
    """Return a tag's name as Discourse keeps it (`DiscourseTagging.clean_tag`), in lower case."""
    return re.sub(r"-+", "-", _NOT_IN_TAGS.sub("", re.sub(r"\s+", "-", fold(name)))).strip("-")


def tags_in_words(tags: Iterable[str]) -> str:
    """Return tags as a sentence has them."""
    names = list(tags)
    return f"the tag{'s' if len(names) > 1 else ''} {', '.join(names)}"


def wrong_level(cohort: Cohort, there: GroupState, *, over: bool) -> str:
    """Return in words that a group's members start with another notification level than lcm.yaml says, or nothing."""
    wanted, now = cohort.group_notifications, there.notifications
    if over or wanted is None or now is None or now == NOTIFICATIONS[wanted]:
        return ""
    words = next((word for word, number in NOTIFICATIONS.items() if number == now), "muted")
    return f"its members start with '{words}', not '{wanted}'"


# Whether the forum shows what a line of a plan does. Pure.


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
        if change.slug is None or change.slug not in self.categories:
            return None
        category = self.categories[change.slug]
        if category is None or change.kind in (ChangeKind.CREATE_CATEGORY, ChangeKind.ADOPT_CATEGORY):
            return category is not None
        if isinstance(change.detail, ParentOpening):
            return {fold(name) for name in change.detail.open_to} <= {fold(name) for name in category.permissions}
        return isinstance(change.detail, CategoryChange) and is_as_told(category, change.detail)


def _if_ours(group: GroupState | None) -> GroupState | None:
    return group if group and group.ours else None


def is_as_told(category: CategoryState, told: CategoryChange) -> bool:
    """Whether a category is as a line of a plan makes it; a part that the forum did not show counts as being so."""
    if not same_permissions(category.permissions, told.permissions):
        return False
    if told.tags is not ABSENT and category.tags is not None:
        names = category.tags.names
        if lacking_tags(told.tags, names) or unnamed_tags(told.tags, names):
            return False
    return told.parent is ABSENT or category.parent is None or fold(category.parent) == fold(told.parent or TOP)


def how_it_is(category: CategoryState, told: CategoryBefore) -> CategoryBefore:
    """Return the parts of a category that `told` has, as they are now."""
    now = CategoryBefore(dict(category.permissions), tuple(sorted(category.moderators)))
    if told.tags is not ABSENT and category.tags is not None:
        now = replace(now, tags=tuple(sorted(category.tags.names)), free_tags=category.tags.free)
    if told.parent is not ABSENT and category.parent is not None:
        now = replace(now, parent=category.parent or None)
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
        return isinstance(change.detail, LevelChange) and group.notifications == change.detail.level
    present = change.user_id in (group.owners if change.kind in OWNING else group.members)
    return present is (change.kind in JOINING)

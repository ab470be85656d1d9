"""The lines of a plan about a cohort's category: its parent, its permissions, moderation by the LCM group. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync_worker.membership.state import EVERYTHING, SEE, STAFF
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sync_worker.membership.desired import Desired
    from sync_worker.membership.provenance import Created
    from sync_worker.membership.state import CategoryState, Observed
    from sync_worker.model import Cohort

EVERYONE = "everyone"
MODERATION_OFF = (
    "its LCM group cannot moderate it: the site setting enable_category_group_moderation is off. "
    "Switch it on under Admin > Settings and run this again."
)
NOT_CREATING = "creating is not switched on (limits.allow)"


@dataclass(slots=True)
class CategoryPlanner:
    """Makes the lines of one cohort after another; `opened` are groups that earlier lines let into a parent."""

    observed: Observed
    created: Mapping[tuple[str, str], Created]
    allow: Collection[str]
    opened: dict[str, set[str]] = field(default_factory=dict)

    def lines(self, desired: Desired) -> Iterator[Change]:
        """Yield what happens to the cohort's category, and before it to its parent, and why."""
        wanted, there = desired.category, self.observed.cohorts[desired.cohort.key].category
        cohort = desired.cohort
        switch = self.observed.group_moderation
        moderators = sorted(wanted.moderators) if switch is not False else []
        if there is None and desired.over:
            yield Change(ChangeKind.KEPT, cohort.key, wanted.name, "the cohort is over; no category is made any more")
            return
        if there is None:
            parent_ready = True
            for line in self._parent(cohort):
                parent_ready = parent_ready and line.kind is not ChangeKind.KEPT
                yield line
            yield self._creation(cohort, wanted, moderators, parent_ready=parent_ready)
        else:
            yield from self._comparison(desired, wanted, there, moderators)
        unmoderated = there is None or not _lower(wanted.moderators) <= _lower(there.moderators)
        if switch is False and unmoderated:
            yield Change(ChangeKind.KEPT, cohort.key, wanted.name, MODERATION_OFF)

    def _parent(self, cohort: Cohort) -> Iterator[Change]:
        """Yield the line that makes the parent or opens it: Discourse wants a parent open to its children's groups."""
        slug = cohort.parent_category
        if slug is None:
            return
        there = self.observed.parents.get(slug)
        open_to = {cohort.group: SEE, cohort.lcm_group: EVERYTHING}
        if there and lets_in(there, open_to):
            return
        name = there.name if there else parent_name(slug)
        making = there is None and slug not in self.opened
        ours = there is None or ("category", slug) in self.created
        needed = "create" if ours else "adopt"
        if needed not in self.allow:
            missing = "the parent category does not exist" if there is None else "the parent category is not open to it"
            yield Change(ChangeKind.KEPT, cohort.key, name, f"{missing}; allow '{needed}' in limits.allow")
            return
        self.opened.setdefault(slug, set()).update(open_to)
        if making:
            detail: dict[str, Any] = {"slug": slug, "permissions": {**open_to, STAFF: EVERYTHING}, "moderators": []}
            yield Change(
                ChangeKind.CREATE_CATEGORY, cohort.key, name, "the forum has no such parent category", detail=detail
            )
        else:
            before = dict(there.permissions) if there else {}
            detail = {"id": there.id if there else None, "slug": slug, "open_to": open_to, "before": before}
            reason = f"{cohort.group} must see it to see the category below it"
            yield Change(ChangeKind.OPEN_CATEGORY, cohort.key, name, reason, detail=detail)

    def _creation(self, cohort: Cohort, wanted: CategoryState, moderators: list[str], *, parent_ready: bool) -> Change:
        if "create" not in self.allow:
            reason = f"the category does not exist; {NOT_CREATING}"
            return Change(ChangeKind.KEPT, cohort.key, wanted.name, reason)
        if not parent_ready:
            reason = f"the category is not made: its parent '{cohort.parent_category}' is not open to the cohort"
            return Change(ChangeKind.KEPT, cohort.key, wanted.name, reason)
        detail: dict[str, Any] = {
            "slug": wanted.slug,
            "permissions": dict(wanted.permissions),
            "moderators": moderators,
        }
        if cohort.parent_category:
            parent = self.observed.parents.get(cohort.parent_category)
            detail |= {"parent": cohort.parent_category, "parent_id": parent.id if parent else None}
        if cohort.tags:
            detail["tags"] = sorted(cohort.tags)
        if cohort.category_notifications:
            detail |= {"notifications": cohort.category_notifications, "group": cohort.group}
        return Change(
            ChangeKind.CREATE_CATEGORY, cohort.key, wanted.name, "the forum has no such category", detail=detail
        )

    def _comparison(
        self, desired: Desired, wanted: CategoryState, there: CategoryState, moderators: list[str]
    ) -> Iterator[Change]:
        cohort = desired.cohort
        ours = ("category", wanted.slug) in self.created
        lacking = {name: level for name, level in wanted.permissions.items() if level_of(there, name) != level}
        unmoderated = [name for name in moderators if fold(name) not in _lower(there.moderators)]
        wider = sorted(name for name in there.permissions if fold(name) not in _lower(wanted.permissions))
        if ours and wider:
            reason = f"open to {', '.join(wider)} as well, by somebody's hand; left so"
            yield Change(ChangeKind.KEPT, cohort.key, there.name, reason)
        if not (lacking or unmoderated or (wider and not ours)):
            yield Change(ChangeKind.UNCHANGED, cohort.key, there.name, "the category has its permissions")
            return
        archiving = desired.over and cohort.group in lacking
        reopening = level_of(there, cohort.group) == SEE and cohort.group in lacking
        if archiving:
            differences = f"the cohort ended on {cohort.end}: its learners may read it and no longer write"
        else:
            differences = describe(lacking, unmoderated, [] if ours else wider)
        missing = self._missing(ours=ours, archiving=archiving, reopening=reopening)
        if missing:
            yield Change(ChangeKind.KEPT, cohort.key, there.name, f"{missing}: {differences}")
            return
        detail: dict[str, Any] = {
            "id": there.id,
            "slug": wanted.slug,
            "permissions": _merged(there.permissions, wanted.permissions) if ours else dict(wanted.permissions),
            "moderators": sorted({*there.moderators, *unmoderated}),
            "before": {"permissions": dict(there.permissions), "moderators": sorted(there.moderators)},
        }
        kind = ChangeKind.ARCHIVE_CATEGORY if archiving else ChangeKind.UPDATE_CATEGORY
        yield Change(kind, cohort.key, there.name, differences, detail=detail)

    def _missing(self, *, ours: bool, archiving: bool, reopening: bool) -> str:
        """Return which class of change is not switched on, or nothing."""
        if not ours and "adopt" not in self.allow:
            return "the category was there before us; allow 'adopt' in limits.allow, or do it by hand"
        if archiving:
            return "" if "archive" in self.allow else "archiving is not switched on (limits.allow)"
        if not ours or "create" in self.allow or (reopening and "archive" in self.allow):
            return ""
        return "changing categories is not switched on (limits.allow: create)"


def parent_name(slug: str) -> str:
    """Return what a parent category is called when it is made."""
    return slug.replace("-", " ").capitalize()


def describe(lacking: Collection[str], unmoderated: Collection[str], wider: Collection[str]) -> str:
    """Return in words how a category differs from what it should be."""
    parts = []
    if lacking:
        parts.append(f"no full access for {', '.join(sorted(lacking))}")
    if unmoderated:
        parts.append(f"not moderated by {', '.join(sorted(unmoderated))}")
    if wider:
        parts.append(f"open to {', '.join(wider)} as well")
    return "; ".join(parts)


def lets_in(parent: CategoryState, groups: Iterable[str]) -> bool:
    """Whether a parent category is open to groups, as Discourse wants before a category below it is."""
    inside = _lower(parent.permissions)
    return not inside or EVERYONE in inside or {fold(group) for group in groups} <= inside


def level_of(category: CategoryState, group: str) -> int | None:
    """Return what a group may do in a category, whatever the case of its name."""
    return next((level for name, level in category.permissions.items() if fold(name) == fold(group)), None)


def _merged(there: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    ours = _lower(wanted)
    return {**{name: level for name, level in there.items() if fold(name) not in ours}, **wanted}


def _lower(names: Collection[str]) -> set[str]:
    return {fold(name) for name in names}

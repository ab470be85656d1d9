"""What people did manually to groups and categories of cohorts, and to what they share, as lines. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.membership.planning.categories import parent_name
from sync_worker.membership.planning.desired import wanted_category
from sync_worker.membership.planning.upkeep import CategoryUpkeep, tags_in_words, unnamed_tags, wrong_level
from sync_worker.membership.records.memberships import is_ours
from sync_worker.membership.records.ties import OURS, State, Tie
from sync_worker.membership.state import MODERATORS, STAFF, Thing
from sync_worker.model import fold
from sync_worker.model.rights import allows, lets_in, level_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.membership.records.memberships import Remembered
    from sync_worker.membership.state import CategoryState, GroupState, Observed
    from sync_worker.model import Cohort


LEVELS = {1: "full access", 2: "reply", 3: "read"}


class DriftKind(StrEnum):
    """What was done manually."""

    ADDED = "added"
    LEFT = "left"
    LEFT_BEFORE = "left_before"
    MADE_OWNER = "made_owner"
    NOT_OWNER = "not_owner"
    RENAMED = "renamed"
    GONE = "gone"
    PERMISSIONS = "permissions"
    MODERATION = "moderation"
    TAGS = "tags"
    PLACE = "place"
    NOTIFICATIONS = "notifications"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that stands otherwise than we left it, and what a sync makes of it.

    `at` and `by` (a username) say when and by whom, as far as the group's log tells; None where it does not.
    `workflows` are those of the site that do such a thing to this group, by their names.
    """

    kind: DriftKind
    cohort: str
    target: str
    what: str
    username: str | None = None
    user_id: int | None = None
    at: datetime | None = None
    by: str | None = None
    workflows: tuple[str, ...] = ()


def was_made(remembered: Remembered, kind: str, name: str) -> bool:
    """Whether we made a group or category ourselves, and did not only adopt it."""
    made = remembered.created.get(Thing(kind, name))
    return made is not None and made.forum_id is not None and not made.adopted


def arrivals(cohort: str, name: str, group: GroupState, remembered: Remembered) -> Iterator[Drift]:
    """Yield who is in a group, or owns it, and not through us."""
    members, owners = remembered.ties.to(name), remembered.ties.to(name, Tie.OWNER)
    names = {number: account.username for number, account in group.members.items()}
    for number in sorted(group.members.keys() - members.ours):
        record = members.get(number)
        if record and record.state is State.ADDING:
            continue
        what = "came back after leaving" if record and record.state is State.LEFT else "added manually"
        yield Drift(DriftKind.ADDED, cohort, name, f"{what}; never removed by a sync", names[number], number)
    for number in sorted((group.owners & names.keys()) - owners.ours):
        record = owners.get(number)
        if record is None or record.state is not State.ADDING:
            yield Drift(DriftKind.MADE_OWNER, cohort, name, "made owner manually; left so", names[number], number)


def departures(cohort: str, name: str, group: GroupState, remembered: Remembered) -> Iterator[Drift]:
    """Yield whom we put into a group, or made owner, and who is not any more."""
    members, owners = remembered.ties.to(name), remembered.ties.to(name, Tie.OWNER)
    for number, record in sorted(members.records.items()):
        if number in group.members:
            continue
        if record.state in OURS:
            what = "left, or was taken out manually; not added again while the roster names them (limits.bring_back)"
            yield Drift(DriftKind.LEFT, cohort, name, what, record.username, number)
        elif record.state is State.LEFT:
            yield Drift(
                DriftKind.LEFT_BEFORE, cohort, name, "left before the last run; left so", record.username, number
            )
    for number, record in sorted(owners.records.items()):
        if record.state in OURS and number in group.members and number not in group.owners:
            yield Drift(DriftKind.NOT_OWNER, cohort, name, "no longer owner: removed manually", record.username, number)


# What people did manually to the groups and categories that we look after, since we last looked. Pure.


def find_drift(
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    day_of: Mapping[str, date],
    renamed: Mapping[str, str],
    *,
    opened: Mapping[str, Collection[str]],
    allow: Collection[str],
) -> list[Drift]:
    """Return everything that was done manually, cohort by cohort, then to what cohorts share.

    `day_of` is each cohort's own day; `renamed` maps the names we gave to groups to those they have now; `opened` says
    which groups syncs let into which parent category; `allow` are the classes of changes that are switched on.
    """
    found: list[Drift] = []
    for cohort in cohorts:
        seen, over = observed.cohorts[cohort.key], cohort.over_on(day_of[cohort.key])
        for name, group in ((cohort.group, seen.group), (cohort.lcm_group, seen.lcm_group)):
            if name in renamed:
                what = f"called '{renamed[name]}' on the forum now; name it so in lcm.yaml, or rename it back"
                found.append(Drift(DriftKind.RENAMED, cohort.key, name, what))
            found.extend(_group_drift(cohort, name, group, remembered, over=over))
        found.extend(
            _category_drift(as_named(cohort, renamed), seen.category, remembered, observed, over=over, allow=allow)
        )
    found.extend(SharedPlaces(observed, remembered, renamed, opened).drift(cohorts))
    return found


def as_named(cohort: Cohort, renamed: Mapping[str, str]) -> Cohort:
    """Return the cohort with the names that its groups have on the forum now."""
    alumni = cohort.alumni_group
    return replace(
        cohort,
        group=renamed.get(cohort.group, cohort.group),
        lcm_group=renamed.get(cohort.lcm_group, cohort.lcm_group),
        alumni_group=renamed.get(alumni, alumni) if alumni else alumni,
    )


def _group_drift(
    cohort: Cohort, name: str, group: GroupState | None, remembered: Remembered, *, over: bool
) -> Iterator[Drift]:
    ours = was_made(remembered, "group", name)
    if group is None:
        if ours:
            yield Drift(DriftKind.GONE, cohort.key, name, "the group was deleted; a sync makes it again")
        return
    if ours and not group.ours:
        what = "the group was deleted, and another of that name made; a sync leaves that one alone unless it may adopt"
        yield Drift(DriftKind.GONE, cohort.key, name, what)
        return
    yield from arrivals(cohort.key, name, group, remembered)
    yield from departures(cohort.key, name, group, remembered)
    if ours and (wrong := wrong_level(cohort, group, over=over)):
        yield Drift(DriftKind.NOTIFICATIONS, cohort.key, name, f"{wrong}; a sync sets it")


def _category_drift(
    cohort: Cohort,
    category: CategoryState | None,
    remembered: Remembered,
    observed: Observed,
    *,
    over: bool,
    allow: Collection[str],
) -> Iterator[Drift]:
    slug, key = cohort.category_slug, cohort.key
    if category is None:
        if was_made(remembered, "category", slug):
            yield Drift(DriftKind.GONE, key, cohort.category, "the category was deleted; a sync makes it again")
        return
    if not is_ours(remembered.created, "category", slug, category.id):
        if was_made(remembered, "category", slug):
            what = "the category was deleted, and another made in its place; a sync leaves it alone unless it may adopt"
            yield Drift(DriftKind.GONE, key, cohort.category, what)
        return
    if fold(category.name) != fold(cohort.category):
        yield Drift(DriftKind.RENAMED, key, cohort.category, f"called '{category.name}' on the forum now; left so")
    yield from _rights(cohort, category, observed.group_moderation, over=over, allow=allow)
    if not over:
        yield from _tags_and_place(cohort, category, observed.parents.get(cohort.parent_category or ""))


def _rights(
    cohort: Cohort, category: CategoryState, switch: bool | None, *, over: bool, allow: Collection[str]
) -> Iterator[Drift]:
    """Yield what groups may do otherwise than they should; `switch` says whether groups may moderate at all."""
    if not category.is_understood:
        what = "the forum does not say who may read it, or not in a way that is understood; a sync leaves it so"
        yield Drift(DriftKind.PERMISSIONS, cohort.key, category.name, what)
        return
    wanted, key = wanted_category(cohort, over=over), cohort.key
    archiving = over and not allows(category.permissions, cohort.group, wanted.permissions[cohort.group])
    needed = "archive" if archiving else "create"
    then = "a sync sets it" if needed in allow else f"left so, because limits.allow has no '{needed}'"
    known = {fold(name) for name in wanted.permissions}
    for name, level in sorted(wanted.permissions.items()):
        has = level_of(category.permissions, name)
        if not allows(category.permissions, name, level):
            what = f"{name} has {LEVELS.get(has or 0, 'no access')}, not {LEVELS[level]}; {then}"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    for name, level in sorted(category.permissions.items()):
        if fold(name) not in known:
            what = f"{name} has {LEVELS.get(level, str(level))}, set manually; left so"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    if MODERATORS in category.unsaid and switch:
        yield Drift(DriftKind.MODERATION, key, category.name, "the forum does not say which groups moderate it")
    elif not {fold(name) for name in wanted.moderators} <= {fold(name) for name in category.moderators}:
        off = "; the site setting enable_category_group_moderation is off" if switch is False else f"; {then}"
        yield Drift(DriftKind.MODERATION, key, category.name, f"not moderated by {cohort.lcm_group}{off}")


def _tags_and_place(cohort: Cohort, category: CategoryState, parent: CategoryState | None) -> Iterator[Drift]:
    """Yield where tags and parent are not those of lcm.yaml, as far as it names any and the forum showed them.

    `parent` is the one that lcm.yaml names, which may have another slug by now.
    """
    upkeep, key = CategoryUpkeep.of(cohort, category, over=False), cohort.key
    if upkeep.tags:
        what = f"lacks {tags_in_words(upkeep.tags)}; a sync sets {'it' if len(upkeep.tags) == 1 else 'them'}"
        yield Drift(DriftKind.TAGS, key, category.name, what)
    if cohort.tags and category.tags and (more := unnamed_tags(cohort.tags, category.tags.names)):
        yield Drift(DriftKind.TAGS, key, category.name, f"{tags_in_words(more)} as well, set manually; left so")
    if upkeep.parent is not None:
        yield Drift(DriftKind.PLACE, key, category.name, f"not below '{upkeep.parent}'; a sync moves it")
    elif cohort.parent_category and category.parent and not _is_below(category, cohort.parent_category, parent):
        what = f"below '{category.parent}', not '{cohort.parent_category}'; left so"
        yield Drift(DriftKind.PLACE, key, category.name, what)


def _is_below(category: CategoryState, slug: str, parent: CategoryState | None) -> bool:
    """Whether a category is below the one with this slug, or that had it."""
    return fold(category.parent or "") in {fold(slug), fold(parent.slug if parent else slug)}


# What people did manually to what cohorts share: their alumni groups and parent categories. Pure.
# Each is told once, beside the first of its cohorts.


NAME_IT = "name it so in lcm.yaml, or change it back"


@dataclass(frozen=True, slots=True)
class SharedPlaces:
    """What was found of alumni groups and parent categories.

    `renamed` maps the names we gave to groups to those they have now, `opened` says which groups syncs let into which
    parent category.
    """

    observed: Observed
    remembered: Remembered
    renamed: Mapping[str, str]
    opened: Mapping[str, Collection[str]]

    def drift(self, cohorts: Sequence[Cohort]) -> Iterator[Drift]:
        """Yield what was done manually to alumni groups, then to parent categories."""
        for name, key in _first((cohort.alumni_group, cohort.key) for cohort in cohorts).items():
            yield from self._alumni(key, name)
        for slug, key in _first((cohort.parent_category, cohort.key) for cohort in cohorts).items():
            yield from self._parent(key, slug)

    def _alumni(self, cohort: str, name: str) -> Iterator[Drift]:
        ours = was_made(self.remembered, "group", name)
        if name in self.renamed:
            what = f"called '{self.renamed[name]}' on the forum now, and nothing is done about its cohorts; {NAME_IT}"
            yield Drift(DriftKind.RENAMED, cohort, name, what)
        group = self.observed.alumni.get(name)
        if group is None:
            if ours:
                what = "the group was deleted; a sync makes it again for the cohorts that are over"
                yield Drift(DriftKind.GONE, cohort, name, what)
            return
        if ours:
            yield from arrivals(cohort, name, group, self.remembered)
        yield from departures(cohort, name, group, self.remembered)

    def _parent(self, cohort: str, slug: str) -> Iterator[Drift]:
        parent, ours = self.observed.parents.get(slug), was_made(self.remembered, "category", slug)
        name = parent_name(slug)
        if parent is None:
            if ours or slug in self.opened:
                what = "the parent category was deleted; a sync makes it again where a cohort's category needs it"
                yield Drift(DriftKind.GONE, cohort, name, what)
            return
        if fold(parent.slug) != fold(slug):
            what = f"its slug is '{parent.slug}' now, and a sync would make another; {NAME_IT}"
            yield Drift(DriftKind.RENAMED, cohort, name, what)
        elif ours and fold(parent.name) != fold(name):
            yield Drift(DriftKind.RENAMED, cohort, name, f"called '{parent.name}' on the forum now; left so")
        yield from self._rights(cohort, slug, parent, ours=ours)

    def _rights(self, cohort: str, slug: str, parent: CategoryState, *, ours: bool) -> Iterator[Drift]:
        if not parent.is_understood:
            yield Drift(DriftKind.PERMISSIONS, cohort, parent.name, "the forum does not say who may read it")
            return
        opened = {fold(name) for name in self.opened.get(slug, ())}
        for name in sorted(self.opened.get(slug, ())):
            now = self.renamed.get(name, name)
            if not lets_in(parent.permissions, [now]):
                what = f"{now} has no access any more; a sync opens it again where a category below needs it"
                yield Drift(DriftKind.PERMISSIONS, cohort, parent.name, what)
        known = opened | {fold(self.renamed.get(name, name)) for name in self.opened.get(slug, ())} | {STAFF}
        for name, level in sorted(parent.permissions.items() if ours else ()):
            if fold(name) not in known:
                what = f"{name} has {LEVELS.get(level, str(level))}, set manually; left so"
                yield Drift(DriftKind.PERMISSIONS, cohort, parent.name, what)


def _first(pairs: Iterable[tuple[str | None, str]]) -> dict[str, str]:
    """Return the first cohort of each name."""
    found: dict[str, str] = {}
    for name, key in pairs:
        if name is not None:
            found.setdefault(name, key)
    return found

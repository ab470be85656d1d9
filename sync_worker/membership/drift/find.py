"""What people did manually to the groups and categories that we look after, since we last looked. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.membership.drift.lines import LEVELS, Drift, DriftKind, arrivals, departures, was_made
from sync_worker.membership.drift.shared import SharedPlaces
from sync_worker.membership.planning.categories import allows, level_of
from sync_worker.membership.planning.desired import wanted_category
from sync_worker.membership.planning.upkeep import CategoryUpkeep, tags_in_words, unnamed_tags, wrong_level
from sync_worker.membership.records.store import is_ours
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from sync_worker.membership.records.store import Remembered
    from sync_worker.membership.state import CategoryState, GroupState, Observed
    from sync_worker.model import Cohort


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
    wanted, key = wanted_category(cohort, over=over), cohort.key
    archiving = over and not allows(category, cohort.group, wanted.permissions[cohort.group])
    needed = "archive" if archiving else "create"
    then = "a sync sets it" if needed in allow else f"left so, because limits.allow has no '{needed}'"
    known = {fold(name) for name in wanted.permissions}
    for name, level in sorted(wanted.permissions.items()):
        has = level_of(category, name)
        if not allows(category, name, level):
            what = f"{name} has {LEVELS.get(has or 0, 'no access')}, not {LEVELS[level]}; {then}"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    for name, level in sorted(category.permissions.items()):
        if fold(name) not in known:
            what = f"{name} has {LEVELS.get(level, str(level))}, set manually; left so"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    if not {fold(name) for name in wanted.moderators} <= {fold(name) for name in category.moderators}:
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

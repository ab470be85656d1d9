"""What people did by hand to the groups and categories that we look after, since we last looked. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.membership.category_plan import level_of
from sync_worker.membership.desired import wanted_category
from sync_worker.membership.drift_around import Surroundings
from sync_worker.membership.drift_lines import LEVELS, Drift, DriftKind, arrivals, departures, was_made
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from sync_worker.membership.provenance import Remembered
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
) -> list[Drift]:
    """Return everything that was done by hand, cohort by cohort, then to what cohorts share.

    `day_of` is each cohort's own day; `renamed` maps the names we gave to groups to those they have now; `opened` says
    which groups syncs let into which parent category.
    """
    found: list[Drift] = []
    for cohort in cohorts:
        seen = observed.cohorts[cohort.key]
        for name, group in ((cohort.group, seen.group), (cohort.lcm_group, seen.lcm_group)):
            if name in renamed:
                what = f"called '{renamed[name]}' on the forum now; name it so in lcm.yaml, or rename it back"
                found.append(Drift(DriftKind.RENAMED, cohort.key, name, what))
            found.extend(_group_drift(cohort.key, name, group, remembered))
        over = cohort.over_on(day_of[cohort.key])
        found.extend(
            _category_drift(as_named(cohort, renamed), seen.category, remembered, observed.group_moderation, over=over)
        )
    found.extend(Surroundings(observed, remembered, renamed, opened).drift(cohorts))
    return found


def as_named(cohort: Cohort, renamed: Mapping[str, str]) -> Cohort:
    """Return the cohort with the names that its groups have on the forum now."""
    group, lcm_group = renamed.get(cohort.group, cohort.group), renamed.get(cohort.lcm_group, cohort.lcm_group)
    return replace(cohort, group=group, lcm_group=lcm_group)


def _group_drift(cohort: str, name: str, group: GroupState | None, remembered: Remembered) -> Iterator[Drift]:
    if group:
        yield from arrivals(cohort, name, group, remembered)
        yield from departures(cohort, name, group, remembered)
    elif was_made(remembered, "group", name):
        yield Drift(DriftKind.GONE, cohort, name, "the group was deleted; a sync makes it again")


def _category_drift(
    cohort: Cohort, category: CategoryState | None, remembered: Remembered, switch: bool | None, *, over: bool
) -> Iterator[Drift]:
    slug, key = cohort.category_slug, cohort.key
    if category is None:
        if not was_made(remembered, "category", slug):
            return
        yield Drift(DriftKind.GONE, key, cohort.category, "the category was deleted; a sync makes it again")
        return
    if ("category", slug) not in remembered.created:
        return
    wanted = wanted_category(cohort, over=over)
    if fold(category.name) != fold(wanted.name):
        yield Drift(DriftKind.RENAMED, key, wanted.name, f"called '{category.name}' on the forum now; left so")
    known = {fold(name) for name in wanted.permissions}
    for name, level in sorted(wanted.permissions.items()):
        has = level_of(category, name)
        if has != level:
            what = f"{name} has {LEVELS.get(has or 0, 'no access')}, not {LEVELS[level]}; a sync sets it"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    for name, level in sorted(category.permissions.items()):
        if fold(name) not in known:
            what = f"{name} has {LEVELS.get(level, str(level))} by somebody's hand; left so"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    if not {fold(name) for name in wanted.moderators} <= {fold(name) for name in category.moderators}:
        off = "; the site setting enable_category_group_moderation is off" if switch is False else "; a sync sets it"
        yield Drift(DriftKind.MODERATION, key, category.name, f"not moderated by {cohort.lcm_group}{off}")

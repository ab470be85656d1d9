"""Read what stands around the cohorts: parent categories and alumni groups, where something depends on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.membership.observing.observe import read_members
from sync_worker.membership.records.store import is_ours
from sync_worker.membership.state import TOP, CategoryState, GroupState
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.records.store import Created, Remembered
    from sync_worker.membership.state import Observed
    from sync_worker.model import Cohort


def observe_surroundings(
    forum: Forum, cohorts: Sequence[Cohort], observed: Observed, remembered: Remembered, now: datetime
) -> Observed:
    """Return what was observed, with parent categories and alumni groups.

    Calls: 1, and 1 for each parent, where a cohort's category has to be made or moved below it, or opened to a group
    again; 1 a thousand members for each alumni group of a cohort that is over, or that we once put somebody into, and
    1 more with our plugin, to find it.
    """
    slugs = dict.fromkeys(
        cohort.parent_category
        for cohort in cohorts
        if cohort.parent_category
        and _needs_parent(
            cohort, observed.cohorts[cohort.key].category, over=cohort.over_on(now.astimezone(cohort.zone).date())
        )
    )
    alumni = dict.fromkeys(
        cohort.alumni_group
        for cohort in cohorts
        if cohort.alumni_group
        and (cohort.over_on(now.astimezone(cohort.zone).date()) or remembered.ties.to(cohort.alumni_group).ours)
    )
    created = remembered.created
    if not (slugs or alumni):
        return observed
    if alumni and not observed.all_groups:
        observed = replace(observed, group_ids={group.name: group.id for group in forum.groups()}, all_groups=True)
    return replace(
        observed,
        parents=_read_parents(forum, slugs) if slugs else {},
        alumni={name: _read_group(forum, name, observed, created) for name in alumni},
    )


def _needs_parent(cohort: Cohort, category: CategoryState | None, *, over: bool) -> bool:
    """Whether what is done to a cohort's category depends on the parent."""
    if category is None or category.parent == TOP:
        return not over
    inside = {fold(name) for name in category.permissions}
    return not {fold(cohort.group), fold(cohort.lcm_group)} <= inside


def _read_parents(forum: Forum, slugs: Iterable[str]) -> dict[str, CategoryState | None]:
    top = {fold(category.slug): category for category in forum.categories() if category.parent_id is None}
    found: dict[str, CategoryState | None] = {}
    for slug in slugs:
        listed = top.get(fold(slug))
        whole = forum.category(listed.id) if listed else None
        found[slug] = (
            CategoryState(whole.name, whole.slug, dict(whole.permissions or {}), frozenset(), whole.id)
            if whole
            else None
        )
    return found


def _read_group(
    forum: Forum, name: str, observed: Observed, created: Mapping[tuple[str, str], Created]
) -> GroupState | None:
    spelt = {fold(group): group for group in observed.group_ids}.get(fold(name))
    if spelt is None:
        return None
    members, owners = read_members(forum, spelt)
    number = observed.group_ids[spelt]
    return GroupState(spelt, "", members, owners, number, ours=is_ours(created, "group", name, number))

"""What people did by hand to the groups and categories that we look after, since we last looked. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.membership.category_plan import allows, level_of
from sync_worker.membership.desired import wanted_category
from sync_worker.membership.ties import OURS, State, Tie
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sync_worker.membership.provenance import Remembered
    from sync_worker.membership.state import CategoryState, GroupState, Observed
    from sync_worker.model import Cohort

LEVELS = {1: "full access", 2: "reply", 3: "read"}


class DriftKind(StrEnum):
    """What was done by hand."""

    ADDED = "added"
    LEFT = "left"
    LEFT_BEFORE = "left_before"
    MADE_OWNER = "made_owner"
    NOT_OWNER = "not_owner"
    RENAMED = "renamed"
    GONE = "gone"
    PERMISSIONS = "permissions"
    MODERATION = "moderation"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that stands otherwise than we left it, and what a sync makes of it."""

    kind: DriftKind
    cohort: str
    target: str
    what: str
    username: str | None = None
    user_id: int | None = None


def find_drift(
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    day_of: Mapping[str, date],
    renamed: Mapping[str, str],
) -> list[Drift]:
    """Return everything that was done by hand, cohort by cohort.

    `day_of` is each cohort's own day; `renamed` maps the names we gave to groups to those they have now.
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
    return found


def as_named(cohort: Cohort, renamed: Mapping[str, str]) -> Cohort:
    """Return the cohort with the names that its groups have on the forum now."""
    group, lcm_group = renamed.get(cohort.group, cohort.group), renamed.get(cohort.lcm_group, cohort.lcm_group)
    return replace(cohort, group=group, lcm_group=lcm_group)


def _group_drift(cohort: str, name: str, group: GroupState | None, remembered: Remembered) -> Iterator[Drift]:
    if group is None:
        if _was_made(remembered, "group", name):
            yield Drift(DriftKind.GONE, cohort, name, "the group was deleted; a sync makes it again")
        return
    members, owners = remembered.ties.to(name), remembered.ties.to(name, Tie.OWNER)
    names = {number: account.username for number, account in group.members.items()}
    for number in sorted(group.members.keys() - members.ours):
        record = members.get(number)
        if record and record.state is State.ADDING:
            continue
        what = "came back after leaving" if record and record.state is State.LEFT else "added by hand"
        yield Drift(DriftKind.ADDED, cohort, name, f"{what}; never removed by a sync", names[number], number)
    for number in sorted((group.owners & names.keys()) - owners.ours):
        record = owners.get(number)
        if record is None or record.state is not State.ADDING:
            yield Drift(DriftKind.MADE_OWNER, cohort, name, "made owner by hand; left so", names[number], number)
    yield from _departures(cohort, name, group, remembered)


def _departures(cohort: str, name: str, group: GroupState, remembered: Remembered) -> Iterator[Drift]:
    members, owners = remembered.ties.to(name), remembered.ties.to(name, Tie.OWNER)
    for number, record in sorted(members.records.items()):
        if number in group.members:
            continue
        if record.state in OURS:
            what = "left, or was taken out by hand; not added again while the roster names them (limits.bring_back)"
            yield Drift(DriftKind.LEFT, cohort, name, what, record.username, number)
        elif record.state is State.LEFT:
            yield Drift(
                DriftKind.LEFT_BEFORE, cohort, name, "left before the last run; left so", record.username, number
            )
    for number, record in sorted(owners.records.items()):
        if record.state in OURS and number in group.members and number not in group.owners:
            yield Drift(
                DriftKind.NOT_OWNER, cohort, name, "no longer owner by somebody's hand", record.username, number
            )


def _category_drift(
    cohort: Cohort, category: CategoryState | None, remembered: Remembered, switch: bool | None, *, over: bool
) -> Iterator[Drift]:
    slug, key = cohort.category_slug, cohort.key
    if category is None:
        if not _was_made(remembered, "category", slug):
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
        if not allows(category, name, level):
            what = f"{name} has {LEVELS.get(has or 0, 'no access')}, not {LEVELS[level]}; a sync sets it"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    for name, level in sorted(category.permissions.items()):
        if fold(name) not in known:
            what = f"{name} has {LEVELS.get(level, str(level))} by somebody's hand; left so"
            yield Drift(DriftKind.PERMISSIONS, key, category.name, what)
    if not {fold(name) for name in wanted.moderators} <= {fold(name) for name in category.moderators}:
        off = "; the site setting enable_category_group_moderation is off" if switch is False else "; a sync sets it"
        yield Drift(DriftKind.MODERATION, key, category.name, f"not moderated by {cohort.lcm_group}{off}")


def _was_made(remembered: Remembered, kind: str, name: str) -> bool:
    made = remembered.created.get((kind, name))
    return made is not None and made.forum_id is not None

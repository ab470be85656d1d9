"""Refuse plans that could do damage, or give or take the rights of too many. Pure: an error or nothing out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.errors import RefusedError, UnsafePlanError
from sync_worker.membership.records.ties import Tie
from sync_worker.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.records.ties import TieBook
    from sync_worker.model import Change, Plan, RejectedRow, Roster


SHOWN_ROWS = 20
ADDING = (ChangeKind.ADD, ChangeKind.ADD_BY_EMAIL)
TAKING = (ChangeKind.REMOVE, ChangeKind.REMOVE_OWNER)
ALL_MEANT = "Look at each line; raise the limit in lcm.yaml if they are all meant."


def check_rejected(roster: Roster, limits: LimitSettings) -> None:
    """Refuse a roster with more bad rows than the limits allow.

    Raises:
        UnsafePlanError: lists the rows with place and reason.

    """
    if len(roster.rejected) > limits.max_rejected_rows:
        raise UnsafePlanError(
            f"{_rows(len(roster.rejected))} of the roster rejected, {limits.max_rejected_rows} allowed. Correct them, "
            f"or raise limits.max_rejected_rows in lcm.yaml:\n{describe_rejected(roster.rejected)}",
            numbers={"rejected": len(roster.rejected), "max_rejected_rows": limits.max_rejected_rows},
        )


def check_plan(
    plan: Plan,
    group_sizes: Mapping[str, int],
    limits: LimitSettings,
    recent: Sequence[Change] = (),
    *,
    everybody: int | None = None,
) -> None:
    """Refuse a plan that takes away, or adds, more than the limits allow, in one group or in all.

    Args:
        plan: what would be done.
        group_sizes: how many members each group of the plan has now.
        limits: what is allowed.
        recent: what runs did in the last 24 hours; it counts as if this plan did it.
        everybody: how many members all groups have that we look after, of which the plan may show a few.

    Raises:
        UnsafePlanError: with what was counted and what is allowed; of several limits it names each, and has the numbers
            of the first.

    """
    members = sum(group_sizes.values()) if everybody is None else everybody
    passed = list(_limits_passed(plan, group_sizes, limits, recent, members))
    if len(passed) == 1:
        raise passed[0]
    if passed:
        lines = [f"  {error.what}" for error in passed[:SHOWN_ROWS]]
        if len(passed) > SHOWN_ROWS:
            lines.append(f"  and {len(passed) - SHOWN_ROWS} more.")
        listed = "\n".join(lines)
        what = f"the plan passes {len(passed)} limits. Look at each line; raise them in lcm.yaml if they are all meant:"
        raise UnsafePlanError(f"{what}\n{listed}", numbers=passed[0].numbers)


def everybody(group_sizes: Mapping[str, int], ties: TieBook) -> int:
    """Return how many members all our groups have: as seen, and as we made them where they were not looked at."""
    unseen = {group for group, tie in ties.groups if tie is Tie.MEMBER} - group_sizes.keys()
    return sum(group_sizes.values()) + sum(len(ties.to(group).ours) for group in unseen)


def _limits_passed(
    plan: Plan, group_sizes: Mapping[str, int], limits: LimitSettings, recent: Sequence[Change], members: int
) -> Iterator[UnsafePlanError]:
    """Yield an error for each limit that the plan passes together with what was done in the last 24 hours."""
    before = Counter((change.kind, change.target) for change in recent)
    taking = plan.of(*TAKING)
    taken = sum(number for (kind, _), number in before.items() if kind in TAKING)
    yield from _too_many_additions(plan, limits, recent)
    if taking and len(taking) + taken > limits.max_removals:
        yield UnsafePlanError(
            f"the plan takes {len(taking)} people out of groups{_after(taken)}, limits.max_removals is"
            f" {limits.max_removals}.",
            numbers={"removals": len(taking) + taken, "max_removals": limits.max_removals},
            do=ALL_MEANT,
        )
    for kind in TAKING:
        for group, removals in Counter(change.target for change in plan.of(kind)).items():
            yield from _too_many_of_a_group(
                group, removals, before[kind, group], group_sizes.get(group, 0), kind=kind, limits=limits
            )
    removed = sum(number for (kind, _), number in before.items() if kind is ChangeKind.REMOVE)
    yield from _too_many_in_all(len(plan.of(ChangeKind.REMOVE)), removed, members, limits)


def _after(before: int) -> str:
    """Return what counts as well."""
    return f", after {before} in the last 24 hours" if before else ""


def check_allowed(plan: Plan, limits: LimitSettings) -> None:
    """Refuse a plan with a class of change that is not switched on.

    Raises:
        RefusedError: names the class.

    """
    needs = {
        ChangeKind.ADD: {"add"},
        ChangeKind.ADD_BY_EMAIL: {"add"},
        ChangeKind.INVITE: {"invite"},
        ChangeKind.REMIND: {"invite"},
        ChangeKind.WITHDRAW: {"invite"},
        ChangeKind.REMOVE: {"remove"},
        ChangeKind.ADD_OWNER: {"owners"},
        ChangeKind.REMOVE_OWNER: {"owners", "remove"},
        ChangeKind.CREATE_GROUP: {"create"},
        ChangeKind.ADOPT_GROUP: {"adopt"},
        ChangeKind.ADOPT_CATEGORY: {"adopt"},
        ChangeKind.CREATE_CATEGORY: {"create"},
        ChangeKind.ARCHIVE_CATEGORY: {"archive"},
    }
    either = {"create", "adopt", "archive"}
    changing = (ChangeKind.UPDATE_CATEGORY, ChangeKind.OPEN_CATEGORY, ChangeKind.UPDATE_GROUP)
    for change in plan.effective:
        missing = needs.get(change.kind, set()) - set(limits.allow)
        if change.kind in changing and not either & set(limits.allow):
            missing = {"create"}
        if change.closes:
            missing = missing | ({"close_public"} - set(limits.allow))
        if missing:
            raise RefusedError(
                f"'{change.kind.value}' in '{change.target}' is not switched on.",
                do=f"Switch {' and '.join(sorted(missing))} on under limits.allow in lcm.yaml.",
            )


def describe_rejected(rejected: Sequence[RejectedRow]) -> str:
    """Return the rejected rows one a line, the first twenty of them."""
    lines = [f"  {row.where}: {row.reason} {row.do}".rstrip() for row in rejected[:SHOWN_ROWS]]
    more = len(rejected) - SHOWN_ROWS
    return "\n".join([*lines, f"  and {more} more."] if more > 0 else lines)


def _too_many_additions(plan: Plan, limits: LimitSettings, recent: Sequence[Change]) -> Iterator[UnsafePlanError]:
    adding = len(plan.of(*ADDING))
    added = sum(change.kind in ADDING for change in recent)
    if adding and limits.max_additions is not None and adding + added > limits.max_additions:
        yield UnsafePlanError(
            f"the plan adds {adding} people to groups{_after(added)}, limits.max_additions is {limits.max_additions}.",
            numbers={"additions": adding + added, "max_additions": limits.max_additions},
            do="Is it the right roster? Raise the limit in lcm.yaml if they are all meant.",
        )


def _too_many_in_all(removals: int, removed: int, members: int, limits: LimitSettings) -> Iterator[UnsafePlanError]:
    members += removed
    allowed = max(limits.small_group_removals, int(limits.max_overall_removal_fraction * members))
    if removals and removals + removed > allowed:
        yield UnsafePlanError(
            f"the plan takes {removals} of {members} people out of all groups together{_after(removed)};"
            f" limits.max_overall_removal_fraction allows {allowed}.",
            numbers={"removals": removals + removed, "members": members, "allowed": allowed},
            do=ALL_MEANT,
        )


def _too_many_of_a_group(
    group: str, removals: int, before: int, members: int, *, kind: ChangeKind, limits: LimitSettings
) -> Iterator[UnsafePlanError]:
    """Yield an error where one group loses too many; who was removed in the last 24 hours was a member of it."""
    members += before if kind is ChangeKind.REMOVE else 0
    small = members <= limits.small_group
    allowed = limits.small_group_removals if small else int(limits.max_removal_fraction * members)
    name = "small_group_removals" if small else "max_removal_fraction"
    if limits.max_group_removals is not None and limits.max_group_removals < allowed:
        name, allowed = "max_group_removals", limits.max_group_removals
    if removals + before > allowed:
        yield UnsafePlanError(
            f"the plan takes {removals} of {members} people out of the group '{group}'{_after(before)};"
            f" limits.{name} allows {allowed}.",
            numbers={"removals": removals + before, "members": members, "allowed": allowed},
            do=ALL_MEANT,
        )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


# How many LCMs one day may make or unmake: what gives or takes rights is held to a number, as removals are. Pure.


LIMIT = "limits.max_role_change_fraction"
Place = tuple[str, int | None]  # a cohort's key and an account


@dataclass(frozen=True, slots=True)
class LcmGroups:
    """The LCM groups of the plan's cohorts by cohort, how many members each has, and how many LCMs there are in all."""

    names: Mapping[str, str]
    sizes: Mapping[str, int]
    everybody: int

    @classmethod
    def of(cls, names: Mapping[str, str], group_sizes: Mapping[str, int], ties: TieBook) -> LcmGroups:
        """Count; of cohorts that were not looked at, the owners whom we made count."""
        sizes = {cohort: group_sizes.get(name, 0) for cohort, name in names.items()}
        owners = sum(len(ties.to(group, tie).ours) for group, tie in ties.groups if tie is Tie.OWNER)
        return cls(names, sizes, max(owners, sum(sizes.values())))

    def demoted(self, changes: Sequence[Change]) -> set[Place]:
        """Return who loses the LCM group, or the ownership of the cohort's."""
        return {
            (change.cohort, change.user_id)
            for change in changes
            if change.kind is ChangeKind.REMOVE_OWNER
            or (change.kind is ChangeKind.REMOVE and change.target == self.names.get(change.cohort))
        }

    def promoted(self, changes: Sequence[Change]) -> set[Place]:
        """Return which members become LCMs; who joins the cohort as one, or is among its first, is not promoted."""
        joining = {
            (change.cohort, change.user_id)
            for change in changes
            if change.kind is ChangeKind.ADD and change.target != self.names.get(change.cohort)
        }
        becoming = {
            (change.cohort, change.user_id)
            for change in changes
            if change.kind is ChangeKind.ADD_OWNER
            or (change.kind is ChangeKind.ADD and change.target == self.names.get(change.cohort))
        }
        return {place for place in becoming - joining if self.sizes.get(place[0])}


def check_roles(
    plan: Plan, lcms: LcmGroups, limits: LimitSettings, recent: Sequence[Change], *, promoting: bool
) -> None:
    """Refuse a plan that demotes, or promotes, too many LCMs, with those of the last 24 hours.

    Args:
        plan: what would be done.
        lcms: the LCM groups.
        limits: what is allowed.
        recent: what runs did in the last 24 hours.
        promoting: whether promotions are held to the limit as well.

    Raises:
        UnsafePlanError: with what was counted and what is allowed.

    """
    before = lcms.demoted(recent)
    _check(
        "{n} LCMs fewer", lcms.demoted(plan.effective), before, Counter(cohort for cohort, _ in before), lcms, limits
    )
    if promoting:
        now = lcms.promoted([*recent, *plan.effective])
        before = lcms.promoted(recent) & now
        _check("{n} LCMs more", now - before, before, Counter(), lcms, limits)


def _check(  # noqa: PLR0917
    what: str,
    now: set[Place],
    before: set[Place],
    gone: Mapping[str, int],
    lcms: LcmGroups,
    limits: LimitSettings,
) -> None:
    """Hold what is done `now`, after what was done `before`, to the limit in each cohort and in all.

    `gone` are the LCMs of each cohort who were counted among its LCMs before.
    """
    before = before - now
    for cohort in sorted({cohort for cohort, _ in now}):
        here = sum(place[0] == cohort for place in now)
        base = lcms.sizes.get(cohort, 0) + gone.get(cohort, 0)
        _hold(what, here, sum(place[0] == cohort for place in before), base, f"cohort '{cohort}'", limits)
    if now:
        _hold(what, len(now), len(before), lcms.everybody + sum(gone.values()), "all cohorts together", limits)


def _hold(  # noqa: PLR0917
    what: str, now: int, before: int, base: int, where: str, limits: LimitSettings
) -> None:
    allowed = max(limits.small_group_role_changes, int(limits.max_role_change_fraction * base))
    if now + before <= allowed:
        return
    after = f", after {before} in the last 24 hours" if before else ""
    raise UnsafePlanError(
        f"the plan leaves {where} with {what.format(n=now)}, of {base}{after}; {LIMIT} allows {allowed}.",
        numbers={"role_changes": now + before, "lcms": base, "allowed": allowed},
        do="Look at each line; raise the limit in lcm.yaml if they are all meant.",
    )

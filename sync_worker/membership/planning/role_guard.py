"""How many LCMs one day may make or unmake: what gives or takes rights is held to a number, as removals are. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.errors import UnsafePlanError
from sync_worker.membership.records.memberships import Tie
from sync_worker.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.records.memberships import TieBook
    from sync_worker.model import Change, Plan

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
    plan: Plan, lcms: LcmGroups, limits: LimitSettings, recent: Sequence[Change] = (), *, promoting: bool = True
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

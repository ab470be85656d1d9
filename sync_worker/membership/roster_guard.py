"""Today's roster beside those of the last weeks: what is too different to be followed before a person has looked.

Pure: what is remembered goes in, an error or what to remember comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.errors import UnsafePlanError
from sync_worker.membership.accepted import Accepted, AcceptedRosters, Comparison, compare
from sync_worker.membership.end_dates import held_end
from sync_worker.membership.guard import ACCEPT_ROSTER, check_rejected, check_roster
from sync_worker.model import ChangeKind, RosterKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.config.settings import LimitSettings
    from sync_worker.model import Cohort, Enrolment, Plan, Roster

ACCEPT = f"If it is the right roster, take it once: {ACCEPT_ROSTER}."
JOINING = (ChangeKind.ADD, ChangeKind.ADD_BY_EMAIL, ChangeKind.INVITE)
SHOWN_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a person allowed for this one run: a roster that is very different, an end that moved far."""

    roster: bool = False
    dates: bool = False


NOTHING_ACCEPTED = Acceptance()


@dataclass(frozen=True, slots=True)
class RosterGuard:
    """What one run's roster is compared with.

    Args:
        source: what to call the roster.
        comparisons: the cohorts that have not ended, by key.
        running: the cohorts that have begun and not ended.
        snapshots: the cohorts from which absence means something.
        held: why nothing of a cohort's end is done yet, by key.
        ends: each cohort's last day as it stands once this run is through.
        days: each cohort's day.

    """

    source: str
    rosters: AcceptedRosters
    acceptance: Acceptance
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    running: frozenset[str] = frozenset()
    snapshots: frozenset[str] = frozenset()
    held: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        roster: Roster,
        cohorts: Sequence[Cohort],
        rosters: AcceptedRosters,
        limits: LimitSettings,
        *,
        now: datetime,
        acceptance: Acceptance,
    ) -> RosterGuard:
        """Compare a roster with what is remembered."""
        days = {cohort.key: now.astimezone(cohort.zone).date() for cohort in cohorts}
        going = [cohort for cohort in cohorts if days[cohort.key] <= cohort.end]
        held = {
            cohort.key: words
            for cohort in cohorts
            if not acceptance.dates
            and (words := held_end(cohort, rosters.cohorts.get(cohort.key), days[cohort.key], limits))
        }
        comparisons = {
            cohort.key: compare(
                rosters, rosters.of(cohort.key, days[cohort.key], limits.shrink_window), roster.of(cohort.key)
            )
            for cohort in going
        }
        return cls(
            roster.source,
            rosters,
            acceptance,
            comparisons,
            running=frozenset(cohort.key for cohort in going if cohort.start <= days[cohort.key]),
            snapshots=frozenset(key for key in days if roster.kind_of(key) is RosterKind.SNAPSHOT),
            held=held,
            ends={
                cohort.key: rosters.cohorts[cohort.key].end or cohort.end if cohort.key in held else cohort.end
                for cohort in cohorts
            },
            days=days,
        )

    def check(self, roster: Roster, limits: LimitSettings) -> None:
        """Refuse a roster that shrank too far, has other people in it, or lost or gained too many LCMs at once.

        Raises:
            UnsafePlanError: with what was counted and what is allowed.

        """
        compared = {key: one for key, one in self.comparisons.items() if key in self.snapshots}
        sizes = {key: one.size for key, one in compared.items()}
        before = {key: one.before.most for key, one in compared.items()}
        if self.acceptance.roster:
            check_rejected(roster, limits)
            return
        check_roster(roster, sizes, before, limits)
        self._check_exchange(compared, limits)
        self._check_roles(limits)

    def check_additions(self, plan: Plan, group_sizes: Mapping[str, int], limits: LimitSettings) -> None:
        """Refuse a plan that brings too many strangers at once into a cohort that is under way.

        A first roster of a cohort is not held to this, nor one before the cohort's start.

        Raises:
            UnsafePlanError: with what was counted and what is allowed.

        """
        if self.acceptance.roster:
            return
        for key in sorted(self.running & self.comparisons.keys()):
            one = self.comparisons[key]
            lines = [line for line in plan.of(*JOINING) if line.cohort == key]
            strangers = {str(line.detail["key"]) for line in lines if line.detail.get("key") in one.newcomers}
            base = max(len(one.before.people), *(group_sizes.get(line.target, 0) for line in lines), 0)
            allowed = max(limits.small_group_additions, int(limits.max_addition_fraction * base))
            if one.before.people and len(strangers) > allowed:
                raise UnsafePlanError(
                    f"the roster brings {len(strangers)} people into '{key}', which is under way, who were not in it"
                    f" before (of {base}; limits.max_addition_fraction allows {allowed} at once).",
                    where=self.source,
                    numbers={"additions": len(strangers), "members": base, "allowed": allowed},
                    do=ACCEPT,
                )

    def accepted(self, cohorts: Sequence[str]) -> dict[str, Accepted]:
        """Return what is remembered of these cohorts once the run is through."""
        found = {}
        for key in cohorts:
            end = self.ends.get(key)
            if key in self.comparisons:
                counts, afresh = key in self.snapshots, self.acceptance.roster
                found[key] = self.comparisons[key].after(self.days[key], counts=counts, end=end, afresh=afresh)
            else:
                before = self.rosters.cohorts.get(key, Accepted())
                found[key] = Accepted(before.sizes, before.people, before.lcms, end)
        return found

    def _check_exchange(self, compared: Mapping[str, Comparison], limits: LimitSettings) -> None:
        """Count the people who are gone, no matter who came in their place."""
        for key, one in compared.items():
            base = max(one.before.most, one.size)
            small = base <= limits.small_group
            allowed = limits.small_group_removals if small else int(limits.max_shrink_fraction * base)
            if min(one.gone, base) > allowed:
                days = limits.shrink_window.days
                raise UnsafePlanError(
                    f"cohort '{key}' has {one.size} people in the roster, but {one.gone} of those of the last {days}"
                    f" days are not among them ({allowed} are allowed).",
                    where=self.source,
                    numbers={"before": base, "gone": one.gone, "allowed": allowed},
                    do=ACCEPT,
                )
        known = [one for one in compared.values() if one.before.people]
        base = sum(max(one.before.most, one.size) for one in known)
        gone = sum(min(one.gone, max(one.before.most, one.size)) for one in known)
        allowed = max(limits.small_group_removals, int(limits.max_overall_shrink_fraction * base))
        if len(known) > 1 and gone > allowed:
            raise UnsafePlanError(
                f"{gone} people of the last {limits.shrink_window.days} days are not in the roster any more, of {base}"
                f" in all cohorts ({allowed} are allowed).",
                where=self.source,
                numbers={"before": base, "gone": gone, "allowed": allowed},
                do=ACCEPT,
            )

    def _check_roles(self, limits: LimitSettings) -> None:
        """Refuse a roster whose roles changed for many at once: its column is empty, or its words are others."""
        before = sum(len(one.before.lcms) for one in self.comparisons.values())
        allowed = max(limits.small_group_role_changes, int(limits.max_role_change_fraction * before))
        demoted = [enrolment for one in self.comparisons.values() for enrolment in one.demoted]
        if len(demoted) > allowed:
            raise self._roles(
                f"{len(demoted)} of {before} LCMs are not LCMs in this roster any more ({allowed} are allowed at once)",
                demoted,
                {"demoted": len(demoted), "lcms": before, "allowed": allowed},
            )
        promoted = [enrolment for one in self.comparisons.values() if one.before.lcms for enrolment in one.promoted]
        if len(promoted) > allowed:
            raise self._roles(
                f"{len(promoted)} people are LCMs in this roster who were not before ({allowed} are allowed at once)",
                promoted,
                {"promoted": len(promoted), "lcms": before, "allowed": allowed},
            )

    def _roles(self, what: str, who: Sequence[Enrolment], numbers: Mapping[str, float]) -> UnsafePlanError:
        listed = "\n".join(_listed(who))
        return UnsafePlanError(
            f"{what}:\n{listed}\nIs the column 'role' empty, or are its words others than before?",
            where=self.source,
            numbers=numbers,
            do=ACCEPT,
        )


def _listed(enrolments: Sequence[Enrolment]) -> Iterator[str]:
    for enrolment in enrolments[:SHOWN_PEOPLE]:
        yield f"  {enrolment.person.label} in {enrolment.cohort} ({enrolment.where})"
    if len(enrolments) > SHOWN_PEOPLE:
        yield f"  and {len(enrolments) - SHOWN_PEOPLE} more."

"""Read the roster's people and the forum, and plan what would make them agree; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import UsageError
from sync_worker.membership.desired import build_desired, contested
from sync_worker.membership.guard import check_allowed, check_plan, everybody
from sync_worker.membership.identity import Match
from sync_worker.membership.journal import Journal
from sync_worker.membership.observed import RENAME, observe, refuse_renamed
from sync_worker.membership.outlook import Outlook
from sync_worker.membership.plan import build_plan
from sync_worker.membership.plugin_sight import PluginSight
from sync_worker.membership.provenance import MembershipStore
from sync_worker.membership.role_guard import LcmGroups, check_roles
from sync_worker.membership.roster_guard import NOTHING_ACCEPTED, Acceptance, RosterGuard
from sync_worker.membership.stands import Scene
from sync_worker.membership.surroundings import observe_surroundings
from sync_worker.membership.unplaced import doubted, unplaced
from sync_worker.model import Change, ChangeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.desired import Desired
    from sync_worker.membership.identity import NoMatch
    from sync_worker.membership.provenance import Remembered
    from sync_worker.membership.state import Observed
    from sync_worker.model import Cohort, Plan, Roster
    from sync_worker.store.database import Store

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that it was made from; nothing has been written.

    `left_out` are lines of cohorts left out.

    `recent` is what runs did in the day before, which counts with what the plan does.
    """

    plan: Plan
    desired: tuple[Desired, ...]
    observed: Observed
    remembered: Remembered
    who: Mapping[str, Match | NoMatch]
    rosters: RosterGuard
    limits: LimitSettings
    outlook: Outlook | None = None
    left_out: tuple[Change, ...] = ()
    recent: tuple[Change, ...] = ()

    def check(self) -> None:
        """Refuse a plan that goes beyond the limits.

        Raises:
            UnsafePlanError: with the numbers.

        """
        check_allowed(self.plan, self.limits)
        sizes, groups = self.scene.group_sizes, {one.cohort.key: one.cohort.group for one in self.desired}
        self.rosters.check_additions(self.strangers, {key: sizes[group] for key, group in groups.items()}, self.limits)
        check_plan(self.plan, sizes, self.limits, self.recent, everybody=everybody(sizes, self.remembered.ties))
        promoting = not self.rosters.acceptance.roster
        lcm_groups = {one.cohort.key: one.cohort.lcm_group for one in self.desired}
        lcms = LcmGroups.of(lcm_groups, sizes, self.remembered.ties)
        check_roles(self.plan, lcms, self.limits, self.recent, promoting=promoting)

    @property
    def strangers(self) -> dict[str, int]:
        """How many people new to it the roster brings into each cohort that is under way; see `RosterGuard`."""
        return self.rosters.strangers({one.cohort.key: self._inside(one.cohort) for one in self.desired})

    def _inside(self, cohort: Cohort) -> set[str]:
        """Return the keys of the roster's new people who are in the cohort's group already."""
        group = self.observed.cohorts[cohort.key].group
        members = group.members if group else {}
        new = self.rosters.comparisons[cohort.key].newcomers
        return {key for key in new if isinstance(match := self.who.get(key), Match) and match.account.id in members}

    @property
    def scene(self) -> Scene:
        """What was observed of the plan's cohorts, by names."""
        return Scene.of([one.cohort for one in self.desired], self.observed)


def prepare(
    settings: Settings,
    roster: Roster,
    forum: Forum,
    store: Store,
    *,
    now: datetime,
    only: str | None = None,
    acceptance: Acceptance = NOTHING_ACCEPTED,
) -> Prepared:
    """Read the forum and return the plan; writes nothing, on the forum or here.

    Calls: as `observe` and `observe_surroundings`, and as `Finder.find` where somebody has to be found whom no earlier
    run matched and no member list shows; once a day as `probe`.

    Raises:
        UnsafePlanError: the roster has too many bad rows, or is too different; the forum was not called.
        ConfigError, UsageError, ForumError: as `sync`.

    """
    cohorts = [complete_cohort(declared) for declared in settings.cohorts]
    chosen = _chosen(cohorts, only)
    remembered = MembershipStore(store.sessions, forum.name).read()
    rosters = RosterGuard.of(roster, chosen, remembered.rosters, settings.limits, now=now, acceptance=acceptance)
    rosters.check(roster, settings.limits)
    outlook = Outlook.start(settings, forum, store.sessions, chosen, now)
    enrolled = (enrolment.person for cohort in chosen for enrolment in roster.of(cohort.key))
    outlook.ask_by_the_way(person for person in enrolled if person.key not in remembered.memory.recognised)
    observed = _observed(chosen, remembered, outlook, now)
    left_out = tuple(_left_out(cohort, observed) for cohort in chosen if cohort.key in observed.renamed)
    chosen = [cohort for cohort in chosen if cohort.key not in observed.renamed]
    if not chosen:
        refuse_renamed(observed)
    fresh = isinstance(outlook.sight, PluginSight)
    unknown = unplaced(roster, cohorts=chosen, observed=observed, remembered=remembered, now=now, joining=fresh)
    changed = doubted(roster, chosen, observed, remembered, settings.identity)
    who = outlook.find(roster, chosen, unknown | changed, observed, remembered.memory, changed)
    remembered = replace(remembered, ties=remembered.ties.plus(outlook.paired_ties(observed)))
    doubtful = contested(who)
    desired = tuple(
        build_desired(
            cohort, roster, who, rosters.days[cohort.key], held=rosters.held.get(cohort.key, ""), contested=doubtful
        )
        for cohort in chosen
    )

    def planned(observed: Observed) -> Plan:
        plan = build_plan(desired, observed, remembered, settings.limits, roster.rejected, now=now)
        plan = outlook.extend(plan, roster, chosen, observed)
        return replace(plan, changes=(*left_out, *plan.changes))

    plan = planned(observed)
    if outlook.must_look_again(plan, observed):
        observed = _observed(chosen, remembered, outlook, now)
        plan = planned(observed)
    recent = Journal(store.sessions, forum.name).changes_since(now - A_DAY, plan)
    return Prepared(plan, desired, observed, remembered, who, rosters, settings.limits, outlook, left_out, recent)


def _observed(cohorts: Sequence[Cohort], remembered: Remembered, outlook: Outlook, now: datetime) -> Observed:
    observed = observe(outlook.forum, cohorts, remembered.created, outlook.sight)
    seen = [cohort for cohort in cohorts if cohort.key not in observed.renamed]
    return observe_surroundings(outlook.forum, seen, observed, remembered, now)


def _left_out(cohort: Cohort, observed: Observed) -> Change:
    reason = f"nothing is done about this cohort: {observed.renamed[cohort.key]} {RENAME}"
    return Change(ChangeKind.KEPT, cohort.key, cohort.group, reason)


def _chosen(cohorts: Sequence[Cohort], only: str | None) -> list[Cohort]:
    if only is None:
        return list(cohorts)
    chosen = [cohort for cohort in cohorts if cohort.key == only]
    if not chosen:
        known = ", ".join(cohort.key for cohort in cohorts)
        raise UsageError(f"there is no cohort '{only}'.", do=f"Declared in lcm.yaml: {known}.")
    return chosen

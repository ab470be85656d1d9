"""Read the roster's people and the forum, and plan what would make them agree; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import UsageError
from sync_worker.membership.access import open_access
from sync_worker.membership.applying.books import OF_CATEGORIES
from sync_worker.membership.matching.finding import NOBODY, UnfoundStore
from sync_worker.membership.matching.identity import Match
from sync_worker.membership.observing.match import doubted, match_people, unplaced, whom_to_look_up
from sync_worker.membership.observing.observe import RENAME, observe, observe_surroundings, refuse_renamed
from sync_worker.membership.observing.unseen import UnseenStore, follow
from sync_worker.membership.planning.build import build_plan
from sync_worker.membership.planning.desired import build_desired, contested
from sync_worker.membership.planning.guard import LcmGroups, check_allowed, check_plan, check_roles, everybody
from sync_worker.membership.planning.people import people_planner
from sync_worker.membership.planning.roster_guard import NOTHING_ACCEPTED, Acceptance, RosterGuard
from sync_worker.membership.planning.upkeep import PEOPLE, Scene
from sync_worker.membership.records.accepted import A_DAY
from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.store import MembershipStore
from sync_worker.model import Change, ChangeKind
from sync_worker.store.clocks import as_archived

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import InvitationSettings, LimitSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.access import ForumAccess
    from sync_worker.membership.matching.identity import NoMatch
    from sync_worker.membership.observing.match import Matched
    from sync_worker.membership.observing.unseen import Unseen
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.store import Remembered
    from sync_worker.membership.state import Observed
    from sync_worker.model import Cohort, Plan, Roster
    from sync_worker.store.database import Store


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that it was made from; nothing has been written.

    `access` is how the forum is read and changed, `unseen` what is known of people added by e-mail or invited.
    `left_out` are lines of cohorts left out. `recent` is what runs did in the day before, which counts with what the
    plan does.
    """

    plan: Plan
    desired: tuple[Desired, ...]
    observed: Observed
    remembered: Remembered
    rosters: RosterGuard
    limits: LimitSettings
    access: ForumAccess
    matched: Matched
    unseen: Unseen
    invitations: InvitationSettings
    left_out: tuple[Change, ...] = ()
    recent: tuple[Change, ...] = ()

    @property
    def who(self) -> Mapping[str, Match | NoMatch]:
        """Each person's account by person key, or why there is none."""
        return self.matched.who

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
    cohorts = as_archived(store.sessions, forum.name, map(complete_cohort, settings.cohorts))
    chosen = _chosen(cohorts, only)
    remembered = MembershipStore(store.sessions, forum.name).read()
    rosters = RosterGuard.of(roster, chosen, remembered.rosters, settings.limits, now=now, acceptance=acceptance)
    rosters.check(roster, settings.limits)
    access = open_access(settings, forum, store.sessions, chosen, now)
    enrolled = (enrolment.person for cohort in chosen for enrolment in roster.of(cohort.key))
    new = (person for person in enrolled if person.key not in remembered.memory.recognised)
    access.ask_by_the_way(new, settings.identity)
    observed = _observe(chosen, remembered, access, now)
    left_out = tuple(_left_out(cohort, observed) for cohort in chosen if cohort.key in observed.renamed)
    chosen = [cohort for cohort in chosen if cohort.key not in observed.renamed]
    if not chosen:
        refuse_renamed(observed)
    look = _Look(settings, roster, chosen, store, access, now)
    matched, unseen = look.match(observed, remembered)
    remembered = replace(remembered, ties=remembered.ties.plus(unseen.ties(matched.who, observed)))
    doubtful = contested(matched.who)
    desired = tuple(
        build_desired(
            cohort,
            roster,
            matched.who,
            rosters.days[cohort.key],
            held=rosters.held.get(cohort.key, ""),
            contested=doubtful,
        )
        for cohort in chosen
    )
    plan = look.plan(desired, observed, remembered, matched, unseen)
    if _changes_what_is_old(plan, observed, access):
        observed = _observe(chosen, remembered, access, now)
        plan = look.plan(desired, observed, remembered, matched, unseen)
    plan = replace(plan, changes=(*left_out, *plan.changes))
    recent = Journal(store.sessions, forum.name).changes_since(now - A_DAY, plan)
    return Prepared(
        plan,
        desired,
        observed,
        remembered,
        rosters,
        settings.limits,
        access,
        matched,
        unseen,
        settings.invitations,
        left_out,
        recent,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One run's look at a forum: whose accounts are whose, and what follows from that."""

    settings: Settings
    roster: Roster
    cohorts: Sequence[Cohort]
    store: Store
    access: ForumAccess
    now: datetime

    def match(self, observed: Observed, remembered: Remembered) -> tuple[Matched, Unseen]:
        """Return everybody's account, and what became of people added by e-mail or invited.

        Calls: as `follow` and `match_people`.
        """
        settings, roster, forum, sessions = self.settings, self.roster, self.access.view.forum, self.store.sessions
        people = {one.person.key: one.person for cohort in self.cohorts for one in roster.of(cohort.key)}
        unseen = UnseenStore(sessions, forum.name).read(people).without_lost_groups(self.cohorts, observed)
        joining = self.access.keeps_old_members
        unknown = unplaced(
            roster, cohorts=self.cohorts, observed=observed, remembered=remembered, now=self.now, joining=joining
        )
        changed = doubted(roster, self.cohorts, observed, remembered, settings.identity)
        wanted = whom_to_look_up(roster, self.cohorts, unseen.emailed, unknown=unknown, changed=changed, now=self.now)
        unfound = NOBODY if self.access.abilities.plugin else UnfoundStore(sessions, forum.name).read()
        news = not unfound.is_recent(observed.account_count, self.now, settings.lookup.again_hours)
        unseen = unseen.after(follow(forum, unseen.invited, settings.invitations, self.now, accounts_changed=news))
        memory = unseen.recalled(remembered.memory)
        lookup = self.access.lookup(self.access.abilities, observed.account_count)
        return match_people(lookup, settings.identity, wanted, observed, memory, unfound=unfound), unseen

    def plan(
        self,
        desired: Sequence[Desired],
        observed: Observed,
        remembered: Remembered,
        matched: Matched,
        unseen: Unseen,
    ) -> Plan:
        """Return the plan for what was observed."""
        people = people_planner(
            self.roster,
            self.cohorts,
            matched.found,
            emailed=unseen.emailed,
            invited=unseen.invited,
            observed=observed,
            settings=self.settings,
            now=self.now,
        )
        rejected, limits = self.roster.rejected, self.settings.limits
        return build_plan(desired, observed, remembered, limits, rejected, now=self.now, people=people)


def _changes_what_is_old(plan: Plan, observed: Observed, access: ForumAccess) -> bool:
    """Whether the plan changes what was not read in full in this run; it will be when it is read again."""
    groups = {change.target for change in plan.of(*PEOPLE, ChangeKind.ADD_BY_EMAIL)}
    cohorts = {change.cohort for change in plan.of(*OF_CATEGORIES)}
    states = (observed.cohorts[key].category for key in cohorts)
    return access.view.again(groups, [state.id for state in states if state and state.id is not None])


def _observe(cohorts: Sequence[Cohort], remembered: Remembered, access: ForumAccess, now: datetime) -> Observed:
    forum = access.view.forum
    observed = observe(forum, cohorts, remembered.created, access.view)
    seen = [cohort for cohort in cohorts if cohort.key not in observed.renamed]
    return observe_surroundings(forum, seen, observed, remembered, now)


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

"""A whole sync on one page: observe the forum, match people, plan, guard, apply, record; one at a time for a forum.

The way of a roster's people: `prepare` observes the forum, matches people with accounts, and plans what would make the
two agree; `check_limits` holds the plan to the limits; `carry_out` applies it and records what the next run has to
know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict, Unpack

from sync_worker.config.load import complete_cohort
from sync_worker.errors import UsageError
from sync_worker.membership.access import one_at_a_time, open_access
from sync_worker.membership.applying.apply import Applier, group_ids_of, parents_of
from sync_worker.membership.applying.making import furnish, unfurnished
from sync_worker.membership.applying.unseen import EmailAdder, Inviter
from sync_worker.membership.facts import keep_roster_facts
from sync_worker.membership.observing.asking import NOBODY, UnfoundStore, doubted, unplaced, whom_to_look_up
from sync_worker.membership.observing.forum_view import OF_CATEGORIES
from sync_worker.membership.observing.match import match_people
from sync_worker.membership.observing.observe import RENAME, observe, observe_surroundings, refuse_renamed
from sync_worker.membership.observing.unseen import UnseenStore, follow, refuse_if_restored, without_granting
from sync_worker.membership.planning.build import build_plan, settle
from sync_worker.membership.planning.desired import build_desired, contested
from sync_worker.membership.planning.file import checksum
from sync_worker.membership.planning.guard import LcmGroups, check_allowed, check_plan, check_roles, everybody
from sync_worker.membership.planning.people import people_planner
from sync_worker.membership.planning.roster_guard import NOTHING_ACCEPTED, Acceptance, RosterGuard
from sync_worker.membership.prepared import (
    Books,
    Prepared,
    accept_rosters,
    declarable,
    keep_findings,
    made_ids,
    write_first_notes,
)
from sync_worker.membership.records.accepted import A_DAY
from sync_worker.membership.records.journal import ApplyReport, Failure, Journal
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.membership.state import PEOPLE
from sync_worker.model import Change, ChangeKind
from sync_worker.rosters.source_cohorts import remember_cohorts
from sync_worker.store.pauses import as_archived, refuse_while_held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.access import ForumAccess
    from sync_worker.membership.observing.match import Matched
    from sync_worker.membership.observing.unseen import Unseen
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.memberships import Remembered
    from sync_worker.membership.state import Observed
    from sync_worker.model import Cohort, Plan, Roster
    from sync_worker.store.database import Store


class Choices(TypedDict, total=False):
    """What `prepare` takes besides: the only cohort that is synced, and what a person allows for this run."""

    only: str | None
    acceptance: Acceptance


def sync(
    settings: Settings,
    roster: Roster,
    forum: Forum,
    store: Store,
    *,
    now: datetime,
    before: Callable[[Prepared], None] | None = None,
    **choices: Unpack[Choices],
) -> tuple[Prepared, ApplyReport]:
    """Make the forum agree with the roster, within the limits, in one go, and keep the facts that it states of people.

    `before` gets the plan before anything is written, and stops everything by raising; the other arguments are those
    of `prepare`.

    Raises:
        RefusedError: a limit would be passed, or, as BusyError, another sync of this forum is under way.
        ConfigError, UsageError: the settings do not fit the forum, or name no such cohort.
        ForumError: the forum could not be read; nothing was changed.

    """
    with one_at_a_time(forum, store):
        prepared = prepare(settings, roster, forum, store, now=now, **choices)
        if before:
            before(prepared)
        report = carry_out(prepared, forum, store, now=now)
        keep_roster_facts(store, forum.name, roster, prepared, now)
        return prepared, report


# Read the roster's people and the forum, and plan what would make them agree; nothing is written.


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
    run matched and no member list shows; once a day as `probe`; where somebody is to be invited as `without_granting`.

    Raises:
        UnsafePlanError: the roster has too many bad rows, or is too different; the forum was not called.
        ConfigError, UsageError, ForumError: as `sync`.

    """
    cohorts = as_archived(store.sessions, forum.name, map(complete_cohort, settings.cohorts))
    chosen = _chosen(cohorts, only)
    remembered = MembershipStore(store.sessions, forum.name).read()
    rosters = RosterGuard.of(roster, chosen, remembered.rosters, settings.limits, now=now, acceptance=acceptance)
    rosters.check(roster, settings.limits)
    chosen = rosters.as_they_stand(chosen)
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
    ties = remembered.ties.plus(unseen.ties(matched.who, observed))
    told_more = ties.told_more(matched.news(unseen.people))
    remembered = replace(remembered, ties=ties.plus(told_more))
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
    plan = without_granting(plan, forum, unseen.followed.waiting)
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
        told_more,
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


def check_limits(prepared: Prepared) -> None:
    """Refuse a plan that goes beyond the limits.

    Raises:
        UnsafePlanError: with the numbers.

    """
    plan, limits, recent, ties = prepared.plan, prepared.limits, prepared.recent, prepared.remembered.ties
    check_allowed(plan, limits)
    sizes, groups = prepared.scene.group_sizes, {one.cohort.key: one.cohort.group for one in prepared.desired}
    in_groups = {key: sizes[group] for key, group in groups.items()}
    prepared.rosters.check_additions(prepared.strangers, in_groups, limits)
    check_plan(plan, sizes, limits, recent, everybody=everybody(sizes, ties))
    lcm_groups = {one.cohort.key: one.cohort.lcm_group for one in prepared.desired}
    promoting = not prepared.rosters.acceptance.roster
    check_roles(plan, LcmGroups.of(lcm_groups, sizes, ties), limits, recent, promoting=promoting)


# Carry out a prepared plan on the forum: what a run writes down before, and what the next one has to know.


def carry_out(prepared: Prepared, forum: Forum, store: Store, *, now: datetime) -> ApplyReport:
    """Carry out a prepared plan on the forum, and remember who is who and what is ours.

    Raises:
        UnsafePlanError: the plan goes beyond the limits; nothing was written.

    """
    check_limits(prepared)
    refuse_while_held(store.sessions, forum.name)
    ties = settle(prepared.desired, prepared.observed, prepared.remembered.ties)
    refuse_if_restored(forum, store.sessions, ties)
    remember_cohorts(store, forum.name, [one.cohort for one in prepared.desired])
    report = perform(prepared, forum, Books.of(store.sessions, forum.name), now=now)
    prepared.access.view.bring_up_to_date()
    return report


def perform(prepared: Prepared, forum: Forum, books: Books, *, now: datetime) -> ApplyReport:
    """Do what `carry_out` does, with the books at hand."""
    check_limits(prepared)
    plan, memory = prepared.plan, books.memory
    left_out = ApplyReport(failed=tuple(Failure(line, line.reason) for line in prepared.left_out))
    run = books.journal.free_id(f"sync-{now:%Y%m%dT%H%M%S}-{checksum(plan)[:8]}")
    write_first_notes(prepared, books, run, now)
    accept_rosters(prepared, memory, now)  # before the first change: a run that is killed has let its strangers in
    _furnish(prepared, forum, memory)
    changing = {change.cohort for change in plan.effective}
    prepared.access.report_unchanged(lambda: declarable(prepared), changing)
    if not plan.effective:
        keep_findings(prepared, books, ApplyReport(), ({}, {}), now)
        return left_out
    running = books.journal.begin(run, "sync", plan, now)
    core = Applier(forum, memory, running, run, now, group_ids_of(prepared.observed), parents_of(prepared.observed))
    writer = prepared.access.writer(core, lambda: declarable(prepared))
    writer.carry_out(plan)
    report, ids = writer.report, made_ids(prepared, memory)
    if not report.unreachable:
        for reach in (_add_by_email, _invite):
            more = reach(prepared, forum, books, report, ids[0], run, now)
            running.settle_report(more, now)
            report = report.plus(more)
    keep_findings(prepared, books, report, ids, now)
    report = report.plus(left_out)
    books.journal.finish(run, now, report.outcome, report.counts)
    return report


def _furnish(prepared: Prepared, forum: Forum, memory: MembershipStore) -> None:
    """Furnish the categories that a run had made when it was ended. Calls: none where there are none."""
    for one in prepared.desired:
        category = unfurnished(one, prepared.observed, prepared.remembered)
        if category is not None:
            furnish(forum, memory, category)


def _add_by_email(  # noqa: PLR0917
    prepared: Prepared,
    forum: Forum,
    books: Books,
    so_far: ApplyReport,
    group_ids: Mapping[str, int],
    run: str,
    now: datetime,
) -> ApplyReport:
    """Add by e-mail who is added so. Calls: as `EmailAdder.carry_out`."""
    accounts, view = prepared.matched.accounts, prepared.access.view
    adder = EmailAdder(forum, books.unseen.emailed, view, accounts, run, now)
    return adder.carry_out(prepared.plan, so_far, group_ids)


def _invite(  # noqa: PLR0917
    prepared: Prepared,
    forum: Forum,
    books: Books,
    so_far: ApplyReport,
    group_ids: Mapping[str, int],
    run: str,
    now: datetime,
) -> ApplyReport:
    """Invite, remind and withdraw. Calls: as `Inviter.carry_out`."""
    del so_far
    store, known = books.unseen.invitations, prepared.unseen.invited
    inviter = Inviter(forum, store, known, prepared.invitations, group_ids, run, now)
    return inviter.carry_out(prepared.plan, {one.cohort.key: one.cohort for one in prepared.desired})

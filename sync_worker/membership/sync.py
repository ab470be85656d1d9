"""The whole of a sync: read the roster's people and the forum, plan, guard, and on demand carry it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import BusyError, UsageError
from sync_worker.membership.apply import Applier, ApplyReport, Failure, group_ids_of, parents_of
from sync_worker.membership.confirming import is_doubted
from sync_worker.membership.desired import build_desired
from sync_worker.membership.furnishing import furnish, unfurnished
from sync_worker.membership.guard import check_allowed, check_plan, everybody
from sync_worker.membership.identity import Match, NoMatch
from sync_worker.membership.journal import Journal
from sync_worker.membership.observed import RENAME, observe, refuse_renamed
from sync_worker.membership.outlook import Outlook
from sync_worker.membership.plan import build_plan, settle
from sync_worker.membership.plan_file import checksum
from sync_worker.membership.plugin_apply import PluginApplier
from sync_worker.membership.plugin_sight import PluginSight
from sync_worker.membership.provenance import MembershipStore, is_ours
from sync_worker.membership.role_guard import LcmGroups, check_roles
from sync_worker.membership.roster_guard import Acceptance, RosterGuard
from sync_worker.membership.stands import Scene
from sync_worker.membership.surroundings import observe_surroundings
from sync_worker.membership.ties import State, Tie, TieKey, TieRecord
from sync_worker.membership.vanished import refuse_if_restored
from sync_worker.model import Change, ChangeKind
from sync_worker.rosters.source_cohorts import remember_cohorts
from sync_worker.store.hold import refuse_while_held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sync_worker.config.settings import LimitSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.desired import Desired
    from sync_worker.membership.journal import RunJournal
    from sync_worker.membership.provenance import Remembered
    from sync_worker.membership.state import Account, CategoryState, GroupState, Observed
    from sync_worker.model import Cohort, Person, Plan, Roster
    from sync_worker.store.database import Store


NOTHING_ACCEPTED = Acceptance()
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
        sizes, groups = self.group_sizes(), {one.cohort.key: one.cohort.lcm_group for one in self.desired}
        self.rosters.check_additions(self.plan, sizes, self.limits)
        check_plan(self.plan, sizes, self.limits, self.recent, everybody=everybody(sizes, self.remembered.ties))
        promoting = not self.rosters.acceptance.roster
        lcms = LcmGroups.of(groups, sizes, self.remembered.ties)
        check_roles(self.plan, lcms, self.limits, self.recent, promoting=promoting)

    def group_sizes(self) -> dict[str, int]:
        """Return how many members each group of the plan has now."""
        return group_sizes([one.cohort for one in self.desired], self.observed)


def group_sizes(cohorts: Sequence[Cohort], observed: Observed) -> dict[str, int]:
    """Return how many members each group of the cohorts has now."""
    scene = scene_of(cohorts, observed)
    return {name: len(group.members) if group else 0 for name, group in scene.groups.items()}


def scene_of(cohorts: Sequence[Cohort], observed: Observed) -> Scene:
    """Return what was observed of the cohorts, by names."""
    names = {cohort.key: (cohort.group, cohort.lcm_group, cohort.category_slug) for cohort in cohorts}
    return Scene.of(observed, names)


def sync(
    settings: Settings,
    roster: Roster,
    forum: Forum,
    store: Store,
    *,
    now: datetime,
    only: str | None = None,
    acceptance: Acceptance = NOTHING_ACCEPTED,
    before: Callable[[Prepared], None] | None = None,
) -> tuple[Prepared, ApplyReport]:
    """Make the forum agree with the roster, within the limits, in one go.

    `acceptance` is what a person allows for this run. `before` gets the plan before anything is written, and stops
    everything by raising.

    Raises:
        RefusedError: a limit would be passed, or, as BusyError, another sync of this forum is under way.
        ConfigError, UsageError: the settings do not fit the forum, or name no such cohort.
        ForumError: the forum could not be read; nothing was changed.

    """
    with store.exclusive(f"sync:{forum.name}") as held:
        if not held:
            raise BusyError(
                "another sync of this forum is under way.", where=forum.name, do="Try again when it is done."
            )
        prepared = prepare(settings, roster, forum, store, now=now, only=only, acceptance=acceptance)
        if before:
            before(prepared)
        return prepared, carry_out(prepared, forum, store, now=now)


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
    unplaced = _unplaced(roster, cohorts=chosen, observed=observed, remembered=remembered, now=now, joining=fresh)
    doubted = _doubted(roster, chosen, observed, remembered, settings.identity)
    who = outlook.find(roster, chosen, unplaced | doubted, observed, remembered.memory, doubted)
    remembered = replace(remembered, ties=remembered.ties.plus(outlook.paired_ties(observed)))
    desired = tuple(
        build_desired(cohort, roster, who, rosters.days[cohort.key], held=rosters.held.get(cohort.key, ""))
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


def carry_out(prepared: Prepared, forum: Forum, store: Store, *, now: datetime) -> ApplyReport:
    """Carry out a prepared plan on the forum, and remember who is who and what is ours.

    Raises:
        UnsafePlanError: the plan goes beyond the limits; nothing was written.

    """
    prepared.check()
    refuse_while_held(store.sessions, forum.name)
    ties = settle(prepared.desired, prepared.observed, prepared.remembered.ties)
    refuse_if_restored(forum, store.sessions, ties)
    remember_cohorts(store, forum.name, [one.cohort for one in prepared.desired])
    memory, journal = MembershipStore(store.sessions, forum.name), Journal(store.sessions, forum.name)
    report = perform(prepared, forum, memory, journal, now=now)
    if prepared.outlook:
        prepared.outlook.sight.bring_up_to_date()
    return report


def perform(
    prepared: Prepared, forum: Forum, memory: MembershipStore, journal: Journal, *, now: datetime
) -> ApplyReport:
    """Do what `carry_out` does, with the books at hand."""
    prepared.check()
    left_out = ApplyReport(failed=tuple(Failure(line, line.reason) for line in prepared.left_out))
    run = journal.free_id(f"sync-{now:%Y%m%dT%H%M%S}-{checksum(prepared.plan)[:8]}")
    _write_what_is_known(prepared, memory, journal, run, now)
    _furnish(prepared, forum, memory)
    if not prepared.plan.effective:
        _accept(prepared, memory, now)
        if prepared.outlook:
            prepared.outlook.remember(prepared.plan, ApplyReport(), {}, {})
        return left_out
    running = journal.begin(run, "sync", prepared.plan, now)
    applier = _applier(prepared, forum, memory, running, run, now)
    applier.carry_out(prepared.plan)
    report = applier.report
    if prepared.outlook:
        report = _finish(prepared, prepared.outlook, memory, running, report, run=run, now=now)
    report = report.plus(left_out)
    _accept(prepared, memory, now)
    journal.finish(run, now, report.outcome, report.counts)
    return report


def _furnish(prepared: Prepared, forum: Forum, memory: MembershipStore) -> None:
    """Furnish the categories that a run had made when it was ended. Calls: none where there are none."""
    for one in prepared.desired:
        category = unfurnished(one, prepared.observed, prepared.remembered)
        if category is not None:
            furnish(forum, memory, category)


def _accept(prepared: Prepared, memory: MembershipStore, now: datetime) -> None:
    """Remember what the roster had: it passed the guards, or a person accepted it."""
    accepted = prepared.rosters.accepted([one.cohort.key for one in prepared.desired])
    memory.write_accepted(prepared.rosters.rosters, accepted, now)


def _applier(  # noqa: PLR0917
    prepared: Prepared, forum: Forum, memory: MembershipStore, journal: RunJournal, run: str, now: datetime
) -> Applier:
    """Return what carries the plan out: through our plugin where the forum has it."""
    sight = prepared.outlook.sight if prepared.outlook else None
    groups, parents = group_ids_of(prepared.observed), parents_of(prepared.observed)
    if not isinstance(sight, PluginSight):
        return Applier(forum, memory, journal, run, now, groups, parents)
    ends = prepared.rosters.ends
    cohorts = {one.cohort.key: replace(one.cohort, end=ends[one.cohort.key]) for one in prepared.desired}
    shut = frozenset() if "adopt" in prepared.limits.allow else frozenset(_of_others(prepared))
    ours = frozenset(_own_categories(prepared))
    return PluginApplier(
        forum, memory, journal, run, now, groups, parents, sight=sight, cohorts=cohorts, shut=shut, ours=ours
    )


def _own_categories(prepared: Prepared) -> Iterator[str]:
    """Yield the slugs of the cohorts whose category is ours, by its id."""
    for one in prepared.desired:
        slug, category = one.cohort.category_slug, prepared.observed.cohorts[one.cohort.key].category
        if category and is_ours(prepared.remembered.created, "category", slug, category.id):
            yield slug


def _of_others(prepared: Prepared) -> Iterator[str]:
    """Yield the cohorts of which a group or the category is somebody else's."""
    created = prepared.remembered.created
    for one in prepared.desired:
        seen, slug = prepared.observed.cohorts[one.cohort.key], one.cohort.category_slug
        category = seen.category
        if seen.has_groups_of_others or (category and not is_ours(created, "category", slug, category.id)):
            yield one.cohort.key


def _finish(
    prepared: Prepared,
    outlook: Outlook,
    memory: MembershipStore,
    journal: RunJournal,
    report: ApplyReport,
    *,
    run: str,
    now: datetime,
) -> ApplyReport:
    """Add by e-mail who is added so, invite, and keep what was found out about the forum for the next run."""
    groups, categories = _ids(prepared, memory)
    if not report.unreachable:
        for more in (
            outlook.add_by_email(prepared.plan, report, groups, run),
            outlook.carry_invitations_out(prepared.plan, groups, run),
        ):
            journal.settle_report(more, now)
            report = report.plus(more)
    outlook.remember(prepared.plan, report, groups, categories)
    return report


def _ids(prepared: Prepared, memory: MembershipStore) -> tuple[dict[str, int], dict[str, int]]:
    """Return the ids of the cohorts' groups by name and categories by slug, of those that were just made as well."""
    created = {key: made.forum_id for key, made in memory.read().created.items() if made.forum_id is not None}
    names = [name for one in prepared.desired for name in (one.cohort.group, one.cohort.lcm_group)]
    groups = {name: prepared.observed.group_ids.get(name) or created.get(("group", name)) for name in names}
    categories = {name: number for (kind, name), number in created.items() if kind == "category"}
    return {name: number for name, number in groups.items() if number is not None}, categories


def _write_what_is_known(
    prepared: Prepared, memory: MembershipStore, journal: Journal, run: str, now: datetime
) -> None:
    """Remember who is who, where ties stand, who waits for removal, and what killed runs had done."""
    memory.remember_people({key: match for key, match in prepared.who.items() if isinstance(match, Match)}, now)
    journal.settle_open(scene_of([one.cohort for one in prepared.desired], prepared.observed).shows, now)
    for kind, name, number in _made_unrecorded(prepared):
        adopted = prepared.remembered.created[kind, name].adopted
        memory.write_created(kind, name, number, run, now, adopted=adopted)
    if prepared.outlook:
        prepared.outlook.pair(memory, prepared.observed, run)
    ties = settle(prepared.desired, prepared.observed, prepared.remembered.ties)
    memory.write_ties(ties | dict(map(_mark, prepared.plan.of(ChangeKind.GRACE))), run, now)


def _mark(line: Change) -> tuple[TieKey, TieRecord]:
    """Return what is written down about a person who waits for removal or demotion."""
    detail = line.detail
    record = TieRecord(
        State.MARKED,
        line.username or "",
        detail["key"],
        line.cohort,
        detail["digests"],
        datetime.fromisoformat(detail["since"]),
        detail["clean_runs"],
    )
    return TieKey(line.target, line.user_id or 0, Tie(detail.get("tie", Tie.MEMBER))), record


def _chosen(cohorts: Sequence[Cohort], only: str | None) -> list[Cohort]:
    if only is None:
        return list(cohorts)
    chosen = [cohort for cohort in cohorts if cohort.key == only]
    if not chosen:
        known = ", ".join(cohort.key for cohort in cohorts)
        raise UsageError(f"there is no cohort '{only}'.", do=f"Declared in lcm.yaml: {known}.")
    return chosen


def _unplaced(
    roster: Roster,
    *,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    now: datetime,
    joining: bool,
) -> set[str]:
    """Return the keys of the people whose account or present username is not known.

    With `joining`, those as well who are known and will join the cohort's group: what the plugin told of the members of
    another group may be old.
    """
    everybody = observed.accounts()
    unplaced: set[str] = set()
    for cohort in cohorts:
        day = now.astimezone(cohort.zone).date()
        group = observed.cohorts[cohort.key].group
        seen = everybody if not joining else group.members if group else {}
        for enrolment in roster.of(cohort.key):
            if enrolment.active_on(day) and not _placed(enrolment.person, cohort, seen, observed, remembered):
                unplaced.add(enrolment.person.key)
    return unplaced


def _placed(
    person: Person, cohort: Cohort, seen: Mapping[int, Account], observed: Observed, remembered: Remembered
) -> bool:
    """Whether a person's account and present username are known, or not needed because the person left."""
    recognised = remembered.memory.recognised.get(person.key)
    if recognised is None or recognised.account.id in seen:
        return recognised is not None
    tie = remembered.ties.get(TieKey(cohort.group, recognised.account.id))
    return bool(observed.cohorts[cohort.key].group and tie and tie.state in (State.ADDED, State.LEFT))


def _doubted(
    roster: Roster,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    order: Sequence[str],
) -> set[str]:
    """Return the keys of people who were matched, and of whom roster or member lists say something else by now."""
    seen, recognised = observed.accounts(), remembered.memory.recognised
    return {
        enrolment.person.key
        for cohort in cohorts
        for enrolment in roster.of(cohort.key)
        if (known := recognised.get(enrolment.person.key))
        and is_doubted(enrolment.person, known, seen.get(known.account.id), order)
    }


def _made_unrecorded(prepared: Prepared) -> Iterator[tuple[str, str, int]]:
    """Yield what an earlier run was making when it was killed and the forum has: kind, name, id."""
    for one in prepared.desired:
        there = prepared.observed.cohorts[one.cohort.key]
        pairs: tuple[tuple[str, str, GroupState | CategoryState | None], ...] = (
            ("group", one.cohort.group, there.group),
            ("group", one.cohort.lcm_group, there.lcm_group),
            ("category", one.cohort.category_slug, there.category),
        )
        alumni = one.cohort.alumni_group
        if alumni:
            pairs = (*pairs, ("group", alumni, prepared.observed.alumni.get(alumni)))
        for kind, name, found in pairs:
            ours = prepared.remembered.created.get((kind, name))
            if ours and ours.forum_id is None and found and found.id is not None:
                yield kind, name, found.id

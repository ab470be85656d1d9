"""The whole of a sync: read the roster's people and the forum, plan, guard, and on demand carry it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import RefusedError, UsageError
from sync_worker.membership.apply import ApplyReport, apply_plan
from sync_worker.membership.desired import build_desired
from sync_worker.membership.guard import check_allowed, check_plan, check_roster, roster_sizes
from sync_worker.membership.identity import Match, NoMatch
from sync_worker.membership.observed import observe
from sync_worker.membership.outlook import Outlook
from sync_worker.membership.plan import build_plan, settle
from sync_worker.membership.plan_file import checksum
from sync_worker.membership.provenance import MembershipStore, State, TieKey
from sync_worker.model import RosterKind
from sync_worker.store.tables import RunRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.desired import Desired
    from sync_worker.membership.provenance import Remembered
    from sync_worker.membership.state import Account, Observed
    from sync_worker.model import Cohort, Person, Plan, Roster
    from sync_worker.store.database import Store


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that it was made from; nothing has been written."""

    plan: Plan
    desired: tuple[Desired, ...]
    observed: Observed
    remembered: Remembered
    who: Mapping[str, Match | NoMatch]
    sizes: Mapping[str, int]
    limits: LimitSettings
    outlook: Outlook

    def check(self) -> None:
        """Refuse a plan that goes beyond the limits.

        Raises:
            UnsafePlanError: with the numbers.

        """
        check_allowed(self.plan, self.limits)
        check_plan(self.plan, self.group_sizes(), self.limits)

    def group_sizes(self) -> dict[str, int]:
        """Return how many members each group of the plan has now."""
        sizes: dict[str, int] = {}
        for one in self.desired:
            there = self.observed.cohorts[one.cohort.key]
            for wanted, group in ((one.state.group, there.group), (one.state.lcm_group, there.lcm_group)):
                if wanted:
                    sizes[wanted.name] = len(group.members) if group else 0
        return sizes


def sync(
    settings: Settings,
    roster: Roster,
    forum: Forum,
    store: Store,
    *,
    now: datetime,
    only: str | None = None,
    before: Callable[[Prepared], None] | None = None,
) -> tuple[Prepared, ApplyReport]:
    """Make the forum agree with the roster, within the limits, in one go.

    `before` gets the plan before anything is written, and stops everything by raising.

    Raises:
        RefusedError: a limit would be passed, or another sync of this forum is under way.
        ConfigError, UsageError: the settings do not fit the forum, or name no such cohort.
        ForumError: the forum could not be read; nothing was changed.

    """
    with store.exclusive(f"sync:{forum.name}") as held:
        if not held:
            raise RefusedError(
                "another sync of this forum is under way.", where=forum.name, do="Try again when it is done."
            )
        prepared = prepare(settings, roster, forum, store, now=now, only=only)
        if before:
            before(prepared)
        return prepared, carry_out(prepared, forum, store, now=now)


def prepare(
    settings: Settings, roster: Roster, forum: Forum, store: Store, *, now: datetime, only: str | None = None
) -> Prepared:
    """Read the forum and return the plan; writes nothing, on the forum or here.

    Calls: as `observe`, and as `Finder.find` where somebody has to be found whom no earlier run matched and no member
    list shows; once a day as `probe`.

    Raises:
        UnsafePlanError: the roster has too many bad rows or shrank too far; the forum was not called.
        ConfigError, UsageError, ForumError: as `sync`.

    """
    cohorts = [complete_cohort(declared) for declared in settings.cohorts]
    chosen = _chosen(cohorts, only)
    remembered = MembershipStore(store.sessions, forum.name).read()
    sizes = roster_sizes(roster, [cohort.key for cohort in chosen]) if roster.kind is RosterKind.SNAPSHOT else {}
    check_roster(roster, sizes, remembered.sizes, settings.limits)
    outlook = Outlook.start(settings, forum, store.sessions, chosen, now)
    observed = observe(forum, chosen, remembered.created, outlook.sight)
    unplaced = _unplaced(roster, cohorts=chosen, observed=observed, remembered=remembered, now=now)
    who = outlook.find(roster, chosen, unplaced, observed, remembered.accounts)
    remembered = replace(remembered, ties={**remembered.ties, **outlook.paired_ties(observed)})
    desired = tuple(build_desired(cohort, roster, who, now.astimezone(cohort.zone).date()) for cohort in chosen)

    def planned(observed: Observed) -> Plan:
        plan = build_plan(desired, observed, remembered, settings.limits, roster.rejected)
        return outlook.extend(plan, roster, chosen, observed)

    plan = planned(observed)
    if outlook.must_look_again(plan, observed):
        observed = observe(forum, chosen, remembered.created, outlook.sight)
        plan = planned(observed)
    return Prepared(plan, desired, observed, remembered, who, sizes, settings.limits, outlook)


def carry_out(prepared: Prepared, forum: Forum, store: Store, *, now: datetime) -> ApplyReport:
    """Carry out a prepared plan on the forum, and remember who is who and what is ours.

    Raises:
        UnsafePlanError: the plan goes beyond the limits; nothing was written.

    """
    prepared.check()
    memory = MembershipStore(store.sessions, forum.name)
    run = f"sync-{now:%Y%m%dT%H%M%S}-{checksum(prepared.plan)[:8]}"
    memory.remember_people({key: match for key, match in prepared.who.items() if isinstance(match, Match)}, now)
    ties = settle(prepared.desired, prepared.observed, prepared.remembered.ties)
    for kind, name, number in _made_unrecorded(prepared):
        memory.write_created(kind, name, number, run, now)
    memory.write_ties({key: tie for key, tie in ties.items() if tie != prepared.remembered.ties[key]}, run, now)
    outlook = prepared.outlook
    outlook.pair(memory, prepared.observed, run)
    if not prepared.plan.effective:
        memory.write_sizes(prepared.sizes.items())
        outlook.remember(prepared.plan, ApplyReport(), {}, {})
        return ApplyReport()
    _write_run(store, run, now, "running", {})
    report = apply_plan(prepared.plan, prepared.observed, forum, memory, run=run, now=now)
    groups, categories = _ids(prepared, memory)
    if not report.unreachable:
        report = report.plus(outlook.add_by_email(prepared.plan, report, groups, run))
        report = report.plus(outlook.carry_invitations_out(prepared.plan, groups, run))
    memory.write_sizes(prepared.sizes.items())
    outlook.remember(prepared.plan, report, groups, categories)
    outcome = "partial" if report.failed else "done"
    _write_run(store, run, now, outcome, {"done": len(report.done), "failed": len(report.failed)})
    return report


def _ids(prepared: Prepared, memory: MembershipStore) -> tuple[dict[str, int], dict[str, int]]:
    """Return the ids of the cohorts' groups by name and categories by slug, of those that were just made as well."""
    created = {key: made.forum_id for key, made in memory.read().created.items() if made.forum_id is not None}
    names = [name for one in prepared.desired for name in (one.cohort.group, one.cohort.lcm_group)]
    groups = {name: prepared.observed.group_ids.get(name) or created.get(("group", name)) for name in names}
    categories = {name: number for (kind, name), number in created.items() if kind == "category"}
    return {name: number for name, number in groups.items() if number is not None}, categories


def _chosen(cohorts: Sequence[Cohort], only: str | None) -> list[Cohort]:
    if only is None:
        return list(cohorts)
    chosen = [cohort for cohort in cohorts if cohort.key == only]
    if not chosen:
        known = ", ".join(cohort.key for cohort in cohorts)
        raise UsageError(f"there is no cohort '{only}'.", do=f"Declared in lcm.yaml: {known}.")
    return chosen


def _unplaced(
    roster: Roster, *, cohorts: Sequence[Cohort], observed: Observed, remembered: Remembered, now: datetime
) -> set[str]:
    """Return the keys of the people whose account or present username is not known."""
    seen = observed.accounts()
    unplaced: set[str] = set()
    for cohort in cohorts:
        day = now.astimezone(cohort.zone).date()
        for enrolment in roster.enrolments:
            active = enrolment.cohort == cohort.key and enrolment.active_on(day)
            if active and not _placed(enrolment.person, cohort, seen, observed, remembered):
                unplaced.add(enrolment.person.key)
    return unplaced


def _placed(
    person: Person, cohort: Cohort, seen: Mapping[int, Account], observed: Observed, remembered: Remembered
) -> bool:
    """Whether a person's account and present username are known, or not needed because the person left."""
    known = remembered.accounts.get(person.key)
    if known is None or known.id in seen:
        return known is not None
    tie = remembered.ties.get(TieKey(cohort.group, known.id))
    return bool(observed.cohorts[cohort.key].group and tie and tie.state in (State.ADDED, State.LEFT))


def _made_unrecorded(prepared: Prepared) -> Iterator[tuple[str, str, int]]:
    """Yield what an earlier run was making when it was killed and the forum has: kind, name, id."""
    for one in prepared.desired:
        there = prepared.observed.cohorts[one.cohort.key]
        pairs = (
            ("group", one.cohort.group, there.group),
            ("group", one.cohort.lcm_group, there.lcm_group),
            ("category", one.cohort.category_slug, there.category),
        )
        for kind, name, found in pairs:
            ours = prepared.remembered.created.get((kind, name))
            if ours and ours.forum_id is None and found and found.id is not None:
                yield kind, name, found.id


def _write_run(store: Store, run: str, now: datetime, outcome: str, summary: dict[str, int]) -> None:
    finished = None if outcome == "running" else now
    with store.begin() as session:
        session.merge(
            RunRow(id=run, command="sync", started_at=now, finished_at=finished, outcome=outcome, summary=summary)
        )

"""Looking back: the runs of a forum, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.errors import UsageError
from sync_worker.membership.access import one_at_a_time, open_plain_access
from sync_worker.membership.applying.apply import apply_plan
from sync_worker.membership.matching.lookup import Wanted
from sync_worker.membership.observing.observe import observe, observe_surroundings, refuse_renamed
from sync_worker.membership.observing.unseen import UnseenStore, without_granting
from sync_worker.membership.planning.file import checksum
from sync_worker.membership.planning.guard import check_allowed, check_plan, everybody
from sync_worker.membership.planning.upkeep import Scene
from sync_worker.membership.records.accepted import A_DAY
from sync_worker.membership.records.journal import ApplyReport, Journal
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.membership.records.ties import TieBook
from sync_worker.membership.undo_accounts import NOTHING_UNSEEN, keep_out_others, retrace, with_keys_of_today
from sync_worker.membership.undo_plan import plan_undo
from sync_worker.model import ChangeKind
from sync_worker.store.pauses import as_archived, refuse_while_held

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.records.journal import Entry
    from sync_worker.membership.state import Observed
    from sync_worker.membership.undo_accounts import Trace
    from sync_worker.model import Change, Cohort, Plan
    from sync_worker.store.database import Store


UNDO = "undo "
"""A run that takes another back is written down as this and the other's id."""


@dataclass(frozen=True, slots=True)
class PreparedUndo:
    """The plan that takes a run back; nothing has been written."""

    run: str
    plan: Plan
    cohorts: tuple[Cohort, ...]
    observed: Observed
    limits: LimitSettings
    trace: Trace = NOTHING_UNSEEN
    ties: TieBook = field(default_factory=TieBook)
    recent: tuple[Change, ...] = ()

    @property
    def scene(self) -> Scene:
        """What was observed of the plan's cohorts, by names."""
        return Scene.of(self.cohorts, self.observed)

    def check(self) -> None:
        """Refuse a plan that goes beyond the limits.

        Raises:
            RefusedError: a class of change is not switched on, or, as UnsafePlanError, a limit is passed.

        """
        check_allowed(self.plan, self.limits)
        sizes = self.scene.group_sizes
        check_plan(self.plan, sizes, self.limits, self.recent, everybody=everybody(sizes, self.ties))


def prepare_undo(settings: Settings, forum: Forum, store: Store, run: str, *, now: datetime) -> PreparedUndo:
    """Look at the forum and return the plan that takes a run back; writes nothing.

    Calls: as `observe` and `observe_surroundings` for the cohorts that the run changed, as `retrace`, and as the
    cheapest method takes to look up the accounts that come back; where somebody is invited again as `without_granting`.

    Raises:
        UsageError: there was no such run, or it changed nothing.
        ConfigError: a group was renamed on the forum.
        ForumError: as `sync`.

    """
    remembered = MembershipStore(store.sessions, forum.name).read()
    journal = Journal(store.sessions, forum.name)
    entries = journal.entries(run)
    if not entries:
        raise UsageError(f"no run '{run}' changed anything here.", do="'lcm sync runs' lists them.")
    later = [entry for entry in journal.entries(since=entries[0].started_at) if _is_later(entry, entries[0])]
    unseen = UnseenStore(store.sessions, forum.name).read()
    entries, later = (with_keys_of_today(some, unseen, remembered.ties) for some in (entries, later))
    touched = {entry.change.cohort for entry in entries}
    declared = (complete_cohort(one) for one in settings.cohorts if one.key in touched)
    cohorts = tuple(as_archived(store.sessions, forum.name, declared))
    observed = observe(forum, cohorts, remembered.created)
    refuse_renamed(observed)
    observed = observe_surroundings(forum, cohorts, observed, remembered, now)
    trace = retrace(settings, forum, store, entries, observed=observed, remembered=remembered, now=now)
    usernames = {account.id: account.username for account in remembered.accounts.values()}
    usernames |= {number: account.username for number, account in observed.accounts().items()}
    plan = plan_undo(
        entries,
        later,
        Scene.of(cohorts, observed),
        trace.ties.plus(trace.lost),
        settings.limits,
        undoing={line.id: line.command.removeprefix(UNDO) for line in journal.runs() if line.command.startswith(UNDO)},
        usernames=usernames,
        now=now,
        trace=trace,
    )
    if rejoining := _rejoining(plan):
        looked = trace.looked
        access = looked.access if looked else open_plain_access(settings, forum, store.sessions, now, looking=True)
        abilities = looked.matched.abilities if looked else access.abilities
        directory = access.lookup(abilities, observed.account_count).look_up(Wanted(ids=rejoining))
        plan = keep_out_others(plan, directory, remembered.memory)
    plan = _within_a_run(plan, settings.invitations.per_run)
    plan = without_granting(plan, forum, None, ChangeKind.KEPT)
    recent = journal.changes_since(now - A_DAY, plan)
    return PreparedUndo(run, plan, cohorts, observed, settings.limits, trace, remembered.ties, recent)


def undo(
    settings: Settings,
    forum: Forum,
    store: Store,
    run: str,
    *,
    now: datetime,
    before: Callable[[PreparedUndo], None] | None = None,
) -> tuple[PreparedUndo, ApplyReport]:
    """Take a run back, within the limits.

    `before` gets the plan before anything is written, and stops everything by raising.

    Raises:
        RefusedError: a limit would be passed, or a sync of this forum is under way.
        UsageError, ConfigError, ForumError: as `prepare_undo`.

    """
    with one_at_a_time(forum, store):
        refuse_while_held(store.sessions, forum.name)
        prepared = prepare_undo(settings, forum, store, run, now=now)
        if before:
            before(prepared)
        memory, journal = MembershipStore(store.sessions, forum.name), Journal(store.sessions, forum.name)
        return prepared, take_back(prepared, forum, memory, journal, now=now)


def take_back(
    prepared: PreparedUndo, forum: Forum, memory: MembershipStore, journal: Journal, *, now: datetime
) -> ApplyReport:
    """Carry out a prepared undo.

    Raises:
        RefusedError: the plan goes beyond the limits; nothing was written.

    """
    prepared.check()
    if not prepared.plan.effective:
        return ApplyReport()
    journal.settle_open(prepared.scene.shows, now)
    own = journal.free_id(f"undo-{now:%Y%m%dT%H%M%S}-{checksum(prepared.plan)[:8]}")
    prepared.trace.write_down(memory, prepared.observed, own, now)
    running = journal.begin(own, f"{UNDO}{prepared.run}", prepared.plan, now)
    report = apply_plan(prepared.plan, prepared.observed, forum, memory, running, run=own, now=now)
    looked = prepared.trace.looked
    if looked and not report.unreachable:
        cohorts = {cohort.key: cohort for cohort in prepared.cohorts}
        more = looked.carry_invitations_out(prepared.plan, cohorts, prepared.observed.group_ids, own, now)
        running.settle_report(more, now)
        report = report.plus(more)
    prepared.trace.forget_lost(report)
    journal.finish(own, now, report.outcome, report.counts)
    return report


def _rejoining(plan: Plan) -> frozenset[int]:
    """Return the accounts that an undo lets into a group again, or makes its owners."""
    lines = plan.of(ChangeKind.ADD, ChangeKind.ADD_OWNER)
    return frozenset(line.user_id for line in lines if line.user_id is not None)


def _within_a_run(plan: Plan, most: int) -> Plan:
    """Return the plan with no more invitations than one run may send."""
    late = set(map(id, plan.of(ChangeKind.INVITE)[most:]))
    reason = "withdrawn by the run; not invited again in this run (invitations.per_run)"
    changes = [
        replace(line, kind=ChangeKind.KEPT, reason=reason) if id(line) in late else line for line in plan.changes
    ]
    return replace(plan, changes=tuple(changes))


def _is_later(entry: Entry, first: Entry) -> bool:
    return (entry.started_at, entry.run) > (first.started_at, first.run)

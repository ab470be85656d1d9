"""Carry out a prepared plan on the forum: what a run writes down before, and what the next one has to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.membership.applying.apply import Applier, group_ids_of, parents_of
from sync_worker.membership.applying.books import Books
from sync_worker.membership.applying.making import furnish, unfurnished
from sync_worker.membership.applying.unseen import EmailAdder, Inviter
from sync_worker.membership.observing.unseen import refuse_if_restored
from sync_worker.membership.planning.build import settle
from sync_worker.membership.planning.file import checksum
from sync_worker.membership.prepared import accept_rosters, declarable, keep_findings, made_ids, write_first_notes
from sync_worker.membership.preparing import check_limits
from sync_worker.membership.records.journal import ApplyReport, Failure
from sync_worker.rosters.source_cohorts import remember_cohorts
from sync_worker.store.hold import refuse_while_held

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.prepared import Prepared
    from sync_worker.membership.records.store import MembershipStore
    from sync_worker.store.database import Store


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

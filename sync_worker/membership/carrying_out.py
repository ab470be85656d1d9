"""Carry out a prepared plan on the forum: what a run writes down before, and what the next one has to know."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.membership.applying.apply import Applier, furnish, group_ids_of, parents_of, unfurnished
from sync_worker.membership.applying.books import Aftermath, Books
from sync_worker.membership.applying.plugin import Declarable
from sync_worker.membership.applying.unseen import EmailAdder, Inviter
from sync_worker.membership.matching.identity import Match
from sync_worker.membership.observing.unseen import refuse_if_restored
from sync_worker.membership.planning.build import settle
from sync_worker.membership.planning.file import checksum
from sync_worker.membership.records.journal import ApplyReport, Failure
from sync_worker.membership.records.memberships import State, Tie, TieKey, TieRecord
from sync_worker.membership.records.store import is_ours
from sync_worker.model import ChangeKind
from sync_worker.rosters.source_cohorts import remember_cohorts
from sync_worker.store.hold import refuse_while_held

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sync_worker.forum.client import Forum
    from sync_worker.membership.preparing import Prepared
    from sync_worker.membership.records.store import MembershipStore
    from sync_worker.membership.state import CategoryState, GroupState
    from sync_worker.model import Change
    from sync_worker.store.database import Store


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
    report = perform(prepared, forum, Books.of(store.sessions, forum.name), now=now)
    prepared.access.view.bring_up_to_date()
    return report


def perform(prepared: Prepared, forum: Forum, books: Books, *, now: datetime) -> ApplyReport:
    """Do what `carry_out` does, with the books at hand."""
    prepared.check()
    plan, memory = prepared.plan, books.memory
    left_out = ApplyReport(failed=tuple(Failure(line, line.reason) for line in prepared.left_out))
    run = books.journal.free_id(f"sync-{now:%Y%m%dT%H%M%S}-{checksum(plan)[:8]}")
    write_first_notes(prepared, books, run, now)
    _accept(prepared, memory, now)  # before the first change: a run that is killed has let its strangers in
    _furnish(prepared, forum, memory)
    if not plan.effective:
        _keep_findings(prepared, books, ApplyReport(), ({}, {}), now)
        return left_out
    running = books.journal.begin(run, "sync", plan, now)
    core = Applier(forum, memory, running, run, now, group_ids_of(prepared.observed), parents_of(prepared.observed))
    writer = prepared.access.writer(core, lambda: _declarable(prepared))
    writer.carry_out(plan)
    report, ids = writer.report, _ids(prepared, memory)
    if not report.unreachable:
        for reach in (_add_by_email, _invite):
            more = reach(prepared, forum, books, report, ids[0], run, now)
            running.settle_report(more, now)
            report = report.plus(more)
    _keep_findings(prepared, books, report, ids, now)
    report = report.plus(left_out)
    books.journal.finish(run, now, report.outcome, report.counts)
    return report


def _furnish(prepared: Prepared, forum: Forum, memory: MembershipStore) -> None:
    """Furnish the categories that a run had made when it was ended. Calls: none where there are none."""
    for one in prepared.desired:
        category = unfurnished(one, prepared.observed, prepared.remembered)
        if category is not None:
            furnish(forum, memory, category)


def _accept(prepared: Prepared, memory: MembershipStore, now: datetime) -> None:
    """Remember what the roster had: it passed the guards, or a person accepted it."""
    accepted = prepared.rosters.accepted([one.cohort.key for one in prepared.desired], prepared.strangers)
    memory.write_accepted(prepared.rosters.rosters, accepted, now)


def _declarable(prepared: Prepared) -> Declarable:
    """Return which cohorts may be reported to the plugin."""
    ends = prepared.rosters.ends
    cohorts = {one.cohort.key: replace(one.cohort, end=ends[one.cohort.key]) for one in prepared.desired}
    shut = frozenset() if "adopt" in prepared.limits.allow else frozenset(_of_others(prepared))
    return Declarable(cohorts, shut, frozenset(_own_categories(prepared)))


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


def _keep_findings(
    prepared: Prepared,
    books: Books,
    report: ApplyReport,
    ids: tuple[Mapping[str, int], Mapping[str, int]],
    now: datetime,
) -> None:
    """Keep what was found out about the forum for the next run; `ids` as of `_ids`. Calls: as `Aftermath.keep`."""
    books.findings.write(prepared.matched)
    after = Aftermath(prepared.access.view, prepared.matched.accounts, now)
    after.keep(books.findings.snapshots, prepared.plan, report, *ids)


def _ids(prepared: Prepared, memory: MembershipStore) -> tuple[dict[str, int], dict[str, int]]:
    """Return the ids of the cohorts' groups by name and categories by slug, of those that were just made as well."""
    created = {key: made.forum_id for key, made in memory.read().created.items() if made.forum_id is not None}
    names = [name for one in prepared.desired for name in (one.cohort.group, one.cohort.lcm_group)]
    groups = {name: prepared.observed.group_ids.get(name) or created.get(("group", name)) for name in names}
    categories = {name: number for (kind, name), number in created.items() if kind == "category"}
    return {name: number for name, number in groups.items() if number is not None}, categories


# What a run writes down in the store before it changes anything on the forum.


def write_first_notes(prepared: Prepared, books: Books, run: str, now: datetime) -> None:
    """Remember who is who, where ties stand, who waits for removal, and what killed runs had done."""
    memory = books.memory
    memory.remember_people({key: match for key, match in prepared.who.items() if isinstance(match, Match)}, now)
    books.journal.settle_open(prepared.scene.shows, now)
    for kind, name, number in _made_unrecorded(prepared):
        adopted = prepared.remembered.created[kind, name].adopted
        memory.write_created(kind, name, number, run, now, adopted=adopted)
    books.unseen.write_down(prepared.unseen, prepared.who, prepared.observed, memory, run, now)
    ties = settle(prepared.desired, prepared.observed, prepared.remembered.ties)
    memory.write_ties(ties | dict(map(mark_of, prepared.plan.of(ChangeKind.GRACE))), run, now)


def mark_of(line: Change) -> tuple[TieKey, TieRecord]:
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

"""Carry out a prepared plan on the forum, and keep what the next run has to know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.membership.apply import Applier, ApplyReport, Failure, group_ids_of, parents_of
from sync_worker.membership.first_notes import write_first_notes
from sync_worker.membership.furnishing import furnish, unfurnished
from sync_worker.membership.journal import Journal
from sync_worker.membership.plan import settle
from sync_worker.membership.plan_file import checksum
from sync_worker.membership.plugin_apply import PluginApplier
from sync_worker.membership.plugin_sight import PluginSight
from sync_worker.membership.provenance import MembershipStore, is_ours
from sync_worker.membership.vanished import refuse_if_restored
from sync_worker.rosters.source_cohorts import remember_cohorts
from sync_worker.store.hold import refuse_while_held

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.journal import RunJournal
    from sync_worker.membership.outlook import Outlook
    from sync_worker.membership.preparing import Prepared
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
    write_first_notes(prepared, memory, journal, run, now)
    _accept(prepared, memory, now)  # before the first change: a run that is killed has let its strangers in
    _furnish(prepared, forum, memory)
    if not prepared.plan.effective:
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
    accepted = prepared.rosters.accepted([one.cohort.key for one in prepared.desired], prepared.strangers)
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

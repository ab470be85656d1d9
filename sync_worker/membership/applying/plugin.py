"""Carry out a plan where the forum has our plugin: one call to make a cohort, one to change its members."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.plugin_records import GroupChange
from sync_worker.membership.applying.apply import BulkChange, BulkOutcome
from sync_worker.membership.observing.plugin_facts import declaration
from sync_worker.membership.planning.categories import HEARS_OF_TOPICS
from sync_worker.model import Change, ChangeKind, fold
from sync_worker.model.details import ABSENT, CategorySpec, GroupSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.plugin_records import GroupChanged, MembersChanged, PluginCohort
    from sync_worker.membership.applying.apply import Applier
    from sync_worker.membership.observing.plugin_view import PluginView
    from sync_worker.membership.records.journal import ApplyReport
    from sync_worker.model import Cohort, Plan
    from sync_worker.model.details import Detail

LOG = logging.getLogger(__name__)
ADOPTING = (ChangeKind.ADOPT_GROUP, ChangeKind.ADOPT_CATEGORY)
MAKING = (ChangeKind.CREATE_GROUP, ChangeKind.CREATE_CATEGORY)
OF_PEOPLE = (ChangeKind.ADD, ChangeKind.ADD_OWNER, ChangeKind.REMOVE, ChangeKind.REMOVE_OWNER)
CHANGING = (
    *(ChangeKind.UPDATE_GROUP, ChangeKind.UPDATE_CATEGORY, ChangeKind.OPEN_CATEGORY),
    ChangeKind.ARCHIVE_CATEGORY,
)
GOES_ON = "the forum goes on with it; the next run sees it done"
GONE = "the forum has no such account any more; the next run looks the person up again"
ALREADY = frozenset({"already_member", "already_owner", "not_member", "not_owner"})


@dataclass(frozen=True, slots=True)
class Declarable:
    """Which cohorts may be reported to the plugin.

    Of the cohorts in `shut` a group or the category is somebody else's: the plugin does not hear of them, for it would
    take what has their names. `ours` are the slugs of cohorts' categories that are ours.
    """

    cohorts: Mapping[str, Cohort]
    shut: frozenset[str]
    ours: frozenset[str]


def report_unchanged(view: PluginView, may: Declarable, changing: Collection[str], now: datetime) -> None:
    """Report cohorts to the plugin that it does not know and in which nothing changes, as when it is installed later.

    Only those are whose category is there and ours; one that is not taken is reported at the next sync again.

    Args:
        view: what the plugin knows.
        may: which cohorts it may be told about.
        changing: those that a line of the plan is about: they are reported with it.
        now: aware.

    Calls: 1 for each of them.

    """
    for key in sorted(view.undeclared - set(changing) - may.shut):
        cohort, there = may.cohorts.get(key), view.state(key).category
        if cohort is None or there is None or cohort.category_slug not in may.ours:
            continue
        archived = cohort.over_on(now.astimezone(cohort.zone).date())
        body = declaration(cohort, create=False, adopt=True, parent=there.parent_slug, archived=archived)
        try:
            state, _ = view.plugin.declare(key, body)
        except ForumError as error:
            LOG.warning("the plugin does not know the cohort '%s' yet: %s", key, error)
            return
        view.undeclared.discard(key)
        view.changed(state)


@dataclass(frozen=True, slots=True)
class PluginApplier:
    """Works through a plan cohort by cohort; `core` does what the plugin does not know of, and keeps the report."""

    core: Applier
    view: PluginView
    may: Declarable

    @property
    def report(self) -> ApplyReport:
        """What became of the lines so far."""
        return self.core.report

    def carry_out(self, plan: Plan) -> None:
        """Do every effective line.

        Calls: 1 for each cohort that is made or reported for the first time, and 1 for each whose members change; as
        without the plugin for a cohort whose category was there before and is not ours.
        """
        for key in dict.fromkeys(change.cohort for change in plan.effective):
            lines = [change for change in plan.effective if change.cohort == key]
            self._make(key, lines)
            self._change_members(key, lines)
            elsewhere = [change for change in lines if not self._is_the_cohorts_own(change)]
            for kind in OF_PEOPLE:
                self.core.in_bulk(elsewhere, kind)

    def _make(self, key: str, lines: Sequence[Change]) -> None:
        """Make groups and categories: all with one declaration where they are plain ones, else one by one first."""
        adopting = [change for change in lines if change.kind in ADOPTING]
        for change in adopting:
            self.core.make(change)
        if key in self.may.shut:
            for change in lines:
                self.core.make(change)
            return
        making = [change for change in lines if change.kind in MAKING and self._is_the_cohorts_own_thing(change)]
        changing = [change for change in lines if change.kind in CHANGING or change.kind in MAKING]
        if not self._may_declare(key, making, adopting):
            for change in changing:
                self.core.make(change)
        elif changing and not all(self._is_declarable(change) for change in changing):
            for change in changing:
                self.core.make(change)
            if making or adopting or key in self.view.undeclared:
                self._declare(key, [])
        elif making or adopting or key in self.view.undeclared:
            self._declare(key, making)

    def _may_declare(self, key: str, making: Sequence[Change], adopting: Sequence[Change]) -> bool:
        """Whether declaring the cohort does what the plan says, and no more.

        The plugin takes no cohort whose category was there before and is not ours, and makes a category that is
        missing with the groups, also where the plan makes none.
        """
        slug = self.may.cohorts[key].category_slug
        if self.view.state(key).category is None:
            return not making or any(change.kind is ChangeKind.CREATE_CATEGORY for change in making)
        adopted = any(change.slug == slug for change in adopting)
        return adopted or slug in self.may.ours or slug in self.core.parents

    def _is_the_cohorts_own_thing(self, change: Change) -> bool:
        cohort = self.may.cohorts[change.cohort]
        if change.kind is ChangeKind.CREATE_CATEGORY:
            return change.slug == cohort.category_slug
        return change.target in (cohort.group, cohort.lcm_group)

    def _is_declarable(self, change: Change) -> bool:
        """Whether the plugin makes such a group or category as it is wanted."""
        return _is_plain(change.detail) and change.kind in MAKING and self._is_the_cohorts_own_thing(change)

    def _declare(self, key: str, making: Sequence[Change]) -> None:
        if self.core.unreachable:
            self.core.fail([(change, "not tried: the forum does not answer") for change in making])
            return
        cohort = self.may.cohorts[key]
        for change in making:
            self.core.store.write_created(_kind(change), _name(change), None, self.core.run, self.core.now)
        there = self.view.state(key).category
        body = declaration(
            cohort,
            create=bool(making),
            adopt=self._exists(cohort),
            parent=there.parent_slug if there else cohort.parent_category,
            archived=cohort.over_on(self.core.now.astimezone(cohort.zone).date()),
        )
        try:
            state, _ = self.view.plugin.declare(key, body)
        except ForumError as error:
            self._not_declared(making, error)
        else:
            self._declared(state, making)

    def _exists(self, cohort: Cohort) -> bool:
        """Whether something of a cohort is there already: ours, or adopted by a line of the plan."""
        named = {fold(cohort.group), fold(cohort.lcm_group)} & self.core.group_ids.keys()
        return bool(named or self.view.state(cohort.key).category or cohort.category_slug in self.core.parents)

    def _not_declared(self, making: Sequence[Change], error: ForumError) -> None:
        for change in making if not error.doubtful else ():
            self.core.store.forget_created(_kind(change), _name(change))
        self.core.not_done(making, error)

    def _declared(self, state: PluginCohort, making: Sequence[Change]) -> None:
        self.view.undeclared.discard(state.key)
        self.view.changed(state)
        for group in (state.group, state.lcm_group):
            if group:
                self.core.group_ids[fold(group.name)] = group.id
        for change in making:
            number = state.category.id if state.category else None
            if change.kind is ChangeKind.CREATE_GROUP:
                number = self.core.group_ids.get(fold(change.target))
            self.core.store.write_created(_kind(change), _name(change), number, self.core.run, self.core.now)
        self.core.succeed(making)

    def _is_the_cohorts_own(self, change: Change) -> bool:
        cohort = self.may.cohorts[change.cohort]
        return change.target in (cohort.group, cohort.lcm_group) and change.cohort not in self.view.undeclared

    def _change_members(self, key: str, lines: Sequence[Change]) -> None:
        """Send every change of the cohort's two groups in one call. Calls: 1, or 0 where there are none."""
        wanted = [change for change in lines if change.kind in OF_PEOPLE and self._is_the_cohorts_own(change)]
        possible = self.core.possible(wanted)
        if not possible:
            return
        for bulk, changes in self._bulks(possible):
            bulk.note_begun(changes)
        cohort = self.may.cohorts[key]
        try:
            answer = self.view.plugin.change_members(
                key,
                f"{self.core.run}-{key}"[-64:],
                _group_change(possible, cohort.group),
                _group_change(possible, cohort.lcm_group),
                expect=self.view.state(key).digest,
            )
        except ForumError as error:
            self._members_not_changed(possible, error)
            return
        self.view.digest_is(key, answer.digest)
        for bulk, changes in self._bulks(possible):
            self.core.record(_outcome(bulk, changes, answer, of_learners=bulk.group == cohort.group))

    def _members_not_changed(self, changes: Sequence[Change], error: ForumError) -> None:
        """Say that nothing was done where the forum said so; else the next run finds out by looking."""
        for bulk, some in self._bulks(changes):
            failed = [(change, str(error)) for change in some]
            self.core.record(BulkOutcome(doubtful=tuple(failed)) if error.doubtful else bulk.settle([], failed))
        self.core.unreachable = self.core.unreachable or self.core.is_silent(error)

    def _bulks(self, changes: Sequence[Change]) -> list[tuple[BulkChange, list[Change]]]:
        """Return the changes by group and kind, each with the books that it is written down in."""
        sorted_by = dict.fromkeys((change.target, change.kind) for change in changes)
        return [
            (
                BulkChange(
                    self.core.forum,
                    self.core.store,
                    self.core.group_ids[fold(group)],
                    group,
                    kind,
                    self.core.run,
                    self.core.now,
                ),
                [change for change in changes if (change.target, change.kind) == (group, kind)],
            )
            for group, kind in sorted_by
        ]


def _is_plain(detail: Detail) -> bool:
    """Whether a group or category is to be made with nothing that the plugin does not know of."""
    if isinstance(detail, GroupSpec):
        return detail.notifications is ABSENT
    if not isinstance(detail, CategorySpec) or detail.parent is not ABSENT or detail.tags is not ABSENT:
        return False
    # The plugin's own default is the same.
    return detail.furnishing is ABSENT or detail.furnishing.notifications == HEARS_OF_TOPICS


def _group_change(changes: Sequence[Change], group: str) -> GroupChange:
    def of(kind: ChangeKind) -> tuple[int, ...]:
        mine = (change for change in changes if change.target == group and change.kind is kind)
        return tuple(change.user_id for change in mine if change.user_id is not None)

    return GroupChange(of(ChangeKind.ADD), of(ChangeKind.REMOVE), of(ChangeKind.ADD_OWNER), of(ChangeKind.REMOVE_OWNER))


def _outcome(bulk: BulkChange, changes: Sequence[Change], answer: MembersChanged, *, of_learners: bool) -> BulkOutcome:
    """Return what became of the changes of one kind to one group."""
    told: GroupChanged = answer.group if of_learners else answer.lcm_group
    did = {
        ChangeKind.ADD: told.added,
        ChangeKind.REMOVE: told.removed,
        ChangeKind.ADD_OWNER: told.owners_added,
        ChangeKind.REMOVE_OWNER: told.owners_removed,
    }[bulk.kind]
    stands = set(did) | {number for number, reason in told.skipped.items() if reason in ALREADY}
    gone = {number for number, reason in told.skipped.items() if reason not in ALREADY}
    outcome = bulk.settle(
        [change for change in changes if change.user_id in stands - gone],
        [(change, GONE) for change in changes if change.user_id in gone],
    )
    waiting = [(change, GOES_ON) for change in changes if change.user_id not in stands | gone]
    return outcome.plus(BulkOutcome(doubtful=tuple(waiting)))


def _kind(change: Change) -> str:
    return "group" if change.kind is ChangeKind.CREATE_GROUP else "category"


def _name(change: Change) -> str:
    return change.target if change.kind is ChangeKind.CREATE_GROUP else change.slug or ""

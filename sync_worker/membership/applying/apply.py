"""Carry out a plan on the forum: what is made first, then who joins, then who goes; one failure stops nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.membership.applying.bulk import BulkChange, add_as_owners
from sync_worker.membership.applying.making import (
    MAKING,
    Maker,
)
from sync_worker.membership.records.journal import ApplyReport, Failure
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.applying.bulk import BulkOutcome
    from sync_worker.membership.records.journal import RunJournal
    from sync_worker.membership.records.store import MembershipStore
    from sync_worker.membership.state import CategoryState, Observed
    from sync_worker.model import Plan
GIVEN_UP = "not tried: the forum does not answer"


def apply_plan(
    plan: Plan,
    observed: Observed,
    forum: Forum,
    store: MembershipStore,
    journal: RunJournal,
    *,
    run: str,
    now: datetime,
) -> ApplyReport:
    """Carry out the effective lines of `plan` and say what became of each, here and in the run's journal.

    Calls: 1 for each group and category made or changed, and for each group that changes 1 a batch of people added,
    made owner or removed, and 1 an owner demoted; 1 less where all who join a group join as owners, and for each
    category made those of `furnish`.
    """
    applier = Applier(forum, store, journal, run, now, group_ids_of(observed), parents_of(observed))
    applier.carry_out(plan)
    return applier.report


def group_ids_of(observed: Observed) -> dict[str, int]:
    """Return the groups' ids by folded name."""
    return {fold(name): number for name, number in observed.group_ids.items()}


def parents_of(observed: Observed) -> dict[str, CategoryState]:
    """Return the parent categories that exist, by slug."""
    return {slug: parent for slug, parent in observed.parents.items() if parent}


@dataclass(slots=True)
class Applier:
    """Works through a plan; group ids and parent categories grow as they are made."""

    forum: Forum
    store: MembershipStore
    journal: RunJournal
    run: str
    now: datetime
    group_ids: dict[str, int]
    parents: dict[str, CategoryState]
    done: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unreachable: bool = False
    maker: Maker = field(init=False)

    def __post_init__(self) -> None:
        """Share what is made with what makes it."""
        self.maker = Maker(self.forum, self.store, self.run, self.now, self.group_ids, self.parents)

    @property
    def report(self) -> ApplyReport:
        """What became of the lines so far."""
        return ApplyReport(tuple(self.done), tuple(self.failed), self.unreachable, self.run)

    def carry_out(self, plan: Plan) -> None:
        """Do every effective line. Calls: as `apply_plan` says."""
        for cohort in dict.fromkeys(change.cohort for change in plan.effective):
            lines = [change for change in plan.effective if change.cohort == cohort]
            for change in lines:
                self.make(change)
            lines = self.joined_as_owners(lines)
            for kind in (ChangeKind.ADD, ChangeKind.ADD_OWNER):
                self.in_bulk(lines, kind)
        for kind in (ChangeKind.REMOVE_OWNER, ChangeKind.REMOVE):
            self.in_bulk(plan.effective, kind)

    def make(self, change: Change) -> None:
        """Make a group or category, or change a category; other lines are left alone."""
        if change.kind not in MAKING:
            return
        obstacle = GIVEN_UP if self.unreachable else self.maker.obstacle(change, self.failed)
        if obstacle:
            self.fail([(change, obstacle)])
            return
        try:
            self.maker.make(change)
        except ForumError as error:
            self.not_done([change], error)
        else:
            self.succeed([change])

    def succeed(self, changes: Sequence[Change]) -> None:
        """Report lines as done."""
        self.done += changes
        self.journal.settle(changes, "done", self.now)

    def not_done(self, changes: Sequence[Change], error: ForumError) -> None:
        """Report lines whose call failed, as the error says: doubtful, or not done.

        Calls: 0; 1 where something else than the forum answered, to see whether the forum itself still does.
        """
        failures = [(change, str(error)) for change in changes]
        if error.doubtful:
            self.doubt(failures)
        else:
            self.fail(failures)
        self.unreachable = self.unreachable or self.is_silent(error)

    def is_silent(self, error: ForumError) -> bool:
        """Whether the forum does not answer at all, and not only this call. Calls: 1, or 0 where no answer came."""
        return error.unreachable and (error.status is None or not self.forum.answers())

    def doubt(self, failures: Sequence[tuple[Change, str]]) -> None:
        """Report lines of which nobody knows; in the journal they stay open until the next look at the forum."""
        self.failed += [Failure(change, reason, doubtful=True) for change, reason in failures]

    def fail(self, failures: Sequence[tuple[Change, str]]) -> None:
        """Report lines as not done, with the reason."""
        self.failed += [Failure(change, reason) for change, reason in failures]
        for reason in dict.fromkeys(reason for _, reason in failures):
            self.journal.settle([change for change, why in failures if why == reason], "failed", self.now, reason)

    def in_bulk(self, lines: Sequence[Change], kind: ChangeKind) -> None:
        """Do all lines of one kind, group by group."""
        for group in dict.fromkeys(change.target for change in lines if change.kind is kind):
            changes = self.possible([change for change in lines if change.kind is kind and change.target == group])
            if changes:
                self.record(self._bulk(group, kind).do(changes))

    def _bulk(self, group: str, kind: ChangeKind) -> BulkChange:
        return BulkChange(self.forum, self.store, self.group_ids[fold(group)], group, kind, self.run, self.now)

    def joined_as_owners(self, lines: Sequence[Change]) -> list[Change]:
        """Make people members and owners of a group at once where all who join it join as owners.

        Returns the lines that are left: those of other groups, and those that the forum refused so.
        """
        tried: set[int] = set()
        for group in dict.fromkeys(change.target for change in lines if change.kind is ChangeKind.ADD):
            here = [change for change in lines if change.target == group]
            joining = [change for change in here if change.kind is ChangeKind.ADD]
            owning = [change for change in here if change.kind is ChangeKind.ADD_OWNER]
            everybody = {change.user_id for change in joining} <= {change.user_id for change in owning}
            if everybody and fold(group) in self.group_ids and not self.unreachable:
                outcome = add_as_owners(self._bulk(group, ChangeKind.ADD), joining, owning)
                if outcome is not None:
                    self.record(outcome)
                    tried |= {id(change) for change in (*joining, *owning)}
        return [change for change in lines if id(change) not in tried]

    def possible(self, changes: Sequence[Change]) -> list[Change]:
        """Return the lines that can be tried: the group was made, and who becomes owner could be added."""
        not_added = {(line.change.target, line.change.user_id) for line in self.failed}
        possible, failed = [], []
        for change in changes:
            if self.unreachable:
                failed.append((change, GIVEN_UP))
            elif fold(change.target) not in self.group_ids:
                failed.append((change, f"the group '{change.target}' could not be made"))
            elif change.kind is ChangeKind.ADD_OWNER and (change.target, change.user_id) in not_added:
                failed.append((change, "could not be added to the group"))
            else:
                possible.append(change)
        self.fail(failed)
        return possible

    def record(self, outcome: BulkOutcome) -> None:
        """Report what became of a bulk change."""
        self.succeed(outcome.done)
        self.fail(outcome.failed)
        self.doubt(outcome.doubtful)
        self.unreachable = self.unreachable or outcome.unreachable

"""Carry out a plan on the forum: what is made first, then who joins, then who goes; one failure stops nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.membership.applying.making import MAKING, Maker
from sync_worker.membership.observing.observe import read_members
from sync_worker.membership.records.journal import ApplyReport, Failure
from sync_worker.membership.records.ties import State, Tie, TieKey, TieRecord
from sync_worker.membership.state import JOINING, OWNING
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.records.journal import RunJournal
    from sync_worker.membership.records.memberships import MembershipStore
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


# Add, remove, or make owner many people of one group: written down before and after, settled when a call fails.


GONE = "the forum does not have the account any more; the next run looks the person up again"


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """Which lines were done, and which not, with the reason; of the doubtful nobody knows until the next look."""

    done: tuple[Change, ...] = ()
    failed: tuple[tuple[Change, str], ...] = ()
    doubtful: tuple[tuple[Change, str], ...] = ()
    unreachable: bool = False

    def plus(self, other: BulkOutcome) -> BulkOutcome:
        """Return both outcomes as one."""
        return BulkOutcome(
            self.done + other.done,
            self.failed + other.failed,
            self.doubtful + other.doubtful,
            self.unreachable or other.unreachable,
        )


@dataclass(frozen=True, slots=True)
class BulkChange:
    """One kind of change to one group."""

    forum: Forum
    store: MembershipStore
    group_id: int
    group: str
    kind: ChangeKind
    run: str
    now: datetime

    def do(self, changes: Sequence[Change]) -> BulkOutcome:
        """Do the lines in as few calls as may be.

        Calls: 1 a batch (an owner is demoted by a call of its own). A refused batch is tried again in halves, so that
        one person's failure is nobody else's; after a failure that leaves doubt the members are read again.
        """
        self.note_begun(changes)
        return self._try(changes)

    def note_begun(self, changes: Sequence[Change]) -> None:
        """Write down that these are about to be done."""
        self._write(changes, State.ADDING if self.kind in JOINING else State.REMOVING)

    def _try(self, changes: Sequence[Change]) -> BulkOutcome:
        try:
            known = self._call(changes)
        except ForumError as error:
            if not error.refused:
                return self.after_doubt(changes, error)
            if len(changes) > 1:
                middle = len(changes) // 2
                return self._try(changes[:middle]).plus(self._try(changes[middle:]))
            return self.settle([], [(change, str(error)) for change in changes])
        return self.settle_known(changes, known)

    def settle_known(self, changes: Sequence[Change], accounts: Collection[int]) -> BulkOutcome:
        """Write down that these accounts were done, and that the forum does not have the others."""
        done = [change for change in changes if change.user_id in accounts]
        skipped = [change for change in changes if change.user_id not in accounts]
        return self.settle(done, [(change, GONE) for change in skipped])

    def _call(self, changes: Sequence[Change]) -> Collection[int]:
        """Make the call and return the ids of the accounts that now stand as wanted."""
        accounts = ids_of(changes)
        if self.kind is ChangeKind.ADD:
            return set(self.forum.add_members(self.group_id, accounts).done)
        if self.kind is ChangeKind.REMOVE:
            result = self.forum.remove_members(self.group_id, accounts)
            return {*result.done, *result.skipped}
        if self.kind is ChangeKind.ADD_OWNER:
            return set(self.forum.add_owners(self.group_id, accounts))
        for account in accounts:
            self.forum.remove_owner(self.group_id, account)
        return set(accounts)

    def after_doubt(self, changes: Sequence[Change], error: ForumError) -> BulkOutcome:
        """Find out what a failed call did all the same; what cannot be found out now, the next run settles."""
        reason = str(error)
        try:
            members, owners = read_members(self.forum, self.group)
        except ForumError as second:
            lost = tuple((change, reason) for change in changes)
            return BulkOutcome(doubtful=lost, unreachable=second.unreachable)
        there = owners if self.kind in OWNING else frozenset(members)
        joining = self.kind in JOINING
        done = [change for change in changes if (change.user_id in there) is joining]
        failed = [(change, reason) for change in changes if (change.user_id in there) is not joining]
        return self.settle(done, failed)

    def settle(self, done: Sequence[Change], failed: Sequence[tuple[Change, str]]) -> BulkOutcome:
        """Write down what was done, and that the rest stands as before."""
        joining = self.kind in JOINING
        self._write(done, State.ADDED if joining else State.REMOVED)
        self._write([change for change, _ in failed], State.REMOVED if joining else State.ADDED)
        if self.kind is ChangeKind.REMOVE:
            gone = [change.user_id for change in done if change.user_id is not None]
            self.store.end_ownerships(self.group, gone, self.now)
        return BulkOutcome(tuple(done), tuple(failed))

    def _write(self, changes: Sequence[Change], state: State) -> None:
        tie = Tie.OWNER if self.kind in OWNING else Tie.MEMBER
        ties = {
            TieKey(self.group, change.user_id, tie): TieRecord(
                state,
                change.username or "",
                change.key,
                change.cohort,
                change.digests,
            )
            for change in changes
            if change.user_id is not None
        }
        if ties:
            self.store.write_ties(ties, self.run, self.now)


def add_as_owners(joining: BulkChange, lines: Sequence[Change], owning: Sequence[Change]) -> BulkOutcome | None:
    """Make people owners, and with the same call members where they are not.

    `lines` are about joining, `owning` about becoming owner. None says that the forum refused: then the lines are to be
    done one kind after the other. Calls: 1, and 2 more after a failure that leaves doubt.
    """
    owners = replace(joining, kind=ChangeKind.ADD_OWNER)
    joining.note_begun(lines)
    owners.note_begun(owning)
    try:
        known = set(joining.forum.add_owners(joining.group_id, ids_of(owning)))
    except ForumError as error:
        if error.refused:
            return None
        return joining.after_doubt(lines, error).plus(owners.after_doubt(owning, error))
    return joining.settle_known(lines, known).plus(owners.settle_known(owning, known))


def ids_of(changes: Sequence[Change]) -> list[int]:
    """Return the accounts that changes are about."""
    return [change.user_id for change in changes if change.user_id is not None]

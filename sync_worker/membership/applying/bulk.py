"""Add, remove, or make owner many people of one group: written down before and after, settled when a call fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.membership.observing.observe import read_members
from sync_worker.membership.records.memberships import State, Tie, TieKey, TieRecord
from sync_worker.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.records.store import MembershipStore
    from sync_worker.model import Change

JOINING = (ChangeKind.ADD, ChangeKind.ADD_OWNER)
OWNING = (ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER)
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
                str(change.detail.get("key", "")),
                change.cohort,
                str(change.detail.get("digests", "")),
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

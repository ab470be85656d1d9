"""Adding people to a group by their addresses, without having looked their accounts up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.reading import NAMES_A_CALL
from sync_worker.membership.applying.snapshots_after import Aftermath
from sync_worker.membership.observing.forum_view import NEVER, calls_to_read, mark_of
from sync_worker.membership.records.emailed import SENDING, SENT, UNSURE, EmailedAccount, EmailedPerson
from sync_worker.membership.records.report import ApplyReport, Failure
from sync_worker.membership.state import Account
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import EmailBatch, Member
    from sync_worker.membership.observing.forum_view import ForumView
    from sync_worker.membership.observing.snapshots import GroupSnapshot
    from sync_worker.membership.records.emailed import EmailedStore
    from sync_worker.model import Plan


@dataclass(frozen=True, slots=True)
class EmailAdder:
    """Carries the lines out that add people by e-mail; `accounts` are the people whom the run found, by id."""

    forum: Forum
    store: EmailedStore
    view: ForumView
    accounts: Mapping[int, Account]
    run: str
    now: datetime

    def carry_out(self, plan: Plan, so_far: ApplyReport, group_ids: Mapping[str, int]) -> ApplyReport:
        """Add them after what the run has done `so_far`. Calls: as `EmailAddition.do` for each group."""
        done: list[Change] = []
        failed: list[Failure] = []
        for group in dict.fromkeys(change.target for change in plan.of(ChangeKind.ADD_BY_EMAIL)):
            lines = [change for change in plan.of(ChangeKind.ADD_BY_EMAIL) if change.target == group]
            if group not in group_ids:
                failed += [Failure(line, f"the group '{group}' could not be made") for line in lines]
                continue
            before = Aftermath(self.view, self.accounts, self.now).group(group, group_ids[group], so_far)
            addition = EmailAddition(self.forum, self.store, group_ids[group], group, before, self.run, self.now)
            did, did_not, snapshot = addition.do(lines)
            done += did
            failed += did_not
            if snapshot:
                self.view.groups[group] = snapshot
        return ApplyReport(tuple(done), tuple(failed))


@dataclass(frozen=True, slots=True)
class EmailAddition:
    """Adds people to one group by their addresses; `before` is the group until now."""

    forum: Forum
    store: EmailedStore
    group_id: int
    group: str
    before: GroupSnapshot
    run: str
    now: datetime

    def do(self, lines: Sequence[Change]) -> tuple[list[Change], list[Failure], GroupSnapshot | None]:
        """Add them; return the lines done, those not done with the reason, and the group as it is now.

        Calls: 1 per 200 to 1,000 addresses, and to see who came of it 1 up to a hundred, else 1 a thousand members; 1
        more for the log of a group that has more than a thousand.
        """
        people = {str(line.detail["email"]).strip().lower(): line for line in lines}
        self.store.write_before(self.group, self.group_id, self.before.members.keys(), self.now)
        self._write(lines, SENDING)
        batches: list[EmailBatch] = []
        failure, doubtful = "", False
        try:
            for batch in self.forum.add_by_email(self.group_id, list(people)):
                batches.append(batch)
        except ForumError as error:
            failure, doubtful = str(error), error.doubtful
        done = [people[email] for batch in batches for email in batch.emails]
        sure = [people[email] for batch in batches if _knew_all(batch) for email in batch.emails]
        snapshot = self._pair_accounts(batches)
        if snapshot is not None:
            self._write(sure, SENT)
        certain = set(map(id, sure)) if snapshot is not None else set()
        self._write([line for line in lines if id(line) not in certain], UNSURE)
        reached = set(map(id, done))
        return done, [Failure(line, failure, doubtful) for line in lines if id(line) not in reached], snapshot

    def _pair_accounts(self, batches: Sequence[EmailBatch]) -> GroupSnapshot | None:
        """Write down which accounts are in the group because of this; None where the forum cannot be read now."""
        named = {fold(name): name for batch in batches for name in batch.usernames or ()}
        size = self.before.count + len(named)
        try:
            mark = mark_of(self.forum, self.group) if calls_to_read(size) > 1 else NEVER
            found, whole = self._members(list(named.values()), calls_to_read(size))
        except ForumError:
            return None
        joined = [m for m in found if m.id not in self.before.members and fold(m.username) in named]
        accounts = {member.id: EmailedAccount(member.username, self.run) for member in joined}
        self.store.write_accounts(self.group, accounts, self.now)
        now_there = {m.id: Account(m.id, m.username, m.name) for m in (found if whole else joined)}
        return replace(
            self.before,
            members=now_there if whole else {**self.before.members, **now_there},
            owners=frozenset(m.id for m in found if m.owner) if whole else self.before.owners,
            count=len(now_there) if whole else self.before.count + len(now_there),
            mark=mark,
        )

    def _members(self, usernames: Sequence[str], calls: int) -> tuple[list[Member], bool]:
        """Return the members among these accounts, or all members of the group where that is cheaper; and which."""
        if not usernames:
            return [], False
        if calls > 1 and len(usernames) <= NAMES_A_CALL:
            return self.forum.members_named(self.group, usernames), False
        return [member for member in self.forum.members(self.group) if member.id > 0], True

    def _write(self, lines: Sequence[Change], state: str) -> None:
        rows = [
            EmailedPerson(self.group, str(line.detail["key"]), line.cohort, str(line.detail["email"]), state)
            for line in lines
        ]
        self.store.write_people(rows, self.run, self.now)


def _knew_all(batch: EmailBatch) -> bool:
    return batch.usernames is not None and len(set(batch.usernames)) == len(batch.emails)

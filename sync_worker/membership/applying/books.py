"""Where one run writes down what it does, and what the forum is like afterwards, so that the next run knows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.abilities import AbilityStore
from sync_worker.membership.observing.asking import CategorySnapshot, GroupSnapshot, SnapshotStore, UnfoundStore
from sync_worker.membership.observing.forum_view import NEVER
from sync_worker.membership.observing.unseen import UnseenStore
from sync_worker.membership.planning.upkeep import JOINING
from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.membership.state import Account
from sync_worker.model import ChangeKind
from sync_worker.model.details import CategorySpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.observing.forum_view import ForumView
    from sync_worker.membership.observing.match import Matched
    from sync_worker.membership.records.journal import ApplyReport
    from sync_worker.model import Plan


@dataclass(frozen=True, slots=True)
class FindingStore:
    """Keeps what a run found out about one forum, so that the next one makes fewer calls."""

    sessions: sessionmaker[Session]
    forum: str

    @property
    def snapshots(self) -> SnapshotStore:
        """Where groups and categories are kept as they were read."""
        return SnapshotStore(self.sessions, self.forum)

    def write(self, matched: Matched) -> None:
        """Keep what the forum can do, and whom it does not have."""
        AbilityStore(self.sessions, self.forum).write(matched.abilities)
        UnfoundStore(self.sessions, self.forum).write(matched.found.unfound)


@dataclass(frozen=True, slots=True)
class Books:
    """All that one run writes into."""

    memory: MembershipStore
    journal: Journal
    unseen: UnseenStore
    findings: FindingStore

    @classmethod
    def of(cls, sessions: sessionmaker[Session], forum: str) -> Books:
        """Return the books about one forum."""
        return cls(
            MembershipStore(sessions, forum),
            Journal(sessions, forum),
            UnseenStore(sessions, forum),
            FindingStore(sessions, forum),
        )


# What the forum is like after a run, without another look: kept for the next run, and compared with by additions.


OF_CATEGORIES = (ChangeKind.CREATE_CATEGORY, ChangeKind.UPDATE_CATEGORY, ChangeKind.ARCHIVE_CATEGORY)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was seen, and what the run did to it; `accounts` are the people it found."""

    view: ForumView
    accounts: Mapping[int, Account]
    now: datetime

    def group(self, name: str, number: int, report: ApplyReport) -> GroupSnapshot:
        """Return a group as it is after what was done to it."""
        return self._after(self.view.groups.get(name) or self._empty(name, number), report)

    def keep(
        self,
        store: SnapshotStore,
        plan: Plan,
        report: ApplyReport,
        group_ids: Mapping[str, int],
        made_ids: Mapping[str, int],
    ) -> None:
        """Keep groups and categories as they are now; `made_ids` are the categories' ids by slug.

        Calls: 1 for each group of more than a thousand that changed; none with the Data Explorer.
        """
        touched = {change.cohort for change in plan.of(*OF_CATEGORIES)}
        wrong = {failure.change.target for failure in report.failed}
        store.forget(wrong, self.view.categories if touched or wrong else ())
        if self.view.abilities.explorer:
            return  # everything is read every time
        fresh = [self._marked(seen, report) for name, seen in self.view.groups.items() if name not in self.view.stale]
        made = [
            self._marked(self._empty(name, number), report)
            for name, number in group_ids.items()
            if name not in self.view.groups
        ]
        categories = self._made_categories(report, made_ids) if touched else self._fresh_categories()
        store.write([seen for seen in (*fresh, *made) if seen.name not in wrong], () if wrong else categories)

    def _made_categories(self, report: ApplyReport, made_ids: Mapping[str, int]) -> list[CategorySnapshot]:
        """Return the categories that were just made as they were made."""
        made = [change.detail for change in report.done if isinstance(change.detail, CategorySpec)]
        return [
            CategorySnapshot(made_ids[one.slug], dict(one.permissions), frozenset(one.moderators), self.now)
            for one in made
            if one.slug in made_ids
        ]

    def _fresh_categories(self) -> list[CategorySnapshot]:
        view = self.view
        return [seen for number, seen in view.categories.items() if number not in view.stale_categories]

    def _after(self, seen: GroupSnapshot, report: ApplyReport) -> GroupSnapshot:
        """Return a group as it is after what was done to it."""
        done = [change for change in report.done if change.target == seen.name and change.user_id is not None]
        if not done:
            return seen
        members, owners = dict(seen.members), set(seen.owners)
        for change in done:
            number = change.user_id or 0
            if change.kind in JOINING:
                members.setdefault(number, self._account(number, change.username or ""))
            if change.kind is ChangeKind.ADD_OWNER:
                owners.add(number)
            if change.kind in (ChangeKind.REMOVE, ChangeKind.REMOVE_OWNER):
                owners.discard(number)
            if change.kind is ChangeKind.REMOVE:
                members.pop(number, None)
        count = seen.count + len(members) - len(seen.members)
        return replace(seen, members=members, owners=frozenset(owners), count=count)

    def _marked(self, seen: GroupSnapshot, report: ApplyReport) -> GroupSnapshot:
        """Return a group as it is after what was done to it, with its newest log entry. Calls: 1 for a large one."""
        after = self._after(seen, report)
        return replace(after, mark=self.view.mark_after(after, changed=after != seen))

    def _empty(self, name: str, number: int) -> GroupSnapshot:
        return GroupSnapshot(name, number, 0, NEVER, {}, frozenset(), self.now)

    def _account(self, number: int, username: str) -> Account:
        found = self.accounts.get(number)
        return Account(number, username, found.name if found else "")

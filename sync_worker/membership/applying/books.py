"""Where one run writes down what it does, and what the next one has to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.membership.matching.abilities import AbilityStore
from sync_worker.membership.matching.finding import UnfoundStore
from sync_worker.membership.observing.snapshots import SnapshotStore
from sync_worker.membership.observing.unseen import UnseenStore
from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.store import MembershipStore

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.observing.match import Matched


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

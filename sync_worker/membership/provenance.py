"""Which memberships are ours: written down before and after each call, settled by looking at the forum."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from sync_worker.membership.accepted import AcceptedRosters
from sync_worker.membership.accepted_store import AcceptedStore
from sync_worker.membership.state import Account
from sync_worker.membership.ties import State, Tie, TieBook, TieKey, TieRecord
from sync_worker.store.database import upsert
from sync_worker.store.tables import CreatedRow, IdentityRow, MembershipRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.accepted import Accepted
    from sync_worker.membership.identity import Match

_TIES = select(
    MembershipRow.group_name,
    MembershipRow.user_id,
    MembershipRow.role,
    MembershipRow.state,
    MembershipRow.username,
    MembershipRow.person,
    MembershipRow.cohort,
    MembershipRow.digests,
    MembershipRow.since,
    MembershipRow.clean_runs,
)


@dataclass(frozen=True, slots=True)
class Created:
    """A group or category that we made (`forum_id` is None while the call was under way)."""

    forum_id: int | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that earlier runs left behind for one forum."""

    ties: TieBook = field(default_factory=TieBook)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    created: Mapping[tuple[str, str], Created] = field(default_factory=dict)
    rosters: AcceptedRosters = field(default_factory=AcceptedRosters)


@dataclass(frozen=True, slots=True)
class MembershipStore:
    """Reads and writes what membership remembers about one forum; every write is committed when it returns."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self) -> Remembered:
        """Return everything remembered."""
        with self.sessions() as session:
            ties = session.execute(_TIES.where(MembershipRow.forum == self.forum))
            people = session.scalars(select(IdentityRow).where(IdentityRow.forum == self.forum)).all()
            created = session.scalars(select(CreatedRow).where(CreatedRow.forum == self.forum)).all()
            return Remembered(
                ties=TieBook.of(map(_tie, ties)),
                accounts={row.person: Account(row.user_id, row.username) for row in people},
                created={(row.kind, row.name): Created(row.forum_id) for row in created},
                rosters=AcceptedStore(self.sessions, self.forum).read(),
            )

    def write_ties(self, ties: Mapping[TieKey, TieRecord], run: str, now: datetime) -> None:
        """Write down where ties stand."""
        rows = [
            {
                "forum": self.forum,
                "group_name": key.group,
                "user_id": key.user_id,
                "role": key.tie.value,
                "username": record.username,
                "person": record.person,
                "cohort": record.cohort,
                "digests": record.digests,
                "state": record.state.value,
                "since": record.since,
                "clean_runs": record.clean_runs,
                "run": run,
                "at": now,
            }
            for key, record in ties.items()
        ]
        with self.sessions.begin() as session:
            upsert(session, MembershipRow, rows)

    def end_ownerships(self, group: str, user_ids: Collection[int], now: datetime) -> None:
        """Write down that people who were removed from a group own it no longer."""
        with self.sessions.begin() as session:
            session.execute(
                update(MembershipRow)
                .where(
                    MembershipRow.forum == self.forum,
                    MembershipRow.group_name == group,
                    MembershipRow.role == Tie.OWNER.value,
                    MembershipRow.user_id.in_(user_ids),
                )
                .values(state=State.REMOVED.value, at=now)
            )

    def remember_people(self, matches: Mapping[str, Match], now: datetime) -> None:
        """Keep who is who: new matches, and new usernames of old ones."""
        with self.sessions.begin() as session:
            query = select(IdentityRow.person, IdentityRow.user_id, IdentityRow.username)
            known = {
                person: (number, username)
                for person, number, username in session.execute(query.where(IdentityRow.forum == self.forum))
            }
            news = {
                person: match
                for person, match in matches.items()
                if known.get(person) != (match.account.id, match.account.username)
            }
            rows = [
                {
                    "forum": self.forum,
                    "person": person,
                    "user_id": match.account.id,
                    "username": match.account.username,
                    "matched_by": match.by,
                    "at": now,
                }
                for person, match in news.items()
                if person not in known or known[person][0] != match.account.id
            ]
            upsert(session, IdentityRow, rows)
            for person, match in news.items():
                if person in known and known[person][0] == match.account.id:
                    renamed = (IdentityRow.forum == self.forum, IdentityRow.person == person)
                    session.execute(update(IdentityRow).where(*renamed).values(username=match.account.username))

    def write_created(self, kind: str, name: str, forum_id: int | None, run: str, now: datetime) -> None:
        """Write down that a group or category is being made (`forum_id` None) or was made."""
        state = "making" if forum_id is None else "made"
        with self.sessions.begin() as session:
            session.merge(
                CreatedRow(forum=self.forum, kind=kind, name=name, forum_id=forum_id, state=state, run=run, at=now)
            )

    def forget_created(self, kind: str, name: str) -> None:
        """Take back that a group or category is being made: the forum refused it."""
        with self.sessions.begin() as session:
            session.execute(
                delete(CreatedRow).where(
                    CreatedRow.forum == self.forum, CreatedRow.kind == kind, CreatedRow.name == name
                )
            )

    def write_accepted(self, rosters: AcceptedRosters, accepted: Mapping[str, Accepted], now: datetime) -> None:
        """Keep what the accepted roster had of each cohort, to notice when the next one is very different."""
        AcceptedStore(self.sessions, self.forum).write(rosters, accepted, now)


def _tie(row: Any) -> tuple[TieKey, TieRecord]:
    group, number, tie, state, username, person, cohort, digests, since, clean_runs = row
    record = TieRecord(State(state), username, person, cohort, digests, since, clean_runs)
    return TieKey(group, number, Tie(tie)), record

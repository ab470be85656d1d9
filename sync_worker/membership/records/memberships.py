"""Which memberships are ours, written down before and after each call, and what else earlier runs left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from sync_worker.membership.matching.accounts import EMAIL, REMEMBERED, Memory, Recognised
from sync_worker.membership.records.accepted import AcceptedRosters, AcceptedStore
from sync_worker.membership.records.ties import State, Tie, TieBook, TieKey, TieRecord
from sync_worker.membership.state import Account, Thing
from sync_worker.store.accounts import move_account, move_wishes
from sync_worker.store.database import upsert
from sync_worker.store.tables import CreatedRow, IdentityRow, MembershipRow, SettlementRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.matching.accounts import Match
    from sync_worker.membership.records.accepted import Accepted


ADOPTED = "adopted"
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
    """A group or category that we made (`forum_id` is None while the call was under way), or `adopted`."""

    forum_id: int | None
    adopted: bool = False


def is_ours(created: Mapping[Thing, Created], kind: str, name: str, forum_id: int | None) -> bool:
    """Whether a group or category that the forum has is the one that we made or adopted: by its id, not by its name.

    While a call that makes one is under way, or was killed, its id is not known: then the name is believed.
    """
    made = created.get(Thing(kind, name))
    return made is not None and made.forum_id in (None, forum_id)


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that earlier runs left behind for one forum."""

    ties: TieBook = field(default_factory=TieBook)
    memory: Memory = field(default_factory=Memory)
    created: Mapping[Thing, Created] = field(default_factory=dict)
    rosters: AcceptedRosters = field(default_factory=AcceptedRosters)

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The account of each person who was matched, by person key."""
        return {key: known.account for key, known in self.memory.recognised.items()}


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
            nobody = session.scalars(select(SettlementRow).where(*_nobodies(self.forum))).all()
            book = TieBook.of(map(_tie, ties))
            return Remembered(
                ties=book,
                memory=Memory(
                    {row.person: _recognised(row) for row in people},
                    {row.person: (row.fingerprint, f"{row.by} on {row.at:%Y-%m-%d}") for row in nobody},
                    book.stands,
                ),
                created={Thing(row.kind, row.name): Created(row.forum_id, row.state == ADOPTED) for row in created},
                rosters=AcceptedStore(self.sessions, self.forum).read(),
            )

    def made(self, kind: str, name: str) -> Created | None:
        """Return what is written down about a group or category that is ours."""
        with self.sessions() as session:
            row = session.get(CreatedRow, (self.forum, kind, name))
            return Created(row.forum_id, row.state == ADOPTED) if row else None

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
        """Keep who is who: new matches, and new usernames of old ones.

        Whose account is gone and who has another one keeps what was known, chosen, sent and asked: it goes along in the
        same transaction, since the next run recognises the person by the new account.
        """
        with self.sessions.begin() as session:
            query = select(IdentityRow.person, IdentityRow.user_id, IdentityRow.username)
            known = {
                person: (number, username)
                for person, number, username in session.execute(query.where(IdentityRow.forum == self.forum))
            }
            news = {
                person: match
                for person, match in matches.items()
                if match.evidence is not None or known.get(person) != (match.account.id, match.account.username)
            }
            rows = [
                {
                    "forum": self.forum,
                    "person": person,
                    "user_id": match.account.id,
                    "username": match.account.username,
                    # Who accepted an invitation is new here, and remembered already: by the address it went to.
                    "matched_by": EMAIL if match.by == REMEMBERED else match.by,
                    "evidence": dict(match.evidence or {}),
                    "made_at": match.account.made_at,
                    "at": now,
                }
                for person, match in news.items()
                if person not in known or known[person][0] != match.account.id
            ]
            upsert(session, IdentityRow, rows)
            for person, match in news.items():
                if match.lost is not None and person in known and known[person][0] == match.lost != match.account.id:
                    move = move_wishes if match.anonymised else move_account
                    move(session, self.forum, match.lost, match.account.id, match.account.username)
            same = {key: match for key, match in news.items() if key in known and known[key][0] == match.account.id}
            _update_people(session, self.forum, same)

    def write_created(
        self, kind: str, name: str, forum_id: int | None, run: str, now: datetime, *, adopted: bool = False
    ) -> None:
        """Write down that a group or category is being made (`forum_id` None), was made, or is adopted."""
        state = ADOPTED if adopted else "making" if forum_id is None else "made"
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


def _update_people(session: Session, forum: str, matches: Mapping[str, Match]) -> None:
    """Write down what is new about people whose account is the one that it was."""
    for person, match in matches.items():
        values: dict[str, Any] = {"username": match.account.username}
        values |= {"evidence": dict(match.evidence)} if match.evidence is not None else {}
        values |= {"made_at": match.account.made_at} if match.account.made_at is not None else {}
        them = (IdentityRow.forum == forum, IdentityRow.person == person)
        session.execute(update(IdentityRow).where(*them).values(values))


def _nobodies(forum: str) -> tuple[Any, ...]:
    return SettlementRow.forum == forum, SettlementRow.user_id.is_(None), SettlementRow.undone_at.is_(None)


def _recognised(row: IdentityRow) -> Recognised:
    return Recognised(Account(row.user_id, row.username, made_at=row.made_at), row.at, row.evidence)


def _tie(row: Any) -> tuple[TieKey, TieRecord]:
    group, number, tie, state, username, person, cohort, digests, since, clean_runs = row
    record = TieRecord(State(state), username, person, cohort, digests, since, clean_runs)
    return TieKey(group, number, Tie(tie)), record

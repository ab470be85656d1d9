"""Which memberships are ours and how far each has come: written down around each call, settled by looking."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from sync_worker.membership.matching.accounts import EMAIL, REMEMBERED, Memory, Recognised
from sync_worker.membership.records.accepted import AcceptedRosters, AcceptedStore
from sync_worker.membership.state import Account, Thing
from sync_worker.model import fold
from sync_worker.store.accounts import move_account, move_wishes
from sync_worker.store.database import upsert
from sync_worker.store.tables import CreatedRow, IdentityRow, MembershipRow, SettlementRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.matching.accounts import Match
    from sync_worker.membership.records.accepted import Accepted
    from sync_worker.model import Person


DIGEST_LENGTH = 16
MOST_DIGESTS = 12  # of one tie: what the roster says of a person today, and said before


class Tie(StrEnum):
    """What ties a person to a group."""

    MEMBER = "member"
    OWNER = "owner"


class State(StrEnum):
    """How far we are with a tie of ours; `marked` is to be removed when its grace is over."""

    ADDING = "adding"
    ADDED = "added"
    MARKED = "marked"
    REMOVING = "removing"
    REMOVED = "removed"
    LEFT = "left"


OURS = frozenset({State.ADDED, State.MARKED})
OPEN = frozenset({State.ADDING, State.REMOVING, State.MARKED, State.LEFT})


@dataclass(frozen=True, slots=True, order=True)
class TieKey:
    """A tie of a person to a group."""

    group: str
    user_id: int
    tie: Tie = Tie.MEMBER


@dataclass(frozen=True, slots=True)
class TieRecord:
    """What we wrote down about a tie.

    `cohort` is the key of the cohort for which it was made, `digests` what `protected` is compared with; `since` and
    `clean_runs` say when a marked person was marked, and in how many runs the roster has dismissed them.
    """

    state: State
    username: str
    person: str
    cohort: str = ""
    digests: str = ""
    since: datetime | None = None
    clean_runs: int = 0

    def now(self, state: State) -> TieRecord:
        """Return the record in another state, without a mark."""
        return replace(self, state=state, since=None, clean_runs=0)


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of one kind to one group by user id.

    `ours` stand as far as we know, `open` need a look at the forum. `changed` goes before `records`.
    """

    records: Mapping[int, TieRecord] = field(default_factory=dict)
    ours: AbstractSet[int] = frozenset()
    open: AbstractSet[int] = frozenset()
    changed: Mapping[int, TieRecord] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Mapping[int, TieRecord]) -> Ties:
        """Return the ties with their indexes."""
        ours = frozenset(number for number, record in records.items() if record.state in OURS)
        return cls(records, ours, frozenset(number for number, record in records.items() if record.state in OPEN))

    def plus(self, changed: Mapping[int, TieRecord]) -> Ties:
        """Return the ties with some of them changed; the others are not copied."""
        if not changed:
            return self
        ours = {number for number, record in changed.items() if record.state in OURS}
        opened = {number for number, record in changed.items() if record.state in OPEN}
        rest_ours, rest_open = self.ours - changed.keys(), self.open - changed.keys()
        return Ties(self.records, ours | rest_ours, opened | rest_open, {**self.changed, **changed})

    def get(self, number: int) -> TieRecord | None:
        """Return what is written down about an account."""
        found = self.changed.get(number)
        return self.records.get(number) if found is None else found

    def state(self, number: int) -> State | None:
        """Return how far we are with an account."""
        record = self.get(number)
        return record.state if record else None


NONE = Ties()
NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TieBook:
    """Every tie that earlier runs left behind, by group and kind."""

    groups: Mapping[tuple[str, Tie], Ties] = field(default_factory=dict)

    @classmethod
    def of(cls, ties: Iterable[tuple[TieKey, TieRecord]]) -> TieBook:
        """Return the book of these ties."""
        groups: dict[tuple[str, Tie], dict[int, TieRecord]] = {}
        for key, record in ties:
            groups.setdefault((key.group, key.tie), {})[key.user_id] = record
        return cls({name: Ties.of(records) for name, records in groups.items()})

    def to(self, group: str, tie: Tie = Tie.MEMBER) -> Ties:
        """Return the ties of one kind to a group."""
        return self.groups.get((group, tie), NONE)

    def get(self, key: TieKey) -> TieRecord | None:
        """Return one tie."""
        return self.to(key.group, key.tie).get(key.user_id)

    def stands(self, user_id: int) -> bool:
        """Whether an account is in some group through us, as far as we know."""
        return any(user_id in ties.ours for (_, tie), ties in self.groups.items() if tie is Tie.MEMBER)

    def plus(self, ties: Mapping[TieKey, TieRecord]) -> TieBook:
        """Return the book with some ties more, or changed."""
        more = TieBook.of(ties.items())
        merged = {name: Ties.of({**self.to(*name).records, **added.records}) for name, added in more.groups.items()}
        return TieBook({**self.groups, **merged})

    def told_more(self, digests: Mapping[int, str]) -> dict[TieKey, TieRecord]:
        """Return the ties of ours that change because more is known by which to recognise accounts, `digests` by id."""
        found = {}
        for (group, tie), ties in self.groups.items():
            for number in ties.ours & digests.keys():
                record, before = ties.records[number], ties.records[number].digests.split()
                known = list(dict.fromkeys([*digests[number].split(), *before]))[:MOST_DIGESTS]
                if set(known) != set(before):
                    found[TieKey(group, number, tie)] = replace(record, digests=" ".join(known))
        return found

    def items(self) -> Iterator[tuple[TieKey, TieRecord]]:
        """Yield every tie."""
        for (group, tie), ties in self.groups.items():
            for number, record in ties.records.items():
                yield TieKey(group, number, tie), record


def settle_ties(
    ties: Ties,
    present: AbstractSet[int] | None,
    wanted: AbstractSet[int],
    dismissed: Callable[[int], bool],
    *,
    spared: AbstractSet[int] = NOBODY,
) -> dict[int, TieRecord]:
    """Return the records that change now that the forum has been looked at.

    `present` are the accounts that have the tie on the forum, None where there is no such group; `dismissed` says
    whether the roster has dismissed an account that is not `wanted`. `spared` are accounts of people whom the roster
    has, and does not want now: a mark of theirs ends as well.
    """
    changed: dict[int, TieRecord] = {}
    if present is None:
        looked_at: AbstractSet[int] = ties.records.keys()
        present = frozenset()
        standing = dict.fromkeys(looked_at, State.REMOVED)
    else:
        looked_at = (ties.ours - present) | ties.open
        standing = {
            number: settled(
                ties.records[number],
                present=number in present,
                wanted=number in wanted or number in spared,
                dismissed=number not in wanted and dismissed(number),
            )
            for number in looked_at
        }
    for number, state in standing.items():
        record = ties.records[number]
        if state is not record.state:
            changed[number] = record.now(state)
    return changed


def settled(record: TieRecord, *, present: bool, wanted: bool, dismissed: bool) -> State:
    """Return where a tie stands, given whether the forum has it and what the roster says of the person.

    A run may have been killed between writing down and doing: `adding` and `removing` become what the forum shows. A
    tie of ours that somebody else cut is `left`; one that somebody else made again is no longer ours (`removed`). A
    mark ends when the roster has the person again. What a person does manually
    before the next run looks, and a killed run had begun, cannot be told from that run.
    """
    if present:
        if record.state is State.MARKED and not wanted:
            return State.MARKED
        return State.REMOVED if record.state in (State.LEFT, State.REMOVED) else State.ADDED
    if dismissed or record.state in (State.ADDING, State.REMOVING, State.REMOVED):
        return State.REMOVED
    return State.LEFT


def digest(identifier: str) -> str:
    """Return what is kept of an identifier to recognise it again: part of a sha256 over its folded form."""
    return hashlib.sha256(fold(identifier).encode()).hexdigest()[:DIGEST_LENGTH]


def digests(person: Person) -> str:
    """Return the digests of everything by which a person may be protected."""
    return " ".join(digest(value) for value in (person.external_id, person.email, person.username) if value)


# Which memberships are ours: written down before and after each call, settled by looking at the forum.


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

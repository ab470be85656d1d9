"""What ties an account to a group, and how far that has come: settled by looking at the forum. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

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

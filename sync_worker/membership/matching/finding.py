"""Finds the accounts of a roster's people, asking the forum only about those whom nothing else places."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.membership.matching.directory import EMAIL, EXTERNAL_ID
from sync_worker.membership.matching.identity import Match, Memory, NoMatch, identify
from sync_worker.membership.matching.lookup import NEVER, Wanted, effective_order
from sync_worker.store.tables import CursorRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.matching.confirming import Recognised
    from sync_worker.membership.matching.directory import Directory
    from sync_worker.membership.matching.lookup import AccountLookup
    from sync_worker.membership.state import Account
    from sync_worker.model import Person

CURSOR = "unfound"
BY_EMAIL = "by_email"
KEY_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Unfound:
    """Whom the forum did not have: digests of their keys, when it was asked, and how many accounts it had then."""

    at: datetime
    accounts: int
    people: frozenset[str]

    def is_recent(self, accounts: int, now: datetime, hours: int) -> bool:
        """Whether nothing speaks for asking again: no new account, and not long ago."""
        return self.at <= now < self.at + timedelta(hours=hours) and accounts == self.accounts

    def still(self, person: Person, accounts: int, now: datetime, hours: int) -> bool:
        """Whether nothing speaks for asking about a person again whom the forum did not have."""
        return self.is_recent(accounts, now, hours) and digest(person) in self.people


NOBODY = Unfound(datetime.min.replace(tzinfo=UTC), -1, frozenset())


def digest(person: Person) -> str:
    """Return what recognises a person with these identifiers, without telling who it is."""
    text = json.dumps([person.external_id, person.email, person.username])
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


@dataclass(frozen=True, slots=True)
class UnfoundStore:
    """Remembers whom one forum did not have."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self) -> Unfound:
        """Return who was not found last time."""
        with self.sessions() as session:
            row = session.get(CursorRow, (self.forum, CURSOR))
            value = json.loads(row.value) if row else None
        if value is None:
            return NOBODY
        return Unfound(datetime.fromisoformat(value["at"]), value["accounts"], frozenset(value["people"]))

    def write(self, unfound: Unfound) -> None:
        """Remember who was not found."""
        value = {"at": unfound.at.isoformat(), "accounts": unfound.accounts, "people": sorted(unfound.people)}
        with self.sessions.begin() as session:
            session.merge(CursorRow(forum=self.forum, name=CURSOR, value=json.dumps(value)))


@dataclass(frozen=True, slots=True)
class Found:
    """Each person's account by person key; who may be added by e-mail without one; whom the forum does not have."""

    who: Mapping[str, Match | NoMatch]
    by_email: frozenset[str] = frozenset()
    unfound: Unfound = NOBODY


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds accounts on one forum.

    `memory` is what earlier runs found out, `seen` are the accounts of member lists, `doubted` the keys of those who
    were matched and of whom something has changed since: they are looked up by all that the roster says.
    """

    lookup: AccountLookup
    order: Sequence[str]
    memory: Memory
    seen: Mapping[int, Account]
    unfound: Unfound = field(default=NOBODY)
    doubted: frozenset[str] = frozenset()

    @property
    def _remembered(self) -> Mapping[str, Recognised]:
        return self.memory.recognised

    def find(self, people: Iterable[Person], must: Collection[str], may_by_email: Collection[str] = ()) -> Found:
        """Return everybody's account.

        Args:
            people: whom the roster names.
            must: keys of those whom neither memory nor a member list places.
            may_by_email: keys of those of them whom the server may add by their address, unseen.

        Calls: as the cheapest method takes for those of `must` about whom nothing is known since the last
        time, and once more for those whose account is gone; 1 for each account that was found by an address or a
        username, though the roster gives an external id, where the method does not tell which one the account has.

        """
        listed = list(dict.fromkeys(people))
        asked = [person for person in listed if person.key in must and not self._still_unfound(person)]
        by_email = self._by_email(asked, may_by_email)
        order = effective_order(self.order, self.lookup.provider)
        directory = self._look(asked=[person for person in asked if person.key not in by_email], order=order)
        for person in listed:
            if person.key in must and self._still_unfound(person):
                _note_absence(directory, person, order)
        who = identify(listed, self.memory, self.seen, directory, order)
        return Found(who, by_email, self._not_found(listed, who))

    def _look(self, asked: Sequence[Person], order: Sequence[str]) -> Directory:
        directory = self.lookup.look_up(self._wanted(asked, order))
        known = [person for person in asked if person.key in self._remembered]
        gone = [person for person in known if directory.is_gone(self._remembered[person.key].account.id)]
        wanted = Wanted.of(gone, order)
        if wanted and not all(_answered(directory, person, order) for person in gone):
            directory.merge(self.lookup.look_up(wanted))
        if EXTERNAL_ID in order:
            self.lookup.look_at(directory, _found_otherwise(directory, asked, order))
        return directory

    def _wanted(self, people: Sequence[Person], order: Sequence[str]) -> Wanted:
        """Return what is to be looked up: remembered accounts by number, new people by the roster's identifiers.

        Everybody is looked up by these where that costs no call more.
        """
        listed = list(people)
        new = [person for person in listed if person.key not in self._remembered or person.key in self.doubted]
        ids = [self._remembered[person.key].account.id for person in listed if person.key in self._remembered]
        needed, everything = Wanted.of(new, order, ids), Wanted.of(listed, order, ids)
        free = needed and self.lookup.least(everything) == self.lookup.least(needed)
        return everything if free and self.lookup.tells_everything else needed

    def _still_unfound(self, person: Person) -> bool:
        lookup = self.lookup
        if person.key in self._remembered:
            return False
        return self.unfound.still(person, lookup.accounts, lookup.now, lookup.options.again_hours)

    def _by_email(self, asked: Sequence[Person], may: Collection[str]) -> frozenset[str]:
        """Return whom the server itself is to resolve: those who may be, where that saves calls."""
        options = self.lookup.options
        if BY_EMAIL not in options.rungs or options.ignore_plus:
            return frozenset()
        order = effective_order(self.order, self.lookup.provider)
        may = set(may) - self.memory.nobody.keys()
        fitting = [person for person in asked if person.key in may and _only_email(person, order)]
        keys = {person.key for person in fitting}
        rest = [person for person in asked if person.key not in keys]
        everybody, others = self._wanted(asked, order), self._wanted(rest, order)
        if not fitting or self.lookup.least(everybody) - self.lookup.least(others) > options.by_email_over:
            return frozenset(keys)
        if self.lookup.most(everybody) - self.lookup.least(others) <= options.by_email_over:
            return frozenset()  # whatever the core can do, so nothing need be tried
        best, without = self.lookup.best(everybody), self.lookup.best(others)
        saved = best[1] - (without[1] if without else 0) if best else NEVER
        return frozenset(keys) if saved > options.by_email_over else frozenset()

    def _not_found(self, people: Sequence[Person], who: Mapping[str, Match | NoMatch]) -> Unfound:
        absent = frozenset(
            digest(person) for person in people if isinstance(match := who[person.key], NoMatch) and match.absent
        )
        lookup = self.lookup
        recent = self.unfound.is_recent(lookup.accounts, lookup.now, lookup.options.again_hours)
        same = recent and absent <= self.unfound.people
        return Unfound(self.unfound.at if same else self.lookup.now, self.lookup.accounts, absent)


def _found_otherwise(directory: Directory, people: Iterable[Person], order: Sequence[str]) -> set[int]:
    """Return the accounts of people whom the roster gives an external id and who were found by something else."""
    found: set[int] = set()
    for person in people:
        external = person.external_id
        if external and directory.knows(EXTERNAL_ID, external) and not directory.find(EXTERNAL_ID, external):
            others = [(kind, value) for kind in order if kind != EXTERNAL_ID and (value := getattr(person, kind))]
            found.update(number for kind, value in others for number in directory.find(kind, value))
    return found


def _only_email(person: Person, order: Sequence[str]) -> bool:
    """Whether an address is all that could identify a person, so that nothing can contradict it."""
    given = [kind for kind in order if getattr(person, kind)]
    return given == [EMAIL] and "," not in (person.email or "")


def _answered(directory: Directory, person: Person, order: Sequence[str]) -> bool:
    return all(directory.knows(kind, value) for kind in order if (value := getattr(person, kind)))


def _note_absence(directory: Directory, person: Person, order: Sequence[str]) -> None:
    for kind in order:
        if value := getattr(person, kind):
            directory.ask(kind, value)

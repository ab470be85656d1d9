"""Facts about people, from rosters and files, kept with the accounts that they are about, and forgotten with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.membership.matching.accounts import Match
from sync_worker.membership.matching.lookup import ANONYMOUS_NAME
from sync_worker.model import MANAGER_EMAIL, RosterKind, fold, without_own
from sync_worker.store.facts import Placed, forget_facts, replace_facts, set_fact
from sync_worker.store.tables import FactRow, IdentityRow, MembershipRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.membership.prepared import Prepared
    from sync_worker.model import FactValue, Person, Roster, StatedFacts
    from sync_worker.store.database import Store

MANAGERS = "managers"  # the source of facts that a roster's own column of managers states
ROSTER = "roster "  # before the names of rosters, among the sources of facts
IDENTIFIERS = ("external_id", "email", "username")
STANDING = ("adding", "added", "marked", "removing")


def keep_roster_facts(store: Store, forum: str, roster: Roster, prepared: Prepared, now: datetime) -> None:
    """Keep what the roster states of people who have an account; what it states no longer is unknown from now on.

    The roster must have passed its guards. Facts of people whose account is deleted, anonymised or no longer in any
    group because of us are forgotten, wherever they came from. Calls: none.
    """
    with store.begin() as session:
        accounts = _accounts(session, forum, prepared)
        for name, facts in roster.facts.items():
            values = _placed(facts.stated, accounts)
            silent = frozenset[str]() if facts.kind is RosterKind.SNAPSHOT else None
            replace_facts(session, forum, values, f"{ROSTER}{name}", now, silent=silent)
        stated = {place for facts in roster.facts.values() for place in _placed(facts.stated, accounts)}
        silent = frozenset[str]() if roster.kind is RosterKind.SNAPSHOT else None
        replace_facts(session, forum, _managers(roster, accounts, stated), MANAGERS, now, silent=silent)
        for source in _former_rosters(session, forum, roster):
            replace_facts(session, forum, {}, source, now, silent=frozenset())
        keys = {person.key for person in roster.everybody}
        listed = {number for key, number in accounts.items() if key in keys}
        gone = _gone(prepared) | _removed(session, forum, listed)
        if gone:
            forget_facts(session, forum, gone)


def _accounts(session: Session, forum: str, prepared: Prepared) -> dict[str, int]:
    """Return the accounts of people by person key: as matched now, else as remembered; none where there is doubt."""
    query = select(IdentityRow.person, IdentityRow.user_id).where(IdentityRow.forum == forum)
    accounts = {row.person: row.user_id for row in session.execute(query)}
    for key, match in prepared.who.items():
        if isinstance(match, Match):
            accounts[key] = match.account.id
        else:
            accounts.pop(key, None)
    return accounts


def _placed(stated: Iterable[StatedFacts], accounts: Mapping[str, int]) -> dict[Placed, FactValue]:
    return {
        Placed(accounts[one.person.key], name, one.cohort): value
        for one in stated
        if one.person.key in accounts
        for name, value in one.values.items()
    }


def _managers(roster: Roster, accounts: Mapping[str, int], stated: Collection[Placed]) -> dict[Placed, FactValue]:
    """Return the managers that the roster names, as facts, where no column of facts says more."""
    named = (
        (Placed(accounts[one.person.key], MANAGER_EMAIL, one.cohort), one.person.manager_email)
        for one in roster.enrolments
        if one.person.manager_email and one.person.key in accounts
    )
    return {place: written for place, written in named if place not in stated}


def _former_rosters(session: Session, forum: str, roster: Roster) -> list[str]:
    """Return the rosters that facts are of and that the settings name no longer."""
    query = select(FactRow.source).where(FactRow.forum == forum, FactRow.source.startswith(ROSTER)).distinct()
    present = {f"{ROSTER}{name}"[:255] for name in roster.facts}
    return [source for source in session.scalars(query) if source not in present]


def _gone(prepared: Prepared) -> set[int]:
    """Return the accounts that were seen to be deleted, merged or anonymised."""
    seen = prepared.observed.accounts().values()
    anonymous = {one.id for one in seen if ANONYMOUS_NAME.fullmatch(one.username) and one.name in ("", one.username)}
    return anonymous | {match.lost for match in prepared.who.values() if match.lost is not None}


def _removed(session: Session, forum: str, present: Iterable[int]) -> set[int]:
    """Return the accounts that are in no group through us any more, though they were, and that no roster names."""
    ours = select(MembershipRow.user_id, MembershipRow.state).where(MembershipRow.forum == forum)
    states: dict[int, set[str]] = {}
    for number, state in session.execute(ours):
        states.setdefault(number, set()).add(state)
    return {number for number, found in states.items() if not found & set(STANDING)} - set(present)


@dataclass(frozen=True, slots=True)
class Import:
    """A file of facts, matched with the accounts of a forum.

    `unmatched` are the places of people without an account, `own_managers` those where somebody is named as their own
    manager, which counts for nothing.
    """

    values: Mapping[Placed, FactValue]
    unknown: tuple[Placed, ...] = ()
    unmatched: tuple[str, ...] = ()
    own_managers: tuple[str, ...] = ()
    people: int = 0


def match_facts(  # noqa: PLR0917
    session: Session,
    forum: str,
    stated: Iterable[StatedFacts],
    names: Iterable[str],
    people: Iterable[Person],
    cohort: str,
) -> Import:
    """Return what a file states of people who have an account, and the rows about somebody who is not known.

    Args:
        session: of the store.
        forum: its name.
        stated: what the file states, each of a person with one identifier.
        names: of all facts that the file may state; where it states one of them no more, it is unknown from now on.
        people: of the roster, who say which identifiers belong together.
        cohort: that the facts are about.

    """
    people = list(people)
    index = account_index(session, forum, people)
    own = {number: fold(one.email) for one in people if one.email and (number := index.get(("email", fold(one.email))))}
    names = tuple(names)
    values: dict[Placed, FactValue] = {}
    unknown: list[Placed] = []
    unmatched: list[str] = []
    own_managers: list[str] = []
    found: set[int] = set()
    for one in stated:
        keys = [(kind, fold(text)) for kind in IDENTIFIERS if (text := getattr(one.person, kind))]
        number = next((index[key] for key in keys if key in index), None)
        if number is None:
            unmatched.append(one.where)
            continue
        found.add(number)
        for name in names:
            place = Placed(number, name, cohort)
            value = one.values.get(name)
            if name == MANAGER_EMAIL and isinstance(value, str):
                others = without_own(value, own.get(number))
                own_managers += [one.where] if others != value else []
                value = others or None
            if value is not None:
                values[place] = value
            else:
                unknown.append(place)
    return Import(values, tuple(unknown), tuple(unmatched), tuple(own_managers), len(found))


def enter_import(session: Session, forum: str, found: Import, source: str, at: datetime) -> None:
    """Keep what a file states, as observed at a moment; newer values stay."""
    replace_facts(session, forum, found.values, source, at, silent=None)
    for place in found.unknown:
        set_fact(session, forum, place.user_id, place.name, None, source, at, cohort=place.cohort)


def account_index(session: Session, forum: str, people: Iterable[Person]) -> dict[tuple[str, str], int]:
    """Return accounts by each identifier: of the roster's people who were matched, and by usernames on the forum."""
    rows = session.execute(
        select(IdentityRow.person, IdentityRow.user_id, IdentityRow.username).where(IdentityRow.forum == forum)
    ).all()
    by_person = {row.person: row.user_id for row in rows}
    index = {("username", fold(row.username)): row.user_id for row in rows}
    members = select(MembershipRow.username, MembershipRow.user_id).where(
        MembershipRow.forum == forum, MembershipRow.state.in_(STANDING)
    )
    for row in session.execute(members):
        index.setdefault(("username", fold(row.username)), row.user_id)
    for person in people:
        account = by_person.get(person.key)
        if account is None:
            continue
        for kind, text in (("external_id", person.external_id), ("email", person.email)):
            if text:
                index[kind, fold(text)] = account
    return index

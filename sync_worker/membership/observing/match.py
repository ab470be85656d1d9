"""Match people with accounts: what is remembered, what member lists show, and whose accounts to look up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.membership.matching.confirming import is_doubted
from sync_worker.membership.matching.finding import NOBODY, Finder, Found, Unfound
from sync_worker.membership.matching.identity import Match
from sync_worker.membership.records.memberships import State, TieKey
from sync_worker.model import Person, Role, RosterKind, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sync_worker.membership.matching.abilities import Abilities
    from sync_worker.membership.matching.identity import Memory, NoMatch
    from sync_worker.membership.matching.lookup import AccountLookup
    from sync_worker.membership.records.store import Remembered
    from sync_worker.membership.records.unseen import Emailed
    from sync_worker.membership.state import Account, Observed
    from sync_worker.model import Cohort, Enrolment, Roster


@dataclass(frozen=True, slots=True)
class Matched:
    """Everybody's account, and what looking them up found out about the forum."""

    found: Found
    abilities: Abilities = field(repr=False)

    @property
    def who(self) -> Mapping[str, Match | NoMatch]:
        """Each person's account by person key, or why there is none."""
        return self.found.who

    @property
    def accounts(self) -> dict[int, Account]:
        """The accounts of everybody who was matched, by id."""
        matches = (match for match in self.found.who.values() if isinstance(match, Match))
        return {match.account.id: match.account for match in matches}


def match_people(
    lookup: AccountLookup,
    order: Sequence[str],
    wanted: LookUps,
    observed: Observed,
    memory: Memory,
    *,
    unfound: Unfound = NOBODY,
) -> Matched:
    """Return everybody's account; `order` is which identifiers count, the strongest first.

    `unfound` is whom the forum did not have the last time. Calls: as `Finder.find`.
    """
    finder = Finder(lookup, order, memory, observed.accounts(), unfound, wanted.doubted)
    found = finder.find(wanted.people, wanted.must, wanted.may_by_email)
    return Matched(found, lookup.abilities)


# Whose accounts have to be looked up on the forum. Pure.


@dataclass(frozen=True, slots=True)
class LookUps:
    """Whose accounts a run needs.

    Args:
        people: everybody whom the roster names, and people whose accounts are needed although it does not.
        must: the keys of those whom neither memory nor a member list places.
        may_by_email: the keys of those whom the server may add by their address, unseen.
        doubted: the keys of those who were matched, and of whom something has changed since.

    """

    people: Sequence[Person]
    must: frozenset[str]
    may_by_email: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()


def whom_to_look_up(
    roster: Roster,
    cohorts: Sequence[Cohort],
    emailed: Emailed,
    *,
    unknown: Collection[str],
    changed: Collection[str],
    now: datetime,
) -> LookUps:
    """Return whose accounts are needed; `unknown` is as `unplaced` says, `changed` as `doubted` does."""
    chosen = {cohort.key: cohort for cohort in cohorts}
    enrolments = [enrolment for enrolment in roster.enrolments if enrolment.cohort in chosen]
    active = [one for one in enrolments if one.active_on(now.astimezone(chosen[one.cohort].zone).date())]
    groups = {cohort.group for key, cohort in chosen.items() if roster.kind_of(key) is RosterKind.SNAPSHOT}
    staying = {(chosen[one.cohort].group, one.person.key) for one in active}
    departed = _departed(enrolments, staying, groups, emailed)
    sent = _sent_everywhere(active, chosen, emailed) - set(changed)
    return LookUps(
        [*(enrolment.person for enrolment in enrolments), *departed],
        frozenset((set(unknown) | set(changed)) - sent | {person.key for person in departed}),
        frozenset((_may_by_email(enrolments, emailed) | sent) - set(changed)),
        frozenset(changed),
    )


def _sent_everywhere(active: Sequence[Enrolment], cohorts: Mapping[str, Cohort], emailed: Emailed) -> set[str]:
    """Return the keys of people who were added by e-mail wherever the roster wants them."""
    sent: dict[str, bool] = {}
    for enrolment in active:
        key, cohort = enrolment.person.key, cohorts[enrolment.cohort]
        here = enrolment.role is not Role.LCM and emailed.is_sent(cohort.group, key)
        sent[key] = here and sent.get(key, True)
    return {key for key, everywhere in sent.items() if everywhere}


def _departed(
    enrolments: Sequence[Enrolment], staying: Collection[tuple[str, str]], groups: Collection[str], emailed: Emailed
) -> list[Person]:
    """Return people added to `groups` by e-mail whom the roster wants no more: their accounts are needed now."""
    if not emailed.people:
        return []
    listed = {fold(enrolment.person.email) for enrolment in enrolments if enrolment.person.email}
    return [
        Person(email=one.email)
        for (group, key), one in emailed.people.items()
        if group in groups and (group, key) not in staying and fold(one.email) not in listed
    ]


def _may_by_email(enrolments: Sequence[Enrolment], emailed: Emailed) -> set[str]:
    """Return the keys of those who may be added by e-mail: no LCMs, and nobody with whom it went wrong before."""
    lcms = {enrolment.person.key for enrolment in enrolments if enrolment.role is Role.LCM}
    unsure = {key for group, key in emailed.people if not emailed.is_sent(group, key)}
    return {enrolment.person.key for enrolment in enrolments} - lcms - unsure


def unplaced(
    roster: Roster,
    *,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    now: datetime,
    joining: bool,
) -> set[str]:
    """Return the keys of the people whose account or present username is not known.

    With `joining`, those as well who are known and will join the cohort's group: what the plugin reported about the
    members of another group may be old.
    """
    everybody = observed.accounts()
    found: set[str] = set()
    for cohort in cohorts:
        day = now.astimezone(cohort.zone).date()
        group = observed.cohorts[cohort.key].group
        seen = everybody if not joining else group.members if group else {}
        for enrolment in roster.of(cohort.key):
            if enrolment.active_on(day) and not _placed(enrolment.person, cohort, seen, observed, remembered):
                found.add(enrolment.person.key)
    return found


def _placed(
    person: Person, cohort: Cohort, seen: Mapping[int, Account], observed: Observed, remembered: Remembered
) -> bool:
    """Whether a person's account and present username are known, or not needed because the person left."""
    recognised = remembered.memory.recognised.get(person.key)
    if recognised is None or recognised.account.id in seen:
        return recognised is not None
    tie = remembered.ties.get(TieKey(cohort.group, recognised.account.id))
    return bool(observed.cohorts[cohort.key].group and tie and tie.state in (State.ADDED, State.LEFT))


def doubted(
    roster: Roster,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    order: Sequence[str],
) -> set[str]:
    """Return the keys of people who were matched, and of whom roster or member lists say something else by now."""
    seen, recognised = observed.accounts(), remembered.memory.recognised
    return {
        enrolment.person.key
        for cohort in cohorts
        for enrolment in roster.of(cohort.key)
        if (known := recognised.get(enrolment.person.key))
        and is_doubted(enrolment.person, known, seen.get(known.account.id), order)
    }

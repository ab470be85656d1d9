"""Match people with accounts: what is remembered, what member lists show, what the forum is asked, what agrees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.accounts import (
    EMAIL,
    EXTERNAL_ID,
    NAME,
    REMEMBERED,
    USERNAME,
    Directory,
    Match,
    Memory,
    NoMatch,
    Recognised,
    account_evidence,
    compare,
    evidence_of,
    fingerprint,
    identifier_key,
)
from sync_worker.membership.matching.confirming import SETTLE, confirm, doubt_about
from sync_worker.membership.matching.lookup import NEVER, Wanted, effective_order
from sync_worker.membership.observing.asking import NOBODY, LookUps, Unfound, digest
from sync_worker.membership.records.ties import digests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sync_worker.membership.matching.abilities import Abilities
    from sync_worker.membership.matching.lookup import AccountLookup
    from sync_worker.membership.state import Account, Observed
    from sync_worker.model import Person


BY_EMAIL = "by_email"


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
        accounts = NOBODY.accounts if lookup.accounts is None else lookup.accounts
        return Unfound(self.unfound.at if same else lookup.now, accounts, absent)


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


# Match people with accounts: what is remembered, what member lists show, and whose accounts to look up.


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

    def news(self, people: Mapping[str, Person]) -> dict[int, str]:
        """Return the digests of those of whom something is new in the roster, by account; `people` are by key."""
        matches = ((person, self.who.get(key)) for key, person in people.items())
        return {
            match.account.id: digests(person)
            for person, match in matches
            if isinstance(match, Match) and match.evidence is not None
        }


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


# Which forum account a person of the roster is: by what was remembered, else by identifiers that agree.
# Nobody is matched on a guess: where identifiers name different accounts, where one could not be looked up, where two
# people claim one account, or where what was remembered is contradicted, there is no match but a reason.


def identify(
    people: Sequence[Person],
    memory: Memory | Mapping[str, Account],
    seen: Mapping[int, Account],
    directory: Directory | None,
    order: Sequence[str],
) -> dict[str, Match | NoMatch]:
    """Return each person's account by person key.

    `seen` are accounts from member lists (fresh names), `directory` what was looked up, or None. What is remembered
    holds as long as the account exists and nothing contradicts it. Two people never get the same account.
    """
    remembered = memory if isinstance(memory, Memory) else Memory.of(memory)
    search = _Search(remembered, directory, order, {person.key for person in people})
    found: dict[str, Match | NoMatch] = {}
    twins = _namesakes(people)
    for person in people:
        known = remembered.recognised.get(person.key)
        settled = remembered.nobody.get(person.key)
        if person.key in twins:
            found[person.key] = NoMatch("ambiguous: two people of the roster differ only in how they are spelt.")
        elif settled and settled[0] == fingerprint(person):
            found[person.key] = NoMatch(f"settled by {settled[1]}: none of the accounts is theirs.")
        elif known is None:
            found[person.key] = search.account_of(person)
        elif directory is not None and directory.is_gone(known.account.id):
            found[person.key] = _search_again(person, known.account, search)
        else:
            found[person.key] = _remembered(person, known, seen, search)
    return _without_shared(found)


def _namesakes(people: Sequence[Person]) -> set[str]:
    """Return the keys under which our records would take two people for one: `straße@x.org` and `strasse@x.org`."""
    spelt: dict[str, str] = {}
    twins: set[str] = set()
    for person in people:
        kind = next(kind for kind in (EXTERNAL_ID, EMAIL, USERNAME) if getattr(person, kind) or kind == USERNAME)
        exact = identifier_key(kind, getattr(person, kind) or "")
        if spelt.setdefault(person.key, exact) != exact:
            twins.add(person.key)
    return twins


def _remembered(person: Person, known: Recognised, seen: Mapping[int, Account], search: _Search) -> Match | NoMatch:
    """Return a remembered account under its present name, unless something contradicts it."""
    directory, number = search.directory, known.account.id
    fresh = directory.account(number) if directory and number in directory.by_id else seen.get(number, known.account)
    standing = search.memory.stands(number) and not search.has_name_of_another(person, known)
    verdict = confirm(person, known, fresh, directory, search.order, standing=standing)
    if verdict.contradiction:
        others = tuple(sorted({number, *verdict.others}))
        return NoMatch(verdict.contradiction, others, contradicted=not verdict.unsure)
    return Match(fresh, REMEMBERED, verdict.followed, known.news(person, fresh))


def _search_again(person: Person, gone: Account, search: _Search) -> Match | NoMatch:
    found = search.account_of(person)
    lost = f"the account '{gone.username}' of before was deleted, merged or anonymised"
    if isinstance(found, Match) and found.by == USERNAME:
        # A username is free to anybody once its account is gone; an address or an id has to be proved.
        reason = f"nothing but the username fits '{found.account.username}'. {SETTLE}."
        found = NoMatch(reason, (found.account.id,), contradicted=True)
    if isinstance(found, NoMatch):
        return replace(found, reason=f"{lost}; {found.reason}", lost=gone.id)
    note = "; ".join(filter(None, (found.account.note, lost)))
    anonymised = search.directory is not None and gone.id in search.directory.by_id
    return replace(found, account=replace(found.account, note=note), lost=gone.id, anonymised=anonymised)


def _found(person: Person, account: Account, by: str) -> Match:
    return Match(account, by, evidence={**evidence_of(person), **account_evidence(account)})


class _Search:
    """Looks for the account of somebody of whom nothing is remembered."""

    def __init__(
        self, memory: Memory, directory: Directory | None, order: Sequence[str], present: Collection[str]
    ) -> None:
        self.memory, self.directory, self.order = memory, directory, order
        self._former: dict[int, list[Recognised]] = {}
        self._named: dict[str, set[int]] = {}
        for key, known in memory.recognised.items():
            if name := known.evidence.get(NAME):
                self._named.setdefault(name, set()).add(known.account.id)
            if key not in present:
                self._former.setdefault(known.account.id, []).append(known)

    def has_name_of_another(self, person: Person, known: Recognised) -> bool:
        """Whether a person has another name than before, and one by which somebody else was known."""
        name = evidence_of(person).get(NAME, "") if compare(person, known.evidence).renamed else ""
        return bool(self._named.get(name, set()) - {known.account.id})

    def account_of(self, person: Person) -> Match | NoMatch:
        """Return the one account that everything names which the roster gives."""
        directory = self.directory
        given = [(kind, value) for kind in self.order if (value := getattr(person, kind))]
        if not given:
            return NoMatch("the roster gives no identifier that is looked at (identity in lcm.yaml).")
        unasked = [kind for kind, value in given if directory is None or not directory.knows(kind, value)]
        if directory is None or unasked:
            return NoMatch(f"not looked up yet: {' and '.join(map(_words, unasked))}.")
        hits = [(kind, numbers) for kind, value in given if (numbers := directory.find(kind, value))]
        together = set().union(*(numbers for _, numbers in hits))
        if not together:
            tried = " or ".join(f"{_words(kind)} {value}" for kind, value in given)
            return NoMatch(f"no account has {tried}.", absent=True)
        if len(together) > 1:
            return NoMatch(_ambiguity(hits, directory), tuple(sorted(together)))
        return self._judge(person, next(iter(together)), hits[0][0])

    def _judge(self, person: Person, number: int, by: str) -> Match | NoMatch:
        """Return the account that everything names, unless nobody or somebody else stands behind it."""
        directory = self.directory
        assert directory is not None  # noqa: S101 - it named the account
        if directory.is_gone(number):
            return NoMatch("the account was anonymised.", (number,))
        if directory.by_id[number].staged:
            return NoMatch("only a staged account exists: the person has never signed up.", (number,), staged=True)
        doubt = doubt_about(person, number, by, directory, self.order, self._former.get(number, ()))
        return NoMatch(doubt, (number,), contradicted=True) if doubt else _found(person, directory.account(number), by)


def _ambiguity(hits: Sequence[tuple[str, set[int]]], directory: Directory) -> str:
    fits = ", ".join(
        f"{_words(kind)} fits {directory.by_id[number].username}"
        for kind, numbers in hits
        for number in sorted(numbers)
    )
    return f"ambiguous: {fits}. Correct the roster, or leave one out of 'identity'."


def _words(kind: str) -> str:
    return kind.replace("_", " ")


def _without_shared(found: dict[str, Match | NoMatch]) -> dict[str, Match | NoMatch]:
    """Take accounts away that several people claim, except from one who was remembered."""
    matches = [match for match in found.values() if isinstance(match, Match)]
    claims = Counter(match.account.id for match in matches)
    memories = Counter(match.account.id for match in matches if match.by == REMEMBERED)
    for key, match in found.items():
        if isinstance(match, Match) and claims[match.account.id] > 1:
            number = match.account.id
            if match.by != REMEMBERED or memories[number] > 1:
                reason = f"ambiguous: {match.account.username} fits several people of the roster."
                found[key] = NoMatch(reason, (number,))
    return found

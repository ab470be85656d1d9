"""Which forum account a person of the roster is: by what was remembered, else by identifiers that agree.

Nobody is matched on a guess: where identifiers name different accounts, where one could not be looked up, where two
people claim one account, or where what was remembered is contradicted, there is no match but a reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.confirming import (
    NAME,
    SETTLE,
    Recognised,
    account_evidence,
    compare,
    confirm,
    doubt_about,
    evidence_of,
    fingerprint,
)
from sync_worker.membership.matching.directory import EMAIL, EXTERNAL_ID, USERNAME, Directory, identifier_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sync_worker.membership.state import Account
    from sync_worker.model import Person

__all__ = ["REMEMBERED", "Directory", "Match", "Memory", "NoMatch", "identify"]

REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True)
class Match:
    """The account a person is, and by what; `followed` says which ordinary change was followed, if any.

    `evidence` is what recognises the person from now on (see `Recognised`), None where that is known already. `lost` is
    the account that was theirs before, and is deleted, merged or anonymised.
    """

    account: Account
    by: str
    followed: str = ""
    evidence: Mapping[str, str] | None = field(default=None, compare=False, repr=False)
    lost: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why a person has no account, and which accounts may be theirs all the same.

    `absent` is true where the forum was asked for everything the roster gives, and nobody has any of it; `staged` where
    there is an account, but made by a mail and never signed up for; `contradicted` where an account was matched, or
    fits, and something else says that it is somebody else's; `lost` as of a `Match`.
    """

    reason: str
    candidates: tuple[int, ...] = ()
    absent: bool = False
    staged: bool = False
    contradicted: bool = False
    lost: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier runs found out about who is who, by person key.

    `nobody` are people of whom somebody settled that no account is theirs: the fingerprint of what the roster said, and
    who settled it. `stands` says whether an account is in a group of ours through us.
    """

    recognised: Mapping[str, Recognised] = field(default_factory=dict)
    nobody: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stands: Callable[[int], bool] = lambda _: False

    @classmethod
    def of(cls, accounts: Mapping[str, Account]) -> Memory:
        """Return the memory of accounts of which nothing else is known."""
        return cls({key: Recognised(account) for key, account in accounts.items()})


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
    return replace(found, account=replace(found.account, note=note), lost=gone.id)


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
            return NoMatch(_contradiction(hits, directory), tuple(sorted(together)))
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


def _contradiction(hits: Sequence[tuple[str, set[int]]], directory: Directory) -> str:
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

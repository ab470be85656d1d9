"""Which forum account a person of the roster is: by what was remembered, else by identifiers that agree.

Nobody is matched on a guess: where identifiers name different accounts, where one could not be looked up, or where two
people claim one account, there is no match but a reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.membership.directory import Directory
from sync_worker.membership.identifiers import EMAIL, EXTERNAL_ID, USERNAME, identifier_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.membership.state import Account
    from sync_worker.model import Person

__all__ = ["REMEMBERED", "Directory", "Match", "NoMatch", "identify"]

REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True)
class Match:
    """The account a person is, and by what."""

    account: Account
    by: str


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why a person has no account, and which accounts may be theirs all the same.

    `absent` is true where the forum was asked for everything the roster gives, and nobody has any of it; `staged` where
    there is an account, but made by a mail and never signed up for.
    """

    reason: str
    candidates: tuple[int, ...] = ()
    absent: bool = False
    staged: bool = False


def identify(
    people: Sequence[Person],
    remembered: Mapping[str, Account],
    seen: Mapping[int, Account],
    directory: Directory | None,
    order: Sequence[str],
) -> dict[str, Match | NoMatch]:
    """Return each person's account by person key.

    `seen` are accounts from member lists (fresh names), `directory` what was looked up, or None. What is remembered
    holds as long as the account exists. Two people never get the same account.
    """
    found: dict[str, Match | NoMatch] = {}
    twins = _namesakes(people)
    for person in people:
        known = remembered.get(person.key)
        if person.key in twins:
            found[person.key] = NoMatch("ambiguous: two people of the roster differ only in how they are spelt.")
        elif known is None:
            found[person.key] = _search(person, directory, order)
        elif directory is not None and directory.is_gone(known.id):
            found[person.key] = _search_again(person, known, directory, order)
        else:
            found[person.key] = Match(_fresh(person, known, seen, directory, order), REMEMBERED)
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


def _fresh(
    person: Person, known: Account, seen: Mapping[int, Account], directory: Directory | None, order: Sequence[str]
) -> Account:
    """Return a remembered account under its present name, noting identifiers that name somebody else by now."""
    if directory is None or known.id not in directory.by_id:
        return seen.get(known.id, known)
    account = directory.account(known.id)
    others = [
        f"its {_words(kind)} fits {directory.by_id[number].username} as well"
        for kind in order
        if (value := getattr(person, kind))
        for number in sorted(directory.find(kind, value) - {known.id})
    ]
    return replace(account, note="; ".join(filter(None, (account.note, *others))))


def _search_again(person: Person, gone: Account, directory: Directory, order: Sequence[str]) -> Match | NoMatch:
    found = _search(person, directory, order)
    lost = f"the account '{gone.username}' of before was deleted, merged or anonymised"
    if isinstance(found, NoMatch):
        return replace(found, reason=f"{lost}; {found.reason}")
    return replace(found, account=replace(found.account, note="; ".join(filter(None, (found.account.note, lost)))))


def _search(person: Person, directory: Directory | None, order: Sequence[str]) -> Match | NoMatch:
    given = [(kind, value) for kind in order if (value := getattr(person, kind))]
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
    return _judge(next(iter(together)), hits[0][0], directory)


def _judge(number: int, by: str, directory: Directory) -> Match | NoMatch:
    """Return the account that everything names, unless nobody stands behind it."""
    if directory.is_gone(number):
        return NoMatch("the account was anonymised.", (number,))
    if directory.by_id[number].staged:
        return NoMatch("only a staged account exists: the person has never signed up.", (number,), staged=True)
    return Match(directory.account(number), by)


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

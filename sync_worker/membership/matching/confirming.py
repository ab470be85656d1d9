"""Whether an account is still the person that roster and memory say, and what of it has changed. Pure.

One identifier that changes while the others stay is an ordinary change. An identifier that names another account, an id
that stays while address and name both change, or an account that is another one under the same id is a contradiction:
somebody has to settle it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.membership.matching.directory import EMAIL, EXTERNAL_ID, USERNAME, identifier_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.membership.matching.directory import Directory
    from sync_worker.membership.state import Account
    from sync_worker.model import Person


SETTLE = "Settle it with 'lcm people settle'"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a remembered match.

    `contradiction` says why it does not hold (`others` are further accounts that may be meant, `unsure` says that only
    a look-up is missing), `followed` which ordinary changes were followed.
    """

    contradiction: str = ""
    followed: str = ""
    others: tuple[int, ...] = ()
    unsure: bool = False


def is_doubted(person: Person, known: Recognised, seen: Account | None, order: Sequence[str]) -> bool:
    """Whether a remembered match has to be looked at again: roster, or the account's names, are not as they were."""
    if known.is_settled_for(person):
        return False
    if compare(person, known.evidence):
        return True
    if seen is None or _same_username(seen, known):
        return False
    named_so = USERNAME in order and person.username is not None and _is(person.username, known.account.username)
    return named_so or account_renamed(seen, known)


def confirm(
    person: Person,
    known: Recognised,
    fresh: Account,
    directory: Directory | None,
    order: Sequence[str],
    *,
    standing: bool,
) -> Verdict:
    """Return whether an account is still the person's; `fresh` is the account as it is now.

    `standing` says whether the account is in a group of ours through us: somebody who is there may marry; somebody who
    comes back under another name with nothing but the address may be another person.
    """
    was = f"'{known.account.username}'" + (f" on {known.at:%Y-%m-%d}" if known.at else "")
    if other := other_account(fresh, known):
        return Verdict(
            f"{other}: {person.label} was matched to {was}, and it is called '{fresh.username}' now. Was the forum "
            f"restored? {SETTLE}."
        )
    if known.is_settled_for(person):
        return Verdict()
    roster = compare(person, known.evidence)
    if contradiction := _of_roster(roster, standing=standing):
        return Verdict(f"{contradiction} than when {was} was matched to this person of the roster. {SETTLE}.")
    changes = _changes(roster, known, fresh)
    look = _Look(person, directory, order)
    verdict = look.contradiction(fresh, was) or look.of_renamed_account(fresh, known, was)
    if verdict:
        return verdict
    if look.unasked and is_doubted(person, known, fresh, order):
        return Verdict(f"{changes}; not looked up yet: {in_words(look.unasked)}.", unsure=True)
    return Verdict(followed=changes)


class _Look:
    """What a look at the forum says about a person's identifiers."""

    def __init__(self, person: Person, directory: Directory | None, order: Sequence[str]) -> None:
        self.person, self.directory, self.order = person, directory, order
        self.given = [(kind, value) for kind in order if (value := getattr(person, kind))]
        self.unasked = frozenset(kind for kind, value in self.given if not (directory and directory.knows(kind, value)))

    def contradiction(self, fresh: Account, was: str) -> Verdict | None:
        """Return the contradiction where an identifier is another account's, or the account's external id another's."""
        person, directory = self.person, self.directory
        if directory is None:
            return None
        others: dict[int, str] = {}
        for kind, value in self.given:
            for number in directory.find(kind, value) - {fresh.id}:
                others.setdefault(number, kind)
        if others:
            names = {number: directory.by_id[number].username for number in others}
            fits = ", ".join(f"{_word(kind)} fits '{names[number]}'" for number, kind in sorted(others.items()))
            return Verdict(f"its {fits}, and {person.label} was matched to {was}. {SETTLE}.", others=tuple(others))
        own = directory.external_ids.get(fresh.id)
        if EXTERNAL_ID in self.order and person.external_id and own and own != person.external_id.strip():
            return Verdict(
                f"the account '{fresh.username}' has the external id {own} on the forum, and {person.label} has "
                f"{person.external_id} in the roster. {SETTLE}."
            )
        return None

    def of_renamed_account(self, fresh: Account, known: Recognised, was: str) -> Verdict | None:
        """Return the contradiction where both names of an account are others, and it has nothing of the roster's."""
        if self.unasked or _same_username(fresh, known) or not account_renamed(fresh, known):
            return None
        if self.directory and any(self.directory.find(kind, value) for kind, value in self.given):
            return None
        return Verdict(
            f"the account {fresh.id} was {was}, is called '{fresh.username}' by another name now, and has nothing of "
            f"what the roster gives of {self.person.label}. {SETTLE}."
        )


def doubt_about(  # noqa: PLR0917
    person: Person, number: int, by: str, directory: Directory, order: Sequence[str], former: Iterable[Recognised]
) -> str:
    """Return why an account that fits what the roster gives may be somebody else's; empty where nothing says so.

    `by` is the strongest identifier that fits, `former` who was this account and is not in the roster any more.
    """
    account = directory.account(number)
    external = person.external_id if EXTERNAL_ID in order else None
    own = directory.external_ids.get(number)
    if external and own and own != external.strip():
        return (
            f"its {_word(by)} fits '{account.username}', which has the external id {own} on the forum, and not "
            f"{external}. {SETTLE}."
        )
    if by == USERNAME and person.email and EMAIL in order:
        return f"its username fits '{account.username}', and no account has the email {person.email}. {SETTLE}."
    for known in former:
        if other_account(account, known):
            continue
        roster = compare(person, known.evidence)
        thin = roster.rests_on_one or (roster.changed and not roster.named_as_before and len(roster.same) == 1)
        if roster.contradiction or thin:
            day = f" on {known.at:%Y-%m-%d}" if known.at else ""
            changed = roster.contradiction or _differences(roster)
            return (
                f"its {_word(by)} fits '{account.username}', which was matched to somebody else of the roster{day}: "
                f"{changed} now. {SETTLE}."
            )
    return ""


def _of_roster(roster: Differences, *, standing: bool) -> str:
    if roster.contradiction:
        verb = "is" if len(roster.same) == 1 else "are"
        kept = f"{in_words(roster.same)} {verb} as before, and " if roster.same else ""
        return f"{kept}{roster.contradiction}"
    if roster.rests_on_one and not standing:
        return f"{in_words(roster.same)} alone is as before, and the name is another"
    return ""


def _changes(roster: Differences, known: Recognised, fresh: Account) -> str:
    """Return what has changed since the match, in words."""
    parts = [_differences(roster)] if roster else []
    if not _same_username(fresh, known):
        parts.append(f"called '{known.account.username}' on the forum before")
    return "; ".join(parts)


def _differences(roster: Differences) -> str:
    parts = [in_words(roster.changed)] if roster.changed else []
    parts += ["name"] if roster.renamed else []
    text = " and ".join(parts)
    return f"{text} changed in the roster"


def _same_username(account: Account, known: Recognised) -> bool:
    return _is(account.username, known.account.username)


def _is(one: str, other: str) -> bool:
    return identifier_key(USERNAME, one) == identifier_key(USERNAME, other)


def _word(kind: str) -> str:
    return kind.replace("_", " ")


# What recognised a person when the account was matched, and what of it has changed since. Pure.
# Of identifiers and names only digests are kept; of the account its id, username and the moment when it was made.


STRONG = (EXTERNAL_ID, EMAIL, USERNAME)
NAME, ACCOUNT_NAME, ROSTER, SETTLED = "name", "account_name", "roster", "settled"
DIGEST_LENGTH = 16
SAME_MOMENT = timedelta(seconds=2)
CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recognised:
    """An account that was matched to a person: `at` that time, by what `evidence` recognises again.

    `evidence` maps a kind of identifier to its digest, `name` (the roster's) and `account_name` (the forum's) to the
    digests of their words, `roster` to the fingerprint of all that the roster said, and `settled` to the fingerprint of
    the moment when somebody settled whose the account is.
    """

    account: Account
    at: datetime | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)

    def is_settled_for(self, person: Person) -> bool:
        """Whether somebody settled the match, and the roster says the same of the person since."""
        settled = self.evidence.get(SETTLED)
        return settled is not None and settled == fingerprint(person)

    def news(self, person: Person, account: Account) -> dict[str, str] | None:
        """Return the evidence of today, None where it is what is known; what is not said any more stays as it was."""
        if self.evidence.get(ROSTER) == fingerprint(person) and not account_renamed(account, self):
            return None
        return {**self.evidence, **evidence_of(person), **account_evidence(account)}


@dataclass(frozen=True, slots=True)
class Differences:
    """How a person of the roster compares with what recognised an account.

    `same` and `changed` are the kinds of identifiers that both give; `renamed` says that both give a name, and another.
    """

    same: frozenset[str]
    changed: frozenset[str]
    renamed: bool
    named_as_before: bool

    @property
    def contradiction(self) -> str:
        """Why this may be another person; empty where one change leaves enough that has not changed."""
        if self.renamed and self.changed:
            return f"{in_words(self.changed)} and name are others"
        if self.renamed and not self.same:
            return "the name is another, and nothing else is known to be the same"
        if self.changed and not (self.same or self.named_as_before):
            return f"{in_words(self.changed)} {'is another' if len(self.changed) == 1 else 'are others'}"
        return ""

    @property
    def rests_on_one(self) -> bool:
        """Whether the name is another and a single identifier is as before: enough for who is there, not for others."""
        return self.renamed and len(self.same) == 1

    def __bool__(self) -> bool:
        return bool(self.changed or self.renamed)


NO_DIFFERENCE = Differences(frozenset(), frozenset(), renamed=False, named_as_before=True)


def evidence_of(person: Person) -> dict[str, str]:
    """Return what recognises a person of the roster: digests by kind, of what the roster gives."""
    found = {kind: _digest(identifier_key(kind, value)) for kind in STRONG if (value := getattr(person, kind))}
    words = _words(person.name)
    return {**found, **({NAME: words} if words else {}), ROSTER: fingerprint(person)}


def account_evidence(account: Account) -> dict[str, str]:
    """Return what recognises an account's display name."""
    words = _words(account.name)
    return {ACCOUNT_NAME: words} if words else {}


def fingerprint(person: Person) -> str:
    """Return a digest of all that the roster says of who a person is: equal only where nothing at all is another."""
    return _digest(repr((person.external_id, person.email, person.username, person.name)))


def compare(person: Person, evidence: Mapping[str, str]) -> Differences:
    """Return what is as before, and what is not, of all that both the roster and the evidence give."""
    if evidence.get(ROSTER) == fingerprint(person):
        return NO_DIFFERENCE  # the rule; it costs a tenth of the comparison
    now = evidence_of(person)
    both = [kind for kind in STRONG if kind in now and evidence.get(kind)]
    changed = frozenset(kind for kind in both if now[kind] != evidence[kind])
    named = NAME in now and bool(evidence.get(NAME))
    alike = named and same_words(now[NAME], evidence[NAME])
    return Differences(frozenset(both) - changed, changed, named and not alike, alike)


def account_renamed(account: Account, known: Recognised) -> bool:
    """Whether an account has another display name than when it was matched."""
    now, before = account_evidence(account).get(ACCOUNT_NAME), known.evidence.get(ACCOUNT_NAME)
    return bool(now and before and not same_words(now, before))


def other_account(account: Account, known: Recognised) -> str:
    """Return why the account with this id cannot be the one that was matched; empty where it can."""
    made, before = account.made_at, known.account.made_at
    if made is None:
        return ""
    if before is not None and abs(made - before) > SAME_MOMENT:
        return f"the account {account.id} was made at another time than the one that was matched"
    if before is None and known.at is not None and made > known.at + CLOCKS_DIFFER:
        return f"the account {account.id} is younger than the match"
    return ""


def same_words(one: str, other: str) -> bool:
    """Whether two names, as digests of their words, are the same: in any order, or with a word more."""
    left, right = set(one.split()), set(other.split())
    return left <= right or right <= left


def in_words(kinds: frozenset[str]) -> str:
    """Return kinds of identifiers as text: "external id and email"."""
    return " and ".join(kind.replace("_", " ") for kind in STRONG if kind in kinds)


def _words(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(sorted({_digest(word) for word in re.findall(r"\w+", text)}))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]

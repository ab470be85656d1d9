"""What recognised a person when the account was matched, and what of it has changed since. Pure.

Of identifiers and names only digests are kept; of the account its id, username and the moment when it was made.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.membership.matching.identifiers import EMAIL, EXTERNAL_ID, USERNAME, identifier_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.membership.state import Account
    from sync_worker.model import Person

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

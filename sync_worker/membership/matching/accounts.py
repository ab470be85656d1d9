"""Who is who: the forum's accounts by identifiers, what recognises a person, and whether they have an account.

Nothing is folded further than the forum itself does: `strasse@x.org` and `straße@x.org`, or an `ı` and an `i`, are two
mailboxes, and a person who can register the one must not become the other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.membership.state import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sync_worker.forum.records import ForumUser
    from sync_worker.model import Person


EMAIL, USERNAME, EXTERNAL_ID = "email", "username", "external_id"


def identifier_key(kind: str, value: str, *, ignore_plus: bool = False) -> str:
    """Return the form in which identifiers of a kind are compared.

    `ignore_plus` takes what follows a plus in the local part away from addresses. It is off unless an admin asks for
    it: the mail servers that do not drop it deliver `ann+b@x.org` to somebody else than `ann@x.org`.
    """
    text = unicodedata.normalize("NFC", value.strip())
    if kind == EXTERNAL_ID:
        return text
    text = unicodedata.normalize("NFC", text.lower())
    if kind != EMAIL or "@" not in text:
        return text
    local, _, domain = text.rpartition("@")
    if ignore_plus:
        local = local.partition("+")[0] or local
    return f"{local}@{_ascii(domain)}"


def spellings(email: str) -> frozenset[str]:
    """Return the forms in which a forum may hold an address: with an international domain as it is, or as ASCII."""
    text = unicodedata.normalize("NFC", email.strip()).lower()
    local, at, domain = text.rpartition("@")
    if not at:
        return frozenset({text})
    return frozenset({text, f"{local}@{_ascii(domain)}", f"{local}@{_unicode(domain)}"})


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _unicode(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    except UnicodeError:
        return domain


# The forum's accounts by every identifier that a roster may give, as far as they were asked for.


ANONYMISED = "@anonymized.invalid"
ID = "id"
EVERYTHING = frozenset({EMAIL, USERNAME, EXTERNAL_ID, ID})


@dataclass(slots=True)
class Directory:
    """Accounts by identifier.

    `whole` are the kinds of identifiers of which all of the forum are in it; `asked` are single identifiers that were
    looked up. Only of these two does it say that nobody has one. `external_ids` are the log-in provider's ids of
    accounts as far as they are known, `looked_at` the accounts of which it is known whether they have one.
    """

    by_id: dict[int, ForumUser] = field(default_factory=dict)
    whole: frozenset[str] = EVERYTHING
    ignore_plus: bool = False
    asked: set[tuple[str, str]] = field(default_factory=set)
    external_ids: dict[int, str] = field(default_factory=dict)
    looked_at: set[int] = field(default_factory=set)
    _index: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        users: Iterable[ForumUser],
        external_ids: Mapping[str, int] | None = None,
        *,
        whole: frozenset[str] = EVERYTHING,
        ignore_plus: bool = False,
    ) -> Directory:
        """Index the accounts; `external_ids` maps ids of the log-in provider to user ids where those are known."""
        directory = cls(whole=whole, ignore_plus=ignore_plus)
        for user in users:
            directory.add(user)
        for external_id, number in (external_ids or {}).items():
            if number in directory.by_id:
                directory.enter(EXTERNAL_ID, external_id, number)
        return directory

    def add(self, user: ForumUser) -> None:
        """Take an account in; one that is there already gains the identifiers of this sight of it."""
        if user.id <= 0:
            return
        known = self.by_id.get(user.id)
        if known is None or known.email is None:
            self.by_id[user.id] = replace(user, created_at=user.created_at or (known.created_at if known else None))
        self.enter(USERNAME, user.username, user.id)
        for email in (user.email, *user.secondary_emails):
            self.enter(EMAIL, email, user.id)

    def enter(self, kind: str, value: str | None, number: int) -> None:
        """Note that an account has an identifier."""
        if value:
            self._index.setdefault((kind, self._key(kind, value)), set()).add(number)
            if kind == EXTERNAL_ID:
                self.external_ids[number] = value.strip()
                self.looked_at.add(number)

    def note_external_id(self, number: int, external_id: str | None) -> None:
        """Note which id an account has at the log-in provider, or that it has none."""
        self.looked_at.add(number)
        self.enter(EXTERNAL_ID, external_id, number)

    def ask(self, kind: str, value: str) -> None:
        """Note that the person with this identifier is in the directory."""
        self.asked.add((kind, self._key(kind, value)))

    def merge(self, other: Directory) -> None:
        """Take in all that another directory knows."""
        for user in other.by_id.values():
            self.add(user)
        for key, numbers in other._index.items():
            self._index.setdefault(key, set()).update(numbers)
        self.asked |= other.asked
        self.whole |= other.whole
        self.external_ids |= other.external_ids
        self.looked_at |= other.looked_at

    def knows(self, kind: str, value: str) -> bool:
        """Whether the directory can say who has this identifier, and that nobody has it."""
        return kind in self.whole or (kind, self._key(kind, value)) in self.asked

    def find(self, kind: str, value: str) -> set[int]:
        """Return the ids of the accounts with this identifier."""
        return self._index.get((kind, self._key(kind, value)), set())

    def is_gone(self, number: int) -> bool:
        """Whether an account was deleted, merged into another or anonymised."""
        user = self.by_id.get(number)
        if user is None:
            return self.knows(ID, str(number))
        return (user.email or "").endswith(ANONYMISED)

    def account(self, number: int) -> Account:
        """Return the account with its standing as a note."""
        user = self.by_id[number]
        notes = {"suspended": user.suspended, "not activated": not user.active, "silenced": user.silenced}
        note = ", ".join(note for note, holds in notes.items() if holds)
        return Account(user.id, user.username, user.name, note, user.created_at)

    def _key(self, kind: str, value: str) -> str:
        return identifier_key(kind, value, ignore_plus=self.ignore_plus)


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


REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True)
class Match:
    """The account a person is, and by what; `followed` says which ordinary change was followed, if any.

    `evidence` is what recognises the person from now on (see `Recognised`), None where that is known already. `lost` is
    the account that was theirs before, and is deleted, merged or anonymised; `anonymised` says that it is the last.
    """

    account: Account
    by: str
    followed: str = ""
    evidence: Mapping[str, str] | None = field(default=None, compare=False, repr=False)
    lost: int | None = field(default=None, compare=False)
    anonymised: bool = field(default=False, compare=False)


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

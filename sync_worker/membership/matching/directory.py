"""The forum's accounts by every identifier that a roster may give, and when two identifiers are the same.

Nothing is folded further than the forum itself does: `strasse@x.org` and `straße@x.org`, or an `ı` and an `i`, are two
mailboxes, and a person who can register the one must not become the other.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.state import Account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync_worker.forum.records import ForumUser


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

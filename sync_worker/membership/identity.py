"""Which forum account a person of the roster is: by what was remembered, else by identifiers that agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.membership.state import Account
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync_worker.forum.records import ForumUser
    from sync_worker.model import Person

REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True)
class Match:
    """The account a person is, and by what."""

    account: Account
    by: str


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why a person has no account, and which accounts may be theirs all the same."""

    reason: str
    candidates: tuple[int, ...] = ()


@dataclass(slots=True)
class Directory:
    """The forum's accounts by every identifier that a roster may give."""

    by_id: dict[int, ForumUser] = field(default_factory=dict)
    _index: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, users: Iterable[ForumUser], external_ids: Mapping[str, int] | None = None) -> Directory:
        """Index the accounts; `external_ids` maps single-sign-on ids to user ids where those are known."""
        directory = cls()
        for user in users:
            if user.id <= 0:
                continue
            directory.by_id[user.id] = user
            directory._enter("username", user.username, user.id)
            for email in (user.email, *user.secondary_emails):
                directory._enter("email", email, user.id)
        for external_id, number in (external_ids or {}).items():
            if number in directory.by_id:
                directory._enter("external_id", external_id, number)
        return directory

    def _enter(self, kind: str, value: str | None, number: int) -> None:
        if value:
            self._index.setdefault((kind, fold(value)), set()).add(number)

    def find(self, kind: str, value: str) -> set[int]:
        """Return the ids of the accounts with this identifier."""
        return self._index.get((kind, fold(value)), set())

    def account(self, number: int) -> Account:
        """Return the account with its standing as a note."""
        user = self.by_id[number]
        note = "suspended" if user.suspended else "" if user.active else "not activated"
        return Account(user.id, user.username, user.name, note)


def identify(
    people: Sequence[Person],
    remembered: Mapping[str, Account],
    seen: Mapping[int, Account],
    directory: Directory | None,
    order: Sequence[str],
) -> dict[str, Match | NoMatch]:
    """Return each person's account by person key.

    `seen` are accounts from member lists (fresh names), `directory` the whole forum or None where it was not read. What
    is remembered holds as long as the account exists. Two people never get the same account.
    """
    found: dict[str, Match | NoMatch] = {}
    for person in people:
        known = remembered.get(person.key)
        if known and (directory is None or known.id in directory.by_id):
            account = directory.account(known.id) if directory else seen.get(known.id, known)
            found[person.key] = Match(account, REMEMBERED)
        elif directory is None:
            found[person.key] = NoMatch("the forum's accounts were not read.")
        else:
            found[person.key] = _search(person, directory, order)
    return _without_shared(found)


def _search(person: Person, directory: Directory, order: Sequence[str]) -> Match | NoMatch:
    hits: list[tuple[str, set[int]]] = []
    tried: list[str] = []
    for kind in order:
        value = getattr(person, kind)
        if value:
            tried.append(f"{kind.replace('_', ' ')} {value}")
            numbers = directory.find(kind, value)
            if numbers:
                hits.append((kind, numbers))
    if not hits:
        return NoMatch(f"no account has {' or '.join(tried) or 'an identifier that is looked at'}.")
    together = set().union(*(numbers for _, numbers in hits))
    if len(together) > 1:
        fits = ", ".join(
            f"{kind.replace('_', ' ')} fits {directory.by_id[number].username}"
            for kind, numbers in hits
            for number in sorted(numbers)
        )
        return NoMatch(
            f"ambiguous: {fits}. Correct the roster, or leave one out of 'identity'.", tuple(sorted(together))
        )
    number = next(iter(together))
    if directory.by_id[number].staged:
        return NoMatch("only a staged account exists: the person has never signed up.", (number,))
    return Match(directory.account(number), hits[0][0])


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

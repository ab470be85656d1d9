"""The ways to look accounts up, and what each costs: of those that the forum has, the cheapest is taken.

Methods, best first: our plugin (see `plugin_view`), the Data Explorer (1 call for 10,000 identifiers), a hundred terms
a call (cores later than August 2025), one by one, the whole list of accounts (1 call a hundred).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Protocol

from sync_worker.forum.accounts import DISCOURSE_CONNECT, TERMS_A_CALL, USERS_A_CALL
from sync_worker.forum.site import sendable
from sync_worker.membership.matching.abilities import ACCOUNTS, ITEMS_A_CALL, NO_PROVIDER, find_accounts
from sync_worker.membership.matching.accounts import (
    EMAIL,
    EXTERNAL_ID,
    ID,
    USERNAME,
    Directory,
    identifier_key,
    spellings,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sync_worker.config.settings import LookupSettings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumUser
    from sync_worker.membership.matching.abilities import Abilities
    from sync_worker.model import Person

NEVER = 10**9
MANY_ACCOUNTS = 1_000_000  # taken for the number where the forum does not say it
ANONYMOUS_NAME = re.compile(r"anon\d+", re.IGNORECASE)


class Method(StrEnum):
    """A way to look accounts up."""

    PLUGIN = "plugin"
    EXPLORER = "explorer"
    TERMS = "terms"
    SINGLY = "singly"
    CRAWL = "crawl"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be looked up: identifiers as the roster spells them, and ids of accounts that we remember."""

    emails: frozenset[str] = frozenset()
    usernames: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()
    ids: frozenset[int] = frozenset()

    @classmethod
    def of(cls, people: Iterable[Person], order: Collection[str], ids: Iterable[int] = ()) -> Wanted:
        """Return what is to be looked up to place these people."""
        listed = list(people)

        def every(kind: str) -> frozenset[str]:
            return frozenset(value for person in listed if kind in order and (value := getattr(person, kind)))

        return cls(every(EMAIL), every(USERNAME), every(EXTERNAL_ID), frozenset(ids))

    def __bool__(self) -> bool:
        return bool(self.emails or self.usernames or self.external_ids or self.ids)


class AccountLookup(Protocol):
    """Looks accounts up on one forum; `accounts` is how many it has, None where that is not known.

    It may find out more about its abilities.
    """

    abilities: Abilities
    options: LookupSettings
    accounts: int | None
    now: datetime

    @property
    def provider(self) -> str:
        """The log-in provider whose ids are looked up, `none` for none."""
        ...

    @property
    def tells_everything(self) -> bool:
        """Whether one call answers about every kind of identifier, so that asking for more of them costs nothing."""
        ...

    def calls(self, method: Method, wanted: Wanted) -> int | None:
        """Return how many calls a method takes at least, None where it cannot be used."""
        ...

    def best(self, wanted: Wanted) -> tuple[Method, int] | None:
        """Return the cheapest method and its calls, None where none may be used."""
        ...

    def least(self, wanted: Wanted) -> int:
        """Return how many calls looking up takes at best; a very large number where it cannot be done."""
        ...

    def most(self, wanted: Wanted) -> int:
        """Return how many calls looking up takes at worst."""
        ...

    def look_up(self, wanted: Wanted) -> Directory:
        """Return what the forum knows about the identifiers.

        Raises:
            ForumError: the forum could not be read.

        """
        ...

    def look_at(self, directory: Directory, accounts: Collection[int]) -> None:
        """Find out which ids accounts have at the log-in provider, and when they were made."""
        ...


@dataclass(slots=True)
class CoreLookup:
    """Looks accounts up with what every forum offers, or the Data Explorer."""

    forum: Forum = field(repr=False)
    abilities: Abilities
    options: LookupSettings
    accounts: int | None
    now: datetime

    @property
    def provider(self) -> str:
        """The log-in provider whose ids are looked up, `none` for none."""
        return self.abilities.provider(self.options.external_ids)

    @property
    def tells_everything(self) -> bool:
        """Whether one call answers about every kind of identifier, so that asking for more of them costs nothing."""
        return self.abilities.explorer and Method.EXPLORER.value in self.options.rungs

    def calls(self, method: Method, wanted: Wanted) -> int | None:
        """Return how many calls a method takes at least, None where it cannot be used."""
        if method is Method.PLUGIN or method.value not in self.options.rungs:
            return None
        emails, others = len(wanted.emails), len(wanted.usernames) + len(wanted.ids)
        outside = min(len(wanted.external_ids), self.options.singly)
        if method is Method.CRAWL:
            accounts = MANY_ACCOUNTS if self.accounts is None else self.accounts
            return ceil((accounts + 1) / USERS_A_CALL) + outside
        if self.options.ignore_plus and emails:
            return None  # the other ways find addresses as they are spelt
        costs = {
            Method.EXPLORER: ceil((emails + others + len(wanted.external_ids)) / ITEMS_A_CALL),
            Method.TERMS: ceil(emails / TERMS_A_CALL) + others + outside,
            Method.SINGLY: emails + others + outside,
        }
        usable = {
            Method.EXPLORER: self.abilities.explorer,
            Method.TERMS: self.abilities.many_terms is not False and others <= self.options.singly,
            Method.SINGLY: emails + others <= self.options.singly,
        }
        return costs[method] if usable[method] else None

    def best(self, wanted: Wanted) -> tuple[Method, int] | None:
        """Return the cheapest method and its calls, None where none may be used.

        Calls: 1 where that depends on whether this core takes many terms, which is then known for a day.
        """
        costs = {method: calls for method in Method if (calls := self.calls(method, wanted)) is not None}
        if self.abilities.many_terms is None and Method.TERMS in costs:
            others = [calls for method, calls in costs.items() if method is not Method.TERMS]
            if others and costs[Method.TERMS] + 1 >= min(others):
                del costs[Method.TERMS]
            else:
                self.abilities = replace(self.abilities, many_terms=self.forum.takes_many_terms())
                return self.best(wanted)
        return min(costs.items(), key=lambda cost: cost[1], default=None)

    def least(self, wanted: Wanted) -> int:
        """Return how many calls looking up takes at best; a very large number where it cannot be done. Calls: none."""
        return min((calls for method in Method if (calls := self.calls(method, wanted)) is not None), default=NEVER)

    def most(self, wanted: Wanted) -> int:
        """Return how many calls looking up takes if a core of which we do not know takes a single term. Calls: none."""
        sure = (method for method in Method if method is not Method.TERMS or self.abilities.many_terms)
        return min((calls for method in sure if (calls := self.calls(method, wanted)) is not None), default=NEVER)

    def look_up(self, wanted: Wanted) -> Directory:
        """Return what the forum knows about the identifiers. Calls: as `calls` says; none where nothing is wanted.

        Raises:
            ForumError: the forum could not be read.

        """
        best = self.best(wanted)
        if not wanted or best is None:
            return Directory(whole=frozenset(), ignore_plus=self.options.ignore_plus)
        chosen, _ = best
        if chosen is Method.EXPLORER:
            return self._explore(wanted)
        if chosen is Method.CRAWL:
            known = frozenset({EMAIL, USERNAME, ID})
            directory = Directory.of(self.forum.users(), whole=known, ignore_plus=self.options.ignore_plus)
        else:
            directory = Directory(whole=frozenset(), ignore_plus=self.options.ignore_plus)
            self._add_by_email(directory, wanted.emails, TERMS_A_CALL if chosen is Method.TERMS else 1)
            self._add_singly(directory, wanted)
        self._add_external(directory, wanted.external_ids)
        return directory

    def _explore(self, wanted: Wanted) -> Directory:
        emails = {email: [each for each in spellings(email) if sendable(each)] for email in wanted.emails}
        names = {name: identifier_key(USERNAME, name) for name in wanted.usernames}
        outside = {each: each.strip() for each in wanted.external_ids if self.provider != NO_PROVIDER}
        users, external = find_accounts(
            self.forum,
            self.abilities.queries[ACCOUNTS.name],
            emails={each for spelt in emails.values() for each in spelt},
            names={name for name in names.values() if sendable(name)},
            outside={each for each in outside.values() if sendable(each)},
            ids=wanted.ids,
            provider=self.provider,
            now=self.now,
        )
        directory = Directory.of(users, external, whole=frozenset(), ignore_plus=self.options.ignore_plus)
        directory.looked_at |= directory.by_id.keys()
        _ask(directory, EMAIL, [email for email, spelt in emails.items() if spelt])
        _ask(directory, USERNAME, [name for name, key in names.items() if sendable(key)])
        _ask(directory, EXTERNAL_ID, [each for each in outside if sendable(each.strip())])
        _ask(directory, ID, map(str, wanted.ids))
        return directory

    def _add_by_email(self, directory: Directory, emails: Collection[str], at_once: int) -> None:
        terms = {each: email for email in sorted(emails) for each in spellings(email) if _is_term(each)}
        listed = sorted(terms)
        for start in range(0, len(listed), at_once):
            some = listed[start : start + at_once]
            for user in self.forum.users_like(some):
                directory.add(user)
        _ask(directory, EMAIL, terms.values())

    def _add_singly(self, directory: Directory, wanted: Wanted) -> None:
        for name in sorted(wanted.usernames):
            _add(directory, self.forum.user(name.strip()))
        _ask(directory, USERNAME, wanted.usernames)
        for number in sorted(wanted.ids - directory.by_id.keys()):
            _add(directory, with_email_if_anonymous(self.forum, self.forum.user_by_id(number)))
        _ask(directory, ID, map(str, wanted.ids))

    def look_at(self, directory: Directory, accounts: Collection[int]) -> None:
        """Find out which ids accounts have at the log-in provider, and when they were made.

        Calls: 1 for each of which that is not known, as many as one run may look up one by one.
        """
        look_at_each(self.forum, directory, accounts, self.provider, self.options.singly)

    def _add_external(self, directory: Directory, external_ids: Collection[str]) -> None:
        """Look ids of the log-in provider up, as many as one run may; an id with a slash cannot stand in a path."""
        if self.provider == NO_PROVIDER:
            return
        possible = sorted(each for each in external_ids if each.strip() and "/" not in each)
        for external_id in possible[: self.options.singly]:
            user = self.forum.user_by_external_id(external_id.strip(), self.provider)
            if user:
                directory.add(user)
                directory.enter(EXTERNAL_ID, external_id, user.id)
            directory.ask(EXTERNAL_ID, external_id)


def _add(directory: Directory, user: ForumUser | None) -> None:
    if user is not None:
        directory.add(user)


def _ask(directory: Directory, kind: str, values: Iterable[str]) -> None:
    for value in values:
        directory.ask(kind, value)


def _is_term(text: str) -> bool:
    """Whether a text is one term of the users list's filter, which Discourse splits at commas and spaces."""
    return bool(text) and "," not in text and not any(character.isspace() for character in text)


def with_email_if_anonymous(forum: Forum, user: ForumUser | None) -> ForumUser | None:
    """Look the address up of somebody who is called as Discourse calls anonymised accounts. Calls: 0 or 1."""
    if user is None or not ANONYMOUS_NAME.fullmatch(user.username):
        return user
    return replace(user, email=forum.primary_email(user.username))


def look_at_each(forum: Forum, directory: Directory, accounts: Collection[int], provider: str, at_most: int) -> None:
    """Find out which ids accounts have at the log-in provider, and when they were made.

    Calls: 1 for each of which that is not known, up to `at_most`; none where there is no provider.
    """
    if provider == NO_PROVIDER:
        return
    for number in sorted(set(accounts) - directory.looked_at)[:at_most]:
        user = forum.user_by_id(number)
        if user is not None:
            directory.add(user)
            own = user.external_id if provider == DISCOURSE_CONNECT else user.associated.get(provider)
            directory.note_external_id(number, own)


def effective_order(order: Sequence[str], provider: str) -> tuple[str, ...]:
    """Return the identifiers that are looked at: external ids only where the forum has any."""
    return tuple(kind for kind in order if kind != EXTERNAL_ID or provider != NO_PROVIDER)

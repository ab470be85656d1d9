"""Match people with accounts: what is remembered, what member lists show, and whose accounts to look up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.membership.matching.directory import Match
from sync_worker.membership.matching.finding import Finder, Found
from sync_worker.membership.observing.asking import NOBODY, LookUps, Unfound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.membership.matching.abilities import Abilities
    from sync_worker.membership.matching.directory import Memory, NoMatch
    from sync_worker.membership.matching.lookup import AccountLookup
    from sync_worker.membership.state import Account, Observed


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

"""People added by e-mail, or invited, before their accounts were known: what became of them, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.recognised import Recognised
from sync_worker.membership.observing.invitations import Followed
from sync_worker.membership.records.emailed import Emailed, EmailedStore, found_gone, pair
from sync_worker.membership.records.invitations import InvitationStore
from sync_worker.membership.records.memberships import State, TieKey, TieRecord, digest, digests
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.matching.identity import Match, Memory, NoMatch
    from sync_worker.membership.records.invitations import Invited
    from sync_worker.membership.records.store import MembershipStore
    from sync_worker.membership.state import Observed
    from sync_worker.model import Cohort, Person


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is known of these people.

    Args:
        emailed: who was added by e-mail to groups that are there, and which accounts came of it.
        gone: the same of groups that are gone, or somebody else's by now.
        invited: invitations by cohort and person key, as they are now.
        followed: what the forum said about them in this run.
        people: the people of the roster by their keys; it may tell more by which to know them.

    """

    emailed: Emailed = field(default_factory=Emailed)
    gone: Emailed = field(default_factory=Emailed)
    invited: Mapping[tuple[str, str], Invited] = field(default_factory=dict)
    followed: Followed = field(default_factory=Followed)
    people: Mapping[str, Person] = field(default_factory=dict)

    def without_lost_groups(self, cohorts: Sequence[Cohort], observed: Observed) -> Unseen:
        """Return what is known, with what concerns groups that are gone set apart."""
        groups = {cohort.group: observed.cohorts[cohort.key].group for cohort in cohorts}
        gone, emailed = self.emailed.split({name for name, group in groups.items() if not (group and group.ours)})
        return replace(self, emailed=emailed, gone=gone)

    def after(self, followed: Followed) -> Unseen:
        """Return what is known once the forum was asked about invitations."""
        return replace(self, followed=followed, invited={**self.invited, **followed.changed})

    def recalled(self, memory: Memory) -> Memory:
        """Return what is remembered of who is who, with the accounts of people who accepted an invitation."""
        accepted = {
            key: Recognised(account)
            for key, account in self.followed.accepted.items()
            if key not in memory.recognised or memory.recognised[key].account.id != account.id
        }
        return replace(memory, recognised={**memory.recognised, **accepted})

    def ties(self, who: Mapping[str, Match | NoMatch], observed: Observed) -> dict[TieKey, TieRecord]:
        """Return ties of ours of which this run found out whose they are: by an address, or by an invitation."""
        there = _places(observed)
        pairing = pair(self.emailed, who, there)
        joined = {key: whom for key, whom in self.followed.joined.items() if key[1] in there.get(fold(key[0]), ())}
        return {
            TieKey(*place): self._tie(place[0], username, key, left=place in pairing.left)
            for place, (username, key) in {**pairing.ties, **joined}.items()
        }

    def _tie(self, group: str, username: str, key: str, *, left: bool) -> TieRecord:
        """Return the tie of somebody added or invited by an address; the roster may tell more by which to know them."""
        emailed, invited = self.emailed.people.get((group, key)), self._invited_into(group, key)
        one, person = emailed or invited, self.people.get(key)
        known = [digest(one.email) if one else "", *(digests(person).split() if person else ())]
        told = " ".join(dict.fromkeys(filter(None, known)))
        state = State.LEFT if left else State.ADDED
        return TieRecord(state, username, key, one.cohort if one else "", told)

    def _invited_into(self, group: str, key: str) -> Invited | None:
        return next((one for one in self.invited.values() if one.key == key and group in one.groups), None)


@dataclass(frozen=True, slots=True)
class UnseenStore:
    """Reads and writes this about one forum."""

    sessions: sessionmaker[Session]
    forum: str

    @property
    def emailed(self) -> EmailedStore:
        """Where people added by e-mail are written down."""
        return EmailedStore(self.sessions, self.forum)

    @property
    def invitations(self) -> InvitationStore:
        """Where invitations are written down."""
        return InvitationStore(self.sessions, self.forum)

    def read(self, people: Mapping[str, Person] | None = None) -> Unseen:
        """Return what is known; `people` are those of the roster by their keys."""
        return Unseen(self.emailed.read(), invited=self.invitations.read(), people=people or {})

    def write_down(  # noqa: PLR0917
        self,
        unseen: Unseen,
        who: Mapping[str, Match | NoMatch],
        observed: Observed,
        memory: MembershipStore,
        run: str,
        now: datetime,
    ) -> None:
        """Write down whose the accounts are that joined by e-mail or invitation, as far as this run found out."""
        self.invitations.write(unseen.followed.changed.values(), run, now)
        there = _places(observed)
        pairing = pair(unseen.emailed, who, there)
        memory.write_ties(unseen.ties(who, observed), run, now)
        gone = [(group, number) for group, accounts in unseen.gone.accounts.items() for number in accounts]
        for group, accounts in found_gone(unseen.emailed, there):
            self.emailed.write_accounts(group, accounts, now)
        self.emailed.forget([*pairing.people, *unseen.gone.people], [*pairing.accounts, *gone])


def _places(observed: Observed) -> dict[str, Collection[int]]:
    """Return who is in each group that was looked at, by folded name."""
    groups = [group for state in observed.cohorts.values() for group in (state.group, state.lcm_group) if group]
    return {fold(group.name): group.members.keys() for group in groups}

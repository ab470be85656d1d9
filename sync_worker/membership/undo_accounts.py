"""Whose accounts a run to be taken back is about: those it added by address or invited, and those it took out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.access import open_plain_access
from sync_worker.membership.applying.unseen import Inviter
from sync_worker.membership.matching.accounts import EMAIL, Match, account_renamed, identifier_key, other_account
from sync_worker.membership.observing.asking import LookUps
from sync_worker.membership.observing.match import match_people
from sync_worker.membership.observing.unseen import UnseenStore, follow
from sync_worker.membership.records.ties import OURS, State, Tie, TieBook, TieKey, TieRecord, digest
from sync_worker.membership.records.unseen import Invited, Stage
from sync_worker.membership.state import AccountIn, InCohort, InGroup
from sync_worker.model import Change, ChangeKind, Person, fold
from sync_worker.model.details import ABSENT, Mailed, Member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import InvitationSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.access import CoreAccess
    from sync_worker.membership.matching.accounts import Directory, Memory, Recognised
    from sync_worker.membership.observing.match import Matched
    from sync_worker.membership.observing.unseen import Unseen
    from sync_worker.membership.records.journal import ApplyReport, Entry
    from sync_worker.membership.records.memberships import MembershipStore, Remembered
    from sync_worker.membership.records.unseen import Emailed
    from sync_worker.membership.state import Account, Observed
    from sync_worker.model import Cohort, Plan
    from sync_worker.model.details import Nothing
    from sync_worker.store.database import Store


INVITING = frozenset({ChangeKind.INVITE, ChangeKind.REMIND, ChangeKind.WITHDRAW})
"""A group and a person's key, or a cohort's key and a person's."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked up to take a run back, and where that is written down."""

    access: CoreAccess
    matched: Matched
    unseen: Unseen
    store: UnseenStore
    options: InvitationSettings

    def write_down(self, observed: Observed, memory: MembershipStore, run: str, now: datetime) -> None:
        """Write down whose the accounts are that joined by e-mail or invitation."""
        self.store.write_down(self.unseen, self.matched.who, observed, memory, run, now)

    def carry_invitations_out(
        self, plan: Plan, cohorts: Mapping[str, Cohort], group_ids: Mapping[str, int], run: str, now: datetime
    ) -> ApplyReport:
        """Carry the lines about invitations out. Calls: as `Inviter.carry_out`."""
        forum, store = self.access.view.forum, self.store.invitations
        inviter = Inviter(forum, store, self.unseen.invited, self.options, group_ids, run, now)
        return inviter.carry_out(plan, cohorts)


@dataclass(frozen=True, slots=True)
class Trace:
    """What has become of people whose accounts a run did not know.

    `ties` are all that are known, those found out now among them. `lost` are accounts that came with the run and whose
    address nobody has any more, `unplaced` the people whose they must be. `matches` are found out now and `accounts`
    all that are known, by person key; `invited` by cohort and person key.
    """

    ties: TieBook = field(default_factory=TieBook)
    lost: Mapping[TieKey, TieRecord] = field(default_factory=dict)
    unplaced: frozenset[InGroup] = frozenset()
    matches: Mapping[str, Match] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    invited: Mapping[InCohort, Invited] = field(default_factory=dict)
    looked: Looked | None = None

    def told(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries with additions of accounts in place of lines that named none, as far as that is known."""
        return [new for entry in entries for new in self._told(entry)]

    def found_lost(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """Yield an entry for each account that came with the run and is nobody's any more."""
        for key, record in self.lost.items():
            words = f"added by {entries[0].run}; whose address it was is not known any more"
            change = Change(ChangeKind.ADD, record.cohort, key.group, words)
            yield replace(entries[0], state="done", change=_with_account(change, key.user_id, record, words))

    def _told(self, entry: Entry) -> list[Entry]:
        change, key = entry.change, entry.change.key
        if change.kind is ChangeKind.ADD_BY_EMAIL:
            found = self._tie(change.target, key)
            return [replace(entry, change=_with_account(change, *found))] if found else [entry]
        invited = self.invited.get(InCohort(change.cohort, key))
        if change.kind is not ChangeKind.INVITE or invited is None or invited.stage is not Stage.ACCEPTED:
            return [entry]
        words = f"invited by {entry.run}, and accepted"
        places = ((group, self._tie(group, key)) for group in invited.groups)
        joined = [_with_account(replace(change, target=group), *found, words) for group, found in places if found]
        return [replace(entry, state="done", change=change) for change in joined] or [entry]

    def _tie(self, group: str, key: str) -> tuple[int, TieRecord] | None:
        """Return the account that a person has or had in a group through us."""
        records = self.ties.to(group).records
        found = [(number, record) for number, record in records.items() if record.person == key]
        return next((each for each in found if each[1].state in OURS), found[-1] if found else None)

    def write_down(self, memory: MembershipStore, observed: Observed, run: str, now: datetime) -> None:
        """Keep what was found out; before anything is taken back."""
        if self.looked:
            memory.remember_people(self.matches, now)
            self.looked.write_down(observed, memory, run, now)

    def forget_lost(self, report: ApplyReport) -> None:
        """Forget the lost accounts that were removed, and, where none remains in a group, whose they must have been."""
        if not self.looked:
            return
        gone = {AccountIn(change.target, change.user_id) for change in report.done if change.user_id is not None}
        lost = [AccountIn(key.group, key.user_id) for key in self.lost]
        left = {one.group for one in lost if one not in gone}
        people = [one for one in self.unplaced if one.group not in left]
        self.looked.store.emailed.forget(people, [one for one in lost if one in gone])


NOTHING_UNSEEN = Trace()


def with_keys_of_today(entries: Sequence[Entry], unseen: Unseen, ties: TieBook) -> list[Entry]:
    """Return entries with the keys of today where the roster has called people whom they wrote to otherwise since."""
    added = {(one.group, identifier_key(EMAIL, one.email)): one.key for one in unseen.emailed.people.values()}
    asked = {(one.cohort, identifier_key(EMAIL, one.email)): one.key for one in unseen.invited.values()}
    groups = {entry.change.target for entry in entries if entry.change.kind is ChangeKind.ADD_BY_EMAIL}
    paired = {
        (group, known): record.person
        for group in groups
        for record in ties.to(group).records.values()
        for known in record.digests.split()
    }

    def key_of(change: Change, email: str) -> str | None:
        if change.kind is ChangeKind.ADD_BY_EMAIL:
            place = (change.target, identifier_key(EMAIL, email))
            return added.get(place) or paired.get((change.target, digest(email)))
        if InCohort(change.cohort, change.key) in unseen.invited:
            return change.key
        return asked.get((change.cohort, identifier_key(EMAIL, email)))

    def renamed(entry: Entry) -> Entry:
        detail = entry.change.detail
        key = key_of(entry.change, detail.email) if isinstance(detail, Mailed) else None
        if not isinstance(detail, Mailed) or key in (None, detail.key):
            return entry
        return replace(entry, change=replace(entry.change, detail=replace(detail, key=key)))

    return list(map(renamed, entries))


def retrace(
    settings: Settings,
    forum: Forum,
    store: Store,
    entries: Sequence[Entry],
    *,
    observed: Observed,
    remembered: Remembered,
    now: datetime,
) -> Trace:
    """Return what became of the people whose accounts a run did not know; writes nothing.

    Calls: none where the run had no such lines. Else as `probe` once a day and as `Finder.find` for people added by
    their address who were not looked up since; as `follow` where somebody was invited.
    """
    lines = [entry.change for entry in entries]
    added = {InGroup(line.target, line.key) for line in lines if line.kind is ChangeKind.ADD_BY_EMAIL}
    inviting = any(line.kind in INVITING for line in lines)
    if not added and not inviting:
        return Trace(remembered.ties)
    access = open_plain_access(settings, forum, store.sessions, now, looking=bool(added))
    books = UnseenStore(store.sessions, forum.name)
    unseen = books.read()
    if inviting:
        unseen = unseen.after(follow(forum, unseen.invited, settings.invitations, now, accounts_changed=True))
    people = {place: Person(email=one.email) for place, one in unseen.emailed.people.items() if place in added}
    wanted = LookUps(list(people.values()), frozenset(person.key for person in people.values()))
    memory = unseen.recalled(remembered.memory)
    lookup = access.lookup(access.abilities, observed.account_count)
    matched = match_people(lookup, settings.identity, wanted, observed, memory)
    found = {place: matched.who.get(person.key) for place, person in people.items()}
    unplaced = frozenset(place for place, match in found.items() if not isinstance(match, Match))
    # The roster may know a person by more than the address that was looked up.
    matches = {place[1]: match for place, match in found.items() if isinstance(match, Match)}
    paired = unseen.ties(matched.who, observed)
    return Trace(
        remembered.ties.plus(paired),
        dict(_lost(unseen.emailed, entries[0].run, paired, unplaced)),
        unplaced,
        matches,
        {**remembered.accounts, **{key: match.account for key, match in matches.items()}},
        unseen.invited,
        Looked(access, matched, unseen, books, settings.invitations),
    )


def _lost(
    emailed: Emailed, run: str, paired: Mapping[TieKey, TieRecord], unplaced: frozenset[InGroup]
) -> Iterator[tuple[TieKey, TieRecord]]:
    """Yield the accounts that came with the run and could not be paired.

    Each is protected for everybody it may be.
    """
    for group, accounts in emailed.accounts.items():
        candidates = [one for place, one in emailed.people.items() if place in unplaced and place[0] == group]
        digests = " ".join(digest(one.email) for one in candidates)
        cohort = next((one.cohort for one in candidates), "")
        for number, account in accounts.items():
            key = TieKey(group, number, Tie.MEMBER)
            if account.run == run and not account.left and key not in paired and candidates:
                yield key, TieRecord(State.ADDED, account.username, "", cohort, digests)


def _with_account(change: Change, number: int, record: TieRecord, told: str | Nothing = ABSENT) -> Change:
    detail = Member(record.person, record.digests, told=told)
    return replace(change, kind=ChangeKind.ADD, user_id=number, username=record.username, detail=detail)


# Whether an account that an undo lets in again is still the person who was taken out. Pure.


def keep_out_others(plan: Plan, directory: Directory, memory: Memory) -> Plan:
    """Return the plan without the lines that would let in somebody else, or nobody; they are kept, with the reason.

    `directory` has the accounts as they are now, as far as they were looked up.
    """
    known = {one.account.id: one for one in memory.recognised.values()}
    return replace(
        plan, changes=tuple(_checked(line, directory, known.get(line.user_id or 0)) for line in plan.changes)
    )


def _checked(line: Change, directory: Directory, known: Recognised | None) -> Change:
    if line.kind not in (ChangeKind.ADD, ChangeKind.ADD_OWNER) or line.user_id is None:
        return line
    reason = _why_not(line.user_id, directory, known)
    if reason:
        return replace(line, kind=ChangeKind.KEPT, reason=reason)
    if line.user_id in directory.by_id:
        return replace(line, username=directory.by_id[line.user_id].username)
    return line


def _why_not(number: int, directory: Directory, known: Recognised | None) -> str:
    if directory.is_gone(number):
        return "the account was deleted, merged or anonymised since"
    if number not in directory.by_id:
        return "the account could not be looked up, so that it might be somebody else's by now"
    if known is None:
        return ""
    account = directory.account(number)
    if other := other_account(account, known):
        return f"{other}: it is called '{account.username}' now, and was '{known.account.username}'"
    renamed = fold(account.username) != fold(known.account.username) and account_renamed(account, known)
    if renamed and (account.made_at is None or known.account.made_at is None):
        return f"the account is called '{account.username}' by another name now, and was '{known.account.username}'"
    return ""

"""What became of people added by e-mail or invited before their accounts were known, and of those who are gone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sync_worker.errors import RefusedError
from sync_worker.forum.site_checks import WHY, hold_if_restored
from sync_worker.membership.matching.accounts import EMAIL, Recognised, identifier_key
from sync_worker.membership.records.ties import OURS, State, Tie, TieKey, TieRecord, digest, digests
from sync_worker.membership.records.unseen import (
    OF_AN_ADDRESS,
    Addresses,
    Emailed,
    EmailedStore,
    InvitationStore,
    Invited,
    Stage,
    Whose,
    found_gone,
    pair,
)
from sync_worker.membership.state import Account, AccountIn, InCohort, InGroup
from sync_worker.model import ChangeKind, fold
from sync_worker.model.details import Mailed, Member
from sync_worker.store.pauses import DO, hold
from sync_worker.store.tables import MembershipRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.writing import Invitation
    from sync_worker.membership.matching.accounts import Match, Memory, NoMatch
    from sync_worker.membership.records.memberships import MembershipStore
    from sync_worker.membership.state import Observed
    from sync_worker.model import Change, Cohort, Person, Plan


WOULD_GRANT = (
    "an invitation to this address, of our API user, would make its person an administrator or moderator of the forum;"
    " withdraw it on the forum"
)
HAS_GRANTED = (
    "the invitation that {username} accepted grants the rights of an administrator or moderator; see whether that is"
    " meant, and take them back on the forum if not"
)


@dataclass(slots=True)
class Followed:
    """What the forum says about our invitations.

    `changed` are invitations of which more is known now, `accepted` the accounts of people who accepted, by person key,
    and `joined` the groups that the invitations let them into: (group, user id) to (username, person key). `waiting`
    are those of our API user that nobody accepted yet, None where they were not listed.
    """

    changed: dict[InCohort, Invited] = field(default_factory=dict)
    accepted: dict[str, Account] = field(default_factory=dict)
    joined: dict[AccountIn, Whose] = field(default_factory=dict)
    waiting: tuple[Invitation, ...] | None = None


def follow(
    forum: Forum,
    known: Mapping[InCohort, Invited],
    options: InvitationSettings,
    now: datetime,
    *,
    accounts_changed: bool,
) -> Followed:
    """Find out what became of open invitations; only reads.

    Calls: none where nothing is open. 1 per 40 invitations accepted since the last time, if the number of accounts
    changed; 1 per 40 that wait, if some call about them is in doubt or somebody is to be reminded.
    """
    followed = Followed()
    waiting = [one for one in known.values() if one.stage is Stage.INVITED and one.invite_id]
    if waiting and accounts_changed:
        met = {one.invite_id for one in known.values() if one.stage is Stage.ACCEPTED}
        _find_accepted(forum, waiting, met, followed)
    doubtful = [one for one in known.values() if one.stage is Stage.INVITING]
    due = [one for one in waiting if one.is_due(now, options)]
    if doubtful or due:
        followed.waiting = tuple(forum.pending_invitations())
        _compare(followed.waiting, doubtful, due, followed, now)
    return followed


def without_granting(
    plan: Plan, forum: Forum, waiting: Iterable[Invitation] | None, kind: ChangeKind = ChangeKind.UNKNOWN
) -> Plan:
    """Return the plan without inviting or reminding those whom an invitation would give rights over the forum.

    Discourse keeps one invitation of an inviter for an address: to invite again is to send that one, with all that it
    grants, also where a person made it. Each such person stays in the plan, on a line of this kind, with the reason.
    `waiting` are the invitations of our API user that wait, None where they were not listed in this run.

    Calls: none where nobody is to be invited or reminded, or where `waiting` is there; else 1 per 40 that wait.
    """
    if not plan.of(ChangeKind.INVITE, ChangeKind.REMIND):
        return plan
    waiting = forum.pending_invitations() if waiting is None else waiting
    granting = {identifier_key(EMAIL, one.email) for one in waiting if one.grants}

    def checked(line: Change) -> Change:
        detail = line.detail
        if line.kind not in (ChangeKind.INVITE, ChangeKind.REMIND) or not isinstance(detail, Mailed):
            return line
        if identifier_key(EMAIL, detail.email) not in granting:
            return line
        return replace(line, kind=kind, reason=f"not invited: {WOULD_GRANT}", detail=Member(line.key))

    return replace(plan, changes=tuple(map(checked, plan.changes))) if granting else plan


def _find_accepted(forum: Forum, waiting: Sequence[Invited], met: Collection[int | None], followed: Followed) -> None:
    left = {one.invite_id for one in waiting}
    for redemption in forum.redemptions():
        if redemption.invite_id in met:
            return  # this one and all before it were there when we looked last
        account = Account(redemption.user_id, redemption.username)
        for one in waiting:
            # One invitation may lead into several cohorts.
            if one.invite_id == redemption.invite_id and redemption.grants:
                reason = HAS_GRANTED.format(username=account.username)
                followed.changed[InCohort(one.cohort, one.key)] = replace(one, stage=Stage.GRANTED, reason=reason)
            elif one.invite_id == redemption.invite_id:
                followed.accepted[one.key] = account
                followed.joined |= {
                    AccountIn(group, account.id): Whose(account.username, one.key) for group in one.groups
                }
                followed.changed[InCohort(one.cohort, one.key)] = replace(one, stage=Stage.ACCEPTED)
        left.discard(redemption.invite_id)
        if not left:
            return


def _compare(
    pending: Sequence[Invitation],
    doubtful: Sequence[Invited],
    due: Sequence[Invited],
    followed: Followed,
    now: datetime,
) -> None:
    """Settle what is in doubt by looking, and notice invitations that were withdrawn, or given rights, manually."""
    by_email = {identifier_key(EMAIL, invitation.email): invitation for invitation in pending}
    for one in doubtful:
        found = by_email.get(identifier_key(EMAIL, one.email))
        settled = as_made(one, found, now) if found else replace(one, stage=Stage.WITHDRAWN)
        followed.changed[InCohort(one.cohort, one.key)] = settled
    there = {invitation.id: invitation for invitation in pending}
    for one in due:
        if InCohort(one.cohort, one.key) in followed.changed:
            continue
        found = there.get(one.invite_id) if one.invite_id is not None else None
        if found is None:
            followed.changed[InCohort(one.cohort, one.key)] = replace(one, stage=Stage.LAPSED)
        elif found.grants:
            followed.changed[InCohort(one.cohort, one.key)] = as_made(one, found, now)


def as_made(one: Invited, invitation: Invitation, now: datetime) -> Invited:
    """Return the record of an invitation that the forum has; one that grants rights over the forum is not ours."""
    if invitation.grants:
        return replace(one, stage=Stage.GRANTS, reason=WOULD_GRANT)
    return replace(
        one,
        stage=Stage.INVITED,
        invite_id=invitation.id,
        invited_at=one.invited_at or now,
        expires_at=invitation.expires_at,
        reason="",
    )


# An external id that the roster gives from now on, or another one, changes a person's key; the address says who it is.
# What was sent to an address that its person has no more is nothing about that person: it may be a stranger's.


@dataclass(frozen=True, slots=True)
class KeysBefore:
    """The places in the store of what is known by today's keys of people whom the roster called by others before."""

    emailed: Mapping[InGroup, InGroup] = field(default_factory=dict)
    invited: Mapping[InCohort, InCohort] = field(default_factory=dict)


def emailed_today(emailed: Emailed, addresses: Addresses) -> tuple[Emailed, dict[InGroup, InGroup]]:
    """Return who was added by e-mail, by today's keys, and the places that are others by now."""
    keys = {place: addresses.owner(place.person, one.email) for place, one in emailed.people.items()}
    moved = {place: InGroup(place.group, key) for place, key in keys.items() if key != place.person}
    people = {place: one for place, one in emailed.people.items() if place not in moved}
    for place, now in moved.items():
        people.setdefault(now, replace(emailed.people[place], key=now.person))
    return replace(emailed, people=people), moved


def invited_today(
    invited: Mapping[InCohort, Invited], addresses: Addresses
) -> tuple[dict[InCohort, Invited], dict[InCohort, InCohort]]:
    """Return the invitations by today's keys, and the places that are others by now."""
    moved: dict[InCohort, InCohort] = {}
    for place, one in invited.items():
        if one.stage in OF_AN_ADDRESS or place.person not in addresses.people:
            key = addresses.owner(place.person, one.email)
            moved |= {place: InCohort(place.cohort, key)} if key != place.person else {}
    found = {place: one for place, one in invited.items() if place not in moved}
    for place, now in moved.items():
        if now not in found or found[now].stage not in OF_AN_ADDRESS:
            found[now] = replace(invited[place], key=now.person)
    return found, moved


# People added by e-mail, or invited, before their accounts were known: what became of them, and whose they are.


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is known of these people.

    Args:
        emailed: who was added by e-mail to groups that are there, and which accounts came of it.
        gone: the same of groups that are gone, or somebody else's by now.
        invited: invitations by cohort and person key, as they are now.
        followed: what the forum said about them in this run.
        people: the people of the roster by their keys; it may tell more by which to know them.
        before: where the store has what `emailed` and `invited` know by keys that are others today.

    """

    emailed: Emailed = field(default_factory=Emailed)
    gone: Emailed = field(default_factory=Emailed)
    invited: Mapping[InCohort, Invited] = field(default_factory=dict)
    followed: Followed = field(default_factory=Followed)
    people: Mapping[str, Person] = field(default_factory=dict)
    before: KeysBefore = field(default_factory=KeysBefore)

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
        emailed, invited = self.emailed.people.get(InGroup(group, key)), self._invited_into(group, key)
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
        """Return what is known; `people` are those of the roster by their keys, which are those of today."""
        emailed, invited = self.emailed.read(), self.invitations.read()
        if not people or not (emailed.people or invited):
            return Unseen(emailed, invited=invited, people=people or {})
        addresses = Addresses.of(people)
        emailed, added = emailed_today(emailed, addresses)
        invited, asked = invited_today(invited, addresses)
        return Unseen(emailed, invited=invited, people=people, before=KeysBefore(added, asked))

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
        self._write_keys(unseen, run, now)
        self.invitations.write(unseen.followed.changed.values(), run, now)
        there = _places(observed)
        pairing = pair(unseen.emailed, who, there)
        memory.write_ties(unseen.ties(who, observed), run, now)
        gone = [AccountIn(group, number) for group, accounts in unseen.gone.accounts.items() for number in accounts]
        for group, accounts in found_gone(unseen.emailed, there):
            self.emailed.write_accounts(group, accounts, now)
        self.emailed.forget([*pairing.people, *unseen.gone.people], [*pairing.accounts, *gone])

    def _write_keys(self, unseen: Unseen, run: str, now: datetime) -> None:
        """Put today's keys in the place of those before."""
        added, asked = unseen.before.emailed, unseen.before.invited
        people = {**unseen.gone.people, **unseen.emailed.people}
        if added:
            rows = [people[place] for place in dict.fromkeys(added.values())]
            self.emailed.write_people(rows, run, now, instead_of=added)
        if asked:
            invited = [unseen.invited[place] for place in dict.fromkeys(asked.values())]
            self.invitations.write(invited, run, now, instead_of=asked)


def _places(observed: Observed) -> dict[str, Collection[int]]:
    """Return who is in each group that was looked at, by folded name."""
    groups = [group for state in observed.cohorts.values() for group in (state.group, state.lcm_group) if group]
    return {fold(group.name): group.members.keys() for group in groups}


# People of ours who are gone from their groups: they left, or the forum was restored from before they were added.


SEVERAL = 3


def refuse_if_restored(forum: Forum, sessions: sessionmaker[Session], changed: Mapping[TieKey, TieRecord]) -> None:
    """Let nothing be written down about people who left where the forum looks restored.

    It does where what we posted last is gone, or where everybody whom our last run added is gone at once.

    Calls: none where nobody left; else as `restored`.

    Raises:
        RefusedError: it does; nothing may be changed until a person has looked.

    """
    left = {key for key, record in changed.items() if record.state is State.LEFT and key.tie is Tie.MEMBER}
    if not left:
        return
    why = hold_if_restored(forum, sessions)
    if why is None and (gone := _last_run_gone(sessions, forum.name, left)):
        why = WHY.format(what=f"All {gone} people whom the last sync added are gone from their groups at once.")
        with sessions.begin() as session:
            hold(session, forum.name, why)
    if why is not None:
        raise RefusedError(why, where=forum.url, do=DO)


def _last_run_gone(sessions: sessionmaker[Session], forum: str, left: set[TieKey]) -> int:
    """Return how many people the last run added where all of them, and several, are gone; else 0."""
    ours = [state.value for state in OURS]
    of_members = (MembershipRow.forum == forum, MembershipRow.role == Tie.MEMBER.value, MembershipRow.state.in_(ours))
    with sessions() as session:
        newest = session.scalar(select(func.max(MembershipRow.at)).where(*of_members))
        if newest is None:
            return 0
        rows = session.execute(
            select(MembershipRow.group_name, MembershipRow.user_id).where(*of_members, MembershipRow.at == newest)
        ).all()
    added = {(group, number) for group, number in rows}
    gone = {(key.group, key.user_id) for key in left}
    return len(added) if len(added) >= SEVERAL and added <= gone else 0

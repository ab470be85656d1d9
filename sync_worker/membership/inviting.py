"""Following invitations up, and carrying out what a plan says about them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.inviting import INVITES_A_CALL
from sync_worker.membership.apply import ApplyReport, Failure
from sync_worker.membership.identifiers import EMAIL, identifier_key
from sync_worker.membership.invitation_text import invitation_text
from sync_worker.membership.invitations import Invited, Stage
from sync_worker.membership.state import Account
from sync_worker.model import Change, ChangeKind, Cohort

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.inviting import Invitation
    from sync_worker.membership.invitation_store import InvitationStore
    from sync_worker.model import Plan

NOT_SURE = "the forum did not say whether it sent them; the next run will know"
GONE = "it was no longer there"


@dataclass(slots=True)
class Followed:
    """What the forum says about our invitations.

    `changed` are invitations of which more is known now, `accepted` the accounts of people who accepted, by person key,
    and `joined` the groups that the invitations let them into: (group, user id) to (username, person key).
    """

    changed: dict[tuple[str, str], Invited] = field(default_factory=dict)
    accepted: dict[str, Account] = field(default_factory=dict)
    joined: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)


def follow(
    forum: Forum,
    known: Mapping[tuple[str, str], Invited],
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
        _compare(list(forum.pending_invitations()), doubtful, due, followed, now)
    return followed


def _find_accepted(forum: Forum, waiting: Sequence[Invited], met: Collection[int | None], followed: Followed) -> None:
    left = {one.invite_id for one in waiting}
    for redemption in forum.redemptions():
        if redemption.invite_id in met:
            return  # this one and all before it were there when we looked last
        account = Account(redemption.user_id, redemption.username)
        for one in waiting:
            # One invitation may lead into several cohorts.
            if one.invite_id == redemption.invite_id:
                followed.accepted[one.key] = account
                followed.joined |= {(group, account.id): (account.username, one.key) for group in one.groups}
                followed.changed[one.cohort, one.key] = replace(one, stage=Stage.ACCEPTED)
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
    """Settle what is in doubt by looking, and notice invitations that were withdrawn manually."""
    by_email = {identifier_key(EMAIL, invitation.email): invitation for invitation in pending}
    for one in doubtful:
        found = by_email.get(identifier_key(EMAIL, one.email))
        settled = _made(one, found, now) if found else replace(one, stage=Stage.WITHDRAWN)
        followed.changed[one.cohort, one.key] = settled
    there = {invitation.id for invitation in pending}
    for one in due:
        if one.invite_id not in there and (one.cohort, one.key) not in followed.changed:
            followed.changed[one.cohort, one.key] = replace(one, stage=Stage.LAPSED)


def _made(one: Invited, invitation: Invitation, now: datetime) -> Invited:
    return replace(
        one,
        stage=Stage.INVITED,
        invite_id=invitation.id,
        invited_at=one.invited_at or now,
        expires_at=invitation.expires_at,
        reason="",
    )


@dataclass(slots=True)
class Inviter:
    """Carries out a plan's lines about invitations; `known` are those of earlier runs."""

    forum: Forum
    store: InvitationStore
    known: Mapping[tuple[str, str], Invited]
    options: InvitationSettings
    group_ids: Mapping[str, int]
    run: str
    now: datetime
    done: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    def carry_out(self, plan: Plan, cohorts: Mapping[str, Cohort]) -> ApplyReport:
        """Invite, remind and withdraw. Calls: 1 per 200 invited or reminded in a cohort and role, 1 per withdrawal.

        Each is written down before its call. A refusal is reported with the forum's reason, and stops nobody else;
        where an answer is in doubt the next run looks on the forum first. A person who is invited into several cohorts
        gets one mail.
        """
        for kind in (ChangeKind.INVITE, ChangeKind.REMIND):
            parcels: dict[tuple[str, tuple[str, ...], bool], list[list[Change]]] = {}
            for lines in _by_email(plan.of(kind)).values():
                groups = dict.fromkeys(name for line in lines for name in line.detail["groups"])
                quiet = kind is ChangeKind.INVITE and self._is_invited(str(lines[0].detail["email"]))
                parcels.setdefault((lines[0].cohort, tuple(groups), quiet), []).append(lines)
            for (cohort, names, quiet), people in parcels.items():
                for start in range(0, len(people), INVITES_A_CALL):
                    some = people[start : start + INVITES_A_CALL]
                    self._send(some, cohorts[cohort], names, mail=self.options.mail and not quiet)
        for line in plan.of(ChangeKind.WITHDRAW):
            self._withdraw(line)
        return ApplyReport(tuple(self.done), tuple(self.failed))

    def _is_invited(self, email: str) -> bool:
        """Whether the person waits for an invitation into another cohort, to which this one is then added unmailed."""
        return any(one.is_open(self.now) and _same(one.email, email) for one in self.known.values())

    def _send(self, people: Sequence[list[Change]], cohort: Cohort, groups: Sequence[str], *, mail: bool) -> None:
        lines = [line for one in people for line in one]
        missing = [name for name in groups if name not in self.group_ids]
        if missing:
            self._fail(lines, f"the group '{missing[0]}' could not be made")
            return
        self._write([self._begun(line) for line in lines])
        try:
            result = self.forum.invite(
                [str(one[0].detail["email"]) for one in people],
                [self.group_ids[name] for name in groups],
                message=invitation_text(cohort, self.options),
                expires_at=self.now + timedelta(days=self.options.expiry_days),
                mail=mail,
            )
        except ForumError as error:
            if error.doubtful:
                self._fail(lines, f"{error} {NOT_SURE}.", doubtful=True)
            else:
                self._write([self.known.get(_key(line)) or _never(self._begun(line)) for line in lines])
                self._fail(lines, str(error))
            return
        settled = []
        for line in lines:
            email, begun = str(line.detail["email"]), self._begun(line)
            if email in result.made:
                settled.append(_made(begun, result.made[email], self.now))
                self.done.append(line)
            else:
                reason = result.refused.get(email) or "the forum did not say why"
                settled.append(replace(begun, stage=Stage.REFUSED, reason=reason))
                self._fail([line], reason)
        self._write(settled)

    def _withdraw(self, line: Change) -> None:
        """Take an invitation back, or only its groups of this cohort where it leads into others as well."""
        row = self.known[_key(line)]
        others = [
            one
            for one in self.known.values()
            if one.invite_id == row.invite_id and one.cohort != row.cohort and one.is_open(self.now)
        ]
        there = True
        try:
            if others and row.invite_id is not None:
                left = dict.fromkeys(name for one in others for name in one.groups if name in self.group_ids)
                self.forum.change_invitation_groups(row.invite_id, [self.group_ids[name] for name in left])
            else:
                there = row.invite_id is not None and self.forum.withdraw_invitation(row.invite_id)
        except ForumError as error:
            self._fail([line], str(error))
            return
        gone = replace(row, stage=Stage.WITHDRAWN, reason="" if there else GONE)
        self.known = {**self.known, _key(line): gone}
        self._write([gone])
        self.done.append(line)

    def _begun(self, line: Change) -> Invited:
        """Return the record of an invitation whose call is under way; a reminder counts from here on."""
        known = self.known.get(_key(line))
        if line.kind is ChangeKind.REMIND and known:
            return replace(known, stage=Stage.INVITING, reminders=known.reminders + 1, reminded_at=self.now)
        detail = line.detail
        groups = tuple(detail["groups"])
        return Invited(line.cohort, str(detail["key"]), line.target, groups, str(detail["email"]), Stage.INVITING)

    def _write(self, rows: Sequence[Invited]) -> None:
        self.store.write(rows, self.run, self.now)

    def _fail(self, lines: Sequence[Change], reason: str, *, doubtful: bool = False) -> None:
        self.failed += [Failure(line, reason, doubtful) for line in lines]


def _key(line: Change) -> tuple[str, str]:
    return line.cohort, str(line.detail["key"])


def _same(one: str, other: str) -> bool:
    return identifier_key(EMAIL, one) == identifier_key(EMAIL, other)


def _by_email(lines: Sequence[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for line in lines:
        found.setdefault(str(line.detail["email"]), []).append(line)
    return found


def _never(row: Invited) -> Invited:
    """Return the record of somebody whom the forum did not invite after all: as if withdrawn, to be invited again."""
    return replace(row, stage=Stage.WITHDRAWN)

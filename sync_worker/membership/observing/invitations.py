"""What became of invitations that wait on the forum; only reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.identifiers import EMAIL, identifier_key
from sync_worker.membership.records.invitations import Invited, Stage
from sync_worker.membership.state import Account

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.inviting import Invitation


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
        settled = as_made(one, found, now) if found else replace(one, stage=Stage.WITHDRAWN)
        followed.changed[one.cohort, one.key] = settled
    there = {invitation.id for invitation in pending}
    for one in due:
        if one.invite_id not in there and (one.cohort, one.key) not in followed.changed:
            followed.changed[one.cohort, one.key] = replace(one, stage=Stage.LAPSED)


def as_made(one: Invited, invitation: Invitation, now: datetime) -> Invited:
    """Return the record of an invitation that the forum has."""
    return replace(
        one,
        stage=Stage.INVITED,
        invite_id=invitation.id,
        invited_at=one.invited_at or now,
        expires_at=invitation.expires_at,
        reason="",
    )

"""Inviting people who have no account yet."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server.clock import parse_moment
from sync_worker.practice_forum.server.refusals import crash, record_invalid
from sync_worker.practice_forum.tables import Group, Invite, InvitedUser, InviteGroup, InviteTopic, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sync_worker.practice_forum.rules.rights import Guardian

_LABEL, _ATOM = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_DOMAIN.pattern}")
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ALREADY_USER = "There was a problem with your request."


def is_address(text: str) -> bool:
    """Whether a text looks like an e-mail address."""
    return _ADDRESS.fullmatch(text) is not None


def allowed(guardian: Guardian, groups: Sequence[Group]) -> bool:
    """Whether the caller may invite people to the forum and into those groups."""
    if not guardian.is_staff and not guardian.in_any_group("invite_allowed_groups"):
        return False
    return all(guardian.can_edit_group(group) for group in groups)


def invite(
    email: object,
    *,
    group_ids: Iterable[int] = (),
    topic_id: int | None = None,
    skip_email: bool = False,
    expires_at: str | None = None,
    custom_message: str | None = None,
    description: str | None = None,
    domain: str | None = None,
    max_redemptions: int | None = None,
) -> Invite:
    """Invite an address (again: its running invite is renewed), or make a link where there is no address.

    Raises:
        Refusal: 422 record_invalid with the first complaint, 500 for an address that is no text.

    """
    session, now, inviter = context.session(), context.now(), context.require_user()
    email = _read(email)
    complaint = _complaint(email, domain, max_redemptions)
    if complaint:
        raise record_invalid(complaint)
    expiry = parse_moment(expires_at) if expires_at else None
    expiry = expiry or now + timedelta(days=context.settings().number("invite_expiry_days"))
    found = _running(email, inviter.id, now)
    if found is None:
        found = Invite(
            invite_key="".join(secrets.choice(_ALPHABET) for _ in range(10)),
            email=email,
            description=description,
            domain=domain,
            custom_message=custom_message,
            invited_by_id=inviter.id,
            emailed=email is not None and not skip_email,
            max_redemptions_allowed=max_redemptions or 1,
            created_at=now,
            updated_at=now,
            expires_at=expiry,
        )
        session.add(found)
    else:
        found.created_at = found.updated_at = now
        found.expires_at = expiry
        found.emailed = found.emailed and not skip_email
    session.flush()
    if topic_id is not None:
        session.merge(InviteTopic(invite_id=found.id, topic_id=topic_id))
    for group_id in group_ids:
        session.merge(InviteGroup(invite_id=found.id, group_id=group_id))
    session.flush()
    return found


def _read(email: object) -> str | None:
    """Return an address in small letters, with its blanks; None where there is nothing else."""
    if not email or (isinstance(email, str) and not email.strip()):
        return None
    if not isinstance(email, str):
        raise crash()
    return email.lower() if is_address(email) else email


def _complaint(email: str | None, domain: str | None, max_redemptions: int | None) -> str | None:
    limit = context.settings().number("invite_link_max_redemptions_limit")
    if email is not None and (complaint := _address_complaint(email)):
        return complaint
    if email is None and max_redemptions is not None and not 1 <= max_redemptions <= limit:
        return f"Max redemptions allowed should be between 2 and {limit}."
    if email is not None and max_redemptions not in (None, 1):
        return "Max redemptions allowed for email invites should be 1."
    if email and domain:
        return "Email and domain fields are not allowed at the same time"
    if domain and not _DOMAIN.fullmatch(domain):
        return "This domain cannot be used for invites."
    return None


def _address_complaint(email: str) -> str | None:
    holders = people.by_emails(context.session(), [email])
    if any(not holder.staged for holder in holders):
        return _exists(email)
    return None if is_address(email) else f"{escape(email)} isn't a valid email address."


def _exists(email: str) -> str:
    if context.settings().flag("hide_email_address_taken"):
        return ALREADY_USER
    return f"There's no need to invite <b>{email}</b>, they already have an account!"


def _running(email: str | None, inviter_id: int, now: datetime) -> Invite | None:
    """The inviter's invite of that address that is neither expired nor deleted."""
    if email is None:
        return None
    query = select(Invite).where(Invite.email == email, Invite.invited_by_id == inviter_id)
    query = query.where(Invite.deleted_at.is_(None), Invite.expires_at >= now)
    return context.session().scalar(query.order_by(Invite.id.desc()).limit(1))


def groups_of(row: Invite) -> list[Group]:
    """Return the groups that an invite leads into."""
    query = select(Group).join(InviteGroup, InviteGroup.group_id == Group.id)
    return list(context.session().scalars(query.where(InviteGroup.invite_id == row.id).order_by(Group.id)))


def let_in(found: Invite, user: User) -> None:
    """Accept an invite for an account: it joins the invite's groups."""
    session, now = context.session(), context.now()
    found.redemption_count += 1
    session.add(InvitedUser(invite_id=found.id, user_id=user.id, redeemed_at=now))
    inviter = people.by_ids(session, [found.invited_by_id])[found.invited_by_id]
    for group in groups_of(found):
        people.add(session, group, [user.id], now)
        people.log(session, group, inviter, "add_user_to_group", [user.id], now=now)


def let_in_by_address(user: User) -> None:
    """Accept the invite that waits for a new account's address, as activating does (`EmailToken.confirm`)."""
    address = people.primary_email(context.session(), user).lower()
    query = select(Invite).where(Invite.email == address, Invite.deleted_at.is_(None), Invite.redemption_count == 0)
    found = context.session().scalar(query.where(Invite.expires_at >= context.now()).order_by(Invite.id).limit(1))
    if found is not None:
        let_in(found, user)


def groups_named(ids: object, names: object) -> list[Group]:
    """Return the groups that `group_ids` and `group_names` (comma lists, or arrays) name; unknown ones are dropped."""
    wanted_ids = {int(part) for part in _parts(ids) if part.isdigit()}
    wanted_names = {part.lower() for part in _parts(names)}
    condition = Group.id.in_(wanted_ids) | Group.name_lower.in_(wanted_names)
    return list(context.session().scalars(select(Group).where(condition).order_by(Group.id)))


def _parts(value: object) -> list[str]:
    if value is None:
        return []
    items = value if isinstance(value, list) else str(value).split(",")
    return [str(item).strip() for item in items]

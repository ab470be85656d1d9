"""Inviting people who have no account yet: make one or many invites, find, list, delete and accept them."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import ColumnElement, delete, func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.json.topics import basic_topic
from sync_worker.practice_forum.json.users import basic_group
from sync_worker.practice_forum.rules import people, text_rules
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import Refusal, crash, record_invalid, to_i
from sync_worker.practice_forum.tables import Group, Invite, InvitedUser, InviteGroup, InviteTopic, Topic, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sync_worker.practice_forum.rules.rights import Guardian


blueprint = Blueprint("invites", __name__)

_PER_PAGE = 40


def _asked_for() -> dict[str, Any]:
    """What a call wants of its invites, checked against the caller's rights."""
    params, guardian = context.params(), context.guardian()
    context.require_user()
    topic_id = None
    if params.text("topic_id"):
        topic = context.session().get(Topic, params.integer("topic_id"))
        if topic is None or topic.deleted_at is not None:
            raise requests.invalid_parameters("topic_id")
        if not guardian.can_see_topic(topic):
            raise requests.invalid_access()
        topic_id = topic.id
    groups = groups_named(params.raw("group_ids"), params.raw("group_names"))
    if not allowed(guardian, groups):
        raise requests.invalid_access()
    redemptions = params.text("max_redemptions_allowed")
    return {
        "group_ids": [group.id for group in groups],
        "topic_id": topic_id,
        "skip_email": bool(params.text("skip_email")) and params.text("skip_email") != "false",
        "expires_at": params.text("expires_at"),
        "custom_message": params.text("custom_message"),
        "description": params.text("description"),
        "domain": params.text("domain"),
        "max_redemptions": to_i(redemptions) if redemptions else None,
    }


@blueprint.post("/invites", endpoint="invites/create")
def create() -> dict[str, Any]:
    """Invite one address, or make a link."""
    wanted = _asked_for()
    try:
        made = invite(context.params().raw("email"), **wanted)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        raise requests.unprocessable(refusal.message) from None
    return _invite(made, show_email="email" in context.params())


@blueprint.post("/invites/create-multiple", endpoint="invites/create_multiple")
def create_multiple() -> dict[str, Any]:
    """Invite a list of addresses; each fails by itself."""
    params = context.params()
    if not context.guardian().is_admin:
        raise requests.invalid_access()
    emails = params.raw("email")
    if not isinstance(emails, list):
        raise requests.crash()
    wanted = _asked_for()
    limit = context.settings().number("max_api_invites")
    if len(emails) > limit:
        raise requests.unprocessable(f"Request failed because number of emails exceeded the maximum ({limit}).")
    made, failures = [], []
    for email in (each for each in emails if each is not None):
        try:
            made.append(invite(email, **wanted))
        except Refusal as refusal:
            if refusal.status != 422:
                context.session().commit()  # what was done before stays done
                raise
            failures.append({"email": email, "error": refusal.message})
    return {
        "num_successfully_created_invitations": len(made),
        "num_failed_invitations": len(failures),
        "failed_invitations": failures,
        "successful_invitations": [{"invite": _invite(one, show_email=False)} for one in made],
    }


@blueprint.get("/invites/retrieve", endpoint="invites/retrieve")
def retrieve() -> dict[str, Any]:
    """The caller's invite of an address."""
    caller, email = context.require_user(), context.params().require("email")
    query = select(Invite).where(Invite.email == email, Invite.invited_by_id == caller.id, Invite.deleted_at.is_(None))
    found = context.session().scalar(query.limit(1))
    if found is None:
        raise requests.invalid_parameters("email")
    if not allowed(context.guardian(), []):
        raise requests.invalid_access()
    return _invite(found, show_email=True)


@blueprint.put("/invites/<int:invite_id>", endpoint="invites/update")
def change(invite_id: int) -> dict[str, Any]:
    """Change the groups of an invite of the caller; nothing is mailed."""
    caller, session, params = context.require_user(), context.session(), context.params()
    found = session.get(Invite, invite_id)
    if found is None or found.invited_by_id != caller.id or found.deleted_at is not None:
        raise requests.invalid_parameters("id")
    if "group_ids" in params or "group_names" in params:
        groups = groups_named(params.raw("group_ids"), params.raw("group_names"))
        if not allowed(context.guardian(), groups):
            raise requests.invalid_access()
        session.execute(delete(InviteGroup).where(InviteGroup.invite_id == found.id))
        session.add_all(InviteGroup(invite_id=found.id, group_id=group.id) for group in groups)
        session.flush()
    return _invite(found, show_email="email" in params)


@blueprint.delete("/invites", endpoint="invites/destroy")
@blueprint.delete("/invites/<int:invite_id>", endpoint="invites/destroy")
def destroy(invite_id: int | None = None) -> dict[str, Any]:
    """Withdraw an invite of the caller."""
    caller = context.require_user()
    wanted = invite_id if invite_id is not None else to_i(context.params().require("id"))
    found = context.session().get(Invite, wanted)
    if found is None or found.invited_by_id != caller.id or found.deleted_at is not None:
        raise requests.invalid_parameters("id")
    found.deleted_at = context.now()
    return {"success": "OK"}


@blueprint.get("/u/<username>/invited", endpoint="users/invited")
def invited(username: str) -> dict[str, Any]:
    """A user's invites: pending (default), expired or redeemed, with the number of each."""
    guardian, session, now = context.guardian(), context.session(), context.now()
    caller = context.require_user()
    if not allowed(guardian, []):
        raise requests.unprocessable(requests.INVALID_ACCESS)
    inviter = people.by_username(session, username)
    if inviter is None:
        raise requests.not_found()
    if context.params().integer("offset") < 0:
        raise requests.crash()
    kind = context.params().text("filter") or "redeemed"
    sees_details = caller.id == inviter.id or guardian.is_staff
    rows: list[Invite] = []
    if kind in ("pending", "expired") and sees_details:
        order = Invite.updated_at.desc() if kind == "pending" else Invite.expires_at.asc()
        query = select(Invite).where(*_state(inviter.id, kind, now)).order_by(order, Invite.id.desc())
        if search := context.params().text("search"):
            query = query.where(Invite.email.like(f"%{search.lower()}%"))
        rows = list(session.scalars(query.offset(context.params().integer("offset")).limit(_PER_PAGE)))
    counts = {name: _count(inviter.id, name, now) for name in ("pending", "expired")}
    total = sum(counts.values())
    redeemed = _redeemed(inviter.id)
    counts |= {"redeemed": len(redeemed), "total": total}
    offset = context.params().integer("offset")
    shown = redeemed[offset : offset + _PER_PAGE] if kind == "redeemed" else []
    return {
        "invites": [_invite(row, show_email=True) for row in rows] + [_redemption(*row) for row in shown],
        "can_see_invite_details": sees_details,
        "counts": counts,
    }


def _redeemed(inviter_id: int) -> list[tuple[InvitedUser, Invite]]:
    """The redemptions of somebody's invites, latest first."""
    query = (
        select(InvitedUser, Invite)
        .join(Invite, Invite.id == InvitedUser.invite_id)
        .where(Invite.invited_by_id == inviter_id)
        .order_by(InvitedUser.redeemed_at.desc(), InvitedUser.invite_id.desc())
    )
    return [(row[0], row[1]) for row in context.session().execute(query)]


def _redemption(redeemed: InvitedUser, made: Invite) -> dict[str, Any]:
    user = people.by_ids(context.session(), [redeemed.user_id])[redeemed.user_id]
    row = people.basic_user(user) | {"last_seen_at": iso(user.last_seen_at)}
    return {
        "id": made.id,
        "redeemed_at": iso(redeemed.redeemed_at),
        "user": row,
        "invite_source": "email" if made.email else "link",
    }


@blueprint.put("/invites/show/<key>", endpoint="invites/perform_accept_invitation")
def redeem(key: str) -> tuple[dict[str, Any], int] | dict[str, Any]:
    """Accept an invite of an address: make the account, and let it into the invite's groups."""
    session, params, now = context.session(), context.params(), context.now()
    found = session.scalar(select(Invite).where(Invite.invite_key == key, Invite.deleted_at.is_(None)))
    if found is None or found.email is None or found.expires_at < now or found.redemption_count:
        return {"failed": "FAILED", "message": "Your invite key is invalid. Please contact the site’s admin."}, 404
    username = params.require("username")
    if text_rules.complaint(username, context.settings()) or text_rules.taken(session, username):
        return {"failed": "FAILED", "message": "Username must be unique"}, 412
    user = User(username=username, name=params.text("name"), trust_level=1, created_at=now, active=True)
    people.create(session, user, found.email)
    let_in(found, user)
    return {"success": "OK"}


def _state(inviter_id: int, kind: str, now: datetime) -> list[ColumnElement[bool]]:
    running = Invite.expires_at > now if kind == "pending" else Invite.expires_at < now
    left = Invite.redemption_count < Invite.max_redemptions_allowed
    return [Invite.invited_by_id == inviter_id, Invite.deleted_at.is_(None), left, running]


def _count(inviter_id: int, kind: str, now: datetime) -> int:
    query = select(func.count(Invite.id)).where(*_state(inviter_id, kind, now))
    return context.session().scalar(query) or 0


def _invite(row: Invite, *, show_email: bool) -> dict[str, Any]:
    caller = context.require_user()
    answer: dict[str, Any] = {
        "id": row.id,
        "invite_key": row.invite_key,
        "link": f"{context.base_url()}/invites/{row.invite_key}",
        "description": row.description,
    }
    if show_email:
        answer["email"] = row.email
    answer["domain"] = row.domain
    if row.email:
        answer["emailed"] = row.emailed
    answer["can_delete_invite"] = caller.admin or row.invited_by_id == caller.id
    if not row.email:
        answer["max_redemptions_allowed"] = row.max_redemptions_allowed
        answer["redemption_count"] = row.redemption_count
    else:
        answer["custom_message"] = row.custom_message
    answer |= {name: iso(getattr(row, name)) for name in ("created_at", "updated_at", "expires_at")}
    answer["expired"] = row.expires_at < context.now()
    answer["topics"] = [basic_topic(topic) for topic in _topics_of(row)]
    answer["groups"] = [basic_group(group, context.guardian()) for group in groups_of(row)]
    return answer


def _topics_of(row: Invite) -> list[Topic]:
    query = select(Topic).join(InviteTopic, InviteTopic.topic_id == Topic.id)
    return list(context.session().scalars(query.where(InviteTopic.invite_id == row.id)))


# Inviting people who have no account yet.


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

"""Invites: make one or many, find, list, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import ColumnElement, delete, func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.invitations import allowed, groups_named, groups_of, invite, let_in
from sync_worker.practice_forum.cook.titles import fancy_title
from sync_worker.practice_forum.json.groups import basic_group
from sync_worker.practice_forum.rules import accounts, people, text_rules
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.clock import iso
from sync_worker.practice_forum.server.refusals import Refusal
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Invite, InvitedUser, InviteGroup, InviteTopic, Topic, User

if TYPE_CHECKING:
    from datetime import datetime

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
            raise refusals.invalid_parameters("topic_id")
        if not guardian.can_see_topic(topic):
            raise refusals.invalid_access()
        topic_id = topic.id
    groups = groups_named(params.raw("group_ids"), params.raw("group_names"))
    if not allowed(guardian, groups):
        raise refusals.invalid_access()
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
        raise refusals.unprocessable(refusal.message) from None
    return _invite(made, show_email="email" in context.params())


@blueprint.post("/invites/create-multiple", endpoint="invites/create_multiple")
def create_multiple() -> dict[str, Any]:
    """Invite a list of addresses; each fails by itself."""
    params = context.params()
    if not context.guardian().is_admin:
        raise refusals.invalid_access()
    emails = params.raw("email")
    if not isinstance(emails, list):
        raise refusals.crash()
    wanted = _asked_for()
    limit = context.settings().number("max_api_invites")
    if len(emails) > limit:
        raise refusals.unprocessable(f"Request failed because number of emails exceeded the maximum ({limit}).")
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
        raise refusals.invalid_parameters("email")
    if not allowed(context.guardian(), []):
        raise refusals.invalid_access()
    return _invite(found, show_email=True)


@blueprint.put("/invites/<int:invite_id>", endpoint="invites/update")
def change(invite_id: int) -> dict[str, Any]:
    """Change the groups of an invite of the caller; nothing is mailed."""
    caller, session, params = context.require_user(), context.session(), context.params()
    found = session.get(Invite, invite_id)
    if found is None or found.invited_by_id != caller.id or found.deleted_at is not None:
        raise refusals.invalid_parameters("id")
    if "group_ids" in params or "group_names" in params:
        groups = groups_named(params.raw("group_ids"), params.raw("group_names"))
        if not allowed(context.guardian(), groups):
            raise refusals.invalid_access()
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
        raise refusals.invalid_parameters("id")
    found.deleted_at = context.now()
    return {"success": "OK"}


@blueprint.get("/u/<username>/invited", endpoint="users/invited")
def invited(username: str) -> dict[str, Any]:
    """A user's invites: pending (default), expired or redeemed, with the number of each."""
    guardian, session, now = context.guardian(), context.session(), context.now()
    caller = context.require_user()
    if not allowed(guardian, []):
        raise refusals.unprocessable(refusals.INVALID_ACCESS)
    inviter = people.by_username(session, username)
    if inviter is None:
        raise refusals.not_found()
    if context.params().integer("offset") < 0:
        raise refusals.crash()
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
    accounts.create(session, user, found.email)
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
    answer["topics"] = [_topic(topic) for topic in _topics_of(row)]
    answer["groups"] = [basic_group(group, context.guardian()) for group in groups_of(row)]
    return answer


def _topics_of(row: Invite) -> list[Topic]:
    query = select(Topic).join(InviteTopic, InviteTopic.topic_id == Topic.id)
    return list(context.session().scalars(query.where(InviteTopic.invite_id == row.id)))


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "fancy_title": fancy_title(topic.title),
        "id": topic.id,
        "title": topic.title,
        "slug": topic.slug,
        "posts_count": topic.posts_count,
    }

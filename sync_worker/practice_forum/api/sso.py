"""DiscourseConnect: making and updating accounts from a signed payload."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context, invitations
from sync_worker.practice_forum.api.invitations import is_address
from sync_worker.practice_forum.json.admin_users import detailed
from sync_worker.practice_forum.json.users import groups_of
from sync_worker.practice_forum.rules import accounts, people, text_rules
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.database import SYSTEM_ID
from sync_worker.practice_forum.tables import Group, SsoRecord, User

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("sso", __name__)

_BANNED = frozenset({"none", "nil", "blank", "null"})


@blueprint.post("/admin/users/sync_sso", endpoint="admin/users/sync_sso")
def sync_sso() -> dict[str, Any]:
    """Make or update the account that the payload describes."""
    settings = context.settings()
    if not settings.flag("enable_discourse_connect"):
        raise refusals.Refusal(404, None)
    payload = _payload(settings.text("discourse_connect_secret"))
    external_id = payload.get("external_id", "")
    if not external_id.strip():
        raise refusals.failed("The `external_id` is required but was blank")
    if external_id.lower() in _BANNED:
        raise refusals.crash()
    user = _user_of(external_id, payload)
    _override(user, payload)
    answer_title = user.title
    _apply_groups(user, payload)
    context.session().refresh(user)
    return {**detailed(user, context.guardian(), on_page=False), "title": answer_title}


def _payload(secret: str) -> dict[str, str]:
    """The fields of a payload whose signature is right.

    Raises:
        Refusal: 422 for a wrong signature, 500 for a payload that cannot even be read.

    """
    sso, signature = context.params().text("sso") or "", context.params().text("sig") or ""
    if re.search(r"%(?![0-9A-Fa-f]{2})", sso):
        raise refusals.crash()
    expected = hmac.new(secret.encode(), sso.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature.lower()):
        raise refusals.failed("Login Error")
    try:
        decoded = base64.b64decode(sso).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise refusals.failed("Login Error") from None
    return dict(parse_qsl(decoded, keep_blank_values=True))


def _user_of(external_id: str, payload: Mapping[str, str]) -> User:
    session, now = context.session(), context.now()
    record = session.scalar(select(SsoRecord).where(SsoRecord.external_id == external_id))
    user = session.get(User, record.user_id) if record is not None else _match_or_create(payload)
    if user is None:
        raise refusals.crash()
    user.staged = False
    record = record or session.get(SsoRecord, user.id)
    if record is None:
        record = SsoRecord(user_id=user.id, external_id=external_id, created_at=now, updated_at=now)
        session.add(record)
    record.external_id = external_id
    record.external_username = payload.get("username")
    record.external_name = payload.get("name")
    record.external_email = payload.get("email")
    record.updated_at = now
    session.flush()
    return user


def _match_or_create(payload: Mapping[str, str]) -> User:
    session, settings, email = context.session(), context.settings(), payload.get("email", "")
    found = people.by_emails(session, [email]) if email and not _needs_activation(payload) else []
    if found:
        return found[0]
    complaints = [] if email else ["Primary email can't be blank"]
    if "email" in payload and not is_address(email):  # an address that is absent has not changed, and is not validated
        complaints.append("Primary email is invalid.")
    if complaints:
        raise refusals.failed(f"Validation failed: {', '.join(complaints)}", 403)
    if people.by_emails(session, [email]):
        raise refusals.failed("Validation failed: Primary email has already been taken", 403)
    username, name = payload.get("username"), payload.get("name")
    wishes = [username]
    if settings.flag("use_name_for_username_suggestions"):
        wishes.append(name)
    if settings.flag("use_email_for_username_and_name_suggestions"):
        wishes.append(email)
    user = User(
        username=text_rules.suggest(session, settings, *wishes),
        name=name or _name_from(username or ""),
        active=False,
        trust_level=settings.number("default_trust_level"),
        created_at=context.now(),
    )
    return accounts.create(session, user, email)


def _needs_activation(payload: Mapping[str, str]) -> bool:
    return payload.get("require_activation") == "true"


def _name_from(username: str) -> str:
    return re.sub(r"[\W_]+", " ", username).strip().title()


def _override(user: User, payload: Mapping[str, str]) -> None:
    """Take over what the site lets the payload decide."""
    session, settings = context.session(), context.settings()
    _override_identity(user, payload)
    if not user.active and not _needs_activation(payload):
        user.active = True
        if payload.get("suppress_welcome_message") != "true":
            accounts.activate(session, user, settings, context.now())
        invitations.let_in_by_address(user)
    for role in ("admin", "moderator"):
        if role in payload:
            setattr(user, role, payload[role] == "true")
    if "title" in payload:
        user.title = payload["title"]
    _describe(user, payload)
    session.flush()


def _override_identity(user: User, payload: Mapping[str, str]) -> None:
    session, settings = context.session(), context.settings()
    if settings.flag("auth_overrides_name") and payload.get("name"):
        user.name = payload["name"]
    if settings.flag("auth_overrides_username") and payload.get("username"):
        wanted = payload["username"]
        if wanted.lower() != user.username_lower:
            accounts.rename(session, user, text_rules.suggest(session, settings, wanted))
    if settings.flag("auth_overrides_email") and payload.get("email"):
        accounts.change_email(session, user, payload["email"])


def _describe(user: User, payload: Mapping[str, str]) -> None:
    settings = context.settings()
    if payload.get("bio") and (not user.bio_raw or settings.flag("discourse_connect_overrides_bio")):
        user.bio_raw = payload["bio"]
    for field in ("website", "location"):
        if payload.get(field):
            setattr(user, field, payload[field])


def _apply_groups(user: User, payload: Mapping[str, str]) -> None:
    """Join and leave groups by name; `groups` names all of them where the site lets it; the log says `system`."""
    session, now = context.session(), context.now()
    mine = {group.id: group for group in _groups_of(user)}
    if context.settings().flag("discourse_connect_overrides_groups"):
        wanted = {group.id: group for group in _named(payload.get("groups", ""))}
        add = [group for group in wanted.values() if group.id not in mine]
        remove = [group for group in mine.values() if group.id not in wanted]
    else:
        add = [group for group in _named(payload.get("add_groups", "")) if group.id not in mine]
        remove = [group for group in _named(payload.get("remove_groups", "")) if group.id in mine]
    system = people.by_ids(session, [SYSTEM_ID])[SYSTEM_ID]
    for group in add:
        people.add(session, group, [user.id], now)
        people.log(session, group, system, "add_user_to_group", [user.id], now=now)
    for group in remove:
        people.remove(session, group, [user.id])
        people.log(session, group, system, "remove_user_from_group", [user.id], now=now)


def _named(names: str) -> list[Group]:
    wanted = [name.lower() for name in names.split(",") if name]
    query = select(Group).where(Group.name_lower.in_(wanted), Group.automatic.is_(False))
    return list(context.session().scalars(query.order_by(Group.id)))


def _groups_of(user: User) -> list[Group]:
    return [group for group in groups_of(user, context.guardian()) if not group.automatic]

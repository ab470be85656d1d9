"""Users: create, show, rename, change, addresses, external ids; and accounts that DiscourseConnect makes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Blueprint, request
from sqlalchemy import func, or_, select

from sync_worker.practice_forum.api import context, invites
from sync_worker.practice_forum.api.invites import is_address
from sync_worker.practice_forum.json.admin_users import detailed
from sync_worker.practice_forum.json.users import groups_of, hidden_profile, may_see_profile, profile
from sync_worker.practice_forum.rules import accounts, people, text_rules
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.database import SYSTEM_ID
from sync_worker.practice_forum.server.requests import to_bool
from sync_worker.practice_forum.tables import AssociatedAccount, Group, ProfileView, SsoRecord, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


blueprint = Blueprint("users", __name__)

_READY = "Your account is activated and ready to use."
_PASSWORD = "is too short (minimum is {} characters)"  # noqa: S105 - a complaint, not a secret
_CARDS_AT_ONCE = 50


@blueprint.post("/u", endpoint="users/create")
def create() -> dict[str, Any]:
    """Make an account. Answers 200 even where it refuses."""
    params, session, settings = context.params(), context.session(), context.settings()
    email, username = params.require("email").strip(), params.require("username")
    caller = context.user()
    by_admin = caller is not None and caller.admin and context.api_key() is not None
    if isinstance(params.raw("external_ids"), dict) and by_admin:
        raise requests.invalid_parameters("external_ids")
    if not settings.flag("allow_new_registrations"):
        return {"success": False, "message": "New account registrations are not allowed at this time."}
    if text_rules.reserved(username):
        return {"success": False, "message": "That username is not allowed."}
    errors = dict(_complaints(username, email, params.text("password")))
    if errors.pop("taken_email", None):
        if settings.flag("hide_email_address_taken"):
            return {"success": True, "active": False, "message": _pending(email) if not by_admin else _READY}
        errors["email"] = "has already been taken"
    if errors:
        return _refused(errors, {"name": params.text("name"), "username": username, "email": email})
    user = _store(email, username, by_admin=by_admin)
    if by_admin and params.flag("active"):
        accounts.activate(session, user, settings, context.now())
        invites.let_in_by_address(user)
    answer = {"success": True, "active": user.active, "message": _READY if user.active else _pending(email)}
    return answer if settings.flag("hide_email_address_taken") else {**answer, "user_id": user.id}


def _complaints(username: str, email: str, password: str | None) -> Iterable[tuple[str, str]]:
    session, settings = context.session(), context.settings()
    complaint = text_rules.complaint(username, settings)
    if complaint is None and text_rules.taken(session, username):
        complaint = "must be unique"
    if complaint:
        yield "username", complaint
    shortest = settings.number("min_password_length")
    if not password:
        yield "password", "can't be blank"
    elif len(password) < shortest:
        yield "user_password.password", _PASSWORD.format(shortest)
    holders = people.by_emails(session, [email])
    if not is_address(email):
        yield "email", "is invalid."
    elif any(not holder.staged for holder in holders):
        yield "taken_email", "true"


_LABELS = {
    "username": "Username",
    "password": "Password",
    "user_password.password": "Password",
    "email": "Primary email",
}


def _refused(errors: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    return {
        "success": False,
        "message": "\n".join(f"{_LABELS[field]} {text}" for field, text in errors.items()),
        "errors": {field: [text] for field, text in errors.items()},
        "values": values,
        "is_developer": False,
    }


def _pending(email: str) -> str:
    return (
        f"<p>You’re almost done! We sent an activation mail to <b>{email}</b>. Please follow the instructions in the"
        " mail to activate your account.</p><p>If it doesn’t arrive, check your spam folder.</p>"
    )


def _store(email: str, username: str, *, by_admin: bool) -> User:
    params, session, now = context.params(), context.session(), context.now()
    staged = next(iter(people.by_emails(session, [email])), None)
    approver = context.require_user().id if by_admin and params.flag("approved") else None
    fields: dict[str, Any] = {
        "username": username,
        "name": params.text("name"),
        "active": False,
        "staged": False,
        "has_password": bool(params.text("password")),
        "trust_level": context.settings().number("default_trust_level"),
        "registration_ip": request.remote_addr,
        "approved_by_id": approver,
        "locale": params.text("locale"),
    }
    if staged is None:
        return accounts.create(session, User(**fields, created_at=now), email)
    for name, value in fields.items():
        setattr(staged, name, value)
    accounts.rename(session, staged, username)
    return staged


@blueprint.get("/u/<username>", endpoint="users/show")
@blueprint.get("/u/by-external/<path:external_id>", endpoint="users/show")
def show(username: str | None = None, external_id: str | None = None) -> dict[str, Any]:
    """A profile, by name or by an external id (of DiscourseConnect, or PROVIDER/ID of another login provider)."""
    guardian = context.guardian()
    user = _find(username) if username is not None else _by_external_id(external_id or "")
    if user is None or (not user.active and not guardian.is_staff):
        raise requests.not_found()
    if not may_see_profile(user, guardian):
        answer: dict[str, Any] = {"user": hidden_profile(user, guardian)}
    else:
        answer = {"user_badges": [], "user": profile(user, guardian)}
    _count_view(user)
    return answer


def _count_view(user: User) -> None:
    """Count a view of the profile, once a day for each viewer."""
    session, viewer = context.session(), context.user()
    if viewer is not None and viewer.id == user.id:
        return
    key = {"user_id": user.id, "viewer_id": viewer.id if viewer else 0, "day": context.now().date().isoformat()}
    if session.get(ProfileView, key) is None:
        session.add(ProfileView(**key))
        user.profile_views += 1


def _find(username: str) -> User | None:
    return people.by_username(context.session(), username)


def _by_external_id(external_id: str) -> User | None:
    session = context.session()
    provider, slash, uid = external_id.partition("/")
    if slash:
        if not context.guardian().is_admin:
            raise requests.invalid_access()
        account = session.get(AssociatedAccount, (provider, uid))
        return session.get(User, account.user_id) if account else None
    record = session.scalar(select(SsoRecord).where(SsoRecord.external_id == external_id))
    return session.get(User, record.user_id) if record else None


def _editable(username: str) -> User:
    user = _find(username)
    if user is None or (not user.active and not context.guardian().is_staff):
        raise requests.not_found()
    caller = context.require_user()
    if caller.id != user.id and not caller.staff:
        raise requests.invalid_access()
    return user


@blueprint.put("/u/<username>", endpoint="users/update")
def update(username: str) -> dict[str, Any]:
    """Change a profile's fields."""
    user, params = _editable(username), context.params()
    if isinstance(params.raw("external_ids"), dict) and context.guardian().is_admin:
        raise requests.invalid_parameters("external_ids")
    texts = {"name": "name", "bio_raw": "bio_raw", "location": "location", "website": "website", "locale": "locale"}
    texts |= {"title": "title", "timezone": "timezone"}
    for name, column in texts.items():
        if name in params:
            setattr(user, column, params.text(name))
    if "hide_profile" in params:
        user.hide_profile = to_bool(params.raw("hide_profile"))
    context.session().flush()
    return {"success": "OK", "user": profile(user, context.guardian())}


@blueprint.put("/u/<username>/preferences/username", endpoint="users/username")
def rename(username: str) -> dict[str, Any]:
    """Give a user another name."""
    wanted = context.params().require("new_username")
    session, caller = context.session(), context.require_user()
    user = _find(username)
    if user is None:
        raise requests.not_found()
    if not caller.staff and caller.id != user.id:
        raise requests.Refusal(403, {"failed": "FAILED"})
    complaint = text_rules.complaint(wanted, context.settings())
    if complaint is None and text_rules.taken(session, wanted, user_id=user.id):
        complaint = "must be unique"
    if complaint:
        raise requests.unprocessable(f"Username {complaint}")
    accounts.rename(session, user, wanted)
    return {"id": user.id, "username": user.username}


@blueprint.get("/u/<username>/emails", endpoint="users/check_emails")
def emails(username: str) -> dict[str, Any]:
    """A user's addresses, for staff and themselves."""
    user, guardian, session = _find(username), context.guardian(), context.session()
    if user is None:
        raise requests.not_found()
    if not guardian.is_admin and (guardian.user is None or guardian.user.id != user.id):
        raise requests.Refusal(403, {"failed": "FAILED"})
    return {
        "email": people.primary_email(session, user),
        "secondary_emails": people.secondary_emails(session, user),
        "unconfirmed_emails": [],
        "associated_accounts": [],
    }


def _card(user: User) -> dict[str, Any]:
    shown = profile(user, context.guardian())
    hidden = ("user_option", "group_users", "groups", "email", "secondary_emails", "unconfirmed_emails")
    return {name: value for name, value in shown.items() if name not in hidden}


@blueprint.get("/u/search/users", endpoint="users/search_users")
def search_users() -> dict[str, Any]:
    """Users of whose names one begins with `term`, or exactly those of `usernames`."""
    params, session = context.params(), context.session()
    limit = params.integer("limit", 6)
    if not 0 <= limit <= _CARDS_AT_ONCE:
        raise requests.invalid_parameters("limit")
    query = select(User).where(User.id > 0, User.active.is_(True), User.staged.is_(False))
    if names := params.text("usernames"):
        query = query.where(User.username_lower.in_([name.lower() for name in names.split(",")]))
        query = query.limit(limit) if "limit" in params else query
    else:
        term = re.sub(r"([%_\\])", r"\\\1", (params.text("term") or "").lower())
        by_name = or_(*(func.lower(User.name).like(f"{before}{term}%", escape="\\") for before in ("", "% ")))
        query = query.where(or_(User.username_lower.like(f"{term}%", escape="\\"), by_name)).limit(limit)
    users = session.scalars(query.order_by(User.username_lower))
    return {"users": [people.basic_user(user) for user in users]}


# DiscourseConnect: making and updating accounts from a signed payload.


_BANNED = frozenset({"none", "nil", "blank", "null"})


@blueprint.post("/admin/users/sync_sso", endpoint="admin/users/sync_sso")
def sync_sso() -> dict[str, Any]:
    """Make or update the account that the payload describes."""
    settings = context.settings()
    if not settings.flag("enable_discourse_connect"):
        raise requests.Refusal(404, None)
    payload = _payload(settings.text("discourse_connect_secret"))
    external_id = payload.get("external_id", "")
    if not external_id.strip():
        raise requests.failed("The `external_id` is required but was blank")
    if external_id.lower() in _BANNED:
        raise requests.crash()
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
        raise requests.crash()
    expected = hmac.new(secret.encode(), sso.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature.lower()):
        raise requests.failed("Login Error")
    try:
        decoded = base64.b64decode(sso).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise requests.failed("Login Error") from None
    return dict(parse_qsl(decoded, keep_blank_values=True))


def _user_of(external_id: str, payload: Mapping[str, str]) -> User:
    session, now = context.session(), context.now()
    record = session.scalar(select(SsoRecord).where(SsoRecord.external_id == external_id))
    user = session.get(User, record.user_id) if record is not None else _match_or_create(payload)
    if user is None:
        raise requests.crash()
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
        raise requests.failed(f"Validation failed: {', '.join(complaints)}", 403)
    if people.by_emails(session, [email]):
        raise requests.failed("Validation failed: Primary email has already been taken", 403)
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
        invites.let_in_by_address(user)
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

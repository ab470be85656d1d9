"""Users: create, show, rename, change, addresses, external ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request
from sqlalchemy import func, or_, select

from sync_worker.practice_forum.api import context, invitations
from sync_worker.practice_forum.api.invitations import is_address
from sync_worker.practice_forum.json.users import hidden_profile, may_see_profile, profile
from sync_worker.practice_forum.rules import accounts, people, text_rules
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.requests import to_bool
from sync_worker.practice_forum.tables import AssociatedAccount, ProfileView, SsoRecord, User

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        raise refusals.invalid_parameters("external_ids")
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
        invitations.let_in_by_address(user)
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
        raise refusals.not_found()
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
            raise refusals.invalid_access()
        account = session.get(AssociatedAccount, (provider, uid))
        return session.get(User, account.user_id) if account else None
    record = session.scalar(select(SsoRecord).where(SsoRecord.external_id == external_id))
    return session.get(User, record.user_id) if record else None


def _editable(username: str) -> User:
    user = _find(username)
    if user is None or (not user.active and not context.guardian().is_staff):
        raise refusals.not_found()
    caller = context.require_user()
    if caller.id != user.id and not caller.staff:
        raise refusals.invalid_access()
    return user


@blueprint.put("/u/<username>", endpoint="users/update")
def update(username: str) -> dict[str, Any]:
    """Change a profile's fields."""
    user, params = _editable(username), context.params()
    if isinstance(params.raw("external_ids"), dict) and context.guardian().is_admin:
        raise refusals.invalid_parameters("external_ids")
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
        raise refusals.not_found()
    if not caller.staff and caller.id != user.id:
        raise refusals.Refusal(403, {"failed": "FAILED"})
    complaint = text_rules.complaint(wanted, context.settings())
    if complaint is None and text_rules.taken(session, wanted, user_id=user.id):
        complaint = "must be unique"
    if complaint:
        raise refusals.unprocessable(f"Username {complaint}")
    accounts.rename(session, user, wanted)
    return {"id": user.id, "username": user.username}


@blueprint.get("/u/<username>/emails", endpoint="users/check_emails")
def emails(username: str) -> dict[str, Any]:
    """A user's addresses, for staff and themselves."""
    user, guardian, session = _find(username), context.guardian(), context.session()
    if user is None:
        raise refusals.not_found()
    if not guardian.is_admin and (guardian.user is None or guardian.user.id != user.id):
        raise refusals.Refusal(403, {"failed": "FAILED"})
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
        raise refusals.invalid_parameters("limit")
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

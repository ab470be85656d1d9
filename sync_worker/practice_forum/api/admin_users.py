"""Administration of users: list, page, trust, suspend, silence, (de)activate, anonymise, delete, groups."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import ColumnElement, func, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.groups import AUTOMATIC
from sync_worker.practice_forum.json.admin_users import detailed, edited, listed
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import to_bool
from sync_worker.practice_forum.tables import Group, Post, Topic, User, UserEmail

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

blueprint = Blueprint("admin_users", __name__)


@blueprint.get("/admin/users", endpoint="admin/users/index")
@blueprint.get("/admin/users/list", endpoint="admin/users/index")
@blueprint.get("/admin/users/list/<flag>", endpoint="admin/users/index")
def index(flag: str | None = None) -> list[dict[str, Any]]:
    """One page of users as a bare array."""
    guardian = context.guardian()
    users = page_of_users(flag or context.params().text("query"))
    show_emails = context.params().flag("show_emails") and guardian.is_admin
    emails, posts = emails_of(users), post_counts(users)
    rows = []
    for user in users:
        own = guardian.user is not None and guardian.user.id == user.id
        shown = emails.get(user.id, []) if show_emails or user.staged or own else None
        rows.append(listed(user, guardian, emails=shown, posts=posts.get(user.id, 0)))
    return rows


@blueprint.get("/admin/users/<int:user_id>", endpoint="admin/users/show")
@blueprint.get("/admin/users/<int:user_id>/<username>", endpoint="admin/users/show")
def show(user_id: int, username: str = "") -> dict[str, Any]:
    """A user's page."""
    return detailed(_user(user_id), context.guardian())


def _user(user_id: int) -> User:
    user = context.session().get(User, user_id)
    if user is None:
        raise requests.not_found()
    return user


def _subject(user_id: int) -> User:
    """The user to be restricted; staff cannot be."""
    user = _user(user_id)
    if user.staff:
        raise requests.invalid_access()
    return user


@blueprint.put("/admin/users/<int:user_id>/trust_level", endpoint="admin/users/trust_level")
def trust_level(user_id: int) -> dict[str, Any]:
    """Set the trust level."""
    user = _user(user_id)
    level = context.params().integer("level")
    if user.admin and user.id == -1:
        raise requests.unprocessable("invalid_access")
    if level not in range(5):
        raise requests.crash()
    user.trust_level = level
    context.session().flush()
    return {"admin_user": edited(user, context.guardian())}


@blueprint.put("/admin/users/<int:user_id>/suspend", endpoint="admin/users/suspend")
def suspend(user_id: int) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Lock a user out until a moment."""
    user, acting, params = _subject(user_id), context.require_user(), context.params()
    till, reason = _period("suspend_until"), params.text("reason")
    missing = _missing({"Suspend until": till, "Reason": reason})
    if missing:
        return missing
    if user.suspended(context.now()):
        return {"failed": "FAILED", "message": f"User was already suspended by {acting.username}."}, 409
    user.suspended_at, user.suspended_till = context.now(), till
    user.suspend_reason, user.suspended_by_id = reason, acting.id
    message = params.text("message")
    return {
        "suspension": {
            "suspend_reason": reason,
            "full_suspend_reason": f"{reason}\n\n{message}" if message else reason,
            "suspended_till": iso(till),
            "suspended_at": iso(user.suspended_at),
            "suspended_by": people.basic_user(acting),
        },
    }


def _period(name: str) -> datetime | None:
    text = context.params().text(name)
    return parse_moment(text) if text else None


def _missing(fields: dict[str, object]) -> tuple[dict[str, Any], int] | None:
    errors = [f"{label} can't be blank" for label, value in fields.items() if not value]
    return ({"failed": "FAILED", "errors": errors}, 400) if errors else None


@blueprint.put("/admin/users/<int:user_id>/unsuspend", endpoint="admin/users/unsuspend")
def unsuspend(user_id: int) -> dict[str, Any]:
    """Let a suspended user in again."""
    user = _subject(user_id)
    user.suspended_at = user.suspended_till = user.suspend_reason = user.suspended_by_id = None
    return {"suspension": {"suspended_till": None, "suspended_at": None}}


@blueprint.put("/admin/users/<int:user_id>/silence", endpoint="admin/users/silence")
def silence(user_id: int) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Keep a user from posting until a moment."""
    user, acting, reason = _subject(user_id), context.require_user(), context.params().text("reason")
    till = _period("silenced_till")
    missing = _missing({"Silenced till": till, "Reason": reason})
    if missing:
        return missing
    if user.silenced(context.now()):
        return {"failed": "FAILED", "message": f"User was already silenced by {acting.username}."}, 409
    user.silenced_at, user.silenced_till = context.now(), till
    user.silence_reason, user.silenced_by_id = reason, acting.id
    return {
        "silence": {
            "silenced": True,
            "silence_reason": reason,
            "silenced_till": iso(till),
            "silenced_at": iso(user.silenced_at),
            "silenced_by": people.basic_user(acting),
        },
    }


@blueprint.put("/admin/users/<int:user_id>/activate", endpoint="admin/users/activate")
def activate(user_id: int) -> dict[str, Any]:
    """Activate an account (no welcome goes out: that follows a confirmed address)."""
    _user(user_id).active = True
    return {"success": "OK"}


@blueprint.put("/admin/users/<int:user_id>/grant_moderation", endpoint="admin/users/grant_moderation")
def grant_moderation(user_id: int) -> dict[str, Any]:
    """Make a user a moderator."""
    user = _user(user_id)
    if user.moderator or not context.guardian().is_admin:
        raise requests.invalid_access()
    user.moderator = True
    user.approved_by_id = user.approved_by_id or context.require_user().id
    context.session().flush()
    return detailed(user, context.guardian(), on_page=False)


@blueprint.put("/admin/users/<int:user_id>/revoke_moderation", endpoint="admin/users/revoke_moderation")
def revoke_moderation(user_id: int) -> dict[str, Any]:
    """Make a moderator an ordinary user again."""
    user = _user(user_id)
    if not user.moderator or not context.guardian().is_admin:
        raise requests.invalid_access()
    user.moderator = False
    context.session().flush()
    return detailed(user, context.guardian(), on_page=False)


@blueprint.put("/admin/users/<int:user_id>/deactivate", endpoint="admin/users/deactivate")
def deactivate(user_id: int) -> dict[str, Any]:
    """Deactivate an account: it has to confirm its address again."""
    user = _subject(user_id)
    user.active = False
    return {"success": "OK"}


@blueprint.post("/admin/users/<int:user_id>/log_out", endpoint="admin/users/log_out")
def log_out(user_id: int) -> dict[str, Any]:
    """End the user's sessions."""
    _user(user_id)
    return {"success": "OK"}


@blueprint.put("/admin/users/<int:user_id>/anonymize", endpoint="admin/users/anonymize")
def anonymize(user_id: int) -> dict[str, Any]:
    """Make the user nobody in particular."""
    user = _subject(user_id)
    people.anonymize(context.session(), user)
    return {"success": "OK", "username": user.username}


@blueprint.delete("/admin/users/<int:user_id>", endpoint="admin/users/destroy")
def destroy(user_id: int) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Delete an account, with its posts only where asked to."""
    session, acting = context.session(), context.require_user()
    user = session.get(User, user_id)
    if user is None or user.admin:
        raise requests.invalid_access()
    count = people.count_posts(session, user)
    if count and not to_bool(context.params().raw("delete_posts")):
        posts = f"{count} post{'' if count == 1 else 's'}"
        text = f"User {user.username} has {posts} in a public topic or personal message, so they can't be deleted."
        return {"deleted": False, "message": text}, 403
    people.delete_posts(session, user, acting, context.now())
    people.destroy(session, user)
    return {"deleted": True}


def _group(group_id: int) -> Group:
    group = context.session().get(Group, group_id)
    if group is None:
        raise requests.record_not_found()
    if group.automatic:
        raise requests.unprocessable(AUTOMATIC)
    return group


PER_PAGE = 100
_MOST_TERMS = 100
_TRUST_LEVELS = {"newuser": 0, "basic": 1, "member": 2, "regular": 3, "leader": 4}


def page_of_users(flag: str | None) -> list[User]:
    """Return one page (1-based) of the list with that flag; `active` and `new` order the list and filter nothing."""
    params = context.params()
    query = select(User).where(*_conditions(flag)).order_by(*_order(flag))
    page = max(params.integer("page") - 1, 0)
    return list(context.session().scalars(query.limit(PER_PAGE).offset(page * PER_PAGE)))


def _conditions(flag: str | None) -> Iterable[ColumnElement[bool]]:
    params, now = context.params(), context.now()
    flags: dict[str, ColumnElement[bool]] = {
        "staff": or_(User.admin, User.moderator),
        "admins": User.admin.is_(True),
        "moderators": User.moderator.is_(True),
        "silenced": User.silenced_till > now,
        "suspended": User.suspended_till > now,
        "pending": User.approved_by_id.is_(None) & User.active.is_(True),
        "staged": User.staged.is_(True),
    }
    if flag in flags:
        yield flags[flag]
    if flag in _TRUST_LEVELS:
        yield User.trust_level == _TRUST_LEVELS[flag]
    if address := params.text("ip"):
        yield User.registration_ip == address.strip()
    if params.text("exclude"):
        yield User.id != params.integer("exclude")
    if email := params.text("email"):
        yield people.has_email(UserEmail.email_lower == email.lower())
    elif text := (params.text("filter") or "").strip():
        yield _filter(text)


def _filter(text: str) -> ColumnElement[bool]:
    if _is_address(text):
        return User.registration_ip == text
    forum = context.forum()
    if forum.options.user_filter != "many" and (forum.options.user_filter or not forum.dialect.has("many_terms")):
        return _single_term(text)
    terms = [term for term in re.split(r"[,\s]+", text) if term]
    if len(terms) > _MOST_TERMS:
        raise requests.invalid_parameters("filter")
    exact = UserEmail.email_lower.in_([term.lower() for term in terms])
    return or_(User.id.in_(select(UserEmail.user_id).where(exact)), *map(_contains, terms))


def _single_term(text: str) -> ColumnElement[bool]:
    """One term: the holder of exactly that address, else the users who have it in the name or primary address."""
    if re.search(r".+@.+", text):
        holder = context.session().get(UserEmail, text.lower())
        if holder is not None:
            return User.id == holder.user_id
    return _contains(text)


def _contains(text: str) -> ColumnElement[bool]:
    like = f"%{text.lower()}%"
    return or_(User.username_lower.like(like), people.has_email(UserEmail.email_lower.like(like)))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _order(flag: str | None) -> list[ColumnElement[Any]]:
    params = context.params()
    asked = (params.text("order") or "").lower().split(" ")[0]
    if not asked:
        first = User.last_seen_at.desc().nulls_last() if flag == "active" else User.created_at.desc()
        return [first, User.username.asc(), User.id.asc()]
    posts = select(func.count(Post.id)).where(Post.user_id == User.id, Post.deleted_at.is_(None))
    email = select(UserEmail.email).where(UserEmail.user_id == User.id, UserEmail.primary.is_(True))
    keys: dict[str, Any] = {
        "created": User.created_at,
        "last_emailed": func.coalesce(User.last_emailed_at, 0),
        "seen": func.coalesce(User.last_seen_at, 0),
        "username": User.username,
        "email": email.scalar_subquery(),
        "trust_level": User.trust_level,
        "posts": posts.scalar_subquery(),
        "silence_reason": User.silence_reason,
    }
    key = keys.get(asked)
    if key is None:
        return [User.id.asc()]
    ascending = bool(params.text("asc"))
    # Discourse breaks no ties, so that equal rows may change places between pages.
    page = params.integer("page")
    ties = (User.id * 7919 * page) % 104729 if page > 1 else User.id
    return [(key.asc() if ascending else key.desc()).nulls_last(), ties.asc()]


def emails_of(users: Iterable[User]) -> dict[int, list[str]]:
    """Return every user's addresses, the primary one first."""
    found: dict[int, list[str]] = {}
    query = select(UserEmail).where(UserEmail.user_id.in_([user.id for user in users]))
    for row in context.session().scalars(query.order_by(UserEmail.primary.desc(), UserEmail.email_lower)):
        found.setdefault(row.user_id, []).append(row.email)
    return found


def post_counts(users: Iterable[User]) -> dict[int, int]:
    """Return how many replies each user wrote in public topics (opening posts count as topics)."""
    query = (
        select(Post.user_id, func.count(Post.id))
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.user_id.in_([user.id for user in users]), Post.deleted_at.is_(None))
        .where(Topic.archetype == "regular", Post.post_number > 1)
        .group_by(Post.user_id)
    )
    return {row[0]: row[1] for row in context.session().execute(query)}

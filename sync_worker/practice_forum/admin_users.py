"""Administration of users: list, page, trust, suspend, silence, (de)activate, anonymise, delete, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from sync_worker.practice_forum import accounts, context, memberships, people, refusals, user_list
from sync_worker.practice_forum.admin_user_json import detailed, edited, listed
from sync_worker.practice_forum.clock import iso, parse_moment
from sync_worker.practice_forum.groups import AUTOMATIC
from sync_worker.practice_forum.params import to_bool
from sync_worker.practice_forum.tables import Group, User

if TYPE_CHECKING:
    from datetime import datetime

blueprint = Blueprint("admin_users", __name__)


@blueprint.get("/admin/users", endpoint="admin/users/index")
@blueprint.get("/admin/users/list", endpoint="admin/users/index")
@blueprint.get("/admin/users/list/<flag>", endpoint="admin/users/index")
def index(flag: str | None = None) -> list[dict[str, Any]]:
    """One page of users as a bare array."""
    guardian = context.guardian()
    users = user_list.page_of_users(flag or context.params().text("query"))
    show_emails = context.params().flag("show_emails") and guardian.is_admin
    emails, posts = user_list.emails_of(users), user_list.post_counts(users)
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
        raise refusals.not_found()
    return user


def _subject(user_id: int) -> User:
    """The user to be restricted; staff cannot be."""
    user = _user(user_id)
    if user.staff:
        raise refusals.invalid_access()
    return user


@blueprint.put("/admin/users/<int:user_id>/trust_level", endpoint="admin/users/trust_level")
def trust_level(user_id: int) -> dict[str, Any]:
    """Set the trust level."""
    user = _user(user_id)
    level = context.params().integer("level")
    if user.admin and user.id == -1:
        raise refusals.unprocessable("invalid_access")
    if level not in range(5):
        raise refusals.crash()
    user.trust_level = level
    context.session().flush()
    return {"admin_user": edited(user, context.guardian())}


@blueprint.put("/admin/users/<int:user_id>/trust_level_lock", endpoint="admin/users/trust_level_lock")
def trust_level_lock(user_id: int) -> Response:
    """Keep the trust level from changing by itself."""
    user = _user(user_id)
    user.manual_locked_trust_level = user.trust_level if context.params().flag("locked") else None
    return _empty()


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


@blueprint.put("/admin/users/<int:user_id>/unsilence", endpoint="admin/users/unsilence")
def unsilence(user_id: int) -> dict[str, Any]:
    """Let a silenced user post again."""
    user = _subject(user_id)
    user.silenced_at = user.silenced_till = user.silence_reason = user.silenced_by_id = None
    nothing = {"silence_reason": None, "silenced_till": None, "silenced_at": None}
    return {"unsilence": {"silenced": False, **nothing}}


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
        raise refusals.invalid_access()
    user.moderator = True
    user.approved_by_id = user.approved_by_id or context.require_user().id
    context.session().flush()
    return detailed(user, context.guardian(), on_page=False)


@blueprint.put("/admin/users/<int:user_id>/revoke_moderation", endpoint="admin/users/revoke_moderation")
def revoke_moderation(user_id: int) -> dict[str, Any]:
    """Make a moderator an ordinary user again."""
    user = _user(user_id)
    if not user.moderator or not context.guardian().is_admin:
        raise refusals.invalid_access()
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
    accounts.anonymize(context.session(), user)
    return {"success": "OK", "username": user.username}


@blueprint.delete("/admin/users/<int:user_id>", endpoint="admin/users/destroy")
def destroy(user_id: int) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Delete an account, with its posts only where asked to."""
    session, acting = context.session(), context.require_user()
    user = session.get(User, user_id)
    if user is None or user.admin:
        raise refusals.invalid_access()
    count = accounts.count_posts(session, user)
    if count and not to_bool(context.params().raw("delete_posts")):
        posts = f"{count} post{'' if count == 1 else 's'}"
        text = f"User {user.username} has {posts} in a public topic or personal message, so they can't be deleted."
        return {"deleted": False, "message": text}, 403
    accounts.delete_posts(session, user, acting, context.now())
    accounts.destroy(session, user)
    return {"deleted": True}


@blueprint.post("/admin/users/<int:user_id>/groups", endpoint="admin/users/add_group")
def add_group(user_id: int) -> Response:
    """Make one user a member of one group."""
    user, group = _user(user_id), _group(context.params().integer("group_id"))
    session, now = context.session(), context.now()
    memberships.add(session, group, [user.id], now)
    memberships.log(session, group, context.require_user(), "add_user_to_group", [user.id], now=now)
    return _empty()


@blueprint.delete("/admin/users/<int:user_id>/groups/<int:group_id>", endpoint="admin/users/remove_group")
def remove_group(user_id: int, group_id: int) -> Response:
    """End one membership."""
    user, group = _user(user_id), _group(group_id)
    session = context.session()
    if memberships.remove(session, group, [user.id]):
        memberships.log(session, group, context.require_user(), "remove_user_from_group", [user.id], now=context.now())
    return _empty()


@blueprint.put("/admin/users/<int:user_id>/primary_group", endpoint="admin/users/primary_group")
def primary_group(user_id: int) -> Response:
    """Set which group the user is shown with."""
    user, wanted = _user(user_id), context.params().text("primary_group_id")
    if not wanted:
        user.primary_group_id = None
    else:
        group = _group(int(wanted)) if wanted.isdigit() else _group(-1)
        if memberships.members_among(context.session(), group, [user.id]):
            user.primary_group_id = group.id
    return _empty()


def _group(group_id: int) -> Group:
    group = context.session().get(Group, group_id)
    if group is None:
        raise refusals.record_not_found()
    if group.automatic:
        raise refusals.unprocessable(AUTOMATIC)
    return group


def _empty() -> Response:
    return Response("", content_type="text/plain; charset=utf-8")

"""Who owns a group, and coming and going by oneself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from sync_worker.practice_forum import context, memberships, people, refusals
from sync_worker.practice_forum import system_messages as messages
from sync_worker.practice_forum.groups import AUTOMATIC
from sync_worker.practice_forum.selected_users import selected_users
from sync_worker.practice_forum.tables import Group

blueprint = Blueprint("group_owners", __name__)


@blueprint.put("/groups/<int:group_id>/owners", endpoint="groups/add_owners")
def add_owners(group_id: int) -> dict[str, Any]:
    """Make people owners (and members)."""
    session, acting, now = context.session(), context.require_user(), context.now()
    group = session.get(Group, group_id)
    if group is None:
        raise refusals.not_found()
    if group.automatic:
        raise refusals.unprocessable(AUTOMATIC)
    if not context.guardian().can_edit_group(group):
        raise refusals.invalid_access()
    users = selected_users()
    for user in users:
        if memberships.add(session, group, [user.id], now, owner=True):
            memberships.log(session, group, acting, "add_user_to_group", [user.id], now=now)
        memberships.log(session, group, acting, "make_user_group_owner", [user.id], now=now)
        if context.params().flag("notify_users"):
            messages.added_to_group(session, user, group, now, owner=True)
    return {"success": "OK", "usernames": [user.username for user in users]}


@blueprint.delete("/admin/groups/<int:group_id>/owners", endpoint="admin/groups/remove_owner")
def remove_owner(group_id: int) -> dict[str, Any]:
    """Make owners plain members again."""
    session, params = context.session(), context.params()
    group = session.get(Group, group_id)
    if group is None:
        raise refusals.not_found()
    if group.automatic:
        raise refusals.unprocessable(AUTOMATIC)
    if not context.guardian().can_edit_group(group):
        raise refusals.invalid_access()
    if params.text("user_id"):
        ids = list(people.by_ids(session, [params.integer("user_id")]))
        if not ids:
            raise refusals.crash()
    else:
        names = params.require_section("group").text("usernames")
        if not names:
            raise refusals.invalid_parameters("user_id")
        ids = [user.id for user in people.by_usernames(session, names.split(","))]
    memberships.make_owners(session, group, ids, owner=False)
    memberships.log(session, group, context.require_user(), "remove_user_as_group_owner", ids, now=context.now())
    return {"success": "OK"}


@blueprint.put("/groups/<int:group_id>/join", endpoint="groups/join")
def join(group_id: int) -> Response:
    """Enter a group that lets anybody in."""
    session, caller = context.session(), context.require_user()
    group = session.get(Group, group_id)
    if group is None:
        raise refusals.record_not_found()
    if not group.public_admission:
        raise refusals.invalid_access()
    if memberships.add(session, group, [caller.id], context.now()):
        memberships.log(session, group, caller, "add_user_to_group", [caller.id], now=context.now())
    return Response(status=204)


@blueprint.delete("/groups/<int:group_id>/leave", endpoint="groups/leave")
def leave(group_id: int) -> Response:
    """Leave a group that lets people out."""
    session, caller = context.session(), context.require_user()
    group = session.get(Group, group_id)
    if group is None:
        raise refusals.not_found()
    if not group.public_exit:
        raise refusals.invalid_access()
    if memberships.remove(session, group, [caller.id]):
        memberships.log(session, group, caller, "remove_user_from_group", [caller.id], now=context.now())
    return Response(status=204)

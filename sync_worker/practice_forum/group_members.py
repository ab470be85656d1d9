"""Who is in a group: listing, adding, removing, owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import ColumnElement, false, func, select

from sync_worker.practice_forum import context, faults, invitations, member_filter, memberships, people, refusals
from sync_worker.practice_forum import groups as group_routes
from sync_worker.practice_forum import system_messages as messages
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.guardian import automatic_members
from sync_worker.practice_forum.integers import bounded_integer
from sync_worker.practice_forum.selected_users import comma_list, given, selected_users
from sync_worker.practice_forum.tables import Group, GroupUser, User

if TYPE_CHECKING:
    from collections.abc import Sequence

blueprint = Blueprint("group_members", __name__)

_AT_ONCE = 1000


@blueprint.get("/groups/<name>/members", endpoint="groups/members")
def members(name: str) -> dict[str, Any]:
    """One page of members, with every owner on every page; the total ignores the filter."""
    group, session, params = group_routes.find(name), context.session(), context.params()
    if not context.guardian().can_see_members(group):
        raise refusals.invalid_access()
    limit = bounded_integer("limit", default=50, high=_AT_ONCE)
    offset = params.integer("offset")
    if offset < 0:
        raise refusals.invalid_parameters("offset")
    if "requesters" in params:
        return _requesters(group, limit, offset)
    ascending = bool(params.text("asc"))
    query, added_at, owner = _listing(group)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    if wanted := params.text("filter"):
        query = query.where(member_filter.condition(wanted, by_email=context.guardian().is_admin))
    query = query.order_by(*_order(params.text("order"), added_at, owner, ascending=ascending))
    page = session.execute(query.limit(limit).offset(offset)).all()
    owners = [] if owner is None else session.execute(query.where(owner.is_(True))).all()
    return {
        "members": [_member(user, added) for user, added in page],
        "owners": [_member(user, added) for user, added in owners],
        "meta": {"total": total, "limit": limit, "offset": offset},
    }


def _requesters(group: Group, limit: int, offset: int) -> dict[str, Any]:
    """Who asked to be let in: nobody, since a practice forum takes no such requests."""
    if not context.guardian().can_edit_group(group):
        raise refusals.invalid_access()
    return {"members": [], "meta": {"total": 0, "limit": limit, "offset": offset}}


def _listing(group: Group) -> tuple[Any, ColumnElement[Any], ColumnElement[bool] | None]:
    """The members (humans only) with the moment they joined, the column of that moment, and that of ownership."""
    if group.automatic:
        belongs = automatic_members(group.id) if group.id else false()  # nobody is counted as a member of everyone
        query = select(User, User.created_at).where(belongs, User.id > 0)
        return query, User.created_at.expression, None
    query = select(User, GroupUser.added_at).join(GroupUser, GroupUser.user_id == User.id)
    query = query.where(GroupUser.group_id == group.id, User.id > 0)
    return query, GroupUser.added_at.expression, GroupUser.owner.expression


def _order(
    order: str | None,
    added_at: ColumnElement[Any],
    owner: ColumnElement[bool] | None,
    *,
    ascending: bool,
) -> list[ColumnElement[Any]]:
    keys: dict[str, ColumnElement[Any]] = {
        "last_posted_at": User.last_posted_at.expression,
        "last_seen_at": User.last_seen_at.expression,
        "added_at": added_at,
    }
    by_name = User.username_lower.asc() if ascending else User.username_lower.desc()
    if order in keys:
        key = keys[order]
        return [(key.asc() if ascending else key.desc()).nulls_last(), by_name]
    return [by_name] if owner is None else [owner.desc(), by_name]


def _member(user: User, added_at: Any) -> dict[str, Any]:
    row = people.basic_user(user)
    if user.admin:
        row["admin"] = True
    if user.moderator:
        row["moderator"] = True
    row["trust_level"] = user.trust_level
    if user.primary_group_id:
        row["primary_group_name"] = people.primary_group_name(context.session(), user)
    return row | {
        "title": user.title,
        "last_posted_at": iso(user.last_posted_at),
        "last_seen_at": iso(user.last_seen_at),
        "added_at": iso(added_at),
        "timezone": user.timezone,
    }


@blueprint.put("/groups/<int:group_id>/members", endpoint="groups/add_members")
@blueprint.put("/admin/groups/<int:group_id>/members", endpoint="groups/add_members")
def add_members(group_id: int) -> dict[str, Any]:
    """Add people by names, ids or addresses; addresses nobody has are invited."""
    session, params, acting = context.session(), context.params(), context.user()
    group = _editable(group_id, refusals.record_not_found())
    users = selected_users()
    unknown: list[object] = []
    for email in _addresses():
        found = people.by_emails(session, [email] if isinstance(email, str) else filter(_is_text, email))
        if found:
            users.append(found[0])
        else:
            unknown.append(email)
    if unknown and not invitations.allowed(context.guardian(), [group]):
        raise refusals.invalid_access()
    if not users and not unknown:
        raise refusals.invalid_parameters("Usernames or emails must be present")
    if len(users) > _AT_ONCE:
        raise refusals.unprocessable(f"Maximum {_AT_ONCE} users can be added at once")
    already = memberships.members_among(session, group, (user.id for user in users))
    if already and len(already) == len(users) and not unknown:
        raise refusals.unprocessable(_already(sorted(user.username for user in users)))
    users = list({user.id: user for user in users}.values())
    assert acting is not None  # noqa: S101 - who may edit a group is logged in
    _add(group, faults.half_of_a_killed_call(users), acting)
    faults.die_if_killed(session)
    for address in unknown:
        try:
            invitations.invite(address, group_ids=[group.id], skip_email=params.flag("skip_email"))
        except refusals.Refusal:
            session.commit()  # what was done before stays done
            raise
    return {"success": "OK", "usernames": [user.username for user in users], "emails": unknown}


def _addresses() -> Sequence[str | list[Any]]:
    """The addresses of a comma list; an array is not divided, and what is looked for is any of it."""
    value = context.params().raw("emails")
    return [value] if isinstance(value, list) else comma_list("emails")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _add(group: Group, users: Sequence[User], acting: User) -> None:
    session, now = context.session(), context.now()
    ids = [user.id for user in users]
    memberships.add(session, group, ids, now)
    memberships.log(session, group, acting, "add_user_to_group", ids, now=now)
    if context.params().flag("notify_users"):
        for user in users:
            messages.added_to_group(session, user, group, now, owner=False)


def _already(names: list[str]) -> str:
    if len(names) == 1:
        return f"'{names[0]}' is already a member of this group."
    return f"The following users are already members of this group: {', '.join(names)}"


def _editable(group_id: int, absent: refusals.Refusal) -> Group:
    group = context.session().get(Group, group_id)
    if group is None:
        raise absent
    if not context.guardian().can_edit_group(group):
        raise refusals.invalid_access()
    return group


@blueprint.delete("/groups/<int:group_id>/members", endpoint="groups/remove_member")
@blueprint.delete("/admin/groups/<int:group_id>/members", endpoint="groups/remove_member")
def remove_member(group_id: int) -> dict[str, Any]:
    """Remove people, named as for adding; those who are no members are only told."""
    session, tree = context.session(), context.params().tree
    group = _editable(group_id, refusals.not_found())
    for old, new in (("username", "usernames"), ("user_email", "user_emails")):
        if given(old):
            tree[new] = tree[old]
    users = selected_users()
    if not users:
        raise refusals.invalid_parameters("user_ids or usernames or user_emails must be present")
    removed = memberships.remove(session, group, (user.id for user in users))
    memberships.log(
        session, group, context.require_user(), "remove_user_from_group", sorted(removed), now=context.now()
    )
    return {
        "success": "OK",
        "usernames": [user.username for user in users if user.id in removed],
        "skipped_usernames": [user.username for user in users if user.id not in removed],
    }

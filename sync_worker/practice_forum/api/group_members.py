"""Who is in a group: listing, filtering, adding, removing, owners, joining and leaving by oneself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import ColumnElement, false, func, or_, select

from sync_worker.practice_forum.api import context, invites
from sync_worker.practice_forum.api import groups as group_routes
from sync_worker.practice_forum.api.context import bounded_integer
from sync_worker.practice_forum.api.groups import AUTOMATIC
from sync_worker.practice_forum.rules import notifying as messages
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.rights import automatic_members
from sync_worker.practice_forum.server import forum, requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Group, GroupUser, User, UserEmail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import InstrumentedAttribute

blueprint = Blueprint("group_members", __name__)

_AT_ONCE = 1000


@blueprint.get("/groups/<name>/members", endpoint="groups/members")
def members(name: str) -> dict[str, Any]:
    """One page of members, with every owner on every page; the total ignores the filter."""
    group, session, params = group_routes.find(name), context.session(), context.params()
    if not context.guardian().can_see_members(group):
        raise requests.invalid_access()
    limit = bounded_integer("limit", default=50, high=_AT_ONCE)
    offset = params.integer("offset")
    if offset < 0:
        raise requests.invalid_parameters("offset")
    if "requesters" in params:
        return _requesters(group, limit, offset)
    ascending = bool(params.text("asc"))
    query, added_at, owner = _listing(group)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    if wanted := params.text("filter"):
        query = query.where(condition(wanted, by_email=context.guardian().is_admin))
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
        raise requests.invalid_access()
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
    group = _editable(group_id, requests.record_not_found())
    users = selected_users()
    unknown: list[object] = []
    for email in _addresses():
        found = people.by_emails(session, [email] if isinstance(email, str) else filter(_is_text, email))
        if found:
            users.append(found[0])
        else:
            unknown.append(email)
    if unknown and not invites.allowed(context.guardian(), [group]):
        raise requests.invalid_access()
    if not users and not unknown:
        raise requests.invalid_parameters("Usernames or emails must be present")
    if len(users) > _AT_ONCE:
        raise requests.unprocessable(f"Maximum {_AT_ONCE} users can be added at once")
    already = people.members_among(session, group, (user.id for user in users))
    if already and len(already) == len(users) and not unknown:
        raise requests.unprocessable(_already(sorted(user.username for user in users)))
    users = list({user.id: user for user in users}.values())
    assert acting is not None  # noqa: S101 - who may edit a group is logged in
    _add(group, forum.half_of_a_killed_call(users), acting)
    forum.die_if_killed(session)
    for address in unknown:
        try:
            invites.invite(address, group_ids=[group.id], skip_email=params.flag("skip_email"))
        except requests.Refusal:
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
    people.add(session, group, ids, now)
    people.log(session, group, acting, "add_user_to_group", ids, now=now)
    if context.params().flag("notify_users"):
        for user in users:
            messages.added_to_group(session, user, group, now, owner=False)


def _already(names: list[str]) -> str:
    if len(names) == 1:
        return f"'{names[0]}' is already a member of this group."
    return f"The following users are already members of this group: {', '.join(names)}"


def _editable(group_id: int, absent: requests.Refusal) -> Group:
    group = context.session().get(Group, group_id)
    if group is None:
        raise absent
    if not context.guardian().can_edit_group(group):
        raise requests.invalid_access()
    return group


@blueprint.delete("/groups/<int:group_id>/members", endpoint="groups/remove_member")
@blueprint.delete("/admin/groups/<int:group_id>/members", endpoint="groups/remove_member")
def remove_member(group_id: int) -> dict[str, Any]:
    """Remove people, named as for adding; those who are no members are only reported."""
    session, tree = context.session(), context.params().tree
    group = _editable(group_id, requests.not_found())
    for old, new in (("username", "usernames"), ("user_email", "user_emails")):
        if given(old):
            tree[new] = tree[old]
    users = selected_users()
    if not users:
        raise requests.invalid_parameters("user_ids or usernames or user_emails must be present")
    removed = people.remove(session, group, (user.id for user in users))
    people.log(session, group, context.require_user(), "remove_user_from_group", sorted(removed), now=context.now())
    return {
        "success": "OK",
        "usernames": [user.username for user in users if user.id in removed],
        "skipped_usernames": [user.username for user in users if user.id not in removed],
    }


@blueprint.put("/groups/<int:group_id>/owners", endpoint="groups/add_owners")
def add_owners(group_id: int) -> dict[str, Any]:
    """Make people owners (and members)."""
    session, acting, now = context.session(), context.require_user(), context.now()
    group = session.get(Group, group_id)
    if group is None:
        raise requests.not_found()
    if group.automatic:
        raise requests.unprocessable(AUTOMATIC)
    if not context.guardian().can_edit_group(group):
        raise requests.invalid_access()
    users = selected_users()
    for user in users:
        if people.add(session, group, [user.id], now, owner=True):
            people.log(session, group, acting, "add_user_to_group", [user.id], now=now)
        people.log(session, group, acting, "make_user_group_owner", [user.id], now=now)
        if context.params().flag("notify_users"):
            messages.added_to_group(session, user, group, now, owner=True)
    return {"success": "OK", "usernames": [user.username for user in users]}


@blueprint.delete("/admin/groups/<int:group_id>/owners", endpoint="admin/groups/remove_owner")
def remove_owner(group_id: int) -> dict[str, Any]:
    """Make owners plain members again."""
    session, params = context.session(), context.params()
    group = session.get(Group, group_id)
    if group is None:
        raise requests.not_found()
    if group.automatic:
        raise requests.unprocessable(AUTOMATIC)
    if not context.guardian().can_edit_group(group):
        raise requests.invalid_access()
    if params.text("user_id"):
        ids = list(people.by_ids(session, [params.integer("user_id")]))
        if not ids:
            raise requests.crash()
    else:
        names = params.require_section("group").text("usernames")
        if not names:
            raise requests.invalid_parameters("user_id")
        ids = [user.id for user in people.by_usernames(session, names.split(","))]
    people.make_owners(session, group, ids, owner=False)
    people.log(session, group, context.require_user(), "remove_user_as_group_owner", ids, now=context.now())
    return {"success": "OK"}


def comma_list(name: str) -> list[str]:
    """Return the parts of a comma list as Ruby splits it: empty parts at the end are dropped.

    Raises:
        Refusal: 500 where the client sent an array, for that is what Discourse makes of it.

    """
    value = context.params().raw(name)
    if isinstance(value, (list, dict)):
        raise requests.crash()
    parts = str(value).split(",") if value is not None else []
    while parts and parts[-1] == "":
        parts.pop()
    return parts


def given(name: str) -> bool:
    """Whether a parameter is there and not blank."""
    value = context.params().raw(name)
    return value is not None and str(value).strip() != "" and value not in ([], {})


def selected_users() -> list[User]:
    """Return the users that the call names: by names, else id, else ids, else addresses.

    Raises:
        Refusal: 400 naming the parameter, where nobody matches.

    """
    session = context.session()
    if given("usernames"):
        found, name = people.by_usernames(session, comma_list("usernames")), "usernames"
    elif given("user_id"):
        found, name = list(people.by_ids(session, [context.params().integer("user_id")]).values()), "user_id"
    elif isinstance(context.params().raw("user_ids"), list):
        raise requests.invalid_parameters("user_ids")
    elif given("user_ids"):
        found, name = list(people.by_ids(session, map(to_i, comma_list("user_ids"))).values()), "user_ids"
    elif given("user_emails"):
        # Discourse lowers the addresses it has, not those that it is given.
        lower = [email for email in comma_list("user_emails") if email == email.lower()]
        found, name = people.by_emails(session, lower), "user_emails"
    else:
        return []
    if not found:
        raise requests.invalid_parameters(name)
    return found


def condition(text: str, *, by_email: bool) -> ColumnElement[bool]:
    """Return the condition on `User` that a filter text makes.

    A plain text is looked for in names (and, for administrators, in primary addresses). With a comma the parts become
    one regular expression for names and one SQL pattern for whole addresses, so that `_`, `%`, `+`, `.` and `|` in
    them mean more than themselves.
    """
    if "," in text:
        return _by_parts(text.split(","), by_email=by_email)
    like = f"%{text.lower()}%"
    by_name = User.username_lower.like(like)
    if not by_email:
        return by_name
    by_address = people.has_email(UserEmail.email_lower.like(like))
    if re.search(r".+@.+", text):
        exact = select(UserEmail.user_id).where(UserEmail.email_lower == text.lower())
        return or_(User.id.in_(exact), ~exact.exists() & or_(by_name, by_address))
    return or_(by_name, by_address)


def _by_parts(parts: list[str], *, by_email: bool) -> ColumnElement[bool]:
    names = _matches(User.username_lower, f"(?i)({'|'.join(parts)})")
    if not by_email:
        return names
    return or_(names, people.has_email(_matches(UserEmail.email_lower, f"^({'|'.join(map(_similar_to, parts))})$")))


def _similar_to(pattern: str) -> str:
    """Return SQL's SIMILAR TO pattern as a regular expression: `%` any text, `_` any character, `.` itself."""
    return pattern.replace(".", r"\.").replace("%", ".*").replace("_", ".")


def _matches(column: InstrumentedAttribute[str], pattern: str) -> ColumnElement[bool]:
    try:
        re.compile(pattern)
    except re.error:
        pattern = re.escape(pattern)
    return func.regexp(pattern, column) == 1

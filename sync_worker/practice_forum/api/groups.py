"""Groups: list, search, show, create, update, delete, history; which fields are taken from whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import delete, func, or_, select, update

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.context import bounded_integer
from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext
from sync_worker.practice_forum.json.users import LEVELS, basic_group, shown_group
from sync_worker.practice_forum.rules import people, text_rules
from sync_worker.practice_forum.rules.people import basic_user, by_ids, by_username
from sync_worker.practice_forum.rules.rights import automatic_group_ids
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.server.requests import Params, as_text, to_bool, to_i
from sync_worker.practice_forum.tables import Group, GroupHistory, GroupUser, User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sync_worker.practice_forum.rules.rights import Guardian


_TEXTS = frozenset(
    (
        *("name", "full_name", "title", "bio_raw", "incoming_email", "flair_icon", "flair_bg_color", "flair_color"),
        *("membership_request_template", "automatic_membership_email_domains"),
    ),
)
_BOOLEANS = frozenset(
    (
        *("primary_group", "public_admission", "public_exit", "allow_membership_requests", "publish_read_state"),
        "allow_unknown_sender_topic_replies",
    ),
)
_ANYBODY = (
    "bio_raw",
    "default_notification_level",
    "messageable_level",
    "mentionable_level",
    "flair_bg_color",
    "flair_color",
    "flair_icon",
)
_OF_OWNERS = (
    "title",
    "allow_membership_requests",
    "full_name",
    "public_exit",
    "public_admission",
    "membership_request_template",
)
_LEVELS_OF_STAFF = ("visibility_level", "members_visibility_level")
_OF_STAFF = (
    "incoming_email",
    "primary_group",
    "name",
    "grant_trust_level",
    "automatic_membership_email_domains",
    "publish_read_state",
)
OF_CREATION = (*_ANYBODY, *_OF_OWNERS, *_LEVELS_OF_STAFF, *_OF_STAFF)
_DOMAIN = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*\.[a-z]{2,24}(:[0-9]{1,5})?(/.*)?", re.IGNORECASE)
_ADDRESSABLE = (0, 1, 2, 3, 4, 99)


def permitted(group: Group, guardian: Guardian) -> tuple[str, ...]:
    """Return the fields that the caller may change."""
    names = [*_ANYBODY]
    if not group.automatic:
        names += _OF_OWNERS
    if guardian.is_staff:
        names += _LEVELS_OF_STAFF
        if not group.automatic:
            names += [*_OF_STAFF, "allow_unknown_sender_topic_replies"]
    return tuple(names)


def read(fields: Params, group: Group, names: Iterable[str]) -> dict[str, Any]:
    """Return the permitted fields that were sent, in the types of their columns."""
    return {name: _value(name, fields.raw(name), group) for name in names if name in fields.tree}


def _value(name: str, raw: Any, group: Group) -> Any:
    if name in _BOOLEANS:
        return to_bool(raw)
    if name in _TEXTS:
        return None if raw is None else as_text(raw)
    text = as_text(raw).strip()
    if not text:
        return getattr(group, name) if name != "grant_trust_level" else None
    return to_i(text)


def apply(group: Group, values: dict[str, Any], *, has_owner: bool) -> None:
    """Set the fields.

    Raises:
        Refusal: 422 with every complaint.

    """
    errors = list(_complaints(group, values, has_owner=has_owner))
    if errors:
        raise requests.unprocessable(*errors)
    for name, value in values.items():
        setattr(group, name, value)
    group.name_lower = group.name.lower()
    if not group.automatic and "bio_raw" in values:
        group.bio_cooked = cook(group.bio_raw, context=CookContext()) if group.bio_raw else None


def _complaints(group: Group, values: dict[str, Any], *, has_owner: bool) -> Iterable[str]:
    if "name" in values or not group.name:
        values["name"] = (values.get("name") or "").strip()
        if complaint := _name_complaint(values["name"], group):
            yield complaint
    if values.get("allow_membership_requests") and not has_owner:
        yield "You cannot allow membership requests for a group without any owners."
    trust = values.get("grant_trust_level")
    if trust is not None and trust not in range(5):
        yield f"'{trust}' is not a valid trust level."
    for name, limit in (("bio_raw", 3000), ("membership_request_template", 5000), ("full_name", 100)):
        if len(values.get(name) or "") > limit:
            label = name.replace("_", " ").capitalize()
            yield f"{label} is too long (maximum is {limit} characters)"
    domains = (values.get("automatic_membership_email_domains") or "").split("|")
    yield from (f"'{domain}' is not a valid domain." for domain in domains if domain and not _DOMAIN.fullmatch(domain))
    for name in ("mentionable_level", "messageable_level"):
        if values.get(name, 0) not in _ADDRESSABLE:
            yield f"{name.replace('_', ' ').capitalize()} is not included in the list"


def _name_complaint(name: str, group: Group) -> str | None:
    complaint = text_rules.complaint(name, context.settings())
    if complaint:
        return f"Name {complaint}"
    if name.lower() != (group.name_lower or "") and text_rules.taken(context.session(), name, group_id=group.id):
        return "Name has already been taken"
    return None


def changes_defaults(group: Group, fields: Params) -> bool:
    """Whether these fields change what members watch, track or mute; a default that is not named again is taken away.

    A real forum counts those members who have no wish of their own; here, where nobody has one, that is everybody.
    """
    for kept, suffix in ((group.category_defaults, "category_ids"), (group.tag_defaults, "tags")):
        present = {(level, as_text(value)) for level, values in (kept or {}).items() for value in values}
        wanted = {(level, value) for level in LEVELS for value in fields.items(f"{level}_{suffix}") if value != "-1"}
        if present != wanted:
            return True
    return False


def apply_defaults(group: Group, fields: Params) -> None:
    """Set which categories and tags new members watch, track or mute."""
    categories = {level: fields.items(f"{level}_category_ids") for level in LEVELS if f"{level}_category_ids" in fields}
    tags = {level: fields.items(f"{level}_tags") for level in LEVELS if f"{level}_tags" in fields}
    if categories:
        ids = {level: [to_i(value) for value in values if value != "-1"] for level, values in categories.items()}
        group.category_defaults = {**group.category_defaults, **ids}
    if tags:
        names = {level: [value for value in values if value != "-1"] for level, values in tags.items()}
        group.tag_defaults = {**group.tag_defaults, **names}


# Groups: list, search, show, create, update, delete, history, category permissions.


blueprint = Blueprint("groups", __name__)

_PER_PAGE = 36
AUTOMATIC = "You cannot modify an automatic group"


def find(name: str) -> Group:
    """Return the group of that name (whatever its case) if the caller may see it.

    Raises:
        Refusal: 404 otherwise.

    """
    group = context.session().scalar(select(Group).where(Group.name_lower == name.lower()))
    if group is None or not context.guardian().can_see_group(group):
        raise requests.not_found()
    return group


def _visible(*, everyone: bool = False) -> list[Group]:
    """Every group the caller may see, by name."""
    query = select(Group).order_by(Group.name)
    if not everyone:
        query = query.where(Group.id > 0)
    guardian = context.guardian()
    return [group for group in context.session().scalars(query) if guardian.can_see_group(group)]


@blueprint.get("/groups/search", endpoint="groups/search")
def search() -> list[dict[str, Any]]:
    """Every visible group in one list."""
    context.require_user()
    params = context.params()
    groups = _visible(everyone=params.flag("include_everyone"))
    if term := (params.text("term") or "").lower():
        groups = [group for group in groups if term in group.name_lower or term in (group.full_name or "").lower()]
    if params.flag("ignore_automatic"):
        groups = [group for group in groups if not group.automatic]
    return [basic_group(group, context.guardian()) for group in groups]


@blueprint.get("/groups", endpoint="groups/index")
def index() -> dict[str, Any]:
    """One page of the visible groups."""
    params, guardian = context.params(), context.guardian()
    if not context.settings().flag("enable_group_directory") and not guardian.is_staff:
        raise requests.invalid_access()
    groups, filters = _of_type(_filtered(_visible()), params.text("type"))
    order, ascending = params.text("order"), params.flag("asc")
    if order in ("name", "user_count"):
        groups.sort(key=lambda group: (getattr(group, order), group.name), reverse=not ascending)
    page = bounded_integer("page", default=0)
    shown = groups[page * _PER_PAGE : (page + 1) * _PER_PAGE]
    mine = {group.id for group in shown} & (guardian.group_ids if guardian.user else set())
    next_page = {"page": page + 1, "type": params.text("type"), "order": order, "asc": params.text("asc")}
    next_page["filter"] = params.text("filter")
    query = "&".join(f"{name}={value}" for name, value in sorted(next_page.items()) if value is not None)
    return {
        "groups": [basic_group(group, guardian, mine=mine, owned=guardian.owned_group_ids) for group in shown],
        "extras": {"type_filters": filters},
        "total_rows_groups": len(groups),
        "load_more_groups": f"/groups?{query}",
    }


def _filtered(groups: list[Group]) -> list[Group]:
    params = context.params()
    if username := params.text("username"):
        person = by_username(context.session(), username)
        if person is None:
            raise requests.not_found()
        ids = _group_ids_of(person)
        groups = [group for group in groups if group.id in ids and context.guardian().can_see_members(group)]
    if text := (params.text("filter") or "").lower():
        groups = [group for group in groups if text in group.name_lower or text in (group.full_name or "").lower()]
    if not context.guardian().is_staff:
        groups = [group for group in groups if not group.automatic or group.id == 2]
    return groups


def _group_ids_of(person: User) -> set[int]:
    rows = context.session().scalars(select(GroupUser.group_id).where(GroupUser.user_id == person.id))
    return automatic_group_ids(person) | set(rows)


def _of_type(groups: list[Group], kind: str | None) -> tuple[list[Group], list[str]]:
    """The groups of one kind, and the kinds that the caller can ask for."""
    guardian = context.guardian()
    filters = ["my", "owner", "public", "close", "automatic"]
    if not guardian.is_staff:
        filters.remove("automatic")
    if guardian.user is None or "username" in context.params():
        filters = filters[2:]
    if kind is None:
        return groups, filters
    tests: dict[str, Callable[[Group], bool]] = {
        "my": lambda group: group.id in guardian.group_ids,
        "owner": lambda group: group.id in guardian.owned_group_ids,
        "public": lambda group: group.public_admission and not group.automatic,
        "close": lambda group: not group.public_admission and not group.automatic,
        "automatic": lambda group: group.automatic,
        "non_automatic": lambda group: not group.automatic,
    }
    if kind not in tests:
        raise requests.invalid_parameters("type")
    if kind in ("my", "owner") and guardian.user is None:
        raise requests.not_found()
    return [group for group in groups if tests[kind](group)], filters


@blueprint.get("/groups/<name>", endpoint="groups/show")
@blueprint.get("/groups/by-id/<int:group_id>", endpoint="groups/show")
def show(name: str | None = None, group_id: int | None = None) -> dict[str, Any]:
    """One group, by name or id."""
    guardian = context.guardian()
    if name is not None:
        group: Group | None = find(name)
    else:
        group = context.session().get(Group, group_id)
    if group is None or not guardian.can_see_group(group):
        raise requests.not_found()
    visible = [other for other in _visible() if guardian.is_staff or not other.automatic or other.id == 2]
    return {
        "group": shown_group(group, guardian),
        "extras": {"visible_group_names": [other.name for other in visible]},
    }


@blueprint.post("/admin/groups", endpoint="admin/groups/create")
def create() -> dict[str, Any]:
    """Make a group, with members and owners where they are given by exact name."""
    session, guardian = context.session(), context.guardian()
    if not guardian.is_admin and not context.settings().flag("moderators_manage_categories_and_groups"):
        raise requests.invalid_access()
    fields = context.params().require_section("group", OF_CREATION)
    group = Group(name="", name_lower="", created_at=context.now())
    values = read(fields, group, OF_CREATION)
    owner_ids = _ids_of_exact_names(fields.text("owner_usernames"))
    member_ids = [user_id for user_id in _ids_of_exact_names(fields.text("usernames")) if user_id not in owner_ids]
    apply(group, values, has_owner=bool(owner_ids))
    session.add(group)
    session.flush()
    answer = {"basic_group": basic_group(group, guardian)}
    people.add(session, group, owner_ids, context.now(), owner=True)
    people.add(session, group, member_ids, context.now())
    return answer


def _ids_of_exact_names(names: str | None) -> list[int]:
    wanted = [name for name in (names or "").split(",") if name]
    return list(context.session().scalars(select(User.id).where(User.username.in_(wanted)).order_by(User.id)))


@blueprint.put("/groups/<int:group_id>", endpoint="groups/update")
def put(group_id: int) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Change a group's fields."""
    session, guardian = context.session(), context.guardian()
    acting = context.require_user()
    group = session.get(Group, group_id)
    if group is None:
        raise requests.record_not_found()
    if not guardian.can_admin_group(group) and not guardian.can_edit_group(group):
        raise requests.invalid_access()
    fields = context.params().require_section("group", OF_CREATION)
    values = read(fields, group, permitted(group, guardian))
    level = values.get("default_notification_level", group.default_notification_level)
    previous = group.default_notification_level
    decision = context.params().text("update_existing_users")
    if not decision:
        affected = _members_at_level(group, previous) if level != previous else 0
        if changes_defaults(group, fields):
            affected = max(affected, _members(group))
        if affected:
            text = "You supplied invalid parameters to the request: update_existing_users"
            return {"user_count": affected, "errors": [text]}, 422
    old_title = group.title
    before = {name: getattr(group, name) for name in values}
    has_owner = session.scalar(_owners_of(group)) is not None
    apply(group, values, has_owner=has_owner)
    apply_defaults(group, fields)
    session.flush()
    if group.title != old_title:
        _retitle_members(group, old_title)
    if level != previous and decision == "true":
        at_previous = (GroupUser.group_id == group.id, GroupUser.notification_level == previous)
        session.execute(update(GroupUser).where(*at_previous).values(notification_level=level))
    _log_changes(group, acting, before)
    return {"success": "OK"}


def _owners_of(group: Group) -> Any:
    return select(GroupUser.user_id).where(GroupUser.group_id == group.id, GroupUser.owner.is_(True)).limit(1)


def _members(group: Group) -> int:
    query = select(func.count()).select_from(GroupUser).where(GroupUser.group_id == group.id)
    return context.session().scalar(query) or 0


def _members_at_level(group: Group, level: int) -> int:
    condition = (GroupUser.group_id == group.id, GroupUser.notification_level == level)
    return context.session().scalar(select(func.count()).select_from(GroupUser).where(*condition)) or 0


def _retitle_members(group: Group, old_title: str | None) -> None:
    members = select(GroupUser.user_id).where(GroupUser.group_id == group.id)
    replaceable = or_(User.title.is_(None), User.title == "", User.title == (old_title or ""))
    context.session().execute(update(User).where(User.id.in_(members), replaceable).values(title=group.title))


def _log_changes(group: Group, acting: User, before: dict[str, Any]) -> None:
    for name, old in before.items():
        new = getattr(group, name)
        if old != new and (old not in (None, "") or new not in (None, "")):
            context.session().add(
                GroupHistory(
                    group_id=group.id,
                    acting_user_id=acting.id,
                    action="change_group_setting",
                    subject=name,
                    prev_value=None if old is None else str(old),
                    new_value=None if new is None else str(new),
                    created_at=context.now(),
                ),
            )


@blueprint.delete("/admin/groups/<int:group_id>", endpoint="admin/groups/destroy")
def destroy(group_id: int) -> dict[str, Any]:
    """Delete a group; its members lose what it gave them."""
    session = context.session()
    group = session.get(Group, group_id)
    if group is None:
        raise requests.not_found()
    if group.automatic:
        raise requests.unprocessable(AUTOMATIC)
    members = session.scalars(select(GroupUser.user_id).where(GroupUser.group_id == group.id)).all()
    people.remove(session, group, members)
    session.execute(delete(GroupHistory).where(GroupHistory.group_id == group.id))
    session.delete(group)
    return {"success": "OK"}


_LOGS_PER_PAGE = 25


@blueprint.get("/groups/<name>/logs", endpoint="groups/histories")
def logs(name: str) -> dict[str, Any]:
    """One page of a group's history; `offset` counts pages."""
    context.require_user()
    group, guardian = find(name), context.guardian()
    if not guardian.can_edit_group(group) and not guardian.can_admin_group(group):
        raise requests.invalid_access()
    query = select(GroupHistory).where(GroupHistory.group_id == group.id)
    wanted = context.params().section("filters")
    for column in ("action", "subject"):
        if value := wanted.text(column):
            query = query.where(getattr(GroupHistory, column) == value)
    for column in ("acting_user", "target_user"):
        if value := wanted.text(column):
            ids = select(User.id).where(User.username_lower == value.lower())
            query = query.where(getattr(GroupHistory, f"{column}_id").in_(ids))
    offset = context.params().integer("offset") * _LOGS_PER_PAGE
    query = query.order_by(GroupHistory.created_at.desc(), GroupHistory.id.desc())
    rows = context.session().scalars(query.offset(offset).limit(_LOGS_PER_PAGE)).all()
    return {"logs": _log_rows(rows), "all_loaded": len(rows) < _LOGS_PER_PAGE}


def _log_rows(rows: Sequence[GroupHistory]) -> list[dict[str, Any]]:
    ids = {row.acting_user_id for row in rows} | {row.target_user_id for row in rows if row.target_user_id}
    people = by_ids(context.session(), ids)
    answer = []
    for row in rows:
        entry = {name: getattr(row, name) for name in ("action", "subject", "prev_value", "new_value")}
        acting, target = people.get(row.acting_user_id), people.get(row.target_user_id or 0)
        entry["created_at"] = iso(row.created_at)
        entry["acting_user"] = basic_user(acting) if acting else None
        entry["target_user"] = basic_user(target) if target else None
        answer.append(entry)
    return answer

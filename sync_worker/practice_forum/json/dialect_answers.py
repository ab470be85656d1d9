"""Answers of 3.5 as later dialects give them (`dialects.toml`): what is put in, left out or written otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.practice_forum.dialects import ANONYMOUS_USERS, EVERYONE, LOGGED_IN_USERS
from sync_worker.practice_forum.tables import Category, Group, InviteGrant, Tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.dialects import Dialect

MAY_SEE = 3


def spoken(body: Any, dialect: Dialect, route: str, session: Session) -> Any:
    """Return an answer of 3.5 as a dialect gives it; `route` is Discourse's name of the action."""
    for name, change in RESHAPES.items():
        if dialect.has(name):
            change(body, route, session)
    return body


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of an answer, whatever it is nested in."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _without_imap(body: Any, _route: str, _session: Session) -> None:
    for row in _objects(body):
        if "imap_server" in row:
            for name in [name for name in row if name.startswith(("imap_", "email_"))]:
                del row[name]


def _without_user_count(body: Any, _route: str, _session: Session) -> None:
    for row in _objects(body):
        if row.get("can_see_members") is False:
            row.pop("user_count", None)


def _with_tag_objects(body: Any, _route: str, session: Session) -> None:
    rows = [row for row in _objects(body) if _is_of_a_topic(row)]
    names = {name for row in rows for name in row["tags"]}
    ids: dict[str, int] = {}
    if names:
        found = session.execute(select(Tag.name, Tag.id).where(Tag.name.in_(names)))
        ids = {row[0]: row[1] for row in found}
    for row in rows:
        row["tags"] = [{"id": ids.get(name), "name": name, "slug": name} for name in row["tags"]]


def _is_of_a_topic(row: Mapping[str, Any]) -> bool:
    tags = row.get("tags")
    return "title" in row and isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)


def _with_everyone_split(body: Any, route: str, session: Session) -> None:
    names: dict[int, str] = {}
    if any("group_permissions" in row for row in _objects(body)):
        pseudogroups = (EVERYONE, ANONYMOUS_USERS, LOGGED_IN_USERS)
        found = session.execute(select(Group.id, Group.name).where(Group.id.in_(pseudogroups)))
        names = {row[0]: row[1] for row in found}
    for row in _objects(body):
        if isinstance(row.get("group_permissions"), list):
            row["group_permissions"] = [split for each in row["group_permissions"] for split in _split(each, names)]
            row["available_groups"] = [name for name in row.get("available_groups", []) if name != names[EVERYONE]]
    if route == "site/site":
        body["groups"] = [group for group in body["groups"] if group["id"] != EVERYONE]


def _split(row: dict[str, Any], names: Mapping[int, str]) -> list[dict[str, Any]]:
    if row["group_name"] != names[EVERYONE]:
        return [row]
    return [
        row | {"group_name": names[LOGGED_IN_USERS]},
        row | {"group_name": names[ANONYMOUS_USERS], "permission_type": MAY_SEE},
    ]


def _with_group_ids(body: Any, _route: str, session: Session) -> None:
    rows = [each for row in _objects(body) for each in row.get("group_permissions") or () if isinstance(each, dict)]
    if rows:
        found = session.execute(select(Group.name, Group.id))
        ids = {row[0]: row[1] for row in found}
        for row in rows:
            row["group_id"] = ids[row["group_name"]]


def _without_tag_rules(body: Any, route: str, _session: Session) -> None:
    if route != "site/site":
        return
    for category in body["categories"]:
        category.pop("allowed_tags", None)
        category.pop("allowed_tag_groups", None)
        for rule in category.get("required_tag_groups", ()):
            rule.pop("name", None)


def _with_grants(body: Any, _route: str, session: Session) -> None:
    rows = [row for row in _objects(body) if "invite_key" in row or "invite_source" in row]
    found = {one.invite_id: one for one in session.scalars(select(InviteGrant))} if rows else {}
    for row in rows:
        grant = found.get(row["id"])
        row["grants_admin"] = bool(grant and grant.admin)
        row["grants_moderator"] = bool(grant and grant.moderator)


def _with_review_modes(body: Any, _route: str, session: Session) -> None:
    for row, category in _whole_categories(body, session):
        options, setting = category.options or {}, row.setdefault("category_setting", {})
        for kind in ("topic", "reply"):
            setting.pop(f"require_{kind}_approval", None)
            waits = "everyone" if getattr(category, f"require_{kind}_approval") else "no_one"
            setting[f"{kind}_posting_review_mode"] = options.get(f"{kind}_posting_review_mode", waits)
            row[f"{kind}_posting_review_group_ids"] = options.get(f"{kind}_posting_review_group_ids", [])


def _with_nested_replies(body: Any, _route: str, session: Session) -> None:
    for row, category in _whole_categories(body, session):
        nested = (category.options or {}).get("nested_replies_default", False)
        row.setdefault("category_setting", {})["nested_replies_default"] = nested


def _whole_categories(body: Any, session: Session) -> Iterator[tuple[dict[str, Any], Category]]:
    """Yield the categories of an answer that are shown with all that belongs to them."""
    for row in _objects(body):
        category = session.get(Category, row["id"]) if "group_permissions" in row else None
        if category is not None:
            yield row, category


# In this order: permissions are split before they get ids.
RESHAPES: dict[str, Callable[[Any, str, Session], None]] = {
    "group_without_imap": _without_imap,
    "user_count_only_with_members": _without_user_count,
    "tags_are_objects": _with_tag_objects,
    "everyone_is_split": _with_everyone_split,
    "permissions_have_group_ids": _with_group_ids,
    "site_without_tag_rules": _without_tag_rules,
    "invites_grant": _with_grants,
    "review_modes": _with_review_modes,
    "nested_replies": _with_nested_replies,
}

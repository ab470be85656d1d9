"""The Discourses that a practice forum can speak like: 3.5 as recorded, and later ones as they were read about.

A later dialect is made from answers of 3.5: what differs is in `dialects.toml`, each fact with its source. A fact is
applied to answers on their way out (`RESHAPES`), or asked for where something is decided (`Dialect.has`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, get_args

from sqlalchemy import select

from sync_worker.practice_forum.tables import Group, InviteGrant, Tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy.orm import Session

DialectName = Literal["3.5", "2026.1", "current"]
NAMES: tuple[DialectName, ...] = get_args(DialectName)
RECORDED: DialectName = "3.5"
EVERYONE, ANONYMOUS_USERS, LOGGED_IN_USERS = 0, 4, 5
MAY_SEE = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """Something in which later Discourses differ from 3.5, and where that was read."""

    name: str
    first: str
    since: str
    source: str
    what: str


@cache
def facts() -> tuple[Fact, ...]:
    """Return every fact, in the order of the file."""
    text = files("sync_worker.practice_forum").joinpath("dialects.toml").read_text(encoding="utf-8")
    return tuple(Fact(name, **fact) for name, fact in tomllib.loads(text).items())


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one forum speaks."""

    name: DialectName = RECORDED

    @property
    def holding(self) -> frozenset[str]:
        """The names of the facts that hold in it."""
        return _holding(self.name)

    def has(self, fact: str) -> bool:
        """Whether a fact holds in it."""
        return fact in self.holding

    def reshape(self, body: Any, route: str, session: Session) -> Any:
        """Return an answer of 3.5 as this dialect gives it; `route` is Discourse's name of the action."""
        for name, change in RESHAPES.items():
            if self.has(name):
                change(body, route, session)
        return body


@cache
def _holding(name: DialectName) -> frozenset[str]:
    reached = NAMES[: NAMES.index(name) + 1]
    return frozenset(fact.name for fact in facts() if fact.first in reached)


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


def _with_review_modes(body: Any, _route: str, _session: Session) -> None:
    for row in _objects(body):
        setting = row.get("category_setting")
        if isinstance(setting, dict) and "require_topic_approval" in setting:
            for kind in ("topic", "reply"):
                waits = setting.pop(f"require_{kind}_approval")
                setting[f"{kind}_posting_review_mode"] = "everyone" if waits else "no_one"
                row[f"{kind}_posting_review_group_ids"] = []


def _with_nested_replies(body: Any, _route: str, _session: Session) -> None:
    for row in _objects(body):
        if isinstance(row.get("category_setting"), dict):
            row["category_setting"].setdefault("nested_replies_default", False)


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

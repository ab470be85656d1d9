"""A group's fields as clients send them: which are taken from whom, what they must look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.cook.cook import cook
from sync_worker.practice_forum.cook.quote_blocks import CookContext
from sync_worker.practice_forum.json.users import LEVELS
from sync_worker.practice_forum.rules import text_rules
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.requests import Params, as_text, to_bool, to_i

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_worker.practice_forum.rules.rights import Guardian
    from sync_worker.practice_forum.tables import Group

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
        raise refusals.unprocessable(*errors)
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

"""What staff look after: the settings page of administration, and what waits for a moderator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response
from sqlalchemy import func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.posts import poster
from sync_worker.practice_forum.rules import people, post_changes
from sync_worker.practice_forum.rules.settings import DEFAULTS, PLUGIN_SWITCH, SettingDefault, as_stored
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.server.requests import Refusal
from sync_worker.practice_forum.tables import Category, Reviewable, User

if TYPE_CHECKING:
    from collections.abc import Iterable


blueprint = Blueprint("site_settings", __name__)

_LOCALES = (("en", "English (US)"), ("fr", "Français"))
_LANGUAGE = "default_locale"


@blueprint.get("/admin/site_settings", endpoint="admin/site_settings/index")
def index() -> dict[str, Any]:
    """All settings, or those of `names` (with the language, which is always there) or `categories` (without it)."""
    params = context.params()
    names = {name for item in params.items("names") for name in item.split(",")}
    categories = set(params.items("categories"))
    names |= {_LANGUAGE} if names else set()
    absent = () if context.forum().options.plugin else (PLUGIN_SWITCH,)
    dialect = context.forum().dialect
    known = (setting for setting in DEFAULTS.values() if not setting.fact or dialect.has(setting.fact))
    shown = (setting for setting in known if not setting.hidden and setting.name not in absent)
    return {
        "site_settings": [
            _setting(setting)
            for setting in shown
            if (not names or setting.name in names)
            and (not categories or (setting.category in categories and setting.name != _LANGUAGE))
        ],
    }


def _setting(setting: SettingDefault) -> dict[str, Any]:
    human = setting.name.replace("_", " ").capitalize()
    if setting.name == _LANGUAGE:
        return _locale_setting(setting, human)
    row: dict[str, Any] = {
        "setting": setting.name,
        "humanized_name": human,
        "description": f"{human}.",
        "keywords": [],
        "category": setting.category,
        "primary_area": setting.category,
        "default": as_stored(setting.default),
        "value": context.settings().text(setting.name),
        "preview": None,
        "secret": setting.secret,
        "placeholder": None,
        "mandatory_values": None,
        "requires_confirmation": None,
        "themeable": False,
        "type": setting.type,
    }
    if setting.type == "integer":
        row |= {"min": setting.minimum, "max": setting.maximum}
    return row


def _locale_setting(setting: SettingDefault, human: str) -> dict[str, Any]:
    """The one setting that is described in another way: the language, with all that there are."""
    return {
        "setting": setting.name,
        "humanized_name": human,
        "default": as_stored(setting.default),
        "category": setting.category,
        "description": f"{human}.",
        "type": "locale_enum",
        "preview": None,
        "value": context.settings().text(setting.name),
        "valid_values": [
            {"native_name": native, "value": code, "name": f"languages.{code}.name"} for code, native in _LOCALES
        ],
        "translate_names": True,
    }


@blueprint.put("/admin/site_settings/<name>", endpoint="admin/site_settings/update")
def update(name: str) -> Response:
    """Change one setting (or several: `bulk_update` with `settings[NAME][value]`)."""
    params = context.params()
    if name == "bulk_update":
        nested = params.section("settings")
        changes = {each: nested.section(each).text("value") or "" for each in nested.tree}
    else:
        changes = {name: params.text(name) or ""}
    checked = {each: _checked(each, value.strip()) for each, value in changes.items()}
    for each, value in checked.items():
        context.settings().change(each, value)
    return Response("", content_type="text/plain; charset=utf-8")


def _checked(name: str, value: str) -> str:
    """The value as it is stored.

    Raises:
        Refusal: 422 for an unknown or hidden setting or a value it does not take.

    """
    setting = DEFAULTS.get(name)
    if setting is None:
        raise _refused(f"No setting named '{name}' exists")
    if setting.hidden:
        raise _refused("You are not allowed to change hidden settings")
    if setting.type == "bool":
        value = "true" if value.lower() in ("true", "t", "1") else "false"
    if setting.type == "integer":
        value = _whole_number(setting, value)
    for complaint in _complaints(name, value):
        raise _refused(f"{name}: {complaint}")
    return value


_CHOICES = ("default_trust_level",)
"""Numbers that Discourse lets people pick from a list."""


def _whole_number(setting: SettingDefault, value: str) -> str:
    digits = re.match(r"-?\d+", re.sub(r"[^-0-9]", "", value))
    number = int(digits.group()) if digits else 0
    if setting.name in _CHOICES and not setting.minimum <= number <= setting.maximum:
        raise _refused(f"Invalid value `{value}` for `{setting.name}`")
    if not setting.minimum <= number <= setting.maximum:
        raise _refused(f"{setting.name}: Value must be between {setting.minimum:,} and {setting.maximum:,}.")
    return str(number)


def _complaints(name: str, value: str) -> Iterable[str]:
    settings = context.settings()
    if name == "enable_discourse_connect" and value == "true":
        for needed in ("discourse_connect_url", "discourse_connect_secret"):
            if not settings.text(needed):
                yield f"You must set a '{needed.replace('_', ' ')}' before enabling this setting."
    if name == "discourse_connect_url":
        if value and not re.fullmatch(r"https?://.+[^/]", value):
            yield "Value doesn't match the required format."
        if not value and settings.flag("enable_discourse_connect"):
            yield "You cannot remove the 'discourse connect url' while DiscourseConnect is enabled."


def _refused(text: str) -> Refusal:
    return Refusal(422, {"errors": [text]}, kind="invalid_setting")


# Endpoints about what waits for a moderator.


_STATUSES = {"pending": 0, "approved": 1, "rejected": 2, "ignored": 3, "deleted": 4}
_EDITABLE = (
    ("category_id", "category"),
    ("payload.title", "text"),
    ("payload.tags", "tags"),
    ("payload.raw", "editor"),
)
_SCORES = ((3, "Off-Topic"), (4, "Inappropriate"), (8, "Spam"), (10, "Illegal"), (7, "Something Else"))
_NEEDS_APPROVAL = (9, "Needs Approval")
_FILTERS = (
    "ids", "category_id", "topic_id", "priority", "username", "reviewed_by", "from_date", "to_date", "type",
    "sort_order", "flagged_by", "score_type",
)  # fmt: skip
_ACTIONS = (
    ("approve_post", "check", None, "Approve Post", "Post approved."),
    ("reject_post", "xmark", "reject-post", "Discard Post", None),
    ("delete_user", "user-xmark", None, "Delete User", None),
    ("delete_user_block", "ban", None, "Delete and Block User", None),
    ("revise_and_reject_post", None, None, "Revise Post...", None),
    ("delete", None, None, "Delete", None),
)
_BUNDLES = ["approve_post", "1-reject", "revise_and_reject_post", "delete"]


def _require_reviewer() -> User:
    user = context.require_user()
    guardian = context.guardian()
    moderates = context.settings().flag("enable_category_group_moderation") and guardian.moderated_category_ids
    if not guardian.is_staff and not moderates:
        raise requests.not_found()
    return user


@blueprint.get("/review", endpoint="reviewables/index")
def waiting_posts() -> dict[str, Any]:
    """List what waits (or had waited) for a moderator."""
    _require_reviewer()
    params, session = context.params(), context.session()
    status = params.text("status") or "pending"
    query = select(Reviewable).order_by(Reviewable.id.desc())
    if status in _STATUSES:
        query = query.where(Reviewable.status == _STATUSES[status])
    if category_id := params.integer("category_id"):
        query = query.where(Reviewable.category_id == category_id)
    rows = [row for row in session.scalars(query) if context.guardian().can_moderate_category(row.category_id)]
    users = people.by_ids(session, {-1, *(row.created_by_id for row in rows)} if rows else set())
    pending = _pending()
    return {
        "reviewables": [_row(row, users) for row in rows],
        "meta": dict.fromkeys(_FILTERS)
        | {
            "status": status,
            "additional_filters": {},
            "total_rows_reviewables": len(rows),
            "types": {
                "created_by": "user",
                "target_created_by": "user",
                "reviewed_by": "user",
                "claimed_by": "claimed_by",
            },
            "reviewable_types": ["ReviewableFlaggedPost", "ReviewableQueuedPost", "ReviewableUser", "ReviewablePost"],
            "unknown_reviewable_types_and_sources": [],
            "score_types": [{"id": number, "name": name} for number, name in (*_SCORES, _NEEDS_APPROVAL)],
            "reviewable_count": pending,
            "unseen_reviewable_count": pending,
        },
        "users": [people.basic_user(users[key]) | {"custom_fields": {}} for key in sorted(users)],
        "topics": [],
        "reviewable_scores": [_score(row) for row in rows],
        "score_types": [{"id": 9, "title": "Needs Approval", "icon": "flag", "type": "needs_approval"}] if rows else [],
        "reviewable_conversations": [],
        "bundled_actions": _bundles() if rows else [],
        "actions": _actions() if rows else [],
        "reviewable_notes": [],
        "claimed_bies": [],
        "__rest_serializer": "1",
    }


def _pending() -> int:
    query = select(func.count()).select_from(Reviewable).where(Reviewable.status == post_changes.PENDING)
    return context.session().scalar(query) or 0


def _row(row: Reviewable, users: dict[int, User]) -> dict[str, Any]:
    author = users.get(row.created_by_id)
    return {
        "id": row.id,
        "type": row.type,
        "type_source": "core",
        "category_id": row.category_id,
        "created_at": iso(row.created_at),
        "can_edit": True,
        "score": 6.0,
        "version": row.version,
        "target_created_by_trust_level": author.trust_level if author else None,
        "created_from_flag": False,
        "status": row.status,
        "removed_topic_id": None,
        "payload": row.payload,
        "created_by_id": -1,
        "target_created_by_id": row.created_by_id,
        "topic_id": row.topic_id,
        "editable_fields": [{"id": name, "type": kind} for name, kind in _EDITABLE],
        "reviewable_score_ids": [row.id],
        "bundled_action_ids": _BUNDLES if row.status == post_changes.PENDING else [],
        "reviewable_note_ids": [],
        "claimed_by_id": None,
    }


def _score(row: Reviewable) -> dict[str, Any]:
    category = context.session().get(Category, row.category_id) if row.category_id else None
    address = f"{context.base_url()}/c/{category.slug}/edit/settings" if category else ""
    return {
        "id": row.id,
        "score": 6.0,
        "agree_stats": {"agreed": 0, "disagreed": 0, "ignored": 0},
        "reason": f'The <a href="{address}">settings of the category</a> ask for approval of posts.',
        "reason_type": "category",
        "reason_data": None,
        "created_at": iso(row.created_at),
        "reviewed_at": None,
        "status": row.status,
        "user_id": -1,
        "score_type_id": 9,
        "reviewable_conversation_id": None,
        "reviewed_by_id": None,
    }


def _bundles() -> list[dict[str, Any]]:
    rejecting = ["reject_post", "delete_user", "delete_user_block"]
    return [
        {"id": "approve_post", "action_ids": ["approve_post"]},
        {"id": "1-reject", "label": "Reject Post", "action_ids": rejecting},
        {"id": "revise_and_reject_post", "action_ids": ["revise_and_reject_post"]},
        {"id": "delete", "action_ids": ["delete"]},
    ]


def _actions() -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for name, icon, css, label, done in _ACTIONS:
        line = {"id": name, "icon": icon, "button_class": css, "label": label}
        if name == "delete_user_block":
            line["description"] = "The user will be deleted, and their address and IP blocked."
        lines.append(line | {"server_action": name, "completed_message": done})
    return lines


@blueprint.put("/review/<int:row_id>/perform/<action>", endpoint="reviewables/perform")
def perform(row_id: int, action: str) -> dict[str, Any]:
    """Approve or discard a queued post; `version` must be the one that was seen."""
    _require_reviewer()
    session, params = context.session(), context.params()
    row = session.get(Reviewable, row_id)
    if row is None or not context.guardian().can_moderate_category(row.category_id):
        raise requests.not_found()
    params.require("version")
    if params.integer("version") != row.version:
        text = "There is a conflict: somebody else has changed this item in the meantime."
        raise requests.unprocessable(text, status=409)
    wanted = {
        "approve_post": post_changes.APPROVED,
        "reject_post": post_changes.REJECTED,
        "delete": post_changes.DELETED,
    }
    if row.status != post_changes.PENDING or action not in wanted:
        raise requests.invalid_access()
    created = _approve(row) if action == "approve_post" else {}
    row.status = wanted[action]
    row.version += 1
    row.updated_at = context.now()
    session.flush()
    name = {value: key for key, value in _STATUSES.items()}[row.status]
    return {
        "reviewable_perform_result": {
            "success": True,
            "transition_to": name,
            "transition_to_id": row.status,
            **created,
            "remove_reviewable_ids": [row.id],
            "version": row.version,
            "reviewable_count": _pending(),
            "unseen_reviewable_count": _pending(),
        }
    }


def _approve(row: Reviewable) -> dict[str, Any]:
    author = context.session().get_one(User, row.created_by_id)
    try:
        post = poster(author).create(post_changes.submission_of(row))
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    row.topic_id = post.topic_id
    return {"created_post_id": post.id, "created_post_topic_id": post.topic_id}

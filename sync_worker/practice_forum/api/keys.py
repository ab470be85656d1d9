"""API keys: list, make, revoke, delete; which scopes there are; sessions and what one's own key may do."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response
from sqlalchemy import func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.context import (
    PLUGIN_RESOURCE,
    SCOPES,
    action_of,
    bounded_integer,
    hash_key,
    parameters_of,
)
from sync_worker.practice_forum.json.users import groups_of
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.server.requests import PAGES
from sync_worker.practice_forum.tables import ApiKey, ApiKeyScope, Notification, Post, Reviewable, Tag, User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.practice_forum.rules.rights import Guardian

blueprint = Blueprint("api_keys", __name__)

_PER_PAGE = 50


@blueprint.get("/admin/api/keys", endpoint="admin/api/index")
def index() -> dict[str, Any]:
    """One page of keys: those in use first, newest first."""
    offset, limit = context.params().integer("offset"), bounded_integer("limit", default=_PER_PAGE, high=_PER_PAGE)
    order = (ApiKey.revoked_at.desc().nulls_first(), ApiKey.created_at.desc(), ApiKey.id.desc())
    keys = context.session().scalars(select(ApiKey).order_by(*order).offset(offset).limit(limit))
    return {"keys": [_listed(key) for key in keys], "offset": offset, "limit": limit}


def _listed(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "truncated_key": key.truncated_key,
        "scope_mode": key.scope_mode,
        "description": key.description,
        "created_at": iso(key.created_at),
        "last_used_at": iso(key.last_used_at),
        "revoked_at": iso(key.revoked_at),
        "user": _person(key.user_id),
        "created_by": _person(key.created_by_id),
    }


def _person(user_id: int | None) -> dict[str, Any] | None:
    person = context.session().get(User, user_id) if user_id is not None else None
    return people.basic_user(person) if person else None


def _shown(key: ApiKey, secret: str | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": key.id}
    if secret is not None:
        row["key"] = secret
    listed = _listed(key)
    for name in ("truncated_key", "description", "scope_mode", "last_used_at", "created_at"):
        row[name] = listed[name]
    row |= {"updated_at": listed["created_at"], "revoked_at": listed["revoked_at"]}
    row |= {"user": listed["user"], "created_by": listed["created_by"]}
    row["api_key_scopes"] = [scope_json(scope) for scope in scopes_of(key)]
    return row


def scopes_of(key: ApiKey) -> list[ApiKeyScope]:
    """Return what a granular key may do; nothing means everything."""
    query = select(ApiKeyScope).where(ApiKeyScope.api_key_id == key.id).order_by(ApiKeyScope.id)
    return list(context.session().scalars(query))


def scope_json(scope: ApiKeyScope) -> dict[str, Any]:
    """Return one scope of a key."""
    return {
        "resource": scope.resource,
        "action": scope.action,
        "parameters": parameters_of(scope.resource, scope.action) or [],
        "urls": urls_of(scope.resource, scope.action),
        "allowed_parameters": scope.allowed_parameters or None,
        "key": scope.action,
    }


def urls_of(resource: str, action: str) -> list[str]:
    """Return the routes that a scope opens, as `/path (METHOD)`."""
    if resource == "global":
        return ["* (get)"]
    wanted = SCOPES[resource][action]
    found = set()
    for rule in context.url_rules():
        if not rule.rule.startswith(PAGES) and action_of(rule.endpoint) in wanted:
            path = rule.rule.replace("<", ":").replace(">", "").replace(":int:", ":").replace(":path:", ":")
            found |= {f"{path} ({method})" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return sorted(found)


@blueprint.get("/admin/api/keys/scopes", endpoint="admin/api/scopes")
def scopes() -> dict[str, Any]:
    """Every scope by resource."""
    answer: dict[str, Any] = {"global": [_scope("global", "read")]}
    for resource, actions in _offered().items():
        answer[resource] = [_scope(resource, action) for action in actions]
    return {"scopes": answer}


def _offered() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the scopes that keys can be given: those of our plugin only where it is there."""
    plugin = context.forum().options.plugin
    return {resource: actions for resource, actions in SCOPES.items() if plugin or resource != PLUGIN_RESOURCE}


def _scope(resource: str, action: str) -> dict[str, Any]:
    return {
        "scope_id": f"{resource}:{action}",
        "key": action,
        "name": action.replace("_", " "),
        "params": parameters_of(resource, action),
        "urls": urls_of(resource, action),
    }


@blueprint.post("/admin/api/keys", endpoint="admin/api/create")
def create() -> dict[str, Any]:
    """Make a key; the answer is the only place where it can be read."""
    session, fields = context.session(), context.params().require_section("key")
    owner = None
    if username := fields.text("username"):
        owner = people.by_username(session, username)
        if owner is None:
            raise requests.not_found()
    secret = secrets.token_hex(32)
    key = ApiKey(
        key_hash=hash_key(secret),
        truncated_key=secret[:4],
        user_id=owner.id if owner else None,
        created_by_id=context.require_user().id,
        description=fields.text("description"),
        scope_mode=fields.text("scope_mode"),
        created_at=context.now(),
    )
    session.add(key)
    session.flush()
    for wanted in _wanted_scopes(fields.raw("scopes")):
        resource, _, action = str(wanted.get("scope_id", "")).partition(":")
        if action not in _offered().get(resource, {}) and (resource, action) != ("global", "read"):
            raise requests.invalid_parameters("Discourse::InvalidParameters")
        pinned = {name: wanted[name] for name in parameters_of(resource, action) or [] if wanted.get(name)}
        scope = ApiKeyScope(api_key_id=key.id, resource=resource, action=action, allowed_parameters=pinned)
        session.add(scope)
    session.flush()
    return {"key": _shown(key, secret)}


def _wanted_scopes(raw: Any) -> list[dict[str, Any]]:
    items = list(raw.values()) if isinstance(raw, dict) else raw or []
    return [item for item in items if isinstance(item, dict)]


def _key(key_id: int) -> ApiKey:
    key = context.session().get(ApiKey, key_id)
    if key is None:
        raise requests.not_found()
    return key


@blueprint.get("/admin/api/keys/<int:key_id>", endpoint="admin/api/show")
def show(key_id: int) -> dict[str, Any]:
    """One key with its scopes."""
    return {"key": _shown(_key(key_id))}


@blueprint.post("/admin/api/keys/<int:key_id>/revoke", endpoint="admin/api/revoke_key")
def revoke(key_id: int) -> dict[str, Any]:
    """Make a key worthless."""
    key = _key(key_id)
    key.revoked_at = context.now()
    return {"api_key": _shown(key)}


@blueprint.delete("/admin/api/keys/<int:key_id>", endpoint="admin/api/destroy")
def destroy(key_id: int) -> dict[str, Any]:
    """Delete a key."""
    context.session().delete(_key(key_id))
    return {"success": "OK"}


_LEVELS = (
    "muted_category_ids",
    "indirectly_muted_category_ids",
    "regular_category_ids",
    "tracked_category_ids",
    "watched_first_post_category_ids",
    "watched_category_ids",
    "watched_tags",
    "watching_first_post_tags",
    "tracked_tags",
    "muted_tags",
    "regular_tags",
)
_LINKS = (
    (1, "Topics", "/latest", "layer-group", "primary"),
    (2, "My posts", "/my/activity", "user", "primary"),
    (11, "My messages", "/my/messages", "inbox", "primary"),
    (3, "Review", "/review", "flag", "primary"),
    (4, "Admin", "/admin", "wrench", "primary"),
    (10, "Invite", "/new-invite", "paper-plane", "primary"),
    (5, "Users", "/u", "users", "secondary"),
    (6, "About", "/about", "circle-info", "secondary"),
    (7, "FAQ", "/faq", "circle-question", "secondary"),
    (8, "Groups", "/g", "user-group", "secondary"),
    (9, "Badges", "/badges", "certificate", "secondary"),
    (12, "Filter", "/filter", "filter", "secondary"),
)
_OPTIONS: dict[str, Any] = {
    "mailing_list_mode": False,
    "external_links_in_new_tab": False,
    "enable_quoting": True,
    "enable_smart_lists": True,
    "enable_markdown_monospace_font": True,
    "dynamic_favicon": False,
    "automatically_unpin_topics": True,
    "likes_notifications_disabled": False,
    "hide_profile_and_presence": False,
    "hide_profile": False,
    "hide_presence": False,
    "title_count_mode": "notifications",
    "enable_defer": False,
    "timezone": None,
    "skip_new_user_tips": False,
    "default_calendar": "none_selected",
    "bookmark_auto_delete_preference": 3,
    "seen_popups": None,
    "should_be_redirected_to_top": False,
    "treat_as_new_topic_start_date": None,
    "sidebar_link_to_filtered_list": False,
    "sidebar_show_count_of_new_items": False,
    "composition_mode": 1,
    "interface_color_mode": 1,
}


@blueprint.get("/session/current", endpoint="session/current")
def current() -> dict[str, Any] | Response:
    """The user who calls."""
    user = context.user()
    if user is None:
        raise requests.Refusal(404, None)
    guardian = context.guardian()
    row = people.basic_user(user)
    row |= _notifications(user) | _standing(user, guardian)
    row |= {"custom_fields": {}, **{name: [] for name in _LEVELS}, "dismissed_banner_key": None, "is_anonymous": False}
    pending = _pending_reviews() if guardian.is_staff else 0
    row |= {
        "reviewable_count": pending,
        "unseen_reviewable_count": pending,
        "new_personal_messages_notifications_count": 0,
        "read_faq": False,
        "previous_visit_at": None,
        "seen_notification_id": 0,
    }
    if group_name := people.primary_group_name(context.session(), user):
        row |= {"primary_group_id": user.primary_group_id, "primary_group_name": group_name}
    row |= {
        "flair_group_id": user.flair_group_id,
        "can_create_topic": guardian.can_create_topic,
        "can_create_group": guardian.is_admin,
        "link_posting_access": "full",
        "top_category_ids": [],
    }
    names = ("id", "name", "has_messages")
    row["groups"] = [
        {name: getattr(group, name) for name in names}
        for group in groups_of(user, guardian)
        if guardian.can_see_group(group)
    ]
    row |= _rest(user, guardian)
    return {"current_user": row}


def _notifications(user: User) -> dict[str, Any]:
    mine = (Notification.user_id == user.id, Notification.read.is_(False))
    unread = context.session().scalar(select(func.count(Notification.id)).where(*mine)) or 0
    high = select(func.count(Notification.id)).where(*mine, Notification.high_priority.is_(True))
    return {
        "unread_notifications": unread,
        "unread_high_priority_notifications": context.session().scalar(high) or 0,
        "all_unread_notifications_count": unread,
        "read_first_notification": False,
    }


def _standing(user: User, guardian: Guardian) -> dict[str, Any]:
    posted = context.session().scalar(select(Post.id).where(Post.user_id == user.id).limit(1)) is not None
    row: dict[str, Any] = {
        "admin": user.admin,
        "notification_channel_position": None,
        "do_not_disturb_channel_position": 0,
        "moderator": user.moderator,
        "staff": user.staff,
        "whisperer": False,
        "title": user.title,
        "any_posts": posted,
        "trust_level": user.trust_level,
        "can_send_private_email_messages": guardian.is_staff,
        "can_send_private_messages": guardian.can_send_messages,
        "can_upload_avatar": True,
        "can_edit": True,
        "can_invite_to_forum": guardian.is_staff or guardian.in_any_group("invite_allowed_groups"),
        "can_post_anonymously": False,
        "can_ignore_users": guardian.is_staff or user.trust_level >= 2,
        "can_edit_tags": guardian.is_staff or user.trust_level >= 3,
    }
    if guardian.is_staff:
        row["can_delete_all_posts_and_topics"] = True
    return row


def _pending_reviews() -> int:
    return context.session().scalar(select(func.count(Reviewable.id)).where(Reviewable.status == 0)) or 0


def _rest(user: User, guardian: Guardian) -> dict[str, Any]:
    has_tags = context.session().scalar(select(Tag.id).limit(1)) is not None
    row: dict[str, Any] = {
        "needs_required_fields_check": False,
        "second_factor_enabled": False,
        "ignored_users": [],
        "featured_topic": None,
        "do_not_disturb_until": None,
        "can_review": guardian.is_staff or bool(guardian.moderated_category_ids),
        "draft_count": 0,
        "pending_posts_count": 0,
        "grouped_unread_notifications": {},
        "display_sidebar_tags": has_tags,
        "sidebar_tags": [],
        "sidebar_category_ids": [2, 3, 4] if guardian.is_staff else [2, 4],
        "sidebar_sections": [_sidebar()],
        "new_new_view_enabled": False,
    }
    if guardian.is_staff:
        row["can_view_raw_email"] = True
    row |= {"login_method": "local", "has_unseen_features": False, "can_see_emails": guardian.is_admin}
    row |= dict.fromkeys(
        ("can_localize_content", "use_reviewable_ui_refresh", "use_experimental_sidebar_messages_count"),
        False,
    )
    row["can_see_ip"] = guardian.is_admin
    started = iso(user.created_at)
    row["user_option"] = {**_OPTIONS, "timezone": user.timezone, "treat_as_new_topic_start_date": started}
    return row


def _sidebar() -> dict[str, Any]:
    names = ("id", "name", "value", "icon", "segment")
    links = [dict(zip(names, link, strict=True)) | {"external": False} for link in _LINKS]
    return {
        "id": 1,
        "title": "Community",
        "links": links,
        "slug": "community",
        "public": True,
        "section_type": "community",
    }


@blueprint.get("/session/scopes", endpoint="session/scopes")
def own_scopes() -> dict[str, Any]:
    """What the key of the call may do; an empty list means everything."""
    key = context.api_key()
    if key is None:
        raise requests.Refusal(404, None)
    return {"scopes": [scope_json(scope) for scope in scopes_of(key)]}

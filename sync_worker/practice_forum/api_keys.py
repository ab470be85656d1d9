"""API keys: list, make, revoke, delete; which scopes there are."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.api_scopes import PLUGIN_RESOURCE, SCOPES, parameters_of
from sync_worker.practice_forum.auth import action_of, hash_key
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.integers import bounded_integer
from sync_worker.practice_forum.paths import PAGES
from sync_worker.practice_forum.tables import ApiKey, ApiKeyScope, User

if TYPE_CHECKING:
    from collections.abc import Mapping

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
            raise refusals.not_found()
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
            raise refusals.invalid_parameters("Discourse::InvalidParameters")
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
        raise refusals.not_found()
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


@blueprint.post("/admin/api/keys/<int:key_id>/undo-revoke", endpoint="admin/api/undo_revoke_key")
def undo_revoke(key_id: int) -> dict[str, Any]:
    """Make a revoked key good again."""
    key = _key(key_id)
    key.revoked_at = None
    return {"api_key": _shown(key)}


@blueprint.delete("/admin/api/keys/<int:key_id>", endpoint="admin/api/destroy")
def destroy(key_id: int) -> dict[str, Any]:
    """Delete a key."""
    context.session().delete(_key(key_id))
    return {"success": "OK"}

"""The request that is being answered: who calls (keys, sessions, their limits), settings and parameters."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request
from sqlalchemy import bindparam, select

from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.rights import Guardian
from sync_worker.practice_forum.rules.settings import Settings
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server import requests as parameters
from sync_worker.practice_forum.server.requests import as_text, to_i
from sync_worker.practice_forum.tables import ApiKey, ApiKeyScope, SsoRecord, User

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug.routing import Rule

    from sync_worker.practice_forum.server.forum import Forum
    from sync_worker.practice_forum.server.options import SlidingWindow
    from sync_worker.practice_forum.server.requests import Params


def forum() -> Forum:
    """The practice forum that answers."""
    return cast("Forum", current_app.extensions["forum"])


def session() -> Session:
    """The request's transaction."""
    return cast("Session", g.session)


def now() -> datetime:
    """The forum's now."""
    return forum().clock.now()


def user() -> User | None:
    """The user who calls, None for an anonymous visitor."""
    return cast("User | None", g.get("user"))


def require_user() -> User:
    """The user who calls.

    Raises:
        Refusal: 403 not_logged_in for an anonymous visitor.

    """
    caller = user()
    if caller is None:
        raise requests.not_logged_in()
    return caller


def require_admin() -> User:
    """The administrator who calls.

    Raises:
        Refusal: 403 for anybody else.

    """
    caller = require_user()
    if not caller.admin:
        raise requests.invalid_access()
    return caller


def api_key() -> ApiKey | None:
    """The API key of the call, if it came with one."""
    return cast("ApiKey | None", g.get("api_key"))


def settings() -> Settings:
    """The site settings."""
    if "settings" not in g:
        g.settings = Settings(session())
    return cast("Settings", g.settings)


def guardian() -> Guardian:
    """The rights of the user who calls."""
    if "guardian" not in g:
        g.guardian = Guardian(session(), user(), settings(), now())
    return cast("Guardian", g.guardian)


def params() -> Params:
    """The request's parameters."""
    if "params" not in g:
        g.params = parameters.parse(request)
    return cast("Params", g.params)


def wants_json() -> bool:
    """Whether the answer is to be JSON rather than a page."""
    return bool(request.environ.get("forum.json", True))


def base_url() -> str:
    """The forum's address as the client called it, without a trailing slash."""
    return request.host_url.rstrip("/")


def url_rules() -> list[Rule]:
    """Every route of the forum."""
    return list(current_app.url_map.iter_rules())


def remember_read_only() -> None:
    """Let the answer tell the mode in which the request began, whatever it changes."""
    g.was_read_only = forum().read_only


def bounded_integer(name: str, *, default: int, high: int | None = None) -> int:
    """Return the parameter as an integer.

    Raises:
        Refusal: 400 naming the parameter, where it is no integer or out of bounds.

    """
    text = params().text(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise requests.invalid_parameters(name) from None
    if value < 0 or (high is not None and value > high):
        raise requests.invalid_parameters(name)
    return value


# Who calls: API keys, the users they act for, what granular keys may do, and the limits on them.


_LISTS = ("list/latest", "list/top", "list/new", "list/unread", "list/category_latest", "list/category_default")

PLUGIN_RESOURCE = "lcm"

SCOPES: dict[str, dict[str, tuple[str, ...]]] = {
    "topics": {
        "write": ("posts/create",),
        "update": ("topics/update", "topics/status"),
        "delete": ("topics/destroy",),
        "recover": ("topics/recover",),
        "read": ("topics/show", "topics/posts", "topics/show_by_external_id"),
        "read_lists": _LISTS,
        "status": ("topics/status",),
    },
    "posts": {
        "edit": ("posts/update",),
        "delete": ("posts/destroy",),
        "recover": ("posts/recover",),
        "list": ("posts/latest",),
    },
    "revisions": {
        "read": ("posts/latest_revision", "posts/revisions"),
        "modify": ("posts/hide_revision", "posts/show_revision", "posts/revert"),
        "permanently_delete": ("posts/permanently_delete_revisions",),
    },
    "tags": {"list": ("tags/index",)},
    "tag_groups": {
        "list": ("tag_groups/index",),
        "show": ("tag_groups/show",),
        "create": ("tag_groups/create",),
        "update": ("tag_groups/update",),
    },
    "categories": {"list": ("categories/index",), "show": ("categories/show",)},
    "uploads": {"create": ("uploads/create",)},
    "users": {
        "bookmarks": ("users/bookmarks",),
        "sync_sso": ("admin/users/sync_sso",),
        "show": ("users/show",),
        "check_emails": ("users/check_emails",),
        "update": ("users/update",),
        "log_out": ("admin/users/log_out",),
        "anonymize": ("admin/users/anonymize",),
        "suspend": ("admin/users/suspend",),
        "delete": ("admin/users/destroy",),
        "list": ("admin/users/index",),
    },
    "user_status": {"read": ("user_status/get",), "update": ("user_status/set", "user_status/clear")},
    "email": {"receive_emails": ("admin/email/handle_mail", "admin/email/smtp_should_reject")},
    "invites": {"create": ("invites/create",)},
    "badges": {
        "create": ("admin/badges/create",),
        "show": ("badges/show",),
        "update": ("admin/badges/update",),
        "delete": ("admin/badges/destroy",),
        "list_user_badges": ("user_badges/username",),
        "assign_badge_to_user": ("user_badges/create",),
        "revoke_badge_from_user": ("user_badges/destroy",),
    },
    "groups": {
        "manage_groups": ("groups/members", "groups/add_members", "groups/remove_member"),
        "administer_groups": (
            "admin/groups/create",
            "admin/groups/destroy",
            "groups/show",
            "groups/update",
            "groups/index",
        ),
    },
    "search": {"show": ("search/show",), "query": ("search/query",)},
    "wordpress": {
        "publishing": ("site/site", "posts/create", "topics/update", "topics/status", "topics/show"),
        "commenting": ("topics/wordpress",),
        "discourse_connect": (
            "admin/users/sync_sso",
            "admin/users/log_out",
            "admin/users/index",
            "users/show",
        ),
        "utilities": ("users/create", "groups/index"),
    },
    "logs": {"messages": ("logs/messages",)},
    PLUGIN_RESOURCE: {
        "worker": (
            "discourse_lcm/status/show",
            "discourse_lcm/cohorts/index",
            "discourse_lcm/cohorts/update",
            "discourse_lcm/cohorts/destroy",
            "discourse_lcm/members/look",
            "discourse_lcm/members/update",
            "discourse_lcm/activity/show",
            "discourse_lcm/desks/update",
            "discourse_lcm/work/index",
            "discourse_lcm/playbooks/update",
            "discourse_lcm/runs/update",
            "discourse_lcm/heartbeats/update",
        )
    },
}

_PARAMETERS = {
    "topics:write": ["topic_id"],
    "topics:update": ["topic_id", "category_id"],
    "topics:read": ["topic_id", "external_id"],
    "topics:read_lists": ["category_id"],
    "topics:status": ["topic_id", "category_id", "status", "enabled"],
    "posts:edit": ["id"],
    "tag_groups:show": ["id"],
    "tag_groups:update": ["id"],
    "categories:show": ["id"],
    "users:sync_sso": ["sso", "sig"],
    "users:show": ["username", "external_id", "external_provider"],
    "users:check_emails": ["username"],
    "users:update": ["username"],
    "groups:manage_groups": ["id"],
    "revisions:read": ["post_id"],
    "revisions:modify": ["post_id"],
    "revisions:permanently_delete": ["post_id"],
    "users:bookmarks": ["username"],
    "badges:list_user_badges": ["username"],
    "badges:assign_badge_to_user": ["username"],
    "search:show": ["q", "page"],
    "search:query": ["term"],
}


def parameters_of(resource: str, action: str) -> list[str] | None:
    """The parameters to which a key's scope can be pinned."""
    return _PARAMETERS.get(f"{resource}:{action}")


def allows(
    key: ApiKey, scopes: Sequence[ApiKeyScope], route: str | None, method: str, given: Mapping[str, str]
) -> bool:
    """Whether a key with these scopes may call a route (`controller/action`) with the parameters `given`."""
    if route == "session/scopes":
        return True
    if not scopes:
        return key.scope_mode != "read_only" or method == "GET"
    return any(_covers(scope, route, method, given) for scope in scopes)


def _covers(scope: ApiKeyScope, route: str | None, method: str, given: Mapping[str, str]) -> bool:
    if scope.resource == "global":
        return scope.action == "read" and method == "GET"
    if route not in SCOPES.get(scope.resource, {}).get(scope.action, ()):
        return False
    return all(_is_allowed(name, allowed, given) for name, allowed in scope.allowed_parameters.items())


def _is_allowed(name: str, allowed: list[str] | str, given: Mapping[str, str]) -> bool:
    """Whether a pinned parameter has one of its values."""
    values = allowed.split(",") if isinstance(allowed, str) else [str(value) for value in allowed]
    value = given.get(name, given.get("id") if name == "topic_id" else None)
    return value is not None and value in values


_KEY_AND_SCOPES = (
    select(ApiKey, ApiKeyScope)
    .outerjoin(ApiKeyScope, ApiKeyScope.api_key_id == ApiKey.id)
    .where(ApiKey.key_hash == bindparam("hash"), ApiKey.revoked_at.is_(None))
)


def hash_key(key: str) -> str:
    """Return the form in which keys are kept."""
    return hashlib.sha256(key.encode()).hexdigest()


def authenticate() -> None:
    """Set the request's user and key from its headers.

    Raises:
        Refusal: 403 for a bad key, user or scope; 429 where the site's admin keys have used up their minute.

    """
    g.user = None
    secret = request.headers.get("Api-Key")
    if secret is None:
        return
    rows = session().execute(_KEY_AND_SCOPES, {"hash": hash_key(secret)}).all()
    if not rows:
        raise requests.invalid_credentials()
    key = rows[0][0]
    scopes = [row[1] for row in rows if row[1] is not None]
    if not allows(key, scopes, route_name(), request.method, _given()):
        raise requests.invalid_credentials()
    user = _acting_user(key)
    if user is None:
        raise requests.invalid_credentials()
    moment = now()
    if user.suspended(moment) or not user.active:
        raise requests.invalid_access()
    _count_admin_call()
    g.user, g.api_key = user, key
    if key.last_used_at is None or moment - key.last_used_at >= timedelta(minutes=1):
        key.last_used_at = moment


def _given() -> dict[str, str]:
    """The parameters that a scope can be pinned to: those of the path, the query and a form."""
    path = {("id" if name == "group_id" else name): str(value) for name, value in (request.view_args or {}).items()}
    sent = {name: as_text(value) for name, value in params().tree.items() if not isinstance(value, (dict, list))}
    return {**sent, **path}


def _acting_user(key: ApiKey) -> User | None:
    database = session()
    username = request.headers.get("Api-Username")
    if key.user_id is not None:
        owner = database.get(User, key.user_id)
        matches = owner is not None and (username is None or username.lower() == owner.username_lower)
        return owner if matches else None
    if username is not None:
        return people.by_username(database, username)
    if user_id := request.headers.get("Api-User-Id"):
        return database.get(User, to_i(user_id))
    if external_id := request.headers.get("Api-User-External-Id"):
        holder = select(SsoRecord.user_id).where(SsoRecord.external_id == external_id)
        return database.scalar(select(User).where(User.id == holder.scalar_subquery()))
    return None


def _count_admin_call() -> None:
    window = forum().admin_window
    wait = window.enter() if window is not None else None
    if wait is not None:
        raise requests.rate_limited(wait, "admin_api_key_rate_limit")
    for counted in g.get("address_windows", ()):
        counted.take_back()


def route_name() -> str | None:
    """The `controller/action` of the matched route, None where no route matched.

    Endpoints have these names; where several functions serve one action, a `#` and a number follow.
    """
    return action_of(request.endpoint) if request.endpoint else None


def action_of(endpoint: str) -> str:
    """Return the `controller/action` that an endpoint is named after."""
    return endpoint.rpartition(".")[2].partition("#")[0]


def limit_address() -> tuple[str, int] | None:
    """Count the call against its client address; the limiter's code and the seconds to wait where it is over.

    Only public addresses are limited, and only a proxy's X-Forwarded-For can name one here.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").partition(",")[0].strip()
    if not forwarded or not forum().options.ip_limits or not _public(forwarded):
        return None
    short, long = forum().address_limits(forwarded)
    g.address_windows = (short, long)
    codes: list[tuple[SlidingWindow, str]] = [(short, "ip_10_secs_limit"), (long, "ip_60_secs_limit")]
    for window, code in codes:
        wait = window.enter()
        if wait is not None:
            return code, wait
    return None


def _public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    local = parsed.is_loopback or parsed.is_link_local
    return not local and not any(parsed in network for network in _PRIVATE if network.version == parsed.version)


_PRIVATE = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]

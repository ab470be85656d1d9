"""What granular API keys may do, by `resource:action`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.practice_forum.tables import ApiKey, ApiKeyScope

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
            "discourse_lcm/choices/index",
            "discourse_lcm/desks/update",
            "discourse_lcm/preferences/index",
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

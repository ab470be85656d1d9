"""All routes of the forum, one module per resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.practice_forum import (
    admin_users,
    api_keys,
    categories,
    directory,
    explorer,
    group_history,
    group_members,
    group_owners,
    groups,
    invites,
    lcm,
    likes,
    lists,
    messages,
    notifications,
    pages,
    post_lists,
    post_marks,
    posts,
    practice,
    reviews,
    search,
    sessions,
    site,
    site_settings,
    sso,
    tag_groups,
    tags,
    topic_reads,
    topic_status,
    topics,
    uploads,
    user_actions,
    users,
)

if TYPE_CHECKING:
    from flask import Flask

_RESOURCES = (
    *(admin_users, api_keys, categories, directory, explorer, group_history, group_members, group_owners, groups),
    *(invites, likes, lists, messages, notifications, post_lists, post_marks, posts, practice, reviews, search),
    *(sessions, site, site_settings, sso, tag_groups, tags, topic_reads, topic_status, topics, uploads, user_actions),
    users,
)


def register(app: Flask, *, plugin: bool) -> None:
    """Add the blueprint of every resource to the application; with the plugin, its own as well."""
    for resource in _RESOURCES:
        app.register_blueprint(resource.blueprint)
    pages.register(app, plugin=plugin)
    if plugin:
        lcm.register(app)

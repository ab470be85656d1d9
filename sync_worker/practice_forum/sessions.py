"""Who one is, and what one's key may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response
from sqlalchemy import func, select

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.api_keys import scope_json, scopes_of
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.tables import Notification, Post, Reviewable, Tag, User
from sync_worker.practice_forum.user_json import groups_of

if TYPE_CHECKING:
    from sync_worker.practice_forum.guardian import Guardian

blueprint = Blueprint("sessions", __name__)

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
        raise refusals.Refusal(404, None)
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
def scopes() -> dict[str, Any]:
    """What the key of the call may do; an empty list means everything."""
    key = context.api_key()
    if key is None:
        raise refusals.Refusal(404, None)
    return {"scopes": [scope_json(scope) for scope in scopes_of(key)]}

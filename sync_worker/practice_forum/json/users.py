"""Users and groups as JSON: a profile for staff, for themselves and for others; a group for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sync_worker.practice_forum.cook.inline import excerpt
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.rights import Guardian, automatic_group_ids, can_address
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import Group, GroupUser, Post, Tag, Topic, TopicAllowedGroup, User

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session


_EMPTY_LISTS = (
    "muted_category_ids",
    "regular_category_ids",
    "watched_tags",
    "watching_first_post_tags",
    "tracked_tags",
    "muted_tags",
    "tracked_category_ids",
    "watched_category_ids",
    "watched_first_post_category_ids",
)
_OPTIONS: dict[str, Any] = {
    "mailing_list_mode": False,
    "mailing_list_mode_frequency": 1,
    "email_digests": True,
    "email_level": 1,
    "email_messages_level": 0,
    "external_links_in_new_tab": False,
    "color_scheme_id": None,
    "dark_scheme_id": None,
    "dynamic_favicon": False,
    "enable_quoting": True,
    "enable_smart_lists": True,
    "enable_defer": False,
    "enable_markdown_monospace_font": True,
    "digest_after_minutes": 10_080,
    "automatically_unpin_topics": True,
    "auto_track_topics_after_msecs": 300_000,
    "notification_level_when_replying": 2,
    "new_topic_duration_minutes": 2880,
    "email_previous_replies": 2,
    "email_in_reply_to": False,
    "like_notification_frequency": 1,
    "include_tl0_in_digests": False,
    "theme_ids": [-1],
    "theme_key_seq": 0,
    "allow_private_messages": True,
    "enable_allowed_pm_users": False,
    "homepage_id": None,
    "hide_profile_and_presence": False,
    "hide_profile": False,
    "hide_presence": False,
    "text_size": "normal",
    "text_size_seq": 0,
    "title_count_mode": "notifications",
    "bookmark_auto_delete_preference": 3,
    "timezone": None,
    "skip_new_user_tips": False,
    "default_calendar": "none_selected",
    "oldest_search_log_date": None,
    "seen_popups": None,
    "sidebar_link_to_filtered_list": False,
    "sidebar_show_count_of_new_items": False,
    "watched_precedence_over_muted": None,
    "topics_unread_when_closed": True,
    "composition_mode": 1,
    "interface_color_mode": 1,
}


def may_see_profile(user: User, guardian: Guardian) -> bool:
    """Whether the caller sees more of the user than a name: new accounts that never posted are hidden from most."""
    viewer = guardian.user
    if viewer is not None and (viewer.id == user.id or viewer.staff):
        return True
    if user.staff and not user.hide_profile:
        return True
    if guardian.settings.flag("hide_new_user_profiles") and not guardian.settings.flag("must_approve_users"):
        level = viewer.trust_level if viewer is not None else -1
        if post_count(user, guardian) == 0 and user.trust_level < 2 and level < 2:
            return False
        if level < 1:
            return user.trust_level >= 1 and not user.hide_profile
    return not user.hide_profile


def post_count(user: User, guardian: Guardian) -> int:
    """Return how many replies the user wrote in public topics (opening posts count as topics)."""
    query = select(func.count(Post.id)).join(Topic, Topic.id == Post.topic_id)
    mine = (Post.user_id == user.id, Post.post_number > 1, Post.deleted_at.is_(None), Topic.deleted_at.is_(None))
    return guardian.session.scalar(query.where(*mine, Topic.archetype == "regular")) or 0


def hidden_profile(user: User, guardian: Guardian) -> dict[str, Any]:
    """Return the little that is shown of a hidden profile."""
    row = people.basic_user(user) | {"profile_hidden": True, "title": user.title}
    row["primary_group_name"] = people.primary_group_name(guardian.session, user)
    row["can_send_private_message_to_user"] = _may_message(user, guardian)
    return row


def profile(user: User, guardian: Guardian) -> dict[str, Any]:
    """Return the profile with what the caller may see of it."""
    me = guardian.user is not None and guardian.user.id == user.id
    can_edit = me or guardian.is_staff
    row = people.basic_user(user)
    if me or (guardian.is_staff and user.staged):
        row |= {
            "email": people.primary_email(guardian.session, user),
            "secondary_emails": people.secondary_emails(guardian.session, user),
            "unconfirmed_emails": [],
        }
    row |= _card(user, guardian, me=me)
    row |= _rights(user, guardian, me=me, can_edit=can_edit)
    if guardian.is_staff:
        row |= {
            "post_count": post_count(user, guardian),
            "can_be_deleted": not user.admin,
            "can_delete_all_posts": not user.admin,
        }
    if can_edit:
        row |= _private(user, guardian, me=me)
    row |= {"featured_user_badge_ids": [], "invited_by": None}
    row["groups"] = [
        basic_group(group, guardian)
        for group in groups_of(user, guardian)
        if guardian.can_see_group(group) and (me or guardian.can_see_members(group))
    ]
    if me or guardian.is_admin:
        row["group_users"] = _memberships(user, guardian)
    if can_edit:
        row["user_option"] = {"user_id": user.id, **_OPTIONS, "timezone": user.timezone}
    return row


def _card(user: User, guardian: Guardian, *, me: bool) -> dict[str, Any]:
    viewer = guardian.user
    others = viewer is not None and not me
    row: dict[str, Any] = {
        "last_posted_at": iso(user.last_posted_at),
        "last_seen_at": iso(user.last_seen_at),
        "created_at": iso(user.created_at),
        "ignored": False,
        "muted": False,
        "can_ignore_user": others and not user.staff and _is_trusted(viewer),
        "can_mute_user": others and not user.staff,
        "can_send_private_messages": guardian.can_send_messages,
        "can_send_private_message_to_user": _may_message(user, guardian),
        "trust_level": user.trust_level,
        "moderator": user.moderator,
        "admin": user.admin,
        "title": user.title,
    }
    if user.suspended(guardian.now):
        row |= {"suspend_reason": user.suspend_reason, "suspended_till": iso(user.suspended_till)}
    if user.silenced(guardian.now):
        if guardian.is_staff or me:
            row["silence_reason"] = user.silence_reason
        row["silenced_till"] = iso(user.silenced_till)
    group_name = people.primary_group_name(guardian.session, user)
    row |= {"badge_count": 0, "custom_fields": {}, "time_read": 0, "recent_time_read": 0}
    row |= {"primary_group_id": user.primary_group_id, "primary_group_name": group_name}
    row |= dict.fromkeys(("flair_group_id", "flair_name", "flair_url", "flair_bg_color", "flair_color"))
    row["featured_topic"] = None
    if me or guardian.is_staff:
        row["pending_posts_count"] = 0
    for name, value in (("website", user.website), ("location", user.location), ("bio_excerpt", user.bio_raw)):
        if value:
            row[name] = value
    if guardian.is_staff:
        row["staged"] = user.staged
    return row


def _is_trusted(viewer: User | None) -> bool:
    return viewer is not None and (viewer.staff or viewer.trust_level >= 2)


def _rights(user: User, guardian: Guardian, *, me: bool, can_edit: bool) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if user.bio_raw:
        row |= {"bio_raw": user.bio_raw, "bio_cooked": f"<p>{user.bio_raw}</p>"}
    row |= {
        "can_edit": can_edit,
        "can_edit_username": guardian.is_staff,
        "can_edit_email": can_edit,
        "can_edit_name": can_edit,
        "uploaded_avatar_id": None,
    }
    if can_edit:
        row["has_title_badges"] = False
    row |= {"pending_count": 0, "profile_view_count": user.profile_views}
    if me or guardian.is_admin:
        row["second_factor_enabled"] = False
    if me:
        row |= {"second_factor_backup_enabled": False, "associated_accounts": []}
    trusted = user.staff or user.trust_level >= 2
    row["can_upload_profile_header"] = guardian.is_staff or (me and trusted)
    row["can_upload_user_card_background"] = guardian.is_staff or (me and trusted)
    if not user.has_password and (me or guardian.is_admin):
        row["no_password"] = True
    return row


def _private(user: User, guardian: Guardian, *, me: bool) -> dict[str, Any]:
    avatar = people.avatar_template(user)
    tokens = [_token(user, guardian)] if user.has_password else []
    schedule: dict[str, Any] = {"enabled": False}
    for day in range(7):
        schedule |= {f"day_{day}_start_time": 480, f"day_{day}_end_time": 1020}
    row: dict[str, Any] = {"locale": user.locale, **{name: [] for name in _EMPTY_LISTS}}
    return row | {
        "system_avatar_upload_id": None,
        "system_avatar_template": avatar,
        "muted_usernames": [],
        "can_mute_users": True,
        "ignored_usernames": [],
        "can_ignore_users": guardian.is_staff or (me and user.trust_level >= 2),
        "allowed_pm_usernames": [],
        "mailing_list_posts_per_day": 0,
        "can_change_bio": True,
        "can_change_location": True,
        "can_change_website": True,
        "can_change_tracking_preferences": True,
        "user_api_keys": None,
        "user_auth_tokens": tokens,
        "user_notification_schedule": schedule,
        "use_logo_small_as_avatar": False,
        "sidebar_tags": [],
        "sidebar_category_ids": [2, 3, 4],
        "display_sidebar_tags": guardian.session.scalar(select(Tag.id).limit(1)) is not None,
        "can_pick_theme_with_custom_homepage": False,
    }


def _token(user: User, guardian: Guardian) -> dict[str, Any]:
    unknown = {name: f"unknown {text}" for name, text in _UNKNOWN.items()}
    earlier = select(func.count(User.id)).where(User.has_password.is_(True), User.id <= user.id)
    return {
        "id": guardian.session.scalar(earlier) or 0,
        "client_ip": user.registration_ip,
        "location": "unknown",
        **unknown,
        "icon": "question",
        "created_at": iso(user.created_at),
        "seen_at": iso(user.created_at),
        "is_active": guardian.user is not None and guardian.user.id == user.id,
    }


_UNKNOWN = {"browser": "browser", "device": "device", "os": "operating system"}


def _may_message(user: User, guardian: Guardian) -> bool:
    return guardian.can_send_messages and (guardian.is_staff or not user.suspended(guardian.now))


def group_ids_of(user: User, guardian: Guardian) -> set[int]:
    """Return the ids of all groups of a user, `everyone` not counted."""
    rows = guardian.session.scalars(select(GroupUser.group_id).where(GroupUser.user_id == user.id))
    return automatic_group_ids(user) | set(rows)


def groups_of(user: User, guardian: Guardian, *, without: Collection[int] = ()) -> list[Group]:
    """Return all groups of a user, by id."""
    ids = group_ids_of(user, guardian) - set(without)
    return list(guardian.session.scalars(select(Group).where(Group.id.in_(ids)).order_by(Group.id)))


def _memberships(user: User, guardian: Guardian) -> list[dict[str, Any]]:
    query = select(GroupUser).where(GroupUser.user_id == user.id)
    levels = {row.group_id: row.notification_level for row in guardian.session.scalars(query)}
    return [
        {"group_id": group_id, "user_id": user.id, "notification_level": levels.get(group_id, 3)}
        for group_id in sorted(group_ids_of(user, guardian))
    ]


# Groups as JSON.


LEVELS = ("watching", "tracking", "watching_first_post", "regular", "muted")
_MAIL_SETTINGS: dict[str, Any] = {
    "smtp_server": None,
    "smtp_port": None,
    "smtp_ssl_mode": 0,
    "smtp_enabled": False,
    "smtp_updated_at": None,
    "smtp_updated_by": None,
    "imap_server": None,
    "imap_port": None,
    "imap_ssl": None,
    "imap_mailbox_name": "",
    "imap_mailboxes": [],
    "imap_enabled": False,
    "imap_updated_at": None,
    "imap_updated_by": None,
    "email_username": None,
    "email_password": None,
    "email_from_alias": None,
    "imap_last_error": None,
    "imap_old_emails": None,
    "imap_new_emails": None,
}


def member_count(guardian: Guardian, group: Group) -> int:
    """Return how many users are in the group."""
    return guardian.automatic_counts.get(group.id, 0) if group.automatic else group.user_count


def basic_group(
    group: Group,
    guardian: Guardian,
    *,
    mine: Collection[int] = (),
    owned: Collection[int] = (),
) -> dict[str, Any]:
    """Return a group as lists and other objects show it.

    Args:
        group: the group.
        guardian: rights of who asks.
        mine: ids of the caller's groups, where the list shows memberships.
        owned: ids of the groups the caller owns, likewise.

    """
    staff = guardian.is_staff
    row: dict[str, Any] = {"id": group.id, "automatic": group.automatic, "name": group.name}
    if group.automatic:
        row["display_name"] = group.name
    row["user_count"] = member_count(guardian, group)
    for name in ("mentionable_level", "messageable_level", "visibility_level", "primary_group", "title"):
        row[name] = getattr(group, name)
    row["grant_trust_level"] = group.grant_trust_level
    if staff:
        row["incoming_email"] = group.incoming_email
    if staff or group.id in guardian.group_ids:
        row["has_messages"] = group.has_messages
    row |= {
        "flair_url": group.flair_icon,
        "flair_bg_color": group.flair_bg_color,
        "flair_color": group.flair_color,
    }
    if staff or group.id in owned:
        row["bio_raw"] = group.bio_raw
    row |= {
        "bio_cooked": group.bio_cooked,
        "bio_excerpt": excerpt(group.bio_cooked, 200) if group.bio_cooked else None,
        "public_admission": group.public_admission,
        "public_exit": group.public_exit,
        "allow_membership_requests": group.allow_membership_requests,
        "full_name": group.full_name,
        "default_notification_level": group.default_notification_level,
        "membership_request_template": group.membership_request_template,
    }
    if mine:
        row["is_group_user"] = group.id in mine
    if owned:
        row["is_group_owner"] = group.id in owned
    row["members_visibility_level"] = group.members_visibility_level
    row["can_see_members"] = guardian.can_see_members(group)
    if guardian.can_admin_group(group):
        row["can_admin_group"] = True
    if guardian.can_edit_group(group):
        row["can_edit_group"] = True
    row["publish_read_state"] = group.publish_read_state
    return row


def shown_group(group: Group, guardian: Guardian) -> dict[str, Any]:
    """Return a group as its own page shows it."""
    row = basic_group(group, guardian)
    owner = group.id in guardian.owned_group_ids
    if guardian.user is not None:
        row["is_group_user"] = group.id in guardian.group_ids
        if owner:
            row["is_group_owner"] = True
        row["is_group_owner_display"] = owner
        row["mentionable"] = can_address(group, guardian, group.mentionable_level) or group.visibility_level == 0
        row["messageable"] = can_address(group, guardian, group.messageable_level)
    if group.flair_icon:
        row |= {"flair_icon": group.flair_icon, "flair_type": "icon"}
    if guardian.is_admin:
        row["automatic_membership_email_domains"] = group.automatic_membership_email_domains
        row |= _MAIL_SETTINGS
        row["message_count"] = _message_count(guardian.session, group)
        row["allow_unknown_sender_topic_replies"] = group.allow_unknown_sender_topic_replies
    if guardian.is_admin or owner:
        for level in LEVELS:
            row[f"{level}_category_ids"] = group.category_defaults.get(level, [])
        for level in ("watching", "watching_first_post", "tracking", "regular", "muted"):
            row[f"{level}_tags"] = group.tag_defaults.get(level, [])
    return row


def _message_count(session: Session, group: Group) -> int:
    if not group.has_messages:
        return 0
    query = select(func.count()).select_from(TopicAllowedGroup).join(Topic, Topic.id == TopicAllowedGroup.topic_id)
    return session.scalar(query.where(TopicAllowedGroup.group_id == group.id, Topic.deleted_at.is_(None))) or 0

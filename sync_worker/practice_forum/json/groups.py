"""Groups as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from sync_worker.practice_forum.cook.titles import excerpt
from sync_worker.practice_forum.rules.rights import can_address
from sync_worker.practice_forum.tables import Group, Topic, TopicAllowedGroup

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian

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

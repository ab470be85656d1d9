"""Tables about people: users, their addresses and identities, groups, invites."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.practice_forum.tables.site import Base


class User(Base):
    """An account. `system` is -1 and the first administrator 1."""

    __tablename__ = "users"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    username_lower: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    admin: Mapped[bool] = mapped_column(default=False)
    moderator: Mapped[bool] = mapped_column(default=False)
    trust_level: Mapped[int] = mapped_column(default=0)
    manual_locked_trust_level: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    approved_by_id: Mapped[int | None]
    staged: Mapped[bool] = mapped_column(default=False)
    has_password: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str | None]
    bio_raw: Mapped[str | None]
    location: Mapped[str | None]
    website: Mapped[str | None]
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    hide_profile: Mapped[bool] = mapped_column(default=False)
    primary_group_id: Mapped[int | None]
    flair_group_id: Mapped[int | None]
    registration_ip: Mapped[str | None]
    profile_views: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    last_posted_at: Mapped[datetime | None]
    last_emailed_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_till: Mapped[datetime | None]
    suspend_reason: Mapped[str | None]
    suspended_by_id: Mapped[int | None]
    silenced_at: Mapped[datetime | None]
    silenced_till: Mapped[datetime | None]
    silence_reason: Mapped[str | None]
    silenced_by_id: Mapped[int | None]

    @property
    def staff(self) -> bool:
        """Whether the user is an administrator or a moderator."""
        return self.admin or self.moderator

    def suspended(self, now: datetime) -> bool:
        """Whether the user is suspended at `now`."""
        return self.suspended_till is not None and self.suspended_till > now

    def silenced(self, now: datetime) -> bool:
        """Whether the user may not post at `now`."""
        return self.silenced_till is not None and self.silenced_till > now


class ProfileView(Base):
    """Somebody looked at a profile on a day; viewer 0 means all anonymous visitors."""

    __tablename__ = "profile_views"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    viewer_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)


class UserEmail(Base):
    """An e-mail address of a user; exactly one is the primary one."""

    __tablename__ = "user_emails"

    email_lower: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    primary: Mapped[bool] = mapped_column("is_primary", default=True)


class AssociatedAccount(Base):
    """What a user is called by another login provider."""

    __tablename__ = "associated_accounts"

    provider: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class SsoRecord(Base):
    """A user's DiscourseConnect identity."""

    __tablename__ = "sso_records"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    external_username: Mapped[str | None]
    external_name: Mapped[str | None]
    external_email: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Group(Base):
    """A group. Automatic ones have fixed ids: everyone 0, admins 1, moderators 2, staff 3, trust levels 10-14."""

    __tablename__ = "groups"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_lower: Mapped[str] = mapped_column(unique=True)
    automatic: Mapped[bool] = mapped_column(default=False)
    full_name: Mapped[str | None]
    title: Mapped[str | None]
    bio_raw: Mapped[str | None]
    bio_cooked: Mapped[str | None]
    visibility_level: Mapped[int] = mapped_column(default=0)
    members_visibility_level: Mapped[int] = mapped_column(default=0)
    mentionable_level: Mapped[int] = mapped_column(default=0)
    messageable_level: Mapped[int] = mapped_column(default=0)
    default_notification_level: Mapped[int] = mapped_column(default=3)
    primary_group: Mapped[bool] = mapped_column(default=False)
    grant_trust_level: Mapped[int | None]
    incoming_email: Mapped[str | None]
    has_messages: Mapped[bool] = mapped_column(default=False)
    flair_icon: Mapped[str | None]
    flair_bg_color: Mapped[str | None]
    flair_color: Mapped[str | None]
    public_admission: Mapped[bool] = mapped_column(default=False)
    public_exit: Mapped[bool] = mapped_column(default=False)
    allow_membership_requests: Mapped[bool] = mapped_column(default=False)
    membership_request_template: Mapped[str | None]
    automatic_membership_email_domains: Mapped[str | None]
    publish_read_state: Mapped[bool] = mapped_column(default=False)
    allow_unknown_sender_topic_replies: Mapped[bool] = mapped_column(default=False)
    user_count: Mapped[int] = mapped_column(default=0)
    category_defaults: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tag_defaults: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class GroupUser(Base):
    """A membership."""

    __tablename__ = "group_users"
    __table_args__ = (Index("ix_group_users_user", "user_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[bool] = mapped_column(default=False)
    notification_level: Mapped[int] = mapped_column(default=3)
    added_at: Mapped[datetime]


class GroupHistory(Base):
    """What somebody did to a group or its members."""

    __tablename__ = "group_histories"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(index=True)
    acting_user_id: Mapped[int]
    target_user_id: Mapped[int | None]
    action: Mapped[str]
    subject: Mapped[str | None]
    prev_value: Mapped[str | None]
    new_value: Mapped[str | None]
    created_at: Mapped[datetime]


class Invite(Base):
    """An invitation: to one address, to a domain, or a link for several people."""

    __tablename__ = "invites"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    invite_key: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(index=True)
    domain: Mapped[str | None]
    description: Mapped[str | None]
    custom_message: Mapped[str | None]
    invited_by_id: Mapped[int]
    emailed: Mapped[bool] = mapped_column(default=False)
    max_redemptions_allowed: Mapped[int] = mapped_column(default=1)
    redemption_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class InviteGrant(Base):
    """What rights over the forum an invitation gives to its person; most have no row."""

    __tablename__ = "invite_grants"

    invite_id: Mapped[int] = mapped_column(ForeignKey("invites.id", ondelete="CASCADE"), primary_key=True)
    admin: Mapped[bool] = mapped_column(default=False)
    moderator: Mapped[bool] = mapped_column(default=False)


class InvitedUser(Base):
    """An account that redeemed an invitation."""

    __tablename__ = "invited_users"

    invite_id: Mapped[int] = mapped_column(ForeignKey("invites.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    redeemed_at: Mapped[datetime]


class InviteGroup(Base):
    """A group that one joins by redeeming the invite."""

    __tablename__ = "invite_groups"

    invite_id: Mapped[int] = mapped_column(ForeignKey("invites.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)


class InviteTopic(Base):
    """A topic that the invite leads to."""

    __tablename__ = "invite_topics"

    invite_id: Mapped[int] = mapped_column(ForeignKey("invites.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(primary_key=True)

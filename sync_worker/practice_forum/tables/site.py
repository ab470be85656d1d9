"""Tables that run the site: keys, settings, uploads, notifications, the review queue, saved queries."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.practice_forum.tables.base import Base


class ApiKey(Base):
    """An API key, kept as its SHA-256; `user_id` None means: for all users."""

    __tablename__ = "api_keys"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    truncated_key: Mapped[str]
    user_id: Mapped[int | None]
    created_by_id: Mapped[int] = mapped_column(default=-1)
    description: Mapped[str | None]
    scope_mode: Mapped[str | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiKeyScope(Base):
    """What a granular key may do."""

    __tablename__ = "api_key_scopes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), index=True)
    resource: Mapped[str]
    action: Mapped[str]
    allowed_parameters: Mapped[dict[str, Any]] = mapped_column(default=dict)


class SiteSetting(Base):
    """A site setting that differs from its default."""

    __tablename__ = "site_settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ForumState(Base):
    """What the running forum must remember: the virtual clock, read-only mode."""

    __tablename__ = "forum_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Upload(Base):
    """An uploaded file."""

    __tablename__ = "uploads"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    sha1: Mapped[str] = mapped_column(unique=True)
    original_filename: Mapped[str]
    filesize: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    extension: Mapped[str]
    url: Mapped[str]
    content: Mapped[bytes]
    created_at: Mapped[datetime]


class Notification(Base):
    """A notification for a user."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_user", "user_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    notification_type: Mapped[int]
    read: Mapped[bool] = mapped_column(default=False)
    high_priority: Mapped[bool] = mapped_column(default=False)
    topic_id: Mapped[int | None]
    post_number: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class Reviewable(Base):
    """Something that waits for staff: a queued post (`ReviewableQueuedPost`) with all its parameters in `payload`.

    Status: 0 pending, 1 approved, 2 rejected, 3 ignored, 4 deleted.
    """

    __tablename__ = "reviewables"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    status: Mapped[int] = mapped_column(default=0)
    created_by_id: Mapped[int]
    target_id: Mapped[int | None]
    topic_id: Mapped[int | None]
    category_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PostMemo(Base):
    """The answer to a POST /posts, given again to the same request of the same user within 120 seconds."""

    __tablename__ = "post_memos"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[int]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class ExplorerQuery(Base):
    """A saved query."""

    __tablename__ = "explorer_queries"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    sql: Mapped[str] = mapped_column(default="SELECT 1")
    user_id: Mapped[int]
    hidden: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_run_at: Mapped[datetime | None]

"""Tables that run the site (keys, settings, uploads, reviews), those of our plugin, and the base of all tables."""

from __future__ import annotations

from datetime import (
    UTC,
    datetime,
    timedelta,
)
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as whole milliseconds since 1970 (the precision in which Discourse answers)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into milliseconds."""
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn milliseconds into an aware datetime in UTC."""
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


class Base(DeclarativeBase):
    """Base of every table."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain dict
        datetime: Moment,
        dict[str, Any]: JSON,
        list[int]: JSON,
        list[str]: JSON,
    }


# Tables that run the site: keys, settings, uploads, notifications, the review queue, saved queries.


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


class SiteWorkflow(Base):
    """A workflow of the site: its nodes as the API has them, and whether it is published."""

    __tablename__ = "site_workflows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    nodes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    published: Mapped[bool] = mapped_column(default=True)


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


class WebHook(Base):
    """An address to which events are sent."""

    __tablename__ = "web_hooks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    payload_url: Mapped[str]
    secret: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    event_type_ids: Mapped[list[int]] = mapped_column(default=list)


# Tables of the discourse-lcm plugin as the practice forum keeps them.


class LcmCohort(Base):
    """A declared cohort: its groups and category, and what the worker published for its desk as a whole."""

    __tablename__ = "lcm_cohorts"

    key: Mapped[str] = mapped_column(primary_key=True)
    declaration: Mapped[dict[str, Any]] = mapped_column(default=dict)
    group_id: Mapped[int | None]
    lcm_group_id: Mapped[int | None]
    category_id: Mapped[int | None]
    calendar: Mapped[dict[str, Any]] = mapped_column(default=dict)
    as_of: Mapped[datetime | None]
    created_at: Mapped[datetime]


class LcmItem(Base):
    """A row of a section of the desk: as the worker published it (`body`), and what people made of it.

    `section` is learners, drafts, stories, blockers or practices; `subject` the draft's key, else an id as text.
    `by_hand` rows were put there by people and outlast the worker's publications.
    """

    __tablename__ = "lcm_items"

    cohort: Mapped[str] = mapped_column(ForeignKey("lcm_cohorts.key", ondelete="CASCADE"), primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="")
    consent: Mapped[str] = mapped_column(default="not_asked")
    decided: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_hand: Mapped[bool] = mapped_column(default=False)


class LcmChange(Base):
    """A change of members that was carried out, so that sending it again does nothing."""

    __tablename__ = "lcm_changes"

    cohort: Mapped[str] = mapped_column(ForeignKey("lcm_cohorts.key", ondelete="CASCADE"), primary_key=True)
    change: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[dict[str, Any]]


class LcmFeedPost(Base):
    """A post as the activity of a category reported it last; `number` grows with every change."""

    __tablename__ = "lcm_feed_posts"

    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    topic_id: Mapped[int]
    number: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime]
    fingerprint: Mapped[str]
    gone: Mapped[bool] = mapped_column(default=False)


class LcmDecision(Base):
    """What somebody decided or asked for: the worker's work."""

    __tablename__ = "lcm_decisions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    cohort: Mapped[str | None]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[int]
    created_at: Mapped[datetime]


class LcmPreference(Base):
    """What a person chose for themselves."""

    __tablename__ = "lcm_preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    nudges: Mapped[bool] = mapped_column(default=True)
    quoting: Mapped[bool] = mapped_column(default=True)
    pairing: Mapped[bool] = mapped_column(default=True)


class LcmReport(Base):
    """What the worker last said of itself under a name: a run, a heartbeat, the playbooks."""

    __tablename__ = "lcm_reports"

    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime]

"""Tables of the discourse-lcm plugin as the practice forum keeps them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.practice_forum.tables.base import Base


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

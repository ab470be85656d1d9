"""How far readers of the forum have come, and cohorts whose dates were moved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.store.tables.base import Table, UtcDateTime


class CursorRow(Table):
    """How far a reader of the forum has come."""

    __tablename__ = "cursors"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class CohortClockRow(Table):
    """A cohort whose journey was paused or shifted by some days, or that was made an archive before its time."""

    __tablename__ = "cohort_clocks"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True)
    paused: Mapped[bool] = mapped_column(default=False)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shift_days: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ForgottenRow(Table):
    """A person who asked to be forgotten: a keyed digest of an identifier or an account, by which they are left out."""

    __tablename__ = "forgotten"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebhookEventRow(Table):
    """A webhook that arrived: its `event`, which topic it is about, and whether the worker has `worked` on it."""

    __tablename__ = "webhook_events"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    event: Mapped[str] = mapped_column(String(60))
    topic_id: Mapped[int | None]
    worked: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)

"""Who is who, and what is known of them: accounts of the roster's people, settled matches, accepted rosters, facts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.model import FactType
from sync_worker.store.tables.base import Table, UtcDateTime, one_of


class IdentityRow(Table):
    """Which forum account a person of the roster is; remembered, so that renames do no harm.

    `evidence` holds digests of what recognised the person, `made_at` when the account was made: a match holds while
    nothing contradicts them.
    """

    __tablename__ = "identities"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    person: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(60))
    matched_by: Mapped[str] = mapped_column(String(20), info=one_of("external_id", "email", "username", "settled"))
    evidence: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SettlementRow(Table):
    """What somebody settled about a person of the roster: which account is theirs, or (`user_id` None) that none is.

    `fingerprint` is a digest of what the roster said then, `before` the identity row as it was, to take it back.
    """

    __tablename__ = "settlements"
    __table_args__ = (Index("settlements_by_person", "forum", "person"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    person: Mapped[str] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None]
    username: Mapped[str] = mapped_column(String(60), default="")
    fingerprint: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AcceptedRosterRow(Table):
    """What the accepted rosters of the last weeks had of a cohort: sizes by day, keyed digests of people, its end."""

    __tablename__ = "accepted_rosters"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True)
    end: Mapped[date | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FactRow(Table):
    """A fact about the person behind an account, in one cohort, or (`cohort` "") whichever cohort they are in.

    `value` is text in one form for each type: a number as Python writes it, a date in ISO 8601, `yes` or `no`. `at` is
    when the `source` was observed to say so. What is unknown has no row.
    """

    __tablename__ = "facts"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    type: Mapped[str] = mapped_column(String(10), info=one_of(*FactType))
    value: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

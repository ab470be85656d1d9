"""What the worker did, is about to do, or lets an LCM decide on: ledger, occurrences, drafts, runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.model import ActionKind, DraftKind
from sync_worker.store.tables.base import Table, UtcDateTime, one_of


class LedgerRow(Table):
    """One thing the worker did on the forum, or was about to do: `intended`, then `done`, `failed` or `skipped`.

    An entry that was given up (`failed`) is `dropped` when a person leaves it undone for good.

    `key` goes to the forum with the thing (a topic's external id, a reply's comment); `payload` is all that is needed
    to do it again, `result` what the forum answered (topic and post id).

    `to_learner` is the account of the one learner whom it addresses. It was `sent_at` then, as far as the forum took
    it; while that is not known, it counts as sent. It is not sent before `not_before`.
    """

    __tablename__ = "ledger"
    __table_args__ = (Index("ledger_by_learner", "forum", "to_learner", "sent_at"),)

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255), index=True)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    playbook: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(80))
    slot: Mapped[datetime] = mapped_column(UtcDateTime)
    part: Mapped[str] = mapped_column(String(40), default="")
    action: Mapped[str] = mapped_column(
        String(20), info=one_of(*DraftKind, *ActionKind, "unpublish", "translation", "draft", "catch-up")
    )
    state: Mapped[str] = mapped_column(
        String(10), index=True, info=one_of("intended", "done", "failed", "skipped", "dropped")
    )
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    to_learner: Mapped[int | None]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OccurrenceRow(Table):
    """An occurrence that is over: nothing more will be drafted for it."""

    __tablename__ = "occurrences"

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    playbook: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(80))
    slot: Mapped[datetime] = mapped_column(UtcDateTime)
    follow_up: Mapped[str] = mapped_column(String(40), default="", server_default="")
    outcome: Mapped[str] = mapped_column(
        String(20), info=one_of("done", "waiting", "nothing", "skipped", "replaced", "failed")
    )
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftRow(Table):
    """A draft that waits for an LCM, or what the LCM decided."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(
        String(10), index=True, info=one_of("pending", "approved", "rejected", "sent", "withdrawn")
    )
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decision_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RunRow(Table):
    """One run of a command that writes."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    command: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(
        String(20), default="running", info=one_of("running", "done", "partial", "killed")
    )
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

"""The base of all tables; what the worker did, is about to do, or lets an LCM decide on; its budget of calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Double, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from sync_worker.model import ActionKind, DraftKind

WORDS = "words"


def one_of(*words: str) -> dict[str, Any]:
    """Return the `info` of a column that holds one of these words and nothing else.

    SQLite takes a word that is longer than its column, PostgreSQL refuses it. The tests read these words: each must fit
    its column, and no test may write another one.
    """
    return {WORDS: frozenset(words)}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse naive times; store UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: the store keeps aware times only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Return an aware UTC time."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of every table."""


# What the worker did, is about to do, or lets an LCM decide on: ledger, occurrences, drafts, runs.


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
        String(20), info=one_of(*DraftKind, *ActionKind, "unpublish", "revision", "translation", "draft", "catch-up")
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
        String(20), info=one_of("done", "waiting", "nothing", "not now", "skipped", "replaced", "failed")
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


class WaitingRow(Table):
    """Something that waits for a cohort's LCMs, by the number under which they were shown it: a draft, or a task.

    A number is never used twice in a cohort. `subject` is the key of the draft; of a task what it came from. `digest`
    tells the draft's text as it was shown from another one: a text that was written anew gets another number. A task is
    about the account `user_id`, in the conversation `topic_id`; `words` are what that person wrote. It is brought up
    again from `not_before` on.
    """

    __tablename__ = "waiting"
    __table_args__ = (Index("waiting_by_subject", "forum", "subject"),)

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10), info=one_of("draft", "task"))
    subject: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64), default="")
    user_id: Mapped[int | None]
    username: Mapped[str] = mapped_column(String(60), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    topic_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), default="open", info=one_of("open", "done"))
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TalkRow(Table):
    """A conversation in which the worker takes part, and how far it was read: to the post with the number `upto`."""

    __tablename__ = "talks"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    topic_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40), default="")
    upto: Mapped[int]
    bumped_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UnreadRow(Table):
    """A conversation that the forum does not show us although somebody wrote in it, since when, and why not.

    `user_ids` are those who may have written there; `everybody` is true where nobody knows who they are. It is read at
    each look, and the row goes once it was read, or is gone for good.
    """

    __tablename__ = "unread"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    topic_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_ids: Mapped[list[int]] = mapped_column(JSON)
    everybody: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class ReplyRow(Table):
    """A post in such a conversation that was acted on: whose, with which text, what came of it.

    `content` has what was decided. It is `answered` once its author was told what came of it all; `changed_said` once
    they were told that a later edit of it is ignored.
    """

    __tablename__ = "replies"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    topic_id: Mapped[int] = mapped_column(index=True)
    cohort: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(10), info=one_of("decided", "unclear", "choice", "task"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    answered: Mapped[bool] = mapped_column(default=False, index=True)
    changed_said: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class EvidenceRow(Table):
    """What was known when a text was written that a rule had a say in: what each rule read, and which facts.

    `key` is that of the draft and of the ledger's entry, `user_id` the one person whom the text is for, None for a text
    to the whole cohort. What a rule read is personal data: it is kept apart, so that it can be forgotten.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index("evidence_by_person", "forum", "user_id"),)

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[int | None]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProposalRow(Table):
    """What a language model proposed for one text of an occurrence, and why it does not stand, where it does not.

    `key` is the occurrence's. The row with the part "" says that the model was asked: `problem` is why there is no
    answer, or that none has come yet. `digest` tells of which sources a text was made, `user_ids` whose posts they are.
    """

    __tablename__ = "proposals"
    __table_args__ = (Index("proposals_by_cohort", "forum", "cohort", "at"),)

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    part: Mapped[str] = mapped_column(String(80), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    cohort: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    problem: Mapped[str] = mapped_column(Text)
    post_id: Mapped[int | None]
    user_ids: Mapped[list[int]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


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


# The call budget that all processes share; its times are seconds since 1970 by the database's clock.


class BudgetRow(Table):
    """A forum's call budget: the row that everybody locks to take a turn, and until when the forum sent us away."""

    __tablename__ = "budgets"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    turn: Mapped[int] = mapped_column(BigInteger, default=0)
    paused_until: Mapped[float] = mapped_column(Double, default=0.0)


class CallRow(Table):
    """A call that counts against a forum's budget until `ends`."""

    __tablename__ = "calls"
    __table_args__ = (Index("calls_by_end", "forum", "ends"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    priority: Mapped[int]
    started: Mapped[float] = mapped_column(Double)
    ends: Mapped[float] = mapped_column(Double)


class CallWaiterRow(Table):
    """Somebody who waits for a forum's budget; forgotten when not `seen` for a while."""

    __tablename__ = "call_waiters"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255), index=True)
    priority: Mapped[int]
    since: Mapped[float] = mapped_column(Double)
    seen: Mapped[float] = mapped_column(Double)

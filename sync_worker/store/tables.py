"""Every table of the store. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Double, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


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


class LedgerRow(Table):
    """One thing the worker did on the forum, or was about to do: `intended`, then `done`, `failed` or `skipped`.

    `key` goes to the forum with the thing (a topic's external id, a reply's comment); `payload` is all that is needed
    to do it again, `result` what the forum answered (topic and post id).
    """

    __tablename__ = "ledger"

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255), index=True)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    playbook: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(80))
    slot: Mapped[datetime] = mapped_column(UtcDateTime)
    part: Mapped[str] = mapped_column(String(40), default="")
    action: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
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
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftRow(Table):
    """A draft that waits for an LCM, or what the LCM decided."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str | None] = mapped_column(String(60))
    decision_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MembershipRow(Table):
    """A membership (`role` member) or ownership (`role` owner) that the worker made, so that it may take it away again.

    States: `adding`, `added`, `marked` (to be removed, `since` then and found gone in `clean_runs` runs), `removing`,
    `removed`, and `left` where somebody else ended it. `digests` recognise protected people.
    """

    __tablename__ = "memberships"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(String(10), primary_key=True, default="member")
    username: Mapped[str] = mapped_column(String(60))
    person: Mapped[str] = mapped_column(String(255))
    cohort: Mapped[str] = mapped_column(String(40), default="")
    digests: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clean_runs: Mapped[int] = mapped_column(default=0)
    run: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChangeRow(Table):
    """A line of a plan that a run carried out, or was about to: `intended`, then `done` or `failed`.

    `detail` is all that is needed to take it back: the person's key, what a category allowed before.
    """

    __tablename__ = "changes"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    run: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int | None]
    username: Mapped[str | None] = mapped_column(String(60))
    person: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CreatedRow(Table):
    """A group or category (`kind`) that is the worker's to change: `making`, then `made`, or `adopted`."""

    __tablename__ = "created"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    forum_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    run: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


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
    matched_by: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TopicRow(Table):
    """A topic of a category that some cohort reads."""

    __tablename__ = "topics"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category_id: Mapped[int] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bumped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    posts_count: Mapped[int] = mapped_column(default=0)
    like_count: Mapped[int] = mapped_column(default=0)
    views: Mapped[int] = mapped_column(default=0)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    closed: Mapped[bool] = mapped_column(default=False)
    external_id: Mapped[str | None] = mapped_column(String(50))


class PostRow(Table):
    """A regular post of such a topic."""

    __tablename__ = "posts"
    __table_args__ = (Index("posts_by_topic", "forum", "topic_id", "number"),)

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    topic_id: Mapped[int]
    number: Mapped[int]
    user_id: Mapped[int] = mapped_column(index=True)
    username: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    raw: Mapped[str | None] = mapped_column(Text)
    cooked: Mapped[str] = mapped_column(Text)
    likes: Mapped[int] = mapped_column(default=0)
    reads: Mapped[int] = mapped_column(default=0)
    reply_to: Mapped[int | None]
    accepted: Mapped[bool] = mapped_column(default=False)


class LikeRow(Table):
    """Somebody likes a post; known only where our plugin tells."""

    __tablename__ = "likes"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    author_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VisitRow(Table):
    """A day on which a member was on the forum; known only where our plugin tells."""

    __tablename__ = "visits"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    posts_read: Mapped[int] = mapped_column(default=0)
    seconds_read: Mapped[int] = mapped_column(default=0)


class ChoiceRow(Table):
    """What a person allows, where it is not everything: to be written to when silent, quoted, paired."""

    __tablename__ = "choices"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    username: Mapped[str] = mapped_column(String(60))
    nudges: Mapped[bool] = mapped_column(default=True)
    quoting: Mapped[bool] = mapped_column(default=True)
    pairing: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PracticeMarkRow(Table):
    """A post that an LCM marked as a practice: it comes first in the next roundup."""

    __tablename__ = "practice_marks"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CohortClockRow(Table):
    """A cohort whose journey was paused, or shifted by some days, by an administrator."""

    __tablename__ = "cohort_clocks"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True)
    paused: Mapped[bool] = mapped_column(default=False)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shift_days: Mapped[int] = mapped_column(default=0)


class ConsentRow(Table):
    """Whether an author lets us show a post as a story, as it stood when it was last `looked_at`.

    `answer` is `asked` (silence), `yes`, `no` or `unclear`; `shown` the story's title and text as the author saw them,
    `answer_post` and `words` what the author wrote. `decided` is a click of the author, or an LCM's reading.
    """

    __tablename__ = "consents"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(60))
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    message_key: Mapped[str] = mapped_column(String(50))
    answer: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    answer_post: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
    decided: Mapped[str] = mapped_column(String(10), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CursorRow(Table):
    """How far a reader of the forum has come."""

    __tablename__ = "cursors"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class RunRow(Table):
    """One run of a command that writes."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    command: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20), default="running")
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class BudgetRow(Table):
    """A forum's call budget: the row that everybody locks to take a turn, and until when the forum sent us away.

    Times of the three budget tables are seconds since 1970 by the database's clock, for arithmetic in SQL.
    """

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

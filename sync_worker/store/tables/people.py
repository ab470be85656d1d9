"""Who is who, what is known of them, and who is in which group because of us."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.model import ChangeKind, FactType
from sync_worker.store.tables.ledger import Table, UtcDateTime, one_of


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


# Groups and categories: who is in which because of us, what a run changed, what was last read.


class MembershipRow(Table):
    """A membership (`role` member) or ownership (`role` owner) that the worker made, so that it may take it away again.

    States: `adding`, `added`, `marked` (to be removed, `since` then and found gone in `clean_runs` runs), `removing`,
    `removed`, and `left` where somebody else ended it. `digests` recognise protected people.
    """

    __tablename__ = "memberships"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(String(10), primary_key=True, default="member", info=one_of("member", "owner"))
    username: Mapped[str] = mapped_column(String(60))
    person: Mapped[str] = mapped_column(String(255))
    cohort: Mapped[str] = mapped_column(String(40), default="")
    digests: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(
        String(10), info=one_of("adding", "added", "marked", "removing", "removed", "left")
    )
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clean_runs: Mapped[int] = mapped_column(default=0)
    run: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class EmailedRow(Table):
    """A person whom we added to a group by e-mail, without having looked the account up.

    States: `sending`, `sent` (the forum knew everybody of the batch), `unsure` (somebody of the batch it did not).
    """

    __tablename__ = "emailed"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    person: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), info=one_of("sending", "sent", "unsure"))
    run: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class UnpairedRow(Table):
    """An account that joined a group by such an addition, and was not in it before: ours, as soon as we know whose.

    Not, however, once it `left` the group.
    """

    __tablename__ = "unpaired"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    username: Mapped[str] = mapped_column(String(60))
    left: Mapped[bool] = mapped_column(default=False, server_default=false())
    run: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvitationRow(Table):
    """A person whom we invited into `groups`, those of a cohort; `group_name` is the cohort's own among them.

    States: `inviting` (the call is under way), `invited`, `accepted`, `withdrawn`, `refused`, `lapsed` (it ended on the
    forum by itself or was withdrawn manually), `grants` and `granted` (it gives, or gave, rights over the forum, so
    that it is not ours).
    """

    __tablename__ = "invitations"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True)
    person: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(40))
    groups: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    email: Mapped[str] = mapped_column(Text)
    invite_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(
        String(12),
        info=one_of("inviting", "invited", "accepted", "withdrawn", "refused", "lapsed", "grants", "granted"),
    )
    reason: Mapped[str] = mapped_column(Text, default="")
    reminders: Mapped[int] = mapped_column(default=0)
    run: Mapped[str] = mapped_column(String(40))
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
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
    kind: Mapped[str] = mapped_column(String(20), info=one_of(*ChangeKind))
    target: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[int | None]
    username: Mapped[str | None] = mapped_column(String(60))
    person: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), index=True, info=one_of("intended", "done", "failed"))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CreatedRow(Table):
    """A group or category (`kind`) that is the worker's to change: `making`, then `made`, or `adopted`."""

    __tablename__ = "created"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True, info=one_of("group", "category", "to furnish"))
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    forum_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), info=one_of("making", "made", "adopted"))
    run: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class SeenRow(Table):
    """A group's members or a category's rights (`kind`) as they were last read in full.

    `mark` is what tells that nothing changed since: a group's count of members and the newest entry of its log.
    """

    __tablename__ = "seen"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True, info=one_of("group", "category", "before"))
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    forum_id: Mapped[int]
    count: Mapped[int] = mapped_column(default=0)
    mark: Mapped[str] = mapped_column(String(120), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


# Managers of learners: who gets no more mails, and what they answered.


class MailStopRow(Table):
    """An address to which no mail goes any more: its owner wants none, or a mail server refused it (`reason`)."""

    __tablename__ = "mail_stops"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    email: Mapped[str] = mapped_column(String(320), primary_key=True)
    why: Mapped[str] = mapped_column(String(15), info=one_of("unsubscribed", "refused"))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class BriefingAnswerRow(Table):
    """What a manager answered to the question of one mail; `key` is that of its entry in the ledger.

    `about_users` are the learners whom it was about, `source` how it came in, `settled_at` when an LCM saw to it.
    """

    __tablename__ = "briefing_answers"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    step: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(Text, default="")
    about_users: Mapped[list[int]] = mapped_column(JSON, default=list)
    answer: Mapped[str] = mapped_column(String(10), info=one_of("yes", "not yet", "talk"))
    source: Mapped[str] = mapped_column(String(10), info=one_of("link", "lcm"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)

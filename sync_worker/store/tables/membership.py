"""Groups and categories: who is in which because of us, what a run changed, what was last read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.model import ChangeKind
from sync_worker.store.tables.base import Table, UtcDateTime, one_of


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

    States: `inviting` (the call is under way), `invited`, `accepted`, `withdrawn`, `refused` and `lapsed` (it
    ended on the forum by itself or was withdrawn manually).
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
        String(12), info=one_of("inviting", "invited", "accepted", "withdrawn", "refused", "lapsed")
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

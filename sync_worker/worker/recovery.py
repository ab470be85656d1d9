"""After a forum was restored from a backup: what is missing on it, and making store and forum agree again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from sync_worker.errors import ForumError
from sync_worker.forum.restored import Fate, look, made_rows
from sync_worker.model import ActionKind
from sync_worker.publish.entries import PIN
from sync_worker.store.hold import release, remember
from sync_worker.store.ledger import REMOVING, TRANSLATING
from sync_worker.store.tables import (
    ActivityDayRow,
    AnswerWeekRow,
    ConsentRow,
    CreatedRow,
    CursorRow,
    DraftRow,
    IdentityRow,
    LedgerRow,
    LikeRow,
    MembershipRow,
    OccurrenceRow,
    PostRow,
    SeenRow,
    TopicRow,
    VisitRow,
)
from sync_worker.worker.looked import LOOKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.store.database import Store

ENOUGH_THERE = 3
STILL_NEWS = timedelta(days=7)
AGAIN, ANEW, LOST = "post again", "write anew", "leave"
LEFT_OR_OURS = ("adding", "added", "marked", "left")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something of ours that the restored forum lacks, what is to become of it (`AGAIN`, `ANEW`, `LOST`), and why."""

    row: LedgerRow
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a restored forum lacks. `since` is when the newest thing of ours that is still there was made."""

    missing: tuple[Missing, ...] = ()
    people: tuple[MembershipRow, ...] = ()
    made: tuple[CreatedRow, ...] = ()
    since: datetime | None = None
    categories: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of ours is missing."""
        return not (self.missing or self.people or self.made)


def plan_recovery(forum: Forum, store: Store, ends: Mapping[str, date], now: datetime) -> Recovery:
    """Look at the forum for what was made on it; changes nothing.

    Args:
        forum: the restored forum.
        store: what was done on it before.
        ends: the last day of each cohort.
        now: the present.

    Calls: 1 for each thing that is gone and 3 more, 2 for groups and categories, 1 for each group that people were
    added to since.

    """
    with store.begin() as session:
        rows = made_rows(session, forum.name)
    gone, since, there = [], None, 0
    for one in look(forum, rows):
        if one.fate is Fate.THERE:
            there += 1
            since = since or one.row.updated_at
            if there == ENOUGH_THERE:
                break
        else:
            gone.append(one.row)
            there, since = 0, None
    groups, categories = forum.groups(), forum.categories()
    ids = {"group": {group.id for group in groups}, "category": {one.id for one in categories}}
    with store.begin() as session:
        made = [row for row in _created(session, forum.name) if row.forum_id and row.forum_id not in ids[row.kind]]
        people = _people(session, forum.name, since)
    missing = tuple(_missing(row, ends, now, ids["category"]) for row in gone)
    absent = _absent(forum, people, {group.name for group in groups})
    return Recovery(missing, tuple(absent), tuple(made), since, frozenset(ids["category"]))


def _created(session: Session, forum: str) -> Sequence[CreatedRow]:
    return session.scalars(select(CreatedRow).where(CreatedRow.forum == forum)).all()


def _people(session: Session, forum: str, since: datetime | None) -> Sequence[MembershipRow]:
    """Return the memberships that were made, or found gone, after the forum's state."""
    query = select(MembershipRow).where(MembershipRow.forum == forum, MembershipRow.state.in_(LEFT_OR_OURS))
    if since is not None:
        query = query.where(MembershipRow.at >= since)
    return session.scalars(query.order_by(MembershipRow.group_name, MembershipRow.username)).all()


def _absent(forum: Forum, rows: Sequence[MembershipRow], groups: set[str]) -> list[MembershipRow]:
    present: dict[str, set[int]] = {}
    for name in {row.group_name for row in rows}:
        present[name] = {member.id for member in forum.members(name)} if name in groups else set()
    return [row for row in rows if row.user_id not in present[row.group_name]]


def _missing(  # noqa: PLR0911
    row: LedgerRow, ends: Mapping[str, date], now: datetime, categories: set[int]
) -> Missing:
    """Say what is to become of a topic or message that is gone."""
    play = row.payload.get("play")
    is_over = row.cohort not in ends or now.date() > ends[row.cohort]
    if row.action == "message":
        return Missing(row, LOST, "a message is not sent twice; who was asked may be asked again")
    if is_over:
        return Missing(row, LOST, "the cohort is over")
    if row.payload.get("category_id") not in categories:
        return Missing(row, LOST, "its category is gone; run `lcm sync` first, then `lcm playbook catch-up`")
    if play == "topic":
        return Missing(row, AGAIN, "the cohort is under way")
    if row.slot < now - STILL_NEWS:
        return Missing(row, LOST, "it is more than a week old")
    if play in ("prompt", "resource"):
        return Missing(row, AGAIN, "it is of this week")
    return Missing(row, ANEW, "it is of this week, and quotes what may be gone")


def recover(store: Store, forum: str, found: Recovery, now: datetime) -> None:
    """Make the store agree with the restored forum, and let things be changed on it again. One transaction."""
    with store.begin() as session:
        for one in found.missing:
            _settle(session, one, now)
        _take_down_again(session, forum, found.since, now)
        _act_again(session, forum, found.since, now)
        for person in found.people:
            session.delete(session.merge(person))
        for made in found.made:
            session.delete(session.merge(made))
        for table in (TopicRow, PostRow, LikeRow, VisitRow, SeenRow, ActivityDayRow, AnswerWeekRow):
            session.execute(delete(table).where(table.forum == forum))
        if found.since is not None:
            session.execute(delete(IdentityRow).where(IdentityRow.forum == forum, IdentityRow.at >= found.since))
        feeds = select(CursorRow).where(CursorRow.forum == forum, CursorRow.name.startswith("activity:"))
        for cursor in session.scalars(feeds):
            cursor.value = ""
        release(session, forum)
        remember(session, forum, LOOKED, now.isoformat())


def _settle(session: Session, one: Missing, now: datetime) -> None:
    row = session.get_one(LedgerRow, one.row.key)
    if one.what == ANEW:
        over = session.scalar(
            select(OccurrenceRow).where(
                OccurrenceRow.forum == row.forum,
                OccurrenceRow.cohort == row.cohort,
                OccurrenceRow.playbook == row.playbook,
                OccurrenceRow.step == row.step,
                OccurrenceRow.slot == row.slot,
                OccurrenceRow.follow_up == row.payload.get("follow_up", ""),
            )
        )
        decided = session.get(DraftRow, row.key)  # of the text that is gone; the new one is decided on again
        for gone in (over, decided, *_pins(session, row), row):
            if gone is not None:
                session.delete(gone)
        return
    pins = _pins(session, row)
    if one.what == AGAIN:
        for entry in (row, *pins):
            entry.state, entry.attempts, entry.result, entry.reason = "intended", 0, {}, ""
            entry.created_at = entry.updated_at = now
        return
    row.result, row.reason = (
        {"gone": row.result.get("topic_id")},
        "gone since the forum was restored",
    )
    consents = select(ConsentRow).where(ConsentRow.forum == row.forum, ConsentRow.message_key == row.key)
    for consent in session.scalars(consents):
        if consent.answer != "no":  # nobody who said no is asked again; a yes that cannot be read again is none
            session.delete(consent)


def _take_down_again(session: Session, forum: str, since: datetime | None, now: datetime) -> None:
    """Let every story be taken down once more that was taken down after the forum's state: it may be there again."""
    query = select(LedgerRow).where(LedgerRow.forum == forum, LedgerRow.action == REMOVING, LedgerRow.state == "done")
    if since is not None:
        query = query.where(LedgerRow.updated_at >= since)
    for row in session.scalars(query):
        row.state, row.attempts, row.reason = "intended", 0, ""
        row.created_at = row.updated_at = now


def _act_again(session: Session, forum: str, since: datetime | None, now: datetime) -> None:
    """Let all that was done to topics after the forum's state be done once more: pins, closings, further languages."""
    query = select(LedgerRow).where(
        LedgerRow.forum == forum,
        LedgerRow.action.in_((*ActionKind, TRANSLATING)),
        LedgerRow.action != ActionKind.ARCHIVE,
        LedgerRow.state == "done",
    )
    if since is not None:
        query = query.where(LedgerRow.updated_at >= since)
    for row in session.scalars(query):
        row.state, row.attempts, row.reason = "intended", 0, ""
        row.created_at = row.updated_at = now


def _pins(session: Session, row: LedgerRow) -> list[LedgerRow]:
    pins = session.scalars(select(LedgerRow).where(LedgerRow.forum == row.forum, LedgerRow.action == PIN))
    return [pin for pin in pins if pin.payload.get("of") == row.key]


def work_cursor_after(forum: Forum, since: datetime | None, cursor: int) -> int:
    """Return up to which decision of the desk everything was taken in before the forum's state. Calls: 1 a hundred.

    Raises:
        ForumError: the forum has no plugin, or it cannot be asked.

    """
    plugin = forum.plugin
    if plugin is None:
        raise ForumError("the forum has no plugin.", url=forum.url)
    last, more = 0, True
    while more:
        items, more = plugin.work(last)
        taken = [item.id for item in items if item.id <= cursor and (since is None or item.at <= since)]
        last = max(taken, default=last)
        more = more and bool(taken)
    return last

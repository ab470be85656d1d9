"""After a restore from a backup: what is missing on the forum or in the store, and making them agree again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, permutations
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from sync_worker.errors import ForumError
from sync_worker.forum.site_checks import Fate, hold_if_restored, look, made_rows
from sync_worker.model import TOGETHER, ActionKind, Draft, DraftKind
from sync_worker.plays.pair import part_with
from sync_worker.plays.story import NO_STORY
from sync_worker.publish.citations_in_text import CitationsInText
from sync_worker.publish.entries import PIN, Place, build_entries, day_of, occurrence_key
from sync_worker.store.ledger import REMOVING, REVISING, TRANSLATING
from sync_worker.store.pauses import release, remember, remembered
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from sync_worker.config.base import Strict
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.playbook.load import Playbook
    from sync_worker.publish.entries import Entries
    from sync_worker.publish.publisher import Publisher
    from sync_worker.store.database import Store
    from sync_worker.worker.due import Planned


LOOKED = "looked for a restore"
LOOK_EVERY = timedelta(hours=1)


def look_for_a_restore(forum: Forum, store: Store, now: datetime) -> str | None:
    """Return why nothing may be changed where the forum looks restored. Calls: as `restored`, once an hour at most."""
    with store.begin() as session:
        last = remembered(session, forum.name, LOOKED)
    if last is not None and timedelta(0) <= now - datetime.fromisoformat(last) < LOOK_EVERY:
        return None
    why = hold_if_restored(forum, store.sessions)
    if why is None:
        with store.begin() as session:
            remember(session, forum.name, LOOKED, now.isoformat())
    return why


# What a store does not know any more, read back from the forum: our topics and messages carry their keys there.


READ_BACK = "read back from the forum"
QUOTED = re.compile(r'\[quote="[^"\]]*?, ?post:(\d+), ?topic:(\d+)')
BY_MESSAGE = ("consent", "story", "pair", "introductions")  # plays whose messages have parts of their own
MOST_READERS = 6  # of a conversation, among whom those are looked for whom it brought together
BY_PLAY = ("assignment", "commitment", "prompt", "resource", "roundup", "session", "story", "survey")
"""Plays that know a topic of theirs by a mark with their name."""
BY_TEMPLATE = ("topic", "assignment", "commitment", "survey")
"""Plays whose topics are also known by the template of which they were made."""


@dataclass(slots=True)
class ReadBack:
    """Looks on the forum for occurrences that the store knows nothing of.

    Calls: 1 for each occurrence, 1 more for each that is found and for each topic that it quotes or links to; where a
    step writes messages, those of `own_message_ids` and 1 for each message of ours.
    """

    forum: Forum
    publisher: Publisher
    playbook: Playbook
    _topics: dict[int, ForumTopic | None] = field(default_factory=dict)

    def find(self, planned: Sequence[Planned]) -> int:
        """Enter into the store what is found on the forum; return how many occurrences that are.

        Raises:
            ForumError: it could not be asked; what was entered so far stays.

        """
        found = 0
        for one in planned:
            topic_id = self.forum.topic_id_of(one.key)
            topic = self._topic(topic_id) if topic_id else None
            if topic is not None:
                found += self._enter(one, self._opened(one, topic), topic.id)
        by_message = [one for one in planned if one.step.play in BY_MESSAGE]
        return found + (self._find_messages(by_message) if by_message else 0)

    def _find_messages(self, planned: Sequence[Planned]) -> int:
        drafts: dict[str, tuple[Planned, list[tuple[Draft, int]]]] = {}
        for topic_id in dict.fromkeys(self.forum.itself.own_message_ids()):
            head = self.forum.itself.topic_head(topic_id)
            day = day_of(head.external_id or "") if head else None
            candidates = [one for one in planned if day and one.occurrence.own_day == day]
            topic = self._topic(topic_id) if candidates else None
            for one in candidates if topic else ():
                draft = self._message(one, topic) if topic else None
                if draft is not None:
                    drafts.setdefault(one.key, (one, []))[1].append((draft, topic_id))
        return sum(self._enter_all(one, parts) for one, parts in drafts.values())

    def _message(self, planned: Planned, topic: ForumTopic) -> Draft | None:
        """Return the message as it was drafted, None where it is not of this occurrence."""
        raw = self._raw(topic)
        if topic.external_id == occurrence_key(self.forum.name, planned.occurrence, "desk"):
            return Draft(DraftKind.MESSAGE, raw, READ_BACK, part="desk", title=topic.title, refs=(NO_STORY,))
        for post in self._quoted(raw):
            part = f"ask-{post.id}"
            if topic.external_id == occurrence_key(self.forum.name, planned.occurrence, part):
                return Draft(
                    DraftKind.MESSAGE,
                    raw,
                    READ_BACK,
                    part=part,
                    title=topic.title,
                    recipients=(post.username,),
                    about_posts=(post.id,),
                    about_users=(post.user_id,),
                    refs=("consent",),
                )
        return self._brought_together(planned, topic, raw)

    def _brought_together(self, planned: Planned, topic: ForumTopic, raw: str) -> Draft | None:
        """Return a message that brought people together as it was drafted: its key says who they were."""
        readers = topic.readers.users if topic.readers is not None else {}
        people = sorted(number for number, name in readers.items() if name != self.forum.username)[:MOST_READERS]
        for users in chain(permutations(people, 2), permutations(people, 3)):
            part = part_with(users)
            if topic.external_id == occurrence_key(self.forum.name, planned.occurrence, part):
                names = tuple(readers[number] for number in users)
                return Draft(
                    DraftKind.MESSAGE,
                    raw,
                    READ_BACK,
                    part=part,
                    title=topic.title,
                    recipients=names,
                    about_users=users,
                    refs=(TOGETHER,),
                )
        return None

    def _opened(self, planned: Planned, topic: ForumTopic) -> Draft:
        """Return a topic as it was drafted, where that can be seen from it, with what it shows of people."""
        raw, play = self._raw(topic), planned.step.play
        shown = list(self._quoted(raw)) if play in ("roundup", "story") else []
        citations = CitationsInText(self._topic).of(raw) if shown else ()
        if play == "story":  # no part of it is taken out alone
            citations = tuple(replace(one, pieces=()) for one in citations)
        options = self.playbook.options_of(planned.step.id, planned.occurrence.cohort)
        return Draft(
            DraftKind.TOPIC,
            raw,
            READ_BACK,
            title=topic.title,
            tags=topic.tags,
            about_posts=tuple(post.id for post in shown),
            about_users=tuple(post.user_id for post in shown),
            citations=citations,
            refs=_marks(play, options),
        )

    def _quoted(self, raw: str) -> Iterator[ForumPost]:
        """Yield the posts that a text quotes."""
        for number, topic_id in dict.fromkeys(QUOTED.findall(raw)):
            topic = self._topic(int(topic_id))
            yield from (post for post in (topic.posts if topic else ()) if post.number == int(number))

    def _topic(self, topic_id: int) -> ForumTopic | None:
        if topic_id not in self._topics:
            self._topics[topic_id] = self.forum.topic(topic_id)
        return self._topics[topic_id]

    @staticmethod
    def _raw(topic: ForumTopic) -> str:
        return next((post.raw or "" for post in topic.posts if post.number == 1), "")

    def _enter(self, planned: Planned, draft: Draft, topic_id: int) -> int:
        return self._enter_all(planned, [(draft, topic_id)])

    def _enter_all(self, planned: Planned, parts: Iterable[tuple[Draft, int]]) -> int:
        """Write down that an occurrence was done, and what it posted; 1 where that was not known."""
        found = list(parts)
        topics = {draft.part: topic_id for draft, topic_id in found}
        place = Place(self.forum.name, self._category(found[0][1]), planned.step.play)
        drafts = [draft for draft, _ in found]
        entries = build_entries(place, planned.occurrence, drafts, READ_BACK, self.publisher.now)
        for row in entries.ledger:
            row.state, row.reason, row.result = "done", READ_BACK, {"topic_id": topics[row.part]}
        return int(self._claim(entries))

    def _claim(self, entries: Entries) -> bool:
        return self.publisher.claim(entries)

    def _category(self, topic_id: int) -> int:
        topic = self._topic(topic_id)
        return topic.category_id or 0 if topic else 0


def _marks(play: str, options: Strict) -> tuple[str, ...]:
    """Return by what the plays recognise a topic later, as it can be known from the playbook."""
    template = getattr(options, "template", None) if play in BY_TEMPLATE else None
    return (*((play,) if play in BY_PLAY else ()), *((f"topic:{template}",) if isinstance(template, str) else ()))


# After a forum was restored from a backup: what is missing on it, and making store and forum agree again.


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
        LedgerRow.action.in_((*ActionKind, TRANSLATING, REVISING)),
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

"""The desk of a cohort where the forum has no plugin: a message to its LCMs, kept up to date by edits.

A private message is the cheapest place that is safe on any Discourse: one call makes it, nothing has to be set up, and
nobody reads it but the LCMs' group, those whom somebody adds to it, and administrators. Therefore it is looked up
before each edit who reads it; where that is anybody else, nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import select

from sync_worker.activity.collect import cohort_categories, collect
from sync_worker.activity.feed import Feed
from sync_worker.activity.reader import ActivityReader
from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.desk.chart import Chart, WeekShown
from sync_worker.desk.gather import Gathered, People
from sync_worker.desk.lcm_replies import TOPIC
from sync_worker.desk.waiting import (
    DESK,
    MOST_ITEMS,
    STEP,
    Item,
    entry,
    example_of,
    is_hand_over,
    is_to_keep,
    keep_line,
    number_all,
    shown_to,
    waiting,
)
from sync_worker.errors import ForumError
from sync_worker.languages.language import capital, shortened
from sync_worker.languages.parts import LETTERS, language
from sync_worker.membership.observing.observe import members_of, present_name
from sync_worker.model import Draft, DraftKind, fold
from sync_worker.store.ledger import published_rows
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.taking_part import Learner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.desk.care import Part
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumTopic, Member
    from sync_worker.languages.language import Language
    from sync_worker.languages.sentences import LetterSentences
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
MARK = "desk"
MOST_LINES = 12
WORDS_LONGEST = 200
MOST_WEEKS = 12
SHOWN_DAYS = timedelta(days=7)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DeskTopic:
    """Keeps the desk of one cohort up to date.

    Calls: those of `cohort_categories` and `collect` (with the plugin, of `Feed.collect`), of `members_of` twice, and
    of `Chart`; where something to be shown changed, 1 to look who reads it and 1 to edit it; 1 to begin it.
    """

    forum: Forum
    store: Store
    cohort: Cohort
    playbook: Playbook | None
    now: datetime

    def bring_up_to_date(self) -> str | None:
        """Bring it up to date where something changed; return the key of the entry that begins it, where it is new.

        Raises:
            LcmError: the cohort's category or groups cannot be read.

        """
        categories = cohort_categories(self.forum, self.cohort, self.store.sessions)
        plugin = self.forum.plugin
        lcms = {one.id: one for one in self._members(self.cohort.lcm_group)}
        if plugin is None:
            usernames = {number: one.username for number, one in lcms.items()}
            collect(self.forum, self.store, categories.readable, self.now, lcms=usernames)
        else:
            with self.store.begin() as session:
                Feed(plugin, self.forum.name, self.cohort.key, categories.readable).collect(session)
        members = members_of(self.forum, self.store.sessions, self.cohort, self.cohort.group)
        learners = tuple(
            Learner(one.id, one.added_at, one.last_seen_at)
            for one in members
            if one.id not in lcms and one.username != self.forum.username
        )
        names = {one.id: person_name(one.name, one.username) for one in members}
        people = People(learners, {number: one.username for number, one in lcms.items()}, names)
        with self.store.begin() as session:
            number_all(session, self.forum.name, self.cohort.key, self.now)
            gathered = Gathered(
                self.forum,
                self.cohort,
                self.playbook,
                session,
                people,
                categories.readable,
                self.now,
                with_blocker_words=True,
            )
            page = _Page(gathered, {one.id: one for one in members}, session)
            weeks, items = page.weeks(), page.items
        figure = Chart(self.forum, self.store, self.cohort, self.now).shown(weeks)
        with self.store.begin() as session:
            page = replace(page, session=session, gathered=replace(gathered, session=session))
            body = page.body(figure)
            before = json.loads(remembered(session, self.forum.name, self._name) or "{}")
            row = self._begun(session)
            if row is None:
                made = self._begin(page.with_clock(body))
                session.add(made)
                self._note(session, body, items, {})
                return made.key
        digest = _digest(body)
        if digest != before.get("digest") and self._edit(row, page.with_clock(body), lcms):
            with self.store.begin() as session:
                self._note(session, body, items, before.get("shown", {}))
        return None

    def _members(self, group: str) -> list[Member]:
        return members_of(self.forum, self.store.sessions, self.cohort, group)

    @property
    def _name(self) -> str:
        return f"{TOPIC}:{self.cohort.key}"

    def _begun(self, session: Session) -> LedgerRow | None:
        """Return the entry of the desk, whatever the cohort's key was when it was made."""
        query = select(LedgerRow).where(
            LedgerRow.forum == self.forum.name, LedgerRow.cohort == self.cohort.key, LedgerRow.step == STEP
        )
        return next((row for row in session.scalars(query) if DESK in row.payload.get("refs", ())), None)

    def _begin(self, body: str) -> LedgerRow:
        title = LETTERS.of(self.cohort.locale).desk["title"].format(cohort=self.cohort.name)
        recipients = (self.cohort.lcm_group,)
        draft = Draft(DraftKind.MESSAGE, body, "the desk", title=title, recipients=recipients, refs=(DESK,))
        return entry(self.forum.name, self.cohort.key, draft, MARK, self.now)[0]

    def _note(self, session: Session, body: str, items: Sequence[Item], before: Mapping[str, str]) -> None:
        """Remember what is shown, and since when each number is: what "all" in a reply means."""
        shown = {str(item.number): before.get(str(item.number), self.now.isoformat()) for item in items}
        remember(session, self.forum.name, self._name, json.dumps({"digest": _digest(body), "shown": shown}))

    def _edit(self, row: LedgerRow, body: str, lcms: Mapping[int, Member]) -> bool:
        """Write the desk anew; False where it is not there, or somebody else reads it."""
        topic_id = row.result.get("topic_id")
        topic = self.forum.topic(topic_id) if row.state == "done" and topic_id is not None else None
        opening = topic.posts[0] if topic is not None and topic.posts and topic.posts[0].number == 1 else None
        if topic is None or opening is None:
            LOG.info("the desk of %s is not on the forum (any more); it is not written", self.cohort.key)
            return False
        if strangers := self._strangers(topic, lcms):
            self._warn(topic, strangers)
            return False
        try:
            self.forum.edit_opening(
                opening.id, topic.title, body, instead_of=(opening.raw or "").rstrip(), quietly=True
            )
        except ForumError as error:
            if not error.refused_with(409):
                raise
            LOG.info("somebody edits the desk of %s just now; it is written the next time", self.cohort.key)
            return False
        return True

    def _strangers(self, topic: ForumTopic, lcms: Mapping[int, Member]) -> list[str]:
        """Return who reads the desk and is no LCM, administrator or group of staff; calls: 1 for each other account."""
        if topic.archetype != "private_message" or topic.readers is None:
            return ["?"]
        own = present_name(self.forum, self.store.sessions, self.cohort, self.cohort.lcm_group)
        allowed = {fold(name) for name in (own, "admins", "moderators", "staff") if name}
        strangers = sorted(name for name in topic.readers.groups if fold(name) not in allowed)
        for number, username in topic.readers.users.items():
            if number in lcms or fold(username) == fold(self.forum.username):
                continue
            account = self.forum.user_by_id(number)
            if account is None or not account.admin:
                strangers.append(username)
        return strangers

    def _warn(self, topic: ForumTopic, strangers: Sequence[str]) -> None:
        """Let the LCMs know, once for the same people, that the desk stands still."""
        LOG.warning("the desk of %s is not written, because others read it: /t/%d", self.cohort.key, topic.id)
        text = LETTERS.of(self.cohort.locale).someone_reads.format(names=", ".join(escape(one) for one in strangers))
        draft = Draft(DraftKind.REPLY, text, "others read the desk", topic_id=topic.id)
        mark = f"halt:{' '.join(strangers)}"
        with self.store.begin() as session:
            for row in entry(self.forum.name, self.cohort.key, draft, mark, self.now):
                if session.get(LedgerRow, row.key) is None:
                    session.add(row)  # the next look sends it


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True)
class _Page:
    """Writes a desk from what was gathered."""

    gathered: Gathered
    members: Mapping[int, Member]
    session: Session

    @property
    def cohort(self) -> Cohort:
        return self.gathered.cohort

    @property
    def say(self) -> Mapping[str, str]:
        return self.letters.desk

    @property
    def letters(self) -> LetterSentences:
        return LETTERS.of(self.cohort.locale)

    @property
    def words(self) -> Language:
        return language(self.cohort.locale)

    @property
    def items(self) -> list[Item]:
        """What waits, as far as it is shown."""
        return waiting(self.session, self.gathered.forum.name, self.cohort.key, self.gathered.now)[:MOST_ITEMS]

    def with_clock(self, body: str) -> str:
        """Return the text with the moment at which it was written, which is no news by itself."""
        local = self.gathered.now.astimezone(self.cohort.zone)
        as_of = self.say["as_of"].format(day=self.words.day(local.date()), clock=f"{local:%H:%M}")
        return f"{self.say['intro']} {as_of}\n\n{body}"

    def body(self, figure: str) -> str:
        """Return the whole desk, without the clock."""
        shown = self.gathered.publication()
        weeks = self.weeks()
        parts = [
            self._section("waiting", self._waiting() or [self.say["waiting_none"]]),
            self._section("hand", self._hand(shown["learners"]) or [self.say["hand_nobody"]]),
            self._section("week", [self._week(weeks), *self._calendar(shown["calendar"])]),
            self._section("open", self._open(shown["blockers"]) or [self.say["open_none"]]),
            self._section("stories", self._stories(shown["stories"])),
            self._section("pairs", self._pairs(shown["learners"])),
            self._section("last_roundup", self._roundup()),
            *(self._part(part) for part in self.gathered.care()),
            self._table(weeks),
            figure,
        ]
        return "\n\n".join(part for part in parts if part)

    def _section(self, name: str, lines: Sequence[str]) -> str:
        if not lines:
            return ""
        listed = lines[:MOST_LINES] if name != "waiting" else lines
        return "\n".join([f"## {self.say[name]}", "", *(line if len(lines) == 1 else f"- {line}" for line in listed)])

    def _part(self, part: Part) -> str:
        """Return what was done for people under its heading, each line with a link where it has an address."""
        lines = [
            link(one.text, f"{self.gathered.forum.url}{one.path}") if one.path else escape(one.text)
            for one in part.lines[:MOST_LINES]
        ]
        return "\n".join([f"## {part.title}", "", *(f"- {line}" for line in lines)])

    def _waiting(self) -> list[str]:
        items = self.items
        lines = [self._item(item) for item in items]
        how = self.say["waiting_how"].format(example=f"`{example_of(items, self.cohort.locale)}`")
        return [*lines, how] if lines and any(item.draft is not None for item in items) else lines

    def _item(self, item: Item) -> str:
        if item.draft is not None:
            to = shown_to(item.draft)
            form = self.say["waiting_draft"] if to else self.say["waiting_draft_all"]
            what = self.letters.kinds[item.draft.body["kind"]]
            return form.format(number=item.number, what=what, to=to, why=escape(item.draft.reason))
        row = item.row
        if is_to_keep(row):
            return keep_line(row, self.gathered.forum.url, self.cohort.locale)
        where = f"{self.gathered.forum.url}/t/{row.topic_id}"
        form = self.say["over_to_you"] if is_hand_over(row) else self.say["wrote"]
        words = self.words.quoted(escape(shortened(row.words, WORDS_LONGEST))) if row.words else ""
        why = form.format(day=self._day(row.at), link=where, words=words)
        who = self._name(row.user_id or 0) if row.user_id in self.members else escape(row.username or "?")
        return self.say["waiting_task"].format(number=row.number, who=who, why=why)

    def _hand(self, learners: Sequence[Mapping[str, Any]]) -> list[str]:
        return [
            f"{self._name(one['user_id'])}{self.words.colon} {' '.join(_reason(reason) for reason in one['reasons'])}"
            for one in learners
            if one["needs_hand"] and one["user_id"] in self.members
        ]

    def _name(self, number: int) -> Markdown:
        member = self.members[number]
        return link(person_name(member.name, member.username), f"{self.gathered.forum.url}/u/{member.username}")

    def _week(self, weeks: Sequence[WeekShown]) -> str:
        today = self.gathered.now.astimezone(self.cohort.zone).date()
        this = next((one for one in weeks if one.monday == today - timedelta(days=today.weekday())), None)
        if this is None or not this.posts:
            return self.say["week_silent"]
        written, by = self.words.count(this.posts, "post"), self.words.count(this.people, "person")
        return capital(self.say["week_posts"].format(posts=written, people=by))

    def weeks(self) -> list[WeekShown]:
        """Return the last weeks, from one in which a learner wrote to the last such one."""
        categories = self.gathered.categories
        reader = ActivityReader(self.session, self.gathered.forum.name, categories, categories[0])
        learners = {one.user_id for one in self.gathered.people.learners}
        posts: Counter[date] = Counter()
        people: dict[date, set[int]] = {}
        for topic in reader.topics(until=self.gathered.now):
            for post in topic.posts:
                if post.user_id in learners:
                    day = post.created_at.astimezone(self.cohort.zone).date()
                    monday = day - timedelta(days=day.weekday())
                    posts[monday] += 1
                    people.setdefault(monday, set()).add(post.user_id)
        if not posts:
            return []
        number_of_weeks = (max(posts) - min(posts)) // WEEK + 1
        mondays = [min(posts) + WEEK * number for number in range(number_of_weeks)][-MOST_WEEKS:]
        return [WeekShown(monday, posts[monday], len(people.get(monday, ()))) for monday in mondays]

    def _calendar(self, lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield what comes today and in the next seven days: by whole days, so that it is new once a day at most."""
        last = self.gathered.now.astimezone(self.cohort.zone).date() + SHOWN_DAYS
        for line in lines:
            local = datetime.fromisoformat(line["at"]).astimezone(self.cohort.zone)
            if line["state"] == "to_come" and local.date() <= last:
                what = escape(line["title"])
                yield self.say["next"].format(day=self.words.day(local.date()), clock=f"{local:%H:%M}", what=what)

    def _open(self, blockers: Sequence[Mapping[str, Any]]) -> list[str]:
        return [
            f"{link(one['question'][:120], self._address(one['topic_id']))}, "
            f"{self.say['since'].format(day=self._day(datetime.fromisoformat(one['since'])))}{self._owner(one)}"
            for one in blockers
            if one.get("state") != "solved"
        ]

    def _owner(self, blocker: Mapping[str, Any]) -> str:
        name = blocker.get("owner")
        return self.say["owned"].format(name=link(name, f"{self.gathered.forum.url}/u/{quote(name)}")) if name else ""

    def _stories(self, stories: Sequence[Mapping[str, Any]]) -> list[str]:
        waiting_ones = [one for one in stories if one["state"] == "asked"]
        return [link(one["title"][:120], f"{self.gathered.forum.url}/p/{one['post_id']}") for one in waiting_ones]

    def _pairs(self, learners: Sequence[Mapping[str, Any]]) -> list[str]:
        """Return who was brought together last, each pair once."""
        found: dict[frozenset[int], list[int]] = {}
        for one in learners:
            group = [one["user_id"], *one["partners"][:1]]
            if len(group) > 1 and all(number in self.members for number in group):
                found.setdefault(frozenset(group), group)
        return [self.words.listing([self._name(number) for number in group]) for group in found.values()]

    def _roundup(self) -> list[str]:
        rows = published_rows(self.session, self.gathered.forum.name, self.cohort.key, refs=("roundup",))
        found = [row for row in rows if row.action == "topic" and row.result.get("topic_id")]
        return [link(one.payload.get("title") or "–", self._address(one.result["topic_id"])) for one in found[-1:]]

    def _table(self, weeks: Sequence[WeekShown]) -> str:
        """Return the posts of each week as a table, which every reader and every screen reader can read."""
        if len(weeks) < 2:
            return ""
        rows = [
            f"| {self.words.period(one.monday, one.monday + timedelta(days=6))} | {one.posts} | {one.people} |"
            for one in weeks
        ]
        columns = self.say["weeks_columns"]
        return "\n".join([f"## {self.say['weeks']}", "", f"| {columns} |", "| --- | ---: | ---: |", *rows])

    def _address(self, topic_id: int) -> str:
        return f"{self.gathered.forum.url}/t/{topic_id}"

    def _day(self, moment: datetime) -> str:
        return self.words.day(moment.astimezone(self.cohort.zone).date())


def _reason(reason: Mapping[str, Any]) -> str:
    return str(escape(reason["text"]))

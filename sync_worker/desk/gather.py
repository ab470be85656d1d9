"""Gather what a cohort's desk shows, and publish it where it changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.activity.blockers import said_of_blockers
from sync_worker.activity.collect import cohort_categories
from sync_worker.activity.feed import Feed
from sync_worker.activity.reader import ActivityReader
from sync_worker.content.markdown import person_name
from sync_worker.content.story import story_candidates
from sync_worker.desk import sections
from sync_worker.desk.care import Care
from sync_worker.desk.words import words_for
from sync_worker.errors import ConfigError
from sync_worker.model import behind_mark
from sync_worker.plays.blockers import Options
from sync_worker.plays.pair import groups_of
from sync_worker.plays.posting import SHOWN
from sync_worker.plays.session import STARTS
from sync_worker.plays.story import LOOK_BACK_DAYS
from sync_worker.publish.entries import day_of
from sync_worker.signals.contributions import open_questions, stuck_topics
from sync_worker.store.ledger import DRAFT_STATES, draft_from_json, drafts, published_rows, removed_keys
from sync_worker.store.tables import CursorRow
from sync_worker.worker.blockers import options_in, standing
from sync_worker.worker.history import LedgerHistory, calendar
from sync_worker.worker.surroundings import ROBOTS
from sync_worker.worker.taking_part import Learner, taking_part, task_due

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.desk.care import Part
    from sync_worker.desk.words import DeskWords
    from sync_worker.forum.client import Forum
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import PluginCohort
    from sync_worker.model import Cohort, Topic
    from sync_worker.playbook.load import Playbook
    from sync_worker.signals.contributions import OpenQuestion
    from sync_worker.store.database import Store
    from sync_worker.store.tables import LedgerRow

STORY_LOOK_BACK = timedelta(days=LOOK_BACK_DAYS)
QUESTION_LOOK_BACK = timedelta(days=60)
DRAFTS_KEPT = timedelta(days=60)
REPEAT_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DeskSource:
    """Where a desk's facts come from: the forum with its plugin, our store, the cohort and its playbook."""

    forum: Forum
    plugin: Plugin
    store: Store
    cohort: Cohort
    playbook: Playbook | None


def publish_desk(source: DeskSource, declared: PluginCohort, now: datetime) -> tuple[str, ...]:
    """Bring the store up to date with the cohort's activity, and publish its desk where that changed anything.

    Calls: those of `Feed.collect`, 1 to see the members, 1 to publish where something changed or the last time was six
    hours ago; 1 or more where the cohort also reads other categories.

    Returns:
        What the forum refused of it, in words.

    """
    if declared.category is None:
        return ()
    categories = _categories(source, declared.category.id)
    seen = source.plugin.look(source.cohort.key, ())
    with source.store.begin() as session:
        Feed(source.plugin, source.forum.name, source.cohort.key, categories).collect(session)
    with source.store.begin() as session:
        lcms = {one.id: one.username for one in seen.lcm_members}
        people = People(
            tuple(Learner(one.id, one.joined_at) for one in seen.members if one.id not in lcms),
            lcms,
            {one.id: person_name(one.name, one.username) for one in seen.members},
        )
        takes_words = source.plugin.can("blocker_words")
        gathered = Gathered(source.forum, source.cohort, source.playbook, session, people, categories, now, takes_words)
        publication = gathered.publication()
        if source.plugin.can("desk_notes"):
            publication["notes"] = [part.to_json() for part in gathered.care()]
    fingerprint = hashlib.sha256(json.dumps(publication, sort_keys=True).encode()).hexdigest()
    if not _is_news(source, fingerprint, now):
        return ()
    refused = source.plugin.publish_desk(source.cohort.key, {"as_of": now.isoformat(), **publication})
    with source.store.begin() as session:
        name = _cursor_name(source.cohort)
        session.merge(CursorRow(forum=source.forum.name, name=name, value=f"{now.isoformat()} {fingerprint}"))
    return refused


def _categories(source: DeskSource, own: int) -> tuple[int, ...]:
    if not source.cohort.also_reads:
        return (own,)
    return cohort_categories(source.forum, source.cohort, source.store.sessions).readable


def _cursor_name(cohort: Cohort) -> str:
    return f"desk:{cohort.key}"


def _is_news(source: DeskSource, fingerprint: str, now: datetime) -> bool:
    with source.store.begin() as session:
        row = session.get(CursorRow, (source.forum.name, _cursor_name(source.cohort)))
    if row is None:
        return True
    at, _, last = row.value.partition(" ")
    return last != fingerprint or now - datetime.fromisoformat(at) >= REPEAT_AFTER


@dataclass(frozen=True, slots=True)
class People:
    """A cohort's learners, the usernames of its LCMs by their accounts, and what everybody is called."""

    learners: tuple[Learner, ...]
    lcms: Mapping[int, str]
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of one cohort at one moment, from the store alone.

    `with_blocker_words`: the forum's plugin takes what was said of blockers elsewhere.
    """

    forum: Forum
    cohort: Cohort
    playbook: Playbook | None
    session: Session
    people: People
    categories: Sequence[int]
    now: datetime
    with_blocker_words: bool = False

    def publication(self) -> dict[str, Any]:
        """Return every section of the desk."""
        cohort, now = self.cohort, self.now
        words = words_for(cohort.locale)
        reader = ActivityReader(self.session, self.forum.name, self.categories, self.categories[0])
        topics = reader.topics(until=now)
        published = published_rows(self.session, self.forum.name, cohort.key)
        consents = reader.consents(cohort.key)
        recent = [topic for topic in topics if any(post.created_at >= now - STORY_LOOK_BACK for post in topic.posts)]
        return {
            "calendar": self._calendar(published),
            "learners": self._learners(),
            "drafts": sections.drafts_section(self._drafts(), topics, words),
            "stories": sections.stories_section(
                story_candidates(recent, now - STORY_LOOK_BACK, now, self._own, {one.post_id for one in consents}),
                consents,
                _messages(published),
                _told(published, removed_keys(self.session, self.forum.name, cohort.key)),
                words,
            ),
            "blockers": self._blockers(topics, words),
            "practices": sections.practices_section(_shown(published), topics, words),
        }

    def care(self) -> list[Part]:
        """Return what was done for the cohort's people, part by part."""
        learners = {one.user_id for one in self.people.learners}
        return Care(
            self.session, self.forum.name, self.cohort, self.categories, learners, self.people.names, self.now
        ).parts()

    def _blockers(self, topics: Sequence[Topic], words: DeskWords) -> list[dict[str, Any]]:
        """Return what is in the way: by the playbook's `blockers` step, else what has been open for two days."""
        options = options_in(self.playbook, self.cohort)
        found = standing(
            self.session,
            self.forum.name,
            self.cohort,
            options or Options(),
            topics,
            self.categories[0],
            {one.user_id for one in self.people.learners},
            self.forum.username,
            self.now,
        )
        if options is not None:
            return sections.standing_section(
                found, words, self.cohort.zone, self.now, with_words=self.with_blocker_words
            )
        said = [one for one in found if one.stated_at is not None]  # LCMs called it a blocker, or solved
        rows = sections.standing_section(said, words, self.cohort.zone, self.now, with_words=self.with_blocker_words)
        spoken_of = {one.topic.id for one in said}
        open_ones = [one for one in self._questions(topics) if one.topic.id not in spoken_of]
        owners = said_of_blockers(self.session, self.forum.name, self.cohort.key) if self.with_blocker_words else {}
        return [*rows, *sections.blockers_section(open_ones, owners, self.now, words)]

    def _questions(self, topics: Sequence[Topic]) -> list[OpenQuestion]:
        """Return open questions and topics whose author is stuck, each topic once, the longest open first."""
        stuck = stuck_topics(topics, self.now, QUESTION_LOOK_BACK, self._own)
        found = {one.topic.id: one for one in stuck}
        found |= {one.topic.id: one for one in open_questions(topics, self.now, QUESTION_LOOK_BACK, self._own)}
        return sorted(found.values(), key=lambda one: (one.topic.created_at, one.topic.id))

    @property
    def _own(self) -> frozenset[str]:
        return frozenset(ROBOTS | {self.forum.username, *self.people.lcms.values()})

    def _calendar(self, published: Sequence[LedgerRow]) -> list[dict[str, Any]]:
        if self.playbook is None:
            return []
        lines = calendar(self.session, self.forum.name, self.playbook, self.cohort, self.now)
        zone = self.cohort.zone
        shown = [row for row in published if row.action == "topic" and row.result.get("topic_id")]
        places: dict[str, sections.Place] = {
            row.key: (row.step, day_of(row.key), row.payload.get("follow_up", "")) for row in shown
        }
        topics = {
            places[row.key]: (row.result["topic_id"], title) for row in shown if (title := row.payload.get("title"))
        }
        due = {places[row.key]: moment for row in shown if (moment := self._due(row)) is not None}
        return sections.calendar_section(lines, topics, due, words_for(self.cohort.locale), zone)

    def _due(self, row: LedgerRow) -> datetime | None:
        """Return until when a task of this playbook wants its answer, or when a session begins."""
        if starts := behind_mark(row.payload.get("refs", ()), STARTS):
            return datetime.fromisoformat(starts[0])
        if self.playbook is None or row.playbook != self.playbook.name:
            return None
        try:
            return task_due(self.cohort, self.playbook, row.step, row.slot, day_of(row.key))
        except ConfigError:  # the cohort's changes do not fit; `lcm check` reports it
            return None

    def _learners(self) -> list[dict[str, Any]]:
        learners, now = self.people.learners, self.now
        part = taking_part(self.session, self.forum.name, self.cohort, self.categories, learners, self.playbook, now)
        return sections.learners_section(part, words_for(self.cohort.locale), self._partners())

    def _partners(self) -> dict[int, list[int]]:
        """Return with whom each learner was brought together by messages that were sent, the last first."""
        found: dict[int, list[int]] = {}
        history = LedgerHistory(self.session, self.forum.name, None, self.cohort.key)
        for past, users in reversed(groups_of(history.drafts())):
            if past.topic_id is not None:
                for number in users:
                    found.setdefault(number, []).extend(other for other in users if other != number)
        return {number: list(dict.fromkeys(others)) for number, others in found.items()}

    def _drafts(self) -> list[Any]:
        rows = drafts(self.session, self.forum.name, self.cohort.key, DRAFT_STATES)
        return [row for row in rows if row.state == "pending" or self.now - row.created_at < DRAFTS_KEPT]


def _messages(published: Sequence[LedgerRow]) -> dict[int, int]:
    """Return the message that asks for consent, by the post that it asks about."""
    found: dict[int, int] = {}
    for row in published:
        draft = draft_from_json(row.payload) if row.action == "message" else None
        topic_id = row.result.get("topic_id")
        if draft and "consent" in draft.refs and topic_id:
            found.update(dict.fromkeys(draft.about_posts, topic_id))
    return found


def _told(published: Sequence[LedgerRow], removed: frozenset[str]) -> dict[int, int]:
    """Return the topic of each story that is up, by the post that it is about."""
    found: dict[int, int] = {}
    for row in published:
        draft = draft_from_json(row.payload) if row.action == "topic" else None
        topic_id = row.result.get("topic_id")
        if draft and "story" in draft.refs and topic_id and row.key not in removed:
            found.update(dict.fromkeys(draft.about_posts, topic_id))
    return found


def _shown(published: Sequence[LedgerRow]) -> list[tuple[int, str, int | None]]:
    """Return what roundups carried: post id, heading, the roundup's topic id; newest first."""
    found: list[tuple[int, str, int | None]] = []
    for row in reversed(published):
        draft = draft_from_json(row.payload) if row.action == "topic" else None
        if draft is None or "roundup" not in draft.refs:
            continue
        headings = behind_mark(draft.refs, SHOWN)
        topic_id = row.result.get("topic_id")
        found += [(post_id, heading, topic_id) for post_id, heading in zip(draft.about_posts, headings, strict=False)]
    newest_last = reversed(found)
    return list({one[0]: one for one in newest_last}.values())[::-1]

"""Looks after the stories of a cohort, asked for and told: reads their conversations, does what follows from it.

Everything is worked out from how things stand, never from what changed: doing it again after any interruption finds
the same entries with the same keys.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.answers import Said, read_post
from sync_worker.activity.choices import unquoted
from sync_worker.activity.collect import REGULAR
from sync_worker.activity.consents import decide, is_fresh, newly_asked, question_of, reread_consent, shown_to_author
from sync_worker.content.markdown import Markdown, escape
from sync_worker.errors import ConfigError, each_apart
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.frame import STORY_CLOSED, greeted
from sync_worker.plays.story import LOOK_BACK_DAYS
from sync_worker.plays.template_values.stories import CohortName
from sync_worker.publish.entries import key_beside, ledger_rows
from sync_worker.publish.unshowable import naming
from sync_worker.store.facts import facts_of
from sync_worker.store.ledger import REMOVING, draft_body, draft_from_json, drafts, intended_entry, published_rows
from sync_worker.store.pauses import read_clock
from sync_worker.store.tables import ConsentRow, LedgerRow, PostRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.activity.consents import Shown
    from sync_worker.content.templates import PlaybookTexts
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumTopic
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.publish.publisher import Deed, Publisher
    from sync_worker.store.database import Store


GIVEN_UP = 3  # failed attempts after which an LCM hears that a story is still up


class Care(StrEnum):
    """What is to be done."""

    READ_ANSWER = "answer"
    TAKE_DOWN = "down"
    SAY_DOWN = "down-note"
    SAY_TOLD = "told"
    SAY_NOT_TOLD = "not-told"


@dataclass(frozen=True, slots=True)
class Told:
    """A story that was posted: its entry's key, its topic and title, when."""

    key: str
    topic_id: int
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """How far its removal is: the entry's state, why, after how many attempts, with how many replies."""

    state: str
    reason: str = ""
    attempts: int = 0
    replies: int = 0

    @property
    def settled(self) -> bool:
        """Whether there is something to tell the LCM."""
        return self.state != "intended" or self.attempts >= GIVEN_UP

    @property
    def failed(self) -> bool:
        """Whether the story is still there."""
        return self.state != "done"


@dataclass(frozen=True, slots=True)
class StoryCase:
    """One post whose author was asked: the present answer, and what was done with it.

    An author who asked not to be quoted at all is `unquoted`; that counts more than an answer about one story. A story
    that names somebody else who asked for that is `naming`.
    """

    post_id: int
    user_id: int
    answer: str
    answer_post: int | None = None
    words: str = ""
    decided_by: str = ""
    shown: Shown | None = None
    talk: int | None = None
    told: Told | None = None
    removal: Removal | None = None
    underway: bool = False
    over: bool = False
    thanked_late: bool = False
    asked_long_ago: bool = False
    unquoted: bool = False
    naming: bool = False

    @property
    def unclear(self) -> bool:
        """Whether the LCM must read it: no plain answer, or a story that is up without the yes that it had."""
        return self.answer == "unclear" or (self.told is not None and self.answer == "asked")

    @property
    def answer_mark(self) -> str:
        """What tells these words from others."""
        return f"{self.answer_post or 0}-{hashlib.sha256(self.words.encode()).hexdigest()[:8]}"


def due(case: StoryCase) -> Iterator[tuple[Care, str]]:
    """Yield what is to be done about a story, each with what tells it from the same done at another time."""
    if case.removal is not None:
        if case.removal.settled:
            yield Care.SAY_DOWN, "failed" if case.removal.failed else ""
        return
    if case.told is not None and (case.answer == "no" or case.unquoted or case.naming):
        yield Care.TAKE_DOWN, ""
    elif case.unquoted:
        return
    elif case.unclear:
        yield Care.READ_ANSWER, case.answer_mark
    elif case.answer == "yes" and case.talk is not None:
        if case.told is not None and not case.thanked_late:
            yield Care.SAY_TOLD, ""
        elif case.told is None and case.over and not case.underway and not case.asked_long_ago:
            yield Care.SAY_NOT_TOLD, ""


def care_key(forum: str, cohort: str, post_id: int, care: Care, mark: str = "") -> str:
    """Return the key of a new entry, at most 50 letters, digits and hyphens."""
    return key_beside(cohort, care.value, [forum, "story-care", cohort, post_id, care.value, mark])


# Looks after the stories of a cohort, asked for and told: reads their conversations, and does what follows from it.


STEP = "story-care"
LOOK_EVERY = timedelta(days=1)
ASKED_FOR = timedelta(days=90)  # so long after the question a conversation is read
TOLD_FOR = timedelta(days=90)  # and so long after a story was told
THANKED_FOR = timedelta(days=14)  # thanks that come later would surprise
TEMPLATES = {
    Care.READ_ANSWER: "answer-unclear",
    Care.SAY_DOWN: "story-down",
    Care.SAY_TOLD: "story-told",
    Care.SAY_NOT_TOLD: "story-not-told",
}
TO_AUTHOR = frozenset({Care.SAY_TOLD, Care.SAY_NOT_TOLD})
ROUNDS = 2  # the LCM hears of a removal after it was carried out


@dataclass(frozen=True, slots=True)
class Aftercare:
    """Looks after the stories of one cohort; hold the forum's lock meanwhile."""

    forum: Forum
    store: Store
    publisher: Publisher
    cohort: Cohort
    playbook: Playbook
    now: datetime

    def read(self) -> Sequence[Deed]:
        """Read what is due to be read, before any step that tells a story.

        Calls: once a day, 1 for each conversation whose question or story is not older than 90 days, and 1 for each
        note whose answer is awaited. None at other times.

        Raises:
            ForumError: the forum does not answer, or refuses one of them, which keeps none of the others.

        """
        each_apart(self._to_read(), self._read)
        return ()

    def follow_up(self) -> Sequence[Deed]:
        """Do what follows from how things stand. Calls: those of what is sent or taken down."""
        deeds: list[Deed] = []
        for _ in range(ROUNDS):
            with self.store.begin() as session:
                rows = [row for case in self._cases(session) for row in self._rows(session, case)]
            if not rows:
                break
            deeds += self.publisher.enter(rows)
        return deeds

    def _to_read(self) -> list[int]:
        """Return the posts whose conversations were not looked at for a day and are not too old."""
        with self.store.begin() as session:
            for row in newly_asked(session, self.forum.name, self.cohort.key):
                session.add(row)
            session.flush()
            return [
                row.post_id
                for row, case in self._pairs(session)
                if not is_fresh(row, self.now, LOOK_EVERY) and self._is_recent(row, case)
            ]

    def _is_recent(self, row: ConsentRow, case: StoryCase) -> bool:
        if case.removal is not None:
            return False
        asked = LOOK_EVERY <= self.now - row.asked_at < ASKED_FOR and not (row.answer == "yes" and case.over)
        return asked or (case.told is not None and self.now - case.told.at < TOLD_FOR)

    def _read(self, post_id: int) -> None:
        with self.store.begin() as session:
            reread_consent(self.forum, session, self.forum.name, post_id, self.now)
        with self.store.begin() as session:
            row, case = next(pair for pair in self._pairs(session) if pair[0].post_id == post_id)
            note = self._entered(session, post_id, Care.READ_ANSWER, case.answer_mark) if case.unclear else None
        topic_id = note.result.get("topic_id") if note is not None else None
        topic = self.forum.topic(topic_id) if topic_id is not None else None
        others = (self.forum.username, row.username)
        decision = _decision(topic, others) if topic is not None else None
        if decision is None:
            return
        with self.store.begin() as session:
            row = session.get_one(ConsentRow, (self.forum.name, post_id))
            decide(row, *decision)

    def _entered(self, session: Session, post_id: int, care: Care, mark: str = "") -> LedgerRow | None:
        """Return the entry of what was done about a post; it keeps its key where the forum or the cohort has another.

        Entries of older versions have no mark and are found by their key alone.
        """
        by_key = session.get(LedgerRow, care_key(self.forum.name, self.cohort.key, post_id, care, mark))
        if by_key is not None:
            return by_key
        of_cohort = (LedgerRow.forum == self.forum.name, LedgerRow.cohort == self.cohort.key)
        rows = session.scalars(
            select(LedgerRow).where(*of_cohort, LedgerRow.step == STEP, LedgerRow.part == care.value)
        )
        marked = (row for row in rows if row.payload.get("mark") == mark)
        return next((row for row in marked if post_id in row.payload["about_posts"]), None)

    def _cases(self, session: Session) -> list[StoryCase]:
        return [case for _, case in self._pairs(session)]

    def _pairs(self, session: Session) -> list[tuple[ConsentRow, StoryCase]]:
        rows = session.scalars(
            select(ConsentRow)
            .where(ConsentRow.forum == self.forum.name, ConsentRow.cohort == self.cohort.key)
            .order_by(ConsentRow.asked_at, ConsentRow.post_id)
        ).all()
        if not rows:
            return []
        published = published_rows(session, self.forum.name, self.cohort.key, refs=("story",))
        waiting = drafts(session, self.forum.name, self.cohort.key, ("pending", "approved"), refs=("story",))
        stories = [row for row in published if row.action == "topic"]
        bodies = [*(row.payload for row in stories), *(row.body for row in waiting)]
        underway = {post for body in bodies for post in body.get("about_posts", ())}
        told = {post: _told(row) for row in stories if _told(row) for post in row.payload["about_posts"]}
        silent = unquoted(session, self.forum.name)
        named = self._naming(session, stories)
        cases = [(row, self._case(session, row, told.get(row.post_id), underway, silent)) for row in rows]
        return [(row, replace(case, naming=row.post_id in named)) for row, case in cases]

    def _naming(self, session: Session, stories: Sequence[LedgerRow]) -> set[int]:
        """Return the posts whose words name somebody who asked not to be quoted; a title gives way without them."""
        shown = [replace(one, title="") for row in stories for one in draft_from_json(row.payload).citations]
        found = (finding.citation.post_id for finding in naming(session, self.forum.name, shown))
        return {number for number in found if number is not None}

    def _case(
        self, session: Session, row: ConsentRow, told: Told | None, underway: set[int], silent: frozenset[int]
    ) -> StoryCase:
        asked = question_of(session, row)
        removal = self._entered(session, row.post_id, Care.TAKE_DOWN)
        return StoryCase(
            post_id=row.post_id,
            user_id=row.user_id,
            answer=row.answer,
            answer_post=row.answer_post,
            words=row.words,
            decided_by=row.decided_by,
            shown=shown_to_author(row),
            talk=asked.result.get("topic_id") if asked is not None else None,
            told=told,
            removal=_removal(removal) if removal is not None else None,
            underway=row.post_id in underway,
            over=self._is_over(session, row),
            thanked_late=told is not None and self.now - told.at >= THANKED_FOR,
            asked_long_ago=self.now - row.asked_at >= ASKED_FOR,
            unquoted=row.user_id in silent,
        )

    def _is_over(self, session: Session, row: ConsentRow) -> bool:
        """Whether no story step can tell it any more: the cohort ended, or the post is too old."""
        clock = read_clock(session, self.forum.name, self.cohort.key)
        cohort = clock.shifted(self.cohort)
        post = session.get(PostRow, (self.forum.name, row.post_id))
        try:
            options = self.playbook.options_for(self.cohort)
        except ConfigError:  # reported where the steps are looked after; what an author takes back comes down
            options = self.playbook.options
        days = [
            getattr(options[step.id], "look_back", LOOK_BACK_DAYS)
            for step in self.playbook.file.steps
            if step.play == "story"
        ]
        written = post.created_at if post is not None else row.asked_at
        ended = self.now.astimezone(cohort.zone).date() > cohort.end
        return ended or self.now - written > timedelta(days=max(days, default=LOOK_BACK_DAYS))

    def _rows(self, session: Session, case: StoryCase) -> list[LedgerRow]:
        rows: list[LedgerRow] = []
        for care, mark in due(case):
            if self._entered(session, case.post_id, care, mark) is None:
                rows += self._entry(care, mark, case, self._called(session, care, case))
        return rows

    def _called(self, session: Session, care: Care, case: StoryCase) -> str:
        """Return how the author is called: as texts greet people in what they get, by the full name for the LCM."""
        name, username = _names(session, self.forum.name, case.post_id)
        if care not in TO_AUTHOR:
            return name or username
        known = facts_of(session, self.forum.name, self.cohort.key, (case.user_id,))
        return greeted(known.get(case.user_id, {}), name, username)

    def _entry(self, care: Care, mark: str, case: StoryCase, name: str) -> list[LedgerRow]:
        key = care_key(self.forum.name, self.cohort.key, case.post_id, care, mark)
        if care is Care.TAKE_DOWN:
            return [self._removal_row(key, case)]
        draft = self._draft(care, case, name)
        cohort, playbook = self.cohort.name, self.playbook.name
        body = draft_body(draft, play=STEP, step=STEP, slot=self.now, cohort_name=cohort, playbook=playbook)
        body["mark"] = mark
        return ledger_rows(key, self.forum.name, self.cohort.key, body, self.now)

    def _removal_row(self, key: str, case: StoryCase) -> LedgerRow:
        assert case.told is not None  # noqa: S101  (only what was told is taken down)
        return intended_entry(
            key,
            forum=self.forum.name,
            cohort=self.cohort.key,
            playbook=self.playbook.name,
            step=STEP,
            slot=self.now,
            part=Care.TAKE_DOWN.value,
            action=REMOVING,
            payload={
                "of": case.told.key,
                "title": case.told.title,
                "about_posts": [case.post_id],
                "position": 0,
                "mark": "",
            },
            now=self.now,
        )

    def _draft(self, care: Care, case: StoryCase, name: str) -> Draft:
        texts = self.playbook.texts(self.cohort.locale)
        text = texts.render(TEMPLATES[care], **self._values(care, case, name, texts))
        to_author = care in TO_AUTHOR
        return Draft(
            kind=DraftKind.REPLY if to_author else DraftKind.MESSAGE,
            title=None if to_author else text.title,
            raw=text.body,
            reason=f"post {case.post_id}: {case.answer}",
            part=care.value,
            recipients=() if to_author else (self.cohort.lcm_group,),
            topic_id=case.talk if to_author else None,
            about_posts=(case.post_id,),
            about_users=(case.user_id,),
            to_learner=case.user_id if to_author else None,
            answers_learner=to_author,
            refs=(STORY_CLOSED,) if care is Care.SAY_NOT_TOLD else (STEP,),
        )

    def _values(self, care: Care, case: StoryCase, name: str, texts: PlaybookTexts) -> dict[str, Any]:
        url, told, removal = self.forum.url, case.told, case.removal
        address = Markdown(f"{url}/t/{told.topic_id}") if told is not None else Markdown("")
        values: dict[str, Any] = {"cohort": CohortName(self.cohort.name), "name": escape(name)}
        if care in (Care.READ_ANSWER, Care.SAY_DOWN):
            talk = f"{url}/t/{case.talk}" if case.talk is not None else f"{url}/p/{case.post_id}"
            values |= {"conversation": Markdown(talk), "words": case.words, "told": address}
        if care is Care.READ_ANSWER:
            values["post"] = Markdown(f"{url}/p/{case.post_id}")
        elif care is Care.SAY_TOLD:
            values |= {"story": address, "headline": told.title if told else ""}
        elif care is Care.SAY_DOWN and told is not None and removal is not None:
            replies = texts.language.count(removal.replies, "reply") if removal.replies else ""
            values |= {"headline": told.title, "replies": replies, "failed": removal.reason if removal.failed else ""}
            values["unquoted"] = case.unquoted
            values["named"] = case.naming and not case.unquoted and case.answer != "no"
        return values


def _told(row: LedgerRow) -> Told | None:
    topic_id = row.result.get("topic_id")
    if row.state != "done" or topic_id is None:
        return None
    return Told(row.key, topic_id, row.payload.get("title") or "", row.updated_at)


def _removal(row: LedgerRow) -> Removal:
    return Removal(row.state, row.reason, row.attempts, row.result.get("replies", 0))


def _names(session: Session, forum: str, post_id: int) -> tuple[str, str]:
    """Return the name, "" where it is not known, and the username of a post's author."""
    post = session.get(PostRow, (forum, post_id))
    if post is not None:
        return post.name or "", post.username
    return "", session.get_one(ConsentRow, (forum, post_id)).username


def _decision(topic: ForumTopic, others: Collection[str]) -> tuple[str, datetime, str] | None:
    """Return an LCM's last plain answer under a note: yes or no, when, and who; a doubt takes a yes back.

    `others` are those whose words decide nothing there: the worker and the author of the post.
    """
    found = None
    for post in topic.posts:
        if post.post_type != REGULAR or post.username in others:
            continue
        said = read_post(post.cooked, (post.name, post.username))
        if said in (Said.YES, Said.NO):
            found = (said.value, post.edited_at or post.created_at, post.username)
        elif said is Said.UNCLEAR and found is not None and found[0] == Said.YES:
            found = None
    return found

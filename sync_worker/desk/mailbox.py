"""Reads the messages to the worker's account: decisions of LCMs by number, choices of learners in a word.

A post is read once, and all that follows from it is written in one transaction with that: what was decided, the answer
that is to be sent, and how far the conversation was read. Killed at any instruction, the next look goes on with the
next post.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.answers import read_post
from sync_worker.activity.collect import REGULAR
from sync_worker.activity.consents import OWN_MARK, quotable
from sync_worker.activity.feed import enter_word
from sync_worker.activity.replies import digest_of, own_words, read_choice, read_decisions
from sync_worker.desk.answering import Deciding
from sync_worker.desk.waiting import ANSWER, ASK, DESK, STEP, add_task, entry
from sync_worker.errors import ForumError
from sync_worker.languages.parts import LETTERS
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import Draft, DraftKind
from sync_worker.plays import case_study, commitment, consent
from sync_worker.plays.morning_note import MORNING_NOTE, items_of
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import LedgerRow, MembershipRow, ReplyRow, TalkRow, WaitingRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from sync_worker.activity.replies import Choice
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic, MessageSummary
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
CURSOR = "messages"
ENGLISH = "en"
TOPIC = "desk topic"  # under this and a cohort's key the store remembers what its desk shows
BEFORE_THE_FIRST_LOOK = timedelta(minutes=10)
MOST = 300  # messages with something new that one look reads
READ_ELSEWHERE = frozenset(
    {"consent", consent.ASKED_AGAIN, commitment.REF, case_study.REF}
)  # their answers are read where they are asked


@dataclass(slots=True)
class Mailbox:
    """Reads what came since the last look, for cohorts that are looked after by message.

    Calls: 1 a look (1 more for each 30 messages with something new), 1 for each message in which somebody wrote, and
    those of `members_of` once for each cohort whose LCMs or learners must be known for that.
    """

    forum: Forum
    store: Store
    cohorts: Mapping[str, Cohort]
    now: datetime
    decided: bool = False
    entered: list[str] = field(default_factory=list)
    _members: dict[str, dict[int, str]] = field(default_factory=dict)

    def read(self) -> None:
        """Read it. The first look ever only writes down from when on messages count.

        Raises:
            ForumError: the forum does not answer; what was read until then is entered.

        """
        with self.store.begin() as session:
            written = remembered(session, self.forum.name, CURSOR)
            if written is None:
                since = (self.now - BEFORE_THE_FIRST_LOOK).isoformat()
                remember(session, self.forum.name, CURSOR, json.dumps({"since": since, "upto": since}))
                return
        cursor = json.loads(written)
        first, upto = (datetime.fromisoformat(cursor[name]) for name in ("since", "upto"))
        newest: datetime | None = None
        new: list[MessageSummary] = []
        for summary in self.forum.messages():
            if summary.bumped_at < upto or len(new) == MOST:
                break
            newest = max(newest or summary.bumped_at, summary.bumped_at)
            if self._is_new(summary):
                new.append(summary)
        unread = [summary for summary in reversed(new) if not self._is_read(summary, first)]
        if len(new) == MOST:  # the older ones are read at the next look, which passes over those that are known by then
            LOG.warning("more than %d messages were written to since the last look; the next one goes on", MOST)
        elif newest is not None:
            # Not a time that is still to come: all that is written until then would be taken for read.
            newest = min(self.now, newest, *(one.bumped_at for one in unread))
            with self.store.begin() as session:
                remember(session, self.forum.name, CURSOR, json.dumps({**cursor, "upto": newest.isoformat()}))

    def _is_new(self, summary: MessageSummary) -> bool:
        with self.store.begin() as session:
            talk = session.get(TalkRow, (self.forum.name, summary.id))
        return talk is None or talk.bumped_at != summary.bumped_at or talk.upto < summary.last_number

    def _is_read(self, summary: MessageSummary, since: datetime) -> bool:
        """Read a conversation; False where the forum refuses just this one: it is tried again, and stops no other."""
        try:
            self._read(summary, since)
        except ForumError as error:
            if error.unreachable:
                raise
            LOG.warning("a message could not be read: %s", error)
            return False
        return True

    def _read(self, summary: MessageSummary, since: datetime) -> None:
        topic = self.forum.topic(summary.id)
        with self.store.begin() as session:
            talk = session.get(TalkRow, (self.forum.name, summary.id))
            upto = talk.upto if talk is not None else 0
            ours = session.get(LedgerRow, topic.external_id) if topic is not None and topic.external_id else None
        cohort = self._cohort_shown(ours)
        new = [post for post in topic.posts if self._counts(post, upto, since)] if topic is not None else []
        if topic is not None and cohort is not None:
            lcms = self._people(cohort, cohort.lcm_group) if new else {}
            with self.store.begin() as session:
                for post in topic.posts:
                    if post in new and (post.by_staff or post.user_id in lcms):
                        self._decide(session, cohort, topic, post, ours)
                    elif post not in new:
                        self._note_change(session, cohort, post)
                self._remember(session, summary, topic, cohort.key)
            return
        readings = [self._of_learner(topic, post, ours) for post in new] if topic is not None else []
        with self.store.begin() as session:
            for reading in readings:
                self._take(session, reading)
            self._remember(session, summary, topic, "")

    def _counts(self, post: ForumPost, upto: int, since: datetime) -> bool:
        """Whether a post is a person's that was not read before; one typed in the worker's account is nobody's."""
        is_ours = post.username == self.forum.username or OWN_MARK in (post.raw or "")
        is_new = post.number > upto and post.created_at > since
        return is_new and post.post_type == REGULAR and post.user_id > 0 and not post.hidden and not is_ours

    def _remember(self, session: Session, summary: MessageSummary, topic: ForumTopic | None, cohort: str) -> None:
        read = topic.posts[-1].number if topic is not None and topic.posts else 0
        last = max(read, summary.last_number)  # the last posts may be deleted
        talk = TalkRow(
            forum=self.forum.name, topic_id=summary.id, cohort=cohort, upto=last, bumped_at=summary.bumped_at
        )
        session.merge(talk)

    def _cohort_shown(self, ours: LedgerRow | None) -> Cohort | None:
        """Return the cohort whose LCMs a conversation shows what waits; None for any other conversation."""
        refs = set(ours.payload.get("refs", ())) if ours is not None else set()
        shows = MORNING_NOTE in refs or (ours is not None and ours.step == STEP and {ASK, DESK} & refs)
        if ours is None or not shows:
            return None
        return self.cohorts.get(ours.cohort)

    def _people(self, cohort: Cohort, group: str) -> dict[int, str]:
        """Return the accounts in one of a cohort's groups as it is now; asked for once."""
        if group not in self._members:
            found = members_of(self.forum, self.store.sessions, cohort, group)
            self._members[group] = {one.id: one.username for one in found}
        return self._members[group]

    # What an LCM decides.

    def _decide(
        self, session: Session, cohort: Cohort, topic: ForumTopic, post: ForumPost, ours: LedgerRow | None
    ) -> None:
        if session.get(ReplyRow, (self.forum.name, post.id)) is not None:
            return
        reading = read_decisions(post.raw or "", (post.name, post.username))
        if reading.is_empty:
            return
        shown = self._shown(session, cohort, ours)
        elsewhere = self._shown_elsewhere(session, cohort, post.created_at)
        deciding = Deciding(session, self.forum.name, cohort, post, self.now, shown, elsewhere)
        objection = deciding.objection(reading)
        row = self._row(cohort.key, topic.id, post, "unclear" if objection else "decided")
        session.add(row)
        if objection:
            row.answered = True
            row.content = {"read": reading.in_words(cohort.locale)}
            self._answer(session, cohort, topic.id, objection, f"answer:{post.id}")
            return
        row.content = {"read": reading.in_words(cohort.locale), "outcomes": deciding.enter(reading)}
        self.decided = True

    def _shown(self, session: Session, cohort: Cohort, ours: LedgerRow | None) -> dict[int, datetime | None]:
        """Return the numbers that a conversation shows; on the desk, which changes, with since when."""
        if ours is not None and ASK in ours.payload.get("refs", ()):
            return dict.fromkeys(ours.payload.get("numbers", ()))
        if ours is not None and MORNING_NOTE in ours.payload.get("refs", ()):
            return dict.fromkeys(items_of(ours.payload["refs"]))
        return self._shown_on_desk(session, cohort)

    def _shown_on_desk(self, session: Session, cohort: Cohort) -> dict[int, datetime | None]:
        written = json.loads(remembered(session, self.forum.name, f"{TOPIC}:{cohort.key}") or "{}")
        return {int(number): datetime.fromisoformat(at) for number, at in written.get("shown", {}).items()}

    def _shown_elsewhere(self, session: Session, cohort: Cohort, before: datetime) -> frozenset[int]:
        """Return the numbers that any message has shown by a time, and those on the desk."""
        found = set(self._shown_on_desk(session, cohort))
        query = select(LedgerRow).where(
            *(LedgerRow.forum == self.forum.name, LedgerRow.cohort == cohort.key, LedgerRow.state == "done"),
            *(LedgerRow.action == DraftKind.MESSAGE.value, LedgerRow.created_at <= before),
        )
        for row in session.scalars(query):
            refs = row.payload.get("refs", ())
            if ASK in refs:
                found |= set(row.payload.get("numbers", ()))
            elif MORNING_NOTE in refs:
                found |= set(items_of(refs))
        return frozenset(found)

    def _row(self, cohort: str, topic_id: int, post: ForumPost, outcome: str) -> ReplyRow:
        return ReplyRow(
            forum=self.forum.name,
            post_id=post.id,
            topic_id=topic_id,
            cohort=cohort,
            user_id=post.user_id,
            username=post.username,
            digest=digest_of(post.raw or ""),
            outcome=outcome,
            content={},
            answered=outcome != "decided",
            changed_said=False,
            at=self.now,
        )

    def _note_change(self, session: Session, cohort: Cohort, post: ForumPost) -> None:
        """Say once that a reply that was edited after it was acted on counts as it was."""
        row = session.get(ReplyRow, (self.forum.name, post.id))
        if row is None or row.changed_said or row.outcome not in ("decided", "unclear"):
            return
        if digest_of(post.raw or "") == row.digest:
            return
        row.changed_said = True
        text = LETTERS.of(cohort.locale).changed.format(read=row.content.get("read") or "–")
        self._answer(session, cohort, row.topic_id, text, f"changed:{post.id}")

    def _answer(self, session: Session, cohort: Cohort, topic_id: int, text: str, mark: str) -> None:
        draft = Draft(DraftKind.REPLY, text, "answer to a reply", topic_id=topic_id, refs=(ANSWER,))
        self._enter(session, cohort.key, draft, mark)

    def _enter(self, session: Session, cohort: str, draft: Draft, mark: str) -> None:
        for row in entry(self.forum.name, cohort, draft, mark, self.now):
            if session.get(LedgerRow, row.key) is None:
                session.add(row)
                self.entered.append(row.key)

    # What a learner chooses, or has to say.

    def _of_learner(self, topic: ForumTopic, post: ForumPost, ours: LedgerRow | None) -> _FromLearner:
        """Return what follows from a learner's message. Calls: those of `members_of` where who is who matters."""
        nothing = _FromLearner(topic.id, post)
        others = self._others(topic, post)
        if others is None:
            return nothing
        found = read_choice(post.raw or "", (post.name, post.username))
        if found is None and (others or self._needs_nobody(post, ours)):
            return nothing
        cohort = self._cohort_of(post.user_id)
        if cohort is None:
            return nothing if found is None or others else _FromLearner(topic.id, post, None, *found)
        lcms = self._people(cohort, cohort.lcm_group)
        if found is None:
            return nothing if post.user_id in lcms else _FromLearner(topic.id, post, cohort)
        return _FromLearner(topic.id, post, cohort, *found) if others <= lcms.keys() else nothing

    def _take(self, session: Session, found: _FromLearner) -> None:
        """Enter what follows from a learner's post, with the answer to a choice."""
        post, cohort = found.post, found.cohort
        if session.get(ReplyRow, (self.forum.name, post.id)) is not None:
            return
        if found.choice is not None:
            self._choose(session, found, found.choice)
        elif cohort is not None:
            session.add(self._row(cohort.key, found.topic_id, post, "task"))
            task = WaitingRow(
                kind="task",
                subject=f"wrote:{post.id}",
                user_id=post.user_id,
                username=post.username,
                words=quotable(post.cooked),
                topic_id=found.topic_id,
            )
            add_task(session, self.forum.name, cohort.key, task, self.now)

    def _choose(self, session: Session, found: _FromLearner, choice: Choice) -> None:
        """Enter a choice, also of somebody in no cohort, confirmed in the language of its words."""
        post, key = found.post, found.cohort.key if found.cohort is not None else ""
        session.add(self._row(key, found.topic_id, post, "choice"))
        is_last = enter_word(session, self.forum.name, post.user_id, post.username, choice, post.created_at)
        locale = found.language or (found.cohort.locale if found.cohort is not None else ENGLISH)
        text = LETTERS.of(locale).chosen.get(choice.value)
        if text is not None and is_last:
            draft = Draft(
                DraftKind.REPLY,
                text,
                "answer to a choice",
                topic_id=found.topic_id,
                about_users=(post.user_id,),
                to_learner=post.user_id,
                answers_learner=True,
                refs=(ANSWER,),
            )
            self._enter(session, key, draft, f"choice:{post.id}")

    def _others(self, topic: ForumTopic, post: ForumPost) -> set[int] | None:
        """Return who reads a conversation beside its writer and the worker; None where that is a group, or unknown."""
        readers = topic.readers
        if readers is None or readers.groups:
            return None
        return {
            number
            for number, name in readers.users.items()
            if number != post.user_id and name.casefold() != self.forum.username.casefold()
        }

    def _needs_nobody(self, post: ForumPost, ours: LedgerRow | None) -> bool:
        """Whether words that are no choice are read where they were asked for, or say nothing but thanks."""
        refs = set(ours.payload.get("refs", ())) if ours is not None else set()
        return bool(refs & READ_ELSEWHERE) or not own_words(post.raw or "") or read_post(post.cooked).value == "nothing"

    def _cohort_of(self, user_id: int) -> Cohort | None:
        """Return a cohort that somebody is in: by what our syncs wrote down, else as the forum has its groups."""
        groups = {cohort.group: cohort for cohort in self.cohorts.values()}
        with self.store.begin() as session:
            query = select(MembershipRow.group_name).where(
                MembershipRow.forum == self.forum.name,
                MembershipRow.user_id == user_id,
                MembershipRow.state.in_(("added", "adding", "marked")),
            )
            known = [groups[name] for name in session.scalars(query) if name in groups]
        if known:
            return max(known, key=lambda one: one.start)
        return next((one for one in self.cohorts.values() if user_id in self._people(one, one.group)), None)


@dataclass(frozen=True, slots=True)
class _FromLearner:
    """One post of a learner: with a choice, and the language of its words; without one it is a task for the LCMs.

    Without a cohort there is nobody whom it could wait for.
    """

    topic_id: int
    post: ForumPost
    cohort: Cohort | None = None
    choice: Choice | None = None
    language: str = ""

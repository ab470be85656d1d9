"""Reads the messages to the worker's account: decisions of LCMs by number, choices of learners in a word.

A post is read once, and all that follows from it is written in one transaction with that: what was decided, the answer
that is to be sent, and how far the conversation was read. Killed at any instruction, the next look goes on with the
next post.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.choices import no_longer_unread, note_unread, unread_talks
from sync_worker.desk.correspondence import Correspondence
from sync_worker.desk.first_look import Chosen, choices_in, enter_choices, is_of_person
from sync_worker.desk.lcm_replies import LcmReplies, blockers_in
from sync_worker.desk.learner_words import LearnerWords
from sync_worker.desk.waiting import ASK, DESK, STEP
from sync_worker.errors import ForumError
from sync_worker.forum.records import MessageSummary
from sync_worker.model import fold
from sync_worker.plays.morning_note import MORNING_NOTE
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import LedgerRow, MembershipRow, TalkRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
CURSOR = "messages"
BEFORE_THE_FIRST_LOOK = timedelta(minutes=10)
EVER = datetime.min.replace(tzinfo=UTC)
NOT_SHOWN = "the forum lists it, and does not show it to us."
NO_TEXT = "the forum does not say what was written in it."
NO_READERS = "the forum does not say who reads it."
MOST = 300  # messages with something new that are read in one go


@dataclass(slots=True)
class Mailbox:
    """Reads what came since the last look: for the LCMs of `cohorts` decisions, and words of learners that they get.

    What learners choose is read for everybody; `others` are all cohorts, from which the language of an answer comes.

    Calls: 1 a look (1 more for each 30 messages with something new), 1 for each message in which somebody wrote, and
    those of `members_of` once for each cohort whose LCMs or learners must be known for that. 1 for each that cannot be
    read, and 1 more where the forum breaks down over it. The first look of a store has all messages before it, and
    where there are any, 1 call more for each 30 of them and for those that were written to meanwhile.
    """

    forum: Forum
    store: Store
    cohorts: Mapping[str, Cohort]
    now: datetime
    others: Mapping[str, Cohort] = field(default_factory=dict)
    _look: Correspondence = field(init=False)

    def __post_init__(self) -> None:
        """Share with what reads the posts where, and for whom, this look is."""
        self._look = Correspondence(self.forum, self.store, self.cohorts, self.others, self.now)

    @property
    def decided(self) -> bool:
        """Whether an LCM decided on anything."""
        return self._look.decided

    @property
    def entered(self) -> list[str]:
        """The keys of what is to be sent in answer."""
        return self._look.entered

    def read_all(self) -> None:
        """Read all that is new, however much it is; errors are those of `read`."""
        while self.read():
            pass

    def read(self) -> bool:
        """Read what is new, up to `MOST` messages. The first look of a store takes in what learners chose before it.

        Returns:
            Whether there may be more, below what was read.

        Raises:
            ForumError: the forum does not answer; what was read until then is entered.

        """
        with self.store.begin() as session:
            cursor = _Cursor.read(session, self.forum.name)
        if cursor is None:
            self._begin(self.now - BEFORE_THE_FIRST_LOOK)
            return False
        newest: datetime | None = None
        new: list[MessageSummary] = []
        listed: set[int] = set()
        for summary in self.forum.messages():
            if summary.bumped_at < cursor.upto or len(new) == MOST:
                break
            listed.add(summary.id)
            newest = max(newest or summary.bumped_at, summary.bumped_at)
            if self._is_new(summary):
                new.append(summary)
        unread = [summary for summary in reversed(new) if not self._read_if_shown(summary, cursor)]
        if len(new) == MOST:  # the older ones are read next, when those are passed over that are known by then
            LOG.warning("more than %d messages were written to since the last look", MOST)
            if len(unread) == len(new):  # so nobody knows what was written in those below
                raise ForumError(f"none of the {MOST} newest messages can be read.", do="Run `lcm check`.")
            return True
        self._look_for_unlisted(listed, cursor)
        if newest is not None:
            # Not a time that is still to come: all that is written until then would be taken for read.
            newest = min(self.now, newest, *(one.bumped_at for one in unread))
            with self.store.begin() as session:
                replace(cursor, upto=newest).write(session, self.forum.name)
        return False

    def _begin(self, since: datetime) -> None:
        """Enter what learners have chosen so far, and write down that everything counts from `since` on.

        A conversation that cannot be read is noted as any other, and counts from its beginning once it can be. Each is
        entered by itself: a first look that was killed is gone on with.
        """
        unread: list[MessageSummary] = []
        for summary in self._listed_before(since):
            if self._is_begun(summary):
                continue
            try:
                topic = self.forum.topic(summary.id)
                reason = NOT_SHOWN if topic is None else _without_text(topic.posts)
                found = choices_in(topic, self.forum.username) if topic is not None else []
            except ForumError as error:
                reason, found = self._reason(error), []
            if reason:
                self._note_unread(summary.id, self._writers(summary), reason)
                unread.append(summary)
            self._enter_begun(summary, found, is_read=not reason)
        with self.store.begin() as session:
            _Cursor(since, since, frozenset(one.id for one in unread)).write(session, self.forum.name)

    def _is_begun(self, summary: MessageSummary) -> bool:
        """Whether a first look that did not come to its end has taken in a conversation as it is now."""
        with self.store.begin() as session:
            talk = session.get(TalkRow, (self.forum.name, summary.id))
        return talk is not None and talk.bumped_at == summary.bumped_at

    def _enter_begun(self, summary: MessageSummary, found: Iterable[Chosen], *, is_read: bool) -> None:
        with self.store.begin() as session:
            enter_choices(session, self.forum.name, found)
            if is_read:
                key = {"forum": self.forum.name, "topic_id": summary.id}
                session.merge(TalkRow(**key, cohort="", upto=0, bumped_at=summary.bumped_at))
                no_longer_unread(session, self.forum.name, summary.id)

    def _listed_before(self, since: datetime) -> list[MessageSummary]:
        """Return all messages, before any of them is read; `since` is earlier than now.

        Who writes meanwhile brings a conversation from a later page to the first, which was turned already.
        """
        listed = {summary.id: summary for summary in self.forum.messages()}
        for summary in self.forum.messages() if listed else ():
            if summary.bumped_at < since:
                break
            listed.setdefault(summary.id, summary)
        return list(listed.values())

    def _is_new(self, summary: MessageSummary) -> bool:
        with self.store.begin() as session:
            talk = session.get(TalkRow, (self.forum.name, summary.id))
        return talk is None or talk.bumped_at != summary.bumped_at or talk.upto < summary.last_number

    def _read_if_shown(self, summary: MessageSummary, cursor: _Cursor) -> bool:
        """Read a conversation; False where the forum does not show us just this one: it stops no other.

        It is tried again at each look. Until it was read nobody knows what was written there, so nothing is sent to
        those who may have written (see `activity.choices.Unheard`). A conversation that is listed and not shown is in
        doubt too: whether it is gone, the next list says.
        """
        try:
            topic = self.forum.topic(summary.id)
            reason = NOT_SHOWN if topic is None else self._read(topic, summary, cursor)
        except ForumError as error:
            reason = self._reason(error)
        if reason:
            self._note_unread(summary.id, self._writers(summary), reason)
        return not reason

    def _look_for_unlisted(self, listed: set[int], cursor: _Cursor) -> None:
        """Read the conversations that could not be read before and are not listed any more; forget those that are gone.

        Gone is what the forum lists no more and says not to be there, or not to be ours: it was deleted, or the worker
        was taken out of it. Calls: 1 for each.
        """
        with self.store.begin() as session:
            rows = [row for row in unread_talks(session, self.forum.name) if row.topic_id not in listed]
        for row in rows:
            people = None if row.everybody else frozenset(row.user_ids)
            try:
                topic = self.forum.topic(row.topic_id)
                if topic is None:
                    self._note_gone(row.topic_id)
                    continue
                last = topic.posts[-1].number if topic.posts else 0
                reason = self._read(topic, MessageSummary(row.topic_id, row.since, last, ""), cursor)
            except ForumError as error:
                reason = self._reason(error)
            if reason:
                self._note_unread(row.topic_id, people, reason)

    def _reason(self, error: ForumError) -> str:
        """Return why one conversation cannot be read. Calls: 1 where the forum broke down over it, else none.

        Raises:
            ForumError: it does not answer, or answers nothing else either.

        """
        if error.unreachable and error.status is None:
            raise error
        if error.unreachable:
            next(self.forum.messages(), None)
        return error.what

    def _note_gone(self, topic_id: int) -> None:
        with self.store.begin() as session:
            no_longer_unread(session, self.forum.name, topic_id)
        LOG.warning(
            "%s/t/%d is gone: it was deleted, or %s was taken out of it. It holds nothing back any more.",
            *(self.forum.url, topic_id, self.forum.username),
        )

    def _note_unread(self, topic_id: int, people: frozenset[int] | None, reason: str) -> None:
        with self.store.begin() as session:
            is_new = note_unread(session, self.forum.name, topic_id, people, reason, self.now)
        if is_new:
            LOG.warning(
                "%s/t/%d cannot be read: %s Nothing is sent to %s until it can be. It is tried again at each look.",
                *(self.forum.url, topic_id, reason),
                "any learner" if people is None else "those who may have written there",
            )

    def _writers(self, summary: MessageSummary) -> frozenset[int] | None:
        """Return who may have written in a conversation that cannot be read; None where nobody knows.

        Of groups only those of LCMs are known, by what our syncs wrote down.
        """
        lcm_groups = {fold(cohort.lcm_group): cohort.lcm_group for cohort in self.others.values()}
        groups = {fold(name) for name in summary.groups}
        if summary.people is None or not groups <= lcm_groups.keys():
            return None
        names = [lcm_groups[one] for one in groups]
        query = select(MembershipRow.user_id).where(
            MembershipRow.forum == self.forum.name, MembershipRow.group_name.in_(names)
        )
        with self.store.begin() as session:
            return summary.people | frozenset(session.scalars(query))

    def _read(self, topic: ForumTopic, summary: MessageSummary, cursor: _Cursor) -> str:
        """Take in what is new in a conversation; return why it cannot be understood, "" where it was read."""
        with self.store.begin() as session:
            talk = session.get(TalkRow, (self.forum.name, summary.id))
            upto = talk.upto if talk is not None else 0
            ours = session.get(LedgerRow, topic.external_id) if topic.external_id else None
        cohort, blocking = self._cohort_shown(ours), blockers_in(ours)
        since = cursor.counts_from(summary.id)
        new = [post for post in topic.posts if self._counts(post, upto, since)]
        if reason := _without_text(new):
            return reason
        if cohort is not None:
            lcms = self._look.people(cohort, cohort.lcm_group) if new else {}
            replies = LcmReplies(self._look)
            with self.store.begin() as session:
                for post in topic.posts:
                    if post in new and not post.hidden and (post.by_staff or post.user_id in lcms):
                        replies.decide(session, cohort, topic, post, ours)
                    elif post not in new:
                        replies.note_change(session, cohort, post)
                self._remember(session, summary, topic, cohort.key)
            return ""
        if new and topic.readers is None:
            return NO_READERS
        words = LearnerWords(self._look)
        readings = [words.read(topic, post, ours) for post in new]
        readings += [words.read_again(topic, post, ours) for post in self._read_before(topic, new, since)]
        about = self.others.get(ours.cohort) if ours is not None and blocking else None
        if about is not None and new:
            LcmReplies(self._look).take_solved(about, topic, new, blocking)
        with self.store.begin() as session:
            for reading in readings:
                words.take(session, reading)
            self._remember(session, summary, topic, "")
        return ""

    def _counts(self, post: ForumPost, upto: int, since: datetime) -> bool:
        """Whether a post is a person's that was not read before."""
        return post.number > upto and post.created_at > since and is_of_person(post, self.forum.username)

    def _read_before(self, topic: ForumTopic, new: Collection[ForumPost], since: datetime) -> list[ForumPost]:
        """Return the posts of people that are not new; what the first look of the store read is left out as it was."""
        before = (post for post in topic.posts if post not in new and is_of_person(post, self.forum.username))
        return [post for post in before if (post.edited_at or post.created_at) > since]

    def _remember(self, session: Session, summary: MessageSummary, topic: ForumTopic, cohort: str) -> None:
        read = topic.posts[-1].number if topic.posts else 0
        last = max(read, summary.last_number)  # the last posts may be deleted
        talk = TalkRow(
            forum=self.forum.name, topic_id=summary.id, cohort=cohort, upto=last, bumped_at=summary.bumped_at
        )
        session.merge(talk)
        if no_longer_unread(session, self.forum.name, summary.id):
            LOG.info("%s/t/%d can be read again", self.forum.url, summary.id)

    def _cohort_shown(self, ours: LedgerRow | None) -> Cohort | None:
        """Return the cohort whose LCMs a conversation shows what waits; None for any other conversation."""
        refs = set(ours.payload.get("refs", ())) if ours is not None else set()
        shows = MORNING_NOTE in refs or (ours is not None and ours.step == STEP and {ASK, DESK} & refs)
        if ours is None or not shows:
            return None
        return self.cohorts.get(ours.cohort)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """How far messages were read: they count from `since` on, and those bumped before `upto` were read.

    `whole` are those that the first look could not read: they count from their beginning.
    """

    since: datetime
    upto: datetime
    whole: frozenset[int] = frozenset()

    @classmethod
    def read(cls, session: Session, forum_name: str) -> _Cursor | None:
        written = json.loads(remembered(session, forum_name, CURSOR) or "null")
        if written is None:
            return None
        since, upto = (datetime.fromisoformat(written[name]) for name in ("since", "upto"))
        return cls(since, upto, frozenset(written.get("whole", ())))

    def write(self, session: Session, forum_name: str) -> None:
        written = {"since": self.since.isoformat(), "upto": self.upto.isoformat(), "whole": sorted(self.whole)}
        remember(session, forum_name, CURSOR, json.dumps(written))

    def counts_from(self, topic_id: int) -> datetime:
        return EVER if topic_id in self.whole else self.since


def _without_text(posts: Iterable[ForumPost]) -> str:
    """Return why posts cannot be understood: the forum does not say what one holds; "" where it does."""
    return NO_TEXT if any(post.raw is None and not post.hidden for post in posts) else ""

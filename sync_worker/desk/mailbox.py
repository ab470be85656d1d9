"""Reads the messages to the worker's account: decisions of LCMs by number, choices of learners in a word.

A learner's choice counts wherever they answer a message that was written to them, also where LCMs read along, and in
conversations of their own with the worker and LCMs. Where other learners read it, only a refusal is taken for one.

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

from sync_worker.activity.answers import read_post
from sync_worker.activity.blockers import say
from sync_worker.activity.consents import quotable
from sync_worker.activity.feed import enter_word, no_longer_unread, note_unread, unread_talks
from sync_worker.activity.practices import ASKS_AUTHOR
from sync_worker.activity.replies import (
    EVERYTHING,
    REFUSALS,
    Choice,
    digest_of,
    own_words,
    read_choice,
    read_decisions,
    read_solved,
)
from sync_worker.desk.answering import Deciding
from sync_worker.desk.first_look import Chosen, choices_before, enter_choices, is_of_person
from sync_worker.desk.waiting import ANSWER, ASK, DESK, STEP, add_task, entry
from sync_worker.errors import ForumError
from sync_worker.forum.records import MessageSummary
from sync_worker.languages.parts import LETTERS, language
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import TOGETHER, BlockerWord, Draft, DraftKind, fold
from sync_worker.plays import case_study, commitment, consent
from sync_worker.plays.blockers import BLOCKERS, ESCALATED, TOLD
from sync_worker.plays.morning_note import MORNING_NOTE, items_of
from sync_worker.signals.blockers import Said
from sync_worker.store.ledger import WROTE
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import LedgerRow, MembershipRow, ReplyRow, TalkRow, WaitingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
CURSOR = "messages"
ENGLISH = "en"
TOPIC = "desk topic"  # under this and a cohort's key the store remembers what its desk shows
BEFORE_THE_FIRST_LOOK = timedelta(minutes=10)
EVER = datetime.min.replace(tzinfo=UTC)
NOT_SHOWN = "the forum lists it, and does not show it to us."
NO_TEXT = "the forum does not say what was written in it."
NO_READERS = "the forum does not say who reads it."
MOST = 300  # messages with something new that are read in one go
READ_ELSEWHERE = frozenset(
    {"consent", consent.ASKED_AGAIN, commitment.REF, case_study.REF, ASKS_AUTHOR}
)  # their answers are read where they are asked


@dataclass(slots=True)
class Mailbox:
    """Reads what came since the last look: for the LCMs of `cohorts` decisions, and words of learners that they get.

    What learners choose is read for everybody; `others` are all cohorts, from which the language of an answer comes.

    Calls: 1 a look (1 more for each 30 messages with something new), 1 for each message in which somebody wrote, and
    those of `members_of` once for each cohort whose LCMs or learners must be known for that. 1 for each that cannot be
    read, and 1 more where the forum breaks down over it. The first look of a store has all messages before it.
    """

    forum: Forum
    store: Store
    cohorts: Mapping[str, Cohort]
    now: datetime
    others: Mapping[str, Cohort] = field(default_factory=dict)
    decided: bool = False
    entered: list[str] = field(default_factory=list)
    _members: dict[str, dict[int, str]] = field(default_factory=dict)

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
        """Enter what learners chose before `since`, and write down that everything counts from then on.

        A conversation that cannot be read is noted as any other, and counts from its beginning once it can be.
        """
        found: list[Chosen] = []
        unread: list[MessageSummary] = []
        for summary in self.forum.messages():
            try:
                topic = self.forum.topic(summary.id)
                reason = NOT_SHOWN if topic is None else _without_text(topic.posts)
                found += choices_before(topic, self.forum.username, since) if topic is not None else ()
            except ForumError as error:
                reason = self._reason(error)
            if reason:
                self._note_unread(summary.id, self._writers(summary), reason)
                unread.append(summary)
        with self.store.begin() as session:
            enter_choices(session, self.forum.name, found)
            _Cursor(since, since, frozenset(one.id for one in unread)).write(session, self.forum.name)

    def _is_new(self, summary: MessageSummary) -> bool:
        with self.store.begin() as session:
            talk = session.get(TalkRow, (self.forum.name, summary.id))
        return talk is None or talk.bumped_at != summary.bumped_at or talk.upto < summary.last_number

    def _read_if_shown(self, summary: MessageSummary, cursor: _Cursor) -> bool:
        """Read a conversation; False where the forum does not show us just this one: it stops no other.

        It is tried again at each look. Until it was read nobody knows what was written there, so nothing is sent to
        those who may have written (see `activity.feed.Unheard`). A conversation that is listed and not shown is in
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
            lcms = self._people(cohort, cohort.lcm_group) if new else {}
            with self.store.begin() as session:
                for post in topic.posts:
                    if post in new and not post.hidden and (post.by_staff or post.user_id in lcms):
                        self._decide(session, cohort, topic, post, ours)
                    elif post not in new:
                        self._note_change(session, cohort, post)
                self._remember(session, summary, topic, cohort.key)
            return ""
        if new and topic.readers is None:
            return NO_READERS
        readings = [self._of_learner(topic, post, ours) for post in new]
        about = self.others.get(ours.cohort) if ours is not None and blocking else None
        if about is not None and new:
            self._take_solved(about, topic, new, blocking)
        with self.store.begin() as session:
            for reading in readings:
                self._take(session, reading)
            self._remember(session, summary, topic, "")
        return ""

    def _counts(self, post: ForumPost, upto: int, since: datetime) -> bool:
        """Whether a post is a person's that was not read before."""
        return post.number > upto and post.created_at > since and is_of_person(post, self.forum.username)

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

    # That a blocker is solved.

    def _take_solved(
        self, cohort: Cohort, topic: ForumTopic, new: Sequence[ForumPost], blocking: Sequence[int]
    ) -> None:
        """Enter what LCMs and staff call solved of the blockers that a message names, in its order."""
        lcms = self._people(cohort, cohort.lcm_group)
        with self.store.begin() as session:
            for post in new:
                known = session.get(ReplyRow, (self.forum.name, post.id)) is not None
                if not known and not post.hidden and (post.by_staff or post.user_id in lcms):
                    self._solve(session, cohort, topic, post, blocking)

    def _solve(
        self, session: Session, cohort: Cohort, topic: ForumTopic, post: ForumPost, blocking: Sequence[int]
    ) -> None:
        found = read_solved(post.raw or "", (post.name, post.username))
        if found is None:
            return
        whole = found == (EVERYTHING,) or (not found and len(blocking) == 1)
        places = range(1, len(blocking) + 1)
        is_clear = whole or (bool(found) and set(found) <= set(places))
        row = self._row(cohort.key, topic.id, post, "decided" if is_clear else "unclear")
        row.answered = True
        session.add(row)
        letters = LETTERS.of(cohort.locale)
        if not is_clear:
            self._answer(session, cohort, topic.id, letters.solved_which, f"answer:{post.id}")
            return
        solved = [blocking[place - 1] for place in (places if whole else dict.fromkeys(found))]
        row.content = {"read": " ".join(f"/t/{number}" for number in solved)}
        for number in solved:
            said = Said(BlockerWord.SOLVE, post.username, post.created_at)
            say(session, self.forum.name, cohort.key, number, said)
        listed = language(cohort.locale).listing([f"{self.forum.url}/t/{number}" for number in solved])
        self._answer(session, cohort, topic.id, letters.solved.format(topics=listed), f"answer:{post.id}")

    # What a learner chooses, or has to say.

    def _of_learner(self, topic: ForumTopic, post: ForumPost, ours: LedgerRow | None) -> _FromLearner:
        """Return what follows from a learner's message: from one that is hidden nothing but a no.

        Calls: those of `members_of` where who is who matters.
        """
        nothing = _FromLearner(topic.id, post)
        found = read_choice(post.raw or "", (post.name, post.username))
        if post.hidden and (found is None or found[0] not in REFUSALS):
            return nothing
        if found is not None and ours is not None and _is_written_to(ours, post.user_id):
            is_heard = TOGETHER not in ours.payload.get("refs", ()) or found[0] in REFUSALS
            cohort = self._cohort_of(post.user_id) or self.others.get(ours.cohort)
            return _FromLearner(topic.id, post, cohort, *found) if is_heard else nothing
        company = self._company(topic, post)
        if company is None or (found is None and (company != ALONE or self._needs_nobody(post, ours))):
            return nothing
        cohort = self._cohort_of(post.user_id)
        if cohort is None:
            return nothing if found is None or company != ALONE else _FromLearner(topic.id, post, None, *found)
        lcms = self._people(cohort, cohort.lcm_group)
        if found is None:
            return nothing if post.user_id in lcms else _FromLearner(topic.id, post, cohort)
        with_lcms = company.users <= lcms.keys() and {fold(name) for name in company.groups} <= {fold(cohort.lcm_group)}
        return _FromLearner(topic.id, post, cohort, *found) if with_lcms else nothing

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
                subject=f"{WROTE}{post.id}",
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

    def _company(self, topic: ForumTopic, post: ForumPost) -> _Company | None:
        """Return who reads a conversation beside its writer and the worker; None where that is unknown."""
        readers = topic.readers
        if readers is None:
            return None
        users = {
            number
            for number, name in readers.users.items()
            if number != post.user_id and name.casefold() != self.forum.username.casefold()
        }
        return _Company(frozenset(users), readers.groups)

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


@dataclass(frozen=True, slots=True)
class _Company:
    """Who reads a conversation beside its writer and the worker: accounts, and groups by name."""

    users: frozenset[int] = frozenset()
    groups: frozenset[str] = frozenset()


ALONE = _Company()


def blockers_in(ours: LedgerRow | None) -> tuple[int, ...]:
    """Return the topics that a message of blockers names, in its order; none for any other message."""
    refs = ours.payload.get("refs", ()) if ours is not None else ()
    named = [
        ref.removeprefix(mark).partition(":")[0] for ref in refs for mark in (TOLD, ESCALATED) if ref.startswith(mark)
    ]
    return tuple(int(number) for number in named) if BLOCKERS in refs else ()


def _is_written_to(ours: LedgerRow, user_id: int) -> bool:
    """Whether a message of ours was written to somebody, alone or together with others."""
    return user_id == ours.to_learner or user_id in ours.payload.get("about_users", ())


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

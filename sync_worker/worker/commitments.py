"""Looks after what people said they would do: reads their plans, asks when the day is over, and once more weeks later.

Everything is worked out from how things stand. A question has a key made of the topic, the person and the post, so that
it is entered once, whatever happens to the process; it is sent by the publisher, through the gate of all messages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import select

from sync_worker.activity.commitments import Opened, commitment_of, enter_answers, enter_plans, keep_facts, rows_of
from sync_worker.errors import ForumError, LcmError
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import Approval, Occurrence
from sync_worker.playbook.schedule import following, instant, tailored, working_days
from sync_worker.plays.commitment import ASK, LATER, part_of
from sync_worker.publish.entries import InTime, StepOfCohort, key_of, ledger_rows
from sync_worker.store.ledger import draft_body, draft_from_json, is_entered
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import CommitmentRow, DraftRow, EvidenceRow, LedgerRow
from sync_worker.worker.drafting import Drafter
from sync_worker.worker.due import Planned
from sync_worker.worker.surroundings import ROBOTS, look_around, look_further, refresh, to_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort, Draft
    from sync_worker.playbook.format import Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted, Play
    from sync_worker.plays.commitment import Options
    from sync_worker.store.database import Store

PLAY = "commitment"
READ_FOR = timedelta(days=60)  # so long after the topic was opened, plans are looked for in it
ANSWERS_FOR = timedelta(days=7)  # and so long after a question, answers to it
NOT_LATER = timedelta(days=14)  # a question that comes later than that would surprise


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a person about a plan: the first or the last one, its key, and since when it is due."""

    follow_up: str
    user_id: int
    key: str
    since: datetime


@dataclass(slots=True)
class CommitmentCare:
    """Looks after the commitments of one cohort; hold the forum's lock meanwhile."""

    forum: Forum
    store: Store
    plays: Mapping[str, Play]
    playbooks: Mapping[str, Playbook]
    cohort: Cohort
    now: datetime
    _staff: frozenset[str] | None = None

    def look(self) -> None:
        """Read what is due to be read, and enter the questions that are due; the publisher sends them.

        Calls: none where no topic of the cohort asks for plans. Once a day, 1 for each topic that was opened in the
        last 60 days, those of `members_of` for the LCMs, and 1 for each person who was asked in the last week and has
        not answered. On days on which somebody is due, those of `look_around`, `refresh` and `look_further`.

        Raises:
            ConfigError: the cohort's changes do not fit its playbook, or a template of a due question is wrong.
            ForumError: the forum does not answer. What is wrong with one topic keeps none of the others.

        """
        wrong: LcmError | None = None
        for opened in self._opened():
            try:
                self._look_at(opened)
            except LcmError as error:
                if isinstance(error, ForumError) and error.unreachable:
                    raise
                wrong = error
        if wrong is not None:
            raise wrong

    def _look_at(self, opened: Opened) -> None:
        if self.now < self._today(opened.slot):
            return
        self._read(opened)
        unread: dict[int, ForumError] = {}
        self._read_answers(opened, unread)
        # Who cannot be heard is not asked: the answer may be there.
        if due := [one for one in self._due(opened) if one.user_id not in unread]:
            self._enter(opened, due)
            with self.store.begin() as session:
                remember(session, self.forum.name, _entered(opened), self.now.isoformat())
        for error in unread.values():
            raise error

    def _opened(self) -> list[Opened]:
        """Return the topics in which people are asked for plans, oldest first."""
        steps = {
            (playbook.name, step.id)
            for playbook in self.playbooks.values()
            for step in tailored(playbook.file, following(self.cohort, playbook.name)).steps
            if step.play == PLAY
        }
        if not steps:
            return []
        with self.store.begin() as session:
            rows = session.scalars(
                select(LedgerRow)
                .where(
                    LedgerRow.forum == self.forum.name,
                    LedgerRow.cohort == self.cohort.key,
                    LedgerRow.step.in_(sorted({step for _, step in steps})),
                    LedgerRow.action == "topic",
                    LedgerRow.state == "done",
                )
                .order_by(LedgerRow.slot, LedgerRow.key)
            ).all()
        return [
            Opened(
                row.result["topic_id"],
                row.playbook,
                row.step,
                row.slot,
                self._options(row.playbook, row.step).ask_after,
                frozenset(),
            )
            for row in rows
            if (row.playbook, row.step) in steps and "topic_id" in row.result
        ]

    def _options(self, playbook: str, step: str) -> Options:
        found = self.playbooks[playbook]
        return cast("Options", found.options_of(step, following(self.cohort, playbook)))

    def _today(self, slot: datetime) -> datetime:
        """Return the moment of this day at which a step looks after its plans: that of its own time of day."""
        zone = self.cohort.zone
        return self._moment(self.now.astimezone(zone).date(), slot)

    def _moment(self, day: date, slot: datetime) -> datetime:
        return instant(self.cohort.zone, day, slot.astimezone(self.cohort.zone).time())

    def _asked_from(self, day: date, slot: datetime) -> datetime:
        """Return when a person is asked about a plan for a day: the morning after, or after blackout days."""
        after = day + timedelta(days=1)
        return self._moment(working_days(self.cohort.days_off).day_of(after, None) or after, slot)

    def _read(self, opened: Opened) -> None:
        """Read a topic once a day, and what became of the questions."""
        name = f"plans in topic {opened.topic_id}"
        with self.store.begin() as session:
            last = _moment(remembered(session, self.forum.name, name))
            self._take_over(session, opened)
        if self.now - opened.slot > READ_FOR or _is_recent(last, self._today(opened.slot), self.now):
            return
        topic = self.forum.topic(opened.topic_id)
        opened = replace(opened, staff=self._not_learners())
        with self.store.begin() as session:
            enter_plans(session, self.forum.name, self.cohort, opened, topic)
            session.flush()
            keep_facts(session, self.forum.name, self.cohort.key, self.now)
            remember(session, self.forum.name, name, self.now.isoformat())

    def _not_learners(self) -> frozenset[str]:
        if self._staff is None:
            lcms = members_of(self.forum, self.store.sessions, self.cohort, self.cohort.lcm_group)
            self._staff = ROBOTS | {self.forum.username} | {lcm.username for lcm in lcms}
        return self._staff

    def _take_over(self, session: Session, opened: Opened) -> None:
        """Note on the plans of a topic what the ledger says was sent about them."""
        for row in self._rows(session, opened):
            if row.asked_at is None and (sent := _sent(session, row.asked_key or self._key(row, ASK))) is not None:
                cited = draft_from_json(sent.payload).citations[0]
                row.asked_at, row.talk = sent.sent_at or sent.updated_at, sent.result.get("topic_id")
                row.words = list(cited.passages)
            if row.later_at is None and (sent := _sent(session, row.later_key or self._key(row, LATER))) is not None:
                row.later_at = sent.sent_at or sent.updated_at

    def _rows(self, session: Session, opened: Opened) -> list[CommitmentRow]:
        return [row for row in rows_of(session, self.forum.name, self.cohort.key) if row.topic_id == opened.topic_id]

    def _key(self, row: CommitmentRow, follow_up: str) -> str:
        """Return the key of a question: it does not change with the cohort's zone or the day on which it is asked."""
        step = StepOfCohort(self.forum.name, row.cohort, row.playbook, row.step, follow_up)
        return key_of(step, row.slot.date(), part_of(follow_up, commitment_of(row)))

    def _read_answers(self, opened: Opened, unread: dict[int, ForumError]) -> None:
        """Read the conversations in which an answer is awaited, each once a day; enter in `unread` whose is refused."""
        today = self._today(opened.slot)
        with self.store.begin() as session:
            wanted = [(row.user_id, row.talk) for row in self._rows(session, opened) if self._awaits_answer(row, today)]
        for user_id, talk in wanted:
            try:
                topic = self.forum.topic(talk) if talk is not None else None
            except ForumError as error:
                if error.unreachable:
                    raise
                unread[user_id] = error
                continue
            with self.store.begin() as session:
                row = session.get_one(CommitmentRow, (self.forum.name, opened.topic_id, user_id))
                enter_answers(session, row, topic, self.now)
                session.flush()
                keep_facts(session, self.forum.name, self.cohort.key, self.now)

    def _awaits_answer(self, row: CommitmentRow, today: datetime) -> bool:
        if row.talk is None or row.asked_at is None or _is_recent(row.looked_at, today, self.now):
            return False
        if row.later_at is not None:
            return not row.later_answer and self.now - row.later_at < ANSWERS_FOR
        fresh = not row.answer and self.now - row.asked_at < ANSWERS_FOR
        return fresh or self._later_from(row) <= self.now < self._later_from(row) + NOT_LATER

    def _later_from(self, row: CommitmentRow) -> datetime:
        """Return when the last question about a plan is due, from the day of the first."""
        assert row.asked_at is not None  # noqa: S101  (who was not asked is not asked again)
        asked = row.asked_at.astimezone(self.cohort.zone).date()
        days = self._options(row.playbook, row.step).later
        return self._asked_from(asked + timedelta(days=days - 1), row.slot)

    def _due(self, opened: Opened) -> list[Question]:
        """Return the questions that are due and were not entered yet; what could not be drafted today is not due."""
        with self.store.begin() as session:
            last = _moment(remembered(session, self.forum.name, _entered(opened)))
            if _is_recent(last, self._today(opened.slot), self.now):
                return []
            return [
                question
                for row in self._rows(session, opened)
                for question in self._questions(session, row)
                if question.since <= self.now < question.since + NOT_LATER
            ]

    def _questions(self, session: Session, row: CommitmentRow) -> Iterator[Question]:
        if row.withdrawn_at is not None:
            return
        if row.asked_at is None and self._is_free(session, row, row.asked_key, ASK):
            yield Question(ASK, row.user_id, self._key(row, ASK), self._asked_from(row.day, row.slot))
        elif row.asked_at is not None and row.talk is not None and self._is_free(session, row, row.later_key, LATER):
            yield Question(LATER, row.user_id, self._key(row, LATER), self._later_from(row))

    def _is_free(self, session: Session, row: CommitmentRow, entered: str | None, follow_up: str) -> bool:
        """Whether a question was not entered yet; one that was held counts as long as the plan is the same."""
        key = self._key(row, follow_up)
        if entered is None:
            return not is_entered(session, key)
        entry = session.get(LedgerRow, entered)
        return entry is not None and entry.state == "skipped" and key != entered and not is_entered(session, key)

    def _enter(self, opened: Opened, due: Sequence[Question]) -> None:
        """Draft what is due and enter it, each in a transaction; who is away is looked for again tomorrow."""
        playbook = self.playbooks[opened.playbook]
        cohort = following(self.cohort, opened.playbook)
        step = tailored(playbook.file, cohort).step(opened.step)
        if step is None:
            return
        play = self.plays[step.play]
        read = to_read(playbook, cohort, [(step, play)])
        around = look_around(self.forum, self.store, cohort, read)
        refresh(self.forum, self.store, cohort, around, read, self.now)
        options = playbook.options_of(step.id, cohort)
        around = look_further(self.forum, self.store, cohort, around, playbook, [(play, options)])
        for question in due:
            with self.store.begin() as session:
                row = session.get_one(CommitmentRow, (self.forum.name, opened.topic_id, question.user_id))
                drafter = Drafter(self.forum, session, playbook, around, self.now)
                drafted = drafter.draft(_planned(cohort, opened, step, question), play)
                draft = next((one for one in drafted.drafts if one.to_learner == question.user_id), None)
                if draft is None:
                    continue
                self._add(session, opened, around.categories.own, question, draft)
                self._add_evidence(session, question, drafted, draft)
                if question.follow_up == ASK:
                    row.asked_key = question.key
                else:
                    row.later_key = question.key

    def _add(self, session: Session, opened: Opened, category: int, question: Question, draft: Draft) -> None:
        body = draft_body(
            draft,
            play=PLAY,
            category_id=category,
            cohort_name=self.cohort.name,
            playbook=opened.playbook,
            step=opened.step,
            slot=question.since,
            follow_up=question.follow_up,
            follows=opened.slot.isoformat(),
            **InTime(question.since + NOT_LATER, NOT_LATER).in_body(self.now),
        )
        if draft.approval is Approval.LCM:
            row = DraftRow(key=question.key, forum=self.forum.name, cohort=self.cohort.key, state="pending")
            row.body, row.reason, row.created_at = body, draft.reason, self.now
            session.add(row)
        else:
            session.add_all(ledger_rows(question.key, self.forum.name, self.cohort.key, body, self.now))

    def _add_evidence(self, session: Session, question: Question, drafted: Drafted, draft: Draft) -> None:
        """Keep what the step's rules were judged by, so that a question that waits is sent while they still hold."""
        known = drafted.evidence.get(draft.part)
        if known is None or session.get(EvidenceRow, question.key) is not None:
            return
        row = EvidenceRow(key=question.key, forum=self.forum.name, user_id=question.user_id)
        row.content, row.at = dict(known), self.now
        session.add(row)


def _planned(cohort: Cohort, opened: Opened, step: Step, question: Question) -> Planned:
    """Return a question as an occurrence of its step, of which the rules on people and the limit are heeded."""
    occurrence = Occurrence(
        cohort, opened.playbook, opened.step, question.since, follow_up=question.follow_up, follows=opened.slot
    )
    return Planned(occurrence, step, question.key, None, question.since + NOT_LATER)


def _sent(session: Session, key: str) -> LedgerRow | None:
    found = session.get(LedgerRow, key)
    return found if found is not None and found.state == "done" else None


def _entered(opened: Opened) -> str:
    """Return the name under which it is remembered when the due questions about a topic's plans were entered last."""
    return f"questions in topic {opened.topic_id}"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _is_recent(last: datetime | None, today: datetime, now: datetime) -> bool:
    """Whether a look was made since today's moment; one that a clock set ahead wrote down does not count."""
    return last is not None and today <= last <= now

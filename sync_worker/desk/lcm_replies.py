"""What LCMs decide in reply to a message: on what waits, by its number, and that a blocker is solved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.blockers import say
from sync_worker.activity.replies import EVERYTHING, digest_of, read_decisions, read_solved
from sync_worker.desk.answering import Deciding
from sync_worker.desk.waiting import ASK
from sync_worker.languages.parts import LETTERS, language
from sync_worker.model import BlockerWord, DraftKind
from sync_worker.plays.blockers import BLOCKERS, ESCALATED
from sync_worker.plays.morning_note import MORNING_NOTE, items_of
from sync_worker.plays.topics_told import BLOCKED
from sync_worker.signals.blockers import Said
from sync_worker.store.pauses import remembered
from sync_worker.store.tables import LedgerRow, ReplyRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.desk.correspondence import Correspondence
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Cohort


TOPIC = "desk topic"  # under this and a cohort's key the store remembers what its desk shows


@dataclass(frozen=True, slots=True)
class LcmReplies:
    """Enters what LCMs, and staff, decide in the messages that one look reads."""

    look: Correspondence

    def decide(
        self, session: Session, cohort: Cohort, topic: ForumTopic, post: ForumPost, ours: LedgerRow | None
    ) -> None:
        """Enter what a post decides on, or that it is not clear, with the question that answers it."""
        if session.get(ReplyRow, (self.look.forum.name, post.id)) is not None:
            return
        reading = read_decisions(post.raw or "", (post.name, post.username))
        if reading.is_empty:
            return
        shown = self._shown(session, cohort, ours)
        elsewhere = self._shown_elsewhere(session, cohort, post.created_at)
        deciding = Deciding(session, self.look.forum.name, cohort, post, self.look.now, shown, elsewhere)
        objection = deciding.objection(reading)
        row = self.look.row(cohort.key, topic.id, post, "unclear" if objection else "decided")
        session.add(row)
        if objection:
            row.answered = True
            row.content = {"read": reading.in_words(cohort.locale)}
            self.look.answer(session, cohort, topic.id, objection, f"answer:{post.id}")
            return
        row.content = {"read": reading.in_words(cohort.locale), "outcomes": deciding.enter(reading)}
        self.look.decided = True

    def _shown(self, session: Session, cohort: Cohort, ours: LedgerRow | None) -> dict[int, datetime | None]:
        """Return the numbers that a conversation shows; on the desk, which changes, with since when."""
        if ours is not None and ASK in ours.payload.get("refs", ()):
            return dict.fromkeys(ours.payload.get("numbers", ()))
        if ours is not None and MORNING_NOTE in ours.payload.get("refs", ()):
            return dict.fromkeys(items_of(ours.payload["refs"]))
        return self._shown_on_desk(session, cohort)

    def _shown_on_desk(self, session: Session, cohort: Cohort) -> dict[int, datetime | None]:
        written = json.loads(remembered(session, self.look.forum.name, f"{TOPIC}:{cohort.key}") or "{}")
        return {int(number): datetime.fromisoformat(at) for number, at in written.get("shown", {}).items()}

    def _shown_elsewhere(self, session: Session, cohort: Cohort, before: datetime) -> frozenset[int]:
        """Return the numbers that any message has shown by a time, and those on the desk."""
        found = set(self._shown_on_desk(session, cohort))
        query = select(LedgerRow).where(
            *(LedgerRow.forum == self.look.forum.name, LedgerRow.cohort == cohort.key, LedgerRow.state == "done"),
            *(LedgerRow.action == DraftKind.MESSAGE.value, LedgerRow.created_at <= before),
        )
        for row in session.scalars(query):
            refs = row.payload.get("refs", ())
            if ASK in refs:
                found |= set(row.payload.get("numbers", ()))
            elif MORNING_NOTE in refs:
                found |= set(items_of(refs))
        return frozenset(found)

    def note_change(self, session: Session, cohort: Cohort, post: ForumPost) -> None:
        """Say once that a reply that was edited after it was acted on counts as it was."""
        row = session.get(ReplyRow, (self.look.forum.name, post.id))
        if row is None or row.changed_said or row.outcome not in ("decided", "unclear"):
            return
        if digest_of(post.raw or "") == row.digest:
            return
        row.changed_said = True
        text = LETTERS.of(cohort.locale).changed.format(read=row.content.get("read") or "–")
        self.look.answer(session, cohort, row.topic_id, text, f"changed:{post.id}")

    def take_solved(self, cohort: Cohort, topic: ForumTopic, new: Sequence[ForumPost], blocking: Sequence[int]) -> None:
        """Enter what LCMs and staff call solved of the blockers that a message names, in its order."""
        lcms = self.look.people(cohort, cohort.lcm_group)
        with self.look.store.begin() as session:
            for post in new:
                known = session.get(ReplyRow, (self.look.forum.name, post.id)) is not None
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
        row = self.look.row(cohort.key, topic.id, post, "decided" if is_clear else "unclear")
        row.answered = True
        session.add(row)
        letters = LETTERS.of(cohort.locale)
        if not is_clear:
            self.look.answer(session, cohort, topic.id, letters.solved_which, f"answer:{post.id}")
            return
        solved = [blocking[place - 1] for place in (places if whole else dict.fromkeys(found))]
        row.content = {"read": " ".join(f"/t/{number}" for number in solved)}
        for number in solved:
            said = Said(BlockerWord.SOLVE, post.username, post.created_at)
            say(session, self.look.forum.name, cohort.key, number, said)
        listed = language(cohort.locale).listing([f"{self.look.forum.url}/t/{number}" for number in solved])
        self.look.answer(session, cohort, topic.id, letters.solved.format(topics=listed), f"answer:{post.id}")


def blockers_in(ours: LedgerRow | None) -> tuple[int, ...]:
    """Return the topics that a message of blockers names, in its order; none for any other message."""
    refs = ours.payload.get("refs", ()) if ours is not None else ()
    named = [
        ref.removeprefix(mark).partition(":")[0]
        for ref in refs
        for mark in (BLOCKED, ESCALATED)
        if ref.startswith(mark)
    ]
    return tuple(int(number) for number in named) if BLOCKERS in refs else ()

"""What a reply decides about the numbers it names, and what its author is told came of each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.participation import dismiss
from sync_worker.activity.practices import mark
from sync_worker.activity.replies import Decision, Verb
from sync_worker.content.markdown import escape
from sync_worker.desk.waiting import (
    ANSWER,
    entry,
    example_of,
    is_hand_over,
    is_to_keep,
    listed_numbers,
    post_to_keep,
    waiting,
)
from sync_worker.desk.words import words_for
from sync_worker.languages.language import capital
from sync_worker.languages.parts import LETTERS, language
from sync_worker.model import Draft, DraftKind
from sync_worker.store.ledger import decide_draft, text_digest
from sync_worker.store.tables import DraftRow, LedgerRow, PracticeRow, ReplyRow, WaitingRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from sync_worker.activity.replies import Reading
    from sync_worker.forum.records import ForumPost
    from sync_worker.languages.sentences import LetterSentences
    from sync_worker.model import Cohort

UNSEEN_FOR = timedelta(minutes=5)  # so long a line of the desk may be there without somebody who has it open
LATER = timedelta(days=7)
OF_DRAFTS, OF_TASKS = frozenset({Verb.YES, Verb.NO}), frozenset({Verb.LATER, Verb.DONE})
APPROVED = "approved"
WAITS = "waits"
# In this order an answer says what came of which numbers.
ORDER = (
    *("sent", "rejected", "done", "kept", "not_kept", "later", "not_sent", "failed", WAITS, "changed", "withdrawn"),
    *("approved_before", "rejected_before", "done_before", "newer"),
)


@dataclass(frozen=True, slots=True)
class Deciding:
    """Enters what one reply decides, in the transaction in which it is marked as read.

    `shown` are the numbers that the conversation shows, with since when, None for from its beginning; `elsewhere` those
    that other messages or the desk have shown.
    """

    session: Session
    forum: str
    cohort: Cohort
    post: ForumPost
    now: datetime
    shown: Mapping[int, datetime | None]
    elsewhere: frozenset[int] = frozenset()

    def objection(self, reading: Reading) -> str:
        """Return the answer to a reply that decides nothing: why, and how one would; "" for one that decides."""
        say, read = self._say, reading.in_words(self.cohort.locale)
        reason = self._wrong_numbers(reading) if reading.is_clear else say.read.format(read=read) if read else ""
        if reading.is_clear and not reason:
            return ""
        parts = [reason] if reason else []
        items = waiting(self.session, self.forum, self.cohort.key, self.now)
        return "\n\n".join([*parts, say.unclear.format(example=example_of(items, self.cohort.locale))])

    @property
    def _say(self) -> LetterSentences:
        return LETTERS.of(self.cohort.locale)

    def _wrong_numbers(self, reading: Reading) -> str:
        """Return that the LCMs were shown no such number, or that a word is not for what it stands for.

        A mistyped number must not decide on a text that waits and that nobody has read. What waits no more may be
        named, to hear what became of it.
        """
        unknown, other = [], []
        items = waiting(self.session, self.forum, self.cohort.key, self.now)
        unseen = {one.number for one in items} - self.shown.keys() - self.elsewhere
        for one in reading.decisions:
            if one.number is None:
                continue
            row = self._row(one.number)
            if row is None or one.number in unseen:
                unknown.append(one.number)
            elif one.verb not in (OF_DRAFTS if row.kind == "draft" or is_to_keep(row) else OF_TASKS):
                other.append(one.number)
        if unknown:
            return self._say.no_such.format(numbers=listed_numbers(unknown, self.cohort.locale))
        return self._say.not_for.format(numbers=listed_numbers(other, self.cohort.locale)) if other else ""

    def _row(self, number: int) -> WaitingRow | None:
        return self.session.get(WaitingRow, (self.forum, self.cohort.key, number))

    def enter(self, reading: Reading) -> dict[str, dict[str, str]]:
        """Enter every decision; return by number what came of it: an `outcome`, and perhaps a `name` or a `why`."""
        outcomes: dict[str, dict[str, str]] = {}
        for one in reading.decisions:
            for number in self._numbers(one) if one.number is None else [one.number]:
                if str(number) in outcomes:
                    continue
                since = self.shown.get(number)
                if one.number is None and since is not None and self.post.created_at - since < UNSEEN_FOR:
                    outcomes[str(number)] = {"outcome": "newer"}
                else:
                    outcomes[str(number)] = self._enter(number, one)
        return outcomes

    def _numbers(self, decision: Decision) -> list[int]:
        """Return what "all" is: what the conversation shows and still waits; each practice is named by its number."""
        of_drafts = decision.verb in OF_DRAFTS
        items = waiting(self.session, self.forum, self.cohort.key, self.now)
        shown = [item for item in items if item.number in self.shown and not is_to_keep(item.row)]
        return [item.number for item in shown if (item.draft is not None) is of_drafts]

    def _enter(self, number: int, decision: Decision) -> dict[str, str]:
        row = self.session.get_one(WaitingRow, (self.forum, self.cohort.key, number))
        if row.kind == "task":
            return self._enter_task(row, decision)
        draft = self.session.get(DraftRow, row.subject)
        if draft is None or draft.state == "withdrawn":
            return {"outcome": "withdrawn", "why": (draft.decision_reason or "") if draft is not None else ""}
        if draft.state != "pending":
            before = "rejected_before" if draft.state == "rejected" else "approved_before"
            return {"outcome": before, "name": draft.decided_by or "?"}
        if text_digest(draft.body) != row.digest:
            return {"outcome": "changed"}
        state = APPROVED if decision.verb is Verb.YES else "rejected"
        decide_draft(draft, state, self.post.username, self.post.created_at, decision.reason or None)
        self.session.flush()
        return {"outcome": state}

    def _enter_task(self, row: WaitingRow, decision: Decision) -> dict[str, str]:
        if row.state == "done":
            return {"outcome": "done_before", "name": row.decided_by or "?"}
        row.decided_by = self.post.username
        if is_to_keep(row):
            row.state = "done"
            return {"outcome": self._keep(post_to_keep(row), is_kept=decision.verb is Verb.YES)}
        if decision.verb is Verb.DONE:
            row.state = "done"
            return {"outcome": "done"}
        row.not_before = self.now + LATER
        if row.user_id is not None and is_hand_over(row):  # the sign is put aside as well: nobody is nudged for it
            by, at = self.post.username, self.post.created_at
            dismiss(self.session, self.forum, self.cohort.key, row.user_id, "", by, at, row.not_before)
        return {"outcome": "later", "why": row.not_before.isoformat()}

    def _keep(self, post_id: int, *, is_kept: bool) -> str:
        """Enter whether a post is kept as practice."""
        if is_kept:
            mark(self.session, self.forum, post_id, self.cohort.key, self.post.created_at)
            return "kept"
        row = self.session.get(PracticeRow, (self.forum, post_id))
        if row is not None and row.state == "offered":
            row.state = "declined"
        return "not_kept"


# What came of it, told once it is known.


def answers(session: Session, forum: str, cohort: Cohort, now: datetime) -> list[LedgerRow]:
    """Return the entries of answers to replies of which is known by now what came of all that they decided.

    What was approved and waits for its moment is said so; should it not be sent after all, a second answer says it.
    """
    query = select(ReplyRow).where(ReplyRow.forum == forum, ReplyRow.cohort == cohort.key, ReplyRow.answered.is_(False))
    entries: list[LedgerRow] = []
    for row in session.scalars(query.order_by(ReplyRow.post_id)):
        entries += _answer_to(session, row, cohort, now)
    return entries


def _answer_to(session: Session, row: ReplyRow, cohort: Cohort, now: datetime) -> list[LedgerRow]:
    said = row.content.get("said", {})
    found = {
        int(number): _outcome(session, row, int(number), entered)
        for number, entered in row.content.get("outcomes", {}).items()
    }
    if any(one["outcome"] == APPROVED for one in found.values()):
        return []
    news = {number: one for number, one in found.items() if said.get(str(number)) != one["outcome"]}
    row.answered = all(one["outcome"] != WAITS for one in found.values())
    row.content = {**row.content, "said": {str(number): one["outcome"] for number, one in found.items()}}
    if said:  # it was said that they wait; that they went out needs no word
        news = {number: one for number, one in news.items() if one["outcome"] != "sent"}
    if not news and (said or found):
        return []
    text = _text(session, row, cohort, news, now)
    draft = Draft(DraftKind.REPLY, text, "answer to a reply", topic_id=row.topic_id, refs=(ANSWER,))
    mark = f"answer:{row.post_id}:{'-'.join(map(str, news))}" if said else f"answer:{row.post_id}"
    return [one for one in entry(row.forum, cohort.key, draft, mark, now) if session.get(LedgerRow, one.key) is None]


def _outcome(session: Session, reply: ReplyRow, number: int, entered: dict[str, str]) -> dict[str, str]:
    """Return what came of a number by now; `approved` where that is not known yet."""
    if entered["outcome"] != APPROVED:
        return entered
    row = session.get(WaitingRow, (reply.forum, reply.cohort, number))
    draft = session.get(DraftRow, row.subject) if row is not None else None
    sent = session.get(LedgerRow, row.subject) if row is not None else None
    if row is None or draft is None:
        return {"outcome": "withdrawn", "why": ""}
    if sent is not None:
        return _sent(sent) or entered
    if draft.state == "withdrawn":
        return {"outcome": "not_sent", "why": draft.decision_reason or ""}
    return {"outcome": "changed"} if draft.state == "pending" else entered


def _sent(entry: LedgerRow) -> dict[str, str] | None:
    """Return what came of an approved draft by its entry, None where it was not tried yet."""
    if entry.state == "intended":
        return {"outcome": WAITS, "why": entry.reason} if entry.reason else None
    outcome = {"done": "sent", "skipped": "not_sent"}.get(entry.state, "failed")
    return {"outcome": outcome, "why": "" if outcome == "sent" else entry.reason}


def _text(session: Session, row: ReplyRow, cohort: Cohort, news: Mapping[int, dict[str, str]], now: datetime) -> str:
    """Return what became of the numbers, those of one outcome together, and what still waits."""
    say = LETTERS.of(cohort.locale)
    lines = []
    for outcome in ORDER:
        by_words: dict[tuple[str, str], list[int]] = {}
        for number, one in news.items():
            if one["outcome"] == outcome:
                by_words.setdefault((one.get("name", ""), one.get("why", "")), []).append(number)
        for (name, why), some in by_words.items():
            words = _words(outcome, why, cohort)
            shown = listed_numbers(some, cohort.locale)
            lines.append(say.outcomes[outcome].format(numbers=shown, name=escape(name), **words).rstrip())
    if not news:
        lines.append(say.outcomes["nothing"])
    if still := waiting(session, row.forum, cohort.key, now):
        numbers = listed_numbers([item.number for item in still], cohort.locale)
        lines.append(say.outcomes["open"].format(numbers=numbers))
    return "\n".join(lines)


def _words(outcome: str, why: str, cohort: Cohort) -> dict[str, str]:
    """Return the reason in the cohort's words, or the day of what is brought up later."""
    if outcome == "later":
        day = datetime.fromisoformat(why).astimezone(cohort.zone).date()
        return {"why": "", "day": language(cohort.locale).day(day)}
    reason = words_for(cohort.locale).why_not(why, cohort.zone) if why else ""
    return {"why": escape(capital(reason)), "day": ""}

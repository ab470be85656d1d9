"""What people said they would do, and what they answered when asked: read from the forum, kept in the store."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.collect import REGULAR
from sync_worker.activity.reader import as_seen
from sync_worker.languages.parts import COMMITMENT
from sync_worker.model import Answer, Commitment
from sync_worker.signals.plain import plain_text
from sync_worker.signals.plans import plans_in
from sync_worker.store.database import rows_of_cohort
from sync_worker.store.facts import Placed, replace_facts
from sync_worker.store.tables import CommitmentRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Cohort, FactValue
    from sync_worker.signals.plans import Plan

FACT = "commitment_open"
SOURCE = "commitments"
FIRST, LAST = "outcome", "later"  # the polls below the first and the last question
CLAUSE_END = re.compile(r"[.,;:!?…\n(–—]|\s-\s")


@dataclass(frozen=True, slots=True)
class Opened:
    """A topic that asked people for plans: which step opened it, for which slot, and when a plan without a day is due.

    `ask_after` is that number of days after it was written. `staff` are the accounts whose replies are no plans.
    """

    topic_id: int
    playbook: str
    step: str
    slot: datetime
    ask_after: int
    staff: frozenset[str]


def commitments_of(
    session: Session,
    forum: str,
    cohort: Cohort,
    seen: Mapping[int, ForumTopic | None],
    staff: Collection[str],
) -> tuple[Commitment, ...]:
    """Return what the people of a cohort said they would do, oldest first; topics that were `seen` as they read now.

    A post that is not there any more makes its plan `withdrawn_at` now, as far as that was seen.
    """
    return tuple(_as_seen(session, row, cohort, seen, staff) for row in rows_of(session, forum, cohort.key))


def rows_of(session: Session, forum: str, cohort: str) -> Sequence[CommitmentRow]:
    """Return the rows of a cohort, oldest first."""
    order = (CommitmentRow.written_at, CommitmentRow.topic_id, CommitmentRow.user_id)
    return rows_of_cohort(session, CommitmentRow, forum, cohort, *order)


def _as_seen(
    session: Session,
    row: CommitmentRow,
    cohort: Cohort,
    seen: Mapping[int, ForumTopic | None],
    staff: Collection[str],
) -> Commitment:
    kept = commitment_of(row)
    if row.topic_id not in seen:
        return kept
    plans = _plans(session, row.forum, seen[row.topic_id], staff, cohort)
    plan = next((one for one in plans if one.post.id == row.post_id), None)
    if plan is None:
        return replace(kept, withdrawn_at=kept.withdrawn_at or kept.slot)
    return replace(
        kept,
        username=plan.post.username,
        name=plan.post.name,
        number=plan.post.number,
        words=plan.passages,
        is_cut=plan.is_cut,
    )


def commitment_of(row: CommitmentRow) -> Commitment:
    """Return a row as plain data."""
    return Commitment(
        step=row.step,
        slot=row.slot,
        topic_id=row.topic_id,
        post_id=row.post_id,
        number=row.number,
        user_id=row.user_id,
        username=row.username,
        name=row.name,
        words=tuple(row.words),
        day=row.day,
        named=row.named,
        is_cut=row.is_cut,
        asked_at=row.asked_at,
        talk=row.talk,
        later_at=row.later_at,
        answer=Answer(row.answer) if row.answer else None,
        later_answer=Answer(row.later_answer) if row.later_answer else None,
        withdrawn_at=row.withdrawn_at,
    )


def _plans(
    session: Session, forum: str, topic: ForumTopic | None, staff: Collection[str], cohort: Cohort
) -> list[Plan]:
    shown = as_seen(session, forum, topic) if topic is not None else None
    return plans_in(shown, staff, cohort.zone) if shown is not None else []


def enter_plans(session: Session, forum: str, cohort: Cohort, opened: Opened, topic: ForumTopic | None) -> None:
    """Keep the plans that stand in a topic now, None where it is gone.

    Until its author was asked, a plan is what the post says: an edit changes it, and what is gone is forgotten. Once
    asked, its words stay as they were quoted, and of a post that is gone that is noted.
    """
    plans = {one.post.user_id: one for one in _plans(session, forum, topic, opened.staff, cohort)}
    query = select(CommitmentRow).where(CommitmentRow.forum == forum, CommitmentRow.topic_id == opened.topic_id)
    known = {row.user_id: row for row in session.scalars(query)}
    for user_id, row in known.items():
        plan = plans.get(user_id)
        if row.asked_at is not None:
            still = topic is not None and any(post.id == row.post_id for post in topic.posts)
            row.withdrawn_at = None if still else row.withdrawn_at or row.asked_at
        elif plan is None:
            session.delete(row)
    for user_id, plan in plans.items():
        row = known.get(user_id) or CommitmentRow(forum=forum, topic_id=opened.topic_id, user_id=user_id)
        if row.asked_at is None:
            _fill(row, cohort, opened, plan)
            session.add(row)


def _fill(row: CommitmentRow, cohort: Cohort, opened: Opened, plan: Plan) -> None:
    post = plan.post
    written = post.created_at.astimezone(cohort.zone).date()
    row.cohort, row.playbook, row.step, row.slot = cohort.key, opened.playbook, opened.step, opened.slot
    row.post_id, row.number, row.username, row.name = post.id, post.number, post.username, post.name
    row.words, row.is_cut, row.written_at = list(plan.passages), plan.is_cut, post.created_at
    row.day, row.named = _day(plan.day, written, opened.ask_after), plan.day is not None
    row.withdrawn_at = None


def _day(named: date | None, written: date, ask_after: int) -> date:
    return named if named is not None else written + timedelta(days=ask_after)


def enter_answers(session: Session, row: CommitmentRow, talk: ForumTopic | None, now: datetime) -> None:
    """Keep what a person answered in the conversation about a plan: the last vote or word counts.

    Discourse does not say when somebody voted: a vote that was not there at the last look is newer than the words that
    were. What has been answered stays, also where the conversation is gone.
    """
    row.looked_at = now
    if talk is None:
        return
    first = [post for post in talk.posts if row.later_at is None or post.created_at < row.later_at]
    last = [post for post in talk.posts if row.later_at is not None and post.created_at >= row.later_at]
    vote, (word, post_id) = _vote(talk, FIRST, row.user_id), _word(first, row.user_id)
    answer = row.answer
    if vote and vote != row.vote:
        answer = vote
    elif word and post_id != row.answer_post:
        answer = word
    later = _word(last, row.user_id)[0] or _vote(talk, LAST, row.user_id)
    if (answer, later) != (row.answer, row.later_answer):
        row.answered_at = now
    row.vote, row.answer_post = vote, post_id
    row.answer, row.later_answer = answer, later or row.later_answer


def _vote(talk: ForumTopic, name: str, user_id: int) -> str:
    """Return the answer that a person chose in one of our polls, by its place in the poll; "" for none."""
    for post in talk.posts:
        for poll in post.polls:
            if poll.name == name and len(poll.options) == len(Answer):
                for answer, option in zip(Answer, poll.options, strict=True):
                    if user_id in poll.voted.get(option.id, ()):
                        return answer.value
    return ""


def _word(posts: Sequence[ForumPost], user_id: int) -> tuple[str, int | None]:
    """Return the last plain answer in a person's posts, and the post; "" for none."""
    for post in reversed(posts):
        if post.user_id == user_id and post.post_type == REGULAR and (said := answer_in(post.cooked)) is not None:
            return said.value, post.id
    return "", None


def answer_in(cooked: str) -> Answer | None:
    """Return the answer that a reply gives in its first words; None for anything but a plain one."""
    first, *more = CLAUSE_END.split(_plain(plain_text(cooked)))
    second = more[0] if more else ""
    together = _answers().get(_folded(f"{first} {second}"))
    if together is not None:
        return together
    said = _answers().get(_folded(first))
    if said is None and not second.strip():
        said = _alone().get(_folded(first))
    return said if _answers().get(_folded(second)) in (None, said) else None


@cache
def _answers() -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for words in COMMITMENT.all().values():
        said = dict(zip(Answer, (words.done, words.not_yet, words.changed), strict=True))
        for (answer, phrases), option in zip(said.items(), words.options, strict=True):
            found |= {_folded(phrase): answer for phrase in (*phrases, _plain(option))}
    return found


@cache
def _alone() -> dict[str, Answer]:
    pairs = (zip(words.alone, (Answer.DONE, Answer.NOT_YET), strict=True) for words in COMMITMENT.all().values())
    return {_folded(word): answer for pair in pairs for word, answer in pair}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _plain(text: str) -> str:
    return text.replace("’", "'")


def keep_facts(session: Session, forum: str, cohort: str, now: datetime) -> None:
    """Keep as a fact of each person in the cohort whether a plan of theirs is open: not done, not changed, not gone.

    Of somebody without a plan, or without one any more, that is unknown.
    """
    rows = rows_of(session, forum, cohort)
    open_ones = {row.user_id for row in rows if is_open(row)}
    values: dict[Placed, FactValue] = {Placed(row.user_id, FACT, cohort): row.user_id in open_ones for row in rows}
    replace_facts(session, forum, values, f"{SOURCE} {cohort}", now, silent=frozenset())


def is_open(row: CommitmentRow) -> bool:
    """Whether a plan was neither carried out nor replaced, as far as its author has said."""
    return row.withdrawn_at is None and last_answer(row) in ("", Answer.NOT_YET)


def last_answer(row: CommitmentRow) -> str:
    """Return what its author said last about a plan, "" where they were not asked or have not answered."""
    return row.later_answer or row.answer

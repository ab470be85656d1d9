"""Posts for the practice library, as the store has them: what LCMs marked, and what authors answer when asked."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.collect import post_row
from sync_worker.activity.consents import Parties, Shown, is_older, refused_posts, standing
from sync_worker.store.tables import LedgerRow, PostRow, PracticeMarkRow, PracticeRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

ASKS_AUTHOR = "library-consent"
"""The ref of a message that asks an author whether a post may be shown in the library."""
OFFERED_FOR = timedelta(days=14)
ACTIVE = ("new", "unplaced", "asking", "kept")
NO = "no"  # an author's answer
NOT_MARKED = "an LCM took the mark away"


def practices(session: Session, forum: str, states: Collection[str] = ACTIVE) -> Sequence[PracticeRow]:
    """Return the posts in these states, the oldest post first."""
    query = select(PracticeRow).where(PracticeRow.forum == forum, PracticeRow.state.in_(sorted(states)))
    return session.scalars(query.order_by(PracticeRow.post_id)).all()


def take_in_marks(session: Session, forum: str, cohorts: Mapping[str, Cohort]) -> None:
    """Let the library follow the marks: what is marked is to be looked at, what is not marked any more goes out.

    A post that the store does not know is left until its topic was read. What went out comes in again where it was
    marked after that.
    """
    marks = {row.post_id: row for row in session.scalars(select(PracticeMarkRow).where(PracticeMarkRow.forum == forum))}
    known = {row.post_id: row for row in session.scalars(select(PracticeRow).where(PracticeRow.forum == forum))}
    for number, mark in marks.items():
        row = known.get(number)
        if row is None:
            post = session.get(PostRow, (forum, number))
            if post is not None:
                session.add(_row_of(post, mark.cohort, cohorts.get(mark.cohort), "new", mark.at))
        elif row.state in ("offered", "declined") or (row.state == "out" and mark.at > row.at):
            begin_anew(row, mark.at)
    for number, row in known.items():
        if number not in marks and row.state in ACTIVE:
            take_out(row, NOT_MARKED)


def offer_for_marking(session: Session, forum: str, cohort: Cohort, posts: Iterable[int], now: datetime) -> None:
    """Ask the LCMs of a cohort about posts that a roundup showed, once about each."""
    for number in posts:
        post = session.get(PostRow, (forum, number))
        if post is not None and session.get(PracticeRow, (forum, number)) is None:
            session.add(_row_of(post, cohort.key, cohort, "offered", now))


def offered(session: Session, forum: str, cohort: str, now: datetime) -> list[PracticeRow]:
    """Return the posts about which a cohort's LCMs are asked, for two weeks, the oldest first."""
    rows = [row for row in practices(session, forum, ("offered",)) if row.cohort == cohort]
    return [row for row in rows if now - row.at < OFFERED_FOR]


def mark(session: Session, forum: str, post_id: int, cohort: str, at: datetime) -> bool:
    """Mark a post as practice; return False where it was marked before and is in the library, or on its way."""
    row = session.get(PracticeRow, (forum, post_id))
    if session.get(PracticeMarkRow, (forum, post_id)) is not None and (row is None or row.state in ACTIVE):
        return False
    session.merge(PracticeMarkRow(forum=forum, post_id=post_id, cohort=cohort, at=at))
    if row is not None and row.state not in ACTIVE:
        begin_anew(row, at)
    return True


def mark_seen(  # noqa: PLR0917
    session: Session, forum: str, topic: ForumTopic, post: ForumPost, cohort: Cohort, at: datetime
) -> bool:
    """Mark a post that was just read, whether or not the store knows it; the answer is that of `mark`."""
    is_new = mark(session, forum, post.id, cohort.key, at)
    if session.get(PracticeRow, (forum, post.id)) is None:
        read = post_row(forum, topic.id, post, accepted=post.accepted)
        session.add(_row_of(read, cohort.key, cohort, "new", at))
    return is_new


def unmark(session: Session, forum: str, post_id: int) -> bool:
    """Take the mark of a post away, and with it the post out of the library; return False where it had none."""
    found = session.get(PracticeMarkRow, (forum, post_id))
    if found is not None:
        session.delete(found)
    row = session.get(PracticeRow, (forum, post_id))
    if row is not None and row.state in ACTIVE:
        take_out(row, NOT_MARKED)
    return found is not None


def begin_anew(row: PracticeRow, at: datetime) -> None:
    """Let a post be looked at as if it had just been marked; an answer that its author gave before counts no more.

    But a no stands: its author is not asked again, and the conversation is read anew for what they say there now.
    """
    if row.answer == NO and row.asked_key is not None:
        row.state, row.reason, row.at, row.looked_at = "asking", "", at, None
        row.round += 1
        return
    row.state, row.reason, row.at, row.looked_at = "new", "", at, None
    row.round += 1
    row.words, row.subject, row.joined = [], "", None
    row.answer, row.answer_words, row.asked_key, row.shown, row.needs_consent = "", "", None, None, False
    row.answered_at = None


def take_out(row: PracticeRow, reason: str) -> None:
    """Let a post be shown no more."""
    row.state, row.reason = "out", reason
    row.words, row.shown, row.answer_words = [], None, ""


def _row_of(post: PostRow, key: str, cohort: Cohort | None, state: str, at: datetime) -> PracticeRow:
    zone = cohort.zone if cohort is not None else UTC
    return PracticeRow(
        forum=post.forum,
        post_id=post.id,
        cohort=key,
        cohort_name=cohort.name if cohort is not None else key,
        topic_id=post.topic_id,
        number=post.number,
        user_id=post.user_id,
        username=post.username,
        name=post.name,
        day=post.created_at.astimezone(zone).date(),
        state=state,
        reason="",
        subject="",
        title="",
        words=[],
        needs_consent=False,
        answer="",
        answer_words="",
        round=0,
        at=at,
    )


# What an author says who was asked.


def agreed_text(row: PracticeRow) -> str:
    """Return the text that its author agreed to, "" where there is none."""
    return str(row.shown["raw"]) if row.answer == "yes" and row.shown else ""


def may_stand(row: PracticeRow) -> bool:
    """Whether a post may stand in the library, as far as the store knows: a yes that was taken back counts at once."""
    return row.state == "kept" and (not row.needs_consent or bool(agreed_text(row)))


def read_answer(forum: Forum, store: Store, post_id: int, now: datetime) -> PracticeRow | None:
    """Read the conversation with an author anew; store and return how it stands. None: there is no such post.

    The latest word counts, as for stories, also where it is gone; a conversation that is gone gives no consent.

    Calls: 1; none where nobody was asked.

    Raises:
        ForumError: the forum does not answer; the stored answer must then not be relied upon.

    """
    with store.begin() as session:
        row = session.get(PracticeRow, (forum.name, post_id))
        asked = session.get(LedgerRow, row.asked_key) if row is not None and row.asked_key else None
    if row is None or asked is None or asked.state != "done":
        return row
    talk = asked.result.get("topic_id")  # None: deleted by a person, or gone since the forum was restored
    topic = forum.topic(talk) if talk is not None else None
    lcms = frozenset(asked.payload.get("recipients", ())[1:])
    parties = Parties(row.user_id, forum.username, lcms, tuple(asked.payload.get("signed", ())))
    stands = standing(topic.posts, parties) if topic is not None else None
    with store.begin() as session:
        row = session.get(PracticeRow, (forum.name, post_id))
        if row is None:
            return None
        row.looked_at = now
        if stands is None:
            row.answer, row.answer_words = ("unclear" if row.answer in ("yes", "unclear") else row.answer), ""
        elif not is_older(row, stands):
            shown: Shown | None = stands.shown
            row.answer, row.answer_words = stands.answer, stands.words
            row.answered_at = stands.at if stands.answer != "asked" else None
            row.shown = {"title": shown.title, "raw": shown.raw} if shown is not None else None
    return row


def is_refused(session: Session, row: PracticeRow) -> bool:
    """Whether the author of what is shown unasked has said, asked about a story, that the post is not to be shown."""
    return not row.needs_consent and bool(refused_posts(session, row.forum, {row.post_id}))


def may_be_kept(forum: Forum, store: Store, post_id: int, now: datetime) -> bool:
    """Whether a post may stand in the library, by its state and, where its author was asked, by what they say now.

    Calls: those of `read_answer` where the author was asked.
    """
    with store.begin() as session:
        row = session.get(PracticeRow, (forum.name, post_id))
        if row is not None and is_refused(session, row):
            return False
    if row is not None and row.needs_consent:
        row = read_answer(forum, store, post_id, now)
    return row is not None and may_stand(row)

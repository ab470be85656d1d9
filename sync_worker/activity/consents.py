"""Whether authors let us show their posts as stories: what they were asked, and how each conversation stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.conversation import Decision, Parties, Shown, Standing, standing
from sync_worker.store.tables import ConsentRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum

READ_FOR = timedelta(days=90)  # so long after the question, answers to it are looked for
FRESH = timedelta(minutes=30)  # what was read within it needs no second look in the same run


@dataclass(frozen=True, slots=True)
class AnswerSummary:
    """How many consents a cohort was asked for in all, and what came back."""

    asked: int
    yes: int
    no: int


def reread_consent(forum: Forum, session: Session, forum_name: str, post_id: int, now: datetime) -> ConsentRow | None:
    """Read the conversation about a post anew; store and return the consent as it stands now. None: never asked.

    Everything the author wrote since the question counts, the latest last; see `standing`. A conversation that is gone
    gives no consent, and no yes counts again because what took it back is gone. All reading comes before all writing,
    so that no lock is held while the forum is asked.

    Calls: 1; none where no message was sent, so that a click on the forum decided alone.

    Raises:
        ForumError: the forum does not answer; the stored answer must then not be relied upon.

    """
    row = session.get(ConsentRow, (forum_name, post_id)) or _new_row(session, forum_name, post_id)
    if row is None:
        return None
    found = _read(forum, session, row)
    row = session.merge(row)
    _store(row, found, now)
    session.flush()
    return row


def read_answers(forum: Forum, session: Session, cohort_key: str, now: datetime) -> AnswerSummary:
    """Enter newly asked consents, and how each conversation of the last 90 days stands.

    Calls: those of `reread_consent` for each, but none for those looked at within the last half hour.
    """
    rows = [*_consents(session, forum.name, cohort_key), *newly_asked(session, forum.name, cohort_key)]
    due = [row for row in rows if now - row.asked_at < READ_FOR and not is_fresh(row, now)]
    found = [(row, _read(forum, session, row)) for row in due]
    for row in rows:
        session.merge(row)
    session.flush()
    for row, result in found:
        _store(session.get_one(ConsentRow, (row.forum, row.post_id)), result, now)
    session.flush()
    final = [row.answer for row in _consents(session, forum.name, cohort_key)]
    return AnswerSummary(len(final), final.count("yes"), final.count("no"))


def is_fresh(row: ConsentRow, now: datetime, age: timedelta = FRESH) -> bool:
    """Whether a conversation was looked at within that time."""
    return row.looked_at is not None and timedelta(0) <= now - row.looked_at < age


def shown_to_author(row: ConsentRow) -> Shown | None:
    """Return the story as its author saw it; None where only lines of it were shown."""
    return Shown(row.shown["title"], row.shown["raw"]) if row.shown else None


def agrees_to(row: ConsentRow | None, title: str | None, raw: str) -> bool:
    """Whether the author said yes to exactly this text."""
    shown = shown_to_author(row) if row is not None and row.answer == "yes" else None
    return shown is not None and shown.digest == Shown(title or "", raw).digest


def decide(row: ConsentRow, answer: str, at: datetime, by: str) -> None:
    """Enter what the author clicked, or an LCM who read the author's words decided."""
    row.decided, row.decided_at, row.decided_by = answer, at, by
    row.answer, row.answered_at = answer, at
    row.answer_post, row.words = None, ""


def newly_asked(session: Session, forum_name: str, cohort_key: str) -> list[ConsentRow]:
    """Return a row for each consent that a sent message asks for and that is not entered yet."""
    entered = {row.post_id for row in _consents(session, forum_name, cohort_key)}
    found: dict[int, ConsentRow] = {}
    for row in asking(session, forum_name, cohort_key):
        post_id = row.payload["about_posts"][0]
        if post_id not in entered:
            found[post_id] = _row_of(row)
    return list(found.values())


def asking(session: Session, forum_name: str, cohort_key: str | None = None) -> list[LedgerRow]:
    """Return the ledger's rows of consent messages that were sent, oldest first."""
    query = select(LedgerRow).where(
        LedgerRow.forum == forum_name, LedgerRow.action == "message", LedgerRow.state == "done"
    )
    if cohort_key is not None:
        query = query.where(LedgerRow.cohort == cohort_key)
    rows = session.scalars(query.order_by(LedgerRow.updated_at, LedgerRow.key))
    return [row for row in rows if "consent" in row.payload.get("refs", ()) and "topic_id" in row.result]


def question_of(session: Session, row: ConsentRow) -> LedgerRow | None:
    """Return the ledger's row of the message that asked; None where the author clicked before one was sent."""
    asked = session.get(LedgerRow, row.message_key)
    if asked is not None:
        return asked
    later = [one for one in asking(session, row.forum, row.cohort) if row.post_id in one.payload["about_posts"]]
    return later[-1] if later else None


def _row_of(asked: LedgerRow) -> ConsentRow:
    return ConsentRow(
        forum=asked.forum,
        post_id=asked.payload["about_posts"][0],
        user_id=asked.payload["about_users"][0],
        username=asked.payload["recipients"][0],
        cohort=asked.cohort,
        message_key=asked.key,
        answer="asked",
        asked_at=asked.updated_at,
        words="",
        decided="",
        decided_by="",
    )


def _new_row(session: Session, forum_name: str, post_id: int) -> ConsentRow | None:
    """Return a row for a question that was sent since consents were last entered."""
    for asked in reversed(asking(session, forum_name)):
        if asked.payload["about_posts"][0] == post_id:
            return _row_of(asked)
    return None


def _consents(session: Session, forum_name: str, cohort_key: str) -> Sequence[ConsentRow]:
    return session.scalars(
        select(ConsentRow).where(ConsentRow.forum == forum_name, ConsentRow.cohort == cohort_key)
    ).all()


@dataclass(frozen=True, slots=True)
class _Found:
    """How a conversation stands, and the author's username as it is now; `standing` is None where it is gone."""

    standing: Standing | None
    username: str | None = None


def _read(forum: Forum, session: Session, row: ConsentRow) -> _Found:
    decision = Decision(row.decided, row.decided_at) if row.decided and row.decided_at else None
    asked = question_of(session, row)
    topic_id = asked.result.get("topic_id") if asked is not None else None
    if asked is None or topic_id is None:
        return _Found(standing((), Parties(row.user_id, forum.username), decision))
    topic = forum.topic(topic_id)
    if topic is None:
        return _Found(standing((), Parties(row.user_id, forum.username), decision) if decision else None)
    lcms = frozenset(asked.payload.get("recipients", ())[1:])
    names = tuple(asked.payload.get("signed", ()))
    found = standing(topic.posts, Parties(row.user_id, forum.username, lcms, names), decision)
    own = [post.username for post in topic.posts if post.user_id == row.user_id]
    return _Found(found, own[-1] if own else None)


def _store(row: ConsentRow, found: _Found, now: datetime) -> None:
    row.looked_at = now
    row.username = found.username or row.username
    stands = found.standing
    if stands is None:
        if row.answer == "yes":
            row.answer, row.answered_at, row.answer_post, row.words = "unclear", now, None, ""
        return
    if _is_older_yes(row, stands):
        return
    if stands.answer != row.answer or stands.post_id != row.answer_post:
        row.answered_at = None if stands.answer == "asked" else stands.at or now
    row.answer, row.answer_post, row.words = stands.answer, stands.post_id, stands.words
    row.shown = {"title": stands.shown.title, "raw": stands.shown.raw} if stands.shown else None


def _is_older_yes(row: ConsentRow, stands: Standing) -> bool:
    """Whether a yes is older than the words that took it back, and are gone: deleted, or lost with a backup."""
    if row.answer not in ("no", "unclear") or row.answered_at is None or stands.answer != "yes":
        return False
    return stands.at is None or stands.at <= row.answered_at

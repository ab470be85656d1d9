"""The people of success case studies: what they answer and allow, and what LCMs note of the conversations.

Read from the forum by the grammars of `case_replies`, kept in the store.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from sync_worker.activity.case_replies import answer_in, consents_in, notes_in, touched_in
from sync_worker.activity.collect import REGULAR
from sync_worker.languages.parts import CASES
from sync_worker.model import Allowed, Case, CaseKind, CaseNote, NoteKind, behind_mark
from sync_worker.store.database import rows_of_cohort
from sync_worker.store.ledger import DRAFT_STATES, draft_from_json, drafts, published_rows
from sync_worker.store.tables import CaseNoteRow, CaseRow, DraftRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Draft

ASKED, INVITED = "case-ask", "case-invite"  # among the refs of the question and of the invitation
OF, KIND = "case:", "case-kind:"  # before the key of the question, and before the kind, among those of an invitation
USE = "use"
"""The name of the poll below the question; those below the invitation are called as in `Allowed`."""


# What is kept, as plain data.


def cases_of(session: Session, forum: str, cohort: str) -> tuple[Case, ...]:
    """Return the people of a cohort who were asked, by when and by username."""
    notes: dict[str, list[CaseNote]] = {}
    for row in rows_of_cohort(session, CaseNoteRow, forum, cohort, CaseNoteRow.asked_key, CaseNoteRow.number):
        notes.setdefault(row.asked_key, []).append(CaseNote(NoteKind(row.kind), row.note, row.factor))
    return tuple(_case(row, notes.get(row.asked_key, ())) for row in rows_of(session, forum, cohort))


def rows_of(session: Session, forum: str, cohort: str) -> Sequence[CaseRow]:
    """Return the rows of a cohort, in the same order."""
    return rows_of_cohort(session, CaseRow, forum, cohort, CaseRow.slot, CaseRow.username, CaseRow.asked_key)


def _case(row: CaseRow, notes: Sequence[CaseNote]) -> Case:
    return Case(
        key=row.asked_key,
        step=row.step,
        slot=row.slot,
        user_id=row.user_id,
        username=row.username,
        name=row.name,
        used=row.used,
        words=row.words,
        kind=CaseKind(row.kind) if row.kind else None,
        posts=tuple(row.post_ids),
        talk=row.talk,
        invited=row.invited_at is not None,
        allows=allows(row.said, row.entered),
        unclear=row.unclear,
        notes=tuple(notes),
    )


def allows(said: Mapping[str, Any], entered: Mapping[str, Any]) -> dict[Allowed, bool]:
    """Return what a person allows: what an LCM entered holds, but for a no that the person has written."""
    found = {}
    for what in Allowed:
        if said.get(what) is False:
            found[what] = False
        elif isinstance(known := entered.get(what, said.get(what)), bool):
            found[what] = known
    return found


# What the ledger says: who was asked, who was chosen, who was invited.


def take_over(session: Session, forum: str, cohort: str) -> None:
    """Keep a row for everybody whom a question has reached, and note who was chosen and invited."""
    known = {row.asked_key: row for row in rows_of(session, forum, cohort)}
    for row in published_rows(session, forum, cohort, refs=(ASKED, INVITED)):
        refs = row.payload["refs"]
        if ASKED in refs and row.state == "done" and row.key not in known and row.to_learner is not None:
            known[row.key] = _asked(row, draft_from_json(row.payload))
            session.add(known[row.key])
        elif INVITED in refs:
            _note_invitation(known, row)
    for waiting in drafts(session, forum, cohort, DRAFT_STATES, refs=(INVITED,)):
        _note_invitation(known, waiting)


def _asked(entry: LedgerRow, draft: Draft) -> CaseRow:
    return CaseRow(
        forum=entry.forum,
        asked_key=entry.key,
        cohort=entry.cohort,
        playbook=entry.playbook,
        step=entry.step,
        slot=entry.slot,
        user_id=entry.to_learner,
        username=draft.recipients[0],
        name="",
        asked_at=entry.sent_at or entry.updated_at,
        talk=entry.result.get("topic_id"),
        used=None,
        answer_post=None,
        words="",
        words_post=None,
        answered_at=None,
        kind="",
        post_ids=[],
        invited_at=None,
        invite_talk=None,
        said={},
        entered={},
        unclear=False,
        guide_key=None,
        looked_at=None,
    )


def _note_invitation(known: Mapping[str, CaseRow], entry: LedgerRow | DraftRow) -> None:
    """Note that somebody was chosen, whether or not an LCM agrees; once the invitation went out, where it stands."""
    body = entry.body if isinstance(entry, DraftRow) else entry.payload
    refs = body.get("refs", ())
    row = known.get(next(iter(behind_mark(refs, OF)), ""))
    if row is None:
        return
    row.kind = next(iter(behind_mark(refs, KIND)), "")
    row.post_ids = list(body.get("about_posts", ()))
    if isinstance(entry, LedgerRow) and entry.state == "done" and row.invited_at is None:
        row.invited_at, row.invite_talk = entry.sent_at or entry.updated_at, entry.result.get("topic_id")


# The two answers.


def enter_answers(row: CaseRow, talk: ForumTopic | None, now: datetime) -> None:
    """Keep what somebody answered: the last word on it, else the tap. What was answered stays where it is gone."""
    if talk is None:
        return
    used, words = None, ""
    answer_post = words_post = None
    for post in _posts_of(talk, row.user_id):
        if post.hidden:
            continue
        said = answer_in(post.raw or "", (post.name, post.username))
        if said.used is not None:
            used, answer_post = said.used, post.id
        if said.words:
            words, words_post = said.words, post.id
    if used is None:
        used = vote_in(talk, USE, row.user_id, len(CASES.of("en").options))
    if used is None and row.answer_post is None:
        used = row.used
    if (used, words) != (row.used, row.words):
        row.answered_at = now
    row.used, row.answer_post, row.words, row.words_post = used, answer_post, words, words_post


def vote_in(talk: ForumTopic, poll_name: str, user_id: int, options: int) -> int | None:
    """Return the place of the option that somebody chose in one of our polls; None for none."""
    for post in talk.posts:
        for poll in post.polls:
            if poll.name == poll_name and len(poll.options) == options:
                for place, option in enumerate(poll.options):
                    if user_id in poll.voted.get(option.id, ()):
                        return place
    return None


def _posts_of(talk: ForumTopic, user_id: int) -> Iterator[ForumPost]:
    yield from (post for post in talk.posts if post.user_id == user_id and post.post_type == REGULAR)


# What somebody allows who was chosen.


def enter_consents(row: CaseRow, talk: ForumTopic | None) -> None:
    """Keep what somebody allows: of a tap and words a refusal counts, of several words on one thing the last.

    What is neither yes nor no takes back a yes to what it touches, also one that an LCM entered before it was written,
    until the person says so again or an LCM enters it.
    """
    if talk is None:
        row.said, row.unclear = {}, False
        return
    written, doubted, is_clear = _written(talk, row.user_id)
    said: dict[str, bool] = {}
    for what in Allowed:
        vote = vote_in(talk, what.value, row.user_id, 2)
        tapped = None if vote is None or (vote == 0 and what in doubted) else vote == 0
        answers = [one for one in (tapped, written.get(what)) if one is not None]
        if answers:
            said[what.value] = all(answers)
    row.said, row.unclear = said, not is_clear and Allowed.TALK.value not in said
    taken_back = {what.value for what, at in doubted.items() if _was_entered_before(row.entered, what, at)}
    if taken_back:
        row.entered = {name: value for name, value in row.entered.items() if name not in taken_back}


def _was_entered_before(entered: Mapping[str, Any], what: Allowed, moment: datetime) -> bool:
    """Whether an LCM entered a yes to something before a moment."""
    if entered.get(what.value) is not True:
        return False
    since = entered.get("since", {}).get(what.value) or entered.get("at")
    return since is None or datetime.fromisoformat(since) < moment


def _written(talk: ForumTopic, user_id: int) -> tuple[dict[Allowed, bool], dict[Allowed, datetime], bool]:
    """Return what somebody wrote about each thing last, what they doubted since and when, whether all was clear.

    Of what the forum has hidden, as its filters do, only what refuses or doubts counts.
    """
    written: dict[Allowed, bool] = {}
    doubted: dict[Allowed, datetime] = {}
    all_clear = True
    for post in _posts_of(talk, user_id):
        reading = consents_in(post.raw or "", (post.name, post.username))
        if not reading.is_clear:
            touched = touched_in(post.raw or "")
            doubted |= dict.fromkeys(touched, post.edited_at or post.created_at)
            written = {what: yes for what, yes in written.items() if not (yes and what in touched)}
        said = {what: yes for what, yes in reading.said.items() if not (yes and post.hidden)}
        written |= said
        doubted = {what: at for what, at in doubted.items() if not said.get(what)}
        all_clear = all_clear and reading.is_clear
    return written, doubted, all_clear


def may_ask_manager(forum: Forum, session: Session, key: str) -> bool:
    """Whether somebody allows that their manager is asked, by how their conversation reads now. Calls: 1.

    Raises:
        ForumError: the forum does not answer.

    """
    row = session.get(CaseRow, (forum.name, key))
    if row is None:
        return False
    if row.invite_talk is not None:
        enter_consents(row, forum.topic(row.invite_talk))
    return allows(row.said, row.entered).get(Allowed.MANAGER, False)


def enter_by_lcm(row: CaseRow, allowed: Mapping[Allowed, bool], by: str, now: datetime) -> None:
    """Keep what a person told an LCM that they allow."""
    if allowed:
        values = {what.value: yes for what, yes in allowed.items()}
        since = {**row.entered.get("since", {}), **dict.fromkeys(values, now.isoformat())}
        row.entered = {**row.entered, **values, "by": by, "at": now.isoformat(), "since": since}


# What an LCM notes of a conversation.


def enter_notes(session: Session, row: CaseRow, guide: ForumTopic | None, own: str) -> None:
    """Keep the notes that stand below the guide now, in replies of LCMs; an edit and a deletion count.

    Args:
        session: of the store.
        row: whose conversation it was.
        guide: the message with the guide, which only LCMs read; None where it is gone: the notes stay.
        own: the worker's username.

    """
    if guide is None:
        return
    replies = {
        post.id: (post, notes_in(post.raw or ""))
        for post in guide.posts
        if post.number > 1 and post.post_type == REGULAR and post.username != own and post.user_id != row.user_id
    }
    kept: dict[int, list[CaseNote]] = {}
    for note in _note_rows(session, row):
        if note.post_id is not None:
            kept.setdefault(note.post_id, []).append(CaseNote(NoteKind(note.kind), note.note, note.factor))
    for post_id in kept.keys() - replies.keys():
        _drop_notes(session, row, post_id)
    for post_id, (post, notes) in replies.items():
        if notes != kept.get(post_id, []):
            _drop_notes(session, row, post_id)
            add_notes(session, row, notes, post.username, post.edited_at or post.created_at, post_id)


def add_notes(  # noqa: PLR0917
    session: Session, row: CaseRow, notes: Sequence[CaseNote], by: str, at: datetime, post_id: int | None = None
) -> None:
    """Add notes behind those that are there."""
    session.flush()
    of_case = (CaseNoteRow.forum == row.forum, CaseNoteRow.asked_key == row.asked_key)
    last = session.scalar(select(func.max(CaseNoteRow.number)).where(*of_case)) or 0
    for number, note in enumerate(notes, last + 1):
        session.add(
            CaseNoteRow(
                forum=row.forum,
                asked_key=row.asked_key,
                number=number,
                cohort=row.cohort,
                user_id=row.user_id,
                kind=note.kind.value,
                factor=note.factor,
                note=note.text,
                by=by,
                post_id=post_id,
                at=at,
            )
        )


def _note_rows(session: Session, row: CaseRow) -> Sequence[CaseNoteRow]:
    of_case = (CaseNoteRow.forum == row.forum, CaseNoteRow.asked_key == row.asked_key)
    return session.scalars(select(CaseNoteRow).where(*of_case).order_by(CaseNoteRow.number)).all()


def _drop_notes(session: Session, row: CaseRow, post_id: int) -> None:
    session.execute(
        delete(CaseNoteRow).where(
            CaseNoteRow.forum == row.forum, CaseNoteRow.asked_key == row.asked_key, CaseNoteRow.post_id == post_id
        )
    )

"""What is known about mails when a text is written, and what waits for an LCM: from the store alone, no call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sync_worker.activity.participation import dismissals
from sync_worker.activity.practices import offered
from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.languages.parts import NOTE, language
from sync_worker.model import fold, managers_in
from sync_worker.plays.blockers import BLOCKERS
from sync_worker.plays.context import MailsKnown, Waiting
from sync_worker.plays.first_reply import FIRST_REPLY
from sync_worker.plays.morning_note import MORNING_NOTE
from sync_worker.plays.nudge import HAND_OVER
from sync_worker.plays.topics_told import topics_in
from sync_worker.signals.contributions import open_questions, stuck_topics
from sync_worker.signals.waiting import asks_for_a_reply
from sync_worker.store.database import rows_of_cohort
from sync_worker.store.ledger import HANDED, TO_KEEP, WROTE, drafts, given_up, published_rows, text_digest
from sync_worker.store.mails import ANSWERS, CORROBORATES, answers_of, stopped
from sync_worker.store.mails import NOT_YET as NOT_YET_WORD
from sync_worker.store.tables import LedgerRow, PostRow, WaitingRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort, Fact, Topic
    from sync_worker.plays import ChosenPerson
    from sync_worker.store.tables import BriefingAnswerRow

UNANSWERED_AFTER = timedelta(days=1)
LOOK_BACK = timedelta(days=28)
SHOWN_FOR = timedelta(days=4)  # a roundup's posts stand in the note until the Monday after it
YES = "yes"
NOT_YET = ANSWERS[NOT_YET_WORD]


def mails_known(session: Session, forum: str, cohort: str, facts: Mapping[int, Mapping[str, Fact]]) -> MailsKnown:
    """Return which managers of a cohort's people get no mails, and what managers answered there."""
    addresses = {manager.address for known in facts.values() for manager in managers_in(known)}
    answers = {(row.step, fold(row.email)): row.answer for row in answers_of(session, forum, cohort)}
    return MailsKnown(frozenset(stopped(session, forum, addresses)) if addresses else frozenset(), answers)


def waiting_for(  # noqa: PLR0917
    session: Session,
    forum: str,
    url: str,
    cohort: Cohort,
    people: Sequence[ChosenPerson],
    topics: Sequence[Topic],
    own: Collection[str],
    worker: Collection[str],
    now: datetime,
) -> tuple[Waiting, ...]:
    """Return what waits for an LCM of a cohort, the oldest first.

    Args:
        session: of the store.
        forum: its name.
        url: its address.
        cohort: whose LCM it is.
        people: everybody in it.
        topics: its topics as they were read last.
        own: usernames of the worker and the LCMs, whose topics wait for nobody.
        worker: usernames of the worker and of Discourse's own accounts, whose posts are no reply.
        now: aware.

    """
    numbered = _numbered(session, forum, cohort.key)
    found = [
        *_drafts(session, forum, cohort, numbered),
        *_failed(session, forum, cohort),
        *_answers(session, forum, cohort, people),
        *_wrote(url, people, numbered, now),
        *_handed_over(session, forum, url, cohort, people, now, numbered),
        *_without_reply(url, [*_questions(topics, own, now), *_told(session, forum, cohort.key, topics, worker, now)]),
    ]
    if found:  # alone it is no reason for a note
        found += _to_keep(session, forum, url, cohort, now)
    return tuple(sorted(found, key=lambda one: (one.since, one.ref)))


def _numbered(session: Session, forum: str, cohort: str) -> dict[tuple[str, str], WaitingRow]:
    """Return under which numbers LCMs were shown what waits, by its subject and its text."""
    rows = rows_of_cohort(session, WaitingRow, forum, cohort, WaitingRow.number)
    return {(row.subject, row.digest): row for row in rows}


def _drafts(
    session: Session, forum: str, cohort: Cohort, numbered: Mapping[tuple[str, str], WaitingRow]
) -> Iterator[Waiting]:
    """Return the drafts; one that was written anew has no number until that text was shown."""
    for row in drafts(session, forum, cohort.key):
        title = row.body.get("title") or ""
        why = row.reason.rstrip(".")
        what = f"{escape(why)} ({escape(title)})" if title else escape(why)
        shown = numbered.get((row.key, text_digest(row.body)))
        yield Waiting("draft", Markdown(what), row.created_at, f"draft:{row.key}", shown.number if shown else 0)


def _failed(session: Session, forum: str, cohort: Cohort) -> Iterator[Waiting]:
    for row in given_up(session, forum, cohort.key):
        if MORNING_NOTE not in row.payload.get("refs", ()):
            about = row.payload.get("reason") or row.step
            yield Waiting("failed", Markdown(escape(str(about).rstrip("."))), row.updated_at, f"entry:{row.key}")


def _answers(session: Session, forum: str, cohort: Cohort, people: Sequence[ChosenPerson]) -> Iterator[Waiting]:
    names = {one.user_id: one.name for one in people}
    for row in answers_of(session, forum, cohort.key):
        if row.settled_at is None and row.answer != YES and not (row.answer == NOT_YET and _corroborates(session, row)):
            yield Waiting(row.answer, Markdown(escape(_of_whom(row, names, cohort))), row.at, f"answer:{row.key}")


def _corroborates(session: Session, row: BriefingAnswerRow) -> bool:
    """Whether a manager was asked what they have seen: that they have not seen it is nothing to look after."""
    entry = session.get(LedgerRow, row.key)
    return entry is not None and CORROBORATES in entry.payload.get("refs", ())


def _of_whom(row: BriefingAnswerRow, names: Mapping[int, str], cohort: Cohort) -> str:
    """Return who answered, and about whom: "Bea Boss, for Ana and Ben"."""
    words = NOTE.of(cohort.locale)
    learners = language(cohort.locale).listing([names[number] for number in row.about_users if number in names])
    return (words.who if row.name else words.who_unnamed).format(manager=row.name, learners=learners)


def _wrote(
    url: str, people: Sequence[ChosenPerson], numbered: Mapping[tuple[str, str], WaitingRow], now: datetime
) -> Iterator[Waiting]:
    """Return who wrote to the worker and waits for an answer; the message with that number has the words.

    A note may be a mail, and words that somebody wrote to the worker alone stay on the forum.
    """
    names = {one.user_id: one.name for one in people}
    for (subject, _), task in numbered.items():
        if subject.startswith(WROTE) and is_open(task, now):
            who = link(names.get(task.user_id or 0, task.username), f"{url}/u/{task.username}")
            yield Waiting("wrote", who, task.at, subject, task.number)


def is_open(task: WaitingRow, now: datetime) -> bool:
    """Whether a task waits now: nobody has done it, nor put it off until later."""
    return task.state == "open" and (task.not_before is None or task.not_before <= now)


def _handed_over(  # noqa: PLR0917
    session: Session,
    forum: str,
    url: str,
    cohort: Cohort,
    people: Sequence[ChosenPerson],
    now: datetime,
    numbered: Mapping[tuple[str, str], WaitingRow],
) -> Iterator[Waiting]:
    """Return who was handed over to the LCMs, has not written since, and was neither seen to nor put aside."""
    there = {one.user_id: one for one in people}
    put_aside = dismissals(session, forum, cohort.key, now)
    rows = session.scalars(
        select(LedgerRow).where(
            LedgerRow.forum == forum,
            LedgerRow.cohort == cohort.key,
            LedgerRow.action == "message",
            LedgerRow.state == "done",
            LedgerRow.updated_at > now - LOOK_BACK,
        )
    )
    since = {
        number: (row.updated_at, row.key)
        for row in sorted(rows, key=lambda row: row.updated_at, reverse=True)
        if HAND_OVER in row.payload.get("refs", ())
        for number in row.payload.get("about_users", ())
        if number in there and number not in put_aside
    }
    query = select(PostRow.user_id, func.max(PostRow.created_at)).where(
        PostRow.forum == forum, PostRow.user_id.in_(sorted(since))
    )
    wrote: dict[int, datetime] = {number: at for number, at in session.execute(query.group_by(PostRow.user_id))}  # noqa: C416
    for number, (at, key) in since.items():
        person = there[number]
        last = max((one for one in (wrote.get(number), person.posted_at) if one is not None), default=None)
        if last is None or last <= at:
            who = link(person.name, f"{url}/u/{person.username}")
            subject = f"{HANDED}{key}:{number}"
            task = numbered.get((subject, ""))
            if task is None or is_open(task, now):
                yield Waiting("hand-over", who, at, subject, task.number if task else 0)


def _to_keep(session: Session, forum: str, url: str, cohort: Cohort, now: datetime) -> Iterator[Waiting]:
    """Return the posts of roundups about which nobody has said whether they are kept as practice."""
    for row in offered(session, forum, cohort.key, now):
        if now - row.at > SHOWN_FOR:
            continue
        post = link(person_name(row.name, row.username), f"{url}/p/{row.post_id}")
        yield Waiting("practice", post, row.at, f"{TO_KEEP}{row.post_id}")


def _without_reply(url: str, topics: Iterable[Topic]) -> Iterator[Waiting]:
    for topic in {topic.id: topic for topic in topics}.values():
        where = link(topic.title, f"{url}/t/{topic.slug}/{topic.id}")
        yield Waiting("question", where, topic.created_at, f"topic:{topic.id}")


def _questions(topics: Sequence[Topic], own: Collection[str], now: datetime) -> Iterator[Topic]:
    """Return the topics in which somebody asks, or is stuck, and that nobody has settled for a day."""
    leave_out = frozenset(own)
    found = [*open_questions(topics, now, LOOK_BACK, leave_out), *stuck_topics(topics, now, LOOK_BACK, leave_out)]
    for one in found:
        if now - one.topic.created_at >= UNANSWERED_AFTER and not one.topic.closed:
            yield one.topic


def _told(  # noqa: PLR0917
    session: Session, forum: str, cohort: str, topics: Sequence[Topic], worker: Collection[str], now: datetime
) -> list[Topic]:
    """Return the topics of which the LCMs were told, and that nobody has answered: no message tells of them again."""
    rows = published_rows(session, forum, cohort, refs=(FIRST_REPLY, BLOCKERS))
    told = {topic for row in rows for topic in topics_in(row.payload.get("refs", ()))}
    return [
        one for one in topics if one.id in told and now - one.created_at < LOOK_BACK and asks_for_a_reply(one, worker)
    ]

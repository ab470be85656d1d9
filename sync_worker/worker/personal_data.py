"""What the worker holds about people: one person's, to show or to forget; everybody's, for as long as it may be."""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select

from sync_worker.errors import BusyError, StoreError, UsageError
from sync_worker.membership.records.accepted import AcceptedStore
from sync_worker.model import fold, forms_of
from sync_worker.publish.gate import CONSENT
from sync_worker.store.forgotten import no_longer_forgotten, remember_forgotten
from sync_worker.store.ledger import DECIDED
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.personal import GONE, Subject, held_about, known_as
from sync_worker.store.tables import (
    AcceptedRosterRow,
    ActivityDayRow,
    AnswerWeekRow,
    BlockerWordRow,
    BriefingAnswerRow,
    CaseNoteRow,
    CaseRow,
    ChangeRow,
    DismissalRow,
    DraftRow,
    EvidenceRow,
    FactRow,
    LedgerRow,
    LikeRow,
    PostRow,
    PracticeRow,
    ProposalRow,
    ReplyRow,
    TopicRow,
    TrialRow,
    VisitRow,
    WaitingRow,
    WebhookEventRow,
)
from sync_worker.store.taking_out import TEXTS, take_out, wipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from sync_worker.config.options import RetentionSettings
    from sync_worker.config.settings import Settings
    from sync_worker.model import Person, Roster
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
LOCKS = ("publish {}", "messages {}", "people:{}", "sync:{}")
WAIT_SECONDS = 60.0
SWEPT = "retention"
SWEEP_EVERY = timedelta(days=1)
WEBHOOKS_KEPT = timedelta(days=7)
SAY_WHO = "Give an e-mail address or an external id."


def _no_account(username: str) -> None:
    """Nobody knows which account has a username."""


def identify(
    store: Store, forum: str, words: str, roster: Roster | None, account_of: Callable[[str], int | None] = _no_account
) -> Subject:
    """Return by what a person is known; an empty subject where nobody is.

    Args:
        store: the worker's.
        forum: its name.
        words: a username, an e-mail address, an external id, or a name of the roster.
        roster: where further identifiers of the person are found; None where it cannot be read.
        account_of: asks the forum for the account of a username; only where the store does not know one of the person.

    Raises:
        UsageError: several people are called so.

    """
    wanted = fold(words)
    forms = {fold(form) for form in forms_of(words)} if "@" in words else {wanted}
    everybody = list(roster.everybody) if roster is not None else []
    people = {person.key: person for person in everybody if forms & _identifiers(person)}
    if not people:
        people = {person.key: person for person in everybody if fold(person.name) == wanted}
    if len(people) > 1:
        raise UsageError(f"{len(people)} people of the roster are '{words}'.", do=SAY_WHO)
    mail = forms_of(words) if "@" in words else frozenset()
    asked = Subject(
        usernames=frozenset({words}) - mail,
        persons=frozenset({f"id:{wanted}", f"name:{wanted}", *(f"mail:{form}" for form in forms)}),
        emails=mail,
    )
    of_roster = next((_of_person(person) for person in people.values()), Subject())
    with store.begin() as session:
        found = known_as(session, forum, of_roster if people else asked)
        if people and known_as(session, forum, asked).accounts - found.accounts:
            raise UsageError(f"'{words}' is one person in the roster, and another one's name on the forum.", do=SAY_WHO)
    if not found.accounts:
        numbers = {account_of(username) for username in found.usernames}
        found |= Subject(accounts=frozenset(number for number in numbers if number is not None))
    with store.begin() as session:
        found = known_as(session, forum, found)
        for person in everybody:  # of whom the store has the key alone
            if person.key in found.persons:
                of_roster |= _of_person(person)
        found = known_as(session, forum, found | of_roster)
        is_known = bool(people or found.accounts) or any(held_about(session, forum, found).values())
    if not is_known:
        return Subject()
    may_be_a_name = "@" not in words and not found.accounts and of_roster.is_empty
    return found | Subject(names=frozenset({words})) if may_be_a_name else found


def _identifiers(person: Person) -> set[str]:
    return {fold(one) for one in (person.external_id, person.email, person.username) if one}


def _of_person(person: Person) -> Subject:
    def only(text: str | None) -> frozenset[str]:
        return frozenset({text} if text else ())

    named = (("id", person.external_id), ("mail", person.email), ("name", person.username))
    return Subject(
        usernames=only(person.username),
        persons=frozenset(f"{kind}:{fold(one)}" for kind, one in named if one),
        emails=only(person.email),
        ids=only(person.external_id),
        names=only(person.name),
    )


def held_of(store: Store, forum: str, subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """Return every row that is held about a person, by table."""
    with store.begin() as session:
        return held_about(session, forum, subject)


def forget_person(store: Store, forum: str, subject: Subject, now: datetime) -> tuple[dict[str, int], bool]:
    """Forget a person in one transaction, and search for them; return how many rows it was, by table.

    Nothing is posted and nobody is synced meanwhile. The second part of the answer is whether the database could give
    up what was deleted.

    Raises:
        BusyError: a worker or a sync is at it for more than a minute.
        StoreError: the search still finds the person; nothing was changed.

    """
    with _nobody_at_work(store, forum), store.begin() as session:
        _unmark(store, session, forum, subject)
        counts = take_out(session, forum, subject)
        remember_forgotten(session, forum, subject, now)
        session.flush()
        left = held_about(session, forum, subject, spoken=True)
        if left:
            raise StoreError(
                f"the person is still found in {', '.join(sorted(left))}; nothing was changed.",
                do="This is a mistake in lcm; please report it with the names of the tables.",
            )
    return counts, wipe(store.engine)


def take_again(store: Store, forum: str, words: str) -> int:
    """Take a person from the roster again, by one of their identifiers; return by how many digests they were known."""
    with store.begin() as session:
        return no_longer_forgotten(session, forum, words)


@contextmanager
def _nobody_at_work(store: Store, forum: str) -> Iterator[None]:
    with ExitStack() as stack:
        for name in LOCKS:
            if not stack.enter_context(store.exclusive(name.format(forum), WAIT_SECONDS)):
                raise BusyError("a worker or a sync is at work on this forum.", do="Try again in a minute.")
        yield


def _unmark(store: Store, session: Session, forum: str, subject: Subject) -> None:
    """Take a person's marks out of the accepted rosters, so that nobody is missed when they are gone from the next."""
    rosters = AcceptedStore(store.sessions, forum).read()
    given = [("i", one) for one in subject.ids] + [("e", one) for one in subject.emails]
    given += [("u", one) for one in subject.usernames]
    theirs = {rosters.mark(kind, value) for kind, value in given}
    for row in session.scalars(select(AcceptedRosterRow).where(AcceptedRosterRow.forum == forum)):
        people = row.content.get("people", {})
        kept = {day: [marks for marks in all_ if not _shares(marks, theirs)] for day, all_ in people.items()}
        gone = sum(map(len, people.values())) - sum(map(len, kept.values()))
        if gone:
            sizes = {day: max(size - gone, 0) for day, size in row.content.get("sizes", {}).items()}
            lcms = [marks for marks in row.content.get("lcms", []) if not _shares(marks, theirs)]
            row.content = {**row.content, "people": kept, "sizes": sizes, "lcms": lcms}


def _shares(marks: str, theirs: set[str]) -> bool:
    return not theirs.isdisjoint(marks.split(" ")[1:])


def sweep(store: Store, settings: Settings, now: datetime) -> dict[str, int] | None:
    """Delete what is older than it may be kept, once a day; return how much, None where it is not time.

    Calls: none.
    """
    forum = settings.forum.name
    with store.begin() as session:
        last = remembered(session, forum, SWEPT)
        if last is not None and timedelta(0) <= now - datetime.fromisoformat(last) < SWEEP_EVERY:
            return None
        counts = _sweep(session, forum, settings.retention, _running(settings, now), now)
        remember(session, forum, SWEPT, now.isoformat())
    told = ", ".join(f"{number} of {kind}" for kind, number in counts.items())
    if told:
        LOG.info("kept long enough and deleted: %s", told)
    return counts


def _running(settings: Settings, now: datetime) -> frozenset[str]:
    """Return the cohorts that are not over yet: of these the texts that were posted are kept."""
    return frozenset(one.key for one in settings.cohorts if one.end >= now.date())


def _sweep(
    session: Session, forum: str, kept: RetentionSettings, running: frozenset[str], now: datetime
) -> dict[str, int]:
    counts: dict[str, int] = {}

    def drop(kind: str, table: Any, *old: Any) -> None:
        result: Any = session.execute(delete(table).where(table.forum == forum, *old))
        if result.rowcount:
            counts[kind] = counts.get(kind, 0) + result.rowcount

    if kept.activity is not None:
        before = now - kept.activity
        drop("activity", PostRow, PostRow.created_at < before)
        drop("activity", LikeRow, LikeRow.created_at < before)
        drop("activity", ActivityDayRow, ActivityDayRow.day < before.date())
        drop("activity", AnswerWeekRow, AnswerWeekRow.week < before.date())
        drop("activity", TrialRow, TrialRow.slot < before)
        holds_no_more = or_(DismissalRow.until < now, DismissalRow.cohort.not_in(running))
        drop("activity", DismissalRow, DismissalRow.at < before, holds_no_more)
        drop("activity", PracticeRow, PracticeRow.state.in_(("offered", "declined")), PracticeRow.at < before)
        topics = select(PostRow.topic_id).where(PostRow.forum == forum)
        drop("activity", BlockerWordRow, BlockerWordRow.at < before, BlockerWordRow.topic_id.not_in(topics))
        drop("activity", TopicRow, TopicRow.created_at < before, TopicRow.id.not_in(topics))
    if kept.visits is not None:
        drop("visits", VisitRow, VisitRow.day < (now - kept.visits).date())
    if kept.drafts is not None:
        before = now - kept.drafts
        drop("drafts", DraftRow, DraftRow.state.in_(DECIDED), DraftRow.created_at < before)
        _drop_evidence(drop, forum, before)
        drop("drafts", ProposalRow, ProposalRow.at < before)
        drop("replies", ReplyRow, ReplyRow.answered.is_(True), ReplyRow.at < before)
        drop("replies", WaitingRow, WaitingRow.kind == "task", WaitingRow.state == "done", WaitingRow.at < before)
    if kept.changes is not None:
        drop("changes", ChangeRow, ChangeRow.state != "intended", ChangeRow.at < now - kept.changes)
    if kept.facts is not None:
        drop("facts", FactRow, FactRow.at < now - kept.facts)
        drop("facts", BriefingAnswerRow, BriefingAnswerRow.at < now - kept.facts)
        _drop_evidence(drop, forum, now - kept.facts)
    if kept.ledger is not None:
        before = now - kept.ledger
        emptied = _empty_old_entries(session, forum, running, before)
        drop("case studies", CaseNoteRow, CaseNoteRow.at < before, CaseNoteRow.cohort.not_in(running))
        drop("case studies", CaseRow, CaseRow.slot < before, CaseRow.cohort.not_in(running))
        counts |= {"ledger": emptied} if emptied else {}
    drop("webhooks", WebhookEventRow, WebhookEventRow.at < now - WEBHOOKS_KEPT)
    return counts


def _drop_evidence(drop: Callable[..., None], forum: str, before: datetime) -> None:
    """Delete what was known when old texts were written, but for those on which an LCM has still to decide."""
    waiting = select(DraftRow.key).where(DraftRow.forum == forum, DraftRow.state.not_in(DECIDED))
    drop("evidence", EvidenceRow, EvidenceRow.at < before, EvidenceRow.key.not_in(waiting))


def _empty_old_entries(session: Session, forum: str, running: frozenset[str], before: datetime) -> int:
    """Take the texts out of old entries of cohorts that are over: that they were done is known for ever.

    Who takes part in a conversation in which an author was asked stays known, for as long as the answer counts: it is
    read from there, and an LCM's own version of the text is told from what anybody else writes by who they are.
    """
    query = select(LedgerRow).where(
        LedgerRow.forum == forum,
        LedgerRow.state != "intended",
        LedgerRow.updated_at < before,
        LedgerRow.cohort.not_in(running),
    )
    count = 0
    for row in session.scalars(query):
        texts = {name: GONE for name in TEXTS if row.payload.get(name) not in (None, "", GONE)}
        if texts or row.to_learner is not None:
            is_consent = bool(CONSENT & set(row.payload.get("refs", ())))
            row.payload = {**row.payload, **texts} | ({} if is_consent else {"recipients": [], "about_users": []})
            row.to_learner = None
            row.reason = ""
            count += 1
    return count

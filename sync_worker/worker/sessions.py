"""What is known of a live session: who said they would come, and who was there; kept as facts about people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.forum.reading import INVITEES_A_CALL
from sync_worker.model import fold
from sync_worker.plays.session import ANNOUNCE, MISSED, SESSION, attended_fact, rsvp_fact
from sync_worker.publish.entries import day_of
from sync_worker.store.facts import Placed, facts_of, list_facts, replace_facts, set_facts
from sync_worker.store.ledger import published_rows
from sync_worker.worker.due import NOTHING, catch_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import FactValue, Occurrence
    from sync_worker.plays import Play
    from sync_worker.rosters.tabular.people_files import Present
    from sync_worker.store.database import Store
    from sync_worker.worker.due import Planned

LATEST = "latest "  # before a step that comes again, the source of what repeats its latest session's fact
SHARE = "attendance"  # of the sessions of which it is known, at how many somebody was


def read_rsvps(  # noqa: PLR0917
    forum: Forum, store: Store, cohort: str, due: Iterable[Planned], plays: Mapping[str, Play], now: datetime
) -> None:
    """Keep what people answered to the calendar's invitation, before a reminder or a message that speaks of it.

    Calls: 1 for each session that one of these follow-ups is about.
    """
    wanted = {
        (one.step.id, None if one.step.every is None else one.occurrence.follows): one.occurrence.own_day
        for one in due
        if plays[one.step.play].counts_answers and one.occurrence.follow_up not in ("", ANNOUNCE)
    }
    for (step, slot), day in wanted.items():
        with store.begin() as session:
            post = _post_of(session, forum.name, cohort, step, None if slot is None else day)
        answers = forum.invitees(post) if post is not None else None
        if answers is None:
            continue
        silent = frozenset[str]() if len(answers) < INVITEES_A_CALL else None
        days = [None] if slot is None else [None, day]  # of a step that comes again, the latest and each with its day
        with store.begin() as session:
            for one in days:
                values = {Placed(user, rsvp_fact(step, one), cohort): status for user, status in answers.items()}
                source = f"calendar {cohort} {step}" + (f" {one}" if one is not None else "")
                replace_facts(session, forum.name, values, source, now, silent=silent)


def _post_of(session: Session, forum: str, cohort: str, step: str, day: date | None) -> int | None:
    """Return the first post of the topic of a step's session: of that on a day, or of the latest one."""
    rows = published_rows(session, forum, cohort, refs=(SESSION,))
    posts = [
        row.result.get("post_id")
        for row in rows
        if row.step == step and row.action == "topic"
        if day is None or day_of(row.key) == day
    ]
    return posts[-1] if posts else None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the cohort: the account, how it and the person are called, and since when they are in it."""

    user_id: int
    username: str
    name: str
    joined_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attendance:
    """What a list says: who was there by account, of whom it cannot be known, and the rows that fit nobody."""

    there: Mapping[int, bool]
    doubtful: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def attendance(
    rows: Iterable[Present], accounts: Mapping[str, int], members: Iterable[Member], held: datetime, at_least: float
) -> Attendance:
    """Return who of a cohort was at a session by a list. Pure.

    Who is on no row was not there; but of somebody whose name stands in a row that fits nobody it is not known, of
    somebody whose time there cannot be read, or who came into the cohort after the session.

    Args:
        rows: of the list.
        accounts: by the folded identifiers that the list uses.
        members: the learners of the cohort.
        held: when the session began.
        at_least: minutes that somebody has to have been there, all their rows together; 0 where any row counts.

    """
    minutes: dict[int, float] = {}
    unread: dict[int, str] = {}
    strangers = []
    for row in rows:
        account = accounts.get(row.key) if row.key else None
        if account is None:
            strangers.append(row)
        elif at_least and row.minutes is None:
            unread[account] = row.where
            minutes.setdefault(account, 0.0)
        else:
            minutes[account] = minutes.get(account, 0.0) + (row.minutes or 0.0)
    names = {fold(row.name) for row in strangers if row.name}
    there: dict[int, bool] = {}
    doubtful = []
    for one in members:
        if one.user_id in minutes:
            is_long_enough = minutes[one.user_id] >= at_least
            if is_long_enough or one.user_id not in unread:
                there[one.user_id] = is_long_enough
        elif fold(one.name) in names:
            doubtful.append(one.username)
        elif one.joined_at is None or one.joined_at <= held:
            there[one.user_id] = False
    return Attendance(there, tuple(doubtful), tuple(row.where for row in strangers), tuple(unread.values()))


@dataclass(frozen=True, slots=True)
class Place:
    """Which session facts are about: the forum, the cohort, the step, its day, and whether the step happens once."""

    forum: str
    cohort: str
    step: str
    day: date
    once: bool

    @property
    def fact(self) -> str:
        """The fact that says who was there."""
        return attended_fact(self.step, None if self.once else self.day)


def keep_attendance(session: Session, place: Place, found: Attendance, held: datetime, source: str) -> None:
    """Keep who was there, and of how many sessions; a list that is read again replaces what it said before.

    Facts are dated by the session itself, so that an older list never replaces what a later session says.
    """
    name = f"attendance {place.cohort} {place.step} {place.day}"
    values: dict[Placed, FactValue] = {
        Placed(user, place.fact, place.cohort): value for user, value in found.there.items()
    }
    source = f"{name}: {source}"
    for kept in _sources(session, place.forum, name):
        if kept != source:
            replace_facts(session, place.forum, {}, kept, held, silent=frozenset())
    replace_facts(session, place.forum, values, source, held, silent=frozenset())
    if not place.once:
        latest = {Placed(user, attended_fact(place.step), place.cohort): value for user, value in found.there.items()}
        set_facts(session, place.forum, latest, f"{LATEST}{place.step}", held)
    session.flush()
    _keep_shares(session, place.forum, place.cohort)


def _sources(session: Session, forum: str, name: str) -> list[str]:
    return [one for _, one, _, _ in list_facts(session, forum) if one.startswith(f"{name}:")]


def _keep_shares(session: Session, forum: str, cohort: str) -> None:
    shares: dict[Placed, FactValue] = {}
    latest: datetime | None = None
    for user, facts in facts_of(session, forum, cohort).items():
        known = [fact for fact in facts.values() if fact.source.startswith(f"attendance {cohort} ")]
        if known:
            there = sum(fact.value is True for fact in known)
            shares[Placed(user, SHARE, cohort)] = round(there / len(known), 3)
            latest = max([fact.at for fact in known] + ([latest] if latest else []))
    if latest is not None:
        replace_facts(session, forum, shares, f"sessions {cohort}", latest, silent=frozenset())


def write_after_all(session: Session, forum: str, dates: Iterable[Planned], of: Occurrence, now: datetime) -> bool:
    """Let the message to those who missed a session be drafted after all, where it was left as nobody knew them."""
    for one in dates:
        about = one.occurrence
        is_over = one.over is not None and one.over.outcome == NOTHING
        if about.follow_up == MISSED and about.follows == of.slot and is_over:
            catch_up(session, forum, one, now)
            return True
    return False

"""What stands still: a cohort's own clock (paused, shifted, archived), and a forum on which nothing may be changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.errors import RefusedError
from sync_worker.store.database import upsert
from sync_worker.store.tables import CohortClockRow, CursorRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.model import Cohort


@dataclass(frozen=True, slots=True)
class CohortClock:
    """How a cohort's journey runs; `paused_until` None means until somebody resumes it.

    `archived_at` is when a playbook or a person made the cohort an archive, whatever its dates say.
    """

    paused: bool = False
    paused_until: datetime | None = None
    shift_days: int = 0
    archived_at: datetime | None = None

    def stands_still(self, now: datetime) -> bool:
        """Whether nothing of the journey happens at `now`."""
        return self.paused and (self.paused_until is None or now < self.paused_until)

    def in_words(self, cohort: Cohort, now: datetime) -> str:
        """Return what differs from the written dates: `paused until 2027-03-15 00:00, 3 days later`; "" for nothing."""
        said = []
        if self.stands_still(now):
            until = self.paused_until.astimezone(cohort.zone) if self.paused_until else None
            said.append(f"paused until {until:%Y-%m-%d %H:%M}" if until else "paused until it is resumed")
        if self.shift_days:
            count, direction = abs(self.shift_days), "later" if self.shift_days > 0 else "earlier"
            said.append(f"{count} {'day' if count == 1 else 'days'} {direction} than written")
        if self.archived_at is not None:
            said.append(f"archived on {self.archived_at.astimezone(cohort.zone):%Y-%m-%d}")
        return ", ".join(said)

    def shifted(self, cohort: Cohort) -> Cohort:
        """Return the cohort with the dates that its journey goes by; who may read and write does not depend on it."""
        days = timedelta(days=self.shift_days)
        end = cohort.end if cohort.end == date.max else cohort.end + days  # 9999-12-31: without an end
        return replace(cohort, start=cohort.start + days, end=end)


def read_clock(session: Session, forum: str, cohort: str) -> CohortClock:
    """Return a cohort's clock."""
    row = session.get(CohortClockRow, (forum, cohort))
    return CohortClock(row.paused, row.paused_until, row.shift_days, row.archived_at) if row else CohortClock()


def pause(session: Session, forum: str, cohort: str, until: datetime | None) -> None:
    """Let nothing of the journey happen until then, or until it is resumed."""
    row = _row(session, forum, cohort)
    row.paused, row.paused_until = True, until


def resume(session: Session, forum: str, cohort: str) -> None:
    """Let the journey go on; what fell into the pause is caught up as far as its steps allow."""
    row = _row(session, forum, cohort)
    row.paused, row.paused_until = False, None


def shift(session: Session, forum: str, cohort: str, days: int) -> int:
    """Move what is still to come by some days, on top of earlier shifts; return the whole shift."""
    row = _row(session, forum, cohort)
    row.shift_days += days
    return row.shift_days


def archive(session: Session, forum: str, cohort: str, at: datetime) -> bool:
    """Make a cohort an archive, whatever its dates say; return whether it was none before."""
    row = _row(session, forum, cohort)
    if row.archived_at is not None:
        return False
    row.archived_at = at
    return True


def reopen(session: Session, forum: str, cohort: str) -> bool:
    """Let a cohort's dates decide again whether it is an archive; return whether it was made one."""
    row = _row(session, forum, cohort)
    was_archived, row.archived_at = row.archived_at is not None, None
    return was_archived


def archived_cohorts(session: Session, forum: str) -> frozenset[str]:
    """Return the keys of the cohorts that were made archives."""
    query = select(CohortClockRow.cohort).where(CohortClockRow.forum == forum, CohortClockRow.archived_at.is_not(None))
    return frozenset(session.scalars(query))


def as_archived(sessions: sessionmaker[Session], forum: str, cohorts: Iterable[Cohort]) -> list[Cohort]:
    """Return the cohorts, those that were made archives marked so."""
    with sessions() as session:
        archived = archived_cohorts(session, forum)
    return [replace(one, archived=True) if one.key in archived else one for one in cohorts]


def _row(session: Session, forum: str, cohort: str) -> CohortClockRow:
    row = session.get(CohortClockRow, (forum, cohort))
    if row is None:
        row = CohortClockRow(forum=forum, cohort=cohort, paused=False, shift_days=0)
        session.add(row)
    return row


# Why nothing may be changed on a forum at present, until a person has settled it; and what was last seen of it.


HELD = "held"
DO = "`lcm recover` shows what is missing and what it would do; with --apply it does it."


def held(session: Session, forum: str) -> str | None:
    """Return why nothing may be changed on the forum, None where it may."""
    return remembered(session, forum, HELD)


def hold(session: Session, forum: str, why: str) -> None:
    """Let nothing be changed on the forum, for the reason given, until `release`."""
    if held(session, forum) is None:
        remember(session, forum, HELD, why)


def release(session: Session, forum: str) -> None:
    """Let things be changed on the forum again."""
    row = session.get(CursorRow, (forum, HELD))
    if row is not None:
        session.delete(row)


def refuse_while_held(sessions: sessionmaker[Session], forum: str) -> None:
    """Let nobody past while nothing may be changed on the forum.

    Raises:
        RefusedError: with the reason, and what to do.

    """
    with sessions() as session:
        why = held(session, forum)
    if why is not None:
        raise RefusedError(why, where=forum, do=DO)


def remembered(session: Session, forum: str, name: str) -> str | None:
    """Return what was remembered of a forum under a name."""
    row = session.get(CursorRow, (forum, name))
    return row.value if row else None


def remember(session: Session, forum: str, name: str, value: str) -> None:
    """Remember something of a forum under a name, whatever other processes remember under it meanwhile."""
    upsert(session, CursorRow, [{"forum": forum, "name": name, "value": value}])
    session.get(CursorRow, (forum, name), populate_existing=True)

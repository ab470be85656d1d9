"""A cohort's own clock: whether its journey is paused, and by how many days what is still to come was shifted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sync_worker.store.tables import CohortClockRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort


@dataclass(frozen=True, slots=True)
class CohortClock:
    """How a cohort's journey runs; `paused_until` None means until somebody resumes it."""

    paused: bool = False
    paused_until: datetime | None = None
    shift_days: int = 0

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
        return ", ".join(said)

    def shifted(self, cohort: Cohort) -> Cohort:
        """Return the cohort with the dates that its journey goes by; who may read and write does not depend on it."""
        days = timedelta(days=self.shift_days)
        end = cohort.end if cohort.end == date.max else cohort.end + days  # 9999-12-31: without an end
        return replace(cohort, start=cohort.start + days, end=end)


def read_clock(session: Session, forum: str, cohort: str) -> CohortClock:
    """Return a cohort's clock."""
    row = session.get(CohortClockRow, (forum, cohort))
    return CohortClock(row.paused, row.paused_until, row.shift_days) if row else CohortClock()


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


def _row(session: Session, forum: str, cohort: str) -> CohortClockRow:
    row = session.get(CohortClockRow, (forum, cohort))
    if row is None:
        row = CohortClockRow(forum=forum, cohort=cohort, paused=False, shift_days=0)
        session.add(row)
    return row

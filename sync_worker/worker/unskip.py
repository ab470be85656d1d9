"""Occurrences that were written off too early are due again: a clock that ran ahead had them skipped."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.playbook.schedule import FURTHEST
from sync_worker.store.tables import OccurrenceRow
from sync_worker.worker.due import SKIPPED

# A step may be moved so far beyond its slot; what is too late after all is skipped again.
FURTHEST_MOVED = timedelta(days=FURTHEST)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.playbook.format import PlaybookFile


def unskip(session: Session, forum: str, cohort: str, playbook: PlaybookFile, now: datetime) -> None:
    """Forget that occurrences came too late which, at `now`, do not come too late."""
    rows = session.scalars(
        select(OccurrenceRow).where(
            OccurrenceRow.forum == forum,
            OccurrenceRow.cohort == cohort,
            OccurrenceRow.playbook == playbook.playbook,
            OccurrenceRow.outcome == SKIPPED,
            OccurrenceRow.at > now,
        )
    )
    for row in rows:
        step = playbook.step(row.step)
        if step is not None and row.slot + FURTHEST_MOVED + step.patience >= now:
            session.delete(row)

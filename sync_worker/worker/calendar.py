"""What a playbook has done and will do for a cohort, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.store.clocks import read_clock
from sync_worker.store.ledger import occurrences_over
from sync_worker.worker.due import plan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.due import Planned


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """An occurrence: when on the cohort's clock, which step and play, what became of it."""

    when: str
    step: str
    play: str
    state: str
    reason: str = ""


def calendar(session: Session, forum: str, playbook: Playbook, cohort: Cohort, now: datetime) -> list[CalendarLine]:
    """Return every occurrence of a cohort's playbook in order, by the cohort's own clock where it was shifted."""
    cohort = read_clock(session, forum, cohort.key).shifted(cohort)
    over = occurrences_over(session, forum, cohort.key, playbook.name)
    return [_line(planned, now) for planned in plan(forum, playbook.file, cohort, over)]


def _line(planned: Planned, now: datetime) -> CalendarLine:
    when = planned.occurrence.local.isoformat(timespec="minutes")
    step = planned.step
    if planned.over is not None:
        return CalendarLine(when, step.id, step.play, planned.over.outcome, planned.over.reason)
    if planned.is_missed(now):
        return CalendarLine(when, step.id, step.play, "missed", "too late to happen")
    return CalendarLine(when, step.id, step.play, "due" if planned.is_due(now) else "to come")

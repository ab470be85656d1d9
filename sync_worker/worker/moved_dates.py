"""What a pause or a shift does to the dates of a cohort's journey, before it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from sync_worker.store.ledger import occurrences_over
from sync_worker.store.pauses import read_clock
from sync_worker.worker.due import plan

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort
    from sync_worker.playbook.format import Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.due import Planned

TOO_LATE = "it will be too late for it"
AT_ONCE = "it will be done at once"
AFTERWARDS = "it will be done when the pause ends"


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date of a step that is still to come, and when it will be instead, on the cohort's clock.

    `before` is None for a date that the move brings, `after` for one that it takes away, or that is not known yet.
    """

    step: str
    before: datetime | None
    after: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """What is still to come of a cohort's playbook at `now`."""

    session: Session
    forum: str
    playbook: Playbook
    cohort: Cohort
    now: datetime

    def paused(self, until: datetime | None) -> list[MovedDate]:
        """Return the dates that fall into a pause until then, and what becomes of them once the journey goes on."""
        found = []
        for one in self._to_come(self._all(0)):
            planned = one.occurrence.local_at
            if until is None:
                found.append(MovedDate(one.occurrence.label, planned, None))
            elif one.occurrence.at < until:
                late = one.is_missed(until)
                after = None if late else until.astimezone(self.cohort.zone)
                found.append(MovedDate(one.occurrence.label, planned, after, TOO_LATE if late else AFTERWARDS))
        return found

    def shifted(self, days: int) -> list[MovedDate]:
        """Return the dates that a further shift by some days moves, brings or takes away, step by step."""
        before, after = self._all(0), self._all(days)
        found: list[MovedDate] = []
        labels = [(step.id, name) for step in self.playbook.file.steps for name in ("", *_names(step))]
        for label in labels:
            old = [one for one in self._to_come(before) if _label(one) == label]
            new = [one for one in self._to_come(after) if _label(one) == label]
            if [one.occurrence.at for one in old] != [one.occurrence.at for one in new]:
                is_late = any(_label(one) == label and one.is_missed(self.now) for one in after)
                found += [self._moved(*pair, is_late=is_late) for pair in zip_longest(old, new)]
        return found

    def _moved(self, old: Planned | None, new: Planned | None, *, is_late: bool) -> MovedDate:
        was, comes = (one.occurrence.local_at if one else None for one in (old, new))
        step = next(one.occurrence.label for one in (old, new) if one)
        if new is None:
            return MovedDate(step, was, None, TOO_LATE if is_late else "")
        return MovedDate(step, was, comes, AT_ONCE if new.is_due(self.now) else "")

    def _to_come(self, planned: list[Planned]) -> list[Planned]:
        return [one for one in planned if one.over is None and not one.is_missed(self.now)]

    def _all(self, more_days: int) -> list[Planned]:
        clock = read_clock(self.session, self.forum, self.cohort.key)
        clock = replace(clock, shift_days=clock.shift_days + more_days)
        over = occurrences_over(self.session, self.forum, self.cohort.key, self.playbook.name)
        return plan(self.forum, self.playbook.file, clock.shifted(self.cohort), over)


def _names(step: Step) -> list[str]:
    return [one.name for one in step.follow_ups]


def _label(planned: Planned) -> tuple[str, str]:
    return planned.step.id, planned.occurrence.follow_up

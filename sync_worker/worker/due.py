"""Which occurrences are due, which are too late, and which are still to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.playbook.schedule import occurrences
from sync_worker.publish.keys import occurrence_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.model import Cohort, Occurrence
    from sync_worker.playbook.format import PlaybookFile, Step
    from sync_worker.store.tables import OccurrenceRow

SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Planned:
    """An occurrence, its step, its key, and the row that says it is over, if it is."""

    occurrence: Occurrence
    step: Step
    key: str
    over: OccurrenceRow | None

    def is_due(self, now: datetime) -> bool:
        """Whether it should happen now."""
        return self.over is None and self.occurrence.slot <= now <= self.latest

    def is_missed(self, now: datetime) -> bool:
        """Whether it never happened and it is too late for it now."""
        return self.over is None and now > self.latest

    @property
    def latest(self) -> datetime:
        """Until when it may still happen."""
        return self.occurrence.slot + self.step.patience


def plan(forum: str, playbook: PlaybookFile, cohort: Cohort, over: Mapping[str, OccurrenceRow]) -> list[Planned]:
    """Return every occurrence of a cohort's playbook in order, with what became of it.

    A step that happens once and has happened stays over when the cohort's dates are moved.
    """
    steps = {step.id: step for step in playbook.steps}
    happened = {row.step: row for row in over.values() if row.outcome != SKIPPED}
    planned = []
    for occurrence in occurrences(playbook, cohort):
        key = occurrence_key(forum, occurrence)
        step = steps[occurrence.step]
        row = over.get(key) or (happened.get(step.id) if step.at else None)
        planned.append(Planned(occurrence, step, key, row))
    return planned

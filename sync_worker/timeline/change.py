"""What a cohort changes of a step's time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_worker.timeline.recurrence import Every
    from sync_worker.timeline.words import CatchUp, Day, Moment, OnHoliday


@dataclass(frozen=True, slots=True)
class StepChange:
    """What a cohort changes of the step `id`: whether it happens at all, and its times; None leaves the playbook's."""

    id: str
    off: bool = False
    at: Moment | None = None
    every: Every | None = None
    first: Day | None = None
    until: Day | None = None
    catch_up: CatchUp | None = None
    on_holiday: OnHoliday | None = None

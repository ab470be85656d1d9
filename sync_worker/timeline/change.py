"""What a cohort changes of a step's time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.timeline.recurrence import Every
    from sync_worker.timeline.words import CatchUp, Day, Moment, OnHoliday


@dataclass(frozen=True, slots=True)
class StepChange:
    """What a cohort changes of the step `id`: whether it happens at all, its times, its options, and who is left out.

    None leaves what the playbook says; `options` takes the place of those of the same name. `without` names people by
    their username or by their key in the roster.
    """

    id: str
    off: bool = False
    at: Moment | None = None
    every: Every | None = None
    first: Day | None = None
    until: Day | None = None
    catch_up: CatchUp | None = None
    on_holiday: OnHoliday | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    without: tuple[str, ...] = ()

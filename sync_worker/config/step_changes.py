"""The shape of `steps` under a cohort in `lcm.yaml`: what the cohort changes of its playbook's times."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from sync_worker.config.strict import Strict
from sync_worker.timeline import CatchUpField, DayField, EveryField, MomentField, OnHoliday, StepChange


class StepChangeSettings(Strict):
    """Other times for one step of the playbook, in the playbook's own words; what is left out stays as it is there.

    `off` alone instead of all this leaves the step out.
    """

    off: bool = False
    at: MomentField | None = None
    every: EveryField | None = None
    from_: Annotated[DayField | None, Field(alias="from")] = None
    until: DayField | None = None
    catch_up: CatchUpField | None = None
    on_holiday: OnHoliday | None = None

    @model_validator(mode="after")
    def _one_time(self) -> StepChangeSettings:
        if self.at and (self.every or self.from_ or self.until):
            raise ValueError("a step happens once (`at`) or again and again (`every`, `from`, `until`), not both")
        if self.off and len(self.model_fields_set) > 1:
            raise ValueError("a step that is off has no other times")
        if not self.model_fields_set:
            raise ValueError("say what changes, or write off")
        return self

    def as_change(self, step: str) -> StepChange:
        """Return the change of a step as the schedule takes it."""
        return StepChange(
            step,
            off=self.off,
            at=self.at,
            every=self.every,
            first=self.from_,
            until=self.until,
            catch_up=self.catch_up,
            on_holiday=self.on_holiday,
        )


def _read_off(value: object) -> object:
    """Read `off`, which YAML takes for False."""
    return {"off": True} if value is False else value


Steps = dict[str, Annotated[StepChangeSettings, BeforeValidator(_read_off)]]


def changes_of(steps: Steps) -> tuple[StepChange, ...]:
    """Return what a cohort changes, step by step."""
    return tuple(change.as_change(step) for step, change in steps.items())

"""The shape of `steps` under a cohort in `lcm.yaml`: what the cohort changes of its playbook's steps."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sync_worker.config.strict import Strict
from sync_worker.timeline import CatchUpField, DayField, EveryField, MomentField, OnHoliday, StepChange

USERNAME = re.compile(r"[\w.-]{1,60}")
PERSON_KEY = re.compile(r"(id:.+|mail:[^@\s]+@[^@\s]+|name:.+)", re.IGNORECASE)


def _someone(value: str) -> str:
    if not (USERNAME.fullmatch(value) or PERSON_KEY.fullmatch(value)):
        raise ValueError("name a person by username, or by the key of the roster: id:4711, mail:ana@example.org")
    return value


Someone = Annotated[str, AfterValidator(_someone)]


class StepChangeSettings(Strict):
    """Another form of one step of the playbook, in the playbook's own words; what is left out stays as it is there.

    `with` gives options of its play other values, `except` leaves single people out of it. `off` alone instead of all
    this leaves the step out.
    """

    off: bool = False
    at: MomentField | None = None
    every: EveryField | None = None
    from_: Annotated[DayField | None, Field(alias="from")] = None
    until: DayField | None = None
    catch_up: CatchUpField | None = None
    on_holiday: OnHoliday | None = None
    with_: Annotated[dict[str, Any], Field(alias="with", default_factory=dict)]
    except_: Annotated[tuple[Someone, ...], Field(alias="except")] = ()

    @model_validator(mode="after")
    def _one_time(self) -> StepChangeSettings:
        if self.at and (self.every or self.from_ or self.until):
            raise ValueError("a step happens once (`at`) or again and again (`every`, `from`, `until`), not both")
        if self.off and len(self.model_fields_set) > 1:
            raise ValueError("a step that is off has nothing else to change")
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
            options=self.with_,
            without=self.except_,
        )


def _read_off(value: object) -> object:
    """Read `off`, which YAML takes for False."""
    return {"off": True} if value is False else value


Steps = dict[str, Annotated[StepChangeSettings, BeforeValidator(_read_off)]]


def changes_of(steps: Steps) -> tuple[StepChange, ...]:
    """Return what a cohort changes, step by step."""
    return tuple(change.as_change(step) for step, change in steps.items())

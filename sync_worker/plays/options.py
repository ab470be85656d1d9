"""What the `with:` of several plays has in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from sync_worker.config.base import Strict
from sync_worker.timeline import CLOCK, text_schema

LATER = re.compile(rf"\+(?P<count>\d{{1,3}})(?P<unit>[dw]) {CLOCK}")
DISTANCE = re.compile(r"(?P<count>\d{1,3})(?P<unit>[hdw]) (?P<side>before|after)")
A_WEEK = 7


def read_days(value: object) -> object:
    """Read `7d`, `2w` as a number of days; what is no text and no number stays as it is."""
    if isinstance(value, str):
        match = re.fullmatch(r"(\d{1,3})([dw])", value.strip())
        if not match:
            raise ValueError("expected a number of days or weeks, like 7d or 2w")
        return int(match[1]) * (7 if match[2] == "w" else 1)
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"say which unit: {value}d or {value}w")  # noqa: TRY004  (pydantic reads ValueError)
    return value


Days = Annotated[
    int,
    Field(ge=1, le=365),
    BeforeValidator(read_days),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}[dw]$", "description": "days or weeks, like 7d or 2w"}),
]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]


@dataclass(frozen=True, slots=True)
class Later:
    """A time of the cohort's clock, so many days after a step's own day."""

    days: int
    clock: time

    def __str__(self) -> str:
        return f"+{self.days}d {self.clock:%H:%M}"

    def after(self, local: datetime) -> datetime:
        """Return that time, counted from an aware time of the cohort's clock."""
        return datetime.combine(local.date() + timedelta(days=self.days), self.clock, local.tzinfo)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far something is from a moment: days and minutes after it, negative before it."""

    days: int
    minutes: int = 0

    def __str__(self) -> str:
        side = "before" if (self.days, self.minutes) < (0, 0) else "after"
        return f"{abs(self.minutes) // 60}h {side}" if self.minutes else f"{abs(self.days)}d {side}"


def parse_later(value: object) -> Later:
    """Read `+7d 18:00`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = LATER.fullmatch(" ".join(value.lower().split())) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected days after the step's own day and a time, like '+7d 18:00', not '{value}'")
    days = int(match["count"]) * (A_WEEK if match["unit"] == "w" else 1)
    return Later(days, time(int(match["hour"]), int(match["minute"])))


def parse_distance(value: object) -> Distance:
    """Read `2d before`, `1w after`, `1h before`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = DISTANCE.fullmatch(" ".join(value.lower().split())) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected a distance like '2d before', '1d after' or '1h before', not '{value}'")
    count = int(match["count"]) * (-1 if match["side"] == "before" else 1)
    if match["unit"] == "h":
        return Distance(0, count * 60)
    return Distance(count * (A_WEEK if match["unit"] == "w" else 1))


LaterField = Annotated[Later, PlainValidator(parse_later), WithJsonSchema(text_schema(LATER.pattern, "+7d 18:00"))]
DistanceField = Annotated[
    Distance, PlainValidator(parse_distance), WithJsonSchema(text_schema(DISTANCE.pattern, "2d before", "1d after"))
]


class TopicOptions(Strict):
    """A play that opens a topic: how long it stays pinned, and its tags."""

    pin: Days | None = None
    tags: tuple[str, ...] = ()

"""The words of a playbook's timeline: `start +7d 09:00`, `2 weeks friday 10:00`, `24h`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
DAY = r"(?P<anchor>[a-z0-9][a-z0-9-]*)( (?P<sign>[+-])(?P<count>\d{1,3})(?P<unit>[dw]))?"
MOMENT = re.compile(rf"{DAY} {CLOCK}")
RHYTHM = re.compile(rf"((?P<weeks>[1-9]\d?) weeks )?(?P<weekday>{'|'.join(WEEKDAYS)}) {CLOCK}")
PERIOD = re.compile(r"(?P<count>[1-9]\d{0,2})(?P<unit>[hdw])")
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """A day counted from the cohort's `start`, its `end`, or another step."""

    anchor: str
    days: int

    def __str__(self) -> str:
        return f"{self.anchor} {self.days:+d}d" if self.days else self.anchor


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the cohort's clock on such a day."""

    day: RelativeDay
    clock: time

    def __str__(self) -> str:
        return f"{self.day} {self.clock:%H:%M}"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A time of the cohort's clock on a weekday (0 = Monday) of every week, or of every `weeks` weeks."""

    weeks: int
    weekday: int
    clock: time

    def __str__(self) -> str:
        weeks = f"{self.weeks} weeks " if self.weeks > 1 else ""
        return f"{weeks}{WEEKDAYS[self.weekday]} {self.clock:%H:%M}"


def parse_day(value: object) -> RelativeDay:
    """Read `start +7d`, `end -1w`, `kick-off`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = _match(re.compile(DAY), value, "a day like 'start +7d', 'end -1w' or 'STEP-ID +2d'")
    return _relative(match)


def parse_moment(value: object) -> Moment:
    """Read `start +7d 09:00`, `end -1w 10:00`, `kick-off +2d 14:30`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = _match(MOMENT, value, "a day and a time like 'start +0d 09:00', 'end -7d 10:00' or 'STEP-ID +2d 09:00'")
    return Moment(_relative(match), _clock(match))


def parse_rhythm(value: object) -> Rhythm:
    """Read `monday 09:00`, `2 weeks friday 10:00`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = _match(RHYTHM, value, "a weekday and a time like 'monday 09:00' or '2 weeks monday 09:00'")
    return Rhythm(int(match["weeks"] or 1), WEEKDAYS.index(match["weekday"]), _clock(match))


def parse_period(value: object) -> timedelta:
    """Read `24h`, `7d`, `2w`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = _match(PERIOD, value, "a period like '24h', '7d' or '2w'")
    return int(match["count"]) * UNITS[match["unit"]]


def _match(pattern: re.Pattern[str], value: object, form: str) -> re.Match[str]:
    words = " ".join(value.lower().split()) if isinstance(value, str) else ""
    match = pattern.fullmatch(words)
    if match is None:
        raise ValueError(f"expected {form}, not '{value}'")
    return match


def _relative(match: re.Match[str]) -> RelativeDay:
    days = int(match["count"] or 0) * (7 if match["unit"] == "w" else 1)
    return RelativeDay(match["anchor"], -days if match["sign"] == "-" else days)


def _clock(match: re.Match[str]) -> time:
    return time(int(match["hour"]), int(match["minute"]))


def _schema(pattern: str, *examples: str) -> WithJsonSchema:
    """Describe the text form; named groups are Python's own, so they are written plainly."""
    plain = re.sub(r"\?P<\w+>", "", pattern)
    description: dict[str, Any] = {"type": "string", "pattern": f"^{plain}$", "examples": list(examples)}
    return WithJsonSchema(description)


DayField = Annotated[RelativeDay, PlainValidator(parse_day), _schema(DAY, "start +7d", "end -1w")]
MomentField = Annotated[Moment, PlainValidator(parse_moment), _schema(MOMENT.pattern, "start +0d 09:00")]
RhythmField = Annotated[Rhythm, PlainValidator(parse_rhythm), _schema(RHYTHM.pattern, "monday 09:00")]
PeriodField = Annotated[timedelta, PlainValidator(parse_period), _schema(PERIOD.pattern, "24h", "7d")]

"""When a step of a playbook happens, as playbooks and `lcm.yaml` write it; knows nothing of either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import PlainValidator, WithJsonSchema

from sync_worker.extras import load

if TYPE_CHECKING:
    from collections.abc import Iterator


# The words of a playbook's timeline: `start +7d 09:00`, `2027-03-15 09:00`, `2 weeks friday 10:00`, `24h`.


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = r"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
DAY = r"(?P<anchor>[a-z0-9][a-z0-9-]*)( (?P<sign>[+-])(?P<count>\d{1,3})(?P<unit>[dw]))?"
DATE = r"(?P<date>\d{4}-\d{2}-\d{2})"
ANY_DAY = rf"(?:{DATE}|{DAY})"
MOMENT = re.compile(rf"{ANY_DAY} {CLOCK}")
RHYTHM = re.compile(rf"((?P<weeks>[1-9]\d?) weeks )?(?P<weekday>{'|'.join(WEEKDAYS)}) {CLOCK}")
ON_WEEKDAYS = re.compile(rf"weekday {CLOCK}")
PERIOD = re.compile(r"(?P<count>[1-9]\d{0,2})(?P<unit>[hdw])")
CATCH_UP = re.compile(rf"(?P<rule>skip)|((?P<named>latest|all) )?{PERIOD.pattern}")
UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
ON_TIME = timedelta(hours=1)  # a step that is never caught up may still be this late: a worker restarts
OnHoliday = Literal["skip", "before", "after"]
DAY_FORM = "a day like 'start +7d', 'end -1w', 'STEP-ID +2d' or '2027-03-15'"


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """A day counted from the cohort's `start`, its `end`, or another step."""

    anchor: str
    days: int

    def __str__(self) -> str:
        return f"{self.anchor} {self.days:+d}d" if self.days else self.anchor


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A day of the calendar, which stays where it is when a cohort's journey is shifted."""

    date: date

    def __str__(self) -> str:
        return self.date.isoformat()


Day = RelativeDay | FixedDay


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the cohort's clock on such a day."""

    day: Day
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

    def dates(self, first: date) -> Iterator[date]:
        """Yield the days from `first` on, without an end; weeks count from the first of them."""
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7)
        while True:
            yield day
            day += timedelta(weeks=self.weeks)


@dataclass(frozen=True, slots=True)
class Weekdays:
    """A time of the cohort's clock on each day from Monday to Friday."""

    clock: time

    def __str__(self) -> str:
        return f"weekday {self.clock:%H:%M}"

    def dates(self, first: date) -> Iterator[date]:
        """Yield the days from `first` on, without an end."""
        day = first
        while True:
            if WEEKDAYS[day.weekday()] not in ("saturday", "sunday"):
                yield day
            day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a step does again after each date of its own: `days` later (negative: earlier), at the same time of day.

    `minutes` move that time. The name tells the follow-ups of one step apart, in keys and in calendars.
    """

    name: str
    days: int
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What happens to dates of a step that were missed: the latest one, all, or none, up to `within` after each."""

    rule: Literal["latest", "all", "skip"]
    within: timedelta


def parse_day(value: object) -> Day:
    """Read `start +7d`, `end -1w`, `kick-off`, `2027-03-15`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    if isinstance(value, date) and not isinstance(value, datetime):  # YAML reads a date as a date
        return FixedDay(value)
    return _day(_match(re.compile(ANY_DAY), value, DAY_FORM))


def parse_moment(value: object) -> Moment:
    """Read `start +7d 09:00`, `end -1w 10:00`, `kick-off +2d 14:30`, `2027-03-15 09:00`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    form = "a day and a time like 'start +0d 09:00', 'end -7d 10:00', 'STEP-ID +2d 09:00' or '2027-03-15 09:00'"
    match = _match(MOMENT, value, form)
    return Moment(_day(match), _clock(match))


def parse_rhythm(value: object) -> Rhythm | Weekdays:
    """Read `monday 09:00`, `2 weeks friday 10:00`, `weekday 08:30`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    if isinstance(value, str) and (daily := ON_WEEKDAYS.fullmatch(" ".join(value.lower().split()))):
        return Weekdays(_clock(daily))
    form = "a weekday and a time like 'monday 09:00', '2 weeks monday 09:00' or 'weekday 09:00' (Monday to Friday)"
    match = _match(RHYTHM, value, form)
    return Rhythm(int(match["weeks"] or 1), WEEKDAYS.index(match["weekday"]), _clock(match))


def parse_catch_up(value: object) -> CatchUp:
    """Read `3d`, `latest 3d`, `all 3d`, `skip`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    match = _match(CATCH_UP, value, "a period like '3d', 'all 3d' where every missed date counts, or 'skip'")
    if match["rule"]:
        return CatchUp("skip", ON_TIME)
    return CatchUp("all" if match["named"] == "all" else "latest", int(match["count"]) * UNITS[match["unit"]])


def read_clock_time(value: object) -> time:
    """Read `09:00`.

    Raises:
        ValueError: anything else; the message shows the form.

    """
    return _clock(_match(re.compile(CLOCK), value, "a time like '09:00', in quotes"))


def _match(pattern: re.Pattern[str], value: object, form: str) -> re.Match[str]:
    words = " ".join(value.lower().split()) if isinstance(value, str) else ""
    match = pattern.fullmatch(words)
    if match is None:
        raise ValueError(f"expected {form}, not '{value}'")
    return match


def _day(match: re.Match[str]) -> Day:
    if match["date"]:
        try:
            return FixedDay(date.fromisoformat(match["date"]))
        except ValueError:
            raise ValueError(f"there is no day {match['date']}") from None
    days = int(match["count"] or 0) * (7 if match["unit"] == "w" else 1)
    return RelativeDay(match["anchor"], -days if match["sign"] == "-" else days)


def _clock(match: re.Match[str]) -> time:
    return time(int(match["hour"]), int(match["minute"]))


def text_schema(pattern: str, *examples: str) -> dict[str, Any]:
    """Return the JSON Schema of a text form; named groups are Python's own, so they are written plainly."""
    plain = re.sub(r"\?P<\w+>", "", pattern)
    return {"type": "string", "pattern": f"^({plain})$", "examples": list(examples)}


DayField = Annotated[
    Day, PlainValidator(parse_day), WithJsonSchema(text_schema(ANY_DAY, "start +7d", "end -1w", "2027-03-15"))
]
MomentField = Annotated[
    Moment,
    PlainValidator(parse_moment),
    WithJsonSchema(text_schema(MOMENT.pattern, "start +0d 09:00", "2027-03-15 09:00")),
]
CatchUpField = Annotated[
    CatchUp, PlainValidator(parse_catch_up), WithJsonSchema(text_schema(CATCH_UP.pattern, "3d", "all 3d", "skip"))
]


# When a step with `every` comes: a weekday, or what only a recurrence rule (RFC 5545, section 3.3.10) can say.
# A step says `every: monday 09:00`, or `every: {rule: "FREQ=MONTHLY;BYDAY=1TU", at: "10:00"}`. Of the standard, only
# what names days is taken: the step has `from` and `until` of its own, and one time of day.


# By frequency, the parts that name days and always come again within some years: a rule that never comes would be
# looked for until the year 9999.
PARTS = {
    "DAILY": {"INTERVAL"},
    "WEEKLY": {"INTERVAL", "BYDAY"},
    "MONTHLY": {"INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"INTERVAL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"},
}
ELSEWHERE = {
    "UNTIL": "write the last day as the step's `until`",
    "COUNT": "write the last day as the step's `until`",
    "DTSTART": "write the first day as the step's `from`",
    "BYHOUR": "write the time as `at`",
    "BYMINUTE": "write the time as `at`",
    "BYSECOND": "write the time as `at`",
}
LONGEST_INTERVAL = 99
FORM = 'a weekday and a time like \'monday 09:00\', or {rule: "FREQ=MONTHLY;BYDAY=1TU", at: "10:00"}'


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A time of the cohort's clock on the days of a recurrence rule, counted from the step's first day."""

    rule: str
    clock: time

    def __str__(self) -> str:
        return f"{self.rule} {self.clock:%H:%M}"

    def dates(self, first: date) -> Iterator[date]:
        """Yield the days from `first` on, until the calendar ends.

        Raises:
            ConfigError: the library that reads rules is not installed.

        """
        for moment in _rrulestr()(self.rule, dtstart=datetime.combine(first, time())):
            yield moment.date()


Every = Rhythm | Weekdays | Recurrence


def parse_every(value: object) -> Every:
    """Read `monday 09:00`, `2 weeks friday 10:00`, `weekday 08:30`, `{rule: "FREQ=MONTHLY;BYDAY=1TU", at: "10:00"}`.

    Raises:
        ValueError: anything else; the message shows the form, or names the part that cannot be used.

    """
    if not isinstance(value, dict):
        return parse_rhythm(value)
    rule = value.get("rule")
    if set(value) != {"rule", "at"} or not isinstance(rule, str):
        raise ValueError(f"expected {FORM}")
    rule = "".join(rule.upper().split()).removeprefix("RRULE:")
    clock = read_clock_time(value["at"])
    _check_parts(rule)
    recurrence = Recurrence(rule, clock)
    try:
        next(recurrence.dates(date(2024, 1, 1)), None)
    except (ValueError, LookupError, TypeError) as error:  # the library raises what its own code stumbles over
        raise ValueError(f"'{rule}' is no recurrence rule: {error}") from None
    return recurrence


def _check_parts(rule: str) -> None:
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, equals, content = part.partition("=")
        if not equals or not content or name in parts:
            raise ValueError(f"'{rule}' is no recurrence rule; write parts like FREQ=MONTHLY;BYDAY=1TU")
        parts[name] = content
    frequency = parts.pop("FREQ", "")
    if frequency not in PARTS:
        raise ValueError(f"a rule begins with one of {', '.join(f'FREQ={name}' for name in PARTS)}")
    for name, content in parts.items():
        if name in ELSEWHERE:
            raise ValueError(f"{name} cannot stand in a rule: {ELSEWHERE[name]}")
        if name not in PARTS[frequency]:
            known = ", ".join(sorted(PARTS[frequency]))
            raise ValueError(f"a rule with FREQ={frequency} takes {known}, not {name}")
        is_number = content.isascii() and content.isdigit()
        if name == "INTERVAL" and not (is_number and 1 <= int(content[:9]) <= LONGEST_INTERVAL):
            raise ValueError(f"INTERVAL is a number from 1 to {LONGEST_INTERVAL}, not '{content}'")


def _rrulestr() -> Any:
    return load("dateutil.rrule:rrulestr", "a recurrence rule")


EveryField = Annotated[
    Every,
    PlainValidator(parse_every),
    WithJsonSchema(
        {
            "oneOf": [
                text_schema(RHYTHM.pattern, "monday 09:00"),
                text_schema(ON_WEEKDAYS.pattern, "weekday 08:30"),
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["rule", "at"],
                    "properties": {
                        "rule": {"type": "string", "examples": ["FREQ=MONTHLY;BYDAY=1TU"]},
                        "at": text_schema(CLOCK, "10:00"),
                    },
                },
            ]
        }
    ),
]


# What a cohort changes of a step's time.


Places = Mapping[tuple[str | int, ...], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class StepChange:
    """What a cohort changes of the step `id`: whether it happens at all, its times, its options, and who is left out.

    None leaves what the playbook says; `options` takes the place of those of the same name. `without` names people by
    their username or by their key in the roster. `file` and `places` (line and column by the path within the change)
    say where it is written.
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
    file: str = field(default="", compare=False)
    places: Places = field(default_factory=dict, compare=False)

"""When a step with `every` comes: a weekday, or what only a recurrence rule (RFC 5545, section 3.3.10) can say.

A step says `every: monday 09:00`, or `every: {rule: "FREQ=MONTHLY;BYDAY=1TU", at: "10:00"}`. Of the standard, only what
names days is taken: the step has `from` and `until` of its own, and one time of day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from sync_worker.extras import load
from sync_worker.timeline.words import CLOCK, RHYTHM, Rhythm, parse_rhythm, read_clock_time, text_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

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


Every = Rhythm | Recurrence


def parse_every(value: object) -> Every:
    """Read `monday 09:00`, `2 weeks friday 10:00`, `{rule: "FREQ=MONTHLY;BYDAY=1TU", at: "10:00"}`.

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

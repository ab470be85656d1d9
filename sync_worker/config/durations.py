"""Lengths of time as lcm.yaml has them: `30m`, `1h`, `28d`, `4w`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WRITTEN = re.compile(r"(?P<count>[1-9]\d{0,3})(?P<unit>[mhdw])")


def parse_duration(value: object) -> timedelta:
    """Return the length of time that is written.

    Raises:
        ValueError: it is written otherwise; the message shows how.

    """
    if isinstance(value, timedelta):
        return value
    match = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected a number and a unit (m, h, d, w) like 30m, 1h or 28d")
    return int(match["count"]) * UNITS[match["unit"]]


def duration_in_words(length: timedelta) -> str:
    """Return a length of time as it is written in lcm.yaml, in the largest unit that is whole."""
    unit = next((unit for unit in reversed(UNITS) if length % UNITS[unit] == timedelta(0)), "m")
    return f"{length // UNITS[unit]}{unit}"


Duration = Annotated[
    timedelta,
    PlainValidator(parse_duration),
    PlainSerializer(duration_in_words),
    WithJsonSchema({"type": "string", "pattern": _WRITTEN.pattern.replace("?P<count>", "").replace("?P<unit>", "")}),
]

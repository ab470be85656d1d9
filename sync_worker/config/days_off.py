"""The shape of `days_off` in `lcm.yaml`: public holidays, further days off, and days on which nothing is posted."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from sync_worker.config.strict import Strict
from sync_worker.model import DaysOff

LONGEST_RANGE = 400
MOST = 200
RANGE = re.compile(r"(\d{4}-\d{2}-\d{2}) ?\.\. ?(\d{4}-\d{2}-\d{2})")
FORM = "expected a day like 2027-05-07, or several like 2027-12-24..2028-01-01"


def parse_days(value: object) -> frozenset[date]:
    """Return the days of `2027-05-07` or `2027-12-24..2028-01-01`, both ends included.

    Raises:
        ValueError: it is written otherwise, ends before it starts, or is longer than `LONGEST_RANGE` days.

    """
    if isinstance(value, date) and not isinstance(value, datetime):  # YAML reads a date as a date
        return frozenset({value})
    match = RANGE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if match is None:
            return frozenset({date.fromisoformat(value if isinstance(value, str) else "")})
        first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
    except ValueError:
        raise ValueError(FORM) from None
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_RANGE:
        raise ValueError(f"a range has 1 to {LONGEST_RANGE} days; this one has {length}")
    return frozenset(first + timedelta(days=number) for number in range(length))


def _written(days: frozenset[date]) -> str:
    first, last = min(days), max(days)
    return str(first) if first == last else f"{first}..{last}"


Days = Annotated[
    frozenset[date],
    PlainValidator(parse_days),
    PlainSerializer(_written),
    WithJsonSchema({"type": "string", "examples": ["2027-05-07", "2027-12-24..2028-01-01"]}),
]


class DaysOffSettings(Strict):
    """When a cohort does not work.

    `holidays` names a country, or a part of it (`FR`, `DE-BY`), whose public holidays count. `days` are further ones.
    Steps with `on_holiday` avoid both. On `blackout` days nothing is posted.
    """

    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$")] | None = None
    days: Annotated[tuple[Days, ...], Field(max_length=MOST)] = ()
    blackout: Annotated[tuple[Days, ...], Field(max_length=MOST)] = ()

    @property
    def as_data(self) -> DaysOff:
        """The days as the schedule takes them."""
        nothing: frozenset[date] = frozenset()
        return DaysOff(self.holidays, nothing.union(*self.days), nothing.union(*self.blackout))

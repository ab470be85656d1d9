"""Facts about people: what a roster, a file or a session says of a person beyond who they are. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.model.people import Person

FactValue = str | float | bool | date
FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_TEXT = 1_000


class FactType(StrEnum):
    """How a fact's value is read: `yes/no` is true or false, a `number` is a float (75 % is 0.75)."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes/no"

    @classmethod
    def of(cls, value: FactValue) -> FactType:
        """Return the type of a value.

        Raises:
            TypeError: no fact has such a value; a moment is no date.

        """
        if isinstance(value, bool):
            return cls.YES_NO
        if isinstance(value, float | int):
            return cls.NUMBER
        if isinstance(value, date) and not isinstance(value, datetime):
            return cls.DATE
        if isinstance(value, str):
            return cls.TEXT
        raise TypeError(f"a fact is a text, a number, a date, or yes or no, not {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about a person: its value, the source that says so, and when it was observed there.

    The value is personal data: it has no place in a log, and `repr` leaves it out.
    """

    value: FactValue
    source: str
    at: datetime

    def __repr__(self) -> str:
        return f"Fact({FactType.of(self.value)} from {self.source!r} at {self.at.isoformat()})"


@dataclass(frozen=True, slots=True, repr=False)
class StatedFacts:
    """What one source states of a person: facts of a `cohort` ("" of the person, in whichever cohort).

    A name that is missing in `values` is unknown. `where` is the row.
    """

    person: Person
    cohort: str
    values: Mapping[str, FactValue]
    where: str = ""

    def __repr__(self) -> str:
        return f"StatedFacts({', '.join(self.values)} of {self.where or 'a person'})"

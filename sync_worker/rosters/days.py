"""Days as systems write them when they mean none: before all time, or without an end.

.NET writes 0001-01-01 and MySQL 0000-00-00 for no day; SAP, SQL Server and others 9999-12-31 for no end (4712-12-31:
Oracle; 2999-12-31: several HR systems).
"""

from __future__ import annotations

from datetime import date

NO_END = date(9999, 12, 31)
ENDLESS = frozenset({date(4712, 12, 31), date(2999, 12, 31)})
NO_DAY = frozenset({"0000-00-00", "0000-00-00 00:00:00", "0001-01-01", "1-01-01", "NULL", "null", "(null)", "\\N"})
# The first days that programs know: SQL Server (1900 and 1753), Access and Delphi, Excel, Windows. As a start they are
# as good as none; as an end they may be anything.
FIRST_DAYS = frozenset({date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1753, 1, 1), date(1601, 1, 1)})


def is_no_day(day: date) -> bool:
    """Whether the day is what systems write for none at all: the first of the calendar."""
    return day.year == 1


def is_endless(day: date) -> bool:
    """Whether the day is what systems write for an end that never comes."""
    return day.year == NO_END.year or day in ENDLESS


def open_end(day: date | None) -> date | None:
    """Return the end of an enrolment: None where it never comes or is none."""
    return None if day is None or is_endless(day) or is_no_day(day) else day


def open_start(day: date | None) -> date | None:
    """Return the start of something: None where it is none."""
    return None if day is None or is_no_day(day) else day


def cohort_end(day: date | None) -> date | None:
    """Return the end of a cohort: 9999-12-31 where it never comes, None where it is none."""
    if day is None or is_no_day(day):
        return None
    return NO_END if is_endless(day) else day

"""What a source yields: rows by our names of columns, what their cells mean, days, and how much a roster may hold."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sync_worker.errors import LcmError, RosterError

if TYPE_CHECKING:
    from collections.abc import Mapping


MEGABYTE = 1_000_000
MAX_LINE = 1_000_000  # bytes of one line of text
MAX_COLUMNS = 1_000
MAX_REJECTED = 50_000
MAX_COHORTS = 10_000


def too_large(what: str, megabytes: int, where: str) -> RosterError:
    """Return the refusal of something with more bytes than the settings allow."""
    return RosterError(
        f"{what} has more than {megabytes:,} MB.",
        where=where,
        do="Export fewer people or columns, or raise the roster's max_megabytes in lcm.yaml.",
    )


def too_many_rows(most: int, where: str) -> RosterError:
    """Return the refusal of a roster with more rows than the settings allow."""
    return RosterError(
        f"there are more than {most:,} rows.",
        where=where,
        do="Is this the right export? If so, raise the roster's max_rows in lcm.yaml.",
    )


# What a source yields: rows by our names of columns, and cohorts as the source knows them.


class RowError(LcmError):
    """A row cannot be taken."""


class Row(NamedTuple):
    """A row: its place (`file:line`, an address, a record's id), and its cells by our names of columns.

    Cells are text without blanks around; one that is missing or empty says nothing.
    """

    where: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundCohort:
    """A cohort as the source knows it: what its rows say in `cohort`, its full name, its dates (both included)."""

    written: str
    name: str = ""
    start: date | None = None
    end: date | None = None
    where: str = ""


# Days as systems write them when they mean none: before all time, or without an end.
# .NET writes 0001-01-01 and MySQL 0000-00-00 for no day; SAP, SQL Server and others 9999-12-31 for no end (4712-12-31:
# Oracle; 2999-12-31: several HR systems).


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


# What people, spreadsheets and databases wrote into a cell -> the text that it means, or why it cannot be right.


JOINERS = "\u200c\u200d"
MAX_CELL = 1_000
# `="0042"`: how programs keep a spreadsheet from taking an id for a number.
QUOTED_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
NAMES = frozenset({"name", "first_name", "last_name", "cohort_name"})
WHO = frozenset({"external_id", "email", "username"})
SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E[+-][0-9]{1,3}", re.IGNORECASE)
AS_FLOAT = re.compile(r"[0-9]+[.,]0+")
GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
# What databases, programs and people write for no value. Not looked for in names: some people are called Null.
NOTHING = frozenset({"null", "(null)", "\\n", "n/a", "none", "nan", "nil", "undefined", "-", "--"})
ERROR = re.compile(r"#(?:N/A|NV|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|NOM\?|VALEUR!|NOMBRE!)")
EXPORT_AS_TEXT = "Export the column as text."


def cell_problem(cell: str) -> tuple[str, str] | None:
    """Return why a cell's text cannot be right and what to do, or None."""
    if len(cell) <= MAX_CELL and cell.isprintable():
        return None
    if len(cell) > MAX_CELL:
        return (f"a cell has {len(cell):,} characters.", "A quote is probably missing or left open.")
    odd = next((sign for sign in cell if not (sign.isprintable() or sign.isspace() or sign in JOINERS)), None)
    if odd:
        return (f"a cell holds the invisible character U+{ord(odd):04X}.", "Type the cell again.")
    return None


def is_suspect(texts: str) -> bool:
    """Whether some of several cells (joined) may need `meant`, which takes its time."""
    return "=" in texts or "'" in texts


def meant(cell: str, column: str) -> str:
    """Return what a cell means without the marks that keep a spreadsheet from changing it.

    Raises:
        RowError: it is a formula.

    """
    quoted = QUOTED_FORMULA.fullmatch(cell)
    if quoted:
        return quoted[1].replace('""', '"').strip()
    if cell.startswith("'") and column not in NAMES:
        cell = (cell[1:-1] if cell.endswith("'") and len(cell) > 1 else cell[1:]).strip()
    if cell.startswith("="):
        raise RowError(
            f"{column} is a formula ({cell[:40]}), not its value.", do="Save the file with values in place of formulas."
        )
    return cell


def or_nothing(identifier: str) -> str:
    """Return an identifier or an address, "" for what programs write for none.

    Raises:
        RowError: it is what a spreadsheet writes for an error.

    """
    if identifier.isalnum() and len(identifier) > len("undefined"):
        return identifier
    if ERROR.fullmatch(identifier):
        raise RowError(f"'{identifier}' is a spreadsheet's error, not a value.", do="Correct the cell, and save again.")
    return "" if identifier.casefold() in NOTHING else identifier


def refuse_changed_id(external_id: str) -> None:
    """Refuse an external id that a spreadsheet or a program has changed: it may be another person's by now.

    Raises:
        RowError: with what was done to it.

    """
    if SHORTENED.fullmatch(external_id):
        raise RowError(
            f"the external id '{external_id}' is a number that a spreadsheet has shortened.", do=EXPORT_AS_TEXT
        )
    if AS_FLOAT.fullmatch(external_id):
        raise RowError(
            f"the external id '{external_id}' is a number with a decimal point; it may have had zeros in front.",
            do=EXPORT_AS_TEXT,
        )
    if GROUPED.fullmatch(external_id):
        raise RowError(
            f"the external id '{external_id}' is a number with marks between its thousands.", do=EXPORT_AS_TEXT
        )
    odd = next((sign for sign in external_id if sign.isspace() and sign != " "), None)
    if odd:
        raise RowError(f"the external id holds the blank U+{ord(odd):04X}, which is not a space.", do="Type it again.")


def value_text(value: Any, column: str, date_format: str) -> str:
    """Return the text of a value: whole numbers without `.0`, days in the format, nothing for None and for 0001-01-01.

    Raises:
        RowError: it is binary.

    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return str(int(value)) if math.isfinite(value) and value == value // 1 else str(value)
    if isinstance(value, datetime) and (value.time() == time.min or is_endless(value.date())):
        value = value.date()
    if isinstance(value, date) and is_no_day(value):
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.strftime(date_format)
    if isinstance(value, bytes | bytearray | memoryview):
        raise RowError(f"{column} holds bytes, not text.", do="Convert it in the query.")
    return str(value).strip()

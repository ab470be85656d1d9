"""An Excel workbook -> a roster, without what Excel does to numbers and dates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from sync_worker.config.rosters import CELL, MAX_MEGABYTES
from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow
from sync_worker.rosters.row import WHO, Row, RowError, cell_problem, meant, value_text
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.files import refuse_stale
from sync_worker.rosters.tabular.table import about, column_remarks, find_columns, required_columns
from sync_worker.rosters.tabular.xlsx_sheet import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sync_worker.config.rosters import TableSource, XlsxRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts
    from sync_worker.rosters.tabular.xlsx_sheet import Cell, Sheet


def read_xlsx_roster(
    settings: XlsxRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster in a sheet; places are `file!sheet:row`. Rows that a filter hides are read like any other.

    Raises:
        RosterError: the file as a whole cannot be trusted: missing, too old, no workbook, protected, damaged, without
            the sheet or a needed column, with merged cells or formulas never computed, or without one good row.

    """
    del environment
    remarks: list[str] = []
    with read_sheet(settings.xlsx, settings.sheet, settings.header_row, settings.max_megabytes) as sheet:
        refuse_stale(settings, settings.xlsx, now)
        roster = build_roster(
            settings,
            str(settings.xlsx),
            _rows(sheet, settings, remarks),
            known,
            now=now,
            date_format=settings.date_format,
            folder=f"{settings.xlsx.parent}/",
            head=f"{sheet.place}:{settings.header_row or 1}",
        )
    return replace(roster, remarks=(*remarks, *roster.remarks))


def sheet_titles(path: Path, name: str | None) -> list[str]:
    """Return the titles of a sheet's columns.

    Raises:
        RosterError: the file cannot be read as a workbook with such a sheet.

    """
    with read_sheet(path, name, None, MAX_MEGABYTES) as sheet:
        return next((_titles(header) for _, header in sheet.rows()), [])


def _titles(header: Mapping[int, Cell]) -> list[str]:
    return ["" if column not in header else str(header[column].value or "") for column in range(1, max(header) + 1)]


def _rows(sheet: Sheet, settings: XlsxRosterSettings, remarks: list[str]) -> Iterator[Row | RejectedRow]:
    records = sheet.rows()
    try:
        number, header = next(records)
    except StopIteration:
        raise RosterError("the sheet is empty.", where=f"{sheet.place}:1", do="Name another under sheet.") from None
    where = f"{sheet.place}:{number}"
    if len(header) == 1 and settings.header_row is None:
        _refuse_title_line(next(iter(header.values())), where, records)
    titles = _titles(header)
    places = find_columns(titles, where, settings.titles, required_columns(settings))
    remarks += column_remarks(titles, where, places, settings)
    columns = {name: place + 1 for name, place in places.items()}
    for number, cells in records:
        row = _row(cells, columns, f"{sheet.place}:{number}", settings)
        if row is not None:
            yield row
    sheet.refuse_merged(number, set(columns.values()))


def _row(
    cells: Mapping[int, Cell], columns: Mapping[str, int], where: str, settings: XlsxRosterSettings
) -> Row | RejectedRow | None:
    """Return a row, None for one that is empty but for blanks.

    Raises:
        RosterError: a formula in it was never computed, so that the whole workbook is doubtful.

    """
    row: dict[str, str] = {}
    problem: tuple[str, str] | None = None
    for name, column in columns.items():
        cell = cells.get(column)
        if cell is None:
            continue
        if cell.uncomputed:
            raise RosterError(
                f"the formula in {get_column_letter(column)}{where.rpartition(':')[2]} was never computed.",
                where=where,
                do="Open the workbook in Excel or LibreOffice, save it, and try again.",
            )
        try:
            row[name] = (fact_text if name.startswith(CELL) else cell_text)(cell, name, settings)
        except RowError as error:
            problem = problem or (error.what, error.do or "")
    problem = problem or next((found for text in row.values() if (found := cell_problem(text))), None)
    if problem:
        return RejectedRow(where, *problem, about=about(row))
    return Row(where, row)


def _refuse_title_line(title: Cell, where: str, rest: Iterable[tuple[int, Mapping[int, Cell]]]) -> None:
    """Refuse a title above the table; a table of one column is none."""
    for _, cells in rest:
        if len(cells) > 1:
            raise RosterError(
                f"the first line holds '{str(title.value)[:60]}' alone, which is a title and not a header.",
                where=where,
                do="Delete the lines above the header, or say where it is: header_row.",
            )
        return


# A cell of a workbook -> text, without what Excel does to numbers and dates.
# A whole number is read as its format shows it: `"E"0000` shows 42 as E0042. Only formats that put digits, zeros and
# fixed text beside each other are understood (ECMA-376 part 1, 18.8.31).


DAYS = ("start_date", "end_date", "cohort_start", "cohort_end")
EXACT = 10**15
AS_TEXT = "Format the column as text in Excel and type the value again."
TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|(\[[^\]]*\])|([0#?])|(General)|(.)', re.IGNORECASE | re.DOTALL)
PLAIN_SIGNS = frozenset(" -+/():$€£.,&'~{}=<>!^|°#")
CONDITION = re.compile(r"\[(?:[<>=]|\$[^\]-]+)")


def cell_text(cell: Cell, column: str, settings: TableSource) -> str:
    """Return what a cell says in one of our columns: of numbers, what Excel shows.

    Raises:
        RowError: Excel has an error there, has rounded a long number, shows it in a way that is not known, or made a
            date of something else.

    """
    value = cell.value
    if cell.is_error:
        raise RowError(f"{column} holds Excel's error {value}.", do="Correct the formula, or type the value.")
    if isinstance(value, str):
        return meant(value.strip(), column)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, column, cell.number_format)
    if isinstance(value, bool) and column in WHO:
        raise RowError(f"{column} is a yes or no ({value}), which Excel has probably made of it.", do=AS_TEXT)
    if isinstance(value, date | time) and column not in DAYS:
        raise RowError(f"{column} is a date ({value}), which Excel has probably made of it.", do=AS_TEXT)
    return value_text(value, column, settings.date_format)


def fact_text(cell: Cell, column: str, settings: TableSource) -> str:
    """Return what a cell says of a fact: of a number its value, whatever Excel shows of it; a date is welcome.

    A whole number that Excel shows with zeros in front or letters, as an id, is read as it is shown.
    """
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and not cell.is_error:
        shown = shown_number(int(value), cell.number_format) if value == int(value) and abs(value) < EXACT else None
        return shown or value_text(value, column, "")
    return value_text(value, column, settings.date_format)


def _number(value: float, column: str, number_format: str) -> str:
    if abs(value) >= EXACT:
        raise RowError(f"{column} is a number of more than 15 digits, which Excel has rounded.", do=AS_TEXT)
    if value != int(value):
        return value_text(value, column, "")
    shown = shown_number(int(value), number_format)
    if shown is None:
        raise RowError(
            f"{column} is the number {int(value)}, which Excel shows differently (in the format {number_format[:40]}).",
            do=AS_TEXT,
        )
    return shown


def shown_number(number: int, number_format: str) -> str | None:
    """Return what Excel shows of a whole number, without the marks between thousands; None where that is not known."""
    section = _section(number, number_format)
    if section is None:
        return None
    if section.strip().casefold() in ("general", "@", ""):
        return str(number)
    parts: list[str | None] = []  # a fixed text, or None for a place of a digit
    zeros = 0
    for token in _tokens(section):
        if token is None:
            return None
        kind, text = token
        if kind == "digit":
            parts.append(None)
            zeros = zeros + 1 if text == "0" or zeros else 0
        elif kind == "general":
            return _with_texts(parts, str(abs(number)), section)
        elif text:
            parts.append(text)
    if None not in parts:
        return None  # a text alone, whatever the number is
    return ("-" if number < 0 and ";" not in number_format else "") + _filled(parts, str(abs(number)), zeros)


def _section(number: int, number_format: str) -> str | None:
    """Return the section of the format that is for the number; None where conditions choose it."""
    if CONDITION.search(number_format):
        return None
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    if number < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


def _tokens(section: str) -> list[tuple[str, str] | None]:
    """Return the parts of a section in order; None for one whose meaning is not known."""
    whole = _without_decimals(section)
    if whole is None:
        return [None]
    found: list[tuple[str, str] | None] = []
    for match in TOKEN.finditer(whole):
        quoted, escaped, bracket, digit, general, sign = match.groups()
        if quoted is not None or escaped is not None:
            found.append(("text", quoted if quoted is not None else escaped))
        elif digit:
            found.append(("digit", digit))
        elif general:
            found.append(("general", ""))
        elif sign == "," or bracket:
            continue  # the mark between thousands, a colour
        elif sign is not None:
            found.append(("text", sign) if sign in PLAIN_SIGNS else None)
    return found


def _without_decimals(section: str) -> str | None:
    """Return a section without its decimals, which a whole number has none of; None where it scales the number."""
    plain = re.sub(r'"[^"]*"|\\.', lambda found: "\x00" * len(found[0]), section)
    if re.search(r"%|E[+-]|[0#?],+(?![0#?,])|[0#?]\s*/|/\s*[0#?]", plain, re.IGNORECASE):
        return None
    point = re.search(r"(?<=[0#?])\.[0#?]*", plain)
    return section[: point.start()] + section[point.end() :] if point else section


def _filled(parts: list[str | None], digits: str, zeros: int) -> str:
    """Return the fixed texts with the digits in their places, from the right; the first takes all that is left."""
    digits = digits.zfill(zeros)
    if digits == "0" and zeros == 0:
        digits = ""
    shown: list[str] = []
    places = sum(part is None for part in parts)
    for part in reversed(parts):
        if part is not None:
            shown.append(part)
            continue
        places -= 1
        if places == 0:
            shown.append(digits)
            digits = ""
        else:
            shown.append(digits[-1:])
            digits = digits[:-1]
    return "".join(reversed(shown)).strip()


def _with_texts(parts: list[str | None], digits: str, section: str) -> str | None:
    """Return `"E"General`: the texts before, then the number; None where more follows."""
    if not section.casefold().rstrip().endswith("general"):
        return None
    return "".join(part or "" for part in parts) + digits

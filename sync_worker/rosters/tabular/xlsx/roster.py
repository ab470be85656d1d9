"""An Excel workbook -> a roster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from sync_worker.config.facts import CELL
from sync_worker.config.rosters import MAX_MEGABYTES
from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow
from sync_worker.rosters.cells import cell_problem
from sync_worker.rosters.row import Row, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.files import refuse_stale
from sync_worker.rosters.tabular.table import about, column_remarks, find_columns, required_columns
from sync_worker.rosters.tabular.xlsx.cells import cell_text, fact_text
from sync_worker.rosters.tabular.xlsx.sheet import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sync_worker.config.rosters import XlsxRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.rows import KnownCohorts
    from sync_worker.rosters.tabular.xlsx.sheet import Cell, Sheet


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

"""An Excel workbook -> a roster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow
from sync_worker.rosters.files import refuse_stale
from sync_worker.rosters.row import Row, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.table import cell_problem, find_columns, required_columns
from sync_worker.rosters.xlsx_cells import cell_text
from sync_worker.rosters.xlsx_sheet import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.rosters import XlsxRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.rows import KnownCohorts
    from sync_worker.rosters.xlsx_sheet import Cell, Sheet


def read_xlsx_roster(
    settings: XlsxRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster in a sheet; places are `file!sheet:row`. Rows that a filter hides are read like any other.

    Raises:
        RosterError: the file as a whole cannot be trusted: missing, too old, no workbook, protected, damaged, without
            the sheet or a needed column, with merged cells or formulas never computed, or without one good row.

    """
    del environment
    with read_sheet(settings.xlsx, settings.sheet, settings.header_row) as sheet:
        refuse_stale(settings, settings.xlsx, now)
        return build_roster(
            settings,
            str(settings.xlsx),
            _rows(sheet, settings),
            known,
            date_format=settings.date_format,
            folder=f"{settings.xlsx.parent}/",
            head=f"{sheet.place}:{settings.header_row or 1}",
        )


def _rows(sheet: Sheet, settings: XlsxRosterSettings) -> Iterator[Row | RejectedRow]:
    records = iter(_filled(sheet.rows()))
    try:
        number, header = next(records)
    except StopIteration:
        raise RosterError("the sheet is empty.", where=f"{sheet.place}:1", do="Name another under sheet.") from None
    titles = [str(cell.value or "") for cell in header]
    where = f"{sheet.place}:{number}"
    if len([title for title in titles if title.strip()]) == 1 and settings.header_row is None:
        _refuse_title_line(titles, where, records)
    places = find_columns(titles, where, settings.columns, required_columns(settings))
    sheet.refuse_traps(number, {place + 1 for place in places.values()})
    for number, cells in records:
        where = f"{sheet.place}:{number}"
        try:
            row = {name: cell_text(cells[at], name, settings) for name, at in places.items() if at < len(cells)}
        except RowError as error:
            yield RejectedRow(where, error.what, error.do or "")
            continue
        problem = next((found for text in row.values() if (found := cell_problem(text))), None)
        yield RejectedRow(where, *problem) if problem else Row(where, row)


def _filled(rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Leave out rows without any value."""
    for number, cells in rows:
        if any(cell.value is not None and str(cell.value).strip() for cell in cells):
            yield number, cells


def _refuse_title_line(titles: Sequence[str], where: str, rest: Iterable[tuple[int, Sequence[Cell]]]) -> None:
    """Refuse a title above the table; a table of one column is none."""
    for _, cells in rest:
        if sum(cell.value is not None for cell in cells) > 1:
            title = next(title for title in titles if title.strip())
            raise RosterError(
                f"the first line holds '{title[:60]}' alone, a title and no header.",
                where=where,
                do="Delete the lines above the header, or say where it is: header_row.",
            )
        return

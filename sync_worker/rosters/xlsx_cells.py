"""A cell of a workbook -> text, without what Excel does to numbers and dates."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from sync_worker.rosters.cells import WHO, meant
from sync_worker.rosters.row import RowError
from sync_worker.rosters.values import value_text
from sync_worker.rosters.xlsx_formats import shown_number

if TYPE_CHECKING:
    from sync_worker.config.rosters import TableSource
    from sync_worker.rosters.xlsx_sheet import Cell

DAYS = ("start_date", "end_date", "cohort_start", "cohort_end")
EXACT = 10**15
AS_TEXT = "Format the column as text in Excel and type the value again."


def cell_text(cell: Cell, column: str, settings: TableSource) -> str:
    """Return what a cell says in one of our columns: of numbers, what Excel shows.

    Raises:
        RowError: Excel has an error there, has rounded a long number, shows it in a way that cannot be told, or made a
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


def _number(value: float, column: str, number_format: str) -> str:
    if abs(value) >= EXACT:
        raise RowError(f"{column} is a number of more than 15 digits, which Excel has rounded.", do=AS_TEXT)
    if value != int(value):
        return value_text(value, column, "")
    shown = shown_number(int(value), number_format)
    if shown is None:
        raise RowError(
            f"{column} is the number {int(value)}, which Excel shows otherwise (in the format {number_format[:40]}).",
            do=AS_TEXT,
        )
    return shown

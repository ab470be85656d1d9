"""A file of a OneRoster export -> its lines by the standard's names of columns."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow, fold
from sync_worker.rosters.csv_table import csv_records
from sync_worker.rosters.csv_text import decode
from sync_worker.rosters.row import RowError
from sync_worker.rosters.table import plain_title, shape_problem, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.rosters.oneroster_files import ExportFiles


DELETED = "tobedeleted"
ISO_DAY = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table; a column that the file does not have is empty."""

    where: str
    cells: Sequence[str]
    places: Mapping[str, int]

    def text(self, column: str) -> str:
        """Return the cell in a column."""
        place = self.places.get(plain_title(column))
        return "" if place is None else self.cells[place].strip()

    def word(self, column: str) -> str:
        """Return the cell in a column, folded."""
        return fold(self.text(column))

    def words(self, column: str) -> list[str]:
        """Return the parts of a list in a cell."""
        return [part.strip() for part in self.text(column).split(",") if part.strip()]

    def day(self, column: str, date_format: str = ISO_DAY) -> date | None:
        """Return the day in a cell, written as the standard has it or in the format (strptime's); None if it is empty.

        A time after it is cut off.

        Raises:
            RowError: it is no day.

        """
        written = self.text(column)
        if not written:
            return None
        with suppress(ValueError):
            return date.fromisoformat(written[:10])
        for text in (written, written.split()[0]):
            with suppress(ValueError):
                return datetime.strptime(text, date_format).date()  # noqa: DTZ007  (a day has no zone)
        raise RowError(
            f"{column} '{written}' is not a day written like {date(2027, 12, 31).strftime(date_format)}.",
            do="Export it again, or set the roster's date_format in lcm.yaml.",
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a file, and those that do not have its header's shape."""

    lines: Sequence[Line]
    broken: Sequence[RejectedRow] = ()


def read_table(files: ExportFiles, name: str, needed: Sequence[str]) -> Table:
    """Return a file's lines; header names count in any case, others than the standard's are let be.

    Raises:
        RosterError: not text, no header, quotes broken, or a needed column is missing or twice.

    """
    file = files.place(name)
    records = csv_records(decode(files.read(name), file), file, needed)
    try:
        where, header = next(records)
    except StopIteration:
        raise RosterError("the file has no header.", where=f"{file}:1", do="Export it again.") from None
    titles = [plain_title(title) for title in header]
    for column in needed:
        count = titles.count(plain_title(column))
        if count != 1:
            what = "is missing" if count == 0 else "stands here twice"
            raise RosterError(f"the column '{column}' {what}.", where=where, do="Export it again.")
    # A column that is there twice says nothing for certain; one that is needed was refused above.
    places = {title: place for place, title in enumerate(titles) if title and titles.count(title) == 1}
    width = len(trimmed(header))
    lines: list[Line] = []
    broken: list[RejectedRow] = []
    for where, cells in records:
        problem = shape_problem(cells, width)
        if problem:
            broken.append(RejectedRow(where, *problem))
        else:
            lines.append(Line(where, cells, places))
    return Table(lines, broken)

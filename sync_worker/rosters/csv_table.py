"""CSV text -> records with true line numbers."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sync_worker.config.rosters import ROSTER_COLUMNS
from sync_worker.errors import RosterError
from sync_worker.rosters.table import plain_title

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

DELIMITERS = (",", ";", "\t")


def csv_records(text: str, file: str, titles: Collection[str] = ROSTER_COLUMNS) -> Iterator[tuple[str, list[str]]]:
    """Yield every record that is not blank with `file:line` of where it starts; `titles` tell the delimiter.

    Raises:
        RosterError: quotes are broken; names the line.

    """
    lines = io.StringIO(text, newline="")
    delimiter, first = _delimiter(text, titles)
    if first == 2:
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = first
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield f"{file}:{start}", record
            start = reader.line_num + first
    except csv.Error as error:
        raise RosterError(
            f"the quotes of the record that starts here are broken ({error}).",
            where=f"{file}:{start}",
            do='Close every quoted cell, and write a quote within one as "".',
        ) from None


def _delimiter(text: str, titles: Collection[str]) -> tuple[str, int]:
    """Return the delimiter, and the line that the table starts on (2 after Excel's `sep=;`)."""
    lines = io.StringIO(text, newline="")
    first = lines.readline().strip("\r\n")
    if first.casefold().startswith("sep=") and len(first) == 5:
        return first[4], 2
    first = next((line for line in (first, *lines) if line.strip()), "")
    return max(DELIMITERS, key=lambda sign: _recognised(first, sign, titles)), 1


def _recognised(header: str, delimiter: str, titles: Collection[str]) -> tuple[int, int]:
    cells = [plain_title(cell) for cell in header.replace('"', "").split(delimiter)]
    known = {plain_title(name) for name in titles}
    return sum(cell in known for cell in cells), len(cells)

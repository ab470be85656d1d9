"""CSV text -> records with true line numbers."""

from __future__ import annotations

import csv
import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from sync_worker.config.rosters import ROSTER_COLUMNS
from sync_worker.errors import RosterError
from sync_worker.rosters.tabular.table import plain_title

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

DELIMITERS = (",", ";", "\t", "|")
# Excel's hint for the separator, as it stands, in quotes, or with the separators that a spreadsheet adds.
HINT = re.compile(r'\s*"?\s*sep=(?:(?P<sign>[^"\r\n])"?[,;\t ]*|"?)\s*', re.IGNORECASE)
HEADER_WITHIN = 100  # lines in which the header is looked for


def csv_records(
    lines: Iterable[str], file: str, titles: Collection[str] = ROSTER_COLUMNS, header_row: int = 1
) -> Iterator[tuple[str, list[str]]]:
    """Yield every record that is not blank with `file:line` of where it starts; `titles` tell the delimiter.

    With `header_row` everything before that line is left out.

    Raises:
        RosterError: quotes are broken, or a cell is too long; names the line.

    """
    rest = iter(lines)
    first = 1
    while first < header_row and next(rest, None) is not None:
        first += 1
    delimiter, first, rest = _delimiter(rest, first, titles)
    reader = csv.reader(rest, delimiter=delimiter, strict=True)
    start, before = first, first - 1
    try:
        for record in reader:
            if record and (record[0].strip() or any(map(str.strip, record))):
                yield f"{file}:{start}", record
            start = reader.line_num + before + 1
    except csv.Error as error:
        if "field larger" in str(error):
            what = f"the record that starts here has a cell of more than {csv.field_size_limit():,} characters."
            raise RosterError(what, where=f"{file}:{start}", do="A quote is probably missing or left open.") from None
        raise RosterError(
            f"the quotes of the record that starts here are broken ({error}).",
            where=f"{file}:{start}",
            do='Close every quoted cell, and write a quote within one as "".',
        ) from None


def _delimiter(lines: Iterator[str], first: int, titles: Collection[str]) -> tuple[str, int, Iterator[str]]:
    """Return the delimiter, the line that the table starts on (one later after Excel's `sep=;`), and the lines."""
    start = next(lines, "")
    hint = HINT.fullmatch(start)
    if hint and hint["sign"]:
        return hint["sign"], first + 1, lines
    if hint:  # a hint without a sign
        start, first = next(lines, ""), first + 1
    begun = [start, *islice(lines, 0 if start.strip() else HEADER_WITHIN)]
    header = next((line for line in begun if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda sign: _recognised(header, sign, titles))
    return delimiter, first, chain(begun, lines)


def _recognised(header: str, delimiter: str, titles: Collection[str]) -> tuple[int, int]:
    cells = [plain_title(cell) for cell in header.replace('"', "").split(delimiter)]
    known = {plain_title(name) for name in titles}
    return sum(cell in known for cell in cells), len(cells)

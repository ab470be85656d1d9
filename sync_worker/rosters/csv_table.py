"""CSV text -> rows by our names of columns, with true line numbers; what is wrong with the table as a whole."""

from __future__ import annotations

import csv
import difflib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.config.settings import ROSTER_COLUMNS
from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DELIMITERS = (",", ";", "\t")
IDENTIFIERS = ("external_id", "email", "username")
JOINERS = "\u200c\u200d"
MAX_CELL = 1_000
TYPO_RATIO = 0.88


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row: the line it starts on, and its cells (stripped) by our names of columns."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The rows that have the shape of the header, and those that do not."""

    rows: tuple[CsvRow, ...]
    rejected: tuple[RejectedRow, ...]


def read_table(text: str, file: str, columns: Mapping[str, str], required: Sequence[str]) -> CsvTable:
    """Return the table in `text`; `columns` maps our names to the file's, `required` are ours that must be there.

    Raises:
        RosterError: no header, a column missing, misspelt or twice, no identifier, or broken quoting; names the line.

    """
    records = _records(text, file)
    try:
        line, header = next(records)
    except StopIteration:
        raise RosterError("the file has no header.", where=f"{file}:1", do="Export it again.") from None
    places = _find_columns(header, f"{file}:{line}", columns, required)
    width = len(_trimmed(header))
    rows: list[CsvRow] = []
    rejected: list[RejectedRow] = []
    for line, cells in records:
        problem = _shape_problem(cells, width)
        if problem:
            rejected.append(RejectedRow(f"{file}:{line}", *problem))
        else:
            rows.append(CsvRow(line, {name: cells[place].strip() for name, place in places.items()}))
    return CsvTable(tuple(rows), tuple(rejected))


def _records(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every record that is not blank with the line it starts on."""
    lines = io.StringIO(text, newline="")
    delimiter, first = _delimiter(text)
    if first == 2:
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    start = first
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield start, record
            start = reader.line_num + first
    except csv.Error as error:
        raise RosterError(
            f"the quotes of the record that starts here are broken ({error}).",
            where=f"{file}:{start}",
            do='Close every quoted cell, and write a quote within one as "".',
        ) from None


def _delimiter(text: str) -> tuple[str, int]:
    """Return the delimiter, and the line that the table starts on (2 after Excel's `sep=;`)."""
    lines = io.StringIO(text, newline="")
    first = lines.readline().strip("\r\n")
    if first.casefold().startswith("sep=") and len(first) == 5:
        return first[4], 2
    first = next((line for line in (first, *lines) if line.strip()), "")
    return max(DELIMITERS, key=lambda sign: _recognised(first, sign)), 1


def _recognised(header: str, delimiter: str) -> tuple[int, int]:
    cells = [_plain(cell) for cell in header.replace('"', "").split(delimiter)]
    known = {_plain(name) for name in ROSTER_COLUMNS}
    return sum(cell in known for cell in cells), len(cells)


def _find_columns(
    header: Sequence[str], where: str, columns: Mapping[str, str], required: Sequence[str]
) -> dict[str, int]:
    """Return where each of our columns stands."""
    plain = [_plain(cell) for cell in header]
    wanted = {name: columns.get(name, name) for name in ROSTER_COLUMNS}
    places: dict[str, int] = {}
    for name, title in wanted.items():
        found = [place for place, cell in enumerate(plain) if cell == _plain(title)]
        if len(found) > 1:
            numbers = " and ".join(str(place + 1) for place in found)
            raise RosterError(f"the column '{title}' stands here twice ({numbers}).", where=where, do="Keep one.")
        if found:
            places[name] = found[0]
    unused = [cell.strip() for place, cell in enumerate(header) if cell.strip() and place not in places.values()]
    for name, title in wanted.items():
        if name not in places and (name in required or name in columns or _misspelt(title, unused)):
            raise RosterError(
                f"the column '{title}' is missing.{_nearest_header(title, unused)}",
                where=where,
                do=f"Name it '{title}', or say in lcm.yaml what it is called: roster.columns.{name}.",
            )
    if not any(name in places for name in IDENTIFIERS):
        raise RosterError(
            "no column says who a person is.",
            where=where,
            do="Add one of external_id, email, username, or map it in lcm.yaml under roster.columns.",
        )
    return places


def _nearest_header(title: str, unused: Sequence[str]) -> str:
    close = difflib.get_close_matches(title, unused, n=1, cutoff=0.5)
    if close:
        return f" The nearest header is '{close[0]}'."
    return f" Headers not used: {', '.join(unused)}." if unused else ""


def _misspelt(title: str, unused: Sequence[str]) -> bool:
    """Whether an unused header is this column with a slip of the finger; then ignoring it would be guessing."""
    name = _plain(title)
    for cell in map(_plain, unused):
        slip = difflib.SequenceMatcher(None, name, cell).ratio() >= TYPO_RATIO
        if slip or sorted(name) == sorted(cell):
            return True
    return False


def _plain(title: str) -> str:
    """Return a column's title without case, blanks and punctuation: `E-mail` is `email`."""
    return "".join(sign for sign in fold(title) if sign.isalnum())


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Return the cells without the empty ones that spreadsheets leave at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _shape_problem(cells: Sequence[str], width: int) -> tuple[str, str] | None:
    """Return what is wrong with a row's shape and what to do, or None."""
    used = len(_trimmed(cells))
    if used > width:
        return (f"the row has {used} cells, the header {width}.", "Quote cells that hold the separator.")
    if len(cells) < width:
        return (f"the row has {len(cells)} cells, the header {width}.", "Fill it up with separators, or export again.")
    for cell in cells:
        if len(cell) > MAX_CELL:
            return (f"a cell has {len(cell):,} characters.", "A quote is probably missing or left open.")
        odd = next((sign for sign in cell if not (sign.isprintable() or sign.isspace() or sign in JOINERS)), None)
        if odd:
            return (f"a cell holds the invisible character U+{ord(odd):04X}.", "Type the cell again.")
    return None

"""Records of a table with a header -> rows by our names of columns; what is wrong with the table as a whole."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from sync_worker.config.rosters import IDENTIFIERS, ROSTER_COLUMNS
from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow, fold
from sync_worker.rosters.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sync_worker.config.rosters import TableSource

JOINERS = "\u200c\u200d"
MAX_CELL = 1_000
TYPO_RATIO = 0.88
Record = tuple[str, "Sequence[str]"]


def table_rows(records: Iterable[Record], file: str, settings: TableSource) -> Iterator[Row | RejectedRow]:
    """Yield the rows below a header; each record is its place and its cells, and blank ones are left out already.

    Raises:
        RosterError: no header, a column missing, misspelt or twice, or no identifier; names the place.

    """
    rest = iter(records)
    try:
        where, header = next(rest)
    except StopIteration:
        raise RosterError("the file has no header.", where=file, do="Export it again.") from None
    places = find_columns(header, where, settings.columns, required_columns(settings))
    width = len(trimmed(header))
    for where, cells in rest:
        problem = shape_problem(cells, width)
        if problem:
            yield RejectedRow(where, *problem)
        else:
            yield Row(where, {name: cells[place].strip() for name, place in places.items()})


def required_columns(settings: TableSource) -> list[str]:
    """Return our names of the columns that must be there."""
    if settings.people_only:
        return []
    defaults = {"cohort": settings.default_cohort, "role": settings.default_role}
    return [name for name, value in defaults.items() if value is None]


def find_columns(
    header: Sequence[str], where: str, columns: Mapping[str, str], required: Sequence[str]
) -> dict[str, int]:
    """Return where each of our columns stands.

    Raises:
        RosterError: a column is missing, misspelt or twice, or none says who a person is.

    """
    plain = [plain_title(cell) for cell in header]
    wanted = {name: columns.get(name, name) for name in ROSTER_COLUMNS}
    places: dict[str, int] = {}
    for name, title in wanted.items():
        found = [place for place, cell in enumerate(plain) if cell == plain_title(title)]
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
                do=f"Name it '{title}', or say in lcm.yaml what it is called: columns.{name}.",
            )
    if not any(name in places for name in IDENTIFIERS):
        raise RosterError(
            "no column says who a person is.",
            where=where,
            do="Add one of external_id, email, username, or map it in lcm.yaml under the roster's columns.",
        )
    return places


def _nearest_header(title: str, unused: Sequence[str]) -> str:
    close = difflib.get_close_matches(title, unused, n=1, cutoff=0.5)
    if close:
        return f" The nearest header is '{close[0]}'."
    return f" Headers not used: {', '.join(unused)}." if unused else ""


def _misspelt(title: str, unused: Sequence[str]) -> bool:
    """Whether an unused header is this column with a slip of the finger; then ignoring it would be guessing."""
    name = plain_title(title)
    for cell in map(plain_title, unused):
        slip = difflib.SequenceMatcher(None, name, cell).ratio() >= TYPO_RATIO
        if slip or sorted(name) == sorted(cell):
            return True
    return False


def plain_title(title: str) -> str:
    """Return a column's title without case, blanks and punctuation: `E-mail` is `email`."""
    return "".join(sign for sign in fold(title) if sign.isalnum())


def trimmed(cells: Sequence[str]) -> Sequence[str]:
    """Return the cells without the empty ones that spreadsheets leave at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def shape_problem(cells: Sequence[str], width: int) -> tuple[str, str] | None:
    """Return what is wrong with a row's shape and what to do, or None."""
    used = len(trimmed(cells))
    if used > width:
        return (f"the row has {used} cells, the header {width}.", "Quote cells that hold the separator.")
    if len(cells) < width:
        return (f"the row has {len(cells)} cells, the header {width}.", "Fill it up with separators, or export again.")
    return next((problem for cell in cells if (problem := cell_problem(cell))), None)


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

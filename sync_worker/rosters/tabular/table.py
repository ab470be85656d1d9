"""Records of a table with a header -> rows by our names of columns; what is wrong with the table as a whole."""

from __future__ import annotations

import difflib
from itertools import islice
from typing import TYPE_CHECKING

from sync_worker.config.rosters import CELL, IDENTIFIERS, ROSTER_COLUMNS
from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow, fold
from sync_worker.rosters.row import MAX_CELL, MAX_COLUMNS, Row, RowError, cell_problem, is_suspect, meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sync_worker.config.rosters import TableSource

TYPO_RATIO = 0.88
Record = tuple[str, "Sequence[str]"]
# Other titles by which a column is known, where the table has none of our own name.
TITLES = {
    "email": (
        "email address", "mail", "mail address", "e-mail id", "adresse e-mail", "adresse mail", "courriel",
        "adresse courriel", "adresse de courriel", "adresse électronique", "adresse de messagerie",
        "courrier électronique", "mél", "e-mail-adresse", "mailadresse", "work email", "primary email",
        "e-mail professionnel",
    ),
}  # fmt: skip
LIKE_EMAIL = ("mail", "courriel", "électronique", "messagerie", "correo")
# Titles of columns that say who is in, in a way of their own.
LIKE_STATUS = frozenset((
    "enabled", "isenabled", "active", "isactive", "suspended", "deleted", "disabled", "isdeleted", "archived", "state",
    "workflowstate", "userstatus", "accountstatus", "enrolmentstatus", "enrollmentstatus", "statut", "actif",
))  # fmt: skip


class MissingColumnsError(RosterError):
    """Columns that are needed, or that the settings name, are not in the header."""


WITH_DEFAULTS = ("cohort", "role")
LOOKED_AT = 20  # records below the first in which the header is looked for


def table_rows(
    records: Iterable[Record], file: str, settings: TableSource, remarks: list[str] | None = None
) -> Iterator[Row | RejectedRow]:
    """Yield the rows below a header; each record is its place and its cells, and blank ones are left out already.

    `remarks` takes what is noted of the columns.

    Raises:
        RosterError: no header, a column missing, misspelt or twice, or no identifier; names the place.

    """
    rest = iter(records)
    try:
        where, header = next(rest)
    except StopIteration:
        raise RosterError("the file has no header.", where=file, do="Export it again.") from None
    try:
        places = find_columns(header, where, settings.titles, required_columns(settings))
    except RosterError as error:
        raise _with_header_below(error, rest, settings) from None
    if remarks is not None:
        remarks += column_remarks(header, where, places, settings)
    width = len(trimmed(header))
    reach = 1 + max((places[name] for name in required_columns(settings) if name in places), default=0)
    for where, cells in rest:
        problem = shape_problem(cells, width, reach)
        if cells == header:
            problem = ("the header is repeated here.", "Delete the line.")
        if problem:
            yield RejectedRow(where, *problem, about=about(_plain_cells(cells, places), cells))
            continue
        try:
            yield Row(where, _cells(cells, places))
        except RowError as error:
            yield RejectedRow(where, error.what, error.do or "", about=about(_plain_cells(cells, places), cells))


def _cells(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    """Return the cells by our names of columns; those that a spreadsheet left out at the end are not there."""
    row = _plain_cells(cells, places)
    if is_suspect("".join(cells)):
        return {name: cell if name.startswith(CELL) else meant(cell, name) for name, cell in row.items()}
    return row


def _plain_cells(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    length = len(cells)
    return {name: cells[place].strip() for name, place in places.items() if place < length}


def about(cells: Mapping[str, str], more: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Return the identifiers in a row that is rejected, and addresses in cells of it that no column is known of."""
    found = [(name, cells[name]) for name in IDENTIFIERS if cells.get(name)]
    found += [("email", cell.strip()) for cell in more if "@" in cell]
    return tuple((name, fold(value)) for name, value in found if len(value) <= MAX_CELL)


def required_columns(settings: TableSource) -> list[str]:
    """Return our names of the columns that must be there."""
    if settings.people_only:
        return []
    defaults = dict(zip(WITH_DEFAULTS, (settings.default_cohort, settings.default_role), strict=True))
    return [name for name, value in defaults.items() if value is None]


def find_columns(
    header: Sequence[str], where: str, columns: Mapping[str, str | None], required: Sequence[str]
) -> dict[str, int]:
    """Return the position of each of our columns; one that `columns` maps to None is not looked for.

    Raises:
        RosterError: columns are missing (all are named), misspelt or twice, or none says who a person is.

    """
    if len(header) > MAX_COLUMNS:
        raise RosterError(
            f"the header has {len(header):,} columns, more than {MAX_COLUMNS:,}.", where=where, do="Export fewer."
        )
    for name in required:
        if columns.get(name, name) is None:
            do = f"Set default_{name} under the roster in lcm.yaml, or which column it is."
            raise RosterError(f"the column '{name}' is not to be read, and it has no default.", where=where, do=do)
    plain = [plain_title(cell) for cell in header]
    names = dict.fromkeys((*ROSTER_COLUMNS, *columns))
    wanted = {name: columns.get(name, name) or "" for name in names if columns.get(name, name) is not None}
    places: dict[str, int] = {}
    for name, title in wanted.items():
        found = _places_of(name, title, plain, mapped=name in columns)
        if len(found) > 1:
            numbers = " and ".join(str(place + 1) for place in found)
            raise RosterError(f"the column '{title}' appears twice ({numbers}).", where=where, do="Keep one.")
        if found:
            places[name] = found[0]
    unused = [_shown(cell) for place, cell in enumerate(header) if cell.strip() and place not in places.values()]
    missing = {
        name: title
        for name, title in wanted.items()
        if name not in places and (name in required or name in columns or _misspelt(title, unused))
    }
    if missing:
        raise _missing(missing, unused, where, mapped=columns)
    if not any(name in places for name in IDENTIFIERS):
        readable = ", ".join(name for name in IDENTIFIERS if name in wanted)
        raise MissingColumnsError(
            f"no column says who a person is.{_not_used(unused)}",
            where=where,
            do=f"Add one of {readable}, or map it in lcm.yaml under the roster's columns.",
        )
    return places


def _shown(title: str) -> str:
    """Return a title as a message can hold it: no sign in it ends a line or controls a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in title).strip()


def _places_of(name: str, title: str, plain: Sequence[str], *, mapped: bool) -> list[int]:
    found = [place for place, cell in enumerate(plain) if cell == plain_title(title)]
    if found or mapped:
        return found
    others = {plain_title(other) for other in TITLES.get(name, ())}
    return [place for place, cell in enumerate(plain) if cell in others]


def _missing(
    missing: Mapping[str, str], unused: Sequence[str], where: str, *, mapped: Mapping[str, str | None]
) -> MissingColumnsError:
    defaults = [f"default_{name}" for name in missing if name in WITH_DEFAULTS and name not in mapped]
    if len(missing) == 1:
        name, title = next(iter(missing.items()))
        do = f"Name it '{title}', or map it in lcm.yaml: {_setting(name)}."
        if name in mapped:
            do = f"Correct {_setting(name)} in lcm.yaml, or the header."
        elif defaults:
            do = f"Name it '{title}', map it in lcm.yaml: {_setting(name)}, or set {defaults[0]} there."
        return MissingColumnsError(
            f"the column '{title}' is missing.{_nearest_header(title, unused)}", where=where, do=do
        )
    titles = [f"'{title}' is missing{_nearest_header(title, unused, ' (nearest: {})')}" for title in missing.values()]
    names = ", ".join(map(_setting, missing))
    or_set = f"; or set {', '.join(defaults)}" if defaults else ""
    return MissingColumnsError(
        f"the columns are not all there: {', '.join(titles)}.{_not_used(unused)}",
        where=where,
        do=f"Name them so, or map them in lcm.yaml: {names}{or_set}.",
    )


def _setting(name: str) -> str:
    """Return the setting that says which column it is."""
    return f"facts.{name.removeprefix(CELL)}.column" if name.startswith(CELL) else f"columns.{name}"


def _nearest_header(title: str, unused: Sequence[str], words: str = "") -> str:
    close = difflib.get_close_matches(title, unused, n=1, cutoff=0.5)
    if words:
        return words.format(f"'{close[0][:60]}'") if close else ""
    return f" The nearest header is '{close[0][:60]}'." if close else _not_used(unused)


def _not_used(unused: Sequence[str]) -> str:
    shown = ", ".join(title[:40] for title in unused[:LOOKED_AT])
    return f" Headers not used: {shown}{', ...' if len(unused) > LOOKED_AT else ''}." if unused else ""


def _with_header_below(error: RosterError, rest: Iterable[Record], settings: TableSource) -> RosterError:
    """Return the error, with the line below on which the header seems to be."""
    for where, record in islice(rest, LOOKED_AT):
        try:
            find_columns(record, where, settings.titles, required_columns(settings))
        except RosterError:
            continue
        line = where.rpartition(":")[2]
        do = f"The header seems to be in line {line}: set 'header_row: {line}' under the roster in lcm.yaml."
        return RosterError(error.what, where=error.where, do=do)
    return error


def column_remarks(
    header: Sequence[str], where: str, places: Mapping[str, int], settings: TableSource
) -> Iterator[str]:
    """Yield what should be known of columns that are not read: one that looks like e-mail addresses or a status."""
    if "status" not in places and "status" not in settings.columns:
        for title in (_shown(cell) for cell in header if plain_title(cell) in LIKE_STATUS):
            yield (
                f"{where}: the column '{title}' is not read. If it says who takes part, set "
                f"'columns: {{status: {title}}}' and its words under 'statuses' in lcm.yaml, "
                "or 'columns: {status: null}' if it does not."
            )
    if "email" in places or ("email" in settings.columns and settings.columns["email"] is None):
        return
    likely = [cell.strip() for cell in header if any(word in cell.casefold() for word in LIKE_EMAIL)]
    used = {place for name, place in places.items() if name == "manager_email"}
    likely = [cell for cell in likely if header.index(next(h for h in header if h.strip() == cell)) not in used]
    if likely:
        yield (
            f"{where}: no column is read as e-mail; '{likely[0][:60]}' may be it. Say in lcm.yaml "
            f"'columns: {{email: {likely[0][:60]}}}', or 'columns: {{email: null}}' if there is none."
        )


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


def shape_problem(cells: Sequence[str], width: int, reach: int | None = None) -> tuple[str, str] | None:
    """Return what is wrong with a row's shape and what to do, or None.

    Excel leaves out the separators of empty cells at the end; only `reach` cells (all, if None) must be there.
    """
    length = len(cells)
    if length != width:
        used = len(trimmed(cells))
        if used > width:
            return (f"the row has {used} cells, the header {width}.", "Quote cells that hold the separator.")
        if length < (width if reach is None else min(reach, width)):
            return (f"the row has {length} cells, the header {width}.", "Fill it up with separators, or export again.")
    together = "".join(cells)
    if len(together) <= MAX_CELL and together.isprintable():
        return None
    return next((problem for cell in cells if (problem := cell_problem(cell))), None)

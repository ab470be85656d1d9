"""Who was at a session: the list that Zoom, Teams or Meet exports, or any table that names people by address.

Exports have a summary above the table, several rows for a person who came in twice, guests without an address, and
their own way to write how long somebody stayed. Columns are found by their titles, in English and French.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.model import fold
from sync_worker.rosters.tabular.table import plain_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
DELIMITERS = ",;\t"
KEYS = {
    "email": ("email", "useremail", "emailaddress", "mail", "adresseemail", "courriel", "adressedemessagerie"),
    "username": ("username", "nomdutilisateur"),
    "external_id": ("externalid", "participantidupn", "upn", "identifiantexterne"),
}
NAMES = ("name", "fullname", "nameoriginalname", "participant", "nom", "nomcomplet", "nomnomdorigine")
FIRST_NAMES, LAST_NAMES = ("firstname", "prenom", "prénom"), ("lastname", "nomdefamille")
DURATIONS = (
    "durationminutes", "duration", "totaldurationminutes", "timeinsessionminutes", "inmeetingduration",
    "meetingduration", "duree", "durée", "dureeminutes", "duréeminutes", "dureedelareunion",
)  # fmt: skip
CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")
UNITS = re.compile(r"(\d+)\s*(h|hours?|hrs?|heures?|m|min|mins|minutes?|s|sec|seconds?|secondes?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Present:
    """A row: where it stands, by what it names somebody ("" for a guest), how they are called, how many minutes.

    `minutes` is None where the list has no duration, or one that cannot be read.
    """

    where: str
    key: str
    name: str
    minutes: float | None


def read_attendance(path: Path, key: str) -> tuple[Present, ...]:
    """Return the rows of a list.

    Args:
        path: a table as text, in UTF-8, UTF-16 or cp1252; commas, semicolons or tabs between its cells.
        key: by what it names people: `email`, `username` or `external_id`.

    Raises:
        RosterError: it cannot be read, has no column with that key, or nobody in it.

    """
    records = list(_records(path))
    read = ((number, _columns(cells, key)) for number, cells in enumerate(records))
    tables = [(number, columns) for number, columns in read if columns is not None]
    if not tables:
        raise RosterError(
            f"no column says the {key} of people.",
            where=str(path),
            do=f"Give a column one of these titles: {', '.join(KEYS[key])}; or name people otherwise, with --key.",
        )
    # A summary above the table may name the host by address, but nobody by name.
    number, columns = next((one for one in tables if one[1].names), tables[0])
    found = tuple(_rows(path, records[number + 1 :], number + 2, columns))
    if not found:
        raise RosterError("nobody is on the list.", where=str(path), do="Export it after the session.")
    return found


def _records(path: Path) -> Iterator[list[str]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RosterError(f"larger than {MOST_BYTES:,} bytes, which no list of a session is.", where=str(path))
        data = path.read_bytes()
    except OSError as error:
        raise RosterError(f"the list cannot be read: {error.strerror or error}.", where=str(path)) from None
    text = _text(data)
    delimiter = max(DELIMITERS, key=lambda sign: sum(line.count(sign) for line in text.splitlines()))
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            if number >= MOST_ROWS:
                raise RosterError(f"more than {MOST_ROWS:,} rows.", where=str(path))
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise RosterError(f"the list is no table: {error}.", where=str(path)) from None


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


@dataclass(frozen=True, slots=True)
class _Columns:
    key: int
    names: tuple[int, ...]
    duration: int | None
    in_minutes: bool
    width: int


def _columns(cells: Sequence[str], key: str) -> _Columns | None:
    """Return where everything stands, if this is the line of titles."""
    titles = [plain_title(cell) for cell in cells]
    found = _first(titles, KEYS[key])
    if found is None:
        return None
    name = _first(titles, NAMES)
    both = (_first(titles, FIRST_NAMES), _first(titles, LAST_NAMES))
    names = (name,) if name is not None else tuple(one for one in both if one is not None)
    duration = _first(titles, DURATIONS)
    in_minutes = duration is not None and "minutes" in titles[duration]
    return _Columns(found, names, duration, in_minutes, len(titles))


def _first(titles: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((titles.index(title) for title in wanted if title in titles), None)


def _rows(path: Path, records: Sequence[Sequence[str]], first: int, columns: _Columns) -> Iterator[Present]:
    for number, cells in enumerate(records, first):
        if not any(cells):
            continue
        key = _cell(cells, columns.key)
        if not key and columns.width > 1 and sum(bool(cell) for cell in cells) == 1:
            break  # a heading: another table follows, as in what Teams exports
        name = " ".join(part for one in columns.names if (part := _cell(cells, one)))
        if key or name:
            minutes = _minutes(_cell(cells, columns.duration), in_minutes=columns.in_minutes)
            yield Present(f"{path.name}:{number}", fold(key), name, minutes)


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column] if column is not None and column < len(cells) else ""


def _minutes(text: str, *, in_minutes: bool) -> float | None:
    """Read `58`, `1:02:10`, `1h 2m 10s`, `52 min`."""
    if re.fullmatch(r"\d+([.,]\d+)?", text):
        return float(text.replace(",", ".")) if in_minutes else None
    if clock := CLOCK.fullmatch(text):
        return int(clock[1] or 0) * 60 + int(clock[2]) + int(clock[3]) / 60
    sizes = {"h": 60.0, "m": 1.0, "s": 1 / 60}
    parts = UNITS.findall(text)
    return sum(int(number) * sizes[unit[0].lower()] for number, unit in parts) if parts else None

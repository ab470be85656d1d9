"""Files that name people beside a roster: facts, merged in by a key, and who was at a session."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sync_worker.config.rosters import (
    IDENTIFIERS,
    ROSTER_COLUMNS,
    CsvRosterSettings,
    FactSettings,
    XlsxRosterSettings,
    column_of,
)
from sync_worker.errors import RosterError
from sync_worker.extras import load
from sync_worker.model import FactType, StatedFacts, fold
from sync_worker.rosters.facts import read_value
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import csv_records, open_csv, read_csv_roster
from sync_worker.rosters.tabular.table import MissingColumnsError, plain_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.model import Roster


NOBODY_KNOWN = KnownCohorts((), None, {})
WITH_ZEROS = re.compile(r"0\d+")  # an id or a code, which a number would lose


@dataclass(frozen=True, slots=True)
class FactFile:
    """Where a file is, by what (`key`, in the column `title`) it names people, and which columns are facts.

    Without `facts` every other column is one.
    """

    path: Path
    key: str
    title: str
    sheet: str | None
    date_format: str
    facts: Mapping[str, FactSettings]

    @property
    def is_workbook(self) -> bool:
        """Whether it is one of Excel."""
        return self.path.suffix.casefold() in (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """What a file states, how its columns were read, and what is wrong with its rows and cells, with the places."""

    facts: Mapping[str, FactSettings]
    stated: Sequence[StatedFacts]
    problems: tuple[str, ...]


def read_fact_file(file: FactFile, now: datetime) -> ReadFacts:
    """Return the facts of a file in CSV (any delimiter and encoding that rosters may have) or of Excel.

    Raises:
        RosterError: the file as a whole cannot be read: missing, not text, without the key's column or another that is
            wanted, or without one good row.

    """
    if not file.facts:
        file = replace(file, facts=_guessed(file, now))
    roster = _roster(file, file.facts, now)
    (source,) = roster.facts.values()
    named = {one.person.key for one in source.stated}
    # People without any value are stated as well: all that the file said of them before is unknown now.
    silent = [StatedFacts(one.person, "", {}, one.where) for one in roster.people if one.person.key not in named]
    rejected = (f"{row.where}: {row.reason} {row.do}".strip() for row in roster.rejected)
    return ReadFacts(file.facts, (*source.stated, *silent), (*rejected, *roster.remarks))


def _roster(file: FactFile, facts: Mapping[str, FactSettings], now: datetime) -> Roster:
    """Read the file as a roster that enrols nobody.

    Raises:
        RosterError: the file cannot be read; it says which option of the command names a column.

    """
    try:
        return _read(file, facts, now)
    except MissingColumnsError as error:
        do = "Name the columns as the file does: the key's by --key-column, a fact's by --as."
        raise RosterError(error.what, where=error.where, do=do) from None


def _read(file: FactFile, facts: Mapping[str, FactSettings], now: datetime) -> Roster:
    columns = {**dict.fromkeys(ROSTER_COLUMNS), file.key: file.title}
    common: dict[str, Any] = {
        "columns": columns,
        "facts": dict(facts),
        "people_only": True,
        "date_format": file.date_format,
    }
    if file.is_workbook:
        read = load("sync_worker.rosters.tabular.xlsx_file:read_xlsx_roster", "a file in Excel's format")
        settings = XlsxRosterSettings(xlsx=file.path, sheet=file.sheet, **common)
        roster: Roster = read(settings, NOBODY_KNOWN, now, {})
        return roster
    return read_csv_roster(CsvRosterSettings(csv=file.path, **common), NOBODY_KNOWN, now, {})


def _guessed(file: FactFile, now: datetime) -> dict[str, FactSettings]:
    """Return a fact for every column that is no identifier, named after its title, of the type that all cells fit.

    Raises:
        RosterError: there is no other column, or two titles give the same name.

    """
    known = {plain_title(title) for title in (file.title, *IDENTIFIERS)}
    found: dict[str, FactSettings] = {}
    for title in (title.strip() for title in _titles(file)):
        if not title or plain_title(title) in known:
            continue
        name = fact_name(title)
        if name in found:
            raise RosterError(
                f"the columns '{column_of(name, found[name])}' and '{title}' give one name.",
                where=str(file.path),
                do="Name them with --as, such as --as 'site_2=Site:text'.",
            )
        found[name] = FactSettings(column=title)
    if not found:
        raise RosterError("no column beside the key.", where=str(file.path), do="Name one with --as.")
    (source,) = _roster(file, found, now).facts.values()
    texts = {name: [str(one.values[name]) for one in source.stated if name in one.values] for name in found}
    return {
        name: fact.model_copy(update={"type": _fitting(texts[name], file.date_format)}) for name, fact in found.items()
    }


def fact_name(title: str) -> str:
    """Return the name of a fact after a column's title: `Durée (h)` gives `duree_h`."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", title) if not unicodedata.combining(sign))
    name = re.sub(r"[^a-z0-9]+", "_", plain.casefold()).strip("_")[:40].rstrip("_")
    return name if name[:1].isalpha() else f"fact_{name}"[:40].rstrip("_")


def _fitting(texts: Sequence[str], date_format: str) -> FactType:
    """Return the narrowest type that every text fits; text where nothing is said."""
    if any(WITH_ZEROS.fullmatch(one) for one in texts):
        return FactType.TEXT
    for kind in (FactType.NUMBER, FactType.DATE, FactType.YES_NO):
        try:
            values = [read_value(one, kind, date_format) for one in texts]
        except ValueError:
            continue
        if any(value is not None for value in values):
            return kind
    return FactType.TEXT


def _titles(file: FactFile) -> Sequence[str]:
    """Return the titles of the file's columns."""
    if file.is_workbook:
        titles = load("sync_worker.rosters.tabular.xlsx_file:sheet_titles", "a file in Excel's format")
        found: Sequence[str] = titles(file.path, file.sheet)
        return found
    with open_csv(file.path) as lines:
        records = csv_records(lines, str(file.path), {file.title, *ROSTER_COLUMNS})
        return next((record for _, record in records), ())


# Who was at a session: the list that Zoom, Teams or Meet exports, or any table that names people by address.
# Exports have a summary above the table, several rows for a person who came in twice, guests without an address, and
# their own way to write how long somebody stayed. Columns are found by their titles, in English and French.


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

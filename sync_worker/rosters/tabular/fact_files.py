"""A file of facts, merged in by a key: a table like a roster's, with one column that names people and further ones."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sync_worker.config.facts import FactSettings, column_of
from sync_worker.config.rosters import IDENTIFIERS, ROSTER_COLUMNS, CsvRosterSettings, XlsxRosterSettings
from sync_worker.errors import RosterError
from sync_worker.extras import load
from sync_worker.model import FactType, StatedFacts
from sync_worker.rosters.facts import read_value
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import csv_records, open_csv, read_csv_roster
from sync_worker.rosters.tabular.table import plain_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
    """Read the file as a roster that enrols nobody."""
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

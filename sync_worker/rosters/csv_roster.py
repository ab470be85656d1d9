"""A CSV file -> a roster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.config.rosters import ROSTER_COLUMNS
from sync_worker.rosters.csv_table import csv_records
from sync_worker.rosters.csv_text import read_csv_text
from sync_worker.rosters.files import refuse_stale
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.table import table_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.config.rosters import CsvRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.rows import KnownCohorts


def read_csv_roster(
    settings: CsvRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster in the file. Bad rows are rejected one by one.

    Raises:
        RosterError: the file as a whole cannot be trusted: missing, too old, not text, without a needed column, or a
            snapshot without one good row.

    """
    del environment
    file = str(settings.csv)
    text = read_csv_text(settings.csv, settings.encoding)
    refuse_stale(settings, settings.csv, now)
    rows = table_rows(csv_records(text, file, _titles(settings)), f"{file}:1", settings)
    return build_roster(
        settings,
        file,
        rows,
        known,
        head=f"{file}:1",
        date_format=settings.date_format,
        folder=f"{settings.csv.parent}/",
    )


def _titles(settings: CsvRosterSettings) -> set[str]:
    """Return the titles by which the header, and so the delimiter, is known."""
    return {*ROSTER_COLUMNS, *settings.columns.values()}

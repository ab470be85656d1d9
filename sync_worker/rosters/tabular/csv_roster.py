"""A CSV file -> a roster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.config.rosters import ROSTER_COLUMNS
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.csv_table import csv_records
from sync_worker.rosters.tabular.csv_text import open_csv
from sync_worker.rosters.tabular.files import refuse_stale
from sync_worker.rosters.tabular.table import TITLES, table_rows

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
        RosterError: the file as a whole cannot be trusted: missing, too old, too large, not text, without a needed
            column, or a snapshot without one good row.

    """
    del environment
    file, remarks = str(settings.csv), list[str]()
    with open_csv(settings.csv, settings.encoding, settings.max_megabytes) as lines:
        refuse_stale(settings, settings.csv, now)
        records = csv_records(lines, file, _titles(settings), settings.header_row or 1)
        head = f"{file}:{settings.header_row or 1}"
        roster = build_roster(
            settings,
            file,
            table_rows(records, head, settings, remarks),
            known,
            now=now,
            date_format=settings.date_format,
            head=head,
            folder=f"{settings.csv.parent}/",
        )
    return replace(roster, remarks=(*remarks, *roster.remarks))


def _titles(settings: CsvRosterSettings) -> set[str]:
    """Return the titles by which the header, and so the delimiter, is known."""
    mapped = {title for title in settings.titles.values() if title is not None}
    return {*ROSTER_COLUMNS, *mapped, *(title for titles in TITLES.values() for title in titles)}

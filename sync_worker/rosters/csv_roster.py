"""A CSV file -> a roster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError, RosterError
from sync_worker.model import Enrolment, RejectedRow, Roster, RosterKind
from sync_worker.rosters.consistency import SeenRows
from sync_worker.rosters.csv_row import RowError, RowReader
from sync_worker.rosters.csv_table import read_table
from sync_worker.rosters.csv_text import read_csv_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.config.settings import CsvRosterSettings


def read_csv_roster(settings: CsvRosterSettings, cohorts: Sequence[str], now: datetime) -> Roster:
    """Return the roster in the file; `cohorts` are the declared keys. Bad rows are rejected one by one.

    Raises:
        RosterError: the file as a whole cannot be trusted: missing, too old, not text, without a needed column, or a
            snapshot without one good row.

    """
    file = str(settings.csv)
    if settings.default_cohort is not None and settings.default_cohort not in cohorts:
        raise ConfigError(
            f"roster.default_cohort '{settings.default_cohort}' is not declared.", do="Declare it under cohorts."
        )
    text = read_csv_text(settings.csv, settings.encoding)
    _refuse_stale(settings, now)
    defaults = {"cohort": settings.default_cohort, "role": settings.default_role}
    table = read_table(text, file, settings.columns, [name for name, value in defaults.items() if value is None])
    reader, seen = RowReader(settings, cohorts), SeenRows()
    enrolments: list[Enrolment] = []
    rejected = list(table.rejected)
    for row in table.rows:
        where = f"{file}:{row.line}"
        try:
            enrolment = reader.enrolment(row.cells, f"{settings.csv.name}:{row.line}")
        except RowError as error:
            rejected.append(RejectedRow(where, error.what, error.do or ""))
            continue
        problem = seen.problem(enrolment)
        if problem:
            rejected.append(RejectedRow(where, *problem))
        else:
            seen.take(enrolment)
            enrolments.append(enrolment)
    rejected.sort(key=lambda row: int(row.where.rpartition(":")[2]))
    if settings.kind == "snapshot" and not enrolments:
        raise _no_good_row(file, rejected)
    return Roster(file, RosterKind(settings.kind), tuple(enrolments), tuple(rejected))


def _refuse_stale(settings: CsvRosterSettings, now: datetime) -> None:
    if settings.max_age_days is None:
        return
    written = datetime.fromtimestamp(settings.csv.stat().st_mtime, UTC)
    if now - written > timedelta(days=settings.max_age_days):
        raise RosterError(
            f"written on {written:%Y-%m-%d}, older than {settings.max_age_days} days.",
            where=f"{settings.csv}:1",
            do="Export it again, or raise roster.max_age_days in lcm.yaml.",
        )


def _no_good_row(file: str, rejected: Sequence[RejectedRow]) -> RosterError:
    if not rejected:
        return RosterError(
            "the roster has a header and nobody below it.",
            where=f"{file}:1",
            do="An empty roster removes nobody; export it again.",
        )
    first = rejected[0]
    return RosterError(
        f"not one row can be used ({len(rejected)} rejected). The first: {first.reason}", where=first.where, do=first.do
    )

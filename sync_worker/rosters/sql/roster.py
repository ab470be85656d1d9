"""A database -> a roster, by a query for enrolments and, if wanted, one for cohorts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow
from sync_worker.rosters.cells import cell_problem, value_text
from sync_worker.rosters.days import NO_DAY, cohort_end, open_start
from sync_worker.rosters.row import FoundCohort, Row, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.sql.database import open_database
from sync_worker.rosters.tabular.table import find_columns, required_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from sync_worker.config.rosters import SqlRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.rows import KnownCohorts
    from sync_worker.rosters.sql.database import Answer, Database

COHORT_COLUMNS = ("cohort", "cohort_name", "cohort_start", "cohort_end")


def read_sql_roster(
    settings: SqlRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster that the queries answer with. A row's place is the query and who the row is about.

    Raises:
        ConfigError: no address, or a query that is wrong, writes or answers with nothing.
        RosterError: a needed column is missing, or a snapshot without one good row.
        SourceError: the database does not answer, or not in full.

    """
    with open_database(settings, environment) as database:
        found = list(_cohorts(database, settings)) if settings.cohorts_query else None
        answer = database.ask("enrolments_query", settings.enrolments_query)
        return build_roster(
            settings,
            f"sql {settings.sql}",
            _rows(answer, settings),
            known,
            now=now,
            found=found,
            date_format=settings.date_format,
            head=f"sql {settings.sql}, enrolments_query",
            empty="the query returned no rows.",
        )


def _rows(answer: Answer, settings: SqlRosterSettings) -> Iterator[Row | RejectedRow]:
    place = f"sql {settings.sql}, enrolments_query"
    places = find_columns(answer.columns, place, settings.titles, required_columns(settings))
    for number, values in enumerate(answer.rows, 1):
        try:
            cells = {name: value_text(values[at], name, settings.date_format) for name, at in places.items()}
        except RowError as error:
            yield RejectedRow(f"{place}:{number}", error.what, error.do or "")
            continue
        # Rows of a query have no lasting number: they are named by the person they are about.
        who = cells.get("external_id") or cells.get("email") or cells.get("username") or str(number)
        problem = next((found for cell in cells.values() if (found := cell_problem(cell))), None)
        yield RejectedRow(f"{place}:{number}", *problem) if problem else Row(f"{place}:{who}", cells)


def _cohorts(database: Database, settings: SqlRosterSettings) -> Iterator[FoundCohort]:
    """Yield the cohorts; one that is wrong makes all of them doubtful."""
    answer = database.ask("cohorts_query", settings.cohorts_query or "")
    titles = {(settings.columns.get(name, name) or name).casefold(): name for name in COHORT_COLUMNS}
    places = {titles[title.casefold()]: at for at, title in enumerate(answer.columns) if title.casefold() in titles}
    place = f"sql {settings.sql}, cohorts_query"
    if "cohort" not in places:
        raise RosterError("the column 'cohort' is missing.", where=place, do="Name it with AS in the query.")
    for number, values in enumerate(answer.rows, 1):
        where = f"{place}:{number}"
        try:
            cells = {name: value_text(values[at], name, settings.date_format) for name, at in places.items()}
        except RowError as error:
            raise RosterError(error.what, where=where, do=error.do) from None
        if not cells["cohort"]:
            raise RosterError("the cohort is missing.", where=where, do="Leave such rows out in the query.")
        start, end = (_day(cells, name, settings.date_format, where) for name in ("cohort_start", "cohort_end"))
        yield FoundCohort(cells["cohort"], cells.get("cohort_name", ""), open_start(start), cohort_end(end), where)


def _day(cells: Mapping[str, str], name: str, form: str, where: str) -> date | None:
    written = cells.get(name, "")
    try:
        if not written or written in NO_DAY:
            return None
        return datetime.strptime(written, form).date()  # noqa: DTZ007  (a day has no zone)
    except ValueError:
        do = "Answer with a date, or set the roster's date_format in lcm.yaml."
        raise RosterError(f"{name} '{written}' is not a day.", where=where, do=do) from None

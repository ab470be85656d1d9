"""A database -> a roster by queries: read-only where it can be, with a time limit, never a password in a message."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ResourceClosedError,
)
from sqlalchemy.pool import NullPool

from sync_worker.config.rosters import IDENTIFIERS
from sync_worker.errors import ConfigError, RosterError, SourceError
from sync_worker.extras import missing
from sync_worker.model import RejectedRow
from sync_worker.rosters.row import NO_DAY, FoundCohort, Row, RowError, cell_problem, cohort_end, open_start, value_text
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.table import about, find_columns, required_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.engine import URL, Connection, Engine

    from sync_worker.config.rosters import SqlRosterSettings
    from sync_worker.errors import LcmError
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts


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
            whom = about(dict(_readable(values, places, settings)))
            yield RejectedRow(f"{place}:{number}", error.what, error.do or "", whom)
            continue
        # Rows of a query have no lasting number: they are named by the person they are about.
        who = cells.get("external_id") or cells.get("email") or cells.get("username") or str(number)
        problem = next((found for cell in cells.values() if (found := cell_problem(cell))), None)
        yield RejectedRow(f"{place}:{number}", *problem, about(cells)) if problem else Row(f"{place}:{who}", cells)


def _readable(
    values: Sequence[Any], places: Mapping[str, int], settings: SqlRosterSettings
) -> Iterator[tuple[str, str]]:
    """Yield the identifiers that can be read in a row of which something else cannot."""
    for name in IDENTIFIERS:
        with suppress(RowError):
            if name in places:
                yield name, value_text(values[places[name]], name, settings.date_format)


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


# Asking a database: read-only where it can be, with a time limit, row by row, and never a password in a message.


ROWS_A_TIME = 1_000
STEPS_A_LOOK = 10_000
CONNECT_SECONDS = 10
# Whatever a database keeps texts as, it is asked to answer in UTF-8; of SQL_ASCII the driver would make bytes.
OF_POSTGRESQL = {"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"}
TOO_LONG = re.compile(r"interrupted|statement timeout|lock timeout|canceling statement", re.IGNORECASE)
WRITING = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:insert|update|delete|merge|replace|create|drop|alter|truncate|grant|revoke|vacuum|attach)\b",
    re.IGNORECASE | re.DOTALL,
)
WRITES = re.compile(r"read-?only|data-modifying", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query answers: the names of its columns, and its rows."""

    columns: Sequence[str]
    rows: Iterator[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Database:
    """An open database."""

    connection: Connection
    url: URL
    settings: SqlRosterSettings
    _open: ExitStack

    def ask(self, name: str, query: str) -> Answer:
        """Run the query that the settings hold under `name`.

        Raises:
            ConfigError: it is wrong, answers with nothing, or writes.
            SourceError: it takes too long, or the database fails.

        """
        if WRITING.match(query):
            raise self._writes(name)
        try:
            # A colon is a colon: queries have no parameters.
            result = self.connection.execute(text(query.strip().rstrip(";").replace(":", r"\:")))
            self._open.callback(result.close)
            columns = list(result.keys())
        except ResourceClosedError:
            raise ConfigError(
                "the query does not return rows.", where=self._place(name), do="Write a SELECT."
            ) from None
        except DBAPIError as error:
            raise self._explain(name, error) from None
        except UnicodeDecodeError:
            raise self._not_text(name) from None
        return Answer(columns, self._rows(name, result.yield_per(ROWS_A_TIME)))

    def _rows(self, name: str, result: Any) -> Iterator[Sequence[Any]]:
        try:
            yield from result
        except DBAPIError as error:
            raise self._explain(name, error) from None
        except UnicodeDecodeError:
            raise self._not_text(name) from None

    def _place(self, name: str) -> str:
        return f"sql {self.settings.sql}, {name}"

    def _not_text(self, name: str) -> SourceError:
        what = "the database returned text that is not UTF-8."
        return SourceError(what, where=self._place(name), do="Check in the database's own client that it is sound.")

    def _writes(self, name: str) -> ConfigError:
        return ConfigError("the query writes; it may only read.", where=self._place(name), do="Write a SELECT.")

    def _explain(self, name: str, error: DBAPIError) -> LcmError:
        said, where = _said(error, self.url), self._place(name)
        if TOO_LONG.search(said):
            do = "Make the query faster, or raise the roster's timeout_seconds."
            return SourceError(f"the query takes longer than {self.settings.timeout_seconds:g} s.", where=where, do=do)
        if WRITES.search(said):
            return self._writes(name)
        remote = self.url.get_backend_name() != "sqlite"
        if remote and isinstance(error, OperationalError | InterfaceError):
            return SourceError(f"the database failed: {said}.", where=where, do="Run it again later.")
        return ConfigError(f"the query fails: {said}.", where=where, do="Try it in the database's own client.")


@contextmanager
def open_database(settings: SqlRosterSettings, environment: Mapping[str, str]) -> Iterator[Database]:
    """Open the database whose address is in the environment; what is done in it is always rolled back.

    Raises:
        ConfigError: no address, or one that cannot be used.
        SourceError: the database does not answer.

    """
    url = _address(settings, environment)
    engine = _engine(url, settings)
    try:
        try:
            connection = engine.connect()
        except (DBAPIError, sqlite3.Error) as error:
            raise SourceError(
                f"the database does not answer: {_said(error, url)}.",
                where=f"sql {settings.sql}",
                do="Check the address with its user and password, and that it is running.",
            ) from None
        with connection:
            _limit(connection, url, settings.timeout_seconds)
            if url.get_backend_name() == "postgresql" and connection.dialect.driver == "psycopg":
                take_infinity(connection)
            connection.execution_options(stream_results=True, max_row_buffer=ROWS_A_TIME)
            try:
                with ExitStack() as results:
                    yield Database(connection, url, settings, results)
            finally:
                connection.rollback()
    finally:
        engine.dispose()


def _address(settings: SqlRosterSettings, environment: Mapping[str, str]) -> URL:
    written = environment.get(settings.sql, "").strip()
    where = f"environment variable {settings.sql}"
    do = "Put an address there like postgresql+psycopg://user:password@host/database."
    if not written:
        raise ConfigError("no database address.", where=where, do=do)
    try:
        return make_url(written)
    except (ArgumentError, ValueError):
        raise ConfigError("this is not the address of a database.", where=where, do=do) from None


def _engine(url: URL, settings: SqlRosterSettings) -> Engine:
    where = f"environment variable {settings.sql}"
    try:
        if url.get_backend_name() == "sqlite":
            path = Path(url.database or "")
            if not path.is_file():
                raise ConfigError(f"there is no database file '{path}'.", where=where)
            uri = f"{path.resolve().as_uri()}?mode=ro"
            return create_engine(
                "sqlite://",
                poolclass=NullPool,
                hide_parameters=True,
                creator=lambda: sqlite3.connect(uri, uri=True, timeout=5.0),
            )
        postgresql = OF_POSTGRESQL if url.get_backend_name() == "postgresql" else {}
        arguments = {name: value for name, value in postgresql.items() if name not in url.query}
        return create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise missing(error, "a roster in PostgreSQL") or _without_driver(error, url, where) from None
    except (NoSuchModuleError, ArgumentError) as error:
        raise _without_driver(error, url, where) from None


def _without_driver(error: Exception, url: URL, where: str) -> ConfigError:
    return ConfigError(
        f"this kind of database is not supported here: {_said(error, url)}.",
        where=where,
        do="Install its driver into the worker's environment.",
    )


def _limit(connection: Connection, url: URL, seconds: float) -> None:
    """Forbid writing and set the time limit, as far as the database can."""
    if url.get_backend_name() == "sqlite":
        end = time.monotonic() + seconds
        connection.exec_driver_sql("PRAGMA query_only = ON")
        driver: Any = connection.connection.driver_connection
        driver.set_progress_handler(lambda: time.monotonic() > end, STEPS_A_LOOK)
    elif url.get_backend_name() == "postgresql":
        milliseconds = int(seconds * 1_000)
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")


def _said(error: Exception, url: URL) -> str:
    """Return the first line of what the driver says, without the password."""
    said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0].rstrip(".")
    return said.replace(url.password, "***") if url.password else said


def take_infinity(connection: Connection) -> None:
    """Let a connection to PostgreSQL over psycopg answer with the ends of the calendar for what is infinite.

    Python's dates end in the year 9999, so that psycopg refuses what PostgreSQL itself offers for an end that never
    comes: `infinity` becomes the last day of the calendar, `-infinity` the first.
    """
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader  # noqa: PLC0415  (optional)

    driver: Any = connection.connection.driver_connection
    for name, loader in (("date", DateLoader), ("timestamp", TimestampLoader), ("timestamptz", TimestamptzLoader)):
        driver.adapters.register_loader(name, _bounded(loader))


def _bounded(loader: Any) -> Any:
    class Bounded(loader):  # type: ignore[misc]
        """The loader of a type, with the ends of the calendar for what is infinite."""

        def load(self, data: Any) -> Any:
            """Return the value of a text."""
            text = bytes(data)
            if text == b"infinity":
                return date.max
            return date.min if text == b"-infinity" else super().load(data)

    return Bounded

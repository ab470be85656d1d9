"""A database answers two queries; it is only read, within a time, and no password is ever told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from sync_worker.config.rosters import SqlRosterSettings
from sync_worker.config.sources import CohortsFromSettings
from sync_worker.errors import ConfigError, RosterError, SourceError
from sync_worker.model import Role, Roster
from sync_worker.rosters.row import value_text
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.sql import read_sql_roster

NOW = datetime.now(UTC)
TABLES = """
CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT, full_name TEXT, boss TEXT);
CREATE TABLE courses (code TEXT, title TEXT, starts DATE, ends DATE);
CREATE TABLE places (person INTEGER, course TEXT, function TEXT, starts DATE);
INSERT INTO people VALUES (1, 'ana@x.org', 'Ana: Silva', 'boss@x.org'), (2, 'marta@x.org', 'Marta 100% Lopes', NULL);
INSERT INTO courses VALUES ('LEAD 27', 'Leading teams', '2027-03-01', '2027-05-31');
INSERT INTO places VALUES (1, 'LEAD 27', 'participant', '2027-03-08'), (2, 'LEAD 27', 'lcm', NULL)
"""
QUERY = """
SELECT p.id AS external_id, p.mail AS email, p.full_name AS name, p.boss AS manager_email, q.course AS cohort,
       q.function AS role, q.starts AS start_date
FROM places q JOIN people p ON p.id = q.person
WHERE p.full_name LIKE 'A%: %' OR p.full_name LIKE '%100\\%%' ESCAPE '\\' ORDER BY p.id;
"""
COHORTS = "SELECT code AS cohort, title AS cohort_name, starts AS cohort_start, ends AS cohort_end FROM courses"
DECLARED = KnownCohorts(("lead-27",))
Read = Callable[..., Roster]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the tables."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'hr.db'}"
    else:
        address = request.getfixturevalue("postgres_url")
    engine = create_engine(address)
    with engine.begin() as connection:
        for statement in TABLES.split(";"):
            connection.execute(text(statement.replace(":", r"\:")))
    engine.dispose()
    return address


@pytest.fixture
def read(url: str) -> Read:
    """Reads the roster with the declared cohort `lead-27`."""

    def read_it(query: str = QUERY, known: KnownCohorts = DECLARED, **more: Any) -> Roster:
        given = {"cohorts": {"LEAD 27": "lead-27"}, "roles": {"participant": "learner"}} | more
        settings = SqlRosterSettings(sql="HR_URL", enrolments_query=query, **given)
        return read_sql_roster(settings, known, NOW, {"HR_URL": url})

    return read_it


def test_a_query_answers_with_rows(read: Read) -> None:
    roster = read()
    first, second = roster.enrolments
    assert (first.person.external_id, first.person.email, first.person.name) == ("1", "ana@x.org", "Ana: Silva")
    assert (first.cohort, first.role, first.start) == ("lead-27", Role.LEARNER, date(2027, 3, 8))
    assert first.where == "sql HR_URL, enrolments_query:1"
    assert (second.role, second.start, second.person.manager_email) == (Role.LCM, None, None)


def test_a_second_query_answers_with_cohorts(read: Read) -> None:
    known = KnownCohorts((), CohortsFromSettings(timezone="UTC"))
    roster = read(known=known, cohorts={}, cohorts_query=COHORTS)
    [cohort] = roster.cohorts
    assert (cohort.name, cohort.start, cohort.end) == ("Leading teams", date(2027, 3, 1), date(2027, 5, 31))
    assert cohort.key == roster.enrolments[0].cohort
    with pytest.raises(RosterError, match="sql HR_URL, enrolments_query: there is no cohort 'LEAD 28' here"):
        read(known=known, cohorts={"LEAD 28": "lead-28"}, cohorts_query=COHORTS)


def test_columns_may_have_names_of_their_own(read: Read) -> None:
    roster = read(
        "SELECT mail, course, function FROM places JOIN people ON id = person",
        columns={"email": "mail", "cohort": "course", "role": "function"},
    )
    assert len(roster.enrolments) == 2


def test_a_bad_row_is_rejected_with_the_query_and_who_it_is_about(read: Read) -> None:
    roster = read("SELECT 7 AS external_id, 'LEAD 27' AS cohort, 'boss' AS role UNION SELECT 1, 'LEAD 27', 'lcm'")
    assert [(row.where, row.reason[:30]) for row in roster.rejected] == [
        ("sql HR_URL, enrolments_query:7", "the role 'boss' is not known. ")
    ]


@pytest.mark.parametrize("name", ["'An' || '\u200b' || 'a'", "CAST('Ana' AS {binary})"])
def test_that_somebody_left_does_not_count_while_another_row_about_them_is_rejected(
    read: Read, url: str, name: str
) -> None:
    of_ana = "'ana@x.org' AS email, 'LEAD 27' AS cohort, 'lcm' AS role"
    readable = name.format(binary="BLOB" if url.startswith("sqlite") else "BYTEA")
    ben = "SELECT NULL AS name, '' AS status, 'ben@x.org' AS email, 'LEAD 27' AS cohort, 'lcm' AS role"
    left = f"SELECT NULL AS name, 'withdrawn' AS status, {of_ana}"
    roster = read(f"SELECT {readable} AS name, '' AS status, {of_ana} UNION ALL {ben} UNION ALL {left}")
    assert [enrolment.person.email for enrolment in roster.enrolments] == ["ben@x.org"]
    assert len(roster.rejected) == 1


@pytest.mark.parametrize("query", ["DELETE FROM people", "UPDATE people SET mail = ''", "-- so\n DROP TABLE people"])
def test_a_query_that_writes_is_refused_and_nothing_is_written(read: Read, query: str) -> None:
    with pytest.raises(ConfigError, match="HR_URL, enrolments_query: the query writes; it may only read"):
        read(query)
    assert len(read().enrolments) == 2


def test_a_writing_part_of_a_query_is_refused(read: Read, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has no writing common table expressions")
    with pytest.raises(ConfigError, match="the query writes"):
        read("WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone")
    with pytest.raises((ConfigError, SourceError)):
        read(f"{QUERY.strip()} DROP TABLE people")
    assert len(read().enrolments) == 2


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELEKT 1", "enrolments_query: the query fails: "),
        ("SELECT * FROM nowhere", "enrolments_query: the query fails: .*nowhere"),
        ("", "enrolments_query: the query"),
    ],
)
def test_a_query_that_is_wrong_is_a_configuration_error(read: Read, query: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read(query)


def test_a_missing_column_and_an_empty_answer_are_refused(read: Read) -> None:
    with pytest.raises(RosterError, match="enrolments_query: the column 'role' is missing"):
        read("SELECT id AS external_id, 'LEAD 27' AS cohort FROM people")
    with pytest.raises(RosterError, match="enrolments_query: the query returned no rows"):
        read(f"SELECT * FROM ({QUERY.strip().rstrip(';')}) everybody WHERE 1 = 0")


def test_a_query_that_takes_too_long_is_stopped(read: Read, url: str) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(SourceError, match=r"the query takes longer than 0\.1 s"):
        read(endless, timeout_seconds=0.1)


def test_a_database_that_is_not_there_is_a_source_error_without_its_password() -> None:
    settings = SqlRosterSettings(sql="HR_URL", enrolments_query="SELECT 1")
    with pytest.raises(SourceError, match="sql HR_URL: the database does not answer") as caught:
        read_sql_roster(settings, KnownCohorts(("a",)), NOW, {"HR_URL": "postgresql+psycopg://u:s3cret@127.0.0.1:9/hr"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (None, "HR_URL: no database address"),
        ("s3cret", "this is not the address of a database"),
        ("sqlite:////nowhere/hr.db", "there is no database file"),
        ("cobol://u:s3cret@h/d", "this kind of database is not supported here"),
    ],
)
def test_an_address_that_cannot_be_used_is_a_configuration_error(address: str | None, says: str) -> None:
    settings = SqlRosterSettings(sql="HR_URL", enrolments_query="SELECT 1")
    with pytest.raises(ConfigError, match=says) as caught:
        read_sql_roster(settings, KnownCohorts(("a",)), NOW, {"HR_URL": address} if address else {})
    assert "s3cret" not in str(caught.value)


def test_the_address_itself_never_stands_in_the_configuration() -> None:
    with pytest.raises(ValidationError, match="name the environment variable"):
        SqlRosterSettings(sql="postgresql://u:p@h/d", enrolments_query="SELECT 1")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, ""),
        (7, "7"),
        (7.0, "7"),
        (Decimal("7.00"), "7"),
        (Decimal("7.5"), "7.5"),
        (True, "true"),
        (date(2027, 3, 1), "01.03.2027"),
        (datetime(2027, 3, 1), "01.03.2027"),  # noqa: DTZ001  (as databases have it)
        (" x ", "x"),
        (float("nan"), "nan"),
    ],
)
def test_values_are_the_text_that_a_cell_would_hold(value: Any, says: str) -> None:
    assert value_text(value, "name", "%d.%m.%Y") == says


def test_a_damaged_database_whose_complaint_is_no_text_is_an_error_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "hr.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (email TEXT, cohort TEXT)"))
    engine.dispose()
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE people", b"CREATE TABL\x80 people"))
    settings = SqlRosterSettings(sql="HR_URL", enrolments_query="SELECT email, cohort FROM people")
    with pytest.raises(SourceError, match="not UTF-8") as raised:
        read_sql_roster(settings, DECLARED, NOW, {"HR_URL": f"sqlite:///{file}"})
    assert raised.value.where == "sql HR_URL, enrolments_query"


def test_days_that_a_database_keeps_for_none_and_for_no_end_are_open(tmp_path: Path) -> None:
    assert value_text(date(1, 1, 1), "start_date", "%Y-%m-%d") == ""
    assert value_text(datetime(9999, 12, 31, 23, 59, 59), "end_date", "%d/%m/%Y") == "31/12/9999"  # noqa: DTZ001
    engine = create_engine(f"sqlite:///{tmp_path / 'hr.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE places (mail TEXT, starts TEXT, ends TEXT)"))
        connection.execute(text("INSERT INTO places VALUES ('ana@x.org', '0001-01-01', '9999-12-31')"))
    engine.dispose()
    settings = SqlRosterSettings(
        sql="HR_URL",
        enrolments_query="SELECT mail AS email, 'k1' AS cohort, 'learner' AS role, starts AS start_date, "
        "ends AS end_date FROM places",
        cohorts_query="SELECT 'k1' AS cohort, starts AS cohort_start, ends AS cohort_end FROM places",
    )
    known = KnownCohorts((), CohortsFromSettings(timezone="UTC"))
    roster = read_sql_roster(settings, known, NOW, {"HR_URL": f"sqlite:///{tmp_path / 'hr.db'}"})
    assert [(e.start, e.end) for e in roster.enrolments] == [(None, None)]
    assert [(cohort.start, cohort.end) for cohort in roster.cohorts] == [(None, date(9999, 12, 31))]


@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
def test_infinity_of_postgresql_is_an_end_that_never_comes(postgres_url: str, kind: str) -> None:
    settings = SqlRosterSettings(
        sql="HR_URL",
        enrolments_query="SELECT 'ana@x.org' AS email, 'lead-27' AS cohort, 'learner' AS role, "
        f"'-infinity'::{kind} AS start_date, 'infinity'::{kind} AS end_date",
    )
    roster = read_sql_roster(settings, DECLARED, NOW, {"HR_URL": postgres_url})
    assert [(e.start, e.end) for e in roster.enrolments] == [(None, None)]


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_postgresql_database_of_another_encoding_is_read(postgres_url: str, encoding: str) -> None:
    address = make_url(postgres_url)
    other = address.set(database=f"{address.database}_{encoding.lower()}")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {other.database} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
        )
        try:
            settings = SqlRosterSettings(
                sql="HR_URL",
                enrolments_query="SELECT 'zoe@x.org' AS email, 'Zoé' AS name, 'lead-27' AS cohort, 'learner' AS role",
            )
            given = {"HR_URL": other.render_as_string(hide_password=False)}
            roster = read_sql_roster(settings, DECLARED, NOW, given)
        finally:
            connection.execute(text(f"DROP DATABASE {other.database} WITH (FORCE)"))
    admin.dispose()
    assert [one.person.name for one in roster.enrolments] == ["Zoé"]

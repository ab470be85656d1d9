"""What programs write for "nothing" is nothing, and what a spreadsheet writes for an error is no identifier."""

from __future__ import annotations

from datetime import date

import pytest

from sync_worker.errors import RosterError
from tests.rosters.tabular.csv_files import ReadCsv
from tests.rosters.tabular.test_spreadsheet_exports import ids, read

__all__ = ["read"]
EMPTY = ["NULL", "null", "(null)", "\\N", "N/A", "n/a", "None", "nan", "undefined", "nil", "-", "--"]


@pytest.mark.parametrize("word", EMPTY)
def test_ids_and_addresses_that_are_nothing_are_empty_cells(read: ReadCsv, word: str) -> None:
    roster = read(
        f"external_id,email,manager_email,cohort,role\n{word},ana@x.org,{word},spring,learner\n"
        f"{word},ben@x.org,boss@x.org,spring,learner\nE3,{word},,spring,learner\n"
    )
    assert roster.rejected == ()
    people = [enrolment.person for enrolment in roster.enrolments]
    assert [(who.external_id, who.email, who.manager_email) for who in people] == [
        (None, "ana@x.org", None),
        (None, "ben@x.org", "boss@x.org"),
        ("E3", None, None),
    ]


def test_who_is_called_null_keeps_the_name(read: ReadCsv) -> None:
    roster = read("external_id,first_name,last_name,cohort,role\nE1,Jennifer,Null,spring,learner\n")
    assert roster.enrolments[0].person.name == "Jennifer Null"


@pytest.mark.parametrize("word", ["NULL", "(null)", "\\N"])
def test_days_that_are_nothing_are_open(read: ReadCsv, word: str) -> None:
    roster = read(f"email,cohort,role,start_date,end_date\nana@x.org,spring,learner,{word},{word}\n")
    assert [(e.start, e.end) for e in roster.enrolments] == [(None, None)]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#NV", "#NOM?"])
@pytest.mark.parametrize("column", ["external_id", "email", "username"])
def test_an_error_of_a_spreadsheet_is_no_identifier(read: ReadCsv, error: str, column: str) -> None:
    with pytest.raises(RosterError, match="no usable rows"):
        read(f"{column},cohort,role\n{error},spring,learner\n")


@pytest.mark.parametrize("none", ["1900-01-01", "1899-12-30", "1899-12-31", "1753-01-01", "1601-01-01"])
def test_the_first_day_that_a_program_knows_is_a_start_at_any_time_and_no_end(read: ReadCsv, none: str) -> None:
    roster = read(f"email,cohort,role,start_date\nana@x.org,spring,learner,{none}\n")
    assert roster.enrolments[0].start is None
    with pytest.raises(RosterError, match=rf"end_date '{none}' is in the year {none[:4]}\. .*leave the cell empty"):
        read(f"email,cohort,role,end_date\nana@x.org,spring,learner,{none}\n")


@pytest.mark.parametrize("clock", [" 00:00:00", "T00:00:00", " 00:00", " 00:00:00.000", " 0:00"])
def test_a_day_with_midnight_behind_it_is_that_day(read: ReadCsv, clock: str) -> None:
    roster = read(f"email,cohort,role,start_date\nana@x.org,spring,learner,2027-03-08{clock}\n")
    assert roster.enrolments[0].start == date(2027, 3, 8)


@pytest.mark.parametrize("clock", [" 09:00:00", "T00:00:00Z", "T00:00:00+02:00", " 24:00"])
def test_a_moment_is_no_day(read: ReadCsv, clock: str) -> None:
    with pytest.raises(RosterError, match="is not a day written like 2027-12-31"):
        read(f"email,cohort,role,start_date\nana@x.org,spring,learner,2027-03-08{clock}\n")


def test_a_bar_separates_cells_too(read: ReadCsv) -> None:
    assert ids(read("external_id|email|cohort|role\nE1|ana@x.org|spring|learner\n")) == ["E1"]


def test_a_message_shows_no_sign_that_ends_a_line(read: ReadCsv) -> None:
    with pytest.raises(RosterError) as caught:
        read("external_id,cohort,role\x85E1,spring,learner\x85\x1b[2J")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("title", ["Enabled", "active", "is_active", "Suspended", "deleted", "Enrollment Status"])
def test_a_column_that_may_say_who_is_in_and_is_not_read_is_noted(read: ReadCsv, title: str) -> None:
    roster = read(f"email,cohort,role,{title}\nana@x.org,spring,learner,0\n")
    (remark,) = roster.remarks
    assert remark.rpartition("/")[2] == (
        f"r.csv:1: the column '{title}' is not read. If it says who takes part, set "
        f"'columns: {{status: {title}}}' and its words under 'statuses' in lcm.yaml, "
        "or 'columns: {status: null}' if it does not."
    )
    assert read(f"email,cohort,role,{title}\nana@x.org,spring,learner,0\n", columns={"status": None}).remarks == ()
    told = read(
        f"email,cohort,role,{title}\nana@x.org,spring,learner,0\nben@x.org,spring,learner,1\n",
        columns={"status": title},
        statuses={"0": "withdrawn", "1": "active"},
    )
    assert ([enrolment.withdrawn for enrolment in told.enrolments], told.remarks) == ([True, False], ())

"""A CSV file as spreadsheets and school systems really write it is read as it is meant, or refused with the reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sync_worker.config.rosters import CsvRosterSettings
from sync_worker.errors import RosterError
from sync_worker.model import Roster
from tests.rosters.tabular.csv_files import ReadCsv, csv_reader

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
TABLE = "external_id;email;name;cohort;role\nE1;ana@x.org;Ana;spring;learner\n"


@pytest.fixture
def read(tmp_path: Path) -> ReadCsv:
    return csv_reader(tmp_path, NOW)


def ids(roster: Roster) -> list[str | None]:
    return [enrolment.person.external_id for enrolment in roster.enrolments]


@pytest.mark.parametrize("hint", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;;", "sep=; ", " sep=;", '"sep=;";;;', "sep="])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_hint_for_the_separator_is_understood_in_every_form(read: ReadCsv, hint: str, end: str, mark: str) -> None:
    roster = read(mark + hint + end + TABLE.replace("\n", end))
    assert [(e.person.external_id, e.where) for e in roster.enrolments] == [("E1", "r.csv:3")]


def test_a_separator_that_only_the_hint_tells_is_taken(read: ReadCsv) -> None:
    assert ids(read("sep=|\n" + TABLE.replace(";", "|"))) == ["E1"]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ('="0042"', "0042"),
        ('"=""0042"""', "0042"),
        ("'0042", "0042"),
        ('"=""E""""7"""', 'E"7'),
        ("'E7", "E7"),
        ("'0042'", "0042"),
    ],
)
def test_marks_that_keep_an_id_from_the_spreadsheet_are_no_part_of_it(read: ReadCsv, cell: str, meant: str) -> None:
    assert ids(read(f"external_id,cohort,role\n{cell},spring,learner\n")) == [meant]


def test_an_apostrophe_at_the_beginning_of_a_name_is_part_of_it(read: ReadCsv) -> None:
    roster = read("email,name,cohort,role\njan@x.org,'t Hooft,spring,learner\n")
    assert roster.enrolments[0].person.name == "'t Hooft"


def test_separators_that_excel_leaves_out_at_the_end_are_empty_cells(read: ReadCsv) -> None:
    roster = read(
        "email,name,cohort,role,start_date,manager_email\nana@x.org,Ana,spring,learner,2027-03-01,boss@x.org\n"
        "ben@x.org,Ben,spring,learner\neva@x.org,Eva,spring,learner,2027-03-01\n"
    )
    assert [enrolment.start for enrolment in roster.enrolments] == [date(2027, 3, 1), None, date(2027, 3, 1)]
    assert roster.rejected == ()


@pytest.mark.parametrize("row", ["ben@x.org,Ben,spring", "ben@x.org,Ben", "ben@x.org"])
def test_a_row_that_breaks_off_before_a_column_that_is_needed_is_rejected(read: ReadCsv, row: str) -> None:
    roster = read(f"email,name,cohort,role,status\nana@x.org,Ana,spring,learner,active\n{row}\n")
    assert [rejected.reason.partition(" cells")[0] for rejected in roster.rejected] == [
        f"the row has {row.count(',') + 1}"
    ]


def test_lines_that_say_the_same_count_once_and_it_is_noted(read: ReadCsv) -> None:
    roster = read(
        "user_id,role,section_id,status\n1001,student,77,active\n1001,student,77,active\n1001,Student,77,\n"
        "1002,student,77,active\n",
        columns={"external_id": "user_id", "cohort": "section_id"},
        roles={"student": "learner"},
        cohorts={"77": "spring"},
    )
    assert ids(roster) == ["1001", "1002"]
    assert (roster.rejected, roster.remarks) == ((), ("2 rows say what another one says, and count once.",))


def test_the_words_of_a_school_system_for_who_left_are_understood_and_others_translated(read: ReadCsv) -> None:
    words = ["active", "Suspended", "deleted", "deleted_last_completed", "beurlaubt", "On leave", "Probe"]
    rows = "".join(f"{number},p{number}@x.org,{word}\n" for number, word in enumerate(words))
    roster = read(
        "user_id,email,status\n" + rows,
        columns={"external_id": "user_id"},
        default_cohort="spring",
        default_role="learner",
        statuses={"Beurlaubt": "withdrawn", "on leave": "active", "probe": "ignore"},
    )
    assert [enrolment.withdrawn for enrolment in roster.enrolments] == [False, True, True, True, True, False]
    assert roster.ignored == 1
    assert roster.rejected == ()


def test_a_column_that_means_something_else_can_be_left_out(read: ReadCsv) -> None:
    text = "external_id,email,name,Username,Status\nE1,ana@x.org,Ana,jsmith99,Blue\nE2,b@x.org,Ben,jsmith99,Green\n"
    more = {"default_cohort": "spring", "default_role": "learner"}
    with pytest.raises(RosterError, match=r"the status 'Blue' is not known.*columns: \{status: null\}"):
        read(text, **more)
    roster = read(text, columns={"username": None, "status": None}, **more)
    assert [enrolment.person.username for enrolment in roster.enrolments] == [None, None]
    assert roster.rejected == ()


@pytest.mark.parametrize("word", ["Full time", "full-time", "Part Time", "Teilzeit", "Temps plein", "à temps partiel"])
def test_how_much_somebody_works_says_that_they_are_there_and_is_noted(read: ReadCsv, word: str) -> None:
    text = f"external_id,email,status\nE1,ana@x.org,{word}\nE2,b@x.org,{word}\nE3,c@x.org,withdrawn\n"
    roster = read(text, default_cohort="spring", default_role="learner")
    assert [enrolment.withdrawn for enrolment in roster.enrolments] == [False, False, True]
    (remark,) = roster.remarks
    assert remark == (
        f"the status '{word}' says how much a person works, and is read as active. If the column is about something "
        "else, set 'columns: {status: null}' under the roster in lcm.yaml."
    )


def test_a_word_for_how_much_somebody_works_can_be_given_another_meaning(read: ReadCsv) -> None:
    text = "external_id,status\nE1,Full time\nE2,Part time\n"
    more = {"default_cohort": "spring", "default_role": "learner"}
    roster = read(text, statuses={"full time": "active", "part time": "withdrawn"}, **more)
    assert [enrolment.withdrawn for enrolment in roster.enrolments] == [False, True]
    assert roster.remarks == ()


def test_a_column_that_is_needed_is_left_out_only_where_something_stands_for_it(read: ReadCsv) -> None:
    text = "email,cohort,role\nana@x.org,Beginners,learner\n"
    with pytest.raises(RosterError, match=r"'cohort' is not to be read, and it has no default\. Set default_cohort"):
        read(text, columns={"cohort": None})
    assert read(text, columns={"cohort": None}, default_cohort="autumn").enrolments[0].cohort == "autumn"


def test_a_file_for_moodles_upload_of_users_is_read_and_its_password_nowhere(read: ReadCsv) -> None:
    roster = read(
        "username,password,firstname,lastname,email,cohort1\ntomreis,Geheim-77-x,Tom,Reis,tj@x.org,ASD\n"
        "maria,Geheim-77-x,Maria,Silva,ms@x.org,DSA\n",
        columns={"cohort": "cohort1"},
        default_role="learner",
        cohorts={"ASD": "spring"},
        other_cohorts="ignore",
    )
    assert [enrolment.person.name for enrolment in roster.enrolments] == ["Tom Reis"]
    assert "Geheim" not in repr(roster) + repr(list(roster.enrolments))


@pytest.mark.parametrize(
    "title",
    ["E-mail Address", "email address", "EMAIL", "Mail", "Adresse e-mail", "Courriel", "Adresse électronique",
     "E-Mail-Adresse"],
)  # fmt: skip
def test_the_usual_titles_of_a_column_of_addresses_are_known(read: ReadCsv, title: str) -> None:
    roster = read(f"External ID,{title},Name,Cohort,Role\nE1,ana@x.org,Ana,spring,learner\n")
    assert roster.enrolments[0].person.email == "ana@x.org"


def test_a_column_that_may_hold_addresses_and_is_not_read_is_noted(read: ReadCsv) -> None:
    text = "External ID,Work mail box,Cohort,Role\nE1,ana@x.org,spring,learner\n"
    (remark,) = read(text).remarks
    assert "no column is read as e-mail; 'Work mail box' may be it" in remark
    assert read(text, columns={"email": "Work mail box"}).remarks == ()
    assert read(text, columns={"email": None}).remarks == ()


def test_two_columns_of_addresses_are_not_chosen_from(read: ReadCsv) -> None:
    with pytest.raises(RosterError, match="'email' appears twice"):
        read("E-mail address,Courriel,cohort,role\na@x.org,b@x.org,spring,learner\n")


def test_all_columns_that_are_missing_are_named_at_once(read: ReadCsv) -> None:
    with pytest.raises(RosterError) as caught:
        read("email,Groupe,Fonction\nana@x.org,spring,learner\n")
    assert "'cohort' is missing" in caught.value.what
    assert "'role' is missing" in caught.value.what
    assert caught.value.do is not None
    assert "columns.cohort, columns.role" in caught.value.do
    assert "default_cohort, default_role" in caught.value.do


def test_a_missing_column_can_be_replaced_by_a_default_and_the_message_says_so(read: ReadCsv) -> None:
    with pytest.raises(RosterError) as caught:
        read("email,cohort\nana@x.org,spring\n")
    assert caught.value.do == "Name it 'role', map it in lcm.yaml: columns.role, or set default_role there."


def test_a_column_that_was_mapped_is_corrected_where_it_was_mapped(read: ReadCsv) -> None:
    with pytest.raises(RosterError) as caught:
        read("Courriel,cohort,role\nana@x.org,spring,learner\n", columns={"email": "Couriel"})
    assert caught.value.what == "the column 'Couriel' is missing. The nearest header is 'Courriel'."
    assert caught.value.do == "Correct columns.email in lcm.yaml, or the header."


@pytest.mark.parametrize("above", ["Table 1\n", "Our people,,,,\n\n", "Exported on 1 March;;;;\n;;;;\n"])
def test_a_title_above_the_header_is_found_and_its_line_named(read: ReadCsv, above: str) -> None:
    sign = ";" if ";" in above else ","
    text = above + TABLE.replace(";", sign)
    with pytest.raises(RosterError) as caught:
        read(text)
    line = above.count("\n") + 1
    assert caught.value.do is not None
    assert f"header_row: {line}" in caught.value.do
    assert [e.where for e in read(text, header_row=line).enrolments] == [f"r.csv:{line + 1}"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "cp1250", "mac-roman", "shift_jis"])
def test_an_encoding_that_is_named_is_used(read: ReadCsv, encoding: str) -> None:
    name = {"shift_jis": "春のリーダー", "cp1250": "Łódź Kędzierska"}.get(encoding, "Zoé")
    text = TABLE.replace("Ana", name).replace(";", "\t").encode(encoding)
    assert read(text, encoding=encoding).enrolments[0].person.name == name


def test_an_encoding_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'cp125O' is not an encoding; use auto, utf-8"):
        CsvRosterSettings(csv=Path("r.csv"), encoding="cp125O")
    with pytest.raises(ValueError, match="'rot13' is not an encoding"):
        CsvRosterSettings(csv=Path("r.csv"), encoding="rot13")


def test_line_ends_of_several_kinds_in_one_file_are_line_ends(read: ReadCsv) -> None:
    roster = read("email,cohort,role\r\na@x.org,spring,learner\nb@x.org,spring,learner\rc@x.org,sprong,learner\r\n")
    assert len(roster.enrolments) == 2
    assert roster.rejected[0].where.endswith("r.csv:4")


@pytest.mark.parametrize("written", ["9999-12-31", "4712-12-31", "2999-12-31", "0001-01-01", "0000-00-00", ""])
def test_an_end_that_never_comes_is_none(read: ReadCsv, written: str) -> None:
    roster = read(f"email,cohort,role,start_date,end_date\na@x.org,spring,learner,0001-01-01,{written}\n")
    assert [(e.start, e.end) for e in roster.enrolments] == [(None, None)]


def test_full_width_digits_are_digits(read: ReadCsv) -> None:
    assert ids(read("external_id,cohort,role\n００４２,spring,learner\n")) == ["0042"]

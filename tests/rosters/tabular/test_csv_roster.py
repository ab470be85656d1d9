"""A CSV roster is read as people and spreadsheets write it; what is wrong is said with file and line."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_worker.config.rosters import CsvRosterSettings
from sync_worker.config.settings import Settings
from sync_worker.errors import ConfigError, RosterError
from sync_worker.model import Role, Roster, RosterKind
from sync_worker.rosters import read_roster
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import as_text, read_csv_roster
from tests.rosters.tabular.csv_files import ReadCsv, csv_reader

NOW = datetime.now(UTC)
HEADER = "external_id,email,username,name,cohort,role,manager_email,start_date,end_date,status\n"
ANA = "1,ana@x.org,ana,Ana Silva,spring,learner,boss@x.org,2027-03-01,2027-05-31,active\n"


@pytest.fixture
def read(tmp_path: Path) -> ReadCsv:
    return csv_reader(tmp_path, NOW)


def reasons(roster: Roster) -> list[str]:
    return [f"{row.where.rpartition('/')[2]}: {row.reason}" for row in roster.rejected]


def test_every_column_is_read(read: ReadCsv) -> None:
    roster = read(HEADER + ANA)
    enrolment = roster.enrolments[0]
    assert roster.kind is RosterKind.SNAPSHOT
    assert enrolment.where.endswith("r.csv:2")
    assert (enrolment.cohort, enrolment.role) == ("spring", Role.LEARNER)
    assert (enrolment.start, enrolment.end) == (date(2027, 3, 1), date(2027, 5, 31))
    person = enrolment.person
    assert (person.external_id, person.email, person.username) == ("1", "ana@x.org", "ana")
    assert (person.name, person.manager_email) == ("Ana Silva", "boss@x.org")


def test_nobody_is_their_own_manager(read: ReadCsv) -> None:
    own, both = "Ana@X.org", "ANA@x.org; boss@x.org"
    ben = ANA.replace("1,ana@x.org,ana", "2,ben@x.org,ben")
    for written, expected in ((own, None), (both, "; boss@x.org")):
        roster = read(HEADER + ANA.replace("boss@x.org", written) + ben)
        assert [one.person.manager_email for one in roster.enrolments] == [expected, "boss@x.org"]
        [remark] = roster.remarks
        assert remark.endswith(
            "r.csv:2: the manager's address is the person's own; it is ignored there. Correct it in the source."
        )


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_separators_line_ends_and_encodings_are_found_out(
    read: ReadCsv, separator: str, line_end: str, encoding: str
) -> None:
    text = (HEADER + ANA.replace("Ana Silva", "Zoé Müller")).replace(",", separator).replace("\n", line_end)
    assert read(text.encode(encoding)).enrolments[0].person.name == "Zoé Müller"


def test_a_separator_within_quotes_is_text(read: ReadCsv) -> None:
    assert read(HEADER + ANA.replace("Ana Silva", '"Silva, ""Ana"""')).enrolments[0].person.name == 'Silva, "Ana"'


def test_excels_separator_line_is_understood(read: ReadCsv) -> None:
    roster = read("sep=;\n" + (HEADER + ANA + "x\n").replace(",", ";"))
    assert len(roster.enrolments) == 1
    assert reasons(roster)[0].startswith("r.csv:4: the row has 1 cells")


def test_line_numbers_stay_right_after_quoted_newlines_and_blank_lines(read: ReadCsv) -> None:
    roster = read(HEADER + ANA.replace("Ana Silva", '"Ana\nMaria\nSilva"') + "\n" + ANA.replace("spring", "winter"))
    assert roster.enrolments[0].person.name == "Ana Maria Silva"
    assert reasons(roster)[0].startswith("r.csv:6: the cohort 'winter'")


def test_headers_do_not_mind_case_blanks_and_punctuation(read: ReadCsv) -> None:
    roster = read("E-Mail,First Name,LAST_NAME,Cohort,Role\nana@x.org,Ana,Silva,SPRING,Learner\n")
    assert roster.enrolments[0].person.name == "Ana Silva"
    assert roster.enrolments[0].cohort == "spring"


def test_columns_and_roles_may_have_names_of_their_own(read: ReadCsv) -> None:
    roster = read(
        "Courriel;Groupe;Fonction;Début\nana@x.org;spring;animatrice;01/03/2027\n",
        columns={"email": "Courriel", "cohort": "Groupe", "role": "Fonction", "start_date": "Début"},
        roles={"Animatrice": "lcm"},
        date_format="%d/%m/%Y",
    )
    assert roster.enrolments[0].role is Role.LCM
    assert roster.enrolments[0].start == date(2027, 3, 1)


def test_columns_we_do_not_know_are_ignored(read: ReadCsv) -> None:
    assert len(read("email,cohort,role,shoe size\nana@x.org,spring,,41\n").enrolments) == 1


def test_a_cohort_and_a_role_can_stand_in_the_settings(read: ReadCsv) -> None:
    roster = read("email\nana@x.org\n", default_cohort="autumn", default_role="facilitator")
    assert (roster.enrolments[0].cohort, roster.enrolments[0].role) == ("autumn", Role.FACILITATOR)


def test_empty_cells_at_the_end_of_a_row_are_no_cells(read: ReadCsv) -> None:
    assert len(read(HEADER.replace("\n", ",,\n") + ANA.replace("\n", ",,,,\n")).enrolments) == 1


def test_a_withdrawn_person_is_in_the_roster_and_does_not_count_as_active(read: ReadCsv) -> None:
    enrolment = read(HEADER + ANA.replace("active", "withdrawn")).enrolments[0]
    assert enrolment.withdrawn
    assert not enrolment.active_on(date(2027, 4, 1))


def test_one_person_may_be_in_two_cohorts(read: ReadCsv) -> None:
    assert len(read(HEADER + ANA + ANA.replace("spring", "autumn")).enrolments) == 2


def test_bad_rows_are_rejected_one_by_one_and_the_rest_is_kept(read: ReadCsv) -> None:
    roster = read(
        HEADER + ANA + ANA.replace("spring", "sprong").replace("1,ana@", "2,ben@") + ANA.replace("1,", "3,", 1)
    )
    assert len(roster.enrolments) == 1
    assert reasons(roster) == [
        "r.csv:3: the cohort 'sprong' is not declared. Did you mean 'spring'?",
        "r.csv:4: email 'ana@x.org' belongs to a person with another external id in "
        + roster.enrolments[0].where
        + ".",
    ]


def test_a_delta_may_be_empty_and_a_snapshot_may_not(read: ReadCsv) -> None:
    assert read(HEADER, kind="delta").enrolments == ()
    with pytest.raises(RosterError, match=r"r\.csv:1: the roster has a header but no rows"):
        read(HEADER)


def test_a_file_that_is_too_old_is_refused(read: ReadCsv, tmp_path: Path) -> None:
    read(HEADER + ANA, max_age_days=3)
    old = (NOW - timedelta(days=4)).timestamp()
    os.utime(tmp_path / "r.csv", (old, old))
    with pytest.raises(RosterError, match="older than 3 days"):
        read_csv_roster(CsvRosterSettings(csv=tmp_path / "r.csv", max_age_days=3), KnownCohorts(["spring"]), NOW, {})


def test_the_encoding_can_be_demanded(read: ReadCsv) -> None:
    with pytest.raises(RosterError, match=r"r\.csv:2: byte \d+ \(0xe9\) is not UTF-8"):
        read((HEADER + ANA.replace("Ana", "Zoé")).encode("cp1252"), encoding="utf-8")


def test_settings_without_roster_or_cohorts_are_refused(tmp_path: Path) -> None:
    forum = {"url": "http://forum.example.org"}
    with pytest.raises(ConfigError, match="no roster is configured"):
        read_roster(Settings.model_validate({"forum": forum}), now=NOW)
    with pytest.raises(ConfigError, match="no cohort is declared"):
        read_roster(Settings.model_validate({"forum": forum, "roster": {"csv": tmp_path / "r.csv"}}), now=NOW)


def test_an_unknown_column_in_the_map_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'emial' is not a column of ours\. Did you mean 'email'"):
        CsvRosterSettings(csv=tmp_path / "r.csv", columns={"emial": "Mail"})


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_an_error_with_a_place(data: bytes) -> None:
    problem = None
    try:
        as_text(BytesIO(data), "r.csv").read()
    except RosterError as error:
        problem = str(error)
    assert problem is None or problem.startswith("r.csv:")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters='"\x00'), max_size=12)


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=6), quoted=st.booleans())
def test_any_table_is_a_roster_or_an_error_and_no_row_is_lost_silently(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], quoted: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "r.csv"
    mark = '"' if quoted else ""
    body = [",".join(f"{mark}{cell}{mark}" for cell in row) for row in rows]
    path.write_bytes("\n".join(["email,cohort,role,name", "ana@x.org,spring,,Ana", *body]).encode())
    try:
        roster = read_csv_roster(CsvRosterSettings(csv=path), KnownCohorts(["spring"]), NOW, {})
    except RosterError:
        return
    assert roster.enrolments[0].person.name == "Ana"
    if quoted:
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        assert len(roster.enrolments) + len(roster.rejected) == 1 + len(filled)


def test_a_file_from_a_french_excel_is_read(read: ReadCsv) -> None:
    text = (
        "sep=;\r\nCourriel;Nom;Groupe;Fonction;Début;Statut\r\n"
        "zoe@x.org;Zoé Lefèvre;spring;Animatrice;1/3/2027;Actif\r\n"
    )
    more: dict[str, Any] = {
        "columns": {
            "email": "Courriel", "name": "Nom", "cohort": "Groupe", "role": "Fonction", "start_date": "Début",
            "status": "Statut",
        },
        "roles": {"animatrice": "lcm"},
        "date_format": "%d/%m/%Y",
    }  # fmt: skip
    for encoding in ("utf-8-sig", "cp1252"):
        enrolment = read(text.encode(encoding), **more).enrolments[0]
        assert (enrolment.person.name, enrolment.start) == ("Zoé Lefèvre", date(2027, 3, 1))

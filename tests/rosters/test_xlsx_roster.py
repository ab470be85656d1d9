"""A workbook is read as Excel writes it, with its traps for numbers, dates, formulas and merged cells seen."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import openpyxl
import pytest

from sync_worker.config.rosters import XlsxRosterSettings
from sync_worker.errors import RosterError
from sync_worker.model import Role, Roster
from sync_worker.rosters.rows import KnownCohorts
from sync_worker.rosters.xlsx_roster import read_xlsx_roster

NOW = datetime.now(UTC)
HEADER = ["external_id", "email", "name", "cohort", "role", "start_date"]
ANA = ["1", "ana@x.org", "Ana Silva", "spring", "learner", date(2027, 3, 1)]


class Read(Protocol):
    def __call__(self, *rows: list[Any], **more: Any) -> Roster: ...


@pytest.fixture
def book() -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "People"
    return workbook


@pytest.fixture
def read(tmp_path: Path, book: openpyxl.Workbook) -> Read:
    """Writes rows into the workbook's first sheet and reads it with the cohorts `spring` and `autumn`."""

    def read_it(*rows: list[Any], **more: Any) -> Roster:
        for row in rows:
            book.worksheets[0].append(row)
        path = tmp_path / "r.xlsx"
        book.save(path)
        return read_path(path, **more)

    return read_it


def read_path(path: Path, **more: Any) -> Roster:
    return read_xlsx_roster(XlsxRosterSettings(xlsx=path, **more), KnownCohorts(["spring", "autumn"]), NOW, {})


def reasons(roster: Roster) -> list[str]:
    return [f"{row.where.rpartition('/')[2]}: {row.reason}" for row in roster.rejected]


def test_rows_are_read_with_file_sheet_and_row_as_their_place(read: Read) -> None:
    roster = read(HEADER, ANA, [], ["2", "ben@x.org", "Ben", "sprong", "lcm"])
    enrolment = roster.enrolments[0]
    assert (enrolment.where, enrolment.start, enrolment.role) == ("r.xlsx!People:2", date(2027, 3, 1), Role.LEARNER)
    assert reasons(roster) == ["r.xlsx!People:4: the cohort 'sprong' is not declared. Did you mean 'spring'?"]


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [
        (1234, "General", "1234"),
        (1234.0, "General", "1234"),
        (42, "000000", "000042"),
        ("000042", "General", "000042"),
        (12.5, "General", "12.5"),
        (" E 7 ", "@", "E 7"),
    ],
)
def test_numbers_are_the_ids_that_excel_shows(
    read: Read, book: openpyxl.Workbook, value: Any, shown_as: str, text: str
) -> None:
    book.worksheets[0].append(HEADER)
    book.worksheets[0].append([value, *ANA[1:]])
    book.worksheets[0]["A2"].number_format = shown_as
    assert read().enrolments[0].person.external_id == text


def test_an_id_that_excel_made_a_date_or_rounded_is_rejected(read: Read) -> None:
    roster = read(HEADER, ANA, [date(2027, 12, 3), *ANA[1:]], [12345678901234567890, *ANA[1:]], ["#REF!", *ANA[1:]])
    assert reasons(roster) == [
        "r.xlsx!People:3: external_id is a date (2027-12-03 00:00:00), which Excel has probably made of it.",
        "r.xlsx!People:4: external_id is a number of more than 15 digits, which Excel has rounded.",
        "r.xlsx!People:5: external_id holds Excel's error #REF!.",
    ]


def test_dates_may_be_cells_or_text_in_the_date_format(read: Read) -> None:
    roster = read(
        HEADER,
        ANA,
        ["2", "ben@x.org", "Ben", "spring", "lcm", "15/04/2027"],
        ["3", "zoe@x.org", "Zoe", "spring", "", datetime(2027, 4, 15, 8, 30)],  # noqa: DTZ001  (as Excel has it)
        date_format="%d/%m/%Y",
    )
    assert [enrolment.start for enrolment in roster.enrolments] == [date(2027, 3, 1), date(2027, 4, 15)]
    assert "is not a day written like" in reasons(roster)[0]


def test_a_formula_counts_by_its_computed_value_and_without_one_is_refused(
    read: Read, tmp_path: Path, book: openpyxl.Workbook
) -> None:
    with pytest.raises(RosterError, match=r"r\.xlsx!People:2: the formula in B2 was never computed"):
        read(HEADER, ["1", '=LOWER("ANA@X.ORG")', *ANA[2:]])
    path = rewritten(tmp_path / "r.xlsx", "xl/worksheets/sheet1.xml", b"<v></v></c>", b"<v>ana@x.org</v></c>")
    path = rewritten(path, "xl/worksheets/sheet1.xml", b"<v/></c>", b"<v>ana@x.org</v></c>")
    path = rewritten(path, "xl/worksheets/sheet1.xml", b'r="B2"', b'r="B2" t="str"')
    assert read_path(path).enrolments[0].person.email == "ana@x.org"


def rewritten(path: Path, member: str, old: bytes, new: bytes) -> Path:
    """Replace bytes within one file of an archive."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = parts[member].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_merged_cells_in_the_table_are_refused_and_those_above_it_are_not(read: Read, book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.append(["Our people"])
    sheet.merge_cells("A1:F1")
    assert len(read(HEADER, ANA, header_row=2).enrolments) == 1
    sheet.merge_cells("D3:D4")
    with pytest.raises(RosterError, match=r"People:3: the cells D3:D4 are merged"):
        read(["2", "ben@x.org", "Ben", "spring"], header_row=2)


def test_a_title_above_the_table_is_told_from_a_header(read: Read) -> None:
    with pytest.raises(RosterError, match=r"People:1: the first line holds 'Our people' alone, a title and no header"):
        read(["Our people"], HEADER, ANA)


def test_rows_that_a_filter_hides_are_in_the_roster(read: Read, book: openpyxl.Workbook) -> None:
    book.worksheets[0].row_dimensions[3].hidden = True
    roster = read(HEADER, ANA, ["2", "ben@x.org", "Ben", "spring", "lcm"])
    assert len(roster.enrolments) == 2


def test_the_only_visible_sheet_is_taken_and_of_several_the_named_one(read: Read, book: openpyxl.Workbook) -> None:
    notes = book.create_sheet("Notes")
    with pytest.raises(RosterError, match="it has 2 sheets: People, Notes"):
        read(HEADER, ANA)
    assert read(sheet="People").enrolments
    notes.sheet_state = "hidden"
    assert read().enrolments
    with pytest.raises(RosterError, match=r"it has no sheet 'Peple'\. Did you mean 'People'"):
        read(sheet="Peple")


def test_columns_may_have_names_of_their_own_and_others_are_let_be(read: Read) -> None:
    roster = read(
        ["Courriel", None, "Groupe", "Fonction", 2027],
        ["ana@x.org", "x", "spring", "Tutrice", "y"],
        columns={"email": "Courriel", "cohort": "Groupe", "role": "Fonction"},
        roles={"tutrice": "lcm"},
    )
    assert roster.enrolments[0].role is Role.LCM


def test_a_wrong_size_in_the_sheet_does_not_cut_rows_off(read: Read, tmp_path: Path) -> None:
    read(HEADER, ANA, ["2", "ben@x.org", "Ben", "spring", "lcm"])
    path = rewritten(tmp_path / "r.xlsx", "xl/worksheets/sheet1.xml", b'ref="A1:F3"', b'ref="A1:B2"')
    assert len(read_path(path).enrolments) == 2


def test_a_workbook_that_would_unpack_beyond_measure_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1_100_000))
    with pytest.raises(RosterError, match=r"r\.xlsx:1: it would unpack to 1,100,000 bytes.*more than 1 MB"):
        read_path(path, max_megabytes=1)


def test_xml_entities_are_refused(read: Read, tmp_path: Path) -> None:
    read(HEADER, ANA)
    path = rewritten(
        tmp_path / "r.xlsx", "xl/workbook.xml", b"<workbook", b'<!DOCTYPE w [<!ENTITY a "aaaa">]><workbook'
    )
    with pytest.raises(RosterError, match="declares XML entities"):
        read_path(path)

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
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.xlsx_file import read_xlsx_roster

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
        (42, '"E"0000', "E0042"),
        (42, "000-0000", "000-0042"),
        (123456, "000-0000", "012-3456"),
        (12345678, "000-0000", "1234-5678"),
        (42, "00000;[Red]-00000;0", "00042"),
        (42, r"\E0000", "E0042"),
        (42, "[Blue]0000", "0042"),
        (1234567, "#,##0", "1234567"),
        (42, "0.00", "42"),
        (42, '"E"General', "E42"),
        (42, '"No. "#', "No. 42"),
        (1234, "0 000", "1 234"),
        (0, "0000", "0000"),
        ("0049_x000D_", "General", "0049"),
        ("a_x005F_b", "General", "a_b"),
        ("'0042", "@", "0042"),
    ],
)
def test_numbers_are_the_ids_that_excel_shows(
    read: Read, book: openpyxl.Workbook, value: Any, shown_as: str, text: str
) -> None:
    book.worksheets[0].append(HEADER)
    book.worksheets[0].append([value, *ANA[1:]])
    book.worksheets[0]["A2"].number_format = shown_as
    assert read().enrolments[0].person.external_id == text


@pytest.mark.parametrize("shown_as", ["0%", "0.00E+00", "# ?/?", "0,", '[>100]0;"x"0', '"E"', "0 kg", "[$-409]0%"])
def test_a_number_that_excel_shows_otherwise_is_rejected_and_never_another_persons(
    read: Read, book: openpyxl.Workbook, shown_as: str
) -> None:
    book.worksheets[0].append(HEADER)
    book.worksheets[0].append(["7", *ANA[1:]])
    book.worksheets[0].append([42, *ANA[1:]])
    book.worksheets[0]["A3"].number_format = shown_as
    roster = read()
    assert [enrolment.person.external_id for enrolment in roster.enrolments] == ["7"]
    assert "external_id is the number 42, which Excel shows differently" in reasons(roster)[0]


def test_an_id_that_excel_made_a_yes_or_no_is_rejected(read: Read) -> None:
    roster = read(HEADER, ANA, [True, "ben@x.org", *ANA[2:]])
    assert reasons(roster)[0].startswith("r.xlsx!People:3: external_id is a yes or no (True), which Excel")


def test_what_workbooks_write_for_a_carriage_return_is_a_blank_in_a_name(read: Read) -> None:
    roster = read(HEADER, ["1", "ana@x.org", "Ana_x000D_\nSilva", *ANA[3:]])
    assert roster.enrolments[0].person.name == "Ana Silva"


def test_days_without_an_end_are_open(read: Read) -> None:
    roster = read([*HEADER, "end_date"], [*ANA, date(9999, 12, 31)])
    assert roster.enrolments[0].end is None


@pytest.mark.parametrize(
    ("member", "kind"),
    [("content.xml", "an OpenDocument spreadsheet"), ("xl/workbook.bin", "a binary workbook"),
     ("Index/Document.iwa", "a document of Numbers")],
)  # fmt: skip
def test_files_of_other_programs_are_told_by_their_kind(tmp_path: Path, member: str, kind: str) -> None:
    with zipfile.ZipFile(tmp_path / "r.xlsx", "w") as archive:
        archive.writestr(member, b"x")
    with pytest.raises(RosterError, match=rf"r\.xlsx:1: this is {kind}.*not a workbook of Excel\. Save it as \.xlsx"):
        read_path(tmp_path / "r.xlsx")


def test_a_workbook_that_counts_from_1904_has_the_same_days(read: Read, book: openpyxl.Workbook) -> None:
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert read(HEADER, ANA).enrolments[0].start == date(2027, 3, 1)


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def as_excel_writes(path: Path, shared: list[str], rows: str, *, encoding: str = "UTF-8") -> Path:
    """Write a workbook with texts that cells share, prefixes, and targets from the root, as Excel and others do."""
    parts = {
        "_rels/.rels": "<Relationships>"
        f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="/xl/Workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<x:workbook xmlns:x="{MAIN}" xmlns:r="{RELATIONS}"><x:sheets>'
        '<x:sheet name="Chart" sheetId="1" r:id="c"/><x:sheet name="People" sheetId="2" r:id="s"/></x:sheets>'
        "</x:workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        f'<Relationship Id="c" Type="{RELATIONS}/chartsheet" Target="chartsheets/sheet1.xml"/>'
        f'<Relationship Id="s" Type="{RELATIONS}/worksheet" Target="/xl/worksheets/sheet7.xml"/>'
        f'<Relationship Id="t" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<x:sst xmlns:x="{MAIN}">{"".join(f"<x:si>{text}</x:si>" for text in shared)}</x:sst>',
        "xl/worksheets/sheet7.xml": f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="{encoding}"?>{text}')
    return path


def cells(*numbers: int) -> str:
    return "".join(f'<x:c t="s"><x:v>{number}</x:v></x:c>' for number in numbers)


def test_texts_that_cells_share_are_read_with_their_pieces_and_without_the_reading_of_signs(tmp_path: Path) -> None:
    shared = [f"<x:t>{word}</x:t>" for word in ("email", "name", "cohort", "role", "ana@x.org", "spring", "learner")]
    shared.append('<x:r><x:t>山田</x:t></x:r><x:r><x:t xml:space="preserve"> 花子</x:t></x:r>'
                  '<x:rPh sb="0" eb="2"><x:t>ヤマダ</x:t></x:rPh>')  # fmt: skip
    rows = f'<x:row r="2">{cells(0, 1, 2, 3)}</x:row><x:row r="5">{cells(4, 7, 5, 6)}</x:row>'
    roster = read_path(as_excel_writes(tmp_path / "r.xlsx", shared, rows))
    assert [(e.person.name, e.where) for e in roster.enrolments] == [("山田 花子", "r.xlsx!People:5")]


def test_a_cell_that_shares_a_text_which_is_not_there_makes_the_workbook_damaged(tmp_path: Path) -> None:
    path = as_excel_writes(tmp_path / "r.xlsx", ["<x:t>email</x:t>"], f"<x:row>{cells(0, 9)}</x:row>")
    with pytest.raises(RosterError, match=r"r\.xlsx!People:1: the workbook is damaged \(there is no shared text '9'\)"):
        read_path(path)


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
    path = tmp_path / "r.xlsx"
    for empty in (b"<v></v></c>", b"<v/></c>", b"<v /></c>"):  # as the library writes it with lxml and without
        path = rewritten(path, "xl/worksheets/sheet1.xml", empty, b"<v>ana@x.org</v></c>")
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
    with pytest.raises(
        RosterError, match=r"People:1: the first line holds 'Our people' alone, which is a title and not a header"
    ):
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

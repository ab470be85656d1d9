"""A file that is damaged or cannot be read is refused with its place; a fault of our own is never called damage."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync_worker.config.rosters import CsvRosterSettings, OneRosterSettings
from sync_worker.config.sources import CohortsFromSettings
from sync_worker.errors import RosterError
from sync_worker.model import Roster
from sync_worker.rosters.oneroster import read_oneroster
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import read_csv_roster
from tests.rosters.oneroster.exports import export, write_folder, write_zip
from tests.rosters.tabular.test_xlsx_roster import as_excel_writes, cells, read_path

NOW = datetime(2027, 3, 10, tzinfo=UTC)
UNREADABLE = Path("/proc/self/mem")  # an ordinary file whose first byte cannot be read: an input/output error
WAYS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}
WORDS = [f"<x:t>{word}</x:t>" for word in ("email", "cohort", "role", "ana@x.org", "spring", "learner")]
ROWS = f"<x:row>{cells(0, 1, 2)}</x:row><x:row>{cells(3, 4, 5)}</x:row>"
OWN_FAULTS = [ValueError, KeyError, IndexError, RuntimeError, OSError, EOFError, NotImplementedError]


def read_export(path: Path) -> Roster:
    known = KnownCohorts((), CohortsFromSettings(timezone="UTC"))
    return read_oneroster(OneRosterSettings(oneroster=path), known, NOW, {})


def packed_export(path: Path, way: int) -> Path:
    """Write an export as an archive that is packed in one of the ways that zip files have."""
    with zipfile.ZipFile(path, "w", way) as archive:
        for name, text in export().items():
            archive.writestr(f"{name}.csv", text)
    return path


def position_of(path: Path, name: str) -> int:
    """Return where in an archive the header of a file begins."""
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(name).header_offset


def overwrite(path: Path, position: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        file.write(data)


@pytest.mark.parametrize("way", WAYS)
def test_an_archive_that_is_packed_in_any_way_is_read(tmp_path: Path, way: str) -> None:
    assert len(read_export(packed_export(tmp_path / "x.zip", WAYS[way])).enrolments) == 3


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at", [0, 26, 40, 43, 50, 60, 70])
def test_a_damaged_file_in_an_archive_is_refused_with_its_place(tmp_path: Path, way: str, at: int) -> None:
    path = packed_export(tmp_path / "x.zip", WAYS[way])
    overwrite(path, position_of(path, "users.csv") + at, b"\xff\x00\xff")
    with pytest.raises(RosterError) as caught:
        read_export(path)
    assert str(caught.value).startswith(f"{path}!users.csv:1: it ")
    assert caught.value.do == "Export it again."


def test_a_file_that_begins_before_the_archive_is_refused(tmp_path: Path) -> None:
    path = packed_export(tmp_path / "x.zip", zipfile.ZIP_DEFLATED)
    entry = path.read_bytes().rindex(b"users.csv") - 46
    overwrite(path, entry + 42, b"\xff\xff\xff\x7f")  # the offset of its header
    with pytest.raises(RosterError, match=r"x\.zip"):
        read_export(path)


@pytest.mark.parametrize("fault", OWN_FAULTS)
def test_a_fault_of_our_own_in_reading_an_export_is_not_reported_as_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise fault("a fault of our own")

    monkeypatch.setattr("sync_worker.rosters.oneroster_tables.shape_problem", fail)
    for path in (write_zip(tmp_path / "x.zip", export()), write_folder(tmp_path / "x", export())):
        with pytest.raises(fault, match="a fault of our own"):
            read_export(path)


@pytest.mark.parametrize("where", ["sheet.Cell", "book.plain_text", "book.SheetPart"])
@pytest.mark.parametrize("fault", OWN_FAULTS)
def test_a_fault_of_our_own_in_reading_a_workbook_is_not_reported_as_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, fault: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise fault("a fault of our own")

    path = as_excel_writes(tmp_path / "r.xlsx", WORDS, ROWS)
    assert len(read_path(path).enrolments) == 1
    monkeypatch.setattr(f"sync_worker.rosters.tabular.xlsx_{where}", fail)
    with pytest.raises(fault, match="a fault of our own"):
        read_path(path)


@pytest.mark.parametrize("encoding", ["x-unknown", "rot13", "shift_jis", "utf-32", "idna"])
def test_a_workbook_in_an_encoding_that_xml_readers_do_not_know_is_refused(tmp_path: Path, encoding: str) -> None:
    path = as_excel_writes(tmp_path / "r.xlsx", WORDS, ROWS, encoding=encoding)
    with pytest.raises(RosterError, match=rf"r\.xlsx:1: the workbook is damaged .*the encoding '{encoding}'"):
        read_path(path)


@pytest.mark.parametrize("encoding", ["UTF-8", "us-ascii", "ISO-8859-1", "windows-1252"])
def test_a_workbook_in_an_encoding_that_xml_readers_know_is_read(tmp_path: Path, encoding: str) -> None:
    assert len(read_path(as_excel_writes(tmp_path / "r.xlsx", WORDS, ROWS, encoding=encoding)).enrolments) == 1


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('<x:c t="s"><x:v>-1</x:v></x:c>', "there is no shared text '-1'"),
        ('<x:c t="s"><x:v>9</x:v></x:c>', "there is no shared text '9'"),
        ('<x:c t="s"><x:v>one</x:v></x:c>', "there is no shared text 'one'"),
        ("<x:c><x:v>nan</x:v></x:c>", "'nan' is no number"),
        ("<x:c><x:v>1_0</x:v></x:c>", "'1_0' is no number"),
        ('<x:c t="d"><x:v>yesterday</x:v></x:c>', "'yesterday' is no date"),
        ('<x:c s="bold"><x:v>1</x:v></x:c>', "there is no style 'bold'"),
        ('<x:c t="z"><x:v>1</x:v></x:c>', "cells of kind 'z' are not known"),
        ('<x:c r="1A"><x:v>1</x:v></x:c>', "'1A' is no column"),
    ],
)
def test_a_cell_that_says_what_no_workbook_says_makes_it_damaged(tmp_path: Path, cell: str, says: str) -> None:
    path = as_excel_writes(tmp_path / "r.xlsx", WORDS, f'{ROWS}<x:row r="7">{cell}</x:row>')
    with pytest.raises(RosterError, match=rf"r\.xlsx!People:7: the workbook is damaged \({says}"):
        read_path(path)


@pytest.mark.parametrize("row", ["0", "2", "-3", "x"])
def test_a_row_whose_number_cannot_be_makes_the_workbook_damaged(tmp_path: Path, row: str) -> None:
    path = as_excel_writes(tmp_path / "r.xlsx", WORDS, f'{ROWS}<x:row r="{row}"/>')
    with pytest.raises(RosterError, match=r"r\.xlsx!People:2: the workbook is damaged \(.*row"):
        read_path(path)


def test_a_csv_file_that_the_disk_does_not_give_is_an_error_with_its_place() -> None:
    with pytest.raises(RosterError, match=r"/proc/self/mem: the roster cannot be read: Input/output error"):
        read_csv_roster(CsvRosterSettings(csv=UNREADABLE), KnownCohorts(("spring",)), NOW, {})


def test_a_file_of_an_export_that_the_disk_does_not_give_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "x", export())
    (path / "users.csv").unlink()
    (path / "users.csv").symlink_to(UNREADABLE)
    with pytest.raises(RosterError, match=r"x/users\.csv:1: it cannot be read: Input/output error"):
        read_export(path)

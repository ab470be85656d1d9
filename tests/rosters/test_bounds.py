"""A file that is a trap is refused with place, limit and advice, within seconds and a bounded amount of memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from sync_worker.config.rosters import CsvRosterSettings, OneRosterSettings, RosterSource, XlsxRosterSettings
from sync_worker.config.sources import CohortsFromSettings
from sync_worker.errors import RosterError
from sync_worker.rosters import READERS
from sync_worker.rosters.row_reader import KnownCohorts

NOW = datetime(2027, 3, 10, tzinfo=UTC)
MEGABYTE = 1_000_000
MEMORY = 500 * MEGABYTE
CPU_SECONDS = 60  # far more than any of them takes on the slowest machine; what has no bound takes hours
END = b"</sheetData>"
ROW = "b@x.org,spring,learner\n"
HEADER = "email,cohort,role\n"


def workbook(path: Path, sheet: Callable[[bytes], bytes], *, packed: bool = True) -> XlsxRosterSettings:
    """Write a workbook of one person whose sheet's XML is changed."""
    book = openpyxl.Workbook()
    for row in (["email", "cohort", "role"], ["ana@x.org", "spring", "learner"]):
        book.worksheets[0].append(row)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, sheet(data) if name.endswith("sheet1.xml") else data)
    return XlsxRosterSettings(xlsx=path)


def with_xml(more: bytes, *, packed: bool = True) -> Callable[[Path], RosterSource]:
    return lambda folder: workbook(folder / "r.xlsx", lambda xml: xml.replace(END, more + END), packed=packed)


def with_text(text: bytes, **more: object) -> Callable[[Path], RosterSource]:
    def write(folder: Path) -> RosterSource:
        (folder / "r.csv").write_bytes(text)
        return CsvRosterSettings.model_validate({"csv": folder / "r.csv", **more})

    return write


def sparse_file(folder: Path) -> RosterSource:
    with (folder / "r.csv").open("wb") as file:
        file.truncate(2_000_000_000)
    return CsvRosterSettings(csv=folder / "r.csv")


def pipe(folder: Path) -> RosterSource:
    os.mkfifo(folder / "r.csv")
    return CsvRosterSettings(csv=folder / "r.csv")


def archive(members: dict[str, bytes]) -> Callable[[Path], RosterSource]:
    def write(folder: Path) -> RosterSource:
        with zipfile.ZipFile(folder / "r.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in members.items():
                packed.writestr(name, data)
        return OneRosterSettings(oneroster=folder / "r.zip")

    return write


@dataclass(frozen=True)
class Trap:
    """A file to write, and what is said of it."""

    name: str
    write: Callable[[Path], RosterSource]
    says: str


TRAPS = [
    Trap("a workbook of a kilobyte that says row two thousand million",
         with_xml(b'<row r="2000000000"><c t="inlineStr"><is><t>x</t></is></c></row>'),
         "a row says that it is number 2,000,000,000; Excel has 1,048,576"),
    Trap("a row number of a thousand digits", with_xml(b'<row r="' + b"9" * 1_000 + b'"/>'), "Excel has 1,048,576"),
    Trap("a column beyond the last", with_xml(b'<row><c r="ZZZ9"><v>1</v></c></row>'), "there is no column ZZZ"),
    Trap("empty rows that unpack to hundreds of times their size", with_xml(b"<row/>" * 10_000_000),
         "times its size (60,000,"),
    Trap("more empty rows than Excel has", with_xml(b"<row/>" * 1_048_577, packed=False), "Excel has 1,048,576"),
    Trap("a comment of 15 MB", with_xml(b"<!--" + b"<c " * 5_000_000 + b"-->", packed=False),
         "a tag or comment of more than 4,000,000 bytes"),
    Trap("an attribute of 15 MB", with_xml(b"<row r='" + b"9" * 15_000_000 + b"'/>", packed=False),
         "a tag or comment of more than 4,000,000 bytes"),
    Trap("a cell of 15 MB", with_xml(b'<row><c t="inlineStr"><is><t>' + b"x y" * 5_000_000 + b"</t></is></c></row>",
         packed=False), "a cell has more than 100,000 characters"),
    Trap("a CSV file of two thousand million bytes", sparse_file, "the file has more than 500 MB"),
    Trap("a CSV file larger than the settings allow", with_text((HEADER + ROW * 100_000).encode(), max_megabytes=1),
         "the file has more than 1 MB. Export fewer people or columns, or raise the roster's max_megabytes"),
    Trap("one line of 15 MB", with_text(HEADER.encode() + b"a" * 15_000_000),
         "a line has more than 1,000,000 characters"),
    Trap("a header of 200,000 columns", with_text(b"email,cohort,role" + b",x" * 200_000 + b"\n"),
         "the header has 200,003 columns, more than 1,000"),
    Trap("a quote that is never closed", with_text((HEADER + '"' + ROW * 500_000).encode()),
         "r.csv:2: the record that starts here has a cell of more than 131,072 characters"),
    Trap("more wrong rows than are kept", with_text((HEADER + ROW.replace("spring", "sprong") * 60_000).encode()),
         "more than 50,000 rows cannot be used. The first: the cohort 'sprong'"),
    Trap("more rows than the settings allow",
         with_text((HEADER + "".join(f"p{n}@x.org,spring,learner\n" for n in range(1_001))).encode(), max_rows=1_000),
         "there are more than 1,000 rows. Is this the right export? If so, raise the roster's max_rows"),
    Trap("a column mapped to cohort that is none",
         with_text((HEADER + "".join(f"p{n}@x.org,k{n},learner\n" for n in range(10_002))).encode()),
         "there are more than 10,000 cohorts, such as 'k10000'"),
    Trap("a device without end", lambda _: CsvRosterSettings(csv=Path("/dev/zero")), "the roster is no ordinary file"),
    Trap("a pipe that nobody writes into", pipe, "the roster is no ordinary file"),
    Trap("an export that unpacks to a thousand times its size",
         archive({"manifest.csv": b"propertyName,value\n", "users.csv": b"\n" * 30_000_000}),
         "'users.csv' in it would unpack"),
    Trap("an export of more files than there can be", archive({f"{n}.csv": b"" for n in range(10_001)}),
         "it holds 10,001 files, more than 10,000"),
    Trap("an export with a path that leads out of it", archive({"../../users.csv": b"sourcedId\n"}),
         "would be written outside"),
]  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_trap_is_refused_with_the_place_the_limit_and_what_to_do(trap: Trap, tmp_path: Path) -> None:
    settings = trap.write(tmp_path)
    known = KnownCohorts(("spring",), None if "wrong rows" in trap.name else CohortsFromSettings(timezone="UTC"))
    with pytest.raises(RosterError) as caught:
        READERS[type(settings)](settings, known, NOW, {})
    assert trap.says in str(caught.value)
    assert caught.value.where
    assert caught.value.do


def test_what_looks_like_a_trap_and_is_none_is_read(tmp_path: Path) -> None:
    comment = with_xml(b"<!--" + b"<c " * 60_000 + b"-->")(tmp_path)
    assert len(READERS[XlsxRosterSettings](comment, KnownCohorts(("spring",)), NOW, {}).enrolments) == 1
    deep = with_xml(b"<a>" * 20_000 + b"</a>" * 20_000)(tmp_path)
    assert len(READERS[XlsxRosterSettings](deep, KnownCohorts(("spring",)), NOW, {}).enrolments) == 1
    wide = with_text((HEADER + ROW + "," * 500_000 + "\n").encode())(tmp_path)
    assert len(READERS[CsvRosterSettings](wide, KnownCohorts(("spring",)), NOW, {}).enrolments) == 1


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def test_every_trap_is_refused_within_500_mb_by_a_process_that_has_no_more(tmp_path: Path) -> None:
    """The operating system holds the process to it: beyond the memory or the CPU time, it dies."""
    settings = []
    for number, trap in enumerate(TRAPS):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = trap.write(folder)
        settings.append(f"{type(found).__name__}({found.model_dump(exclude_defaults=True)!r})")
    script = "\n".join([
        "from datetime import UTC, datetime",
        "from pathlib import Path, PosixPath",
        "from sync_worker.config.sources import CohortsFromSettings",
        "from sync_worker.config.rosters import CsvRosterSettings, OneRosterSettings, XlsxRosterSettings",
        "from sync_worker.errors import RosterError",
        "from sync_worker.rosters import READERS",
        "from sync_worker.rosters.row_reader import KnownCohorts",
        "known = KnownCohorts(('spring',), CohortsFromSettings(timezone='UTC'))",
        f"for given in ({', '.join(text.replace('(', '.model_validate(', 1) for text in settings)}):",
        "    try:",
        "        READERS[type(given)](given, known, datetime(2027, 3, 10, tzinfo=UTC), {})",
        "    except RosterError:",
        "        pass",
        "print('all answered')",
    ])  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, preexec_fn=limited
    )
    assert done.stdout == "all answered\n", done.stderr[-2_000:]

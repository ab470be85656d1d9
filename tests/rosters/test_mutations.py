"""A good roster of any format that is damaged anywhere is read, rejected in part or refused: never anything else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_worker.config.rosters import (
    CsvRosterSettings,
    OneRosterSettings,
    RosterSource,
    SqlRosterSettings,
    XlsxRosterSettings,
)
from sync_worker.errors import LcmError
from sync_worker.model import Roster
from sync_worker.rosters import READERS
from sync_worker.rosters.row_reader import KnownCohorts
from tests.rosters.oneroster.exports import export, write_folder, write_zip
from tests.search import examples

NOW = datetime.now(UTC)
KNOWN = KnownCohorts(("spring", "autumn"))
HEADER = ("external_id", "email", "name", "cohort", "role", "start_date")
ROWS = [
    ("1", "ana@x.org", "Ana Silva", "spring", "learner", "2027-03-01"),
    ("2", "ben@x.org", "Ben Costa", "spring", "lcm", ""),
    ("3", "zoé@x.org".replace("é", "e"), "Zoé", "autumn", "facilitator", "2027-09-01"),
]


@dataclass(frozen=True)
class Format:
    """How to write the good roster (returns the file to damage), and how to read it; `checked`: damage is noticed."""

    write: Callable[[Path], Path]
    settings: Callable[[Path], RosterSource]
    checked: bool = False

    def read(self, folder: Path) -> Roster:
        """Read what is in the folder."""
        given_settings = self.settings(folder)
        environment = {"HR_URL": f"sqlite:///{folder / 'hr.db'}"}
        return READERS[type(given_settings)](given_settings, KNOWN, NOW, environment)


def write_csv(folder: Path) -> Path:
    lines = [",".join(row) for row in (HEADER, *ROWS)]
    (folder / "r.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "r.csv"


def write_xlsx(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for row in (HEADER, *ROWS):
        book.worksheets[0].append(row)
    book.save(folder / "r.xlsx")
    return folder / "r.xlsx"


def write_database(folder: Path) -> Path:
    connection = sqlite3.connect(folder / "hr.db")
    connection.execute(f"CREATE TABLE people ({', '.join(HEADER)})")
    connection.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(HEADER))})", ROWS)
    connection.commit()
    connection.close()
    return folder / "hr.db"


def write_export(name: str) -> Callable[[Path], Path]:
    return lambda folder: write_folder(folder / "x", export("1.2")) / f"{name}.csv"


def one_roster(name: str) -> Callable[[Path], RosterSource]:
    return lambda folder: OneRosterSettings(oneroster=folder / name, cohorts={"c1": "spring", "c2": "autumn"})


FORMATS = {
    "csv": Format(write_csv, lambda folder: CsvRosterSettings(csv=folder / "r.csv")),
    "xlsx": Format(write_xlsx, lambda folder: XlsxRosterSettings(xlsx=folder / "r.xlsx"), checked=True),
    "zip": Format(lambda folder: write_zip(folder / "x.zip", export()), one_roster("x.zip"), checked=True),
    "database": Format(
        write_database, lambda folder: SqlRosterSettings(sql="HR_URL", enrolments_query="SELECT * FROM people")
    ),
} | {
    name: Format(write_export(name), one_roster("x"))
    for name in ("manifest", "users", "classes", "enrollments", "academicSessions", "roles")
}


def outcome(form: Format, folder: Path) -> Roster | LcmError:
    """Return the roster, or the documented error; any other exception goes on."""
    try:
        return form.read(folder)
    except LcmError as error:
        return error


@st.composite
def damages(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """A way to damage bytes: a cut, other bytes, some left out, some twice, two parts swapped."""
    kind = draw(st.sampled_from(["cut", "change", "drop", "repeat", "swap"]))
    first, second = sorted(draw(st.tuples(st.floats(0, 1), st.floats(0, 1))))
    noise = draw(st.binary(min_size=1, max_size=4) | st.sampled_from([b"\n", b'"', b",", b";", b"\0", b"\xff\xfe"]))

    def damage(data: bytes) -> bytes:
        start, end = int(first * len(data)), int(second * len(data))
        middle = data[start:end]
        return {
            "cut": data[:start],
            "change": data[:start] + noise + data[start + len(noise) :],
            "drop": data[:start] + data[end:],
            "repeat": data[:end] + middle + data[end:],
            "swap": data[end:] + middle + data[:start],
        }[kind]

    return damage


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=examples(25, 1000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damage=damages())
def test_damage_anywhere_is_read_rejected_or_refused(
    name: str, damage: Callable[[bytes], bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    form = FORMATS[name]
    path = form.write(folder)
    good = form.read(folder)
    assert good.enrolments
    assert good.rejected == ()
    path.write_bytes(damage(path.read_bytes()))
    result = outcome(form, folder)
    if isinstance(result, LcmError):
        assert result.exit_code in {2, 5}
        assert result.where
        assert result.what
        return
    if form.checked:
        assert result == good
    for row in result.rejected:
        assert row.where
        assert row.reason

"""Reading a roster of many people: ours against a bare csv.reader that keeps a dictionary for each row."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from sync_worker.config.rosters import CsvRosterSettings, XlsxRosterSettings
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import read_csv_roster
from sync_worker.rosters.tabular.xlsx_file import read_xlsx_roster

COHORTS = 1_000
HEADER = ("external_id", "email", "name", "cohort", "role", "manager_email", "start_date", "end_date", "status")
NOW = datetime(2027, 3, 10, tzinfo=UTC)
KNOWN = KnownCohorts(tuple(f"cohort-{number:03}" for number in range(COHORTS)))


@dataclass(frozen=True)
class Case:
    """A CSV file read twice, and a workbook (of fewer people) read twice."""

    bare: Callable[[], object]
    ours: Callable[[], object]
    bare_workbook: Callable[[], object]
    our_workbook: Callable[[], object]


def rows(people: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for each person."""
    for number in range(people):
        role = "lcm" if number % 50 == 0 else "learner"
        yield (
            f"E{number:07}", f"person{number}@example.org", f"Person Number {number}", f"cohort-{number % COHORTS:03}",
            role, f"boss{number % 5_000}@example.org", "2027-03-01", "", "active",
        )  # fmt: skip


@contextmanager
def case(people: int, in_workbook: int) -> Iterator[Case]:
    """Write the files; they go away at the end."""
    with tempfile.TemporaryDirectory() as folder:
        table, workbook = Path(folder) / "r.csv", Path(folder) / "r.xlsx"
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows(people)])
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in (HEADER, *rows(in_workbook)):
            sheet.append(row)
        book.save(workbook)

        def bare() -> object:
            with table.open(encoding="utf-8", newline="") as file:
                reader = csv.reader(file)
                header = next(reader)
                return [dict(zip(header, row, strict=True)) for row in reader]

        def ours() -> object:
            roster = read_csv_roster(CsvRosterSettings(csv=table), KNOWN, NOW, {})
            assert (len(roster.enrolments), len(roster.rejected)) == (people, 0)
            return roster

        def bare_workbook() -> object:
            opened = openpyxl.load_workbook(workbook, read_only=True)
            found = [dict(zip(HEADER, row, strict=False)) for row in opened.worksheets[0].iter_rows(values_only=True)]
            opened.close()
            return found

        def our_workbook() -> object:
            roster = read_xlsx_roster(XlsxRosterSettings(xlsx=workbook), KNOWN, NOW, {})
            assert (len(roster.enrolments), len(roster.rejected)) == (in_workbook, 0)
            return roster

        yield Case(bare, ours, bare_workbook, our_workbook)

"""Reads a CSV roster from its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sync_worker.config.rosters import CsvRosterSettings
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import read_csv_roster

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sync_worker.model import Roster


class ReadCsv(Protocol):
    """Reads a roster from the content of its file; `more` are settings of the source."""

    def __call__(self, content: str | bytes, **more: Any) -> Roster: ...


def csv_reader(folder: Path, now: datetime) -> ReadCsv:
    """Return what writes `r.csv` in a folder and reads it, with the cohorts `spring` and `autumn`."""

    def read(content: str | bytes, **more: Any) -> Roster:
        path = folder / "r.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_csv_roster(CsvRosterSettings(csv=path, **more), KnownCohorts(["spring", "autumn"]), now, {})

    return read

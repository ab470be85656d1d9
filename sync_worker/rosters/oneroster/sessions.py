"""The terms of a OneRoster export: from which day to which a class runs, and which of them say nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.rosters.days import NO_END
from sync_worker.rosters.oneroster.manifest import Mode
from sync_worker.rosters.oneroster.tables import DELETED, Table
from sync_worker.rosters.row import RowError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sync_worker.rosters.oneroster.files import ExportFiles
    from sync_worker.rosters.oneroster.manifest import Manifest
    from sync_worker.rosters.oneroster.tables import Line

SESSIONS = "academicSessions"


@dataclass(frozen=True, slots=True)
class Sessions:
    """The first and the last day of each session; `place` is the file's, where it has all the sessions there are."""

    days: Mapping[str, tuple[date | None, date | None]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None

    def span(self, terms: Iterable[str]) -> tuple[date | None, date | None]:
        """Return the first day of several sessions and the last, None for what none of them tells."""
        known = [self.days.get(term, (None, None)) for term in terms]
        starts, ends = [start for start, _ in known if start], [end for _, end in known if end]
        return min(starts, default=None), max(ends, default=None)

    def remarks(self, named: Mapping[str, Sequence[str]]) -> Iterator[str]:
        """Yield what is wrong with the sessions that classes name; `named` are the places where by session."""
        for term, places in named.items():
            if term in self.problems:
                yield self.problems[term]
            elif self.place and term not in self.days:
                more = f" and {len(places) - 1} more" if len(places) > 1 else ""
                yield f"{self.place} has no session '{term}', which {places[0]}{more} name{'' if more else 's'}."


def read_sessions(files: ExportFiles, manifest: Manifest, date_format: str) -> Sessions:
    """Return the sessions.

    Raises:
        RosterError: the file is damaged.

    """
    mode = manifest.mode(SESSIONS)
    if mode is Mode.ABSENT:
        return Sessions()
    days: dict[str, tuple[date | None, date | None]] = {}
    problems: dict[str, str] = {}
    for line in Table(files, SESSIONS, ("sourcedId", "startDate", "endDate"), kept=("status",)).lines():
        session = line.text("sourcedId")
        try:
            days[session] = (None, None) if line.word("status") == DELETED else _days(line, date_format)
        except RowError as error:
            days[session] = (None, None)
            problems[session] = f"{line.where.removeprefix(files.folder)}: {error.what}"
    place = files.place(SESSIONS).removeprefix(files.folder)
    return Sessions(days, problems, place if mode is Mode.BULK else None)


def _days(line: Line, date_format: str) -> tuple[date | None, date | None]:
    """Return a session's first and last day; the standard's end is the day after the last.

    A session that ends on the day it starts is that day: some systems write the last day itself.
    """
    start, end = line.day("startDate", date_format), line.day("endDate", date_format)
    if end is None or end in (NO_END, start):
        return start, end
    return start, end - timedelta(days=1)

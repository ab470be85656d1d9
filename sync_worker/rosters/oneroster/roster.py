"""A OneRoster export (CSV 1.1 or 1.2, folder or zip) -> a roster: classes are cohorts, enrolments rows.

After 1EdTech's OneRoster CSV binding 1.1 and 1.2: `tobedeleted` ends something in a delta, and is left out of a bulk
export; the end of a session or enrolment is the day after the last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.config.rosters import IDENTIFIERS
from sync_worker.model import RejectedRow, Role, RosterKind, fold
from sync_worker.rosters.cohort_keys import CohortKeys
from sync_worker.rosters.days import NO_END
from sync_worker.rosters.oneroster.files import open_export
from sync_worker.rosters.oneroster.manifest import Mode, read_manifest
from sync_worker.rosters.oneroster.people import read_classes, read_users
from sync_worker.rosters.oneroster.tables import DELETED, Table
from sync_worker.rosters.row import Row, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.files import refuse_old

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sync_worker.config.rosters import OneRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.oneroster.people import Classes, Users
    from sync_worker.rosters.oneroster.tables import Line
    from sync_worker.rosters.row_reader import Meaning
    from sync_worker.rosters.rows import KnownCohorts

WORDS: dict[str, Meaning] = {
    "student": Role.LEARNER,
    "teacher": Role.FACILITATOR,
    "aide": Role.FACILITATOR,
    "administrator": "ignore",
    "counselor": "ignore",
    "districtAdministrator": "ignore",
    "guardian": "ignore",
    "parent": "ignore",
    "principal": "ignore",
    "proctor": "ignore",
    "relative": "ignore",
    "siteAdministrator": "ignore",
    "systemAdministrator": "ignore",
}
PRIMARY_TEACHER = "primary teacher"
TRUE = ("true", "1")
COLUMNS = ("sourcedId", "classSourcedId", "userSourcedId", "role")
ALSO = ("status", "primary", "beginDate", "endDate")


def read_oneroster(
    settings: OneRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster of an export. Enrolments that name an unknown class or user are rejected one by one.

    Raises:
        RosterError: the export as a whole cannot be trusted: no archive, too old, without or against its manifest,
            a file damaged or without a needed column, or a snapshot without one enrolment that is asked for.

    """
    del environment
    with open_export(settings.oneroster, settings.max_megabytes) as files:
        refuse_old(settings, files.written, f"{files.path}:1", now)
        manifest = read_manifest(files, settings)
        users, unread = read_users(files, manifest, settings)
        classes = read_classes(files, manifest, settings)
        table = Table(files, "enrollments", COLUMNS, kept=ALSO)
        modes = [manifest.mode(name) for name in ("enrollments", "users", "classes")]
        kind = RosterKind.DELTA if settings.kind == "delta" or Mode.DELTA in modes else RosterKind.SNAPSHOT
        rows = _Enrolments(settings, CohortKeys(settings, known), users, classes, is_delta=kind is RosterKind.DELTA)
        roster = build_roster(
            settings,
            str(files.path),
            rows.of(table),
            known,
            now=now,
            found=classes.found.values(),
            found_all=classes.complete,
            kind=kind,
            words={**WORDS, PRIMARY_TEACHER: WORDS["teacher"]},
            folder=files.folder,
            head=f"{files.place('enrollments')}:1",
        )
    remarks = [*manifest.remarks, *classes.remarks, *roster.remarks]
    if unread:
        remarks.append(f"{files.place('users').removeprefix(files.folder)}: {unread} lines cannot be read.")
    return replace(roster, remarks=tuple(remarks))


@dataclass(slots=True)
class _Enrolments:
    """Turns lines of `enrollments.csv` into rows."""

    settings: OneRosterSettings
    keys: CohortKeys
    users: Users
    classes: Classes
    is_delta: bool

    def of(self, table: Table) -> Iterator[Row | RejectedRow | None]:
        """Yield every enrolment, None for those that are ignored; then the lines that cannot be read."""
        yield from self.classes.broken
        for line in table.lines():
            try:
                yield self._row(line)
            except RowError as error:
                yield RejectedRow(line.where, error.what, error.do or "", self._about(line))
        yield from table.broken

    def _about(self, line: Line) -> tuple[tuple[str, str], ...]:
        """Return the identifiers of the person that a rejected line is about."""
        cells = self.users.cells(line.text("userSourcedId"))
        return tuple((kind, fold(cells[kind])) for kind in IDENTIFIERS if cells.get(kind))

    def _row(self, line: Line) -> Row | None:
        """Return the row, None for an enrolment that is not asked for or deleted."""
        cohort, user = line.text("classSourcedId"), line.text("userSourcedId")
        deleted = line.word("status") == DELETED or self.users.is_deleted(user) or cohort in self.classes.deleted
        if deleted and not self.is_delta:
            return None
        found = self.classes.found.get(cohort)
        if found is None and self.classes.complete and not self.keys.is_mapped(cohort):
            raise RowError(f"classes.csv has no class '{cohort}'.", do="Correct it in the system that exports.")
        if self.keys.key(cohort, found.name if found else "") is None:
            return None
        if user in self.users.doubtful:
            raise RowError(self.users.doubtful[user], do="Correct it in the system that exports.")
        cells = self.users.cells(user)
        if user not in self.users.lines and not (self.is_delta and cells):
            raise RowError(f"users.csv has no user '{user}'.", do="Correct it in the system that exports.")
        start, end = (line.day(column, self.settings.date_format) for column in ("beginDate", "endDate"))
        # The end is the day after the last: who ends on the day they begin never came.
        never_came = start is not None and start == end
        inactive = deleted or never_came or line.word("status") == "inactive" or self.users.is_disabled(user)
        return Row(
            line.where,
            {
                **cells,
                "cohort": cohort,
                "cohort_name": found.name if found else "",
                "role": self._role(line, user),
                "start_date": "" if never_came else str(start or ""),
                "end_date": "" if never_came or end in (None, NO_END) else str(end - timedelta(days=1)),
                "status": "withdrawn" if inactive else "",
            },
        )

    def _role(self, line: Line, user: str) -> str:
        role = line.text("role") or self.users.role(user)
        leads = line.word("role") == "teacher" and line.word("primary") in TRUE
        return PRIMARY_TEACHER if leads and PRIMARY_TEACHER in self.settings.roles else role

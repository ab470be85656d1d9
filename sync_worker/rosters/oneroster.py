"""A OneRoster export (CSV 1.1 or 1.2, folder or zip) -> a roster: classes are cohorts, enrolments rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.config.rosters import IDENTIFIERS
from sync_worker.model import RejectedRow, Role, RosterKind, fold
from sync_worker.rosters.oneroster_tables import DELETED, Mode, Table, open_export, read_manifest
from sync_worker.rosters.row import NO_END, FoundCohort, Row, RowError, too_many_rows
from sync_worker.rosters.row_reader import CohortKeys
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.files import refuse_old

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.config.rosters import OneRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.oneroster_tables import ExportFiles, Line, Manifest
    from sync_worker.rosters.row_reader import KnownCohorts, Meaning


DISABLED = ("false", "0", "no")
TERMS = ("termSourcedIds", "termSourcedId")  # the latter as in OneRoster 1.0
USER_COLUMNS = (
    "status", "enabledUser", "role", "givenName", "familyName", "preferredGivenName", "preferredFamilyName",
    "agentSourcedIds",
)  # fmt: skip
RELATIVES = ("guardian", "parent", "relative")


@dataclass(frozen=True, slots=True)
class Users:
    """Everybody in `users.csv`, and what `roles.csv` says beside; `doubtful` are those who are there as two people."""

    lines: Mapping[str, Line]
    doubtful: Mapping[str, str]
    roles: Mapping[str, str]
    settings: OneRosterSettings

    def is_deleted(self, user: str) -> bool:
        """Whether the export says that the user is to be deleted."""
        line = self.lines.get(user)
        return line is not None and line.word("status") == DELETED

    def cells(self, user: str) -> dict[str, str]:
        """Return what is known of a user by our names of columns; only the sourcedId of one who is not in the file."""
        line, chosen = self.lines.get(user), self.settings.identifiers
        if line is None:
            return {ours: user for ours, theirs in chosen.items() if theirs == "sourcedId"}
        given = line.text("preferredGivenName") or line.text("givenName")
        family = line.text("preferredFamilyName") or line.text("familyName")
        cells = {ours: _identifier(line, theirs) for ours, theirs in chosen.items()}
        name = f"{given} {family}".strip()
        return {**cells, "name": name, "first_name": given, "manager_email": self._manager(line)}

    def role(self, user: str) -> str:
        """Return a user's own role, for enrolments that say none."""
        line = self.lines.get(user)
        return self.roles.get(user) or (line.text("role") if line else "")

    def is_disabled(self, user: str) -> bool:
        """Whether the user may not use any system at present."""
        line = self.lines.get(user)
        return line is not None and line.word("enabledUser") in DISABLED

    def _manager(self, line: Line) -> str:
        """Return the e-mail of the first agent who is no relative, where agents are managers."""
        if not self.settings.agents_are_managers:
            return ""
        agents = (agent for agent in line.words("agentSourcedIds") if self.role(agent).casefold() not in RELATIVES)
        emails = (self.lines[agent].text("email") for agent in agents if agent in self.lines)
        return next((email for email in emails if email), "")


def _identifier(line: Line, source: str) -> str:
    """Return a user's identifier; `userIds:FED` is the id within `{FED:...}`."""
    column, _, kind = source.partition(":")
    if not kind:
        return line.text(column)
    for part in line.words(column):
        name, _, value = part.strip("{}").partition(":")
        if name.strip().casefold() == kind.casefold():
            return value.strip()
    return ""


def read_users(files: ExportFiles, manifest: Manifest, settings: OneRosterSettings) -> tuple[Users, int]:
    """Return the users, and how many lines of `users.csv` could not be read.

    Raises:
        RosterError: a file is damaged.

    """
    wanted = [column.partition(":")[0] for column in settings.identifiers.values()]
    table = Table(files, "users", ("sourcedId",), kept=(*wanted, *USER_COLUMNS), reach=wanted)
    roles: dict[str, str] = {}
    if manifest.mode("roles") is not Mode.ABSENT:
        for line in Table(files, "roles", ("userSourcedId", "role"), kept=("status", "roleType")).lines():
            if line.word("status") != DELETED:
                primary = line.word("roleType") == "primary"
                user = line.text("userSourcedId")
                roles[user] = line.text("role") if primary else roles.get(user, line.text("role"))
    kept, doubtful = _each_once(
        _at_most(table.lines(), settings.max_rows), [*settings.identifiers.values(), "givenName", "familyName"]
    )
    return Users(kept, doubtful, roles, settings), len(table.broken)


def _at_most(lines: Iterable[Line], most: int) -> Iterator[Line]:
    """Yield the lines.

    Raises:
        RosterError: there are more than may be.

    """
    for number, line in enumerate(lines, 1):
        if number > most:
            raise too_many_rows(most, line.where)
        yield line


def _each_once(lines: Iterable[Line], columns: Sequence[str]) -> tuple[dict[str, Line], dict[str, str]]:
    """Return each user's line, and those of whom two lines say different things; one to be deleted gives way."""
    kept: dict[str, Line] = {}
    doubtful: dict[str, str] = {}
    for line in lines:
        user = line.text("sourcedId")
        first = kept.get(user)
        if first is None or first.word("status") == DELETED:
            kept[user] = line
        elif line.word("status") != DELETED and any(
            _identifier(line, column) != _identifier(first, column) for column in columns
        ):
            numbers = " and ".join(one.where.rpartition(":")[2] for one in (first, line))
            doubtful[user] = f"users.csv has two people with the sourcedId '{user}' (lines {numbers})."
    return kept, doubtful


@dataclass(frozen=True, slots=True)
class Classes:
    """Every class by its sourcedId; `complete` where the export has all there are; `remarks` are about their terms."""

    found: Mapping[str, FoundCohort]
    deleted: frozenset[str]
    complete: bool
    broken: Sequence[RejectedRow] = ()
    remarks: Sequence[str] = ()


def read_classes(files: ExportFiles, manifest: Manifest, settings: OneRosterSettings) -> Classes:
    """Return the classes, from the first day of their terms to the last.

    Raises:
        RosterError: a file is damaged.

    """
    if manifest.mode("classes") is Mode.ABSENT:
        return Classes({}, frozenset(), complete=False)
    sessions = read_sessions(files, manifest, settings.date_format)
    table = Table(files, "classes", ("sourcedId", "title"), kept=("status", *TERMS), reach=TERMS)
    lines = list(_at_most(table.lines(), settings.max_rows))
    deleted = frozenset(line.text("sourcedId") for line in lines if line.word("status") == DELETED)
    found: dict[str, FoundCohort] = {}
    named: dict[str, list[str]] = {}
    for line in lines:
        key = line.text("sourcedId")
        if key not in deleted and key not in found:
            terms = line.words("termSourcedIds") or line.words("termSourcedId")
            starts, ends = sessions.span(terms)
            found[key] = FoundCohort(key, line.text("title"), starts, ends, line.where)
            for term in terms:
                named.setdefault(term, []).append(line.where.removeprefix(files.folder))
    complete = manifest.mode("classes") is Mode.BULK
    return Classes(found, deleted, complete, table.broken, tuple(sessions.remarks(named)))


# A OneRoster export (CSV 1.1 or 1.2, folder or zip) -> a roster: classes are cohorts, enrolments rows.
# After 1EdTech's OneRoster CSV binding 1.1 and 1.2: `tobedeleted` ends something in a delta, and is left out of a bulk
# export; the end of a session or enrolment is the day after the last.


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


# The terms of a OneRoster export: from which day to which a class runs, and which of them say nothing.


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

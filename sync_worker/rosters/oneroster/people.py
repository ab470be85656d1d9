"""The people and classes of a OneRoster export, by their sourcedId."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.rosters.limits import too_many_rows
from sync_worker.rosters.oneroster.manifest import Mode
from sync_worker.rosters.oneroster.sessions import read_sessions
from sync_worker.rosters.oneroster.tables import DELETED, Table
from sync_worker.rosters.row import FoundCohort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sync_worker.config.rosters import OneRosterSettings
    from sync_worker.model import RejectedRow
    from sync_worker.rosters.oneroster.files import ExportFiles
    from sync_worker.rosters.oneroster.manifest import Manifest
    from sync_worker.rosters.oneroster.tables import Line

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
        return {**cells, "name": f"{given} {family}".strip(), "manager_email": self._manager(line)}

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

"""The files of a OneRoster export -> their lines by the standard's names of columns; what its manifest says of them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow, fold
from sync_worker.rosters.row import (
    MAX_COLUMNS,
    MAX_REJECTED,
    NO_DAY,
    NO_END,
    RowError,
    is_endless,
    is_no_day,
    is_suspect,
    meant,
)
from sync_worker.rosters.tabular.csv_file import as_text, csv_records
from sync_worker.rosters.tabular.files import AGAIN, GuardedFile, cause, open_archive, refuse_no_file
from sync_worker.rosters.tabular.table import plain_title, shape_problem, trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sync_worker.config.rosters import OneRosterSettings


SUFFIX = ".csv"


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """An export: each file by its name without `.csv`, in any case.

    `prefix` and a file's name make the place of a line in it; `folder` is what plans leave out of such a place.
    """

    path: Path
    prefix: str
    folder: str
    written: datetime
    names: Mapping[str, str]
    megabytes: int
    _open: Callable[[str], IO[bytes]]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and fold(name) in self.names

    def place(self, name: str) -> str:
        """Return how to name a file of the export, whether it is there or not."""
        return f"{self.prefix}{self.names.get(fold(name), name + SUFFIX)}"

    def open(self, name: str) -> BinaryIO:
        """Open a file that is there, for bytes.

        Raises:
            RosterError: it cannot be read, or is damaged; now, or while it is read.

        """
        member, where = self.names[fold(name)], f"{self.place(name)}:1"

        def refusal(error: Exception) -> RosterError:
            is_disk = isinstance(error, OSError)
            what = (
                f"it cannot be read: {cause(error)}." if is_disk else f"it is damaged in the archive ({cause(error)})."
            )
            return RosterError(what, where=where, do=AGAIN)

        return cast("BinaryIO", GuardedFile(lambda: self._open(member), refusal))


@contextmanager
def open_export(path: Path, megabytes: int) -> Iterator[ExportFiles]:
    """Open a folder or a zip archive with the export's files, at its top or all in one folder within.

    An archive may unpack to so many megabytes, and a file of a folder may be as large.

    Raises:
        RosterError: nothing there, no archive, damaged, protected, too large, or with files of the same name.

    """
    if path.is_dir():
        yield _folder(path, megabytes)
        return
    with open_archive(path, megabytes) as archive:
        members: dict[str, str] = {}
        for member in archive.infolist():
            inner = PurePosixPath(member.filename.replace("\\", "/"))
            if inner.is_absolute() or ".." in inner.parts:
                what = f"it contains a file that would be written outside of it: '{member.filename}'."
                raise RosterError(what, where=f"{path}:1", do=AGAIN)
            if not member.is_dir() and not _is_system_file(inner):
                members[str(inner)] = member.filename
        names = _by_name(list(members), path)
        yield ExportFiles(
            path,
            prefix=f"{path}!",
            folder=f"{path.parent}/",
            written=datetime.fromtimestamp(path.stat().st_mtime, UTC),
            names=names,
            megabytes=megabytes,
            _open=lambda name: archive.open(members[name]),
        )


def _folder(path: Path, megabytes: int) -> ExportFiles:
    try:
        found = [file for file in sorted(path.iterdir()) if file.is_file()]
    except OSError as error:
        raise RosterError(f"the roster cannot be read: {error.strerror}.", where=str(path)) from None
    names = _by_name([file.name for file in found if not _is_system_file(PurePosixPath(file.name))], path)
    oldest = min((path / name).stat().st_mtime for name in names.values()) if names else 0.0

    def opened(name: str) -> BinaryIO:
        refuse_no_file(path / name, megabytes, shown="the file")
        return (path / name).open("rb")

    prefix = f"{path}/"
    return ExportFiles(path, prefix, prefix, datetime.fromtimestamp(oldest, UTC), names, megabytes, opened)


def _is_system_file(inner: PurePosixPath) -> bool:
    """Whether a Mac or another system put the file there."""
    return "__MACOSX" in inner.parts or inner.name.startswith(".")


def _by_name(inner: list[str], path: Path) -> dict[str, str]:
    """Return the CSV files by their folded name."""
    tables = [name for name in inner if name.casefold().endswith(SUFFIX)]
    folders = {str(PurePosixPath(name).parent) for name in tables}
    if len(folders) > 1:
        what = f"its files are in several folders: {', '.join(sorted(folders))}."
        raise RosterError(what, where=f"{path}:1", do="Keep the files of one export, at the top of the archive.")
    names: dict[str, str] = {}
    for name in tables:
        key = fold(PurePosixPath(name).name[: -len(SUFFIX)])
        if key in names:
            raise RosterError(f"it holds '{names[key]}' and '{name}'.", where=f"{path}:1", do="Keep one of the two.")
        names[key] = name
    return names


# A file of a OneRoster export -> its lines by the standard's names of columns.


DELETED = "tobedeleted"
ISO_DAY = "%Y-%m-%d"
# The standard's columns that we read, without case and punctuation.
PLAIN = {
    column: plain_title(column)
    for column in (
        "sourcedId", "status", "classSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate",
        "startDate", "enabledUser", "username", "userIds", "givenName", "familyName", "preferredGivenName",
        "preferredFamilyName", "identifier", "email", "agentSourcedIds", "title", "termSourcedIds", "termSourcedId",
        "roleType", "userMasterIdentifier", "propertyName", "value",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table; a column that the file does not have is empty."""

    where: str
    cells: Sequence[str]
    places: Mapping[str, int]

    def text(self, column: str) -> str:
        """Return the cell in a column."""
        place = self.places.get(PLAIN.get(column) or plain_title(column), -1)
        return self.cells[place] if 0 <= place < len(self.cells) else ""

    def word(self, column: str) -> str:
        """Return the cell in a column, folded."""
        return fold(self.text(column))

    def words(self, column: str) -> list[str]:
        """Return the parts of a list in a cell."""
        return [part.strip() for part in self.text(column).split(",") if part.strip()]

    def day(self, column: str, date_format: str = ISO_DAY) -> date | None:
        """Return the day in a cell, written as the standard has it or in the format (strptime's).

        None if it is empty or what systems write for no day; 9999-12-31 for an end that never comes. A time after it is
        cut off.

        Raises:
            RowError: it is no day.

        """
        written = self.text(column)
        if not written or written[:10] in NO_DAY:
            return None
        day = _day(written, date_format)
        if day is None:
            raise RowError(
                f"{column} '{written}' is not a day written like {date(2027, 12, 31).strftime(date_format)}.",
                do="Export it again, or set the roster's date_format in lcm.yaml.",
            )
        if is_no_day(day):
            return None
        return NO_END if is_endless(day) else day


@lru_cache(maxsize=10_000)
def _day(written: str, date_format: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(written[:10])
    for text in (written, written.split(maxsplit=1)[0]):
        with suppress(ValueError):
            return datetime.strptime(text, date_format).date()  # noqa: DTZ007  (a day has no zone)
    return None


class Table:
    """A file's lines, read as they are asked for, and (in `broken`, when all were read) those of another shape.

    Header names count in any case, others than the standard's are ignored. `needed` columns must be there; `reach`
    are those that no line may break off before.

    Raises:
        RosterError: not text, too large, no header, quotes broken, or a needed column is missing or twice.

    """

    def __init__(
        self,
        files: ExportFiles,
        name: str,
        needed: Sequence[str],
        *,
        kept: Sequence[str] = (),
        reach: Sequence[str] = (),
    ) -> None:
        self.broken: list[RejectedRow] = []
        self._files = files
        self._name = name
        self._needed = needed
        self._kept = tuple(dict.fromkeys((*needed, *kept)))
        self._reach = tuple(dict.fromkeys((*needed, *reach)))

    def lines(self) -> Iterator[Line]:
        """Yield the lines that have the header's shape."""
        file = self._files.place(self._name)
        with self._files.open(self._name) as binary, as_text(binary, file, megabytes=self._files.megabytes) as text:
            records = csv_records(text, file, self._needed)
            try:
                where, header = next(records)
            except StopIteration:
                raise RosterError("the file has no header.", where=f"{file}:1", do="Export it again.") from None
            places = self._places(header, where)
            width = len(trimmed(header))
            reach = 1 + max((places[title] for title in map(plain_title, self._reach) if title in places), default=0)
            titles = [plain_title(column) for column in self._kept]
            kept = [places.get(title, -1) for title in titles]
            own = {title: number for number, title in enumerate(titles)}
            for where, cells in records:
                problem = shape_problem(cells, width, reach)
                if problem:
                    self._reject(RejectedRow(where, *problem))
                    continue
                length = len(cells)
                found = [cells[place].strip() if 0 <= place < length else "" for place in kept]
                if is_suspect("".join(found)):
                    try:
                        found = [meant(cell, column) for cell, column in zip(found, self._kept, strict=True)]
                    except RowError as error:
                        self._reject(RejectedRow(where, error.what, error.do or ""))
                        continue
                yield Line(where, found, own)

    def _reject(self, row: RejectedRow) -> None:
        if len(self.broken) >= MAX_REJECTED:
            raise RosterError(
                f"more than {MAX_REJECTED:,} lines cannot be read. The first: {self.broken[0].reason}",
                where=self.broken[0].where,
                do=self.broken[0].do,
            )
        self.broken.append(row)

    def _places(self, header: Sequence[str], where: str) -> dict[str, int]:
        if len(header) > MAX_COLUMNS:
            raise RosterError(f"the header has {len(header):,} columns.", where=where, do="Export it again.")
        titles = [plain_title(title) for title in header]
        for column in self._needed:
            count = titles.count(plain_title(column))
            if count != 1:
                what = "is missing" if count == 0 else "appears twice"
                raise RosterError(f"the column '{column}' {what}.", where=where, do="Export it again.")
        # A column that is there twice says nothing for certain; one that is needed was refused above.
        return {title: place for place, title in enumerate(titles) if title and titles.count(title) == 1}


# `manifest.csv` of a OneRoster export: which files there are and whether each is all of it or what changed.
# After 1EdTech's OneRoster CSV binding 1.1 and 1.2.


MANIFEST = "manifest"
MAX_PROPERTIES = 1_000
FILE = "file."
READ = {fold(name): name for name in ("academicSessions", "classes", "enrollments", "roles", "users")}
NEEDED = ("enrollments", "users")
VERSIONS = ("1.1", "1.2")


class Mode(StrEnum):
    """What a file of the export is."""

    ABSENT = "absent"
    BULK = "bulk"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The version, the mode of each file by its folded name, and contradictions that do no harm."""

    version: str
    modes: Mapping[str, Mode]
    remarks: tuple[str, ...] = ()

    def mode(self, name: str) -> Mode:
        """Return the mode of a file."""
        return self.modes.get(fold(name), Mode.ABSENT)


def read_manifest(files: ExportFiles, settings: OneRosterSettings) -> Manifest:
    """Return the manifest, if the export is what it says; without one, what the settings say of every file.

    Raises:
        RosterError: there is none and the settings do not do without, it is damaged or of another version, or a file
            that we read is missing, or there although the manifest says it is not.

    """
    where = files.place(MANIFEST)
    if MANIFEST not in files:
        if settings.manifest == "none":
            mode = Mode.DELTA if settings.kind == "delta" else Mode.BULK
            modes = dict.fromkeys(files.names, mode)
            return Manifest("", modes, tuple(_contradictions(files, modes)))
        do = (
            "Export it again with its manifest, which says whether the files are complete. Where the system writes "
            "none and every file is always complete, set 'manifest: none' under the roster in lcm.yaml."
        )
        raise RosterError("manifest.csv is missing.", where=where, do=do)
    table = Table(files, MANIFEST, ("propertyName", "value"))
    lines: dict[str, tuple[str, str]] = {}
    for line in table.lines():
        lines[fold(line.text("propertyName"))] = (line.text("value"), line.where)
        if len(lines) > MAX_PROPERTIES:
            raise RosterError(
                f"it has more than {MAX_PROPERTIES:,} properties.", where=line.where, do="Export it again."
            )
    if table.broken:
        raise RosterError(table.broken[0].reason, where=table.broken[0].where, do=table.broken[0].do)
    version, place = lines.get("oneroster.version", ("", f"{where}:1"))
    if not version.startswith(VERSIONS):
        raise RosterError(
            f"the OneRoster version is '{version}'; {' and '.join(VERSIONS)} can be read.",
            where=place,
            do="Export it in one of these.",
        )
    modes = {
        name.removeprefix(FILE): _mode(value, place) for name, (value, place) in lines.items() if name.startswith(FILE)
    }
    return Manifest(version, modes, tuple(_contradictions(files, modes)))


def _mode(value: str, where: str) -> Mode:
    try:
        return Mode(fold(value) or Mode.ABSENT)
    except ValueError:
        known = ", ".join(Mode)
        raise RosterError(f"'{value}' is not one of {known}.", where=where, do="Export it again.") from None


def _contradictions(files: ExportFiles, modes: Mapping[str, Mode]) -> list[str]:
    """Return what the manifest and the files disagree on, if it is about files that we do not read."""
    problems: list[str] = []
    for name in sorted({*modes, *files.names, *NEEDED} - {MANIFEST}):
        declared = modes.get(name, Mode.ABSENT) is not Mode.ABSENT
        if declared is (name in files):
            if not declared and name in NEEDED:
                raise RosterError(f"there is no {name}.csv.", where=files.place(MANIFEST), do="Export it too.")
            continue
        file, what = files.place(READ.get(name, name)), "declared and missing" if declared else "there and not declared"
        if name in READ:
            raise RosterError(
                f"by manifest.csv this file is {what}.", where=file, do="Export it again; a part of it may be lost."
            )
        problems.append(f"{file.removeprefix(files.folder)} is {what} in manifest.csv; it is not needed.")
    return problems

"""The files of a OneRoster export, in a folder or a zip archive: their bytes, and how to name places in them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from sync_worker.errors import RosterError
from sync_worker.model import fold
from sync_worker.rosters.tabular.archive import AGAIN, open_archive
from sync_worker.rosters.tabular.files import GuardedFile, cause, refuse_no_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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

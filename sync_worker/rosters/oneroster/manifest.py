"""`manifest.csv` of a OneRoster export: which files there are and whether each is all of it or what changed.

After 1EdTech's OneRoster CSV binding 1.1 and 1.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.model import fold
from sync_worker.rosters.oneroster.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.config.rosters import OneRosterSettings
    from sync_worker.rosters.oneroster.files import ExportFiles

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

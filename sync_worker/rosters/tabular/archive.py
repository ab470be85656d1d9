"""Opening zip archives that others made: nothing is unpacked to disk, and what unpacks to too many bytes is refused."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.rosters.limits import MEGABYTE, too_large
from sync_worker.rosters.tabular.files import NO_ARCHIVE, cause, refuse_no_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_MEMBERS = 10_000
MAX_RATIO = 250
UNSUSPICIOUS = 10_000_000  # bytes that are harmless however they were packed
ENCRYPTED = 0x1
AGAIN = "Export it again."


@contextmanager
def open_archive(path: Path, megabytes: int) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive and look at its list of contents.

    Raises:
        RosterError: no such file, no archive, damaged, protected by a password, or it would unpack to more than
            `megabytes`, to more files than may be, or to hundreds of times its size, as only traps do.

    """
    where = f"{path}:1"
    refuse_no_file(path, megabytes)
    try:
        archive = zipfile.ZipFile(path)
    except NO_ARCHIVE as error:
        raise RosterError(f"this is not a whole zip archive ({error}).", where=where, do=AGAIN) from None
    except OSError as error:
        raise RosterError(f"the roster cannot be read: {cause(error)}.", where=str(path), do=AGAIN) from None
    with archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            what = f"it holds {len(members):,} files, more than {MAX_MEMBERS:,}."
            raise RosterError(what, where=where, do="Put the roster's own files alone into the archive.")
        unpacked = sum(member.file_size for member in members)
        if unpacked > megabytes * MEGABYTE:
            raise too_large(f"it would unpack to {unpacked:,} bytes; what it unpacks to", megabytes, where)
        for member in members:
            if member.file_size > UNSUSPICIOUS and member.file_size > MAX_RATIO * max(1, member.compress_size):
                raise RosterError(
                    f"'{member.filename}' in it would unpack to {member.file_size // max(1, member.compress_size):,} "
                    f"times its size ({member.file_size:,} bytes); no roster does.",
                    where=where,
                    do="Delete empty rows and columns, and save or export it again.",
                )
        if any(member.flag_bits & ENCRYPTED for member in members):
            raise RosterError("it is protected by a password.", where=where, do="Save it without one.")
        yield archive

"""Opening zip archives that others made: nothing is unpacked to disk, and what unpacks beyond measure is refused."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_UNPACKED = 500_000_000
MAX_MEMBERS = 10_000
ENCRYPTED = 0x1
AGAIN = "Export it again."
# What a damaged archive makes `zipfile` raise, beside its own error.
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@contextmanager
def open_archive(path: Path, max_unpacked: int = MAX_UNPACKED) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive and look at its list of contents.

    Raises:
        RosterError: no such file, no archive, damaged, protected by a password, or it would unpack to more than
            `max_unpacked` bytes.

    """
    where = f"{path}:1"
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise RosterError("the roster does not exist.", where=str(path), do="Check its path in lcm.yaml.") from None
    except DAMAGE as error:
        raise RosterError(f"this is not a whole zip archive ({error}).", where=where, do=AGAIN) from None
    except OSError as error:
        raise RosterError(f"the roster cannot be read: {error.strerror or error}.", where=str(path)) from None
    with archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > max_unpacked or len(members) > MAX_MEMBERS:
            what = f"it would unpack to {size:,} bytes in {len(members):,} files, more than can be a roster."
            raise RosterError(what, where=where, do=AGAIN)
        if any(member.flag_bits & ENCRYPTED for member in members):
            raise RosterError("it is protected by a password.", where=where, do="Save it without one.")
        yield archive


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bytes:
    """Return the bytes of one file in an archive; never more than its list of contents says.

    Raises:
        RosterError: the archive is damaged there.

    """
    try:
        return archive.read(member)
    except (*DAMAGE, OSError) as error:
        raise RosterError(
            f"'{member.filename}' in it is damaged ({error}).", where=f"{path}:1", do="Copy or export it again."
        ) from None

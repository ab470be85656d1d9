"""Files of sources: whether they may be read at all, and failures of a disk or an archive as refusals.

Only the calls of a file itself are watched. A fault in the code that reads it stays what it is.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.rosters.limits import MEGABYTE, too_large

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sync_worker.config.rosters import FileSource

# What `zipfile` raises when it opens a damaged archive, or a file in it.
NO_ARCHIVE = (
    zipfile.BadZipFile,  # a wrong header, list of contents, or checksum
    NotImplementedError,  # an unknown version or way of packing; patched data; strong encryption
    UnicodeDecodeError,  # a file name that is marked as UTF-8 and is not UTF-8
    ValueError,  # a file that begins before the archive, where the archive is not read from a disk
)
# What it raises while it reads a file in the archive.
DAMAGED = (
    *NO_ARCHIVE,
    EOFError,  # the packed bytes end too early
    zlib.error,  # deflate: wrong bytes
    lzma.LZMAError,  # LZMA: wrong bytes
    OSError,  # bzip2: wrong bytes; a file that begins before the archive on a disk; the disk itself
)


def refuse_old(settings: FileSource, written: datetime, where: str, now: datetime) -> None:
    """Refuse what was written longer ago than the settings allow.

    Raises:
        RosterError: with the day on which it was written.

    """
    if settings.max_age_days is not None and now - written > timedelta(days=settings.max_age_days):
        raise RosterError(
            f"written on {written:%Y-%m-%d}, older than {settings.max_age_days} days.",
            where=where,
            do="Export it again, or raise the roster's max_age_days in lcm.yaml.",
        )


def refuse_stale(settings: FileSource, path: Path, now: datetime) -> None:
    """Refuse a file that was written longer ago than the settings allow.

    Raises:
        RosterError: with the day on which it was written.

    """
    refuse_old(settings, datetime.fromtimestamp(path.stat().st_mtime, UTC), f"{path}:1", now)


class GuardedFile(io.BufferedIOBase):
    """A file opened for bytes, of a disk or of an archive.

    Args:
        opened: opens the file.
        refusal: returns the error to raise, with the place, for what the disk or the archive raised.

    Raises:
        RosterError: as `refusal` returns it, when the file is opened and at each read.

    """

    def __init__(self, opened: Callable[[], IO[bytes]], refusal: Callable[[Exception], RosterError]) -> None:
        self._refusal = refusal
        with self._watched():
            self._file = opened()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except DAMAGED as error:
            raise self._refusal(error) from None

    def readable(self) -> bool:
        """Return that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Return that the file can be read again from its start."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes, all that is left for a negative number."""
        with self._watched():
            return self._file.read(-1 if size is None else size)

    def read1(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; `TextIOWrapper` calls it."""
        return self.read(io.DEFAULT_BUFFER_SIZE if size < 0 else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the file; return it."""
        with self._watched():
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()


def cause(error: Exception) -> str:
    """Return what a disk or an archive says went wrong, in at most 200 characters."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (said or type(error).__name__)[:200]


def refuse_no_file(path: Path, megabytes: int | None = None, *, shown: str = "the roster") -> None:
    """Refuse what is no ordinary file (a device or a pipe has no end), or one that is too large.

    Raises:
        RosterError: it is missing, unreadable, no file, or has more bytes than allowed.

    """
    try:
        told = path.stat()
    except FileNotFoundError:
        raise RosterError(
            f"{shown} does not exist.", where=str(path), do="Correct its path in the settings, or export it there."
        ) from None
    except OSError as error:
        raise RosterError(
            f"{shown} cannot be read: {error.strerror or error}.",
            where=str(path),
            do="Give the worker's user the right to read it.",
        ) from None
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no ordinary file"
        raise RosterError(f"{shown} is {kind}.", where=str(path), do="Name a file.")
    if megabytes is not None and told.st_size > megabytes * MEGABYTE:
        raise too_large("the file", megabytes, f"{path}:1")

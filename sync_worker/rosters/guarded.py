"""A file whose failures are refusals: a disk that does not give it, an archive that is damaged.

Only the calls of the file itself are watched. A fault in the code that reads the file stays what it is.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_worker.errors import RosterError

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

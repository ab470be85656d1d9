"""Files that name people: only their owner may read them, also where the file was there before with wider rights."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OWNER_ONLY = 0o600


def write_private(path: Path, text: str, *, new: bool = False) -> None:
    """Write text to a file that only its owner may read and write; its rights are narrowed before anything is written.

    Args:
        path: the file; a symbolic link is followed, and a device such as /dev/stdout keeps its rights.
        text: what it will hold, as UTF-8, line ends as they are.
        new: refuse a file that is there already.

    Raises:
        OSError: it cannot be written; FileExistsError where it must be new and is there.

    """
    number = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else 0), OWNER_ONLY)
    with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
        if stat.S_ISREG(os.fstat(number).st_mode):
            os.fchmod(number, OWNER_ONLY)
            file.truncate(0)
        file.write(text)

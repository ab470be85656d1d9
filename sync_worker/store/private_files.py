"""Files that hold people's data: for the worker's own account alone, whatever the umask says and whatever they were."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
OWNER_ONLY, FOLDER_OF_OWNER = 0o600, 0o700


def make_private(database: str | None) -> None:
    """Make an SQLite database's file if it is not there, and take the rights of others away.

    That is on the file and on all whose names begin with its name: its WAL, locks, copies. Folders that are made for it
    are the owner's alone too; folders that exist stay as they are. A file of another account is left as it is.

    Args:
        database: the path as a store's address has it; None, ":memory:" and "file:" addresses have no file of ours.

    Raises:
        OSError: the folder cannot be made or read.

    """
    if not database or database == ":memory:" or database.startswith("file:"):
        return
    path = Path(database)
    _make_folder(path.parent)
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY))
    for file in [file for file in path.parent.iterdir() if file.name.startswith(path.name)]:
        with contextlib.suppress(OSError):
            if file.stat().st_mode & OTHERS:
                file.chmod(OWNER_ONLY)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_OF_OWNER, exist_ok=True)

"""Files that hold people's data: for the worker's own account alone, whatever the umask says and whatever they were."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def open_to_others(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Return files and folders that other accounts of this machine can get at, each with the mode it should have.

    Of a file that is reading; of a folder writing, for who may write there can put another file in the place of ours. A
    folder in which everybody keeps things of their own (`/tmp`) is none.
    """
    found: list[tuple[Path, str]] = []
    for path in paths:
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & OTHERS:
            found.append((path, "600"))
        elif stat.S_ISDIR(mode) and mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
            found.append((path, "go-w"))
    return found


def files_of(database: str | None) -> list[Path]:
    """Return an SQLite database's folder and its files: WAL, locks, copies; none of another database."""
    if not database or database == ":memory:" or database.startswith("file:"):
        return []
    path = Path(database)
    return [path.parent, *sorted(file for file in path.parent.glob(f"{glob.escape(path.name)}*") if file.is_file())]


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_OF_OWNER, exist_ok=True)

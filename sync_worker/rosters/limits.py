"""How much a roster may hold at most. Each bound is far above what an honest one needs, and says so when reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import RosterError

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1_000_000
MAX_LINE = 1_000_000  # bytes of one line of text
MAX_COLUMNS = 1_000
MAX_REJECTED = 50_000
MAX_COHORTS = 10_000


def too_large(what: str, megabytes: int, where: str, *, setting: str = "max_megabytes") -> RosterError:
    """Return the refusal of something with more bytes than the settings allow."""
    return RosterError(
        f"{what} has more than {megabytes:,} MB.",
        where=where,
        do=f"Export fewer people or columns, or raise the roster's {setting} in lcm.yaml.",
    )


def too_many_rows(most: int, where: str) -> RosterError:
    """Return the refusal of a roster with more rows than the settings allow."""
    return RosterError(
        f"there are more than {most:,} rows.",
        where=where,
        do="Is this the right export? If so, raise the roster's max_rows in lcm.yaml.",
    )


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
            f"{shown} cannot be read: {error.strerror or error}.", where=str(path), do="Let the worker's user read it."
        ) from None
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "no ordinary file"
        raise RosterError(f"{shown} is {kind}.", where=str(path), do="Name a file.")
    if megabytes is not None and told.st_size > megabytes * MEGABYTE:
        raise too_large("the file", megabytes, f"{path}:1")

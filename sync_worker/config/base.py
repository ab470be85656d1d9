"""What all files that we read share: strict parts, lengths of time, languages, bounds, and who may read them."""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema

from sync_worker.errors import ConfigError, UsageError
from sync_worker.languages.language import codes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Strict(BaseModel):
    """A part of a file we read: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Lengths of time as lcm.yaml has them: `30m`, `1h`, `28d`, `4w`.


UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_WRITTEN = re.compile(r"(?P<count>[1-9]\d{0,3})(?P<unit>[mhdw])")


def parse_duration(value: object) -> timedelta:
    """Return the length of time that is written.

    Raises:
        ValueError: it is written otherwise; the message shows how.

    """
    if isinstance(value, timedelta):
        return value
    match = _WRITTEN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected a number and a unit (m, h, d, w) like 30m, 1h or 28d")
    return int(match["count"]) * UNITS[match["unit"]]


def duration_in_words(length: timedelta) -> str:
    """Return a length of time as it is written in lcm.yaml, in the largest unit that is whole."""
    unit = next((unit for unit in reversed(UNITS) if length % UNITS[unit] == timedelta(0)), "m")
    return f"{length // UNITS[unit]}{unit}"


Duration = Annotated[
    timedelta,
    PlainValidator(parse_duration),
    PlainSerializer(duration_in_words),
    WithJsonSchema({"type": "string", "pattern": _WRITTEN.pattern.replace("?P<count>", "").replace("?P<unit>", "")}),
]


# The languages that settings may name, which have a folder in `languages/`; and the time zones.


if TYPE_CHECKING:
    Locale = str
else:
    Locale = Literal[codes()]


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{value}' is not a time zone; use a name like Europe/Lisbon") from None
    return value


Zone = Annotated[str, AfterValidator(_known_zone)]


# Reading a text that a person wrote: within a bound, and with an error that says what to do.


def is_there(path: Path) -> bool:
    """Return whether there is something of that name; also where we may not look: reading it says so."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def read_text(path: Path, longest: int) -> str:
    """Return the text of a file in UTF-8, its line ends as `\\n`, of at most `longest` bytes.

    Raises:
        ConfigError: missing, no file, unreadable, too large, or not UTF-8; names the line of the wrong byte.

    """
    try:
        if path.exists() and not path.is_file():
            raise ConfigError("this is not a file.", where=str(path), do="Name a text file.")
        with path.open("rb") as file:
            data = file.read(longest + 1)
    except OSError as error:
        do = "Check the path and its spelling." if isinstance(error, FileNotFoundError) else "Let the worker read it."
        raise ConfigError(f"cannot be read: {error.strerror or error}.", where=str(path), do=do) from None
    if len(data) > longest:
        raise ConfigError(f"larger than {longest:,} bytes.", where=f"{path}:1", do="Is this the right file? Split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"not UTF-8 (byte {error.start}).", where=f"{path}:{line}", do="Save it as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


# Files that name people: only their owner may read them, also where the file was there before with wider rights.


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


@contextmanager
def writing(what: str, path: Path) -> Iterator[None]:
    """Say in words that a file or folder which somebody named cannot be written.

    Args:
        what: what is written there, as "the plan".
        path: what was named.

    Raises:
        UsageError: it cannot be written.

    """
    try:
        yield
    except OSError as error:
        do = "Name a place in a folder that you may write to."
        raise UsageError(f"{what} cannot be written: {error.strerror}.", where=str(path), do=do) from None

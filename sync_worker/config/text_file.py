"""Reading a text that a person wrote: within a bound, and with an error that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


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

"""Bytes of a CSV file -> text, or an error that says which byte on which line is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.config.rosters import Encoding

UTF8_BOM = b"\xef\xbb\xbf"
NOT_CSV = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xff\xfe\x00\x00", "text in UTF-32"),
    (b"\x00\x00\xfe\xff", "text in UTF-32"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)
SAVE_AS = "Save it as 'CSV UTF-8'."
MULTIBYTE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def read_csv_text(path: Path, encoding: Encoding = "auto") -> str:
    """Return the file's text, line ends untouched; `auto` takes UTF-8, else cp1252 (Excel in western Europe).

    Raises:
        RosterError: missing, unreadable, empty, not text, or not in that encoding; names the line and the byte.

    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RosterError("the roster does not exist.", where=str(path), do="Check roster.csv in lcm.yaml.") from None
    except OSError as error:
        raise RosterError(f"the roster cannot be read: {error.strerror}.", where=str(path)) from None
    return decode(data, str(path), encoding)


def decode(data: bytes, file: str, encoding: Encoding = "auto") -> str:
    """Return the text of `data`.

    Raises:
        RosterError: as `read_csv_text`.

    """
    if not data.removeprefix(UTF8_BOM).strip():
        raise RosterError(
            "the file is empty.", where=f"{file}:1", do="An empty roster removes nobody; export it again."
        )
    for signature, name in NOT_CSV:
        if data.startswith(signature):
            raise RosterError(f"this is {name}, not CSV.", where=f"{file}:1", do=SAVE_AS)
    zero = data.find(b"\0")
    if zero >= 0:
        kind = "text in UTF-16" if data.count(b"\0") > len(data) // 3 else "binary, not text"
        raise RosterError(f"byte {zero} is zero: this is {kind}.", where=_place(file, data, zero), do=SAVE_AS)
    if encoding != "cp1252" or data.startswith(UTF8_BOM):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if encoding == "utf-8" or data.startswith(UTF8_BOM) or _mostly_utf8(data):
                at = error.start
                raise RosterError(
                    f"byte {at} (0x{data[at]:02x}) is not UTF-8.", where=_place(file, data, at), do=SAVE_AS
                ) from None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        at = error.start
        raise RosterError(
            f"byte {at} (0x{data[at]:02x}) is neither UTF-8 nor cp1252.", where=_place(file, data, at), do=SAVE_AS
        ) from None


def _mostly_utf8(data: bytes) -> bool:
    """Whether letters beyond ASCII are mostly well-formed UTF-8: then the odd byte is damage, not another encoding."""
    well_formed = sum(len(match) for match in MULTIBYTE.findall(data))
    beyond_ascii = sum(byte > 0x7F for byte in data)
    return well_formed * 2 > beyond_ascii


def _place(file: str, data: bytes, offset: int) -> str:
    return f"{file}:{len((data[:offset] + b'.').splitlines())}"

"""One part of a workbook, parsed as a stream by expat: no entities, no piece without a bound, never held as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from xml.parsers import expat

from sync_worker.errors import RosterError
from sync_worker.rosters.tabular.files import GuardedFile, cause

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CHUNK = 1 << 16
# The longest tag, comment or instruction. Expat before 2.6 reads an unfinished one anew with each piece.
MAX_TOKEN = 4_000_000
OPEN_AND_SAVE = "Open it in Excel or LibreOffice and save it again."


# The encodings that expat reads by itself; of others, it asks Python for a table of 256 letters.
BUILT_IN = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "us-ascii"})


class MalformedError(Exception):
    """A part of a workbook says what no workbook says; the text says what."""


class Handler(Protocol):
    """Takes the elements of a part, by their names without prefix."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """A piece of text within an element."""


def parse(archive: zipfile.ZipFile, member: str, path: Path, handler: Handler) -> Iterator[None]:
    """Parse a part of the archive; yields whenever the handler may have something new.

    Raises:
        RosterError: the part is missing, damaged, no XML, in an encoding that XML readers do not know, declares
            entities, or has a piece that is larger than allowed.

    """
    if member not in archive.NameToInfo:
        raise damaged(f"{path}:1", f"there is no '{member}' in it")
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        """Take the first element, which tells whether names have a prefix; without one, the handler is called."""
        if ":" in name:
            parser.StartElementHandler = lambda name, attributes: handler.start(name.rpartition(":")[2], attributes)
            parser.EndElementHandler = lambda name: handler.end(name.rpartition(":")[2])
        else:
            parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
        handler.start(name.rpartition(":")[2], attributes)

    parser.StartElementHandler = begin
    parser.CharacterDataHandler = handler.text

    def refuse(*_: object) -> None:
        raise RosterError("it declares XML entities, which workbooks never do.", where=f"{path}:1", do=OPEN_AND_SAVE)

    def check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and not _is_known(encoding):
            raise damaged(f"{path}:1", f"{member}: the encoding '{encoding[:40]}' is not known")

    parser.StartDoctypeDeclHandler = refuse
    parser.XmlDeclHandler = check_encoding
    fed = 0
    try:
        with GuardedFile(
            lambda: archive.open(member), lambda error: damaged(f"{path}:1", f"{member}: {cause(error)}")
        ) as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - max(0, parser.CurrentByteIndex) > MAX_TOKEN:
                    raise RosterError(
                        f"'{member}' in it has a tag or comment of more than {MAX_TOKEN:,} bytes.",
                        where=f"{path}:1",
                        do=OPEN_AND_SAVE,
                    )
                yield
            parser.Parse(b"", True)
            yield
    except expat.ExpatError as error:
        raise damaged(f"{path}:1", f"{member}, line {error.lineno}: {expat.ErrorString(error.code)}") from None


def _is_known(encoding: str) -> bool:
    """Whether expat can read an encoding: its own, and those with one byte a letter that Python knows."""
    if encoding.lower() in BUILT_IN:
        return True
    try:
        return len(bytes(range(256)).decode(encoding, "replace")) == 256
    except (LookupError, UnicodeError):  # no such encoding of text; one that cannot replace what is wrong (idna)
        return False


def damaged(where: str, what: str) -> RosterError:
    """Return the refusal of a workbook that is not whole."""
    return RosterError(f"the workbook is damaged ({what}).", where=where, do=OPEN_AND_SAVE)

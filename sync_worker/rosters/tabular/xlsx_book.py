"""The parts of a workbook beside its sheets: which sheets there are, shared texts, formats; each parsed as a stream."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from sync_worker.errors import RosterError
from sync_worker.rosters.tabular.files import GuardedFile, cause
from sync_worker.wording import nearest

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


GENERAL = "General"
OTHER_KINDS = {
    "content.xml": "an OpenDocument spreadsheet (.ods)",
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "index/document.iwa": "a document of Numbers",
    "word/document.xml": "a document of Word",
    "manifest.csv": "a OneRoster export (name it under oneroster)",
}
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
MAX_TEXT = 100_000  # Excel itself holds 32,767 characters a cell
MAX_FORMATS = 100_000
MAX_SHEETS = 1_000


def plain_text(text: str) -> str:
    """Return a cell's text without the way in which workbooks write what XML cannot: _x000D_ is a carriage return."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


@dataclass(frozen=True, slots=True)
class Style:
    """How cells show numbers: the format, and whether it makes a date of them."""

    number_format: str = GENERAL
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet's name, and where in the archive it is."""

    name: str
    member: str
    is_visible: bool


@dataclass(slots=True)
class Book:
    """A workbook: its sheets, the texts that its cells share, its styles, and whether it counts days from 1904."""

    sheets: Sequence[SheetPart]
    texts: Sequence[str]
    styles: Sequence[Style]
    counts_from_1904: bool

    def sheet(self, name: str | None, path: Path) -> SheetPart:
        """Return the sheet of a name, or the only one that is visible.

        Raises:
            RosterError: there is none, or more than one.

        """
        if name is not None:
            found = next((sheet for sheet in self.sheets if sheet.name == name), None)
            if found is None:
                known = nearest(name, [sheet.name for sheet in self.sheets])
                raise RosterError(f"it has no sheet '{name}'.{known}", where=f"{path}:1", do="Correct 'sheet'.")
            return found
        visible = [sheet for sheet in self.sheets if sheet.is_visible]
        if len(visible) == 1:
            return visible[0]
        raise RosterError(
            f"it has {len(visible)} sheets: {', '.join(sheet.name for sheet in visible[:20])}.",
            where=f"{path}:1",
            do="Say in lcm.yaml which one is the roster: sheet.",
        )


def read_book(archive: zipfile.ZipFile, path: Path) -> Book:
    """Read what is needed before a sheet can be read.

    Raises:
        RosterError: a part is missing or damaged.

    """
    names = {name.lower(): name for name in archive.namelist()}
    for member, kind in OTHER_KINDS.items():
        if member in names:
            raise RosterError(f"this is {kind}, not a workbook of Excel.", where=f"{path}:1", do="Save it as .xlsx.")
    package = _Relations()
    _run(archive, names, "_rels/.rels", path, package)
    main = next((target for kind, target in package.found.values() if kind == "officedocument"), "xl/workbook.xml")
    main = main.lstrip("/")
    relations, workbook = _Relations(), _Workbook()
    _run(archive, names, posixpath.join(posixpath.dirname(main), "_rels", f"{posixpath.basename(main)}.rels"), path,
         relations)  # fmt: skip
    _run(archive, names, main, path, workbook)
    parts: dict[str, str] = {}
    sheets: list[SheetPart] = []
    for number, (kind, target) in relations.found.items():
        member = target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(main), target)
        parts[number] = names.get(posixpath.normpath(member).lower(), "")
        if kind in ("sharedstrings", "styles"):
            parts[kind] = parts[number]
    for name, number, state in workbook.sheets:
        if relations.found.get(number, ("", ""))[0] == "worksheet":
            sheets.append(SheetPart(name, parts[number], state == "visible"))
    if not sheets:
        raise damaged(f"{path}:1", "it has no sheet")
    texts, styles = _SharedTexts(path), _Styles()
    if parts.get("sharedstrings"):
        _run(archive, names, parts["sharedstrings"], path, texts)
    if parts.get("styles"):
        _run(archive, names, parts["styles"], path, styles)
    return Book(sheets, texts.found, styles.styles(), workbook.counts_from_1904)


def _run(archive: zipfile.ZipFile, names: Mapping[str, str], member: str, path: Path, handler: _Part) -> None:
    for _ in parse(archive, names.get(member.lower(), member), path, handler):
        pass


class _Part:
    """A handler that waits for what it knows."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """A piece of text."""


@dataclass
class _Relations(_Part):
    """Which parts a part refers to: id -> (kind in lower case, target)."""

    found: dict[str, tuple[str, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and len(self.found) < MAX_FORMATS:
            kind = attributes.get("Type", "").rpartition("/")[2].lower()
            self.found[attributes.get("Id", "")] = (kind, attributes.get("Target", ""))


@dataclass
class _Workbook(_Part):
    """The sheets: name, id of the relation, state."""

    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    counts_from_1904: bool = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet" and len(self.sheets) < MAX_SHEETS:
            number = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self.sheets.append((attributes.get("name", ""), number, attributes.get("state", "visible")))
        elif name == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904", "") in ("1", "true")


class _SharedTexts(_Part):
    """The texts that cells share, in their order; readings of signs (`rPh`, in Japanese) are left out."""

    def __init__(self, path: Path) -> None:
        self.found: list[str] = []
        self._path = path
        self._pieces: list[str] = []
        self._length = 0
        self._in_text = self._in_reading = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        del attributes
        if name == "t":
            self._in_text = not self._in_reading
        elif name == "rPh":
            self._in_reading = True

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "si":
            self.found.append(plain_text("".join(self._pieces)))
            self._pieces, self._length = [], 0

    def text(self, data: str) -> None:
        if self._in_text:
            self._length += len(data)
            if self._length > MAX_TEXT:
                raise RosterError(
                    f"a cell has more than {MAX_TEXT:,} characters.", where=f"{self._path}:1", do="Shorten it."
                )
            self._pieces.append(data)


class _Styles(_Part):
    """The formats of numbers, by the style of a cell."""

    def __init__(self) -> None:
        self._formats: dict[str, str] = {}
        self._of_cells: list[str] = []
        self._in_cells = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt" and len(self._formats) < MAX_FORMATS:
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", GENERAL)
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells and len(self._of_cells) < MAX_FORMATS:
            self._of_cells.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def styles(self) -> list[Style]:
        """Return the style of each number by which cells name one."""
        made: dict[str, Style] = {}
        for number in self._of_cells:
            if number not in made:
                known = BUILTIN_FORMATS.get(int(number), GENERAL) if number.isdecimal() and len(number) < 6 else GENERAL
                code = self._formats.get(number, known)[:1_000]
                made[number] = Style(code, is_date_format(code))
        return [made[number] for number in self._of_cells]


# One part of a workbook, parsed as a stream by expat: no entities, no piece without a bound, never held as a whole.


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

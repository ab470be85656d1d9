"""A workbook of Excel -> the rows of one sheet as a stream, and the traps in it that change what rows say."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from sync_worker.errors import RosterError
from sync_worker.rosters.tabular.files import open_archive, refuse_no_file
from sync_worker.rosters.tabular.xlsx_book import (
    GENERAL,
    MAX_TEXT,
    Book,
    MalformedError,
    Style,
    damaged,
    parse,
    plain_text,
    read_book,
)

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

OLE = b"\xd0\xcf\x11\xe0"
PROTECTED = "EncryptedPackage".encode("utf-16-le")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of Excel
LETTERS = re.compile(r"[A-Z]{1,3}")
DIGITS = "0123456789"
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E[+-]?[0-9]{1,4})?", re.IGNORECASE)
RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
MAX_MERGED = 100_000


class Cell(NamedTuple):
    """A value as Excel keeps it, with the format in which it shows numbers; `uncomputed`: a formula without a value."""

    value: Any
    number_format: str = GENERAL
    is_error: bool = False
    uncomputed: bool = False


class Merged(NamedTuple):
    """Cells that are merged into one: columns from 1, rows from 1, all included."""

    cells: str
    left: int
    top: int
    right: int
    bottom: int


class Sheet:
    """One sheet: what to call it (`file!sheet`), its rows, and, once all were read, its merged cells."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, book: Book, name: str | None, first: int) -> None:
        part = book.sheet(name, path)
        self.place = f"{path}!{part.name}"
        self._archive = archive
        self._path = path
        self._member = part.member
        self._reading = _Rows(book, self.place, first)

    def rows(self) -> Iterator[tuple[int, dict[int, Cell]]]:
        """Yield the number of each row with a value, from 1, and its cells by their column, from 1.

        Raises:
            RosterError: the sheet is damaged, or says that it is larger than Excel's can be.

        """
        reading = self._reading
        try:
            for _ in parse(self._archive, self._member, self._path, reading):
                if reading.finished:
                    rows, reading.finished = reading.finished, []
                    yield from rows
        except MalformedError as error:
            raise damaged(f"{self.place}:{reading.number}", str(error)) from None

    def refuse_merged(self, header: int, columns: Collection[int]) -> None:
        """Refuse merged cells in the table, which leave all but the first of them empty; call it after `rows`.

        Raises:
            RosterError: with the first such cells.

        """
        for merged in self._reading.merged:
            wide = any(merged.left <= column <= merged.right for column in columns)
            if merged.bottom >= header and wide:
                raise RosterError(
                    f"the cells {merged.cells} are merged; all but the first of them are empty.",
                    where=f"{self.place}:{merged.top}",
                    do="Unmerge them and fill in each.",
                )


class _Rows:
    """Takes the elements of a sheet and makes rows of them."""

    def __init__(self, book: Book, place: str, first: int) -> None:
        self.finished: list[tuple[int, dict[int, Cell]]] = []
        self.merged: list[Merged] = []
        self.number = 0
        self._book = book
        self._place = place
        self._first = first
        self._calendar = CALENDAR_MAC_1904 if book.counts_from_1904 else CALENDAR_WINDOWS_1900
        self._columns: dict[str, int] = {}
        self._cells: dict[int, Cell] = {}
        self._column = 0
        self._kind = ""
        self._style = "0"
        self._pieces: list[str] = []
        self._length = 0
        self._takes = self._in_reading = self._is_formula = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t"):
            self._takes = not self._in_reading
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._in_reading = True
        elif name == "mergeCell" and len(self.merged) < MAX_MERGED:
            found = RANGE.fullmatch(attributes.get("ref", ""))
            if found:
                left, top, right, bottom = found.groups()
                edges = (self._column_of(left), int(top), self._column_of(right), int(bottom))
                self.merged.append(Merged(found[0], *edges))

    def end(self, name: str) -> None:
        """An element ends."""
        if name in ("v", "t"):
            self._takes = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            if self._cells and self.number >= self._first:
                self.finished.append((self.number, self._cells))
            self._cells = {}
        elif name == "rPh":
            self._in_reading = False

    def text(self, data: str) -> None:
        """A piece of text."""
        if self._takes:
            self._length += len(data)
            if self._length > MAX_TEXT:
                raise RosterError(
                    f"a cell has more than {MAX_TEXT:,} characters.",
                    where=f"{self._place}:{self.number}",
                    do="Shorten it.",
                )
            self._pieces.append(data)

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        written = attributes.get("r", "")
        number = _whole(written, f"'{written[:20]}' is no number of a row") if written else self.number + 1
        if number > LAST_ROW:
            raise RosterError(
                f"a row says that it is number {number:,}; Excel has {LAST_ROW:,}.",
                where=f"{self._place}:{self.number}",
                do="Export it again, or save it in Excel or LibreOffice.",
            )
        if number <= self.number:
            raise MalformedError(f"row {number} comes after row {self.number}")
        self.number, self._column = number, 0

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        get = attributes.get
        reference = get("r")
        self._column = self._column_of(reference.rstrip(DIGITS)) if reference else self._column + 1
        self._kind, self._style = get("t", "n"), get("s", "0")
        if self._pieces:
            self._pieces = []
        self._length, self._is_formula = 0, False

    def _column_of(self, letters: str) -> int:
        """Return the number of a column from its letters.

        Raises:
            MalformedError: Excel has no such column.

        """
        try:
            return self._columns[letters]
        except KeyError:
            if not LETTERS.fullmatch(letters):
                raise MalformedError(f"'{letters[:20]}' is no column") from None
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - ord("A") + 1
            if number > LAST_COLUMN:
                raise MalformedError(f"there is no column {letters}") from None
            self._columns[letters] = number
            return number

    def _end_cell(self) -> None:
        text = "".join(self._pieces)
        kind = self._kind
        if kind == "s" and text:
            value = self._shared(text)
            if value and not value.isspace():
                self._cells[self._column] = Cell(value)
        elif kind in ("str", "inlineStr"):
            if text and not text.isspace():
                self._cells[self._column] = Cell(plain_text(text))
        elif text and not text.isspace():
            self._cells[self._column] = self._valued(kind, text.strip())
        elif self._is_formula:
            self._cells[self._column] = Cell(None, uncomputed=True)

    def _shared(self, text: str) -> str:
        what = f"there is no shared text '{text[:20]}'"
        place = _whole(text, what)
        if not 0 <= place < len(self._book.texts):
            raise MalformedError(what)
        return self._book.texts[place]

    def _valued(self, kind: str, text: str) -> Cell:
        if kind == "e":
            return Cell(text[:100], is_error=True)
        if kind == "b":
            return Cell(text == "1")
        if kind == "d":
            return Cell(_moment(text))
        if kind != "n":
            raise MalformedError(f"cells of kind '{kind[:20]}' are not known")
        styles = self._book.styles
        chosen = _whole(self._style, f"there is no style '{self._style[:20]}'")
        style = styles[chosen] if 0 <= chosen < len(styles) else Style()
        if not NUMBER.fullmatch(text):
            raise MalformedError(f"'{text[:20]}' is no number")
        number: int | float = int(text) if len(text) <= 15 and text.lstrip("-").isdecimal() else float(text)
        if not style.is_date:
            return Cell(number, style.number_format)
        try:
            return Cell(from_excel(number, self._calendar))
        except (ValueError, OverflowError):
            return Cell(f"a date that is none ({text[:20]})", is_error=True)


def _whole(text: str, problem: str) -> int:
    """Return a whole number of at most 20 digits.

    Raises:
        MalformedError: it is none; says `problem`.

    """
    try:
        return int(text[:20])
    except ValueError:
        raise MalformedError(problem) from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:40])
    except ValueError:
        raise MalformedError(f"'{text[:20]}' is no date") from None


@contextmanager
def read_sheet(path: Path, name: str | None, header_row: int | None, megabytes: int) -> Iterator[Sheet]:
    """Open a workbook and give one of its sheets: that of the name, or the only one that is not hidden.

    Raises:
        RosterError: no workbook, too large, damaged, protected, or no such sheet.

    """
    refuse_no_file(path, megabytes)
    _refuse_other_kinds(path)
    with open_archive(path, megabytes) as archive:
        yield Sheet(archive, path, read_book(archive, path), name, header_row or 1)


def _refuse_other_kinds(path: Path) -> None:
    """Say what the file is, where it is plainly something else."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            protected = start.startswith(OLE) and PROTECTED in file.read(10_000_000)
    except OSError:
        return  # opening it as an archive says why
    where = f"{path}:1"
    if protected:
        raise RosterError("the workbook is protected by a password.", where=where, do="Save it without one.")
    if start.startswith(OLE):
        raise RosterError("this is an old Excel workbook (.xls).", where=where, do="Save it as .xlsx.")
    if start and not start.startswith(b"PK"):
        raise RosterError("this is not an Excel workbook (.xlsx).", where=where, do="If it is CSV, name it under csv.")
    if not start:
        raise RosterError("the file is empty.", where=where, do="An empty roster removes nobody; export it again.")

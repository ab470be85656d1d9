"""A CSV file -> a roster: its bytes as lines of text, its lines as records with true line numbers."""

from __future__ import annotations

import codecs
import csv
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, cast

from sync_worker.config.rosters import ROSTER_COLUMNS
from sync_worker.errors import RosterError
from sync_worker.rosters.row import MAX_LINE, MEGABYTE, too_large
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.files import WESTERN, GuardedFile, cause, guess, refuse_no_file, refuse_stale
from sync_worker.rosters.tabular.table import TITLES, plain_title, table_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sync_worker.config.rosters import CsvRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts


def read_csv_roster(
    settings: CsvRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster in the file. Bad rows are rejected one by one.

    Raises:
        RosterError: the file as a whole cannot be trusted: missing, too old, too large, not text, without a needed
            column, or a snapshot without one good row.

    """
    del environment
    file, remarks = str(settings.csv), list[str]()
    with open_csv(settings.csv, settings.encoding, settings.max_megabytes) as lines:
        refuse_stale(settings, settings.csv, now)
        records = csv_records(lines, file, _titles(settings), settings.header_row or 1)
        head = f"{file}:{settings.header_row or 1}"
        roster = build_roster(
            settings,
            file,
            table_rows(records, head, settings, remarks),
            known,
            now=now,
            date_format=settings.date_format,
            head=head,
            folder=f"{settings.csv.parent}/",
        )
    return replace(roster, remarks=(*remarks, *roster.remarks))


def _titles(settings: CsvRosterSettings) -> set[str]:
    """Return the titles by which the header, and so the delimiter, is known."""
    mapped = {title for title in settings.titles.values() if title is not None}
    return {*ROSTER_COLUMNS, *mapped, *(title for titles in TITLES.values() for title in titles)}


# CSV text -> records with true line numbers.


DELIMITERS = (",", ";", "\t", "|")
# Excel's hint for the separator, as it stands, in quotes, or with the separators that a spreadsheet adds.
HINT = re.compile(r'\s*"?\s*sep=(?:(?P<sign>[^"\r\n])"?[,;\t ]*|"?)\s*', re.IGNORECASE)
HEADER_WITHIN = 100  # lines in which the header is looked for


def csv_records(
    lines: Iterable[str], file: str, titles: Collection[str] = ROSTER_COLUMNS, header_row: int = 1
) -> Iterator[tuple[str, list[str]]]:
    """Yield every record that is not blank with `file:line` of where it starts; `titles` tell the delimiter.

    With `header_row` everything before that line is left out.

    Raises:
        RosterError: quotes are broken, or a cell is too long; names the line.

    """
    rest = iter(lines)
    first = 1
    while first < header_row and next(rest, None) is not None:
        first += 1
    delimiter, first, rest = _delimiter(rest, first, titles)
    reader = csv.reader(rest, delimiter=delimiter, strict=True)
    start, before = first, first - 1
    try:
        for record in reader:
            if record and (record[0].strip() or any(map(str.strip, record))):
                yield f"{file}:{start}", record
            start = reader.line_num + before + 1
    except csv.Error as error:
        if "field larger" in str(error):
            what = f"the record that starts here has a cell of more than {csv.field_size_limit():,} characters."
            raise RosterError(what, where=f"{file}:{start}", do="A quote is probably missing or left open.") from None
        raise RosterError(
            f"the quotes of the record that starts here are broken ({error}).",
            where=f"{file}:{start}",
            do='Close every quoted cell, and write a quote within one as "".',
        ) from None


def _delimiter(lines: Iterator[str], first: int, titles: Collection[str]) -> tuple[str, int, Iterator[str]]:
    """Return the delimiter, the line that the table starts on (one later after Excel's `sep=;`), and the lines."""
    start = next(lines, "")
    hint = HINT.fullmatch(start)
    if hint and hint["sign"]:
        return hint["sign"], first + 1, lines
    if hint:  # a hint without a sign
        start, first = next(lines, ""), first + 1
    begun = [start, *islice(lines, 0 if start.strip() else HEADER_WITHIN)]
    header = next((line for line in begun if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda sign: _recognised(header, sign, titles))
    return delimiter, first, chain(begun, lines)


def _recognised(header: str, delimiter: str, titles: Collection[str]) -> tuple[int, int]:
    cells = [plain_title(cell) for cell in header.replace('"', "").split(delimiter)]
    known = {plain_title(name) for name in titles}
    return sum(cell in known for cell in cells), len(cells)


# Bytes of a CSV file -> lines of text, or an error that says which byte on which line is wrong.
# The file is read twice, a piece at a time: once to find out that all of it is text and in which encoding, once
# to read it. It is never held as a whole.


AUTO = "auto"
UTF8 = "utf-8"
UTF8_BOM = b"\xef\xbb\xbf"
NOT_CSV = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Name it under 'xlsx:' (or 'oneroster:') in lcm.yaml."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save it as 'CSV UTF-8', or as .xlsx and name it under 'xlsx:'."),
    (b"%PDF", "a PDF", "Export it as 'CSV UTF-8'."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it."),
    (b"\xff\xfe\x00\x00", "text in UTF-32", "Save it as 'CSV UTF-8'."),
    (b"\x00\x00\xfe\xff", "text in UTF-32", "Save it as 'CSV UTF-8'."),
    (b"\xff\xfe", "text in UTF-16", "Save it as 'CSV UTF-8', or set 'encoding: utf-16' in lcm.yaml."),
    (b"\xfe\xff", "text in UTF-16", "Save it as 'CSV UTF-8', or set 'encoding: utf-16' in lcm.yaml."),
)
SAVE_AS = "Save it as 'CSV UTF-8'."
MULTIBYTE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
PIECE = 1 << 20
SAMPLE = 200_000
BEYOND_ASCII = bytes(range(0x80, 0x100))
LINE_ENDS = re.compile(rb"\r\n|\r|\n")


@contextmanager
def open_csv(path: Path, encoding: str = AUTO, megabytes: int = 500) -> Iterator[io.TextIOBase]:
    """Open a CSV file as lines of text, line ends untouched; `auto` takes UTF-8, and cp1252 where that is certain.

    Raises:
        RosterError: missing, unreadable, no file, empty, too large, not text, or not in that encoding; names the line
            and the byte.

    """
    refuse_no_file(path, megabytes)

    def refusal(error: Exception) -> RosterError:
        what = f"the roster cannot be read: {cause(error)}."
        return RosterError(what, where=str(path), do="Give the worker's user the right to read it.")

    file = cast("BinaryIO", GuardedFile(lambda: path.open("rb"), refusal))
    with file, as_text(file, str(path), encoding, megabytes) as lines:
        yield lines


def as_text(file: BinaryIO, name: str, encoding: str = AUTO, megabytes: int = 500) -> io.TextIOBase:
    """Return the lines of a file (seekable) that was opened for bytes.

    Raises:
        RosterError: as `open_csv`.

    """
    found = _Examination(file, name, encoding, megabytes).encoding()
    file.seek(0)
    codec = "utf-8-sig" if found in (UTF8, "utf8") else found
    return io.TextIOWrapper(file, codec, newline="")


@dataclass(slots=True)
class _Examination:
    """The first reading of a file: is all of it text, and in which encoding."""

    file: BinaryIO
    name: str
    wanted: str
    megabytes: int

    def encoding(self) -> str:
        start = self._start()
        is_marked = start.startswith(UTF8_BOM)
        if self.wanted == AUTO or is_marked:
            wrong = self._first_wrong(UTF8)
            if wrong is None:
                return UTF8
            if is_marked or self._mostly_utf8():
                raise self._not_in("UTF-8", wrong)
            return self._guessed(wrong)
        wrong = self._first_wrong(self.wanted)
        if wrong is not None:
            raise self._not_in("UTF-8" if self.wanted == UTF8 else self.wanted, wrong)
        return self.wanted

    def _start(self) -> bytes:
        """Return the first bytes; refuse an empty file, and what is plainly something else."""
        self.file.seek(0)
        start = self.file.read(PIECE)
        text = start.removeprefix(UTF8_BOM)
        if not text.strip() and not any(piece.strip() for piece in iter(lambda: self.file.read(PIECE), b"")):
            raise RosterError(
                "the file is empty.", where=f"{self.name}:1", do="An empty roster removes nobody; export it again."
            )
        is_utf16 = self.wanted.replace("_", "-").startswith("utf-16") and not start.startswith(b"\xff\xfe\x00\x00")
        for signature, name, do in NOT_CSV:
            if start.startswith(signature) and not (is_utf16 and "UTF-16" in name):
                raise RosterError(f"this is {name}, not CSV.", where=f"{self.name}:1", do=do)
        return start

    def _pieces(self) -> Iterator[tuple[int, bytes]]:
        """Yield the file piece by piece, with the offset of each.

        Raises:
            RosterError: it is larger than allowed, has a line without an end, or a zero byte.

        """
        self.file.seek(0)
        offset = 0
        wide = self.wanted.replace("_", "-").startswith(("utf-16", "utf-32"))
        while piece := self.file.read(PIECE):
            if offset + len(piece) > self.megabytes * MEGABYTE:
                raise too_large("the file", self.megabytes, f"{self.name}:1")
            if b"\0" in piece and not wide:
                raise self._zero(offset, piece)
            if len(piece) >= MAX_LINE and b"\n" not in piece and b"\r" not in piece:
                raise RosterError(
                    f"a line has more than {MAX_LINE:,} characters.", where=self._place(offset), do="Export it again."
                )
            yield offset, piece
            offset += len(piece)

    def _first_wrong(self, encoding: str) -> int | None:
        """Return the offset of the first byte that is wrong in an encoding, None for none."""
        decoder = codecs.getincrementaldecoder(encoding)()
        end = 0
        for offset, piece in self._pieces():
            end = offset + len(piece)
            held = decoder.getstate()[0]
            if piece.isascii() and not held and encoding == UTF8:
                continue
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return offset - len(held) + error.start
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return end - len(error.object) + error.start
        return None

    def _mostly_utf8(self) -> bool:
        """Whether letters beyond ASCII are mostly well-formed UTF-8: then the odd byte is damage."""
        well_formed = beyond_ascii = 0
        for _, piece in self._pieces():
            if not piece.isascii():
                well_formed += sum(len(match) for match in MULTIBYTE.findall(piece))
                beyond_ascii += len(piece) - len(piece.translate(None, BEYOND_ASCII))
        return well_formed * 2 > beyond_ascii

    def _guessed(self, wrong: int) -> str:
        """Return the encoding that the bytes leave no doubt of."""
        sample = bytearray()
        for _, piece in self._pieces():
            sample += b"\n".join(line for line in LINE_ENDS.split(piece) if not line.isascii()) + b"\n"
            if len(sample) > SAMPLE:
                break
        found = guess(bytes(sample[:SAMPLE].rpartition(b"\n")[0] or sample[:SAMPLE]))
        if found.encoding is not None:
            unknown = self._first_wrong(found.encoding)
            if unknown is None:
                return found.encoding
            raise self._not_in(f"neither UTF-8 nor {WESTERN}", unknown)
        do = SAVE_AS
        if found.readings:
            do = f"{SAVE_AS[:-1]}, or set the right one: 'encoding: {next(iter(found.readings))}' under the roster."
        if WESTERN not in found.readings:
            raise self._not_in(f"neither UTF-8 nor {WESTERN}", wrong, found.in_words(), do)
        what = f"the file is not UTF-8, and its encoding is not certain: {found.in_words()}."
        raise RosterError(what, where=self._place(wrong), do=do)

    def _not_in(self, encoding: str, offset: int, readings: str = "", do: str = SAVE_AS) -> RosterError:
        is_not = "is" if encoding.startswith("neither") else "is not"
        what = f"byte {offset} (0x{self._byte(offset):02x}) {is_not} {encoding}."
        return RosterError(what + (f" Read as: {readings}." if readings else ""), where=self._place(offset), do=do)

    def _zero(self, offset: int, piece: bytes) -> RosterError:
        zero = offset + piece.index(b"\0")
        is_utf16 = piece.count(b"\0") > len(piece) // 3
        do = "Save it as 'CSV UTF-8', or set 'encoding: utf-16' in lcm.yaml." if is_utf16 else SAVE_AS
        kind = "text in UTF-16" if is_utf16 else "binary, not text"
        return RosterError(f"byte {zero} is zero: this is {kind}.", where=self._place(zero), do=do)

    def _byte(self, offset: int) -> int:
        self.file.seek(offset)
        return (self.file.read(1) or b"?")[0]

    def _place(self, offset: int) -> str:
        """Return `file:line` of a byte."""
        self.file.seek(0)
        lines, left, before = 1, offset, b""
        while left > 0 and (piece := self.file.read(min(PIECE, left))):
            lines += len(LINE_ENDS.findall(piece)) - (before == b"\r" and piece.startswith(b"\n"))
            left -= len(piece)
            before = piece[-1:]
        return f"{self.name}:{lines}"

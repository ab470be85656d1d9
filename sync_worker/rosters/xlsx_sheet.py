"""A workbook of Excel -> the rows of one sheet, and the traps in it that change what rows say."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.utils import column_index_from_string

from sync_worker.config.located_yaml import nearest
from sync_worker.errors import RosterError
from sync_worker.rosters.archive import open_archive, read_member

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

MAX_UNPACKED = 300_000_000
OLE = b"\xd0\xcf\x11\xe0"
PROTECTED = "EncryptedPackage".encode("utf-16-le")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
# A formula with no value after it; an empty text that was computed is told by t="str".
UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c\s(?![^>]*t="str")[^>]*?r="([A-Z]+)(\d+)"[^>]*>\s*'
    rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as Excel keeps it, with the format in which it shows numbers."""

    value: Any
    number_format: str = "General"
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: what to call it (`file!sheet`), its rows, and its XML."""

    place: str
    _worksheet: Any
    _xml: bytes
    _first: int

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Yield each row's number, from 1, and its cells.

        Raises:
            RosterError: the sheet is damaged.

        """
        number = self._first
        try:
            for number, row in enumerate(self._worksheet.iter_rows(min_row=self._first), self._first):
                yield number, [Cell(c.value, getattr(c, "number_format", ""), c.data_type == "e") for c in row]
        except RosterError:
            raise
        except Exception as error:  # openpyxl lets through whatever damaged XML leads to
            raise _damaged(f"{self.place}:{number}", error) from None

    def refuse_traps(self, header: int, columns: Collection[int]) -> None:
        """Refuse what would change the meaning of rows without a sign: merged cells, formulas without a value.

        Raises:
            RosterError: with the first such cell.

        """
        for left, top, right, bottom in MERGED.findall(self._xml):
            wide = range(column_index_from_string(left.decode()), column_index_from_string(right.decode()) + 1)
            if int(bottom) >= header and any(column in columns for column in wide):
                cells = f"{left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"
                raise RosterError(
                    f"the cells {cells} are merged; all but the first of them are empty.",
                    where=f"{self.place}:{top.decode()}",
                    do="Unmerge them and fill in each.",
                )
        for column, row in UNCOMPUTED.findall(self._xml):
            if int(row) >= header and column_index_from_string(column.decode()) in columns:
                raise RosterError(
                    f"the formula in {column.decode()}{row.decode()} was never computed.",
                    where=f"{self.place}:{row.decode()}",
                    do="Open the workbook in Excel or LibreOffice, save it, and try again.",
                )


@contextmanager
def read_sheet(path: Path, name: str | None, header_row: int | None) -> Iterator[Sheet]:
    """Open a workbook and give one of its sheets: that of the name, or the only one that is not hidden.

    Raises:
        RosterError: no workbook, too large, damaged, protected, or no such sheet.

    """
    _refuse_other_kinds(path)
    with open_archive(path, MAX_UNPACKED) as archive, path.open("rb") as file:
        parts = {member.filename: member for member in archive.infolist()}
        for member in parts.values():
            if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in read_member(archive, member, path):
                raise RosterError("it declares XML entities, as no workbook does.", where=f"{path}:1")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about drawings and validations, which we do not read
            try:
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            except Exception as error:  # openpyxl lets through whatever damaged XML leads to
                raise _damaged(f"{path}:1", error) from None
            worksheet = _choose(workbook, name, path)
            worksheet.reset_dimensions()  # some exporters write a wrong size, which would cut rows off
            part = parts.get(str(worksheet._worksheet_path).lstrip("/"))
            xml = read_member(archive, part, path) if part else b""
            yield Sheet(f"{path}!{worksheet.title}", worksheet, xml, header_row or 1)
            workbook.close()


def _choose(workbook: Any, name: str | None, path: Path) -> Any:
    sheets = {sheet.title: sheet for sheet in workbook.worksheets if hasattr(sheet, "reset_dimensions")}
    if name is not None:
        if name not in sheets:
            raise RosterError(f"it has no sheet '{name}'.{nearest(name, sheets)}", where=f"{path}:1")
        return sheets[name]
    visible = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible"]
    if len(visible) == 1:
        return visible[0]
    raise RosterError(
        f"it has {len(visible)} sheets: {', '.join(sheet.title for sheet in visible)}.",
        where=f"{path}:1",
        do="Say in lcm.yaml which one is the roster: sheet.",
    )


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


def _damaged(where: str, error: Exception) -> RosterError:
    return RosterError(
        f"the workbook is damaged ({type(error).__name__}: {str(error)[:200]}).",
        where=where,
        do="Open it in Excel or LibreOffice and save it again.",
    )

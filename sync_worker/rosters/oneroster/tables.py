"""A file of a OneRoster export -> its lines by the standard's names of columns."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.model import RejectedRow, fold
from sync_worker.rosters.cells import is_suspect, meant
from sync_worker.rosters.days import NO_DAY, NO_END, is_endless, is_no_day
from sync_worker.rosters.limits import MAX_COLUMNS, MAX_REJECTED
from sync_worker.rosters.row import RowError
from sync_worker.rosters.tabular.csv_table import csv_records
from sync_worker.rosters.tabular.csv_text import as_text
from sync_worker.rosters.tabular.table import plain_title, shape_problem, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.rosters.oneroster.files import ExportFiles


DELETED = "tobedeleted"
ISO_DAY = "%Y-%m-%d"
# The standard's columns that we read, without case and punctuation.
PLAIN = {
    column: plain_title(column)
    for column in (
        "sourcedId", "status", "classSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate",
        "startDate", "enabledUser", "username", "userIds", "givenName", "familyName", "preferredGivenName",
        "preferredFamilyName", "identifier", "email", "agentSourcedIds", "title", "termSourcedIds", "termSourcedId",
        "roleType", "userMasterIdentifier", "propertyName", "value",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table; a column that the file does not have is empty."""

    where: str
    cells: Sequence[str]
    places: Mapping[str, int]

    def text(self, column: str) -> str:
        """Return the cell in a column."""
        place = self.places.get(PLAIN.get(column) or plain_title(column), -1)
        return self.cells[place] if 0 <= place < len(self.cells) else ""

    def word(self, column: str) -> str:
        """Return the cell in a column, folded."""
        return fold(self.text(column))

    def words(self, column: str) -> list[str]:
        """Return the parts of a list in a cell."""
        return [part.strip() for part in self.text(column).split(",") if part.strip()]

    def day(self, column: str, date_format: str = ISO_DAY) -> date | None:
        """Return the day in a cell, written as the standard has it or in the format (strptime's).

        None if it is empty or what systems write for no day; 9999-12-31 for an end that never comes. A time after it is
        cut off.

        Raises:
            RowError: it is no day.

        """
        written = self.text(column)
        if not written or written[:10] in NO_DAY:
            return None
        day = _day(written, date_format)
        if day is None:
            raise RowError(
                f"{column} '{written}' is not a day written like {date(2027, 12, 31).strftime(date_format)}.",
                do="Export it again, or set the roster's date_format in lcm.yaml.",
            )
        if is_no_day(day):
            return None
        return NO_END if is_endless(day) else day


@lru_cache(maxsize=10_000)
def _day(written: str, date_format: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(written[:10])
    for text in (written, written.split(maxsplit=1)[0]):
        with suppress(ValueError):
            return datetime.strptime(text, date_format).date()  # noqa: DTZ007  (a day has no zone)
    return None


class Table:
    """A file's lines, read as they are asked for, and (in `broken`, when all were read) those of another shape.

    Header names count in any case, others than the standard's are ignored. `needed` columns must be there; `reach`
    are those that no line may break off before.

    Raises:
        RosterError: not text, too large, no header, quotes broken, or a needed column is missing or twice.

    """

    def __init__(
        self,
        files: ExportFiles,
        name: str,
        needed: Sequence[str],
        *,
        kept: Sequence[str] = (),
        reach: Sequence[str] = (),
    ) -> None:
        self.broken: list[RejectedRow] = []
        self._files = files
        self._name = name
        self._needed = needed
        self._kept = tuple(dict.fromkeys((*needed, *kept)))
        self._reach = tuple(dict.fromkeys((*needed, *reach)))

    def lines(self) -> Iterator[Line]:
        """Yield the lines that have the header's shape."""
        file = self._files.place(self._name)
        with self._files.open(self._name) as binary, as_text(binary, file, megabytes=self._files.megabytes) as text:
            records = csv_records(text, file, self._needed)
            try:
                where, header = next(records)
            except StopIteration:
                raise RosterError("the file has no header.", where=f"{file}:1", do="Export it again.") from None
            places = self._places(header, where)
            width = len(trimmed(header))
            reach = 1 + max((places[title] for title in map(plain_title, self._reach) if title in places), default=0)
            titles = [plain_title(column) for column in self._kept]
            kept = [places.get(title, -1) for title in titles]
            own = {title: number for number, title in enumerate(titles)}
            for where, cells in records:
                problem = shape_problem(cells, width, reach)
                if problem:
                    self._reject(RejectedRow(where, *problem))
                    continue
                length = len(cells)
                found = [cells[place].strip() if 0 <= place < length else "" for place in kept]
                if is_suspect("".join(found)):
                    try:
                        found = [meant(cell, column) for cell, column in zip(found, self._kept, strict=True)]
                    except RowError as error:
                        self._reject(RejectedRow(where, error.what, error.do or ""))
                        continue
                yield Line(where, found, own)

    def _reject(self, row: RejectedRow) -> None:
        if len(self.broken) >= MAX_REJECTED:
            raise RosterError(
                f"more than {MAX_REJECTED:,} lines cannot be read. The first: {self.broken[0].reason}",
                where=self.broken[0].where,
                do=self.broken[0].do,
            )
        self.broken.append(row)

    def _places(self, header: Sequence[str], where: str) -> dict[str, int]:
        if len(header) > MAX_COLUMNS:
            raise RosterError(f"the header has {len(header):,} columns.", where=where, do="Export it again.")
        titles = [plain_title(title) for title in header]
        for column in self._needed:
            count = titles.count(plain_title(column))
            if count != 1:
                what = "is missing" if count == 0 else "appears twice"
                raise RosterError(f"the column '{column}' {what}.", where=where, do="Export it again.")
        # A column that is there twice says nothing for certain; one that is needed was refused above.
        return {title: place for place, title in enumerate(titles) if title and titles.count(title) == 1}

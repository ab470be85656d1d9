"""What a source yields: rows by our names of columns, and cohorts as the source knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sync_worker.errors import LcmError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class RowError(LcmError):
    """A row cannot be taken."""


class Row(NamedTuple):
    """A row: its place (`file:line`, an address, a record's id), and its cells by our names of columns.

    Cells are text without blanks around; one that is missing or empty says nothing.
    """

    where: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundCohort:
    """A cohort as the source knows it: what its rows say in `cohort`, its full name, its dates (both included)."""

    written: str
    name: str = ""
    start: date | None = None
    end: date | None = None
    where: str = ""

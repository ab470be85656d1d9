"""Rows of text as columns on a terminal: the last column is wrapped where the line ends."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP = "  "
NARROWEST = 20  # signs of the last column, however narrow the terminal is


def in_columns(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield each row as text of one or more lines.

    Args:
        rows: cells of one line, as many in each row.
        width: of the terminal, in signs.

    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)][:-1]
    begins = sum(widths) + len(GAP) * len(widths)
    rest = max(width - begins, NARROWEST)
    for *cells, last in rows:
        first, *more = textwrap.wrap(last, rest) or [""]
        line = "".join(f"{_padded(cell, wide)}{GAP}" for cell, wide in zip(cells, widths, strict=True))
        yield "\n".join([f"{line}{first}".rstrip(), *(f"{' ' * begins}{piece}" for piece in more)])


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Return how many places of a terminal a text takes: Chinese and the like take two a sign, marks above none."""
    signs = (sign for sign in text if not unicodedata.combining(sign))
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in signs)

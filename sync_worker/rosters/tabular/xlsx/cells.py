"""A cell of a workbook -> text, without what Excel does to numbers and dates.

A whole number is read as its format shows it: `"E"0000` shows 42 as E0042. Only formats that put digits, zeros and
fixed text beside each other are understood (ECMA-376 part 1, 18.8.31).
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING

from sync_worker.rosters.cells import WHO, meant, value_text
from sync_worker.rosters.row import RowError

if TYPE_CHECKING:
    from sync_worker.config.rosters import TableSource
    from sync_worker.rosters.tabular.xlsx.sheet import Cell

DAYS = ("start_date", "end_date", "cohort_start", "cohort_end")
EXACT = 10**15
AS_TEXT = "Format the column as text in Excel and type the value again."
TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|(\[[^\]]*\])|([0#?])|(General)|(.)', re.IGNORECASE | re.DOTALL)
PLAIN_SIGNS = frozenset(" -+/():$€£.,&'~{}=<>!^|°#")
CONDITION = re.compile(r"\[(?:[<>=]|\$[^\]-]+)")


def cell_text(cell: Cell, column: str, settings: TableSource) -> str:
    """Return what a cell says in one of our columns: of numbers, what Excel shows.

    Raises:
        RowError: Excel has an error there, has rounded a long number, shows it in a way that is not known, or made a
            date of something else.

    """
    value = cell.value
    if cell.is_error:
        raise RowError(f"{column} holds Excel's error {value}.", do="Correct the formula, or type the value.")
    if isinstance(value, str):
        return meant(value.strip(), column)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, column, cell.number_format)
    if isinstance(value, bool) and column in WHO:
        raise RowError(f"{column} is a yes or no ({value}), which Excel has probably made of it.", do=AS_TEXT)
    if isinstance(value, date | time) and column not in DAYS:
        raise RowError(f"{column} is a date ({value}), which Excel has probably made of it.", do=AS_TEXT)
    return value_text(value, column, settings.date_format)


def fact_text(cell: Cell, column: str, settings: TableSource) -> str:
    """Return what a cell says of a fact: of a number its value, whatever Excel shows of it; a date is welcome.

    A whole number that Excel shows with zeros in front or letters, as an id, is read as it is shown.
    """
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and not cell.is_error:
        shown = shown_number(int(value), cell.number_format) if value == int(value) and abs(value) < EXACT else None
        return shown or value_text(value, column, "")
    return value_text(value, column, settings.date_format)


def _number(value: float, column: str, number_format: str) -> str:
    if abs(value) >= EXACT:
        raise RowError(f"{column} is a number of more than 15 digits, which Excel has rounded.", do=AS_TEXT)
    if value != int(value):
        return value_text(value, column, "")
    shown = shown_number(int(value), number_format)
    if shown is None:
        raise RowError(
            f"{column} is the number {int(value)}, which Excel shows differently (in the format {number_format[:40]}).",
            do=AS_TEXT,
        )
    return shown


def shown_number(number: int, number_format: str) -> str | None:
    """Return what Excel shows of a whole number, without the marks between thousands; None where that is not known."""
    section = _section(number, number_format)
    if section is None:
        return None
    if section.strip().casefold() in ("general", "@", ""):
        return str(number)
    parts: list[str | None] = []  # a fixed text, or None for a place of a digit
    zeros = 0
    for token in _tokens(section):
        if token is None:
            return None
        kind, text = token
        if kind == "digit":
            parts.append(None)
            zeros = zeros + 1 if text == "0" or zeros else 0
        elif kind == "general":
            return _with_texts(parts, str(abs(number)), section)
        elif text:
            parts.append(text)
    if None not in parts:
        return None  # a text alone, whatever the number is
    return ("-" if number < 0 and ";" not in number_format else "") + _filled(parts, str(abs(number)), zeros)


def _section(number: int, number_format: str) -> str | None:
    """Return the section of the format that is for the number; None where conditions choose it."""
    if CONDITION.search(number_format):
        return None
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    if number < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if number == 0 and len(sections) > 2 else sections[0]


def _tokens(section: str) -> list[tuple[str, str] | None]:
    """Return the parts of a section in order; None for one whose meaning is not known."""
    whole = _without_decimals(section)
    if whole is None:
        return [None]
    found: list[tuple[str, str] | None] = []
    for match in TOKEN.finditer(whole):
        quoted, escaped, bracket, digit, general, sign = match.groups()
        if quoted is not None or escaped is not None:
            found.append(("text", quoted if quoted is not None else escaped))
        elif digit:
            found.append(("digit", digit))
        elif general:
            found.append(("general", ""))
        elif sign == "," or bracket:
            continue  # the mark between thousands, a colour
        elif sign is not None:
            found.append(("text", sign) if sign in PLAIN_SIGNS else None)
    return found


def _without_decimals(section: str) -> str | None:
    """Return a section without its decimals, which a whole number has none of; None where it scales the number."""
    plain = re.sub(r'"[^"]*"|\\.', lambda found: "\x00" * len(found[0]), section)
    if re.search(r"%|E[+-]|[0#?],+(?![0#?,])|[0#?]\s*/|/\s*[0#?]", plain, re.IGNORECASE):
        return None
    point = re.search(r"(?<=[0#?])\.[0#?]*", plain)
    return section[: point.start()] + section[point.end() :] if point else section


def _filled(parts: list[str | None], digits: str, zeros: int) -> str:
    """Return the fixed texts with the digits in their places, from the right; the first takes all that is left."""
    digits = digits.zfill(zeros)
    if digits == "0" and zeros == 0:
        digits = ""
    shown: list[str] = []
    places = sum(part is None for part in parts)
    for part in reversed(parts):
        if part is not None:
            shown.append(part)
            continue
        places -= 1
        if places == 0:
            shown.append(digits)
            digits = ""
        else:
            shown.append(digits[-1:])
            digits = digits[:-1]
    return "".join(reversed(shown)).strip()


def _with_texts(parts: list[str | None], digits: str, section: str) -> str | None:
    """Return `"E"General`: the texts before, then the number; None where more follows."""
    if not section.casefold().rstrip().endswith("general"):
        return None
    return "".join(part or "" for part in parts) + digits

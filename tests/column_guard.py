"""SQLite takes any text and any number into any column. In the tests it refuses what PostgreSQL would refuse.

That is a text that is too long or has a NUL in it, and a number too large for its column. A column of fixed words
(`one_of` in the store's tables) takes no other word either: a new word is first added there, and a test checks
that it fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Integer, String, event
from sqlalchemy.engine import Engine
from sqlalchemy.sql.dml import Insert, Update

from sync_worker.store.tables import WORDS, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_INTEGER, LARGEST_BIG_INTEGER = 2**31 - 1, 2**63 - 1
OF_SEVERAL_ROWS = re.compile(r"_m\d+$")


class WrongValueError(Exception):
    """A value was written into a column that must not hold it."""


def objection(column: Column[Any], value: object) -> str:
    """Return why a column must not hold a value; "" where it may."""
    if isinstance(value, int) and isinstance(column.type, Integer):
        largest = LARGEST_BIG_INTEGER if isinstance(column.type, BigInteger) else LARGEST_INTEGER
        return f"{column} holds {largest} at most, not {value}" if abs(value) > largest else ""
    if not isinstance(value, str) or not isinstance(column.type, String):
        return ""
    if "\0" in value:
        return f"{column} holds no NUL character, and {value!r} has one"
    if column.type.length is not None and len(value) > column.type.length:
        return f"{column} holds {column.type.length} characters at most, and '{value}' has {len(value)}"
    if WORDS in column.info and value not in column.info[WORDS]:
        return f"'{value}' is not one of the words of {column} (one_of): {', '.join(sorted(column.info[WORDS]))}"
    return ""


def watch() -> None:
    """Refuse, in every database of this process, a value that its column of the store must not hold."""
    event.listen(Engine, "before_cursor_execute", _refuse_wrong_values)


def _refuse_wrong_values(*arguments: Any) -> None:
    context = arguments[4]
    compiled = getattr(context, "compiled", None)
    statement = getattr(compiled, "statement", None)
    if not isinstance(statement, Insert | Update) or statement.table not in Table.metadata.tables.values():
        return
    columns: Mapping[str, Column[Any]] = statement.table.columns
    for row in context.compiled_parameters:
        for name, value in row.items():
            column = columns.get(OF_SEVERAL_ROWS.sub("", name))
            if column is not None and (wrong := objection(column, value)):
                raise WrongValueError(wrong)

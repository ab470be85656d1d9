"""A value of a database or a workbook -> the text that a cell of a CSV file would hold."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sync_worker.rosters.days import is_endless, is_no_day
from sync_worker.rosters.row import RowError


def value_text(value: Any, column: str, date_format: str) -> str:
    """Return the text of a value: whole numbers without `.0`, days in the format, nothing for None and for 0001-01-01.

    Raises:
        RowError: it is binary.

    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return str(int(value)) if math.isfinite(value) and value == value // 1 else str(value)
    if isinstance(value, datetime) and (value.time() == time.min or is_endless(value.date())):
        value = value.date()
    if isinstance(value, date) and is_no_day(value):
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.strftime(date_format)
    if isinstance(value, bytes | bytearray | memoryview):
        raise RowError(f"{column} holds bytes, not text.", do="Convert it in the query.")
    return str(value).strip()

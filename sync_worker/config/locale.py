"""The languages that settings may name, which have a folder in `languages/`; and the time zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from sync_worker.languages.part import codes

if TYPE_CHECKING:
    Locale = str
else:
    Locale = Literal[codes()]


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{value}' is not a time zone; use a name like Europe/Lisbon") from None
    return value


Zone = Annotated[str, AfterValidator(_known_zone)]

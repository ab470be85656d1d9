"""PostgreSQL's days without an end: `infinity` is the last day of the calendar, `-infinity` the first.

Python's dates end in the year 9999, so that psycopg refuses what PostgreSQL itself offers for an end that never comes.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def take_infinity(connection: Connection) -> None:
    """Let a connection to PostgreSQL over psycopg answer with the ends of the calendar for what is infinite."""
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader  # noqa: PLC0415  (optional)

    driver: Any = connection.connection.driver_connection
    for name, loader in (("date", DateLoader), ("timestamp", TimestampLoader), ("timestamptz", TimestamptzLoader)):
        driver.adapters.register_loader(name, _bounded(loader))


def _bounded(loader: Any) -> Any:
    class Bounded(loader):  # type: ignore[misc]
        """The loader of a type, with the ends of the calendar for what is infinite."""

        def load(self, data: Any) -> Any:
            """Return the value of a text."""
            text = bytes(data)
            if text == b"infinity":
                return date.max
            return date.min if text == b"-infinity" else super().load(data)

    return Bounded

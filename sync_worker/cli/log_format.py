"""The log: never an e-mail address, never what an unexpected error quotes, never the addresses of calls."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, TextIO

from sync_worker.errors import LcmError

if TYPE_CHECKING:
    from types import TracebackType

    Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# At the level of debugging it logs the address of every call, with what is searched for: names and e-mail addresses.
SPEAKS_OF_ADDRESSES = "urllib3"


def set_up_logging(stream: TextIO, level: str) -> None:
    """Log to a stream from a level (such as "info") on, unless logging was set up already."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrivateFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], level=level.upper())
    logging.getLogger(SPEAKS_OF_ADDRESSES).setLevel(logging.CRITICAL)


class PrivateFormatter(logging.Formatter):
    """Shows where an unexpected error arose, but not its words, which may quote people; takes e-mail addresses out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        # Only when something is logged: `lcm --help` logs nothing, and shall start at once.
        from sync_worker.http import without_emails  # noqa: PLC0415

        return without_emails(super().format(record))

    def formatException(self, ei: Caught) -> str:  # noqa: N802  (logging's own name)
        """Return the traceback of an error and of those behind it."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            words = str(error) if isinstance(error, LcmError) else "(its words are left out, as they may quote people)"
            of_error = [*traceback.format_tb(error.__traceback__), f"{type(error).__name__} {words}"]
            lines = [*of_error, *(["which led to:"] if lines else []), *lines]
            error = error.__cause__ or error.__context__
        return "\n".join(line.rstrip("\n") for line in lines)

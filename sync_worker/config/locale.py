"""The languages that settings may name: those that have a folder in `languages/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sync_worker.languages.part import codes

if TYPE_CHECKING:
    Locale = str
else:
    Locale = Literal[codes()]

"""One line of a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_worker.errors import LcmError


class Verdict(StrEnum):
    """How a line came out; only `FAIL` keeps the worker from its work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Fix:
    """A setting of the forum that the API can change: its value now, and the one that it should have."""

    setting: str
    before: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to change and where; `fix` is what `lcm check --fix` would change."""

    area: str
    verdict: Verdict
    what: str
    do: str = ""
    fix: Fix | None = None


def ok(area: str, what: str) -> Finding:
    """Return a line about something that is as it should be."""
    return Finding(area, Verdict.OK, what)


def warn(area: str, what: str, do: str, fix: Fix | None = None) -> Finding:
    """Return a line about something that costs or misses something."""
    return Finding(area, Verdict.WARN, what, do, fix)


def fail(area: str, what: str, do: str) -> Finding:
    """Return a line about something without which the worker cannot do its work."""
    return Finding(area, Verdict.FAIL, what, do)


def failed(area: str, error: LcmError) -> Finding:
    """Return a line about an error: its place and words, and apart from them what to do."""
    return fail(area, f"{error.where}: {error.what}" if error.where else error.what, error.do or "")

"""A plan of thousands of lines in a few: those that are alike are shown by example, and counted. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sync_worker.model import Change

MANY = 8
"""Up to this many lines that are alike are all shown."""
EXAMPLES, FEW_EXAMPLES, MANY_COHORTS = 3, 1, 20
_PLACE = re.compile(r"\s*\([^()]*:[^()]*\d[^()]*\)")
_ADDRESS = re.compile(r"\S+@[^\s;,)]+")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a plan as it is shown; `more` is 0, or how many others it stands for."""

    change: Change
    reason: str
    more: int = 0


def all_of(lines: Iterable[Change]) -> list[Shown]:
    """Return every line."""
    return [Shown(line, line.reason) for line in lines]


def condensed(lines: Sequence[Change], examples: int = EXAMPLES) -> list[Shown]:
    """Return the lines of one cohort; of many that are alike a few, and then how many more there are."""
    alike: dict[tuple[str, ...], list[Change]] = {}
    for line in lines:
        alike.setdefault((line.kind.value, line.target, general(line.reason)), []).append(line)
    return [shown for (_, _, reason), some in alike.items() for shown in _examples(some, reason, examples)]


def examples_for(cohorts: int) -> int:
    """Return how many examples of each kind of line are shown, the fewer the more cohorts there are."""
    return EXAMPLES if cohorts <= MANY_COHORTS else FEW_EXAMPLES


def general(reason: str) -> str:
    """Return a reason without what names a person: no places in the roster and no addresses."""
    return _ADDRESS.sub("…", _PLACE.sub("", reason)).strip()


def _examples(lines: Sequence[Change], reason: str, examples: int) -> Iterator[Shown]:
    shown = lines if len(lines) <= MANY else lines[:examples]
    yield from all_of(shown)
    if len(shown) < len(lines):
        yield Shown(lines[0], reason, len(lines) - len(shown))

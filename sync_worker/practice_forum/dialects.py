"""The Discourses that a practice forum can speak like: 3.5 as recorded, and later ones as they were read about.

What differs is in `dialects.toml`, each fact with its source. A fact is applied to answers on their way out
(`json/dialect_answers.py`), or asked for where something is decided (`Dialect.has`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

DialectName = Literal["3.5", "2026.1", "current"]
NAMES: tuple[DialectName, ...] = get_args(DialectName)
RECORDED: DialectName = "3.5"
EVERYONE, ANONYMOUS_USERS, LOGGED_IN_USERS = 0, 4, 5


@dataclass(frozen=True, slots=True)
class Fact:
    """Something in which later Discourses differ from 3.5, and where that was read."""

    name: str
    first: str
    since: str
    source: str
    what: str


@cache
def facts() -> tuple[Fact, ...]:
    """Return every fact, in the order of the file."""
    text = files("sync_worker.practice_forum").joinpath("dialects.toml").read_text(encoding="utf-8")
    return tuple(Fact(name, **fact) for name, fact in tomllib.loads(text).items())


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one forum speaks."""

    name: DialectName = RECORDED

    @property
    def holding(self) -> frozenset[str]:
        """The names of the facts that hold in it."""
        return _holding(self.name)

    def has(self, fact: str) -> bool:
        """Whether a fact holds in it."""
        return fact in self.holding


@cache
def _holding(name: DialectName) -> frozenset[str]:
    reached = NAMES[: NAMES.index(name) + 1]
    return frozenset(fact.name for fact in facts() if fact.first in reached)

"""Which of our cohorts a row means, by what the source calls it; keys for cohorts that come from the source."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sync_worker.config.cohort_names import slug
from sync_worker.config.cohorts_from import KEY
from sync_worker.model import fold
from sync_worker.rosters.row import RowError
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.config.cohorts_from import CohortsFromSettings
    from sync_worker.config.rosters import RosterSource

MAX_KEY = 40
DIGEST = 8


@dataclass(frozen=True)
class KnownCohorts:
    """The keys declared in `lcm.yaml`, which others a source may bring along (None: none), and time zones by key."""

    declared: Sequence[str]
    taken: CohortsFromSettings | None = None
    zones: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def declared_keys(self) -> frozenset[str]:
        """The declared keys."""
        return frozenset(self.declared)

    def day_of(self, cohort: str, now: datetime) -> date:
        """Return the day that `now` (aware) is on the cohort's own clock."""
        zone = self.zones.get(cohort) or (self.taken.timezone if self.taken else "UTC")
        return now.astimezone(ZoneInfo(zone)).date()


@dataclass(slots=True)
class CohortKeys:
    """Finds our key for a cohort as one source writes it; remembers what it found."""

    settings: RosterSource
    known: KnownCohorts
    _named: dict[str, str] = field(init=False)
    _found: dict[tuple[str, str], str | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._named = {fold(key): key for key in self.known.declared}
        self._named |= {fold(written): key for written, key in self.settings.cohorts.items()}

    def key(self, written: str, name: str = "") -> str | None:
        """Return our key for the cohort that the source calls `written`; None for one that is ignored.

        Raises:
            RowError: it is neither declared nor taken from the source.

        """
        pair = (written, name)
        if pair not in self._found:
            self._found[pair] = self._find(written, name)
        return self._found[pair]

    def is_mapped(self, written: str) -> bool:
        """Whether `lcm.yaml` names the cohort, under `cohorts` or in the source's own map."""
        return fold(written) in self._named

    def _find(self, written: str, name: str) -> str | None:
        key = self._any(written, name)
        if key is None or not self.settings.feeds or key in self.settings.feeds:
            return key
        if self.settings.other_cohorts == "ignore":
            return None
        raise RowError(f"this source may not enrol into '{key}'.", do="Name it in lcm.yaml under the roster's feeds.")

    def _any(self, written: str, name: str) -> str | None:
        if (key := self._named.get(fold(written))) is not None:
            return key
        if self.known.taken and _is_taken(self.known.taken, written, name):
            return source_key(written, self.settings.cohort_prefix)
        if self.known.taken or self.settings.other_cohorts == "ignore":
            return None
        words = [*self.known.declared, *self.settings.cohorts]
        raise RowError(
            f"the cohort '{written}' is not declared.{nearest(written, words)}",
            do="Declare it in lcm.yaml under cohorts, or correct the row.",
        )


def _is_taken(taken: CohortsFromSettings, written: str, name: str) -> bool:
    texts = [fold(text) for text in (written, name) if text]

    def fits(patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(text, fold(pattern)) for pattern in patterns for text in texts)

    return fits(taken.match) and not fits(taken.leave)


def source_key(written: str, prefix: str = "") -> str:
    """Return our key for a cohort that a source calls `written`: always the same one, whatever else is there.

    What is a key already stays as it is; anything else becomes one and ends in a digest, so that no two are the same.
    """
    text = f"{prefix}{fold(written)}"
    if text.isdecimal():
        text = f"c-{text}"
    if KEY.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST]
    stem = re.sub(r"-+", "-", slug(text))[: MAX_KEY - DIGEST - 1].strip("-") or "c"
    return f"{stem}-{digest}"

"""What one run did, for people and for scripts."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sync_worker.errors import UNEXPECTED

if TYPE_CHECKING:
    from sync_worker.publish.publisher import Deed

NOT_DONE = ("not now", "skipped", "failed", "later")


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of one occurrence.

    `done`, `waiting`, `nothing`, `not now` where the step's condition did not hold, `skipped`, `failed`, or `later` for
    another try.
    """

    cohort: str
    step: str
    slot: str
    outcome: str
    reason: str

    @property
    def logged_reason(self) -> str:
        """Why something was not done, as a log may hold it.

        Why a play chose what it posts quotes people, and so may the words of an error that nobody expected.
        """
        if self.outcome not in NOT_DONE:
            return ""
        return self.reason.partition(":")[0] if self.reason.startswith(UNEXPECTED) else self.reason


@dataclass(frozen=True, slots=True)
class Standing:
    """What keeps a cohort, or with `cohort` "" the whole forum, from being looked after until a person settles it."""

    cohort: str
    reason: str

    def __str__(self) -> str:
        return f"{self.cohort}: {self.reason}" if self.cohort else self.reason


@dataclass(slots=True)
class RunReport:
    """The occurrences and the ledger's entries that a run dealt with, and how many calls it made.

    `standing` and `given_up` (one line for each entry) come again in every run until a person settles them.
    """

    happenings: list[Happening] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    standing: list[Standing] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    calls: int = 0
    busy: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to do."""
        return not self.happenings and not self.deeds

    @property
    def failures(self) -> list[str]:
        """Everything that did not work, one line each."""
        return self._failures([happening.reason for happening in self.happenings])

    @property
    def logged_failures(self) -> list[str]:
        """The failures as a log may hold them."""
        return self._failures([happening.logged_reason for happening in self.happenings])

    def _failures(self, reasons: list[str]) -> list[str]:
        happened = zip(self.happenings, reasons, strict=True)
        return [
            *(f"{h.cohort} {h.step} {h.slot}: {reason}" for h, reason in happened if h.outcome in ("failed", "later")),
            *(f"{d.cohort} {d.step} ({d.action}): {d.reason}" for d in self.deeds if d.state in ("failed", "intended")),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {**asdict(self), "failures": self.failures}

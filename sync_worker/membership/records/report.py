"""What became of the lines of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_worker.model import Change


@dataclass(frozen=True, slots=True)
class Failure:
    """A line of the plan that was not done, and why; a doubtful one may have been done all the same."""

    change: Change
    reason: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of every effective line of a plan; `run` is what the run is called in the journal."""

    done: tuple[Change, ...] = ()
    failed: tuple[Failure, ...] = ()
    unreachable: bool = False
    run: str = ""

    @property
    def outcome(self) -> str:
        """How the run ended, in a word."""
        return "partial" if self.failed else "done"

    @property
    def counts(self) -> dict[str, int]:
        """How many lines were done and how many not."""
        return {"done": len(self.done), "failed": len(self.failed)}

    def plus(self, other: ApplyReport) -> ApplyReport:
        """Return both reports as one."""
        unreachable = self.unreachable or other.unreachable
        return replace(self, done=self.done + other.done, failed=self.failed + other.failed, unreachable=unreachable)

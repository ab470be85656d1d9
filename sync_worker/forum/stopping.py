"""Stop between two calls: a process that is asked to stop finishes the call under way and makes no other."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_worker.forum.budget import Budget


@dataclass(frozen=True, slots=True)
class StoppableBudget:
    """A budget of calls, None for an unlimited one; `sleep` is asked before each call and raises to stop."""

    budget: Budget | None
    sleep: Callable[[float], None]

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold room for one call.

        Raises:
            StoppedWaiting: the process was asked to stop.

        """
        self.sleep(0.0)
        if self.budget is None:
            yield
            return
        with self.budget.slot():
            yield

    def pause(self, seconds: float) -> None:
        """Hold everybody's calls back."""
        if self.budget:
            self.budget.pause(seconds)

"""Stop between two calls: whoever is told to stop finishes the call that is under way and makes no other."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from sync_worker.forum.budget import Budget, CallBudget


@dataclass(frozen=True, slots=True)
class StoppableBudget:
    """A budget of calls, None for an unlimited one, that gives no call out once `stopping` is set."""

    budget: Budget | None
    stopping: Event

    @classmethod
    def of(cls, budget: CallBudget | None, stopping: Event) -> StoppableBudget:
        """Return such a budget; waiting for room ends at once when the service is stopped."""

        def sleep(seconds: float) -> None:
            if stopping.wait(seconds):
                raise _stopped()

        return cls(replace(budget, sleep=sleep) if budget else None, stopping)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold room for one call.

        Raises:
            StoppedError: the service is being stopped.

        """
        if self.stopping.is_set():
            raise _stopped()
        if self.budget is None:
            yield
            return
        with self.budget.slot():
            yield

    def pause(self, seconds: float) -> None:
        """Hold everybody's calls back."""
        if self.budget:
            self.budget.pause(seconds)


def _stopped() -> StoppedError:
    return StoppedError("stopped between two calls.", do="The next start goes on with it.")

"""What a failed call means for whoever thinks of repeating it, and how long to wait before."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(Enum):
    """What is known about the effect of a failed call."""

    REFUSED = "refused"
    """The forum said no; nothing was done, and a repeat would be refused as well."""
    POSTPONED = "postponed"
    """Nothing was done (rate limit, or the call never left); a repeat is harmless."""
    DOUBTFUL = "doubtful"
    """No whole answer came: it may have been done. Look before repeating anything that writes."""


class FailedCall(ForumError):  # noqa: N818  (a ForumError by any name)
    """One call failed.

    Args:
        what: what happened, with Discourse's own words.
        outcome: whether it may have been carried out.
        wait: seconds to stay away, where the forum said so.
        site_wide: whether that holds for every call to the site and not only for this kind.
        status: HTTP status, or None where no answer came.
        url: address without secrets.
        error_type: Discourse's `error_type`.
        do: what the reader can do about it.

    """

    def __init__(
        self,
        what: str,
        *,
        outcome: Outcome,
        wait: float | None = None,
        site_wide: bool = False,
        status: int | None = None,
        url: str | None = None,
        error_type: str | None = None,
        do: str | None = None,
    ) -> None:
        super().__init__(what, status=status, url=url, error_type=error_type, do=do)
        self.outcome = outcome
        self.wait = wait
        self.site_wide = site_wide


def is_doubtful(error: ForumError) -> bool:
    """Whether the call may have been carried out although it failed."""
    return isinstance(error, FailedCall) and error.outcome is Outcome.DOUBTFUL


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try (times in seconds); `sleep` and `rng` are exchangeable for tests and demos."""

    attempts: int = 6
    first_wait: float = 0.5
    longest_backoff: float = 15.0
    longest_wait: float = 300.0
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)

    def pause_after(self, error: ForumError, attempt: int, *, harmless: bool) -> float | None:
        """Return the seconds to wait before attempt number `attempt` + 1, or None to give up."""
        if not isinstance(error, FailedCall) or attempt >= self.attempts or error.outcome is Outcome.REFUSED:
            return None
        if error.outcome is Outcome.DOUBTFUL and not harmless:
            return None
        if error.wait is not None:
            # Everybody else was sent away with the same number of seconds: do not all come back at once.
            return error.wait + self.rng.uniform(0.1, 1.0) if error.wait <= self.longest_wait else None
        longest = min(self.longest_backoff, self.first_wait * 2 ** (attempt - 1))
        return self.rng.uniform(longest / 2, longest)

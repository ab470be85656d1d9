"""What came of an attempt; what a failed one means: final, counted, or the forum's own trouble. The only judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError

if TYPE_CHECKING:
    from datetime import datetime

MAX_ATTEMPTS = 30
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
SKEW = timedelta(minutes=5)  # a time of ours that lies further ahead was written by a clock that was wrong


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of an entry: `done`, `skipped` or `later`, where it stands, and anything worth saying."""

    state: str
    topic_id: int | None = None
    post_id: int | None = None
    reason: str = ""
    replies: int = 0
    not_before: datetime | None = None


class Verdict(Enum):
    """What to do after a failed attempt."""

    FINAL = "final"
    """The forum has read it and refuses: trying again would change nothing."""
    COUNTS = "counts"
    """The forum or the play refuses for a reason that may pass: try again, `MAX_ATTEMPTS` times."""
    OUTAGE = "outage"
    """The forum was away, or nobody knows what it did: try again for as long as it takes."""


def verdict_of(error: Exception) -> Verdict:
    """Return what a failure means; only a refusal in the forum's own words counts against an entry."""
    if not isinstance(error, ForumError) or error.denied:
        return Verdict.COUNTS
    is_a_word = error.refused and not error.unreachable and error.status is not None
    return Verdict.FINAL if is_a_word else Verdict.OUTAGE


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts that counted."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << doublings))


def is_resting(attempts: int, first: datetime, last: datetime, now: datetime) -> bool:
    """Whether it is too early to try again.

    Args:
        attempts: how many attempts counted.
        first: when it was intended.
        last: when it was tried last.
        now: the present.

    """
    if last > now + SKEW:
        return False
    during_an_outage = min(LONGEST_PAUSE, max(FIRST_PAUSE, last - first))  # doubles with the time it has lasted
    return now < last + (pause_after(attempts) if attempts else during_an_outage)

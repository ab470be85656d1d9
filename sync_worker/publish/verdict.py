"""What a failed attempt means: final, counted, or the forum's own trouble that counts for nothing. The only judge."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.failures import Outcome

if TYPE_CHECKING:
    from datetime import datetime

MAX_ATTEMPTS = 30
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
SKEW = timedelta(minutes=5)  # a time of ours that lies further ahead was written by a clock that was wrong
FINAL = (200, 400, 422)  # the forum has read it and said no; 401, 403 and 404 may be a key or a right that is missing


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
    if not isinstance(error, ForumError):
        return Verdict.COUNTS
    outcome = getattr(error, "outcome", None)
    if error.status is None or outcome in (Outcome.POSTPONED, Outcome.DOUBTFUL):
        return Verdict.OUTAGE
    return Verdict.FINAL if error.status in FINAL else Verdict.COUNTS


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

"""An end that moved too far, as by a year typed wrongly: a cohort does not end before a person agreed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.accepted import Accepted
    from sync_worker.model import Cohort

ALLOW = "allow it once with: lcm sync --apply --accept-dates"


def held_end(cohort: Cohort, accepted: Accepted | None, day: date, limits: LimitSettings) -> str:
    """Return why a cohort's end does not count yet, in words; nothing where it does.

    An end counts unless it was brought forward into the past, or by more than `max_end_shift` at once, and the cohort
    would not be over by the end that was accepted before.
    """
    before = accepted.end if accepted else None
    if before is None or cohort.end >= before or (day - before).days > cohort.archive_after:
        return ""
    if cohort.end >= day and before - cohort.end <= limits.max_end_shift:
        return ""
    return f"end date moved from {before} to {cohort.end}; {ALLOW}"

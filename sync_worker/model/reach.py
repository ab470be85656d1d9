"""When one learner may be written to: caps, quiet hours, weekends. Pure: moments in, moments out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

MAX_STEPS = 200  # from one hindrance to the next; more than a month of full days
SATURDAY = 5
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one learner may receive from us: so many messages on one day, in one week (Monday to Sunday), and when.

    None is no cap. From the first of the `quiet` times on, up to the second, nothing is sent (it may lie on the next
    day), nor on Saturdays and Sundays without `weekend`. All times are of the cohort's clock.
    """

    per_day: int | None = 1
    per_week: int | None = 3
    quiet: tuple[time, time] | None = (time(20), time(7, 30))
    weekend: bool = False


class Sent(NamedTuple):
    """A message that the learner got, or may have got, and the time zone of the cohort that it came from."""

    at: datetime
    zone: ZoneInfo


class Hindrance(StrEnum):
    """Why a message may not go out at a moment."""

    QUIET = "quiet"
    DAY = "day"
    WEEK = "week"


class Opening(NamedTuple):
    """The first moment at which a message may go out, None for never, and what hinders it now, if anything does."""

    at: datetime | None
    why: Hindrance | None


def opening(reach: Reach, zone: ZoneInfo, now: datetime, sent: Sequence[Sent]) -> Opening:
    """Return when a message to a learner may go out, at the earliest.

    Days and weeks are those of the cohort's zone and of the zone of every cohort that the learner got something from,
    so that the caps hold on each of these clocks.

    Args:
        reach: the rules of the cohort whose message it is.
        zone: its time zone.
        now: the present, aware.
        sent: what the learner got already, from whichever cohort; what is older than a week does not matter.

    """
    if 0 in (reach.per_day, reach.per_week):
        return Opening(None, Hindrance.DAY if reach.per_day == 0 else Hindrance.WEEK)
    zones = {zone, *(one.zone for one in sent)}
    moment, first = now, None
    for _ in range(MAX_STEPS):
        hindered = _hindered(reach, zone, zones, moment, sent)
        if hindered is None:
            return Opening(moment, first)
        first = first or hindered[0]
        moment = max(hindered[1], moment + timedelta(seconds=1))
    return Opening(None, first)


def is_quiet(reach: Reach, local: datetime) -> bool:
    """Whether nothing is sent at a moment of the cohort's clock."""
    if not reach.weekend and local.weekday() >= SATURDAY:
        return True
    return reach.quiet is not None and _is_between(local.time(), *reach.quiet)


def _hindered(
    reach: Reach, zone: ZoneInfo, zones: set[ZoneInfo], moment: datetime, sent: Sequence[Sent]
) -> tuple[Hindrance, datetime] | None:
    """Return what hinders at a moment, and until when it does."""
    local = moment.astimezone(zone)
    if is_quiet(reach, local):
        return Hindrance.QUIET, _end_of_quiet(reach, zone, local)
    for one in zones:
        day = moment.astimezone(one).date()
        days = [message.at.astimezone(one).date() for message in sent]
        if reach.per_week is not None and sum(_monday(other) == _monday(day) for other in days) >= reach.per_week:
            return Hindrance.WEEK, _midnight(one, _monday(day) + 7 * A_DAY)
        if reach.per_day is not None and days.count(day) >= reach.per_day:
            return Hindrance.DAY, _midnight(one, day + A_DAY)
    return None


def _end_of_quiet(reach: Reach, zone: ZoneInfo, local: datetime) -> datetime:
    if reach.quiet is None or not _is_between(local.time(), *reach.quiet):
        return _midnight(zone, local.date() + A_DAY)  # of a day of the weekend
    start, end = reach.quiet
    day = local.date() + A_DAY if start > end and local.time() >= start else local.date()
    for fold in (0, 1):  # clocks that are set back show a time twice
        moment = datetime.combine(day, end, zone).replace(fold=fold).astimezone(UTC)
        if moment > local.astimezone(UTC):
            break
    return moment


def _is_between(clock: time, start: time, end: time) -> bool:
    return start <= clock < end if start < end else clock >= start or clock < end


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _midnight(zone: ZoneInfo, day: date) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)

"""Steps and a cohort's dates make occurrences: wall-clock times of the cohort's zone, exact instants for us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError
from sync_worker.model import Cohort, Occurrence
from sync_worker.playbook.days_off import FURTHEST, working_days
from sync_worker.playbook.format import END, START, PlaybookFile, Step
from sync_worker.playbook.tailoring import tailored
from sync_worker.timeline import FixedDay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from sync_worker.timeline import Day


NO_END = date.max  # 9999-12-31, as many systems write "without an end"
HORIZON = timedelta(days=2 * 365)


def occurrences(playbook: PlaybookFile, cohort: Cohort, until: datetime | None = None) -> list[Occurrence]:
    """Return everything that the playbook does for the cohort, in order of time, then of steps.

    Args:
        playbook: the plan.
        cohort: whose; one that ends on 9999-12-31 has no end: its recurring steps go on, and what counts from its end
            never comes. What falls on its holidays or blackout days is moved or left out, as `WorkingDays` says.
        until: leave out what comes later. Of a cohort without an end, what comes more than `HORIZON` after its start,
            or after `until`, is left out in any case.

    Raises:
        ConfigError: a date lies beyond the calendar, the cohort's holidays are not known, or its changes of steps
            leave no plan.

    """
    playbook = tailored(playbook, cohort)
    latest = _latest(cohort, until)
    try:
        found = [
            (occurrence.at, occurrence.slot, position, occurrence)
            for position, step in enumerate(playbook.steps)
            for occurrence in _of_step(step, playbook, cohort, latest)
        ]
    except OverflowError:
        raise ConfigError(
            f"a step of playbook '{playbook.playbook}' falls outside the calendar for cohort '{cohort.key}'.",
            do="Check the cohort's dates.",
        ) from None
    found.sort(key=lambda one: one[:3])
    return [occurrence for at, _, _, occurrence in found if until is None or at <= until]


def _of_step(step: Step, playbook: PlaybookFile, cohort: Cohort, latest: date) -> Iterator[Occurrence]:
    """Yield a step's occurrences: the slot as planned, which makes the key, and when it happens where it was moved.

    A date that falls on a day off and is left out is followed by nothing; a follow-up that does is left out alone.
    Follow-ups count from the day on which the step really happens.
    """
    earliest = min((one.days for one in step.follow_ups), default=0)
    far = timedelta(days=max(-earliest + 1, 0)) if step.follow_ups else timedelta(0)
    latest = min(latest, date.max - far) + far
    for day, clock in _days(step, playbook, cohort, latest):
        first = _occurrence(step, playbook, cohort, datetime.combine(day, clock))
        if first is None:
            continue
        yield first
        real = first.moved.astimezone(cohort.zone).date() if first.moved else day
        for one in step.follow_ups:
            wall = datetime.combine(real, clock) + timedelta(days=one.days, minutes=one.minutes)
            later = _occurrence(step, playbook, cohort, wall)
            if later is not None:
                yield replace(later, follow_up=one.name, follows=first.slot, follows_moved=first.moved)


def _occurrence(step: Step, playbook: PlaybookFile, cohort: Cohort, wall: datetime) -> Occurrence | None:
    """Return what happens at a time of the cohort's clock, None where that falls on a day off and is left out."""
    day, clock = wall.date(), wall.time()
    real = working_days(cohort.days_off).day_of(day, step.on_holiday)
    if real is None:
        return None
    moved = instant(cohort.zone, real, clock) if real != day else None
    return Occurrence(cohort, playbook.playbook, step.id, instant(cohort.zone, day, clock), moved)


def is_last(playbook: PlaybookFile, occurrence: Occurrence) -> bool:
    """Whether its step has no later date in the cohort's journey; of a follow-up, what it follows has none."""
    cohort = occurrence.cohort
    playbook = tailored(playbook, cohort)
    step = playbook.step(occurrence.step)
    if step is None or step.every is None or cohort.end == NO_END:
        return False
    last = resolve(step.until or END, playbook, cohort)
    following = next_day(step, playbook, cohort, occurrence.own_day)
    return following is None or following > last


def next_day(step: Step, playbook: PlaybookFile, cohort: Cohort, day: date) -> date | None:
    """Return the day after `day` on which a recurring step comes next; None where the calendar ends before."""
    if step.every is None:
        return None
    try:
        return next((found for found in step.every.dates(_first(step, playbook, cohort)) if found > day), None)
    except OverflowError:
        return None


def _first(step: Step, playbook: PlaybookFile, cohort: Cohort) -> date:
    return resolve(step.from_ or START, playbook, cohort)


def _latest(cohort: Cohort, until: datetime | None) -> date:
    """Return the last day to look at."""
    if until is not None:
        return until.date() + timedelta(days=2 + FURTHEST)  # the zone's day may be another one; a step may come before
    return cohort.start + HORIZON if cohort.end == NO_END else date.max


def _days(step: Step, playbook: PlaybookFile, cohort: Cohort, latest: date) -> Iterator[tuple[date, time]]:
    if step.at and not (cohort.end == NO_END and _counts_from_end(step.at.day, playbook)):
        yield resolve(step.at.day, playbook, cohort), step.at.clock
    if step.every:
        last = min(resolve(step.until or END, playbook, cohort), latest)
        for day in step.every.dates(_first(step, playbook, cohort)):
            if day > last:
                break
            yield day, step.every.clock


def _counts_from_end(day: Day, playbook: PlaybookFile) -> bool:
    if isinstance(day, FixedDay):
        return False
    anchor = playbook.step(day.anchor)
    return day.anchor == END.anchor or bool(anchor and anchor.at and _counts_from_end(anchor.at.day, playbook))


def resolve(day: Day, playbook: PlaybookFile, cohort: Cohort) -> date:
    """Return the date of a day; the playbook has been checked, so that anchors exist and make no circle."""
    if isinstance(day, FixedDay):
        return day.date
    shift = timedelta(days=day.days)
    if day.anchor == START.anchor:
        return cohort.start + shift
    if day.anchor == END.anchor:
        return NO_END if cohort.end == NO_END else cohort.end + shift
    anchor = playbook.step(day.anchor)
    if anchor is None or anchor.at is None:
        raise ConfigError(f"'{day.anchor}' is not a step with a day of its own.", where=playbook.playbook)
    return resolve(anchor.at.day, playbook, cohort) + shift


def instant(zone: ZoneInfo, day: date, clock: time) -> datetime:
    """Return the UTC instant at which the zone's clocks show `clock` on `day`.

    A time that clocks skip becomes the first instant after the gap; of a time they show twice, the first counts.
    """
    wall = datetime.combine(day, clock)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    return _end_of_gap(zone, wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment)


def _end_of_gap(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Find the instant between the two at which the zone's offset changes, to the second."""
    offset = after.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)

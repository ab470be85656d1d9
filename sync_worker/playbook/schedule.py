"""Steps, as a cohort follows them, and its dates make occurrences, round days off; and those as a calendar file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sync_worker.config.located_yaml import LocatedYaml
from sync_worker.errors import ConfigError
from sync_worker.extras import load
from sync_worker.model import Cohort, Occurrence
from sync_worker.playbook.format import END, START, PlaybookFile, Step, relation_problems
from sync_worker.timeline import FixedDay
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from sync_worker.model import DaysOff
    from sync_worker.timeline import Day, OnHoliday, StepChange


def following(cohort: Cohort, playbook: str) -> Cohort:
    """Return a cohort as it follows a playbook: its changes of steps are of the one that it follows now."""
    return cohort if cohort.playbook == playbook else replace(cohort, step_changes=())


def tailored(playbook: PlaybookFile, cohort: Cohort) -> PlaybookFile:
    """Return the playbook as the cohort follows it.

    Raises:
        ConfigError: the cohort changes a step that the playbook does not have, or in a way that leaves no plan.

    """
    if not cohort.step_changes:
        return playbook
    changes = {change.id: change for change in cohort.step_changes}
    known = [step.id for step in playbook.steps]
    for name, change in changes.items():
        if name not in known:
            what = f"playbook '{playbook.playbook}' has no step '{name}'.{nearest(name, known)}"
            raise ConfigError(what, where=place_of(cohort, change))
    steps = tuple(
        _changed(step, changes[step.id], cohort) if step.id in changes else step
        for step in playbook.steps
        if step.id not in changes or not changes[step.id].off
    )
    if not steps:
        where = place_of(cohort, cohort.step_changes[0])
        raise ConfigError("every step is switched off.", where=where, do="Leave out `playbook` instead.")
    changed = playbook.model_copy(update={"steps": steps})
    for step in steps:
        for key, problem in relation_problems(step, changed):
            where = _place_of_day(cohort, changes, step, key)
            raise ConfigError(problem, where=where, do="Give the step another time, or leave the other one on.")
    return changed


def place_of(cohort: Cohort, change: StepChange, *path: str) -> str:
    """Return where a cohort's change of a step is written: file, line and column, the cohort and the step."""
    said = f"cohort '{cohort.key}', steps, {', '.join((change.id, *path))}"
    if not change.file:
        return f"{said} in lcm.yaml"
    return f"{LocatedYaml(change.file, {}, dict(change.places)).where(path)}: {said}"


def _place_of_day(cohort: Cohort, changes: Mapping[str, StepChange], step: Step, key: str) -> str:
    """Return which change makes a day of a step wrong: its own, that of the step that it counts from, or the first."""
    if step.id in changes:
        return place_of(cohort, changes[step.id], key)
    return place_of(cohort, changes.get(step.relative_days[key].anchor, cohort.step_changes[0]))


def _with_options(step: Step, change: StepChange, cohort: Cohort) -> Step:
    places = {path[1:]: place for path, place in change.places.items() if path[:1] == ("with",)}
    try:
        return step.changed_by(LocatedYaml(change.file, dict(change.options), places))
    except ConfigError as error:
        said = f"cohort '{cohort.key}', steps, {step.id}, with"
        place = rf"\1{said}: " if change.file else f"{said} in lcm.yaml: "
        what = re.sub(r"^(.*?:\d+:\d+: )", place, str(error), flags=re.MULTILINE)
        raise ConfigError(what, do="Use the options of the step's play.") from None


def _changed(step: Step, change: StepChange, cohort: Cohort) -> Step:
    if change.options:
        step = _with_options(step, change, cohort)
    if change.without:
        try:
            step = step.without(change.without)
        except ConfigError as error:
            raise ConfigError(error.what, where=place_of(cohort, change, "except"), do="Take `except` out.") from None
    update: dict[str, object] = {}
    if change.at is not None:
        update |= {"at": change.at, "every": None, "from_": None, "until": None}
    if change.every is not None:
        update |= {"at": None, "every": change.every}
    named = {
        "from_": change.first,
        "until": change.until,
        "catch_up": change.catch_up,
        "on_holiday": change.on_holiday,
    }
    update |= {name: value for name, value in named.items() if value is not None}
    return step.model_copy(update=update)


# Holidays, days off and blackout days of a cohort: on which day a step happens that falls on one.


FURTHEST = 31  # days that a step is moved at most; a longer time off leaves it out
SATURDAY_AND_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days of a cohort on which its steps may happen.

    `is_holiday` says which days a step may avoid, `blackout` are those on which nothing happens, `weekend` weekdays (0
    = Monday) to which no step is moved from a working day.
    """

    is_holiday: Callable[[date], bool]
    blackout: frozenset[date]
    weekend: frozenset[int]

    def day_of(self, day: date, on_holiday: OnHoliday | None) -> date | None:
        """Return the day on which a step happens that is planned for `day`; None where it is left out.

        A step that does not say what it does on holidays happens on them, and after blackout days.
        """
        blacked_out = day in self.blackout
        if not blacked_out and (on_holiday is None or not self.is_holiday(day)):
            return day
        if on_holiday == "skip":
            return None
        one_day = timedelta(days=-1 if on_holiday == "before" else 1)
        weekend = frozenset() if day.weekday() in self.weekend else self.weekend
        other = day
        for _ in range(FURTHEST):
            other += one_day
            if other not in self.blackout and not self.is_holiday(other) and other.weekday() not in weekend:
                return other
        return None


def working_days(days_off: DaysOff) -> WorkingDays:
    """Return a cohort's working days.

    Raises:
        ConfigError: its holidays are not known, or the library that knows them is not installed.

    """
    own = days_off.days
    if days_off.holidays is None:
        return WorkingDays(own.__contains__, days_off.blackout, SATURDAY_AND_SUNDAY)
    public = public_holidays(days_off.holidays)
    weekend = frozenset(public.weekend) or SATURDAY_AND_SUNDAY
    return WorkingDays(lambda day: day in own or day in public, days_off.blackout, weekend)


@lru_cache(maxsize=64)
def public_holidays(code: str) -> Any:
    """Return the public holidays of a country or a part of one, as the library `holidays` knows them.

    Args:
        code: as ISO 3166 writes it: `FR`, `DE-BY`.

    Raises:
        ConfigError: the library does not know it, or is not installed.

    """
    holidays = load("holidays", "a calendar of public holidays")
    country, _, part = code.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        parts = holidays.list_supported_countries().get(country)
        if parts is None:
            do = "Give the country's two letters, like FR, or take them out and list the days under days_off.days."
            raise ConfigError(f"the public holidays of '{country}' are not known.", do=do) from None
        do = f"Known: {', '.join(parts)}." if parts else f"Write {country} alone: it has the same holidays everywhere."
        raise ConfigError(f"the holidays of '{part}' in {country} are not known.", do=do) from None


# Steps and a cohort's dates make occurrences: wall-clock times of the cohort's zone, exact instants for us.


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
    Follow-ups count from the day on which the step really happens. What comes before it, such as the announcement of a
    session, goes to the working day before: later it could come too late to be of use.
    """
    earliest = min((one.days for one in step.follow_ups), default=0)
    far = timedelta(days=max(-earliest + 1, 0)) if step.follow_ups else timedelta(0)
    latest = min(latest, date.max - far) + far
    for real, (first, clock) in _by_day(step, playbook, cohort, latest).items():
        yield first
        for one in step.follow_ups:
            distance = timedelta(days=one.days, minutes=one.minutes)
            wall = datetime.combine(real, clock) + distance
            on_holiday = step.on_holiday
            closed = on_holiday is None and wall.date() in cohort.days_off.blackout
            if distance < timedelta(0) and (on_holiday == "after" or closed):
                on_holiday = "before"
            later = _occurrence(cohort, playbook, step, wall, on_holiday)
            if later is not None:
                yield replace(later, follow_up=one.name, follows=first.slot, follows_moved=first.moved)


def _by_day(step: Step, playbook: PlaybookFile, cohort: Cohort, latest: date) -> dict[date, tuple[Occurrence, time]]:
    """Return what a step itself does, by the day on which it happens, and the time of day that it was planned for.

    It happens once a day: a date that is moved gives way to the day's own one, and of several that are moved to one day
    the nearest is left.
    """
    found: dict[date, tuple[Occurrence, time]] = {}
    for day, clock in _days(step, playbook, cohort, latest):
        one = _occurrence(cohort, playbook, step, datetime.combine(day, clock), step.on_holiday)
        if one is None:
            continue
        real = one.moved.astimezone(cohort.zone).date() if one.moved else day
        other = found.get(real)
        if other is None or one.moved is None or (other[0].moved is not None and step.on_holiday != "before"):
            found[real] = (one, clock)
    return found


def _occurrence(
    cohort: Cohort, playbook: PlaybookFile, step: Step, wall: datetime, on_holiday: OnHoliday | None
) -> Occurrence | None:
    """Return what happens at a time of the cohort's clock, None where that falls on a day off and is left out."""
    day, clock = wall.date(), wall.time()
    real = working_days(cohort.days_off).day_of(day, on_holiday)
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


# A cohort's calendar as iCalendar (RFC 5545), for the calendars of LCMs and admins.


PRODUCT = "-//discourse-lcm//playbook calendar//EN"
LENGTH = timedelta(minutes=15)  # a post takes no time; shorter events are hard to see


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the calendar: what makes it the same one in the next export, when, what it says, and how long.

    `busy`: people are somewhere at that time, as in a session; else something is only posted.
    """

    key: str
    at: datetime
    title: str
    description: str
    length: timedelta = LENGTH
    busy: bool = False


def write_calendar(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """Return a calendar file of the entries, in UTC; `now` is when it was written.

    An entry keeps its UID, so that a calendar that reads the file again moves the event instead of adding one.

    Raises:
        ConfigError: the library that writes calendars is not installed.

    """
    icalendar = load("icalendar", "a calendar file")
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", f"{hashlib.sha256(entry.key.encode()).hexdigest()[:32]}@discourse-lcm")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", entry.at.astimezone(UTC))
        event.add("duration", entry.length)
        event.add("summary", entry.title)
        event.add("description", entry.description)
        event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written

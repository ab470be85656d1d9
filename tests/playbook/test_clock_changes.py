"""Around every change of the clocks, in zones that change them in every odd way, each kind of step happens once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_worker.model import Cohort, DaysOff
from sync_worker.playbook.format import PlaybookFile
from sync_worker.playbook.schedule import occurrences
from sync_worker.publish.entries import occurrence_key
from sync_worker.timeline import WEEKDAYS
from tests.search import examples

# By an hour and by half of one, at night and at midnight, on a Friday, against the summer, and never.
ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "Asia/Gaza",
         "Africa/Casablanca", "Africa/Cairo", "Pacific/Chatham", "America/St_Johns", "Asia/Kolkata")  # fmt: skip
YEARS = range(2026, 2030)


@cache
def changes(zone: str) -> tuple[date, ...]:
    """The days on which a zone's clocks change; a day of no change where there are none."""
    info, found = ZoneInfo(zone), []
    day = date(YEARS[0], 1, 1)
    while day.year in YEARS:
        ends = [datetime.combine(one, time(), info).utcoffset() for one in (day, day + timedelta(days=1))]
        if ends[0] != ends[1]:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found) or (date(2026, 6, 1),)


clocks = st.times().map(lambda value: value.replace(second=0, microsecond=0, fold=0))
near_changes = st.sampled_from(ZONES).flatmap(
    lambda zone: st.tuples(st.just(zone), st.sampled_from(changes(zone)), st.integers(-1, 1))
)


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, date, time, dict[str, Any]]:
    """A zone, the day of a change or one beside it, a time, and a step of some kind that happens then."""
    zone, change, beside = draw(near_changes)
    day, clock = change + timedelta(days=beside), draw(clocks)
    at = f"{clock:%H:%M}"
    kind = draw(st.sampled_from(("date", "start", "end", "other", "weekly", "daily", "monthly")))
    step = {
        "date": {"at": f"{day} {at}"},
        "start": {"at": f"start +{(day - _first(day)).days}d {at}"},
        "end": {"at": f"end -{(_last(day) - day).days}d {at}"},
        "other": {"at": f"anchor +3d {at}"},
        "weekly": {"every": f"{WEEKDAYS[day.weekday()]} {at}"},
        "daily": {"every": {"rule": "FREQ=DAILY", "at": at}},
        "monthly": {"every": {"rule": f"FREQ=MONTHLY;BYMONTHDAY={day.day}", "at": at}},
    }[kind]
    return zone, day, clock, step


def _first(day: date) -> date:
    return day - timedelta(days=20)


def _last(day: date) -> date:
    return day + timedelta(days=20)


def happen(zone: str, day: date, step: dict[str, Any], off: DaysOff | None = None) -> list[Any]:
    anchor = {"id": "anchor", "at": f"{day - timedelta(days=3)} 12:00", "play": "topic"}
    book = PlaybookFile.model_validate({
        "playbook": "clocks", "title": {"en": "Clocks"}, "version": 1,
        "steps": [anchor, {"id": "one", "play": "topic", **step}],
    })  # fmt: skip
    cohort = Cohort(
        "spring", "Spring", _first(day), _last(day), zone, "en", "g", "l", "S", "s", days_off=off or DaysOff()
    )
    return [found for found in occurrences(book, cohort) if found.step == "one"]


@given(steps())
@settings(max_examples=examples(400, 20_000), deadline=None)
def test_a_step_happens_once_on_its_day_at_its_time_or_as_soon_as_that_time_has_passed(
    given_step: tuple[str, date, time, dict[str, Any]],
) -> None:
    zone, day, clock, step = given_step
    found = happen(zone, day, step)
    of_the_day = [one for one in found if one.local.date() == day]
    assert len(of_the_day) == 1
    moment, wall = of_the_day[0].slot, datetime.combine(day, clock)
    shown = moment.astimezone(ZoneInfo(zone))
    assert shown.replace(tzinfo=None) >= wall
    just_before = (moment - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert just_before < wall
    assert shown.fold == 0 or shown.replace(tzinfo=None) != wall
    assert len({one.local.date() for one in found}) == len(found)
    assert len({occurrence_key("forum", one) for one in found}) == len(found)
    assert [one.at for one in found] == sorted(one.at for one in found)


@given(near_changes, clocks, st.sampled_from(("before", "after")))
@settings(max_examples=examples(150, 5_000), deadline=None)
def test_a_step_that_is_moved_onto_the_day_of_a_change_keeps_its_time_and_its_key(
    near: tuple[str, date, int], clock: time, where: str
) -> None:
    zone, change, _ = near
    off = change + timedelta(days=1 if where == "before" else -1)
    step = {"at": f"{off} {clock:%H:%M}", "on_holiday": where}
    planned, moved = happen(zone, off, step), happen(zone, off, step, DaysOff(days=frozenset({off})))
    assert [occurrence_key("forum", one) for one in moved] == [occurrence_key("forum", one) for one in planned]
    [one] = moved
    shown = one.local_at.replace(tzinfo=None)
    assert one.at != one.slot
    assert abs(shown - datetime.combine(shown.date(), clock)) <= timedelta(hours=1)
    assert one.at.tzinfo is UTC

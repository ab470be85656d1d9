from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync_worker.errors import ConfigError
from sync_worker.model import Cohort, DaysOff
from sync_worker.playbook.format import PlaybookFile
from sync_worker.playbook.schedule import instant, occurrences
from sync_worker.timeline import FollowUp

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LISBON = ZoneInfo("Europe/Lisbon")


def cohort(start: date = date(2026, 9, 7), end: date = date(2026, 10, 16), zone: str = "Europe/Lisbon") -> Cohort:
    return Cohort("spring", "Spring", start, end, zone, "en", "spring", "spring-lcm", "Spring", "spring")


def playbook(*steps: dict[str, object]) -> PlaybookFile:
    named = [{"id": f"step-{number}", "play": "topic", **step} for number, step in enumerate(steps, 1)]
    return PlaybookFile.model_validate({"playbook": "test-one", "title": {"en": "Test"}, "version": 1, "steps": named})


def local_times(book: PlaybookFile, who: Cohort) -> list[str]:
    return [f"{found.step} {found.local:%a %d %b %H:%M}" for found in occurrences(book, who)]


def test_a_step_counts_from_the_start_the_end_or_another_step() -> None:
    book = playbook(
        {"id": "welcome", "at": "start +0d 09:00"},
        {"at": "welcome +1w 10:30"},
        {"at": "end -7d 18:00"},
    )
    assert local_times(book, cohort()) == [
        "welcome Mon 07 Sep 09:00",
        "step-2 Mon 14 Sep 10:30",
        "step-3 Fri 09 Oct 18:00",
    ]


def test_a_weekly_step_runs_on_each_such_day_both_ends_included() -> None:
    book = playbook({"every": "monday 09:00", "from": "start +7d", "until": "end -4d"})
    assert local_times(book, cohort()) == [
        f"step-1 {day} 09:00" for day in ("Mon 14 Sep", "Mon 21 Sep", "Mon 28 Sep", "Mon 05 Oct", "Mon 12 Oct")
    ]


def test_a_fortnightly_step_counts_its_weeks_from_its_first_day() -> None:
    assert local_times(playbook({"every": "2 weeks friday 10:00"}), cohort()) == [
        "step-1 Fri 11 Sep 10:00",
        "step-1 Fri 25 Sep 10:00",
        "step-1 Fri 09 Oct 10:00",
    ]
    assert local_times(playbook({"every": "2 weeks friday 10:00", "from": "start +7d"}), cohort()) == [
        "step-1 Fri 18 Sep 10:00",
        "step-1 Fri 02 Oct 10:00",
        "step-1 Fri 16 Oct 10:00",
    ]


def test_a_fortnight_keeps_its_beat_over_new_year() -> None:
    winter = cohort(date(2026, 12, 14), date(2027, 1, 31))
    assert [
        found.local.date().isoformat() for found in occurrences(playbook({"every": "2 weeks monday 09:00"}), winter)
    ] == ["2026-12-14", "2026-12-28", "2027-01-11", "2027-01-25"]


def test_what_falls_together_comes_in_the_order_of_the_steps() -> None:
    book = playbook({"at": "start 09:00"}, {"every": "monday 09:00", "until": "start"}, {"at": "start 08:00"})
    assert [found.step for found in occurrences(book, cohort())] == ["step-3", "step-1", "step-2"]


def test_the_wall_clock_time_stays_when_clocks_change() -> None:
    autumn = cohort(date(2026, 10, 19), date(2026, 11, 2))
    assert [found.slot.isoformat() for found in occurrences(playbook({"every": "monday 09:00"}), autumn)] == [
        "2026-10-19T08:00:00+00:00",
        "2026-10-26T09:00:00+00:00",
        "2026-11-02T09:00:00+00:00",
    ]


def test_a_time_that_clocks_skip_becomes_the_first_instant_after() -> None:
    assert instant(LISBON, date(2026, 3, 29), time(1, 30)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_whole_day_that_a_zone_skipped_becomes_the_midnight_after() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert instant(apia, date(2011, 12, 30), time(9)).astimezone(apia).isoformat() == "2011-12-31T00:00:00+14:00"


def test_of_a_time_that_clocks_show_twice_the_first_counts() -> None:
    assert instant(LISBON, date(2026, 10, 25), time(1, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_date_beyond_the_calendar_is_an_error_that_names_playbook_and_cohort() -> None:
    with pytest.raises(ConfigError, match=r"'test-one'.*'spring'"):
        occurrences(playbook({"at": "end +7d 09:00"}), cohort(end=date(9999, 12, 30)))


dates = st.dates(date(1990, 1, 1), date(2060, 1, 1))
clocks = st.times().map(lambda value: value.replace(second=0, microsecond=0, fold=0))


@given(st.sampled_from(ZONES), dates, clocks)
@settings(max_examples=300, deadline=None)
@example("Europe/Lisbon", date(2026, 3, 29), time(1, 30))  # clocks skip it
@example("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15))  # by half an hour
@example("Pacific/Apia", date(2011, 12, 30), time(9))  # and the whole day
@example("America/St_Johns", date(2026, 11, 1), time(1, 30))  # clocks show it twice
def test_every_wall_clock_time_has_one_instant_and_shows_it_or_is_the_next_that_exists(
    name: str, day: date, clock: time
) -> None:
    zone = ZoneInfo(name)
    found = instant(zone, day, clock)
    wall = datetime.combine(day, clock)
    shown = found.astimezone(zone)
    if shown.replace(tzinfo=None) == wall:
        assert shown.fold == 0
    else:
        assert shown.replace(tzinfo=None) > wall
        assert (found - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < wall


cohorts = st.builds(
    lambda start, length, zone: cohort(start, start + timedelta(days=length), zone),
    dates,
    st.integers(0, 200),
    st.sampled_from(ZONES),
)


@given(cohorts, st.sampled_from(WEEKDAYS), clocks, st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_no_clock_change_skips_or_repeats_a_week(who: Cohort, weekday: str, clock: time, weeks: int) -> None:
    length = (who.end - who.start).days
    found = occurrences(playbook({"every": f"{weeks} weeks {weekday} {clock:%H:%M}"}), who)
    matching = [
        day
        for day in (who.start + timedelta(days=n) for n in range(length + 1))
        if day.weekday() == WEEKDAYS.index(weekday)
    ]
    assert len(found) == len(matching[::weeks])
    assert all(earlier.slot < later.slot for earlier, later in pairwise(found))


def followed(book: PlaybookFile, *follow_ups: FollowUp) -> PlaybookFile:
    steps = tuple(step.with_follow_ups(follow_ups) for step in book.steps)
    return book.model_copy(update={"steps": steps})


def labels(book: PlaybookFile, who: Cohort, until: datetime | None = None) -> list[str]:
    return [f"{found.label} {found.local_at:%a %d %b %H:%M}" for found in occurrences(book, who, until)]


def test_a_follow_up_comes_its_days_after_the_step_or_before_it_at_the_same_time() -> None:
    book = followed(
        playbook({"id": "goal", "at": "start +7d 09:00"}), FollowUp("outcome", 28), FollowUp("hint", -1, 30)
    )
    assert labels(book, cohort()) == [
        "goal/hint Sun 13 Sep 09:30",
        "goal Mon 14 Sep 09:00",
        "goal/outcome Mon 12 Oct 09:00",
    ]


def test_each_date_of_a_recurring_step_is_followed_and_the_end_does_not_cut_it_off() -> None:
    book = followed(playbook({"every": "monday 09:00", "from": "end -12d"}), FollowUp("again", 14))
    assert labels(book, cohort()) == [
        "step-1 Mon 05 Oct 09:00",
        "step-1 Mon 12 Oct 09:00",
        "step-1/again Mon 19 Oct 09:00",
        "step-1/again Mon 26 Oct 09:00",
    ]


def test_a_follow_up_keeps_the_clock_time_over_a_change_of_summer_time() -> None:
    book = followed(playbook({"id": "goal", "at": "end -3d 09:00"}), FollowUp("outcome", 28))
    assert labels(book, cohort())[-1] == "goal/outcome Tue 10 Nov 09:00"


def test_a_follow_up_before_its_step_is_not_lost_where_only_what_has_come_is_looked_at() -> None:
    book = followed(playbook({"every": "monday 09:00"}), FollowUp("hint", -40))
    assert labels(book, cohort(), datetime(2026, 7, 30, tzinfo=UTC)) == ["step-1/hint Wed 29 Jul 09:00"]


def test_a_follow_up_goes_by_the_days_off_of_its_step() -> None:
    off = DaysOff(days=frozenset({date(2026, 10, 12)}))
    away = replace(cohort(), days_off=off)
    after, skip = ({"id": "goal", "at": "start +7d 09:00", "on_holiday": what} for what in ("after", "skip"))
    assert labels(followed(playbook(after), FollowUp("outcome", 28)), away)[-1] == "goal/outcome Tue 13 Oct 09:00"
    assert labels(followed(playbook(skip), FollowUp("outcome", 28)), away) == ["goal Mon 14 Sep 09:00"]


def test_what_comes_before_its_step_goes_before_days_off_and_never_later() -> None:
    day_off = replace(cohort(), days_off=DaysOff(days=frozenset({date(2026, 9, 15)})))
    blackout = replace(cohort(), days_off=DaysOff(blackout=frozenset({date(2026, 9, 15)})))
    announced = (FollowUp("announce", -7), FollowUp("remind-1", 0, -30))
    step: dict[str, object] = {"id": "meet", "at": "start +15d 09:00"}
    plain, after, skip = (
        followed(playbook({**step, **what}), *announced)
        for what in ({}, {"on_holiday": "after"}, {"on_holiday": "skip"})
    )
    meeting = ["meet/remind-1 Tue 22 Sep 08:30", "meet Tue 22 Sep 09:00"]
    assert labels(plain, day_off) == ["meet/announce Tue 15 Sep 09:00", *meeting]
    for book, who in ((after, day_off), (after, blackout), (plain, blackout)):
        assert labels(book, who) == ["meet/announce Mon 14 Sep 09:00", *meeting]
    assert labels(skip, day_off) == labels(skip, blackout) == meeting

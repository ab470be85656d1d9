"""A step that falls on a holiday, on a day off of one's own, or on a blackout day."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_worker.config.options import parse_days
from sync_worker.errors import ConfigError
from sync_worker.model import Cohort, DaysOff
from sync_worker.playbook.load import load_playbook, shipped_folder
from sync_worker.playbook.schedule import FURTHEST, occurrences, working_days
from sync_worker.plays import REGISTRY
from sync_worker.publish.entries import occurrence_key
from tests.playbook.test_schedule import cohort, playbook

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.playbook.format import OnHoliday, PlaybookFile

SPRING = cohort(date(2027, 4, 26), date(2027, 5, 21), "Europe/Paris")  # 1, 8 (Saturdays), 6 and 17 May are holidays
WHITSUN = replace(SPRING, days_off=DaysOff("FR"))


def happens(book: PlaybookFile, who: Cohort) -> list[str]:
    return [f"{one.local_at:%a %d %b %H:%M}" for one in occurrences(book, who)]


@pytest.mark.parametrize(
    ("on_holiday", "days"),
    [
        ({}, ["26 Apr", "03 May", "10 May", "17 May"]),
        ({"on_holiday": "skip"}, ["26 Apr", "03 May", "10 May"]),
        ({"on_holiday": "after"}, ["26 Apr", "03 May", "10 May", "18 May"]),
        ({"on_holiday": "before"}, ["26 Apr", "03 May", "10 May", "14 May"]),  # the weekend is no place to go
    ],
)
def test_a_step_says_what_it_does_on_a_holiday(on_holiday: dict[str, str], days: list[str]) -> None:
    book = playbook({"every": "monday 09:00", **on_holiday})
    assert [found[4:10] for found in happens(book, WHITSUN)] == days


@pytest.mark.parametrize(
    ("on_holiday", "days"),
    [
        ("after", ["30 Apr", "06 May", "07 May"]),  # Monday to Wednesday move to Thursday, which has a date of its own
        ("before", ["30 Apr", "06 May", "07 May"]),  # and here to Friday, which has one as well
    ],
)
def test_two_dates_of_a_step_never_fall_on_one_day(on_holiday: str, days: list[str]) -> None:
    book = playbook({"every": "weekday 08:00", "on_holiday": on_holiday, "catch_up": "all 3d"})
    who = replace(SPRING, days_off=DaysOff(days=parse_days("2027-05-03..2027-05-05")))
    found = [one for one in occurrences(book, who) if date(2027, 4, 30) <= one.local.date() <= date(2027, 5, 7)]
    assert [f"{one.local_at:%d %b}" for one in found] == days
    assert all(one.moved is None for one in found)


def test_of_dates_that_move_to_one_day_the_nearest_is_left() -> None:
    who = replace(SPRING, days_off=DaysOff(days=parse_days("2027-05-03..2027-05-06")))
    rule = {"rule": "FREQ=WEEKLY;BYDAY=MO,TU", "at": "08:00"}
    [after] = [one for one in occurrences(playbook({"every": rule, "on_holiday": "after"}), who) if one.moved]
    assert f"{after.local:%a} {after.local_at:%a}" == "Tue Fri"
    [before] = [one for one in occurrences(playbook({"every": rule, "on_holiday": "before"}), who) if one.moved]
    assert f"{before.local:%a} {before.local_at:%a}" == "Mon Fri"


def test_days_off_of_ones_own_count_like_holidays() -> None:
    who = replace(SPRING, days_off=DaysOff(days=frozenset({date(2027, 5, 7)})))
    assert happens(playbook({"at": "2027-05-07 09:00", "on_holiday": "after"}), who) == ["Mon 10 May 09:00"]
    assert happens(playbook({"at": "2027-05-07 09:00"}), who) == ["Fri 07 May 09:00"]


def test_nothing_happens_on_a_blackout_day_whatever_the_step_says() -> None:
    blackout = parse_days("2027-05-03..2027-05-07")
    who = replace(SPRING, days_off=DaysOff("FR", frozenset(), blackout))
    every_day = {"every": {"rule": "FREQ=WEEKLY;BYDAY=TU", "at": "09:00"}}
    assert happens(playbook(every_day), who)[1] == "Mon 10 May 09:00"
    assert happens(playbook({**every_day, "on_holiday": "before"}), who)[1] == "Fri 30 Apr 09:00"
    assert [day[4:10] for day in happens(playbook({**every_day, "on_holiday": "skip"}), who)] == [
        "27 Apr",
        "11 May",
        "18 May",
    ]


def test_a_step_that_was_planned_for_a_weekend_may_move_within_it() -> None:
    book = playbook({"at": "2027-05-08 09:00", "on_holiday": "after"})
    assert happens(book, WHITSUN) == ["Sun 09 May 09:00"]


def test_a_time_off_that_is_too_long_leaves_the_step_out() -> None:
    long = parse_days("2027-05-01..2027-06-30")
    who = replace(SPRING, days_off=DaysOff(blackout=long))
    assert happens(playbook({"at": "2027-05-03 09:00"}), who) == []


def test_a_roundup_cannot_come_before_the_days_that_it_counts(tmp_path: Path) -> None:
    folder = tmp_path / "early"
    shutil.copytree(shipped_folder() / "first-steps", folder)
    file = folder / "playbook.yml"
    text = file.read_text("utf-8").replace("playbook: first-steps", "playbook: early")
    file.write_text(text.replace("    play: roundup", "    on_holiday: before\n    play: roundup"), "utf-8")
    with pytest.raises(ConfigError, match=r"a roundup counts the days before its own; write `after` or `skip`\."):
        load_playbook(folder, REGISTRY)
    file.write_text(text.replace("    play: roundup", "    on_holiday: after\n    play: roundup"), "utf-8")
    assert load_playbook(folder, REGISTRY).name == "early"


def test_a_moved_step_keeps_its_key_so_that_another_calendar_does_not_repeat_it() -> None:
    book = playbook({"every": "monday 09:00", "on_holiday": "after"})
    plain, moved = occurrences(book, SPRING)[-1], occurrences(book, WHITSUN)[-1]
    assert (plain.at, moved.at) == (plain.slot, plain.slot + timedelta(days=1))
    assert occurrence_key("forum", plain) == occurrence_key("forum", moved)


def test_the_holidays_of_a_part_of_a_country_count() -> None:
    reformation = date(2027, 10, 31)
    assert working_days(DaysOff("DE-SN")).is_holiday(reformation)
    assert not working_days(DaysOff("DE-BY")).is_holiday(reformation)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("XX", "the public holidays of 'XX' are not known"),
        ("DE-ZZ", "the holidays of 'ZZ' in DE are not known. Known: BB, BE"),
    ],
)
def test_holidays_that_are_not_known_are_an_error_that_says_what_is(code: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        working_days(DaysOff(code))
    assert says in str(caught.value)


@pytest.mark.parametrize("written", ["2027-05-40", "soon", "2027-05-07..2027-05-01", "2027-01-01..2029-01-01", 7, None])
def test_days_that_are_no_days_are_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"expected a day like|a range has 1 to 400 days"):
        parse_days(written)


days = st.dates(date(2027, 4, 24), date(2027, 5, 23))  # few, so that holidays and blackout days are among them
some_days = st.frozensets(days, max_size=60)


@given(days, some_days, some_days, st.sampled_from([None, "skip", "before", "after"]))
@settings(max_examples=300, deadline=None)
def test_a_step_never_happens_on_a_blackout_day_nor_on_a_holiday_that_it_avoids(
    day: date, own: frozenset[date], blackout: frozenset[date], on_holiday: OnHoliday | None
) -> None:
    found = working_days(DaysOff("FR", own, blackout)).day_of(day, on_holiday)
    if found is None:
        assert on_holiday is not None or day in blackout
        return
    assert found not in blackout
    assert abs((found - day).days) <= FURTHEST
    if on_holiday is not None:
        assert not working_days(DaysOff("FR", own)).is_holiday(found)
    if found != day:
        assert (found < day) == (on_holiday == "before")

"""Steps on dates of the calendar, and steps that come again by a recurrence rule."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sync_worker.playbook.schedule import is_last, next_day, occurrences
from sync_worker.timeline import Recurrence, parse_every
from tests.playbook.test_schedule import cohort, local_times, playbook

if TYPE_CHECKING:
    from sync_worker.playbook.format import PlaybookFile


def ruled(rule: str, **more: Any) -> PlaybookFile:
    return playbook({"every": {"rule": rule, "at": "10:00"}, **more})


def test_a_step_may_happen_on_a_date_of_the_calendar() -> None:
    book = playbook({"id": "fair", "at": "2026-09-20 14:00"}, {"at": "fair +2d 09:00"})
    assert local_times(book, cohort()) == ["fair Sun 20 Sep 14:00", "step-2 Tue 22 Sep 09:00"]


def test_a_recurring_step_may_begin_and_end_on_dates_of_the_calendar() -> None:
    book = playbook({"every": "monday 09:00", "from": date(2026, 9, 15), "until": "2026-09-30"})
    assert local_times(book, cohort()) == ["step-1 Mon 21 Sep 09:00", "step-1 Mon 28 Sep 09:00"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=MONTHLY;BYDAY=1TU", ["Tue 06 Oct"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["Fri 25 Sep"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15", ["Tue 15 Sep", "Thu 15 Oct"]),
        ("FREQ=WEEKLY;BYDAY=TU,TH;INTERVAL=3", ["Tue 08 Sep", "Thu 10 Sep", "Tue 29 Sep", "Thu 01 Oct"]),
        ("FREQ=DAILY;INTERVAL=20", ["Mon 07 Sep", "Sun 27 Sep"]),
        ("rrule: freq=monthly; bysetpos=-1; byday=MO,TU,WE,TH,FR", ["Wed 30 Sep"]),
    ],
)
def test_a_recurrence_rule_says_what_a_weekday_cannot(rule: str, days: list[str]) -> None:
    assert local_times(ruled(rule), cohort()) == [f"step-1 {day} 10:00" for day in days]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"rule": "FREQ=HOURLY", "at": "10:00"}, "a rule begins with one of FREQ=DAILY"),
        ({"rule": "BYDAY=MO", "at": "10:00"}, "a rule begins with one of FREQ=DAILY"),
        ({"rule": "FREQ=WEEKLY;UNTIL=20270101", "at": "10:00"}, "UNTIL cannot stand in a rule: write the last day"),
        ({"rule": "FREQ=WEEKLY;COUNT=3", "at": "10:00"}, "COUNT cannot stand in a rule"),
        ({"rule": "FREQ=WEEKLY;BYHOUR=9", "at": "10:00"}, "BYHOUR cannot stand in a rule: write the time as `at`"),
        ({"rule": "FREQ=DAILY;BYMONTHDAY=31", "at": "10:00"}, "a rule with FREQ=DAILY takes INTERVAL, not BYMONTHDAY"),
        ({"rule": "FREQ=DAILY;INTERVAL=0", "at": "10:00"}, "INTERVAL is a number from 1 to 99, not '0'"),
        ({"rule": "FREQ=WEEKLY;BYDAY=XX", "at": "10:00"}, "is no recurrence rule"),
        ({"rule": "FREQ=WEEKLY;BYDAY", "at": "10:00"}, "is no recurrence rule; write parts like"),
        ({"rule": "FREQ=WEEKLY;BYDAY=MO;BYDAY=TU", "at": "10:00"}, "is no recurrence rule; write parts like"),
        ({"rule": "FREQ=WEEKLY;BYDAY=MO"}, "expected a weekday and a time like 'monday 09:00', or {rule:"),
        ({"rule": "FREQ=WEEKLY;BYDAY=MO", "at": 600}, "expected a time like '09:00', in quotes"),
        ("each monday", "expected a weekday and a time"),
    ],
)
def test_a_rule_that_cannot_be_used_says_why(written: object, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        playbook({"every": written})
    assert says in str(caught.value)


rules = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 99)),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(1, 99), st.sampled_from(["MO", "TU,TH", "SA,SU,WE"])
    ),
    st.builds("FREQ=MONTHLY;INTERVAL={};BYMONTHDAY={}".format, st.integers(1, 24), st.integers(-31, 31).filter(bool)),
    st.builds("FREQ=MONTHLY;BYDAY={}{}".format, st.sampled_from([1, 2, 3, 4, 5, -1]), st.sampled_from(["MO", "SU"])),
    st.builds("FREQ=YEARLY;BYMONTH={};BYMONTHDAY={}".format, st.integers(1, 12), st.integers(1, 28)),
)


@given(rules, st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_a_rule_gives_the_days_that_the_library_gives_within_the_cohorts_dates(
    rule: str, start: date, length: int
) -> None:
    who = cohort(start, start + timedelta(days=length))
    found = [one.local.date() for one in occurrences(ruled(rule), who)]
    expected = [day for day in islice(recurrence(rule).dates(start), 500) if day <= who.end]
    assert found == expected
    assert found == sorted(set(found))


def recurrence(rule: str) -> Recurrence:
    read = parse_every({"rule": rule, "at": "10:00"})
    assert isinstance(read, Recurrence)
    return read


def test_a_rule_that_never_comes_is_found_out_at_once() -> None:
    assert occurrences(ruled("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), cohort()) == []


def test_the_last_date_of_a_rule_is_known_as_its_last() -> None:
    book = ruled("FREQ=MONTHLY;BYMONTHDAY=15")
    dates = occurrences(book, cohort())
    assert [is_last(book, one) for one in dates] == [False, True]
    assert next_day(book.steps[0], book, cohort(), date(2026, 9, 15)) == date(2026, 10, 15)

"""Who may need a hand: planted cases in a cohort, each with what must and must not be said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.signals.needs_hand import Around, Away, Need, OpenPlan, Sign, Task, need_a_hand, robust_limit
from sync_worker.signals.participation import LearnerActivity

NOW = datetime(2027, 5, 3, 9, tzinfo=UTC)  # a Monday, nine weeks after the start
START = datetime(2027, 3, 1, tzinfo=UTC)
TALKERS = range(1, 9)
EARLIER = (0, 0, 0, 3, 3, 3, 3, 3)


def talker(number: int, *, days_ago: float = 1, **more: object) -> LearnerActivity:
    """A learner who writes three times a week and is answered."""
    one = LearnerActivity(
        number,
        weeks=(3, 3, 3, 3),
        earlier=EARLIER,
        posts=30,
        settled_posts=10,
        answered=8,
        last_posted_at=NOW - timedelta(days=days_ago),
        last_post=1000 + number,
    )
    return replace(one, **more)  # type: ignore[arg-type]


def cohort(*cases: LearnerActivity) -> dict[int, LearnerActivity]:
    return {one.user_id: one for one in (*(talker(number, days_ago=number % 4) for number in TALKERS), *cases)}


def around(activity: dict[int, LearnerActivity], **more: object) -> Around:
    known = Around(
        now=NOW,
        zone=ZoneInfo("Europe/Lisbon"),
        is_working_day=lambda day: day.weekday() < 5,
        joined_at=dict.fromkeys(activity, START),
    )
    return replace(known, **more)  # type: ignore[arg-type]


def signs(activity: dict[int, LearnerActivity], known: Around) -> dict[int, list[Sign]]:
    return {number: [need.sign for need in needs] for number, needs in need_a_hand(activity, known).items()}


SILENT = {"weeks": (0, 0, 0, 0), "earlier": (0,) * 8, "posts": 0, "settled_posts": 0, "answered": 0}
NEVER = talker(20, **SILENT, last_posted_at=None, last_post=None)
DROPPED_OFF = talker(21, days_ago=20, weeks=(3, 1, 0, 0))
SELDOM = talker(22, days_ago=3, weeks=(1, 1, 1, 1), earlier=(0, 0, 0, 1, 1, 1, 1, 1), settled_posts=4, answered=2)
FADING = talker(23, days_ago=2, weeks=(4, 4, 0, 1), earlier=(0, 0, 0, 4, 4, 4, 4, 4))
LONELY = talker(24, answered=0, settled_posts=6)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (NEVER, [Sign.NEVER_WROTE]),
        (DROPPED_OFF, [Sign.QUIET]),
        (SELDOM, []),
        (FADING, [Sign.DROPPED]),
        (LONELY, [Sign.UNANSWERED]),
        (talker(25), []),
    ],
    ids=["silent from the start", "dropped off", "writes seldom as always", "fades", "nobody answers", "takes part"],
)
def test_each_case_is_pointed_out_for_its_own_reason_and_nobody_else_is(
    case: LearnerActivity, expected: list[Sign]
) -> None:
    activity = cohort(case)
    assert signs(activity, around(activity)) == ({case.user_id: expected} if expected else {})


def test_each_reason_names_the_post_that_shows_it() -> None:
    activity = cohort(DROPPED_OFF, FADING, LONELY)
    found = need_a_hand(activity, around(activity))
    assert {number: needs[0].posts for number, needs in found.items()} == {21: (1021,), 23: (1023,), 24: (1024,)}


def test_a_cohort_that_is_silent_as_a_whole_points_at_nobody() -> None:
    activity = {number: replace(DROPPED_OFF, user_id=number) for number in range(1, 12)} | {30: talker(30)}
    assert need_a_hand(activity, around(activity)) == {}


def test_two_people_are_not_compared() -> None:
    activity = {1: talker(1), 21: DROPPED_OFF}
    assert need_a_hand(activity, around(activity)) == {}


def test_weekends_holidays_and_leave_are_no_silence() -> None:
    """Two weeks off for everybody; and leave of one person that ended yesterday."""
    activity = cohort(talker(21, days_ago=18))
    off = {date(2027, 4, 19) + timedelta(days=day) for day in range(12)}
    assert signs(activity, around(activity)) == {21: [Sign.QUIET]}
    on_holiday = around(activity, is_working_day=lambda day: day.weekday() < 5 and day not in off)
    assert signs(activity, on_holiday) == {}
    back = around(activity, away={21: [Away(date(2027, 4, 19), date(2027, 4, 30))]})
    assert signs(activity, back) == {}


def test_leave_shortens_what_is_expected_of_a_person() -> None:
    case = replace(FADING, weeks=(4, 4, 0, 2))
    activity = cohort(case)
    assert signs(activity, around(activity)) == {23: [Sign.DROPPED]}
    ten_days = around(activity, away={23: [Away(date(2027, 4, 21), date(2027, 4, 30))]})
    assert signs(activity, ten_days) == {}


def test_nobody_on_leave_is_pointed_out_nor_counted_as_silent() -> None:
    activity = cohort(*(replace(DROPPED_OFF, user_id=number) for number in range(30, 38)))
    leave = {number: [Away(date(2027, 4, 1), date(2027, 6, 1))] for number in range(30, 37)}
    assert signs(activity, around(activity, away=leave)) == {37: [Sign.QUIET]}


def test_a_sign_that_an_lcm_put_aside_is_not_shown_and_the_person_still_counts() -> None:
    activity = cohort(DROPPED_OFF, NEVER)
    assert signs(activity, around(activity, dismissed=frozenset({21}))) == {20: [Sign.NEVER_WROTE]}


def test_somebody_who_joined_last_week_is_not_silent_yet() -> None:
    activity = cohort(NEVER)
    joined = {**dict.fromkeys(activity, START), 20: NOW - timedelta(days=7)}
    assert need_a_hand(activity, around(activity, joined_at=joined)) == {}


def test_where_people_write_seldom_more_silence_is_usual() -> None:
    """The limit follows the cohort: eleven working days stand out among daily writers, not where gaps are wide."""
    wide = {number: talker(number, days_ago=days) for number, days in enumerate((1, 2, 4, 7, 9, 11, 12, 13, 13, 13), 1)}
    wide[21] = talker(21, days_ago=16)
    assert need_a_hand(wide, around(wide)) == {}
    daily = cohort(wide[21])
    assert signs(daily, around(daily)) == {21: [Sign.QUIET]}


@pytest.mark.parametrize(
    ("answered", "spared", "due_days_ago", "expected"),
    [
        (set(TALKERS), set(), 3, [Sign.TASK]),
        (set(TALKERS), {25}, 3, []),
        (set(TALKERS), set(), -1, []),
        (set(TALKERS), set(), 15, []),
        ({1, 2}, set(), 3, []),
    ],
    ids=["most answered", "has more time", "not due yet", "long ago", "few answered"],
)
def test_a_task_counts_where_most_of_the_others_answered_it(
    answered: set[int], spared: set[int], due_days_ago: int, expected: list[Sign]
) -> None:
    activity = cohort(talker(25))
    due = NOW - timedelta(days=due_days_ago)
    task = Task(77, "Ask first", START + timedelta(days=7), due, frozenset(answered), frozenset(spared))
    found = signs(activity, around(activity, tasks=[task]))
    assert found.get(25, []) == expected


@pytest.mark.parametrize(
    ("asked", "not_yet", "is_shown"),
    [
        (None, None, False),  # its day has not come
        (6.9, None, False),
        (7, None, True),
        (59, None, True),
        (60, None, False),
        (30, 0, True),  # the answer was "not yet" a moment ago
        (90, 59, True),
        (90, 60, False),
    ],
)
def test_a_plan_without_an_outcome_is_a_sign_of_its_own_whatever_the_others_do(
    asked: float | None, not_yet: float | None, is_shown: bool
) -> None:
    activity = cohort(talker(9))
    moments = [None if days is None else NOW - timedelta(days=days) for days in (asked, not_yet)]
    plan = OpenPlan(7, 70, 3, NOW.date() - timedelta(days=31), "When it rings, I ask first.", *moments)
    found = need_a_hand(activity, around(activity, plans={9: (plan,)})).get(9, ())
    expected = Need(Sign.PLAN, days=31, posts=(70,), title="When it rings, I ask first.")
    assert found == ((expected,) if is_shown else ())


@given(st.lists(st.integers(0, 60), min_size=3, max_size=40))
def test_less_than_half_of_a_cohort_is_ever_called_silent(days: list[int]) -> None:
    activity = {number: talker(number, days_ago=ago) for number, ago in enumerate(days, 1)}
    quiet = [number for number, found in signs(activity, around(activity)).items() if Sign.QUIET in found]
    assert len(quiet) <= len(days) / 2


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
def test_at_most_half_of_all_values_are_above_the_robust_limit(values: list[float]) -> None:
    assert sum(value > robust_limit(values) for value in values) <= len(values) / 2

"""Who answers whom, on networks small enough to draw."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.signals.network import isolated, network_by_week, network_of
from sync_worker.signals.participation import AnswerKey

MONDAY = date(2027, 3, 1)


def answers(*pairs: tuple[int, int], week: int = 0) -> dict[AnswerKey, int]:
    return {AnswerKey(by, to, MONDAY + timedelta(weeks=week)): 1 for by, to in pairs}


def test_two_circles_that_one_tie_connects() -> None:
    """1, 2 and 3 answer each other, 4, 5 and 6 as well; 3 and 4 are the only ones who cross; 7 is alone."""
    circle = [(1, 2), (2, 1), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4), (3, 4)]
    found = network_of(range(1, 8), answers(*circle))
    assert (found.people, found.ties, found.parts) == (7, 7, 1)
    assert (found.isolates, found.bridges) == ((7,), ((3, 4),))
    assert found.density == pytest.approx(8 / 42)
    assert found.reciprocity == pytest.approx(2 / 8)


def test_answers_of_people_who_are_no_learners_do_not_count() -> None:
    found = network_of([1, 2], answers((1, 99), (99, 2)))
    assert (found.ties, found.isolates, found.reciprocity, found.parts) == (0, (1, 2), None, 0)


def test_the_weeks_show_how_a_cohort_grows_together() -> None:
    known = answers((1, 2)) | answers((2, 1), (3, 2), week=1) | answers((1, 2), week=3)
    weeks = network_by_week([1, 2, 3, 4], known, MONDAY, MONDAY + timedelta(weeks=3))
    assert [(one.ties, one.first_ties, one.isolates) for one in weeks] == [(1, 1, 2), (2, 1, 1), (0, 0, 1), (1, 0, 1)]
    assert [one.reciprocity for one in weeks] == [0.0, pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(2 / 3)]
    assert weeks[0].week == MONDAY


def test_ties_of_before_the_first_week_are_known() -> None:
    known = answers((1, 2)) | answers((2, 1), week=2)
    (week,) = network_by_week([1, 2], known, MONDAY + timedelta(weeks=2), MONDAY + timedelta(weeks=2))
    assert (week.ties, week.first_ties, week.isolates, week.reciprocity) == (1, 0, 0, 1.0)


PAIRS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=40)


@given(PAIRS)
def test_a_bridge_is_a_tie_without_which_there_are_more_parts(pairs: list[tuple[int, int]]) -> None:
    people = range(1, 10)
    found = network_of(people, answers(*pairs))
    assert set(found.isolates) == isolated(people, answers(*pairs))
    whole = found.parts + len(found.isolates)
    ties = {tuple(sorted(pair)) for pair in pairs if max(pair) < 10 and len(set(pair)) == 2}
    for tie in ties:
        rest = [pair for pair in pairs if tuple(sorted(pair)) != tie]
        without = network_of(people, answers(*rest))
        assert (without.parts + len(without.isolates) > whole) == (tie in found.bridges)

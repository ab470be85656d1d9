"""Whether something helped: intervals that agree with published ones, and nothing said where nothing can be."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.signals.effect import (
    FEWEST_OF_A_SIDE,
    Finding,
    Side,
    Sides,
    effect_of,
    is_held_out,
    mantel_haenszel,
    newcombe,
    wilson,
)

COUNTS = st.integers(1, 60).flatmap(lambda people: st.builds(Side, st.integers(0, people), st.just(people)))
SIDES = st.builds(Sides, COUNTS, COUNTS)


@pytest.mark.parametrize(
    ("nudged", "held_out", "low", "high"),
    [  # the examples of Newcombe's own paper, method 10
        (Side(56, 70), Side(48, 80), 0.0524, 0.3339),
        (Side(9, 10), Side(3, 10), 0.1705, 0.8090),
        (Side(6, 7), Side(2, 7), 0.0582, 0.8062),
        (Side(5, 56), Side(0, 29), -0.0381, 0.1926),
        (Side(0, 10), Side(0, 20), -0.1611, 0.2775),
        (Side(0, 10), Side(0, 10), -0.2775, 0.2775),
        (Side(10, 10), Side(0, 20), 0.6791, 1.0),
        (Side(10, 10), Side(0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_is_that_of_the_published_examples(nudged: Side, held_out: Side, low: float, high: float) -> None:
    found = newcombe(Sides(nudged, held_out))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_the_difference_over_groups_is_the_weighted_one_and_not_that_of_the_sums() -> None:
    quiet, lively = Sides(Side(2, 20), Side(1, 20)), Sides(Side(40, 50), Side(7, 10))
    found = mantel_haenszel([quiet, lively])
    assert found.value == pytest.approx((0.05 * 10 + 0.1 * 500 / 60) / (10 + 500 / 60))
    assert found.low < found.value < found.high


def test_groups_of_another_base_and_the_same_effect_make_no_effect_of_their_own() -> None:
    """Added up, those written to would seem to have come back less: most of them were in the silent cohort."""
    silent, lively = Sides(Side(40, 400), Side(2, 20)), Sides(Side(16, 20), Side(320, 400))
    assert effect_of([silent, lively]).finding is Finding.NONE
    assert mantel_haenszel([silent, lively]).value == pytest.approx(0)
    assert newcombe(Sides(Side(56, 420), Side(322, 420))).high < 0


@given(st.lists(SIDES, min_size=1, max_size=6))
def test_an_interval_holds_its_difference_and_stays_in_bounds(strata: list[Sides]) -> None:
    for found in (newcombe(strata[0]), mantel_haenszel(strata)):
        assert -1 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= 1
        assert found.high - found.low > 0
    low, high = wilson(strata[0].nudged)
    assert low - 1e-9 <= strata[0].nudged.share <= high + 1e-9


@given(st.lists(SIDES, min_size=1, max_size=6))
def test_an_effect_is_named_only_where_the_interval_leaves_nothing_out(strata: list[Sides]) -> None:
    found = effect_of(strata)
    if found.difference is None:
        assert found.finding is Finding.TOO_FEW
    else:
        assert (found.finding is Finding.NONE) == (found.difference.low <= 0 <= found.difference.high)
        assert min(found.sides.nudged.people, found.sides.held_out.people) >= FEWEST_OF_A_SIDE


def test_the_other_way_round_the_finding_is_the_other_one() -> None:
    many, few = Side(30, 40), Side(5, 40)
    assert effect_of([Sides(many, few)]).finding is Finding.MORE
    assert effect_of([Sides(few, many)]).finding is Finding.FEWER


def test_below_the_stated_number_nothing_is_said() -> None:
    assert effect_of([Sides(Side(100, 100), Side(0, FEWEST_OF_A_SIDE - 1))]).finding is Finding.TOO_FEW
    assert effect_of([Sides(Side(20, 20), Side(0, FEWEST_OF_A_SIDE))]).finding is Finding.MORE
    assert effect_of([]).sides == Sides(Side(), Side())


def test_a_group_with_nobody_on_one_side_says_nothing_and_spoils_nothing() -> None:
    told = Sides(Side(15, 30), Side(15, 30))
    assert effect_of([told, Sides(Side(9, 9), Side())]).sides == told


def test_chance_stays_as_it_fell_and_a_greater_share_only_adds_people() -> None:
    people = range(2_000)
    fifth = {one for one in people if is_held_out("spring/ours/quiet", one, 0.2)}
    assert fifth == {one for one in people if is_held_out("spring/ours/quiet", one, 0.2)}
    assert fifth < {one for one in people if is_held_out("spring/ours/quiet", one, 0.4)}
    assert 330 < len(fifth) < 470
    assert fifth != {one for one in people if is_held_out("autumn/ours/quiet", one, 0.2)}
    assert not any(is_held_out("spring/ours/quiet", one, 0) for one in people)


def test_where_there_is_no_effect_one_is_seen_about_once_in_twenty_times() -> None:
    """Coverage of the pooled interval, simulated: three cohorts of another base each, and no effect in any."""
    chance, seen = random.Random(14), 0
    for _ in range(1_000):
        strata = []
        for base in (0.1, 0.3, 0.6):
            nudged, alone = (sum(chance.random() < base for _ in range(people)) for people in (40, 10))
            strata.append(Sides(Side(nudged, 40), Side(alone, 10)))
        seen += effect_of(strata).finding is not Finding.NONE
    assert 20 <= seen <= 80

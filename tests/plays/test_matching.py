"""Pairs and trios: nobody with the same person again, isolates with somebody connected, across sites and teams."""

from __future__ import annotations

import random
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_worker.plays.pair import Candidate, Matching, Past, match, pair_of, worth

SITES, TEAMS = ("Lisbon", "Porto", "Faro", ""), ("night", "day", "")


def people(number: int, seed: int = 1, isolated: float = 0.2) -> list[Candidate]:
    rng = random.Random(seed)
    return [
        Candidate(one, (rng.choice(SITES), rng.choice(TEAMS)), rng.random() < isolated) for one in range(1, number + 1)
    ]


def pairs_in(found: Matching) -> set[tuple[int, int]]:
    return {pair_of(a, b) for group in found.groups for a, b in combinations(group, 2)}


def total(found: Matching, of: list[Candidate], past: Past) -> int:
    known = {one.user_id: one for one in of}
    return sum(worth(known[a], known[b], past) or 0 for a, b in pairs_in(found))


MET = st.sets(st.tuples(st.integers(1, 14), st.integers(1, 14)).map(lambda pair: pair_of(*pair)), max_size=50)


@given(st.integers(0, 14), MET, MET, st.integers(0, 9))
@example(4, set(combinations(range(1, 5), 2)), set(), 0)  # all have met all
@example(
    5, {(1, other) for other in range(2, 6)} | {(2, 3), (2, 4), (2, 5)}, set(), 0
)  # nobody is left for two of them
def test_everybody_is_in_one_group_or_has_met_everybody_who_could_take_them(
    number: int, together: set[tuple[int, int]], tied: set[tuple[int, int]], seed: int
) -> None:
    group, past = people(number, seed), Past(frozenset(together), frozenset(tied))
    found = match(group, past, random.Random(seed))
    placed = [one for pair in found.groups for one in pair]
    assert sorted([*placed, *found.left_out]) == [one.user_id for one in group]
    assert {len(one) for one in found.groups} <= {2, 3}
    assert not pairs_in(found) & together
    for a, b in combinations(found.left_out, 2):
        assert pair_of(a, b) in together  # else those two would be a pair
    for alone in found.left_out:
        for pair in found.groups:
            assert len(pair) == 3 or any(pair_of(alone, one) in together for one in pair)


def test_the_same_chance_gives_the_same_groups_and_another_one_others() -> None:
    group = people(40)
    first, again = (match(group, Past(), random.Random("spring/pair/2027-03-01")) for _ in range(2))
    assert first == again
    assert match(group, Past(), random.Random("spring/pair/2027-03-08")) != first
    assert match(list(reversed(group)), Past(), random.Random("spring/pair/2027-03-01")) == first


def test_an_odd_number_makes_one_trio() -> None:
    found = match(people(41), Past(), random.Random(1))
    assert sorted(map(len, found.groups)) == [2] * 19 + [3]
    assert match(people(1), Past(), random.Random(1)) == Matching((), (1,))


def test_an_isolate_meets_somebody_who_is_connected_and_who_sits_elsewhere() -> None:
    group = people(40, isolated=0.25)
    known = {one.user_id: one for one in group}
    found = match(group, Past(), random.Random(3))
    for pair in found.groups:
        if any(known[one].isolated for one in pair):
            assert not all(known[one].isolated for one in pair)
    across = [a for a, b in pairs_in(found) if _differs(known[a].traits[0], known[b].traits[0])]
    assert len(across) >= 14


def _differs(mine: str, theirs: str) -> bool:
    return bool(mine and theirs) and mine != theirs


def test_over_a_cohort_s_whole_life_nobody_meets_twice() -> None:
    """Twelve weeks with 24 people: everybody is in a group each week, and no pair comes again."""
    group, together = people(24), set[tuple[int, int]]()
    for week in range(12):
        found = match(group, Past(frozenset(together)), random.Random(week))
        assert not found.left_out
        assert not pairs_in(found) & together
        together |= pairs_in(found)


def test_four_people_meet_each_other_and_then_nobody() -> None:
    group, together = people(4), set[tuple[int, int]]()
    for week in range(3):
        found = match(group, Past(frozenset(together)), random.Random(week))
        assert len(found.groups) == 2
        together |= pairs_in(found)
    assert match(group, Past(frozenset(together)), random.Random(9)) == Matching((), (1, 2, 3, 4))


@pytest.mark.parametrize("number", [8, 20, 40, 60])
def test_small_cohorts_are_matched_nearly_as_well_as_can_be(number: int) -> None:
    """Beside the exact matching of the greatest weight among those with the most pairs, after some weeks."""
    for seed in range(5):
        group, rng = people(number, seed), random.Random(seed)
        everybody = [pair_of(a.user_id, b.user_id) for a, b in combinations(group, 2)]
        past = Past(frozenset(rng.sample(everybody, number)), frozenset(rng.sample(everybody, number)))
        graph = nx.Graph()
        for a, b in combinations(group, 2):
            value = worth(a, b, past)
            if value is not None:
                graph.add_edge(a.user_id, b.user_id, weight=value)
        exact = nx.max_weight_matching(graph, maxcardinality=True)
        best = sum(graph.edges[edge]["weight"] for edge in exact)
        found = match(group, past, rng)
        assert len(found.groups) == len(exact)
        assert total(found, group, past) >= 0.95 * best

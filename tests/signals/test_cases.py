"""Who stands for the best and for the worst cases: by the answers, what was written, the posts, and a fair lot."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Case, CaseKind
from sync_worker.signals.cases import A_LOT, FEWEST, Selection, choose

SLOT = datetime(2027, 6, 1, 10, tzinfo=UTC)


def case(number: int, used: int | None, words: str = "") -> Case:
    return Case(f"lcm-{number}", "study", SLOT, number, f"user{number}", f"User {number}", used, words)


def people(*used: int | None) -> list[Case]:
    return [case(number, one) for number, one in enumerate(used, 1)]


def chosen(found: Selection) -> list[tuple[int, CaseKind]]:
    return [(one.case.user_id, one.kind) for one in found.chosen]


def test_with_fewer_than_five_answers_nobody_is_chosen() -> None:
    found = choose(people(3, 3, 0, 0, None, None), {}, 2, random.Random(1))
    assert (found.asked, found.answered, found.chosen, found.too_few) == (6, 4, (), True)


def test_the_highest_and_the_lowest_answers_come_first_and_the_middle_not_at_all() -> None:
    found = choose(people(2, 0, 3, 1, 2, None), {}, 1, random.Random(1))
    assert chosen(found) == [(3, CaseKind.BEST), (2, CaseKind.WORST)]
    assert [one.drawn_among for one in found.chosen] == [1, 1]


def test_where_all_use_it_nobody_stands_for_the_worst() -> None:
    found = choose(people(3, 3, 2, 2, 2), {}, 2, random.Random(1))
    assert {kind for _, kind in chosen(found)} == {CaseKind.BEST}
    assert {number for number, _ in chosen(found)} == {1, 2}


def test_of_equal_answers_those_with_words_go_first_then_the_best_with_more_posts_and_the_worst_with_fewer() -> None:
    alike = [
        case(1, 3),
        case(2, 3, "It works."),
        case(3, 3, "So does it."),
        case(4, 0),
        case(5, 0),
        case(6, 0, "No time."),
    ]
    found = choose(alike, {3: (9, 8), 2: (7,), 4: (6,)}, 1, random.Random(1))
    assert chosen(found) == [(3, CaseKind.BEST), (6, CaseKind.WORST)]
    assert found.chosen[0].posts == (9, 8)
    two = choose(alike, {3: (9, 8), 2: (7,), 4: (6,)}, 2, random.Random(1))
    assert chosen(two) == [(3, CaseKind.BEST), (2, CaseKind.BEST), (6, CaseKind.WORST), (5, CaseKind.WORST)]


def test_the_lot_is_fair_says_among_how_many_it_was_drawn_and_gives_the_same_again() -> None:
    alike = people(3, 3, 3, 3, 0)
    first = Counter(chosen(choose(alike, {}, 1, random.Random(seed)))[0][0] for seed in range(400))
    assert set(first) == {1, 2, 3, 4}
    assert min(first.values()) > 60  # 100 on average
    found = choose(alike, {}, 1, random.Random(7))
    assert found.chosen[0].drawn_among == 4
    assert choose(list(reversed(alike)), {}, 1, random.Random(7)) == found


@given(st.lists(st.sampled_from([None, 0, 1, 2, 3]), max_size=20), st.integers(min_value=1, max_value=5), st.integers())
def test_nobody_is_chosen_twice_or_for_what_they_did_not_answer(used: list[int | None], each: int, seed: int) -> None:
    found = choose(people(*used), {}, each, random.Random(seed))
    assert len({one.case.key for one in found.chosen}) == len(found.chosen)
    for one in found.chosen:
        assert one.case.used is not None
        assert (one.case.used >= A_LOT) is (one.kind is CaseKind.BEST)
    assert all(sum(one.kind is kind for one in found.chosen) <= each for kind in CaseKind)
    assert not found.chosen or found.answered >= FEWEST

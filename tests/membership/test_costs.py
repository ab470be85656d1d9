"""What a sync of ten thousand people costs in calls, without our plugin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import formula

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
FIRST, UNCHANGED = 38, 11  # in calls


@pytest.fixture
def syncing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The benchmark that counts calls."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import syncing as module

    yield module
    sys.modules.pop("syncing", None)


@pytest.mark.slow
@pytest.mark.parametrize("rung", ["core", "terms", "explorer"])
def test_ten_thousand_people_cost_at_most_38_calls_at_first_and_11_when_nothing_changed(
    syncing: Any, rung: str
) -> None:
    with syncing.bench(10_000, 1, rung) as bench:
        first, unchanged = bench.sync(), bench.sync()
        assert sum(first.values()) == formula.calls(*first_work(rung, 10_000)) <= FIRST, first
        assert sum(unchanged.values()) == formula.calls(*unchanged_work(rung)) <= UNCHANGED, unchanged


def first_work(rung: str, people: int) -> tuple[formula.Forum, formula.Work]:
    """A first sync of one cohort with one LCM: people are added by address where that costs less."""
    forum = formula.Forum(rung, accounts=people + people // 50 + 3, first_today=True)
    made = formula.Work(made=3, furnished=1, owned=1)
    if rung == "explorer":
        return forum, replace(made, addresses=people, joins=[people, 1])
    return forum, replace(made, addresses=1, joins=[1], sent=[people - 1])


def unchanged_work(rung: str) -> tuple[formula.Forum, formula.Work]:
    """A sync that finds its two groups and its category as they were."""
    return formula.Forum(rung, accounts=0, first_today=False), formula.Work(groups=[2, 1], categories=1)


def test_a_thousand_people_cost_less_the_more_the_forum_can_do(syncing: Any) -> None:
    core, explorer = syncing.measure(1000, 1, "core"), syncing.measure(1000, 1, "explorer")
    assert (core.first, core.unchanged) == (26, 5)
    assert (explorer.first, explorer.unchanged) == (20, 4)
    assert explorer.changed <= 7 < core.changed <= 19


def test_many_cohorts_whose_counts_are_trusted_cost_two_calls_when_nothing_changed(syncing: Any) -> None:
    with syncing.bench(200, 20, "core", check="count") as bench:
        bench.sync()
        assert sum(bench.sync().values()) == 2

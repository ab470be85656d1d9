"""A worker that dies while the forum is away, or while its clock is wrong, changes nothing in the end either."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.errors import ForumError
from sync_worker.worker.service import Service
from tests.search import examples
from tests.worker import test_exactly_once
from tests.worker.test_clock_watch import Machine, with_clock
from tests.worker.test_exactly_once import HOURS
from tests.worker.test_outages import maintenance, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

counted, faultless = test_exactly_once.counted, test_exactly_once.faultless
A_YEAR = timedelta(days=365)
AN_HOUR = timedelta(hours=1)


def some_of(moments: int) -> list[int]:
    """Return moments to die at: as many as there is time for, all of them in `make search`."""
    return sorted(random.Random(1).sample(range(1, moments + 1), min(moments, examples(10, 1000))))


def texts(seen: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return what is on the forum but for its order and for the hours until which topics are pinned.

    What was approved during an outage and what became due during it come in either order.
    """
    return sorted((kind, title, posts) for kind, title, _, posts in seen)


def day_with_outages(journey: Any, at: Any, outage: Any, reaper: Callable[[], Any]) -> tuple[Any, int]:
    """Live through the first day: each hour begins with an outage, and the worker may die during it and after it.

    Returns what the forum shows in the end, and the most moments of an hour at which the worker could have died.
    """
    most = 0
    for hour in HOURS:
        away, back = reaper(), reaper()
        with outage(), suppress(ForumError):
            away.to_the_end(journey.run, at(hour))
        back.to_the_end(journey.run, at(hour + 0.5))
        most = max(most, away.count + back.count)
        if hour == HOURS[1]:
            journey.decide("approved")
    return journey.seen_on_forum(), most


@pytest.mark.slow
@pytest.mark.parametrize("outage", [unreachable, maintenance])
def test_a_death_at_any_moment_of_an_outage_or_after_it_changes_nothing_on_the_forum(
    world: Any, at: Any, reaper: Any, faultless: Any, outage: Any
) -> None:
    expected, moments = day_with_outages(world.add_cohort(), at, outage, reaper)
    assert texts(expected) == texts(faultless[0])
    assert moments > 10
    different = [
        moment
        for moment in some_of(moments)
        if texts(day_with_outages(world.add_cohort(), at, outage, lambda moment=moment: reaper(moment))[0])
        != texts(expected)
    ]
    assert different == []


@pytest.fixture
def _plays_of_the_test(plays: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_worker.worker.run.REGISTRY", plays)


def ticks(journey: Any, world: Any, machine: Machine, number: int) -> None:
    """Start the service on that machine and let it tick, a minute apart."""
    with journey.store() as store, world.forum() as forum:
        service = Service(
            with_clock(forum, machine),
            store,
            journey.settings,
            journey.playbooks,
            wall=machine.wall,
            steady=machine.steady,
        )
        for _ in range(number):
            machine.pass_time(minutes=1)
            service.tick()


def day_with_a_wrong_clock(
    journey: Any, world: Any, at: Any, error: timedelta, reaper: Callable[[], Any]
) -> tuple[Any, int]:
    """Live through the first day: each hour begins with a wrong clock, and the worker may die then and afterwards."""
    machine, most = Machine(at(HOURS[0]) - timedelta(minutes=10)), 0
    reaper().to_the_end(ticks, journey, world, machine, 1)
    for hour in HOURS:
        machine.true = at(hour)
        for wrong in (error, timedelta(0)):
            machine.error = wrong
            dying = reaper()
            dying.to_the_end(ticks, journey, world, machine, 3)
            most = max(most, dying.count)
        if hour == HOURS[1]:
            journey.decide("approved")
    reaper().to_the_end(ticks, journey, world, machine, 3)
    return journey.seen_on_forum(), most


@pytest.fixture(params=[A_YEAR, -AN_HOUR], ids=["a year ahead", "an hour behind"])
def error(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.usefixtures("_plays_of_the_test")
def test_a_death_while_the_clock_is_wrong_changes_nothing_on_the_forum(
    world: Any, at: Any, reaper: Any, faultless: Any, error: timedelta
) -> None:
    expected, moments = day_with_a_wrong_clock(world.add_cohort(), world, at, error, reaper)
    assert texts(expected) == texts(faultless[0])
    different = [
        moment
        for moment in some_of(moments)
        if texts(day_with_a_wrong_clock(world.add_cohort(), world, at, error, lambda moment=moment: reaper(moment))[0])
        != texts(expected)
    ]
    assert different == []

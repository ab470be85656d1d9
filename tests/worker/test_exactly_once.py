"""Killing the worker at any instruction, any number of times, changes nothing in the final state of the forum."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.worker.conftest import deadly_lives

if TYPE_CHECKING:
    from collections.abc import Sequence

HOURS = (9, 10, 11)
CHILD = """
import importlib.util, os, signal, sys
from datetime import datetime
from pathlib import Path

spec = importlib.util.spec_from_file_location("worker_conftest", sys.argv[1])
conftest = importlib.util.module_from_spec(spec)
sys.modules["worker_conftest"] = conftest
spec.loader.exec_module(conftest)
from sync_worker.config.settings import Settings

settings = Settings.model_validate_json(Path(sys.argv[2]).read_text())
reaper = conftest.Reaper(int(sys.argv[4]), end=lambda: os.kill(os.getpid(), signal.SIGKILL))
with reaper.at_work():
    conftest.work(settings, datetime.fromisoformat(sys.argv[3]))
"""


def live(journey: Any, at: Any, reapers: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Look after a cohort through its first day, a reaper each hour, starting anew after each death.

    Returns what the forum shows in the end.
    """
    for hour, reaper in zip(HOURS, reapers, strict=True):
        reaper.to_the_end(journey.run, at(hour))
        if hour == 10:
            journey.decide("approved")
    return journey.seen_on_forum()


@pytest.fixture(scope="module")
def counted(world: Any, at: Any, reaper: Any) -> tuple[list[tuple[Any, ...]], list[Any]]:
    """What the forum shows without a death, and what each run counted."""
    counting = [reaper() for _ in HOURS]
    return live(world.add_cohort(), at, counting), counting


@pytest.fixture(scope="module")
def faultless(counted: Any) -> tuple[list[tuple[Any, ...]], int]:
    """What the forum shows without a death, and how many moments to die at the longest run has."""
    seen, reapers = counted
    return seen, max(one.count for one in reapers)


def test_a_day_without_a_death_does_everything_once(faultless: Any) -> None:
    seen, moments = faultless
    assert [(kind, title) for kind, title, *_ in seen] == [
        ("regular", "Welcome to you all in NAME"),
        ("private_message", "Welcome to NAME, Ines"),
        ("regular", "What happened in NAME"),
        ("private_message", "A question from NAME"),
    ]
    assert moments > 20


def test_a_death_at_any_moment_of_a_run_changes_nothing_on_the_forum(world: Any, at: Any, counted: Any) -> None:
    expected, reapers = counted
    assert all(len(one.changes) > 3 for one in reapers)
    different = [
        [one.moments for one in dying]
        for dying in deadly_lives(reapers)
        if live(world.add_cohort(), at, dying) != expected
    ]
    assert different == []


@pytest.mark.parametrize("seed", range(6))
def test_many_deaths_change_nothing_on_the_forum(world: Any, at: Any, reaper: Any, faultless: Any, seed: int) -> None:
    expected, moments = faultless
    chance = random.Random(seed)
    reapers = [reaper(*chance.sample(range(1, 2 * moments), 8)) for _ in HOURS]
    assert live(world.add_cohort(), at, reapers) == expected


def test_many_deaths_change_nothing_with_a_store_on_postgresql(
    world: Any, at: Any, reaper: Any, faultless: Any, postgres_url: str
) -> None:
    expected, moments = faultless
    chance = random.Random(0)
    reapers = [reaper(*chance.sample(range(1, 2 * moments), 8)) for _ in HOURS]
    assert live(world.add_cohort(postgres_url), at, reapers) == expected


@pytest.mark.slow
def test_kill_9_changes_nothing_on_the_forum(world: Any, at: Any, faultless: Any, conftest_file: Any) -> None:
    expected, _ = faultless
    journey = world.add_cohort()
    settings = world.folder / "settings.json"
    settings.write_text(journey.settings.model_dump_json(), encoding="utf-8")
    deaths, root = 0, Path(conftest_file).parents[2]
    for hour in HOURS:
        for moment in (9, 20, 10_000):
            command = [sys.executable, "-c", CHILD, conftest_file, settings, at(hour).isoformat(), str(moment)]
            finished = subprocess.run(command, cwd=root, capture_output=True, timeout=600, check=False)
            deaths += finished.returncode == -9
            assert finished.returncode in (0, -9), finished.stderr.decode()
        if hour == 10:
            journey.decide("approved")
    assert deaths >= 4
    assert journey.seen_on_forum() == expected

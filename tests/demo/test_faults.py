"""A whole demo in which one call in five fails, in every way there is, ends like one in which nothing does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from sync_worker.demo.driver import Played, play
from sync_worker.demo.scenario import Scenario
from sync_worker.practice_forum.server.options import PROFILES, Fault
from tests.demo.whole_forum import Rows, whole_forum

PROFILE = PROFILES["everything"]


@dataclass(frozen=True)
class Run:
    """A demo that is over: what it told, what stands on its forum, and which of its calls failed."""

    played: Played
    forum: dict[str, Rows]
    faults: dict[str, Any]


def run(folder: Path, faults: str) -> Run:
    played = play(Scenario(), folder, faults=faults)
    try:
        told = requests.get(f"{played.url}/practice/faults.json", timeout=60).json()
    finally:
        played.stop()
    return Run(played, whole_forum(folder), told)


@pytest.fixture(scope="module")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("faultless") / "demo", "none")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("faulty") / "demo", PROFILE.name)


@pytest.mark.slow
def test_one_call_in_five_fails_in_every_way_there_is(faulty: Run) -> None:
    assert sum(faulty.faults["happened"].values()) > 0.18 * faulty.faults["calls"]
    assert set(faulty.faults["happened"]) == set(Fault)
    assert PROFILE.share == 0.2


@pytest.mark.slow
def test_a_full_demo_under_faults_ends_with_exactly_the_faultless_forum(faultless: Run, faulty: Run) -> None:
    assert faulty.forum.keys() == faultless.forum.keys()
    for table, rows in faultless.forum.items():
        assert faulty.forum[table] == rows, table
    assert len(faultless.forum["posts"]) > 400
    assert len(faultless.forum["group_users"]) > 80


@pytest.mark.slow
def test_the_figures_are_the_same_too_but_for_more_calls(faultless: Run, faulty: Run) -> None:
    calm, rough = (each.played.outcome.to_json() for each in (faultless, faulty))
    assert rough.pop("api_calls") > calm.pop("api_calls")
    calm.pop("seconds"), rough.pop("seconds")
    assert rough == calm
    assert rough["duplicates"] == 0


@pytest.mark.slow
def test_the_worker_waited_as_patiently_as_ever_but_on_its_virtual_clock(faultless: Run, faulty: Run) -> None:
    waited = sum(tick.waited for tick in faulty.played.log.ticks)
    assert waited > 60
    assert sum(tick.waited for tick in faultless.played.log.ticks) == 0
    longest = max(faulty.played.log.ticks, key=lambda tick: tick.waited)
    assert longest.seconds < longest.waited

"""A short simulated year: fifty cohorts, and all that can go wrong; nothing is lost, doubled or leaked."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from tests.soak.play import Played, Soak
from tests.soak.stage import COLUMNS, Stage, damaged
from tests.soak.stores import FileDatabase
from tests.soak.table import KINDS, rows, table
from tests.soak.year import A_YEAR_OF, APART, DISASTERS, RESTORES, Trouble, Year

SHORT = Year(seed=7, days=42, learners=3, weeks=1, hours=(15,), density=1.5, plugin=True, weekends=False)
README = Path(__file__).parents[2] / "README.md"


@pytest.mark.slow
def test_a_short_year_of_fifty_cohorts_loses_doubles_and_leaks_nothing(tmp_path: Path) -> None:
    with ForumServer(":memory:", options=ForumOptions(plugin=SHORT.plugin)) as server:
        database = FileDatabase(tmp_path / "lcm.db")
        stage = Stage(server, tmp_path, SHORT, database.url)
        played = Soak(stage, database).play()
    print(table(SHORT, played, stage))  # noqa: T201  (shown with `pytest -s`, and where it fails)
    assert played.problems == []
    counts = played.oracle.figures()
    assert played.counts["occurrences"] > 400
    assert counts["topics"] > 100
    assert counts["messages"] > 100
    for trouble in Trouble:
        assert played.counts[trouble] or trouble in RESTORES, trouble


def test_the_same_seed_draws_the_same_year_and_another_seed_another_one() -> None:
    one, same, other = (Year(seed) for seed in (1, 1, 2))
    assert (one.cohorts, one.events) == (same.cohorts, same.events)
    assert one.events != other.events


def test_a_year_has_every_trouble_and_restores_lie_apart() -> None:
    events = [event for all_of in Year(1).events.values() for event in all_of]
    assert {event.what for event in events} >= A_YEAR_OF.keys() - set(RESTORES)
    restored = sorted(event.at for event in events if event.what in RESTORES)
    assert len(restored) > 2
    assert all(later - earlier >= APART for earlier, later in pairwise(restored))


@pytest.mark.parametrize("kind", DISASTERS)
def test_a_damaged_roster_is_another_one(kind: str) -> None:
    whole = ",".join(COLUMNS) + "\n" + "".join(f"x{n},p{n}@x.org,P{n},c{n % 2},learner,\n" for n in range(6))
    assert damaged(whole, kind, random.Random(1)) != whole


def test_the_readme_shows_a_year_with_every_row_of_the_table_and_without_a_loss() -> None:
    lines = [line for line in README.read_text("utf-8").splitlines() if line.startswith("| ") and line.count("|") == 3]
    shown = dict(line.strip("| ").split(" | ") for line in lines)
    empty = Soak(Stage(None, README.parent, SHORT, ""), FileDatabase(README))  # type: ignore[arg-type]
    names = [name for name, _ in rows(SHORT, Played(empty.oracle, empty.counts), empty.stage)]
    assert shown.keys() >= set(names)
    assert [shown[f"**{kind}**"] for kind in KINDS] == ["0"] * len(KINDS)
    assert (shown["cohorts"], shown["days"]) == ("50", "365")

"""A cohort that is under way is given another playbook: nothing is posted before a person has confirmed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.config.load import complete_cohort
from sync_worker.playbook.load import load_playbook
from sync_worker.worker.in_force import in_force, switch, switch_plan
from sync_worker.worker.run import run_due
from tests.worker.conftest import PLAYBOOK, PLAYS

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.in_force import SwitchLine
    from sync_worker.worker.run_report import RunReport


@pytest.fixture(scope="module")
def other(world: Any) -> Playbook:
    """A copy of the playbook under another name, with one step more."""
    folder = world.folder / "my-own"
    folder.mkdir()
    text = PLAYBOOK.replace("playbook: journey", "playbook: my-own").replace(
        "  - {id: digest,", "  - {id: late-ask, at: start +3d 10:00, play: ask}\n  - {id: digest,"
    )
    (folder / "playbook.yml").write_text(text, encoding="utf-8")
    return load_playbook(folder, PLAYS)


def follow(journey: Any, other: Playbook) -> None:
    """Name the other playbook in the settings."""
    declared = journey.settings.cohorts[0].model_copy(update={"playbook": other.name})
    journey.settings = journey.settings.model_copy(update={"cohorts": (declared,)})


def run(journey: Any, world: Any, other: Playbook, now: datetime) -> RunReport:
    playbooks = {**journey.playbooks, other.name: other}
    with journey.store() as store, world.forum() as forum:
        return run_due(forum, store, journey.settings, playbooks, now, plays=PLAYS)


def plan(journey: Any, other: Playbook, now: datetime, *, apply: bool = False) -> list[SwitchLine]:
    cohort, forum = complete_cohort(journey.settings.cohorts[0]), journey.settings.forum.name
    with journey.store() as store, store.begin() as session:
        lines = switch_plan(session, forum, other, cohort, now)
        if apply:
            switch(session, forum, other, cohort, lines, now)
        return lines


def test_nothing_is_posted_before_a_person_has_confirmed(journey: Any, world: Any, other: Any, at: Any) -> None:
    journey.run(at(9))
    seen = journey.seen_on_forum()
    follow(journey, other)
    report = run(journey, world, other, at(11))
    assert report.is_empty
    assert "followed the playbook 'journey' and is to follow 'my-own'" in str(report.standing[0])
    assert journey.seen_on_forum() == seen


def test_what_was_done_counts_as_done_and_what_was_to_come_before_stays_undone(
    journey: Any, world: Any, other: Any, at: Any
) -> None:
    journey.run(at(9))
    follow(journey, other)
    states = {line.planned.step.id: line.state for line in plan(journey, other, at(12), apply=True)}
    assert states == {"welcome": "done", "answer": "replaced", "ask": "replaced", "late-ask": "to come",
                      "digest": "replaced"}  # fmt: skip
    assert run(journey, world, other, at(12.1)).is_empty
    titles = [title for _, title, *_ in journey.seen_on_forum()]
    assert titles.count("Welcome to you all in NAME") == 1
    report = run(journey, world, other, at(24 * 3 + 10))
    assert [happening.step for happening in report.happenings] == ["late-ask"]


def test_going_back_is_a_change_as_well(journey: Any, world: Any, other: Any, at: Any) -> None:
    journey.run(at(9))
    before = journey.settings
    follow(journey, other)
    plan(journey, other, at(12), apply=True)
    journey.settings = before
    assert "is to follow 'journey'" in str(run(journey, world, other, at(13)).standing[0])


def test_a_cohort_that_has_begun_nothing_follows_what_is_named(journey: Any, world: Any, other: Any, at: Any) -> None:
    follow(journey, other)
    with journey.store() as store, store.begin() as session:
        assert in_force(session, journey.settings.forum.name, journey.key, "my-own") is None
    assert run(journey, world, other, at(9)).standing == []


def test_a_date_that_was_done_ahead_of_its_time_counts_as_done(journey: Any, world: Any, other: Any, at: Any) -> None:
    journey.run(at(9))
    early = journey.run(at(9.1), cohort=journey.key, step="digest", early=True)
    assert [happening.step for happening in early.happenings] == ["digest"]
    follow(journey, other)
    digest = other.file.steps[-1]
    later = digest.model_copy(update={"every": replace(digest.every, clock=time(12))})
    steps = (*other.file.steps[:-1], later)
    at_noon = replace(other, file=other.file.model_copy(update={"steps": steps}))
    for one in (other, at_noon):
        (line,) = [line for line in plan(journey, one, at(9.2)) if line.planned.step.id == "digest"]
        assert (line.state, line.reason) == ("done", f"'journey' did it on {at(11):%Y-%m-%d}")

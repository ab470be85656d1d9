"""Longer demos, in three dialects of Discourse, with kills and with failing calls; all end with the same forum.

`make search` plays six weeks of the whole demo instead of four of a small one.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sync_worker.demo.driver import play
from sync_worker.demo.scenario import FORUM, Scenario
from sync_worker.practice_forum.dialects import NAMES
from sync_worker.practice_forum.server.options import PROFILES, Fault
from tests.demo.whole_forum import decisions, forum_texts, play_and_stop, whole_forum
from tests.search import SEARCH, examples

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.demo.driver import Played
    from sync_worker.practice_forum.dialects import DialectName

pytestmark = pytest.mark.slow

# Steps of these write to several people at one moment; where a call fails, they are written to in another order.
SEVERAL = ("plan", "newcomers", "in-pairs", "quiet", "over-to-you")
LONGER = Scenario(without=SEVERAL) if SEARCH else Scenario(seed="stories", weeks=4, learners=8, without=SEVERAL)
POSTS, MEMBERS = (400, 80) if SEARCH else (100, 15)
KILLS = examples(8, 20)
PROFILE = PROFILES["everything"]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    """A demo of four weeks without any kill."""
    folder = tmp_path_factory.mktemp("calm")
    return play_and_stop(LONGER, folder), folder


def test_a_longer_demo_has_stories_and_roundups_and_somebody_leaves(calm: tuple[Played, Path]) -> None:
    outcome = calm[0].outcome
    assert outcome.stories > 0
    assert outcome.roundups > 0
    assert outcome.messages > 0
    assert outcome.drafts_decided > 0
    assert outcome.duplicates == 0
    gone = LONGER.cohorts[0].learners[0].username
    assert ("lead-en", gone, 0) not in forum_texts(calm[1])


def test_lcms_approve_drafts_on_their_own_desks_and_authors_agree_there_or_in_words(calm: tuple[Played, Path]) -> None:
    lcms = {(cohort.key, cohort.lcm.username) for cohort in LONGER.cohorts}
    decided = decisions(calm[1])
    assert len([kind for kind, _, _ in decided if kind == "approve_draft"]) == calm[0].outcome.drafts_decided
    assert {(cohort, by) for kind, cohort, by in decided if kind == "approve_draft"} <= lcms
    clicked = {by for kind, _, by in decided if kind == "consent"}
    assert clicked <= {learner.username for cohort in LONGER.cohorts for learner in cohort.learners}
    assert clicked
    assert calm[0].log.refusals == []


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    """The same demo on a forum without the plugin."""
    folder = tmp_path_factory.mktemp("plain")
    return play_and_stop(replace(LONGER, plugin=False), folder), folder


def test_without_the_plugin_lcms_approve_by_the_command_line_and_stories_are_told_too(
    plain: tuple[Played, Path],
) -> None:
    outcome = plain[0].outcome
    assert outcome.drafts_decided > 0
    assert outcome.stories > 0
    assert outcome.duplicates == 0


def test_without_the_plugin_the_same_worker_makes_do_with_discourse_s_own_api(
    plain: tuple[Played, Path], calm: tuple[Played, Path]
) -> None:
    played, folder = plain
    assert (played.outcome.prompts, played.outcome.duplicates) == (calm[0].outcome.prompts, 0)
    assert (played.desks, played.console) == ((), "")
    assert played.log.refusals == []
    assert [failure for tick in played.log.ticks for failure in tick.failures] == []
    assert decisions(folder) == []


@pytest.mark.parametrize("dialect", NAMES if SEARCH else NAMES[1:-1])
def test_a_worker_killed_again_and_again_leaves_the_same_forum(
    calm: tuple[Played, Path], dialect: DialectName, tmp_path: Path
) -> None:
    kills = moments(calm[0], random.Random("kills"))
    killed = play_and_stop(replace(LONGER, dialect=dialect), tmp_path / "killed", kills=kills)
    assert killed.log.killed == KILLS
    assert killed.outcome.duplicates == 0
    assert forum_texts(tmp_path / "killed") == forum_texts(calm[1])


@pytest.mark.parametrize("dialect", NAMES[1:] if SEARCH else NAMES[-1:])
def test_a_forum_that_speaks_like_a_later_discourse_ends_with_the_same_texts(
    calm: tuple[Played, Path], dialect: DialectName, tmp_path: Path
) -> None:
    played = play_and_stop(replace(LONGER, dialect=dialect), tmp_path / "later")
    assert [failure for tick in played.log.ticks for failure in tick.failures] == []
    assert played.log.refusals == []
    assert forum_texts(tmp_path / "later") == forum_texts(calm[1])


def moments(calm: Played, chance: random.Random) -> dict[datetime, list[float]]:
    """Pick moments within ticks in which the calm worker had something to do."""
    busy = [tick for tick in calm.log.ticks if tick.calls]
    kills: dict[datetime, list[float]] = {}
    for tick in chance.choices(busy, [tick.calls for tick in busy], k=KILLS):
        kills.setdefault(tick.at, []).append(chance.uniform(0, min(tick.seconds, 2.0)))
    return kills


@dataclass(frozen=True)
class Faulty:
    """A demo of which one call in five failed, and which of its calls did."""

    played: Played
    folder: Path
    faults: dict[str, Any]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    folder = tmp_path_factory.mktemp("faulty")
    played = play(LONGER, folder, faults=PROFILE.name)
    try:
        faults = requests.get(f"{played.url}/practice/faults.json", timeout=60).json()
    finally:
        played.stop()
    return Faulty(played, folder, faults)


def test_one_call_in_five_fails_in_every_way_there_is(faulty: Faulty) -> None:
    assert sum(faulty.faults["happened"].values()) > 0.18 * faulty.faults["calls"]
    assert set(faulty.faults["happened"]) == set(Fault)
    assert PROFILE.share == 0.2


def test_a_demo_under_faults_ends_with_exactly_the_faultless_forum(calm: tuple[Played, Path], faulty: Faulty) -> None:
    expected, found = whole_forum(calm[1]), whole_forum(faulty.folder)
    assert found.keys() == expected.keys()
    for table, rows in expected.items():
        assert found[table] == rows, table
    assert len(expected["posts"]) > POSTS
    assert len(expected["group_users"]) > MEMBERS


def test_the_figures_are_the_same_too_but_for_more_calls(calm: tuple[Played, Path], faulty: Faulty) -> None:
    quiet, rough = (played.outcome.to_json() for played in (calm[0], faulty.played))
    assert rough.pop("api_calls") > quiet.pop("api_calls")
    quiet.pop("seconds"), rough.pop("seconds")
    assert rough == quiet
    assert rough["duplicates"] == 0


@pytest.mark.skipif(not SEARCH, reason="it takes two minutes of processor time; `make search` plays it")
def test_what_an_lcm_marks_comes_into_the_library_once_its_author_agreed_and_a_later_cohort_is_offered_what_fits(
    tmp_path: Path,
) -> None:
    scenario = Scenario(seed="304", weeks=6, learners=8, library=True)
    first, _, later = scenario.cohorts
    played = play_and_stop(scenario, tmp_path / "demo")
    assert [failure for tick in played.log.ticks for failure in tick.failures] == []
    assert (played.log.refusals, played.outcome.duplicates) == ([], 0)
    with closing(sqlite3.connect(tmp_path / "demo" / FORUM)) as forum:
        own = """SELECT p.raw, t.title, p.created_at FROM posts p JOIN topics t ON t.id = p.topic_id
                 JOIN users u ON u.id = p.user_id JOIN categories c ON c.id = t.category_id
                 WHERE u.username = 'forumadmin' AND c.slug = ? AND p.post_number > 1 AND p.post_type = 1
                 ORDER BY p.id"""
        kept, offers = list(forum.execute(own, ("practices",))), list(forum.execute(own, (later.key,)))
        kinds = {kind for (kind,) in forum.execute("SELECT kind FROM lcm_decisions")}
        answers = """SELECT COUNT(DISTINCT t.id) FROM topics t JOIN posts p ON p.topic_id = t.id
                     JOIN users u ON u.id = p.user_id WHERE t.archetype = 'private_message'
                     AND u.username != 'forumadmin'
                     AND (t.title LIKE '%may other cohorts read%' OR t.title LIKE '%peuvent-elles lire%')"""
        [agreed] = next(iter(forum.execute(answers)))
    assert "mark_practice" in kinds
    assert (len(kept), len(offers)) == (played.outcome.practices, played.outcome.offers)
    assert len(kept) > 1
    assert agreed >= len(kept)  # their category is closed, so each author was asked
    [offered, *_] = offers
    assert offered[0].startswith(f"When {first.name} worked on this, ")
    words = offered[0].split("> ")[1].partition("\n")[0]
    assert any(words in raw for raw, *_ in kept)

"""Killing the worker at any instruction changes nothing in what becomes of a story: told once, taken down once."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.practice_forum.app import ForumServer
from tests.worker.conftest import deadly_lives
from tests.worker.story_site import YES, day, make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.worker.story_site import StorySite

RUNS = 3


def live(site: StorySite, reapers: Sequence[Any]) -> list[Any]:
    """Let a story be told, doubted and taken down; return what the forum shows after the telling and in the end."""
    site.tell()
    site.ask()
    site.say(site.learner, YES, day(16, 14))
    reapers[0].to_the_end(site.run, day(19, 10))
    told = site.seen()
    site.say(site.learner, "Could you leave the number of calls out?", day(20, 9))
    reapers[1].to_the_end(site.run, day(20, 10.5))
    site.say(site.learner, "No, please do not show it any more.", day(21, 9))
    reapers[2].to_the_end(site.run, day(21, 11))
    site.run(day(22, 12))
    return [told, site.seen()]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[Any]]:
    """Live on a forum of one's own: on a shared one, each start reads the messages of all lives before."""

    def live_alone(reapers: Sequence[Any], store: str | None = None) -> list[Any]:
        with ForumServer(":memory:") as server:
            return live(make_site(server, tmp_path_factory.mktemp("life"), "s001", store=store), reapers)

    return live_alone


@pytest.fixture(scope="module")
def faultless(lived: Callable[..., list[Any]], reaper: Any) -> tuple[list[Any], list[Any]]:
    """What the forum shows without a death, and what each run counted."""
    counting = [reaper() for _ in range(RUNS)]
    return lived(counting), counting


def test_without_a_death_a_story_is_told_once_and_taken_down_once(faultless: Any) -> None:
    (told, end), counted = faultless
    assert sum("Ana tried" in title for _, title, _ in told) == 1
    assert sum("Ana tried" in title for _, title, _ in end) == 0
    assert sum("please read" in title for _, title, _ in end) == 1
    assert sum("takes the story back" in title for _, title, _ in end) == 1
    assert max(one.count for one in counted) > 10
    assert all(len(one.changes) > 2 for one in counted)


@pytest.mark.slow
def test_a_death_at_any_moment_changes_nothing_in_what_becomes_of_a_story(
    lived: Callable[..., list[Any]], faultless: Any
) -> None:
    expected, counted = faultless
    different = [[one.moments for one in reapers] for reapers in deadly_lives(counted) if lived(reapers) != expected]
    assert different == []


def test_many_deaths_change_nothing_with_a_store_on_postgresql(
    lived: Callable[..., list[Any]], reaper: Any, faultless: Any, postgres_url: str
) -> None:
    expected, counted = faultless
    chance, twice = random.Random(0), range(1, 2 * max(one.count for one in counted))
    reapers = [reaper(*chance.sample(twice, 8)) for _ in range(RUNS)]
    assert lived(reapers, store=postgres_url) == expected

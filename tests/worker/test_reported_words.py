"""A report shows what was published as it may be shown now: no story that was taken back, no words that left a text."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.activity.collect import collect
from sync_worker.report.published import published
from sync_worker.store.tables import ChoiceRow
from tests.worker.story_site import StorySite, day
from tests.worker.test_roundup_care import ANA, BEN, STEPS, delete, opt_out, reword, write_two
from tests.worker.topics_site import TopicsSite, follow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sync_worker.practice_forum.app import ForumServer

NO = "No, please do not show it to anybody any more."


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("reported"), count(1)

    def make() -> TopicsSite:
        site = follow(story_server, folder, f"told{next(numbers):02}", STEPS)
        write_two(site)
        site.run(day(5, 15))
        return site

    return make


def reported(site: Any, now: datetime) -> str:
    """Every title and text that a report of now would show, as `lcm report` reads the forum for it."""
    with site.store() as store, TopicsSite.forum(site) as forum:
        collect(forum, store, [site.category], now)
        with store.begin() as session:
            found = published(session, forum.name, site.key, "en")
        return "\n\n".join(f"{one.title}\n{one.raw}" for one in found if one.kind in ("story", "roundup"))


def test_a_story_that_stands_is_reported_and_one_that_was_taken_back_is_not(told: StorySite) -> None:
    assert "two calls back instead of seven" in reported(told, day(19, 12))
    told.say(told.learner, NO, day(20, 9))
    told.run(day(20, 10))
    assert told.stories() == []
    assert reported(told, day(20, 11)) == ""


def test_a_story_that_names_somebody_who_has_just_asked_not_to_be_quoted_is_not_reported(
    told_of_ben: StorySite,
) -> None:
    site = told_of_ben
    assert "Last week Ben and I tried" in reported(site, day(19, 12))
    ben = {"user_id": site.call("GET", f"/u/ben_{site.key}.json")["user"]["id"], "username": f"ben_{site.key}"}
    with site.store() as store, store.begin() as session:
        session.add(ChoiceRow(forum=site.settings.forum.name, quoting=False, at=day(20), **ben))
    assert reported(site, day(20, 11)) == ""


def test_a_story_that_a_moderator_deleted_is_not_reported(told: StorySite) -> None:
    told.call("DELETE", f"/t/{told.stories()[0].id}.json")
    assert reported(told, day(20, 11)) == ""


@pytest.mark.parametrize(
    ("change", "looked_after"), [(delete, True), (reword, True), (opt_out, True), (delete, False), (opt_out, False)]
)
def test_what_must_not_be_shown_any_more_is_not_reported(new: Any, change: Any, looked_after: bool) -> None:
    """Before the worker's own care as well, but for an edit that the forum's list of topics does not tell of."""
    site = new()
    assert ANA in reported(site, day(5, 16))
    change(site)
    if looked_after:
        site.run(day(12, 15))
    text = reported(site, day(12, 16))
    assert ANA not in text
    assert "Ana" not in text
    assert BEN in text


def test_what_an_lcm_took_out_of_a_roundup_by_hand_is_not_reported(new: Any) -> None:
    site = new()
    with site.forum() as forum:
        topic = forum.topic(site.topic_id("what we found out"))
        opening = topic.posts[0]
    edit = {"post": {"raw": opening.raw.replace(ANA, "I took this out, as she asked me to.")}}
    site.set_clock(day(6))
    site.call("PUT", f"/posts/{opening.id}.json", json=edit)
    text = reported(site, day(6, 13))
    assert ANA not in text
    assert BEN in text

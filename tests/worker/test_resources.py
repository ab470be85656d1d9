"""A resource of the list at its moment, once each; how often it was opened, where the forum tells."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.config.load import complete_cohort
from sync_worker.content.decks import Resource, read_resources
from sync_worker.errors import ConfigError
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.worker.history import PostedResource, posted_resources
from tests.worker.story_site import day
from tests.worker.topics_site import RESOURCES, follow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: reading, every: "wednesday 09:00", play: resource, with: {resources: reading, tags: [reading], pin: 3d}}
"""


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("resources"), count(1)
    return lambda steps=STEPS, **more: follow(story_server, folder, f"res{next(numbers):02}", steps, **more)


def opened(site: TopicsSite) -> list[PostedResource]:
    """What the worker finds out about the cohort's resources."""
    with site.store() as store, site.forum() as forum:
        return posted_resources(forum, store, complete_cohort(site.settings.cohorts[0]))


def test_resources_come_in_their_order_but_a_dated_one_at_its_moment_and_none_twice(new: Any) -> None:
    site = new()
    for wednesday in (3, 10, 17, 24):
        site.run(day(wednesday, 9))
    titles = [title for title, _ in site.topics()]
    assert [title.partition(": ")[2] for title in titles] == [
        "Listening without planning your answer",
        "Feedback that can be used on Monday",
        "Five questions for a hand-over",
    ]
    text = site.topics()[1][1]
    assert "**[Feedback that can be used on Monday](https://example.org/feedback?a=1&b=%282%29)**, one minute." in text
    assert "Which of the three sentences will you say first?" in text


def test_a_resource_whose_time_is_over_does_not_come_late(new: Any) -> None:
    site = new(STEPS.replace("wednesday 09:00", "4 weeks wednesday 09:00"))
    for wednesday in (3, 31):
        site.run(day(wednesday, 9))
    assert [title.partition(": ")[2] for title, _ in site.topics()] == [
        "Listening without planning your answer",
        "Five questions for a hand-over",
    ]


def test_a_step_may_take_only_what_has_one_of_its_tags(new: Any) -> None:
    site = new(STEPS.replace("tags: [reading]", "tagged: [feedback]"))
    site.run(day(3, 9))
    assert site.topics() == []
    site.run(day(10, 9))
    assert len(site.topics()) == 1


def test_in_french_the_same_entry_comes_in_french_words(new: Any) -> None:
    site = new(locale="fr")
    site.run(day(3, 9))
    assert "sept minutes" in site.topics()[0][1]


def test_a_resource_that_a_moderator_deleted_is_not_posted_again(new: Any) -> None:
    site = new()
    site.run(day(3, 9))
    site.call("DELETE", f"/t/{site.topic_id('Listening')}.json")
    site.run(day(3, 10))
    site.run(day(10, 9))
    assert [title.partition(": ")[2] for title, _ in site.topics()] == ["Feedback that can be used on Monday"]
    assert [(one.gone, one.opened) for one in opened(site)] == [(False, 0), (True, None)]


def test_it_is_known_how_often_a_resource_was_opened(new: Any) -> None:
    site = new()
    site.run(day(3, 9))
    topic = site.call("GET", f"/t/{site.topic_id('Listening')}.json")
    post = topic["post_stream"]["posts"][0]
    click = {"url": "https://example.org/listening", "post_id": post["id"], "topic_id": topic["id"]}
    for reader in (site.learner, site.learner, f"ben_{site.key}"):
        site.call("POST", "/clicks/track", reader, json=click)
    site.set_clock(day(5, 9))
    site.call("POST", "/clicks/track", site.learner, json=click)
    [found] = opened(site)
    assert (found.opened, found.address) == (3, "https://example.org/listening")


def test_the_command_shows_what_was_posted_and_how_often_it_was_opened(new: Any, tmp_path: Path) -> None:
    site = new()
    config = tmp_path / "lcm.yaml"
    config.write_text(
        f"forum: {{url: '{site.server.url}', api_username: forumadmin, key_env: PRACTICE_KEY}}\n"
        f"store: '{site.settings.store}'\n"
        f"cohorts:\n- {{key: {site.key}, name: C, timezone: UTC, start: 2027-03-01, end: 2027-05-30}}\n",
        encoding="utf-8",
    )

    def shown(*more: str) -> str:
        arguments = ["resources", site.key, "--config", str(config), *more]
        result = CliRunner().invoke(main, arguments, env={"PRACTICE_KEY": DEFAULT_KEY})
        assert result.exit_code == 0, result.output
        return result.output

    assert shown() == f"Cohort '{site.key}' got no resources so far.\n"
    site.run(day(3, 9))
    assert f"2027-03-03  0       Cohort {site.key}: Listening without" in shown()
    [row] = json.loads(shown("--json"))
    assert (row["opened"], row["gone"], row["address"]) == (0, False, "https://example.org/listening")


def test_a_store_that_was_lost_does_not_make_a_resource_come_twice(new: Any) -> None:
    site = new()
    site.run(day(3, 9))
    site.settings = site.settings.model_copy(update={"store": f"{site.settings.store}-new"})
    site.run(day(3, 10))
    site.run(day(17, 9))
    assert [title.partition(": ")[2] for title, _ in site.topics()] == [
        "Listening without planning your answer",
        "Five questions for a hand-over",
    ]


def test_how_often_an_address_was_opened_that_a_moderator_took_out_is_unknown(new: Any) -> None:
    site = new()
    site.run(day(3, 9))
    topic = site.call("GET", f"/t/{site.topic_id('Listening')}.json")
    post = topic["post_stream"]["posts"][0]["id"]
    raw = "This list moved to [another place](https://example.org/elsewhere) of ours."
    site.call("PUT", f"/posts/{post}.json", json={"post": {"raw": raw}})
    assert [one.opened for one in opened(site)] == [None]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://example.org/a",
        "//example.org/a",
        "https:///a",
        "example.org",
        "https://ana:secret@example.org/a",
        "https://example.org/a b",
        f"https://example.org/{'a' * 500}",
        "https://[broken/a",
    ],
)
def test_only_addresses_of_the_web_are_taken(address: str, tmp_path: Path) -> None:
    path = tmp_path / "reading.en.yml"
    path.write_text(RESOURCES.replace("https://example.org/listening", address), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"reading\.en\.yml:2"):
        read_resources(path)


def test_an_address_cannot_end_the_link_that_it_stands_in() -> None:
    made = Resource(
        id="a", title="A title of ours", link="https://example.org/a)<b>\"'[c]", minutes=1, why="It is worth it, it is."
    )
    assert not set(made.link) & set(')<>"')


def test_days_of_a_resource_count_from_the_cohorts_own(new: Any) -> None:
    site = new(start=day(1).date() + timedelta(days=7))
    site.run(day(17, 9))
    assert [title.partition(": ")[2] for title, _ in site.topics()] == ["Feedback that can be used on Monday"]

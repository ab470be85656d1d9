"""A topic that waits is reported to LCMs by one play, once more where it goes on waiting, and then only in lists."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from tests.worker.story_site import add_user, day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

FIRST_REPLY = "  - {id: alone, every: weekday 09:00, play: first_reply}\n"
BLOCKERS = "  - {id: hinders, every: weekday 09:00, play: blockers, with: {unanswered: 5d}}\n"
ESCALATES = BLOCKERS.replace("5d", "5d, escalate: [{after: 2d, to: [NAME]}]")
MORNING = "  - {id: morning, at: start +14d 09:00, play: morning_note}\n"
MISSING, NO_REPLY = "a first reply is missing", "still no reply"
IN_THE_WAY, STILL = "something is in the way", "something is still in the way, and your help would count"


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("told"), count(1)

    def make(steps: str, **more: Any) -> TopicsSite:
        key = f"told{next(numbers):03}"
        add_user(story_server, f"sponsor_{key}")
        return begin(story_server, folder, key, steps.replace("NAME", f"sponsor_{key}"), **more)

    return make


def opens(site: TopicsSite, name: str = "ana") -> int:
    """Let somebody open a topic that asks nothing, on Tuesday at eight; return its id."""
    site.set_clock(day(2, 8))
    title, raw = f"The rota of {name} begins on Monday {site.key}", f"I, {name}, cannot open it, and it is urgent."
    body = {"title": title, "raw": raw, "category": site.category}
    post = site.call("POST", "/posts.json", f"{name}_{site.key}", json=body)
    return int(post["topic_id"])


def tag(site: TopicsSite, topic: int) -> None:
    site.call("PUT", f"/t/-/{topic}.json", json={"tags": ["blocker"]})


def live(site: TopicsSite, *numbers: int) -> list[str]:
    """Do what is due on these days; return the titles of all messages so far, without the cohort's name."""
    for number in numbers:
        site.run(day(number, 9))
    return [one.title.partition(": ")[2] for one in site.messages()]


WEEKDAYS = (2, 3, 4, 5, 8, 9, 10, 11, 12)


@pytest.mark.parametrize("steps", [FIRST_REPLY + BLOCKERS, BLOCKERS + FIRST_REPLY])
def test_a_topic_that_nobody_answers_is_told_twice_and_stays_among_the_blockers(
    new: Any, tmp_path: Path, steps: str
) -> None:
    site = new(steps)
    topic = opens(site)
    assert live(site, *WEEKDAYS) == [MISSING, NO_REPLY]
    [row] = json.loads(command(site, tmp_path, "blockers", "list", site.key))
    assert (row["topic_id"], row["state"]) == (topic, "open")
    assert json.loads(command(site, tmp_path, "status"))["cohorts"][0]["blockers"] == 1


def command(site: TopicsSite, folder: Path, *words: str) -> str:
    """Return what a command says as JSON."""
    (folder / "lcm.yaml").write_text(site.settings.model_dump_json(exclude_defaults=True), encoding="utf-8")
    more = ["--json", "--now", day(12).isoformat(), "--config", str(folder / "lcm.yaml")]
    result = CliRunner().invoke(main, [*words, *more], env={"DISCOURSE_API_KEY": DEFAULT_KEY})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_before_others_hear_of_it_the_lcms_are_told_who_and_when(new: Any) -> None:
    site = new(FIRST_REPLY + ESCALATES)
    opens(site)
    assert live(site, *WEEKDAYS) == [MISSING, NO_REPLY, IN_THE_WAY, STILL]
    assert f"in two days, weekends and holidays not counted, sponsor\\_{site.key} will hear of it" in site.note(
        IN_THE_WAY
    )


def test_a_topic_that_was_told_as_a_blocker_is_only_told_once_more_where_nobody_answers_it(new: Any) -> None:
    site = new(FIRST_REPLY + BLOCKERS)
    tag(site, opens(site))
    assert live(site, *WEEKDAYS) == [IN_THE_WAY, NO_REPLY]
    assert "I wrote to you on Tuesday 2\u00a0March." in site.note(NO_REPLY)


def test_a_tag_that_somebody_sets_later_is_told(new: Any) -> None:
    site = new(FIRST_REPLY + BLOCKERS)
    topic = opens(site)
    assert live(site, 2, 3) == [MISSING]
    tag(site, topic)
    assert live(site, *WEEKDAYS[2:]) == [MISSING, IN_THE_WAY]


def test_the_morning_note_has_what_was_told_and_still_waits(new: Any) -> None:
    site = new(FIRST_REPLY + MORNING)
    topic, other = opens(site), opens(site, "ben")
    live(site, 3)
    site.say(site.lcm, "I have asked the porter for you.", day(4), other)
    *_, title = live(site, 5, 15)
    assert title == "what waits for you this morning"
    note = site.note(title)
    assert "Without a reply: [The rota of ana begins on Monday" in note
    assert f"/{topic})" in note
    assert f"/{other})" not in note

"""Two questions at the end, one tap each: totals for the LCMs where enough answered, and nobody's own answer."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_worker.cli import main
from sync_worker.forum.records import ForumPoll, PollOption
from sync_worker.languages.parts import language
from sync_worker.plays.survey import FEWEST, results_of
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.store import pauses
from tests.worker.story_site import add_user, day
from tests.worker.topics_site import follow

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: taps, at: start 09:00, play: survey, with: {questions_deck: last, results: 2d}}
"""
DECK = """\
prompts:
  - {id: worth, title: "Was it worth your time?", text: "Think of what you did differently at work, not of the texts.",
     why: "It says whether the next cohort gets it as it is.", poll: {options: ["Yes", "In part", "No"]}}
  - {id: again, title: "Would you pass it on?", text: "Would you tell a colleague in your place to take part in it?",
     why: "It says whether the next cohort gets it at all.", poll: {options: ["Yes", "No"]}}
"""


@pytest.fixture
def site(story_server: ForumServer, tmp_path: Path, numbers: Any) -> TopicsSite:
    made = follow(story_server, tmp_path, f"taps{next(numbers):03}", STEPS)
    [own] = made.settings.playbooks
    for code in ("en", "fr"):
        (own / "decks").mkdir(exist_ok=True)
        (own / "decks" / f"last.{code}.yml").write_text(DECK, encoding="utf-8")
    made.run(day(1, 9))
    return made


@pytest.fixture(scope="module")
def numbers() -> Any:
    return count(1)


def answer(site: TopicsSite, people: int) -> None:
    """Let so many people of the cohort answer the first question, all with the first option, and one the second."""
    names = [f"ana_{site.key}", f"ben_{site.key}", *(f"p{number}_{site.key}" for number in range(people - 2))]
    group = site.call("GET", f"/groups/{site.key}.json")["group"]["id"]
    topic = site.topic_id("two questions, one tap each")
    for name in names:
        if name.startswith("p"):
            add_user(site.server, name)
            site.call("PUT", f"/groups/{group}/members.json", json={"usernames": name})
        [post] = site.call("GET", f"/t/{topic}.json", name)["post_stream"]["posts"]
        first, second = post["polls"]
        polls = (first, second) if name == names[0] else (first,)
        for poll in polls:
            chosen = {"post_id": post["id"], "poll_name": poll["name"], "options": [poll["options"][0]["id"]]}
            site.call("PUT", "/polls/vote", name, json=chosen)


def test_each_question_is_a_poll_whose_results_nobody_in_the_cohort_sees(site: TopicsSite) -> None:
    [(title, text)] = site.topics()
    assert title.endswith("two questions, one tap each")
    assert text.count("results=staff_only public=false]") == 2
    answer(site, 2)
    topic = site.topic_id("two questions")
    for name in (site.learner, site.lcm):
        [post] = site.call("GET", f"/t/{topic}.json", name)["post_stream"]["posts"]
        assert all("votes" not in option for poll in post["polls"] for option in poll["options"])
        assert all("preloaded_voters" not in poll for poll in post["polls"])


@pytest.mark.parametrize(("people", "shown"), [(FEWEST - 1, False), (FEWEST, True)])
def test_the_lcms_hear_totals_where_at_least_five_people_answered(site: TopicsSite, people: int, shown: bool) -> None:
    answer(site, people)
    site.run(day(3, 9))
    note = site.note("what came back to the two questions")
    first, _, second = note.partition("**Would you pass it on?**")
    assert ("- Yes: 5" in first) is shown
    assert ("fewer than five people answered" in first) is not shown
    assert "fewer than five people answered" in second
    assert "Yes:" not in second
    site.run(day(4, 9))
    assert len(site.messages()) == 1


def test_the_lcms_hear_totals_of_a_survey_whose_cohort_was_moved_back_meanwhile(site: TopicsSite) -> None:
    answer(site, FEWEST)
    with site.store() as store, store.begin() as session:
        pauses.shift(session, site.settings.forum.name, site.key, 7)
    site.run(day(3, 9))
    assert site.messages() == []
    site.run(day(10, 9))
    assert "- Yes: 5" in site.note("what came back to the two questions")
    assert len(site.topics()) == 1


def test_the_command_shows_the_totals_of_the_day(
    site: TopicsSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(site, FEWEST)
    text = site.settings.model_dump_json(exclude_defaults=True)
    (tmp_path / "lcm.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DISCOURSE_API_KEY", DEFAULT_KEY)
    run = CliRunner().invoke(main, ["survey", site.key, "taps", "--config", str(tmp_path / "lcm.yaml"), "--json"])
    assert run.exit_code == 0, run.output
    first, second = json.loads(run.output)
    assert (first["people"], first["options"]) == ("five people", ["Yes: 5", "In part: 0", "No: 0"])
    assert second["options"] == []
    wrong = CliRunner().invoke(main, ["survey", site.key, "tapes", "--config", str(tmp_path / "lcm.yaml")])
    assert wrong.exit_code == 2
    assert "Did you mean 'taps'?" in wrong.output


def test_on_a_forum_without_polls_nothing_is_asked(story_server: ForumServer, tmp_path: Path, numbers: Any) -> None:
    made = follow(story_server, tmp_path, f"taps{next(numbers):03}", STEPS)
    [own] = made.settings.playbooks
    (own / "decks").mkdir(exist_ok=True)
    for code in ("en", "fr"):
        (own / "decks" / f"last.{code}.yml").write_text(DECK, encoding="utf-8")
    made.call("PUT", "/admin/site_settings/poll_enabled.json", json={"poll_enabled": "false"})
    try:
        made.run(day(1, 9))
    finally:
        made.call("PUT", "/admin/site_settings/poll_enabled.json", json={"poll_enabled": "true"})
    assert made.topics() == []


options = st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), options), max_size=3))
def test_no_total_is_told_of_fewer_than_five_people_or_where_the_forum_hides_it(
    polls: list[tuple[int, list[int | None]]],
) -> None:
    made = [
        ForumPoll(f"q{n}", voters, tuple(PollOption(f"{n}{at}", "Yes", votes) for at, votes in enumerate(votes_)))
        for n, (voters, votes_) in enumerate(polls)
    ]
    for poll, told in zip(made, results_of(made, [], language("en")), strict=True):
        hidden = poll.voters < FEWEST or any(option.votes is None for option in poll.options)
        assert bool(told.options) is not hidden

"""The demo shows the plays at work in both languages, and each plan made in it comes back once, word for word."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sync_worker.demo.scenario import JOURNEY, Scenario
from sync_worker.playbook.load import load_playbook
from sync_worker.plays import REGISTRY
from sync_worker.publish.citations import letters
from tests.demo.whole_forum import play_and_stop

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.demo.driver import Played

NOT_SHOWN = {"pair", "introductions", "nudge", "hand_over", "first_reply", "blockers"}
"""Plays for which its learners would have to fall silent, leave somebody unanswered, or meet in pairs."""

WHOLE = Scenario(seed="plays", weeks=6, learners=6)
QUOTED = re.compile(r'\[quote="[^"]+, post:(\d+), topic:(\d+)"\]\n(.*?)\n\[/quote\]', re.DOTALL)
ASKING = ("one thing, one day, one witness", "un geste, un jour, un témoin")
ASKED = ("what became of your plan", "qu’est devenu votre plan")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    folder = tmp_path_factory.mktemp("whole") / "demo"
    return play_and_stop(WHOLE, folder), folder


def test_nothing_fails_and_nothing_is_there_twice(whole: tuple[Played, Path]) -> None:
    played = whole[0]
    assert [failure for tick in played.log.ticks for failure in tick.failures] == []
    assert played.log.refusals == []
    assert played.outcome.duplicates == 0


@pytest.mark.parametrize("cohort", [cohort.key for cohort in WHOLE.cohorts])
def test_every_play_is_at_work_in_each_language(whole: tuple[Played, Path], cohort: str) -> None:
    folder = whole[1]
    playbook = load_playbook(folder / JOURNEY, REGISTRY)
    plays = {step.id: step.play for step in playbook.file.steps}
    assert set(plays.values()) == set(REGISTRY) - NOT_SHOWN
    query = "SELECT step FROM ledger WHERE cohort = ? AND state = 'done' AND action != 'draft'"
    with closing(sqlite3.connect(folder / "lcm.db")) as store:
        done = {plays.get(step) for (step,) in store.execute(query, (cohort,))}
    assert set(REGISTRY) - NOT_SHOWN <= done


def test_each_plan_comes_back_once_word_for_word_and_once_more_weeks_later(whole: tuple[Played, Path]) -> None:
    with closing(sqlite3.connect(whole[1] / "forum.db")) as forum:
        posts = """SELECT p.topic_id, p.post_number, p.raw, u.username, t.title, t.archetype FROM posts p
                   JOIN topics t ON t.id = p.topic_id JOIN users u ON u.id = p.user_id
                   WHERE t.archetype = ? AND p.post_type = 1 ORDER BY p.topic_id, p.post_number"""
        written = list(forum.execute(posts, ("regular",)))
        sent = list(forum.execute(posts, ("private_message",)))
    plans: dict[tuple[int, int], str] = {}
    authors: set[tuple[int, str]] = set()
    for topic, number, raw, author, title, _ in written:
        if number > 1 and title.endswith(ASKING) and (topic, author) not in authors:
            authors.add((topic, author))
            plans[topic, number] = raw
    back: dict[tuple[int, int], list[tuple[str, bool]]] = {}
    for _, number, raw, author, title, _ in sent:
        if author == "forumadmin" and any(words in title for words in ASKED):
            [(post, topic, words)] = QUOTED.findall(raw)
            back.setdefault((int(topic), int(post)), []).append((words, number == 1))
    assert len(plans) >= 4
    assert back.keys() == plans.keys()
    for place, raw in plans.items():
        (first, opens), *more = back[place]
        assert opens
        assert letters(first) == letters(raw)
        assert [letters(words) for words, _ in more] in ([letters(raw)], [])
        assert not any(opening for _, opening in more)
    assert sum(len(found) == 2 for found in back.values()) >= len(plans) - 4  # who wrote late is not due again yet


def test_people_answer_what_they_are_asked(whole: tuple[Played, Path]) -> None:
    with closing(sqlite3.connect(whole[1] / "lcm.db")) as store:
        answers = [answer for (answer,) in store.execute("SELECT answer FROM commitments")]
    assert sum(bool(answer) for answer in answers) > len(answers) / 3

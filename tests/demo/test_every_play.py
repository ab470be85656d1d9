"""The demo shows the plays at work in both languages, and each plan made in it comes back once, word for word."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sync_worker.demo.inbox import mails_in
from sync_worker.demo.people import Temperament
from sync_worker.demo.scenario import JOURNEY, LATE_JOINERS, MAILS, Scenario
from sync_worker.playbook.load import load_playbook
from sync_worker.plays import REGISTRY
from sync_worker.signals.plain import letters
from tests.demo.whole_forum import play_and_stop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sync_worker.demo.driver import Played
    from sync_worker.demo.scenario import DemoCohort

WHOLE = Scenario(seed="304", weeks=6, learners=8)  # in both cohorts somebody is silent, and somebody absent
QUOTED = re.compile(r'\[quote="[^"]+, post:(\d+), topic:(\d+)"\]\n(.*?)\n\[/quote\]', re.DOTALL)
NUDGING = ("one thing from", "un mot depuis"), ("the door stays open in", "la porte reste ouverte")
TOGETHER = ("half an hour to talk", "une demi-heure pour se parler"), (", meet ", ", voici ")
OVER = ("over to you", "je vous passe le relais")
ASKING = ("one thing, one day, one witness", "un geste, un jour, un témoin")
BRIEFINGS: Sequence[dict[str, str]] = (
    {"en": "from Monday 15\u00a0March on", "fr": "une chose à essayer chaque semaine"},
    {"en": "five minutes that help now", "fr": "cinq minutes qui comptent"},
    {"en": "the programme ends", "fr": "le parcours se termine"},
)
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
    assert set(plays.values()) == set(REGISTRY)
    query = "SELECT step FROM ledger WHERE cohort = ? AND state = 'done' AND action != 'draft'"
    with closing(sqlite3.connect(folder / "lcm.db")) as store:
        done = {plays.get(step) for (step,) in store.execute(query, (cohort,))}
    assert set(REGISTRY) <= done


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


Message = tuple[str, set[str], list[tuple[str, str]]]


@pytest.fixture(scope="module")
def messages(whole: tuple[Played, Path]) -> list[Message]:
    """All that was sent to people: title, who can read it, and the author and text of each post."""
    with closing(sqlite3.connect(whole[1] / "forum.db")) as forum:
        names = """SELECT u.username FROM topic_allowed_users a JOIN users u ON u.id = a.user_id WHERE a.topic_id = ?"""
        posts = """SELECT u.username, p.raw FROM posts p JOIN users u ON u.id = p.user_id
                   WHERE p.topic_id = ? ORDER BY p.post_number"""
        topics = forum.execute("SELECT id, title FROM topics WHERE archetype = 'private_message' ORDER BY id")
        return [
            (title, {name for (name,) in forum.execute(names, (number,))}, list(forum.execute(posts, (number,))))
            for number, title in topics.fetchall()
        ]


def titled(messages: list[Message], words: tuple[str, ...]) -> list[Message]:
    return [message for message in messages if any(each in message[0] for each in words)]


@pytest.mark.parametrize(("place", "cohort"), list(enumerate(WHOLE.cohorts)), ids=["en", "fr"])
def test_who_does_not_react_to_two_nudges_is_a_task_of_the_lcms_and_who_reacts_is_not(
    messages: list[Message], place: int, cohort: DemoCohort
) -> None:
    of = {kind: [each.username for each in cohort.learners if each.temperament is kind] for kind in Temperament}
    nudged = [{name for _, names, _ in titled(messages, (words[place],)) for name in names} for words in NUDGING]
    assert nudged[0] >= {*of[Temperament.ABSENT], *of[Temperament.SILENT]}
    assert nudged[1] >= set(of[Temperament.ABSENT])
    [(_, _, [(_, note)])] = titled(messages, (OVER[place],))
    assert [name for name in of[Temperament.ABSENT] if f"/u/{name})" not in note] == []
    assert [name for name in of[Temperament.SILENT] if f"/u/{name})" in note] == []


@pytest.mark.parametrize(("place", "cohort"), list(enumerate(WHOLE.cohorts)), ids=["en", "fr"])
def test_people_who_are_brought_together_agree_on_a_date_and_talk_newcomers_too(
    messages: list[Message], place: int, cohort: DemoCohort
) -> None:
    learners = {each.username for each in cohort.learners}
    pairs, introductions = (titled(messages, (words[place],)) for words in TOGETHER)
    assert len(pairs) >= 6
    for _, _, posts in (*pairs, *introductions):
        assert {author for author, _ in posts[1:]} <= learners
    assert any(len(posts) >= 4 for _, _, posts in pairs)  # two agreed, and one of them told what it brought
    newcomers = {each.username for each in cohort.learners[-LATE_JOINERS:]}
    assert newcomers == {name for _, names, _ in introductions for name in names} & newcomers


@pytest.mark.parametrize("cohort", WHOLE.cohorts, ids=["en", "fr"])
def test_each_manager_gets_a_mail_before_during_and_after_in_their_language(
    whole: tuple[Played, Path], cohort: DemoCohort
) -> None:
    managers = {one.manager.address for one in cohort.learners}
    mails = [one for one in mails_in(whole[1] / MAILS) if one.to.rpartition("<")[2].rstrip(">") in managers]
    before, during, after = ([one for one in mails if words[cohort.locale] in one.subject] for words in BRIEFINGS)
    assert [len(one) for one in (mails, before, during, after)] == [3 * len(managers) - 1, 2, 3, 3]
    assert len({(one.to, one.subject) for one in mails}) == len(mails)
    leaver, *_, late = cohort.learners
    assert not any(late.manager.address in one.to for one in before)  # none of their people was there yet
    [last] = [one for one in after if leaver.manager.address in one.to]
    assert leaver.name not in last.subject
    assert [set(one.sealed) for one in (*before, *during)] == 5 * [{"yes", "talk", "not-yet", "stop"}]
    assert [set(one.sealed) for one in after] == 3 * [{"stop"}]


def test_what_a_manager_answers_is_in_the_lcm_s_morning_note(
    whole: tuple[Played, Path], messages: list[Message]
) -> None:
    with closing(sqlite3.connect(whole[1] / "lcm.db")) as store:
        answers = list(store.execute("SELECT name, answer, step FROM briefing_answers"))
    assert {answer for _, answer, _ in answers} >= {"yes", "talk"}
    notes = [
        text for _, _, posts in titled(messages, ("what waits for you", "ce qui vous attend")) for _, text in posts
    ]
    asked = [name for name, answer, step in answers if answer != "yes" and step == "managers-during"]
    assert asked
    assert [name for name in asked if not any(name in note for note in notes)] == []


def test_what_the_french_cohort_is_asked_is_there_in_english_too(whole: tuple[Played, Path]) -> None:
    with closing(sqlite3.connect(whole[1] / "forum.db")) as forum:
        query = """SELECT t.title, l.locale, l.title, p.raw, o.raw FROM topics t
                   JOIN topic_localizations l ON l.topic_id = t.id
                   JOIN posts p ON p.topic_id = t.id AND p.post_number = 1
                   JOIN post_localizations o ON o.post_id = p.id AND o.locale = l.locale"""
        found = list(forum.execute(query))
    assert {locale for _, locale, *_ in found} == {"en"}
    assert sum(", semaine" in title and ", week" in other for title, _, other, *_ in found) >= 5
    for title, _, other, raw, translated in found:
        assert title.startswith(WHOLE.cohorts[1].name)
        assert other != title
        assert translated != raw

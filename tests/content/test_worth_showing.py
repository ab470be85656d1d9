"""What earns a place in a roundup, and how it is put: the faults that an editor would strike out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.content.roundup import Roundup, build_roundup
from sync_worker.content.roundup_items import Period
from tests.talk import NOON, as_of

if TYPE_CHECKING:
    from sync_worker.model import Topic
    from tests.talk import Talk

PERIOD = Period(NOON - timedelta(days=7), NOON, frozenset({"system"}))
TITLES = ("Before anybody speaks", "What stands on the invitation", "Around the building", "A report that stops")
ADVICE = (
    "You can ask everybody to write for two minutes before anybody speaks.",
    "You should put the decision as a question on the invitation, a day ahead.",
    "You could walk around the building with them, and leave the notebook inside.",
    "You can stop one report for two weeks, and wait who asks for it first.",
)


def built(talk: Talk, locale: str = "en", period: Period = PERIOD) -> Roundup:
    roundup = build_roundup(talk.all, period, locale, "https://forum.example")
    assert isinstance(roundup, Roundup), roundup
    return roundup


@pytest.mark.parametrize(
    ("title", "locale", "accepted", "heading"),
    [
        ("Zombie adventure", "en", False, "On “Zombie adventure”"),
        ("How do you start?", "en", False, "An answer to “How do you start?”"),
        ("How do you start?", "en", True, "Solved: How do you start?"),
        ("Le planning des postes", "fr", False, "À propos de «\u00a0Le planning des postes\u00a0»"),
        ("Par où commencer\u00a0?", "fr", True, "Réglé\u00a0: Par où commencer\u00a0?"),
    ],
)
def test_a_title_is_never_passed_off_as_a_practice(
    talk: Talk, title: str, locale: str, accepted: bool, heading: str
) -> None:
    topic = talk.open(title, "ana", "How would you do it?")
    talk.say(topic, "bob", "The solution was a table of contents with one line for every shift.", likes=3,
             accepted=accepted)  # fmt: skip
    assert built(talk, locale).practices[0].heading == heading


def test_what_three_quarters_say_is_not_said_twice(talk: Talk) -> None:
    for name, amount in (("bob", "four hundred"), ("carl", "five hundred")):
        topic = talk.open(f"Signing, by {name}", f"asker-{name}", "How do you do it?")
        talk.say(topic, name, f"You can drop your signature for everything below {amount} euros, and see.", likes=2)
    assert len(built(talk).practices) == 1


def test_the_reason_counts_replies_and_claims_nothing_of_what_they_say(talk: Talk) -> None:
    topic = talk.open("Before anybody speaks", "ana", "Nobody speaks. What do you do?")
    post = talk.say(topic, "bob", ADVICE[0], likes=2)
    talk.say(topic, "carl", "How long do they take?", reply_to=post.number, days_ago=1)
    assert built(talk).practices[0].why == "Two people liked it."  # that one person replied is no reason to read it
    talk.say(topic, "ana", "Thank you, we begin on Monday.", reply_to=post.number, days_ago=1)
    talk.say(topic, "dora", "I tried it, and it did not work for us.", reply_to=post.number, days_ago=1)
    assert built(talk).practices[0].why == "Two people liked it and three replied."


def test_one_like_and_one_reply_are_no_reason(talk: Talk) -> None:
    topic = talk.open("Before anybody speaks", "ana", "Nobody speaks. What do you do?")
    post = talk.say(topic, "bob", ADVICE[0], likes=1)
    talk.say(topic, "carl", "How long do they take?", reply_to=post.number, days_ago=1)
    assert built(talk).practices[0].why == ""


def test_the_opening_does_not_name_what_is_only_pointed_at_below(talk: Talk) -> None:
    first = talk.open(TITLES[0], "ana", "Nobody speaks. What do you do?")
    for name in ("bob", "carl", "dan", "emil", "fay"):
        talk.say(first, name, ADVICE[0], likes=2)
    second = talk.open("Hand-overs", "gus", "See the picture.", likes=8)
    talk.topics[second] = replace(
        talk.topics[second],
        posts=tuple(
            replace(one, cooked='<p>See the picture.</p><p><img src="/uploads/a.png"></p>')
            for one in talk.topics[second].posts
        ),
    )
    for name, title, advice in zip(("dora", "hal"), TITLES[1:], ADVICE[1:], strict=False):
        talk.say(talk.open(title, "ana", "How do you do it?"), name, advice, likes=2)
    found = built(talk)
    assert any(item.post.topic_id == second and not item.quote for item in found.practices)
    assert "Hand-overs" not in found.opening


def test_the_opening_says_where_most_people_were(talk: Talk) -> None:
    first = talk.open("Before anybody speaks", "ana", "Nobody speaks. What do you do?")
    for name in ("bob", "carl", "dan", "emil", "fay"):
        talk.say(first, name, ADVICE[0], likes=2)
    for name, title, advice in zip(("dora", "gus", "hal"), TITLES[1:], ADVICE[1:], strict=False):
        talk.say(talk.open(title, "ana", "How do you do it?"), name, advice, likes=2)
    opening = re.sub(r"\]\([^)]*\)", "]", built(talk).opening)
    assert opening == (
        "Five people wrote in [Before anybody speaks] this week, more than anywhere else. "
        "[A report that stops] and [Around the building] are worth opening too."
    )
    french = re.sub(r"\]\([^)]*\)", "]", built(talk, "fr").opening)
    assert french == (
        "La conversation de la semaine a réuni cinq personnes\u00a0: [Before anybody speaks]. "
        "À lire aussi\u00a0: [A report that stops] et [Around the building]."
    )


def test_the_opening_does_not_list_all_that_comes_right_below_it(talk: Talk) -> None:
    for name, title, advice in zip(("bob", "carl", "dora"), TITLES, ADVICE, strict=False):
        talk.say(talk.open(title, "ana", "How do you do it?"), name, advice, likes=2)
    assert built(talk).opening == ""
    for name in ("emil", "fay", "gus", "hal", "ida"):
        talk.say(next(iter(talk.topics)), name, "How long do they take?")
    opening = re.sub(r"\]\([^)]*\)", "]", built(talk).opening)
    assert opening == "The conversation of the week was [Before anybody speaks], with seven people in it."


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How do you give feedback to people who were your peers?", True),
        ("Is there a better way to plan the holidays of fifteen people?", True),
        ("Comment annoncer un changement à l’équipe de nuit\u00a0?", True),
        ("I wonder whether the camera has only one scene to show?", False),
        ("We can certainly do better with the rota of this house?", False),
        ("What do you think they would say about that one?", False),
        ("Qui a de l’expérience avec cela, chez vous ou ailleurs\u00a0?", False),
    ],
)
def test_an_open_question_is_quoted_only_where_it_asks_by_itself(talk: Talk, question: str, quoted: bool) -> None:
    talk.open("Something I need help with", "zoe", question, days_ago=2)
    talk.say(talk.open("Meetings", "ana", "What do you do?"), "bob", ADVICE[0], likes=2)
    lines = "".join(item.line for item in built(talk).questions)
    assert (question[:20] in lines) is quoted


def test_a_question_that_the_title_asks_already_is_not_quoted_behind_it(talk: Talk) -> None:
    talk.open("Two colleagues quarrel. When to step in?", "zoe", "When do you step in between two of them?", days_ago=2)
    talk.say(talk.open("Meetings", "ana", "What do you do?"), "bob", ADVICE[0], likes=2)
    [item] = built(talk).questions
    assert "When do you step in" not in item.line


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Thoughts about our rota", "Nobody plans ahead. Why does nobody ask the night shift what it would need?"),
        (
            "A plan for shared holidays",
            "I propose one calendar. " * 8 + "How could we share holidays without a calendar?",
        ),
        (
            "Isn’t the rota a shared calendar?",
            "The rota is a calendar. Isn’t every rota a shared calendar of the house?",
        ),
        ("Poll: Do you like the rota?", "Do you like the rota that we have had since the winter?"),
        ("Could you have a look?", "It does not work. Could you have a look?"),
    ],
    ids=["a complaint", "a proposal that raises a question", "a claim", "a poll", "nothing to read off"],
)
def test_what_is_no_question_that_a_stranger_could_answer_is_not_called_out(talk: Talk, title: str, text: str) -> None:
    talk.open(title, "zoe", text, days_ago=2)
    talk.say(talk.open("Meetings", "ana", "What do you do?"), "bob", ADVICE[0], likes=2)
    assert built(talk).questions == ()


def of_old(talk: Talk, title: str, said: str) -> None:
    """Let Bob answer under a title, long ago, among others who write of other things."""
    talk.say(talk.open(title, "ana", "How do you do it?", days_ago=40), "bob", said, likes=4, days_ago=39)
    for number in range(20):
        filler = talk.open(f"Something else number {number}", "zoe", "How?", days_ago=38)
        said = f"Everybody has their own way of planning day {number}."
        talk.say(filler, f"dora{number}", said, likes=1, days_ago=37)
    talk.say(talk.open("Meetings", "ana", "What do you do?"), "emil", ADVICE[0], likes=2)


@pytest.mark.parametrize(
    ("title", "called"), [("A kitchen rota for weekends?", False), ("A holiday rota for the night shift?", True)]
)
def test_somebody_is_called_on_where_the_titles_share_several_rare_words(talk: Talk, title: str, called: bool) -> None:
    of_old(talk, "The holiday rota of a night shift", "Let them draw lots for the rota, a year ahead.")
    talk.open(title, "carl", "How do you plan a rota that fifteen people can live with?", days_ago=2)
    [question] = built(talk).questions
    assert ("Bob" in question.line) is called


def test_who_is_in_a_quarrel_is_not_called_on(talk: Talk) -> None:
    of_old(talk, "The holiday rota of a night shift", "Let them draw lots for the rota, a year ahead.")
    talk.open("A holiday rota for the night shift?", "carl", "How do you plan holidays for fifteen people?", days_ago=2)
    talk.say(talk.open("Offices", "ana", "I like mine."), "bob", "That is ridiculous, stop wasting my time.")
    [question] = built(talk).questions
    assert "Bob" not in question.line


def test_two_people_are_no_busy_conversation(talk: Talk) -> None:
    for name, title, advice in zip(("bob", "carl", "dora", "emil"), TITLES, ADVICE, strict=False):
        talk.say(talk.open(title, "ana", "Nobody speaks. What do you do?"), name, advice, likes=2)
    for locale, start in (("en", "Worth opening this week: ["), ("fr", "À lire cette semaine\u00a0: [")):
        assert built(talk, locale).opening.startswith(start)


def test_calls_to_everybody_are_not_word_for_word_the_same(talk: Talk) -> None:
    talk.say(talk.open("Meetings", "ana", "What do you do?"), "bob", ADVICE[0], likes=2)
    for number in range(3):
        talk.open(f"Question number {number} about rotas?", f"asker{number}", "How do you plan fifteen holidays?")
    calls = [item.line.rsplit("” ", 1)[-1] for item in built(talk).questions]
    assert len(set(calls)) == 3


def test_on_a_real_forum_no_title_stands_bare_and_every_quoted_question_asks(real_topics: list[Topic]) -> None:
    start = min(topic.created_at for topic in real_topics)
    titles = {topic.title.strip(" .!…").casefold() for topic in real_topics}
    for week in range(2, 50):
        now = start + timedelta(weeks=week)
        roundup = build_roundup(
            as_of(real_topics, now), Period(now - timedelta(days=7), now), "en", "https://f.example"
        )
        if isinstance(roundup, Roundup):
            assert not {item.heading.casefold() for item in roundup.practices} & titles
            lines = [item.line.split(").", 1)[-1] for item in roundup.questions]
            quoted = [found for line in lines for found in re.findall(r"“(.+)”", line)]
            assert all(text.endswith("?") for text in quoted), quoted

"""What earns a place in a roundup, and how it is put: the faults that an editor would strike out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.content.quoting import best_sentence
from sync_worker.content.roundup import Period, Roundup, build_roundup
from sync_worker.content.voice import own_words
from tests.talk import NOON, as_of

if TYPE_CHECKING:
    from sync_worker.model import Topic
    from tests.talk import Talk

PERIOD = Period(NOON - timedelta(days=7), NOON, frozenset({"system"}))
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


def cook(*paragraphs: str) -> str:
    return "".join(f"<p>{text}</p>" for text in paragraphs)


@pytest.mark.parametrize(
    "chat",
    [
        "If you must know, I am the author of the subsystem and you should use it.",
        "In your case you could even give the characters another state of mind.",
        "You can do that, you can even save single components of the scene.",
        "Otherwise I'm guessing you could look into creating your own geometry.",
        "Say you have a terrain that ranges from zero to two hundred units in height.",
        "By setting the flag for large indices to true",
        "Just to make sure the condition is not the one to blame.",
        "I then removed the include in the header and found that it worked too.",
        "If you can share a project with me, you can be sure that I can check it.",
        "In the samples. there is a second scene you can use for the cubes.",
    ],
)
def test_chat_hedges_and_fragments_are_not_quoted(chat: str) -> None:
    assert best_sentence(cook(chat)) is None


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


def test_a_heading_leaves_the_quote_something_to_add() -> None:
    said = own_words(cook("You can run it in a test group and keep notes on every single question."), "", "en")
    shown = own_words(cook("You can run the rota in a test group and keep notes on every question."), "", "en")
    assert said is None
    assert shown is not None
    assert shown.heading == "Run the rota in a test group"


def test_a_prohibition_stays_one() -> None:
    said = own_words(cook("You should never publish a rota without a name on it."), "", "en")
    assert said is None or said.heading.startswith("Never ")
    assert own_words(cook("You aren't going to get a rota by working with a list."), "", "en") is None


def test_one_like_alone_is_shown_in_a_quiet_week_and_not_in_a_rich_one(talk: Talk) -> None:
    for number, advice in enumerate(ADVICE):
        topic = talk.open(f"Topic number {number} on leading", f"asker{number}", "How do you do it?")
        talk.say(topic, f"helper{number}", advice, likes=1 if number == 0 else 2)
    names = [item.post.username for item in built(talk).practices]
    assert sorted(names) == ["helper1", "helper2", "helper3"]


def test_what_three_quarters_say_is_not_said_twice(talk: Talk) -> None:
    for name, amount in (("bob", "400"), ("carl", "500")):
        topic = talk.open(f"Signing, by {name}", f"asker-{name}", "How do you do it?")
        talk.say(topic, name, f"You can drop your signature for everything below {amount} euros, and see.", likes=2)
    assert len(built(talk).practices) == 1


def test_the_reason_counts_replies_and_claims_nothing_of_what_they_say(talk: Talk) -> None:
    topic = talk.open("Silent meetings", "ana", "Nobody speaks. What do you do?")
    post = talk.say(topic, "bob", ADVICE[0], likes=2)
    talk.say(topic, "carl", "How long do they take?", reply_to=post.number, days_ago=1)
    assert built(talk).practices[0].why == "Two people liked it and one replied."
    talk.say(topic, "ana", "Thank you, we begin on Monday.", reply_to=post.number, days_ago=1)
    talk.say(topic, "dora", "I tried it, and it did not work for us.", reply_to=post.number, days_ago=1)
    assert built(talk).practices[0].why == "Two people liked it and three replied."


def test_the_opening_says_where_most_people_were(talk: Talk) -> None:
    first = talk.open("Silent meetings", "ana", "Nobody speaks. What do you do?")
    for name in ("bob", "carl"):
        talk.say(first, name, ADVICE[0], likes=2)
    second = talk.open("Signing", "ana", "How do you do it?")
    talk.say(second, "dora", ADVICE[1], likes=2)
    opening = re.sub(r"\]\([^)]*\)", "]", built(talk).opening)
    assert opening == (
        "The busiest conversation this week was [Silent meetings], with three people in it; [Signing] came next."
    )
    french = re.sub(r"\]\([^)]*\)", "]", built(talk, "fr").opening)
    assert french == (
        "La conversation la plus suivie de la semaine, à trois\u00a0: [Silent meetings]. Vient ensuite [Signing]."
    )


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


def test_calls_to_everybody_are_not_word_for_word_the_same(talk: Talk) -> None:
    talk.say(talk.open("Meetings", "ana", "What do you do?"), "bob", ADVICE[0], likes=2)
    for number in range(3):
        talk.open(f"Question number {number} about rotas?", f"asker{number}", "How do you plan fifteen holidays?")
    calls = [item.line.rsplit("” ", 1)[-1] for item in built(talk).questions]
    assert len(set(calls)) == 3


def test_a_story_quotes_an_outcome_with_the_sentence_it_leans_on() -> None:
    said = own_words(
        cook(
            "Nobody in the team had told me anything critical since I was promoted, and I believed there was nothing.",
            "I asked everybody for one thing that slows them down, on a sheet by the coffee machine.",
            "Three of them said that I answer my phone while they talk. It has been in the drawer since Friday and the "
            "round ends six minutes earlier.",
        ),
        "",
        "en",
    )
    assert said is not None
    assert said.quote.startswith("Three of them said that I answer my phone while they talk. It has been")


def test_a_fragment_is_quoted_with_its_neighbour() -> None:
    said = own_words(
        cook(
            "J’enveloppe si bien mes reproches que l’on me remercie du compliment en sortant de mon bureau.",
            "J’ai mis mon reproche en une seule phrase, sans rien autour.",
            "Deux minutes, sans drame. Vendredi, il ne restait qu’un point ouvert sur cinq.",
        ),
        "",
        "fr",
    )
    assert said is not None
    assert said.quote == "Deux minutes, sans drame. Vendredi, il ne restait qu’un point ouvert sur cinq."


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
            assert sum(item.why == "One person liked it." for item in roundup.practices) <= 1

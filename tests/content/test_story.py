"""A story has a person, a situation, what they tried, what came of it, and what others can take."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.content.story import Story, retold, story_candidates, write_story
from sync_worker.signals.cues import read_beats
from sync_worker.signals.telling import read_telling
from tests.talk import NOON, Talk

if TYPE_CHECKING:
    from sync_worker.signals.telling import Telling

STAFF = frozenset({"system"})
PAGE = (
    "Our hand-over depends on who is on. With some I know everything, with others I find out at ten in the morning.\n\n"
    "I asked everybody to write one page with five boxes, and no box may stay empty.\n\n"
    "The hand-over takes seven minutes instead of 15. Since then one thing was lost.\n\n"
    "The box with what I am unsure about is the one that matters."
)
OBJECTIONS = (
    "Je savais que l’équipe serait contre, devant tout le monde, comme chaque fois.\n\n"
    "J’ai demandé à l’équipe de présenter ses objections, toutes, avec le temps de les préparer.\n\n"
    "La réunion a duré 15 minutes, et personne n’a haussé le ton. Nous commençons deux semaines plus tard.\n\n"
    "La personne qui est contre sait où cela casserait."
)


def cook(text: str) -> str:
    """Return a post's HTML."""
    return "".join(f"<p>{part}</p>" for part in text.split("\n\n"))


def test_the_beats_of_a_story_are_found_in_order() -> None:
    beats = read_beats(cook(PAGE))
    assert beats is not None
    assert beats.situation[0].startswith("Our hand-over depends")
    assert beats.tried[0].startswith("I asked everybody")
    assert beats.outcome[0].startswith("The hand-over takes seven minutes")
    assert not any("box with what" in text for text in beats.outcome)


def test_a_plan_a_question_or_a_short_remark_is_no_story() -> None:
    assert read_beats(cook("I will talk to the team on Monday. I have a card with my first sentence on it.")) is None
    assert read_beats(cook("How did it go? Did it take long? Would you do it again?")) is None
    assert read_beats(cook("I tried it. It took ten minutes.")) is None


def test_an_english_story_names_deed_and_effect_and_keeps_the_authors_words(talk: Talk) -> None:
    topic = talk.open("Lisbon, week 5: What the next person cannot know", "system", "Think of the next piece.")
    post = talk.say(topic, "ana", PAGE, likes=3)
    candidate = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)[0]
    story = write_story(candidate, "en", "https://forum.example")
    assert story.headline == (
        "Ana asked everybody to write one page with five boxes: the hand-over takes seven minutes instead of 15"
    )
    assert (
        story.topic
        == f"[What the next person cannot know](https://forum.example/t/topic-{topic}/{topic}/{post.number})"
    )
    quoted = story.quote.split("\n")[1]
    assert "I asked everybody to write one page" in quoted
    assert "seven minutes" in quoted
    assert story.taken == ""
    assert story.repeatable
    assert story.why == "Three people liked it."


def test_a_french_story_is_told_in_french_and_guesses_no_gender(talk: Talk) -> None:
    topic = talk.open("Paris, semaine 4\u00a0: Une réunion plus courte", "system", "Prenez une réunion.")
    talk.say(topic, "inès", OBJECTIONS, likes=2)
    candidate = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)[0]
    story = write_story(candidate, "fr", "https://forum.example")
    assert story.headline == (
        "Inès a demandé à l’équipe de présenter ses objections\u00a0: la réunion a duré 15 minutes"
    )


def test_nobody_vouching_for_it_makes_no_candidate(talk: Talk) -> None:
    topic = talk.open("Hand-over", "system", "Think of the next piece.")
    talk.say(topic, "ana", PAGE)
    assert story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF) == []


def test_staff_have_no_stories_and_the_best_comes_first(talk: Talk) -> None:
    topic = talk.open("Hand-over", "system", "Think of the next piece.")
    talk.say(topic, "ana", PAGE, likes=2)
    talk.say(topic, "bob", PAGE.replace("seven", "six"), likes=6)
    talk.say(topic, "system", PAGE, likes=9)
    found = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)
    assert [candidate.contribution.post.username for candidate in found] == ["bob", "ana"]
    assert found[0].reason("en") == (
        "The post tells what was tried and what came of it, with a figure. Six people liked it."
    )


def test_calls_and_markup_beside_the_story_are_no_part_of_it() -> None:
    call = '<p><a class="mention" href="/u/bob">@bob</a> look at this, and everybody else too.</p>'
    link = "<p>See [here](javascript:alert(1)) and ![picture](x), it is worth it.</p>"
    beats = read_beats(cook(PAGE) + call + link)
    assert beats is not None
    assert not any("bob" in text or "javascript" in text for text in beats.outcome)


def told(talk: Talk, text: str, *, prompted: bool = True) -> Telling:
    """Return what a post tells that must tell something."""
    topic = talk.open("What the next person cannot know", "system" if prompted else "zoe", "Think of the next piece.")
    post = talk.say(topic, "ana", text, likes=2)
    telling = read_telling(talk.topics[topic], post, NOON, prompted=prompted)
    assert telling is not None
    return telling


def title_of(talk: Talk, text: str, name: str, locale: str) -> str:
    """Return what is retold of a post that answers a prompt."""
    return retold(told(talk, text), name, locale).text


def test_an_effect_goes_on_in_lower_case_after_the_colon(talk: Talk) -> None:
    text = (
        "Depuis trois semaines, la commande arrivait avec un jour de retard, et tout le monde s’arrangeait autour.\n\n"
        "J’ai demandé dix minutes à la personne qui la prépare, et je me suis tu.\n\n"
        "Depuis, quatre fois sur cinq, rien à reprendre. Il a fallu 40 minutes pour montrer la suite du travail."
    )
    assert title_of(talk, text, "David", "fr") == (
        "David a demandé dix minutes à la personne qui la prépare\u00a0: depuis, quatre fois sur cinq, rien à reprendre"
    )


@pytest.mark.parametrize(
    ("deed", "locale"),
    [
        ("I called the shop on Friday.", "en"),
        ("I moved three coins from my left pocket to my right one in the morning, and I spoke.", "en"),
        ("I held each card up and asked everybody in the room: nobody reads this at all.", "en"),
        ("J’ai levé chaque carte devant tout le monde en demandant\u00a0: qui ne lit rien ne dit rien.", "fr"),
    ],
    ids=["too short to say much", "what is theirs, in a sentence cut off", "what they asked left out", "in French"],
)
def test_a_deed_that_would_be_half_told_makes_no_title(talk: Talk, deed: str, locale: str) -> None:
    before = "The order came late every week, and everybody in the house worked around it quietly."
    text = f"{before}\n\n{deed}\n\nThe order is on time now. It takes seven minutes instead of 15."
    assert title_of(talk, text, "Ana", locale) == ""


ROWS = "Each time there was a row, in front of everybody, and half of them stopped listening after that."
CHANGED = "I changed the plan twice before the meeting on holidays."
ENDED = "It took fifteen minutes, and nobody raised their voice."


@pytest.mark.parametrize(
    "parts",
    [
        (ROWS, f"I talked to Ruth, Tom, Eva and Kim beforehand. {CHANGED}", ENDED),
        (ROWS, f"{CHANGED} Then I wrote to all of them.", ENDED),
        (CHANGED, ROWS, ENDED),
    ],
    ids=["something else before", "something else after", "how it was before"],
)
def test_a_title_tells_the_one_thing_that_the_author_did_or_nothing(talk: Talk, parts: tuple[str, ...]) -> None:
    assert title_of(talk, "\n\n".join(parts), "Ana", "en") == ""


def test_an_effect_that_is_only_a_number_stays_out_of_the_title(talk: Talk) -> None:
    text = f"{ROWS}\n\n{CHANGED}\n\nThree people out of fifteen, a record in our house."
    assert title_of(talk, text, "Ana", "en") == "Ana changed the plan twice before the meeting on holidays"


def test_an_effect_that_names_the_same_thing_as_the_deed_again_stays_out_of_the_title(talk: Talk) -> None:
    text = (
        "Each time there was a row, in front of everybody, and half of them stopped listening after that.\n\n"
        "I changed the plan twice before the meeting on holidays.\n\n"
        "The meeting itself took fifteen minutes, and nobody raised their voice."
    )
    assert title_of(talk, text, "Ana", "en") == "Ana changed the plan twice before the meeting on holidays"


def test_the_title_names_nobody_who_is_no_member(talk: Talk) -> None:
    text = (
        "Eleven messages in two days, seven people in copy, and each of them sharper than the last.\n\n"
        "I asked everybody to stop writing until the morning.\n\n"
        "Claire laughed after ten minutes in the end."
    )
    assert title_of(talk, text, "Ana", "en") == "Ana asked everybody to stop writing until the morning"


# Somebody tells without having been asked: there a story is one only where everything speaks for it.

SOLVED = (
    "I have solved the problem with the lamp. I turned the long cable around and put felt below it, and now it works "
    "fine. It took one evening and cost nothing at all."
)


def test_the_author_of_a_topic_who_comes_back_with_what_worked_has_a_story(talk: Talk) -> None:
    topic = talk.open("A lamp that hums", "ana", "It hums all night long.")
    post = talk.say(topic, "ana", SOLVED, likes=2)
    [candidate] = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)
    story = write_story(candidate, "en", "https://forum.example")
    assert story.headline == "Ana, on “A lamp that hums”"
    assert story.quote.split("\n")[1] == SOLVED
    assert (story.post, story.taken, story.repeatable) == (post, "", False)
    french = write_story(candidate, "fr", "https://forum.example")
    assert french.headline == "Ana, à propos de «\u00a0A lamp that hums\u00a0»"


def test_a_story_that_opens_its_topic_has_the_topics_title(talk: Talk) -> None:
    talk.open("My lamp hums no more", "ana", SOLVED, likes=2)
    [candidate] = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)
    assert write_story(candidate, "en", "https://forum.example").headline == "Ana: My lamp hums no more"


@pytest.mark.parametrize(
    "text",
    [
        SOLVED + " I would be happy to receive further feedback on the cable.",
        SOLVED + " Unfortunately the radio hums now.",
        SOLVED + " I am still having trouble with the switch.",
        SOLVED + " Why does felt help?",
        SOLVED + "\n\nEdit: or not, it hums again.",
        "I have no right to complain, and yet this lamp is ridiculous. " + SOLVED,
        "I will turn the cable around on Monday and put felt below it. It should work fine then, for the cable hums.",
        "We will catch it up sooner or later. Although it is a good idea, we do not want to keep to one lamp.",
        "Both are too long for it. I turned the long cable around and put felt below it, and now it works fine.",
        "I turned the cable around, and it worked well until the radio was on, and then everything went quiet at once.",
        "I have released version two of my lamp. I fixed the hum, and it works fine now for all who have a long cable.",
    ],
    ids=[
        "a request for feedback",
        "a new trouble",
        "trouble that goes on",
        "a question",
        "taken back in it",
        "a rant",
        "a plan",
        "a refusal",
        "needs what was said before",
        "worked until",
        "news",
    ],
)  # fmt: skip
def test_what_is_no_success_of_the_author_is_no_story(talk: Talk, text: str) -> None:
    talk.say(talk.open("A lamp that hums", "ana", "It hums all night long."), "ana", text, likes=2)
    assert story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF) == []


@pytest.mark.parametrize(
    ("author", "text"),
    [
        ("ana", "I was wrong, it hums again."),
        ("ana", "I am still having trouble with the switch, by the way."),
        ("bob", "That is not true for every lamp, and felt is a bad idea."),
        ("bob", "What nonsense, you are wasting my time."),
    ],
    ids=["its author was wrong", "its author is still in trouble", "contradicted", "a quarrel"],
)
def test_what_comes_later_in_the_topic_takes_a_story_back(talk: Talk, author: str, text: str) -> None:
    topic = talk.open("A lamp that hums", "ana", "It hums all night long.")
    talk.say(topic, "ana", SOLVED, likes=2)
    assert len(story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)) == 1
    talk.say(topic, author, text, days_ago=1)
    assert story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF) == []


@pytest.mark.parametrize(
    "between",
    ["<pre><code>felt(3)</code></pre>", '<aside class="quote"><blockquote>Felt?</blockquote></aside>',
     "<ol><li>Felt</li></ol>", '<p><img src="lamp.png"></p>'],
    ids=["code", "words of others", "a list", "a picture"],
)  # fmt: skip
def test_nothing_is_glued_over_what_cannot_be_shown(talk: Talk, between: str) -> None:
    first, second, third = (f"{part.rstrip('.')}." for part in SOLVED.split(". ", 2))
    topic = talk.open("A lamp that hums", "ana", "It hums all night long.")
    post = talk.say(topic, "ana", SOLVED, likes=2)
    cooked = f"<p>{first} {second}</p>{between}<p>{third}</p>"
    telling = read_telling(talk.topics[topic], replace(post, cooked=cooked), NOON, prompted=False)
    assert telling is None or telling.passage == (first, second)
    parted = f"<p>{first}</p>{between}<p>{second} {third}</p>"
    assert read_telling(talk.topics[topic], replace(post, cooked=parted), NOON, prompted=False) is None


TOLD = (
    "I asked everybody to write one page with five boxes, and no box may stay empty. "
    "The hand-over takes seven minutes instead of 15. Since then one thing was lost."
)


@pytest.mark.parametrize("before", ["Hello all! ", "Thanks, @zoe, that is a good one. ", "What do they miss?\n\n", ""])
def test_a_story_begins_with_a_paragraph_or_behind_its_greeting(talk: Talk, before: str) -> None:
    assert told(talk, before + TOLD).text == TOLD


def test_a_story_does_not_begin_behind_a_sentence_that_its_paragraph_may_be_about(talk: Talk) -> None:
    assert read_telling_of(talk, f"What do the others miss when I leave? {TOLD}") is None


def test_a_quotation_does_not_stop_before_a_but(talk: Talk) -> None:
    limit = "But it was the box with what I am unsure about that took a whole hour of talking."
    parts = PAGE.split("\n\n")
    whole = "\n\n".join([*parts[:3], limit, "That hour was worth it."])
    assert limit in told(talk, whole).passage
    assert read_telling_of(talk, "\n\n".join([*parts[:3], f"{limit[:-1]} ({{x}})."])) is None


def read_telling_of(talk: Talk, text: str) -> Telling | None:
    """Return what an answer to a prompt tells."""
    topic = talk.open("What the next person cannot know", "system", "Think of the next piece.")
    return read_telling(talk.topics[topic], talk.say(topic, "ana", text, likes=2), NOON, prompted=True)


@pytest.mark.parametrize(
    ("said", "locale", "taken"),
    [
        ("What I take from it: a box with doubts is worth more than ten with facts.", "en",
         "“A box with doubts is worth more than ten with facts”"),
        ("Next time I will begin with the box that is hardest to fill.", "en",
         "“Next time I will begin with the box that is hardest to fill”"),
        ("The box with what I am unsure about is the one that matters.", "en", ""),
        ("What I take from it: it is worth more than ten others.", "en", ""),
        ("Ce que j’en retiens\u00a0: une case de doutes vaut mieux que dix cases de faits.", "fr",
         "«\u00a0Une case de doutes vaut mieux que dix cases de faits\u00a0»"),
    ],
    ids=["announced", "next time", "not announced", "needs what was said before", "in French"],
)  # fmt: skip
def test_what_to_take_from_it_is_shown_where_the_author_announces_it(
    talk: Talk, said: str, locale: str, taken: str
) -> None:
    topic = talk.open("Lisbon, week 5: What the next person cannot know", "system", "Think of the next piece.")
    talk.say(topic, "ana", "\n\n".join([*PAGE.split("\n\n")[:3], said]), likes=2)
    story = story_of(talk, locale)
    assert story.taken == taken
    assert not taken or said not in story.quote


def story_of(talk: Talk, locale: str) -> Story:
    """Return the only story there is."""
    [candidate] = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)
    return write_story(candidate, locale, "https://forum.example")


def test_what_a_person_picked_is_shown_from_its_first_words_that_stand_alone(talk: Talk) -> None:
    topic = talk.open("A lamp that hums", "zoe", "It hums all night long.")
    post = talk.say(topic, "ana", "But that is it. My lamp has a long cable. Is yours shorter? Felt helps.")
    [candidate] = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF, {post.id})
    assert candidate.picked
    assert candidate.telling.passage[0] == "My lamp has a long cable."
    assert write_story(candidate, "en", "https://forum.example").headline == "Ana, on “A lamp that hums”"


@pytest.mark.parametrize(("locale", "title"), [("en", "What Ana has to tell"), ("fr", "Ce que raconte Ana")])
def test_a_topic_whose_opener_may_not_be_quoted_is_not_named_in_a_title(talk: Talk, locale: str, title: str) -> None:
    topic = talk.open("A lamp that hums", "zoe", "It hums all night long.")
    talk.say(topic, "ana", SOLVED, likes=2)
    opened = talk.topics[topic]
    first, *others = opened.posts
    silent = replace(opened, posts=(replace(first, quotable=False), *others))
    [candidate] = story_candidates([silent], NOON - timedelta(days=7), NOON, STAFF)
    story = write_story(candidate, locale, "https://forum.example")
    assert story.headline == title
    assert "lamp that hums" not in story.topic

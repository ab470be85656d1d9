"""A story has a person, a situation, what they tried, what came of it, and what others can take."""

from __future__ import annotations

from datetime import timedelta

from sync_worker.content.story import excerpt, headline, story_candidates, write_story
from sync_worker.signals.cues import read_beats
from tests.talk import NOON, Talk

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
    assert beats.lesson.startswith("The box with what")


def test_a_plan_a_question_or_a_short_remark_is_no_story() -> None:
    assert read_beats(cook("I will talk to the team on Monday. I have a card with my first sentence on it.")) is None
    assert read_beats(cook("How did it go? Did it take long? Would you do it again?")) is None
    assert read_beats(cook("I tried it. It took ten minutes.")) is None


def test_an_english_story_names_deed_and_effect_and_keeps_the_authors_words(talk: Talk) -> None:
    topic = talk.open("Lisbon, week 5: What the next person cannot know", "system", "Think of the next piece.")
    post = talk.say(topic, "ana", PAGE, likes=3)
    candidate = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)[0]
    story = write_story(candidate, "en", "https://forum.example", STAFF)
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
    assert story.taken == "“The box with what I am unsure about is the one that matters”"
    assert story.why == "Three people liked it."


def test_a_french_story_is_told_in_french_and_guesses_no_gender(talk: Talk) -> None:
    topic = talk.open("Paris, semaine 4\u00a0: Une réunion plus courte", "system", "Prenez une réunion.")
    talk.say(topic, "inès", OBJECTIONS, likes=2)
    candidate = story_candidates(talk.all, NOON - timedelta(days=7), NOON, STAFF)[0]
    story = write_story(candidate, "fr", "https://forum.example", STAFF)
    assert story.headline == (
        "Inès a demandé à l’équipe de présenter ses objections\u00a0: la réunion a duré 15 minutes"
    )
    assert story.taken == "«\u00a0La personne qui est contre sait où cela casserait\u00a0»"


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


def test_calls_and_markup_beside_the_story_are_never_taken_for_its_lesson() -> None:
    call = '<p><a class="mention" href="/u/bob">@bob</a> look at this, and everybody else too.</p>'
    link = "<p>See [here](javascript:alert(1)) and ![picture](x), it is worth it.</p>"
    beats = read_beats(cook(PAGE) + call + link)
    assert beats is not None
    assert beats.lesson.startswith("The box with what")
    assert not any("bob" in text or "javascript" in text for text in beats.outcome)


def title_of(text: str, name: str, locale: str) -> str:
    """Return the headline of a post."""
    beats = read_beats(cook(text))
    assert beats is not None
    return headline(beats, name, locale)


def test_an_effect_goes_on_in_lower_case_after_the_colon() -> None:
    told = (
        "Depuis trois semaines, la commande arrivait avec un jour de retard, et tout le monde s’arrangeait autour.\n\n"
        "J’ai demandé dix minutes à la personne qui la prépare, et je me suis tu.\n\n"
        "Depuis, quatre fois sur cinq, rien à reprendre. Il a fallu 40 minutes pour montrer la suite du travail."
    )
    assert title_of(told, "David", "fr") == (
        "David a demandé dix minutes à la personne qui la prépare\u00a0: depuis, quatre fois sur cinq, rien à reprendre"
    )


def test_a_deed_of_three_words_is_no_headline_and_a_feeling_is_none_either() -> None:
    told = (
        "Most of my people only hear from me when something breaks. Rita said that rather drily.\n\n"
        "I left out everything. Every day I told one person one thing that I had seen them do well.\n\n"
        "It felt forced for three days. Then Luís asked me why I had not said anything about the plan."
    )
    assert title_of(told, "Ana", "en") == "Ana: “Every day I told one person one thing that I had seen them do well”"


def test_what_the_headline_quotes_stands_in_the_excerpt() -> None:
    told = (
        "Apprendre avec des gens qu’on ne croise jamais, je n’y croyais pas du tout avant ce printemps.\n\n"
        "Nous avons raconté la chose à deux collègues pendant le déjeuner. On nous a demandé quand on commençait. "
        "Nous avons commencé sans attendre.\n\n"
        "Personne ne s’est plaint. On en parle à la pause. "
        "Au bout de trois semaines, le relevé de caisse nous prend deux heures au lieu de quatre."
    )
    beats = read_beats(cook(told))
    assert beats is not None
    title = headline(beats, "Virginie", "fr")
    assert "le relevé de caisse nous prend deux heures" in title
    assert "le relevé de caisse nous prend deux heures" in excerpt(beats, title)

"""Headings say what to do only where the text does."""

from __future__ import annotations

import pytest

from sync_worker.content.headings import deed, imperative, names_in, names_somebody


@pytest.mark.parametrize(
    ("sentence", "heading"),
    [
        ("You can use a virtual cursor, and it works on all platforms.", "Use a virtual cursor"),
        ("My guess is that, you should set the margin to zero.", "Set the margin to zero"),
        ("Make sure your textures are in grisaille - the rest follows.", "Make sure your textures are in grisaille"),
        ("I solved it by using a negative value for brightness.", "Use a negative value for brightness"),
        ("On Monday I asked five people the same question, one at a time.", "Ask five people the same question"),
        (
            "I wrote my first sentence on a card beforehand: what I saw.",
            "Write your first sentence on a card beforehand",
        ),
    ],
)
def test_english_advice_and_deeds_become_imperatives(sentence: str, heading: str) -> None:
    assert imperative(sentence, "en") == heading


@pytest.mark.parametrize(
    ("sentence", "heading"),
    [
        ("Il suffit de poser la question avant la réunion.", "Poser la question avant la réunion"),
        ("J'ai demandé à toute l'équipe qui voulait apprendre, en laissant jusqu'à lundi.",
         "Demander à toute l’équipe qui voulait apprendre"),
        ("J’ai mis la question dans l’invitation : on décide.", "Mettre la question dans l’invitation"),
        ("J’ai supprimé ma signature en dessous de 200 euros.", "Supprimer sa signature en dessous de 200 euros"),
    ],
)  # fmt: skip
def test_french_advice_and_deeds_become_infinitives(sentence: str, heading: str) -> None:
    assert imperative(sentence, "fr") == heading


@pytest.mark.parametrize(
    "sentence",
    [
        "I doubt you should expect that.",
        "There is a package you can use to build an editor.",
        "You can use it.",
        "I told her what she had to know about it.",
        "I asked Marta to present the objections.",
        "The weather was fine.",
        "Do not touch the settings.",
    ],
)
def test_where_no_honest_imperative_is_there_is_none(sentence: str) -> None:
    assert imperative(sentence, "en") == ""


def test_a_deed_is_told_by_name_without_guessing_a_gender() -> None:
    assert deed("I asked my team the same question, twice.", "Ana", "en") == "Ana asked their team the same question"
    assert deed("J’ai donné le planning à mon équipe.", "Ana", "fr") == "Ana a donné le planning à son équipe"
    assert deed("She told me everything.", "Ana", "en") == ""
    assert deed("Je me suis tue.", "Ana", "fr") == ""


@pytest.mark.parametrize(
    "sentence",
    ["I asked Marta for ten minutes on the same day.", "I put the question to Duarte and Helena in one mail."],
)
def test_what_was_done_with_somebody_by_name_makes_no_headline(sentence: str) -> None:
    assert deed(sentence, "Edna Évora", "en") == ""


def test_weekdays_and_months_are_nobodys_names() -> None:
    assert deed("I moved the long meeting to Monday and to March.", "Edna", "en")
    assert not names_somebody("The Monday meeting of March is shorter now.")
    assert names_somebody("Joana asked for a copy for her husband.", names_in(["I told that to Joana on Monday."]))
    assert imperative("Put Duarte and Helena on one small change together.", "en") == ""

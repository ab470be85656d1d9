"""Titles of stories, derived from an author's own sentence."""

from __future__ import annotations

import pytest

from sync_worker.signals.deeds import deed, names_somebody


def test_a_deed_is_told_by_name_without_guessing_a_gender() -> None:
    assert deed("I asked the team the same question, twice.", "Ana", "en") == "Ana asked the team the same question"
    assert deed("I asked my team the same question, twice.", "Ana", "en") == ""  # "their" of somebody we know is wrong
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
    assert names_somebody("The meeting with Joana is shorter now.")

"""Reasons are sentences in the cohort's language."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sync_worker.content.reasons import held_note, held_reason, reasons_for
from sync_worker.publish.citations import Trouble

LATEST = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_missed_step_names_its_last_moment_on_the_cohorts_clock() -> None:
    paris = LATEST.astimezone(ZoneInfo("Europe/Paris"))
    assert reasons_for("en").missed(paris) == "It was to happen by Tuesday 24\u00a0November, 09:00."
    assert reasons_for("fr").missed(paris) == "C’était à faire au plus tard le mardi 24\u00a0novembre à 9\u00a0h."


def test_why_an_author_is_asked_or_not_is_said_in_the_cohorts_language() -> None:
    english, french = reasons_for("en"), reasons_for("fr")
    assert english.nobody_to_ask(21) == "no story in the last 21 days whose author has not been asked lately"
    assert french.nobody_to_ask(21).startswith("sur les 21 derniers jours, aucune réussite")
    assert french.not_seen("ana").startswith("@ana a donné son accord")
    assert english.asked_before() != french.asked_before()
    assert english.not_tellable() != french.not_tellable()


@pytest.mark.parametrize(
    ("practices", "questions", "english", "french"),
    [
        (1, 0, "One person wrote what others can use.", "Une personne a écrit ce qui peut servir à d’autres."),
        (
            3,
            1,
            "Three people wrote what others can use; one question is still open.",
            "Trois personnes ont écrit ce qui peut servir à d’autres\u00a0; une question reste ouverte.",
        ),
        (
            2,
            2,
            "Two people wrote what others can use; two questions are still open.",
            "Deux personnes ont écrit ce qui peut servir à d’autres\u00a0; deux questions restent ouvertes.",
        ),
    ],
)
def test_a_roundup_counts_in_words(practices: int, questions: int, english: str, french: str) -> None:
    assert reasons_for("en").roundup(practices, questions) == english
    assert reasons_for("fr").roundup(practices, questions) == french


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("trouble", list(Trouble))
def test_a_held_story_says_why_in_both_languages_and_shows_nothing_of_it(locale: str, trouble: Trouble) -> None:
    note = held_note(locale, "Spring " * 60, "https://forum.example/t/-/7/2", trouble.name)
    assert held_reason(locale, trouble.name) in note.body
    assert "https://forum.example/t/-/7/2" in note.body
    assert 15 < len(note.title) < 255
    assert ("!" in note.body, "  " in note.body) == (False, False)

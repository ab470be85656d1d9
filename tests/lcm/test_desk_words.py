"""What the worker writes onto the desk is in the cohort's language and by its clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from sync_worker.desk.words import words_for
from sync_worker.languages.language import codes
from sync_worker.plays import REGISTRY

LISBON, PARIS = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Paris")
LATE = "it was to happen by 2026-11-24 08:00 UTC"


def test_a_missed_occurrence_is_told_by_the_cohorts_clock() -> None:
    assert "08:00" in words_for("en").why_not(LATE, LISBON)
    assert "à 9\xa0h" in words_for("fr").why_not(LATE, PARIS)


@pytest.mark.parametrize("locale", codes())
@pytest.mark.parametrize("reason", [LATE, "too late to happen", "rejected by lea: not now"])
def test_no_english_of_the_journal_is_shown_as_it_is(locale: str, reason: str) -> None:
    said = words_for(locale).why_not(reason, PARIS)
    assert said
    assert said != reason
    assert "UTC" not in said


def test_what_a_play_says_in_the_cohorts_language_is_shown() -> None:
    assert words_for("fr").why_not("personne n’a rien écrit pendant cette période", PARIS).startswith("personne n’a")


@pytest.mark.parametrize("locale", codes())
@pytest.mark.parametrize("play", REGISTRY)
def test_every_play_has_a_title_in_every_language(locale: str, play: str) -> None:
    assert words_for(locale).play(play) != play


def test_french_uses_no_plain_space_before_a_mark() -> None:
    words = words_for("fr").say
    texts = [value for value in vars_of(words) if isinstance(value, str)]
    assert not [text for text in texts if any(f" {mark}" in text for mark in ":;?!»")]


def vars_of(words: object) -> list[object]:
    return [getattr(words, name) for name in words.__slots__]  # type: ignore[attr-defined]

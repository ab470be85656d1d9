"""Titles of stories, derived from an author's own sentence."""

from __future__ import annotations

from sync_worker.content.headings import deed


def test_a_deed_is_told_by_name_without_guessing_a_gender() -> None:
    assert deed("I asked my team the same question, twice.", "Ana", "en") == "Ana asked their team the same question"
    assert deed("J’ai donné le planning à mon équipe.", "Ana", "fr") == "Ana a donné le planning à son équipe"
    assert deed("She told me everything.", "Ana", "en") == ""
    assert deed("Je me suis tue.", "Ana", "fr") == ""

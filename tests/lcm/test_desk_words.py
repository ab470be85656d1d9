"""What the worker writes onto the desk is in the cohort's language and by its clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from sync_worker.desk.words import WORDS
from sync_worker.plays import REGISTRY

LISBON, PARIS = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Paris")
LATE = "it was to happen by 2026-11-24 08:00 UTC"


def test_a_missed_occurrence_is_told_by_the_cohorts_clock() -> None:
    assert "24\u00a0November, 8:00" in WORDS["en"].why_not(LATE, LISBON)
    assert (
        WORDS["fr"].why_not(LATE, PARIS).startswith("C’était prévu au plus tard le 24\u00a0novembre à 9\u00a0h\u00a000")
    )


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize(
    "reason", [LATE, "too late to happen", "rejected by lea: no", "no roundup: 27 posts", "what nobody has thought of"]
)
def test_no_reason_of_the_journal_is_shown_as_it_is(locale: str, reason: str) -> None:
    said = WORDS[locale].why_not(reason, PARIS)
    assert said
    assert "UTC" not in said
    if not reason.startswith("rejected"):
        assert said not in (reason, "")


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("play", REGISTRY)
def test_every_play_has_a_title_and_a_reason_in_every_language(locale: str, play: str) -> None:
    words = WORDS[locale]
    assert words.play(play) != play
    assert words.why_drafted(play) != words.draft


def test_french_uses_no_plain_space_before_a_mark() -> None:
    words = WORDS["fr"]
    texts = [value for value in vars_of(words) if isinstance(value, str)]
    assert not [text for text in texts if any(f" {mark}" in text for mark in ":;?!»")]


def vars_of(words: object) -> list[object]:
    return [getattr(words, name) for name in words.__slots__]  # type: ignore[attr-defined]

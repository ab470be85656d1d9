"""What the log of runs says on a desk is in the cohort's language and by its clock."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from sync_worker.desk.words import ClockChange, RunWords, run_words
from sync_worker.languages.language import codes
from sync_worker.languages.parts import RUNS
from sync_worker.model import ActionKind, Cohort
from sync_worker.publish import acts, carry_out
from sync_worker.publish.publisher import Deed
from sync_worker.store.ledger import REMOVING
from sync_worker.worker.run_report import Happening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNTIL = datetime(2027, 3, 15, 23, 30, tzinfo=UTC)
ACTIONS = ("topic", "reply", "message", *ActionKind, REMOVING)
STATES = ("done", "skipped", "failed", "intended")
OUTCOMES = ("done", "waiting", "nothing", "skipped", "failed", "later")


def words(locale: str, zone: str = "Europe/Paris") -> RunWords:
    return run_words(
        Cohort("spring", "Spring", date(2027, 3, 1), date(2027, 5, 28), zone, locale, "s", "s-lcm", "Spring", "s")
    )


@pytest.mark.parametrize(
    ("locale", "zone", "said"),
    [
        ("en", "Europe/Lisbon", "Paused until Monday 15 March, 23:30."),
        ("en", "Asia/Kolkata", "Paused until Tuesday 16 March, 05:00."),
        ("fr", "Europe/Paris", "En pause jusqu’au mardi 16 mars à 0 h 30."),
    ],
)
def test_a_pause_ends_by_the_cohorts_clock(locale: str, zone: str, said: str) -> None:
    assert words(locale, zone).clock(ClockChange(paused=True, until=UNTIL)).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (ClockChange(paused=True), "En pause, jusqu’à la reprise."),
        (ClockChange(), "Le parcours reprend."),
        (ClockChange(shift_days=1), "La suite du parcours a lieu un jour plus tard que prévu."),
        (ClockChange(shift_days=-14), "La suite du parcours a lieu 14 jours plus tôt que prévu."),
        (ClockChange(shift_days=0), "La suite du parcours a lieu aux dates prévues."),
    ],
)
def test_a_clock_is_described_in_french_on_a_french_desk(change: ClockChange, said: str) -> None:
    assert words("fr").clock(change) == said


@pytest.mark.parametrize("locale", codes())
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_every_action_and_state_has_words(locale: str, action: str, state: str) -> None:
    said = words(locale).deed(Deed("key", "spring", "welcome", action, state, topic_id=7))
    assert said.startswith("welcome: ")
    assert "/t/7" in said


@pytest.mark.parametrize("locale", codes())
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_words(locale: str, outcome: str) -> None:
    said = words(locale).happening(Happening("spring", "welcome", "2027-03-15T09:00", outcome, ""))
    assert said == f"welcome: {RUNS.of(locale).outcomes[outcome]}."


def constants() -> list[str]:
    """The reasons that carrying out an entry can give, beside the forum's own words."""
    posts = ("FOUND", "REMOVED", "NO_RECIPIENT", "NO_TOPIC", "GONE", "NOT_OURS")
    actions = [value for name, value in vars(acts).items() if name.isupper() and isinstance(value, str)]
    assert len(actions) == 14
    return sorted({*(getattr(carry_out, name) for name in posts), *actions})


@pytest.mark.parametrize("reason", constants())
def test_no_english_reason_of_the_ledger_is_on_a_french_desk(reason: str) -> None:
    said = words("fr").deed(Deed("key", "spring", "welcome", "topic", "skipped", reason))
    assert reason not in said
    assert words("en").deed(Deed("key", "spring", "welcome", "topic", "skipped", reason)) != said


def test_technical_problems_are_marked_as_english() -> None:
    said = words("fr").deed(Deed("key", "spring", "welcome", "topic", "failed", "the forum answered 422."))
    assert said == "welcome: Sujet\u00a0: échec. Détail technique, en anglais\u00a0: the forum answered 422."


def test_french_uses_no_plain_space_before_a_mark() -> None:
    texts = list(texts_of(RUNS.of("fr")))
    assert len(texts) > len(fields(RUNS.of("fr")))
    assert not [text for text in texts if any(f" {mark}" in text for mark in ":;?!»")]


def texts_of(sentences: object) -> Iterator[str]:
    for field in fields(sentences):  # type: ignore[arg-type]
        value: str | Mapping[str, str] = getattr(sentences, field.name)
        yield from [value] if isinstance(value, str) else value.values()

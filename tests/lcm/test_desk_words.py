"""What the worker writes onto the desk is in the cohort's language and by its clock."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from sync_worker.desk.gather import Gathered, People
from sync_worker.desk.words import words_for
from sync_worker.languages.language import codes
from sync_worker.model import Cohort, DaysOff
from sync_worker.playbook.load import load_playbook, shipped_folder
from sync_worker.plays import REGISTRY
from sync_worker.signals.participation import LearnerActivity, usual_posts
from sync_worker.store.tables import LedgerRow

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


def test_nobody_is_compared_with_others_who_write_nothing() -> None:
    two_of_four = {number: LearnerActivity(number, weeks=(0, 0, 0, int(number < 2))) for number in range(4)}
    assert words_for("en").usual_share(usual_posts(two_of_four)) == "The others write about one post in four weeks."
    assert "environ un message" in words_for("fr").usual_share(usual_posts(two_of_four))


def test_french_uses_no_plain_space_before_a_mark() -> None:
    words = words_for("fr").say
    texts = [value for value in vars_of(words) if isinstance(value, str)]
    assert not [text for text in texts if any(f" {mark}" in text for mark in ":;?!»")]


def vars_of(words: object) -> list[object]:
    return [getattr(words, name) for name in words.__slots__]  # type: ignore[attr-defined]


def test_the_calendar_says_until_when_a_task_wants_its_answer_and_when_a_session_begins(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    shutil.copytree(shipped_folder() / "first-steps" / "templates", folder / "templates")
    written = (
        "playbook: ours\ntitle: {en: Ours, fr: Les nôtres}\nversion: 1\nsteps:\n"
        "  - {id: task, at: start 09:00, play: assignment, with: {template: assignment, due: +7d 18:00}}\n"
        "  - {id: hello, at: start 10:00, play: topic, with: {template: welcome}}\n"
    )
    (folder / "playbook.yml").write_text(written, encoding="utf-8")
    slot = datetime(2027, 3, 1, 8, tzinfo=UTC)
    cohort = Cohort(
        *("spring", "Spring", date(2027, 3, 1), date(2027, 4, 30), "Europe/Paris", "en", "s", "s-lcm", "Spring", "s")
    )
    nobody = cast("Any", None)
    playbook = load_playbook(folder, REGISTRY)
    gathered = Gathered(nobody, cohort, playbook, nobody, People((), {}), (1,), slot)

    def due(step: str, *refs: str) -> datetime | None:
        payload = {"refs": list(refs)}
        return gathered._due(LedgerRow(key="lcm-x", playbook="ours", step=step, slot=slot, payload=payload))

    assert due("task", "assignment") == datetime(2027, 3, 8, 17, tzinfo=UTC)  # 18:00 in Paris
    assert due("meet", "session", "starts:2027-03-09T16:00:00+00:00") == datetime(2027, 3, 9, 16, tzinfo=UTC)
    assert (due("hello"), due("gone")) == (None, None)
    (folder / "playbook.yml").write_text(written.replace("start 09:00", "start 09:00, on_holiday: after"), "utf-8")
    off = replace(cohort, days_off=DaysOff(days=frozenset({date(2027, 3, 1)})))
    gathered = replace(gathered, cohort=off, playbook=load_playbook(folder, REGISTRY))
    assert due("task", "assignment") == datetime(2027, 3, 9, 17, tzinfo=UTC)  # it was given on the Tuesday

"""How texts to individual people speak of them: by first name where known, with conditions about who reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync_worker.content.templates import PlaybookTexts
from sync_worker.languages.parts import language
from sync_worker.model import Approval, Fact
from sync_worker.plays import REGISTRY, ChosenPerson, nudge, pair
from sync_worker.plays.assignment import due_fact
from sync_worker.plays.frame import FIRST_NAME, called, forms_of_moment
from sync_worker.plays.session import attended_fact
from tests.plays.conftest import LIBRARY, Desk
from tests.talk import NOON

if TYPE_CHECKING:
    from sync_worker.plays import PlayContext

ANA = ChosenPerson(1, "ana", "Ana Maria de Sá")
BEN = ChosenPerson(2, "ben", "Ben Costa")
LONG = "a-task-with-a-name-that-says-everything-about"


def known(**first_names: str) -> dict[int, dict[str, Fact]]:
    numbers = {"ana": 1, "ben": 2}
    return {numbers[who]: {FIRST_NAME: Fact(name, "people.csv", NOON)} for who, name in first_names.items()}


def together(desk: Desk, **changed: object) -> PlayContext:
    """A context of a step that brings ana and ben together."""
    context = desk.context("pair", NOON, Approval.NONE, question_deck="in-pairs")
    return replace(context, people=(ANA, BEN), **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "greeted"),
    [("Ana Maria", "Ana Maria"), ("  ", "Ana Maria de Sá"), ("?", "Ana Maria de Sá"), ("x" * 99, "x" * 59 + "…")],
)
def test_a_text_greets_by_the_first_name_that_a_roster_gives_and_guesses_none(
    desk: Desk, value: str, greeted: str
) -> None:
    context = together(desk, facts=known(ana=value))
    assert called(context, 1, ANA.name, ANA.username) == greeted
    assert called(context, 2, BEN.name, BEN.username) == "Ben Costa"


def test_a_message_to_two_greets_both_by_first_name_and_links_their_full_names(desk: Desk) -> None:
    context = together(desk, facts=known(ana="Ana", ben="Ben"))
    text = message(context)
    assert text[0] == "Ana and Ben: half an hour to talk"
    assert "[Ana Maria de Sá](https://forum.example/u/ana)" in text[1]


def test_two_who_share_a_first_name_are_called_by_their_full_names(desk: Desk) -> None:
    context = together(desk, facts=known(ana="Kim", ben="kim"))
    assert message(context)[0] == "Ana Maria de Sá and Ben Costa: half an hour to talk"


def message(context: PlayContext) -> tuple[str, str]:
    scene = pair._Scene(
        context, context.people, pair.Past(), frozenset(), (), pair._question(context, "in-pairs", ()), NOON
    )
    draft = scene.message([ANA, BEN], pair.PAIR)
    return draft.title or "", draft.raw


def test_who_has_no_lcm_reads_all_the_same_how_to_be_left_alone(desk: Desk) -> None:
    assert "one line here is enough" in message(replace(together(desk), hosts=()))[1]


def folder_with(folder: Path, name: str) -> PlaybookTexts:
    """Texts of which one has a condition about who reads it."""
    (folder / "templates").mkdir()
    (folder / "templates" / f"{name}.en.md").write_text(
        '---\ntitle: "A word about this month"\nconditions:\n  new_here: {days_in_cohort: {below: 14}}\n---\n'
        "{% if new_here %}You are new here.{% else %}You know the place.{% endif %}\n",
        encoding="utf-8",
    )
    return PlaybookTexts(folder, "en", LIBRARY)


@pytest.mark.parametrize(("days", "said"), [((3, 5), "You are new here."), ((3, 50), "You know the place.")])
def test_a_condition_of_a_text_for_two_holds_where_it_holds_of_both(
    tmp_path: Path, desk: Desk, days: tuple[int, int], said: str
) -> None:
    values = {number: {"days_in_cohort": float(each)} for number, each in zip((1, 2), days, strict=True)}
    context = together(desk, texts=folder_with(tmp_path, "pair"), known=values)
    (tmp_path / "decks").symlink_to(LIBRARY / "decks")
    assert message(context)[1].strip() == said


def test_a_condition_of_a_nudge_is_about_the_person_who_gets_it(tmp_path: Path, desk: Desk) -> None:
    context = replace(
        desk.context("nudge", NOON, Approval.NONE),
        texts=folder_with(tmp_path, "nudge"),
        known={1: {"days_in_cohort": 3.0}, 2: {"days_in_cohort": 30.0}},
    )
    desk.talk.open("A question", "cleo", "What did you hand over this week?")
    [topic] = desk.talk.all
    said = [nudge.message(context, one, nudge.Step(topic), ()).raw.strip() for one in (ANA, BEN)]
    assert said == ["You are new here.", "You know the place."]


def test_what_goes_to_single_people_may_have_conditions_about_them() -> None:
    assert {name: set(play.personal_texts) for name, play in REGISTRY.items() if play.personal_texts} == {
        "assignment": {"reminder_template", "last_template"},
        "commitment": {"ask_template", "later_template"},
        "case_study": {"template", "invite_template"},
        "session": {"missed_template"},
        "consent": {"template", "again_template"},
        "nudge": {"template", "again_template"},
        "pair": {"template"},
        "introductions": {"template"},
    }


def test_two_steps_whose_long_ids_begin_alike_have_facts_of_their_own() -> None:
    names = [due_fact(f"{LONG}-{end}") for end in ("feedback", "delegation")]
    names += [attended_fact(f"{LONG}-{end}") for end in ("feedback", "delegation")]
    assert len(set(names)) == 4
    assert max(map(len, names)) == 40
    assert due_fact("first-task") == "due_first_task"


@pytest.mark.parametrize(
    ("locale", "clocks"), [("en", ["09:00", "12:30", "00:05"]), ("fr", ["9¤h", "12¤h¤30", "0¤h¤05"])]
)
def test_a_clock_is_written_as_the_language_writes_it(locale: str, clocks: list[str]) -> None:
    times = [time(9), time(12, 30), time(0, 5)]
    assert [language(locale).clock(datetime.combine(NOON.date(), each)) for each in times] == [
        clock.replace("¤", "\u00a0") for clock in clocks
    ]


def test_a_topic_in_any_language_and_with_the_clock_in_digits_still_names_the_same_moment() -> None:
    english, french = (language(code).day(NOON.date()) for code in ("en", "fr"))
    assert set(forms_of_moment(NOON.replace(hour=18))) == {
        f"{english}, 18:00",
        f"{french}, 18\u00a0h",
        f"{french}, 18:00",
    }

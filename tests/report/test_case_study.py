"""The report of a case study: no group under five, names and words only where the person agreed, safe cells."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Allowed, Case, CaseKind, CaseNote, NoteKind
from sync_worker.report.case_study import case_report, levels_of, write_case_report
from tests.report.test_report import cohort

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = datetime(2027, 7, 1, 12, tzinfo=UTC)
SLOT = datetime(2027, 6, 1, 10, tzinfo=UTC)
OPTIONS = ("Not at all", "Once or twice", "Several times", "Almost every week")
YES = {Allowed.TALK: True}
NOTES = (
    CaseNote(NoteKind.USED, "the list, read aloud"),
    CaseNote(NoteKind.HELPED, "who kept Fridays free", "manager"),
    CaseNote(NoteKind.HELPED, "=cmd()"),
    CaseNote(NoteKind.CONFIRM, "Vera from the night shift"),
)


def people(used: Sequence[int | None]) -> list[Case]:
    return [Case(f"k{n}", "study", SLOT, n, f"user{n}", f"User {n}", one) for n, one in enumerate(used, 1)]


def told(cases: Sequence[Case], number: int, kind: CaseKind, **more: object) -> list[Case]:
    """The same with one of them chosen, talked with, and noted."""
    about = {"kind": kind, "allows": YES, "notes": NOTES, "words": "We lose no question any more.", **more}
    return [replace(one, **about) if one.user_id == number else one for one in cases]  # type: ignore[arg-type]


MANY = [3] * 6 + [2] * 2 + [1] * 5 + [0] + [None] * 4


def test_answers_of_fewer_than_five_stand_together_with_their_neighbours() -> None:
    report = case_report(cohort(), people(MANY), {})
    assert (report.asked, report.answered, report.share) == (18, 14, "78\u00a0%")
    assert [(one.label, one.people) for one in report.levels] == [
        ("Not at all / Once or twice", 6),
        ("Several times / Almost every week", 8),
    ]
    assert case_report(cohort(), people([3, 3, 3, 2, 0, 0]), {}).levels == ()
    few = case_report(cohort(), told(people([3, 3, 0, 0, None]), 1, CaseKind.BEST), {})
    assert (few.too_few, few.levels, few.cases, few.factors) == (True, (), (), ())


@given(st.lists(st.integers(min_value=0, max_value=3), max_size=40))
def test_no_group_that_is_shown_has_one_to_four_people_and_nobody_is_lost(used: list[int]) -> None:
    levels = levels_of(used, OPTIONS)
    assert all(one.people == 0 or one.people >= 5 for one in levels)
    assert not levels or sum(one.people for one in levels) == len(used)
    assert len(levels) != 1


def test_names_and_words_stand_there_only_where_the_person_agreed() -> None:
    cases = told(people(MANY), 1, CaseKind.BEST)
    [nobody] = case_report(cohort(), cases, {}).cases
    assert (nobody.name, nobody.words, nobody.manager) == ("", "", "")
    named = told(cases, 1, CaseKind.BEST, allows={**YES, Allowed.NAMED: True})
    [somebody] = case_report(cohort(), named, {}).cases
    assert (somebody.name, somebody.words) == ("User 1", "We lose no question any more.")
    [unquoted] = case_report(cohort(), named, {}, {1}).cases
    assert (unquoted.name, unquoted.words) == ("", "")
    for allows in ({}, {Allowed.TALK: False}, {Allowed.NAMED: True}):
        assert case_report(cohort(), told(cases, 1, CaseKind.BEST, allows=allows), {}).cases == ()
    assert case_report(cohort(), told(cases, 1, CaseKind.BEST, notes=()), {}).cases == ()


@pytest.mark.parametrize(
    ("answers", "said"), [((), "none"), (("not yet",), "not yet"), (("not yet", "yes"), "yes"), (("talk",), "talk")]
)
def test_a_managers_answer_is_told_of_those_who_allow_it(answers: Sequence[str], said: str) -> None:
    cases = told(people(MANY), 1, CaseKind.BEST, allows={**YES, Allowed.MANAGER: True})
    assert case_report(cohort(), cases, {"k1": answers}).cases[0].manager == said
    refused = told(cases, 1, CaseKind.BEST, allows=YES)
    assert case_report(cohort(), refused, {"k1": answers}).cases[0].manager == ""


def test_what_helped_and_hindered_is_counted_by_conversation_that_in_most_of_them_first() -> None:
    hindered = (
        CaseNote(NoteKind.HINDERED, "no hour free", "time"),
        CaseNote(NoteKind.HINDERED, "nor a day", "time"),
        CaseNote(NoteKind.HINDERED, "on leave", "manager"),
        CaseNote(NoteKind.HINDERED, "The OLD form!"),
    )
    cases = told(people(MANY), 1, CaseKind.BEST, notes=(*NOTES, CaseNote(NoteKind.HINDERED, "the old form")))
    cases = told(cases, 14, CaseKind.WORST, notes=hindered)
    found = case_report(cohort(), cases, {}).factors
    assert [(one.label, one.lever, one.helped, one.hindered) for one in found] == [
        ("Manager", "manager", 1, 1),
        ("the old form", "", 0, 2),
        ("Time", "time", 0, 1),
        ("=cmd()", "", 1, 0),
    ]


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_page_is_whole_and_its_cells_are_safe(tmp_path: Path, locale: str) -> None:
    cases = told(
        people(MANY), 1, CaseKind.BEST, allows={**YES, Allowed.NAMED: True}, words="<script>x</script> it works"
    )
    cases = told(cases, 14, CaseKind.WORST)
    spring = replace(cohort(locale), name="Spring & Co <b>")
    page = write_case_report(case_report(spring, cases, {}), tmp_path / "new", NOW).read_text("utf-8")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert "Spring &amp; Co &lt;b&gt;" in page
    assert "&lt;script&gt;x&lt;/script&gt; it works" in page
    assert "User 1" in page
    assert "User 14" not in page
    assert "Vera" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert ("One person" if locale == "en" else "Une personne") in page
    rows = list(csv.reader((tmp_path / "new" / "lead-case-study-factors.csv").read_text("utf-8").splitlines()))
    assert ["lead", "", "'=cmd()", "2", "0"] in rows
    answers = list(csv.reader((tmp_path / "new" / "lead-case-study.csv").read_text("utf-8").splitlines()))
    assert answers[0] == ["cohort", "asked", "answered", "answer", "people"]
    assert [row[1:3] + row[4:] for row in answers[1:]] == [["18", "14", "6"], ["18", "14", "8"]]
    empty = write_case_report(case_report(spring, (), {}), tmp_path, NOW).read_text("utf-8")
    assert ("Nobody has been asked" if locale == "en" else "posée à personne") in empty

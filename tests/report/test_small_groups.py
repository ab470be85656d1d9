"""The network and the effect of nudges in a report: no group of fewer than five can be found."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.languages.parts import REPORT
from sync_worker.report import write_report
from sync_worker.report.figures import groups
from sync_worker.report.small_groups import network_shown, nudges_shown, nudges_together
from sync_worker.signals.effect import Side, Sides
from sync_worker.signals.participation import FEWEST_PEOPLE, AnswerKey
from sync_worker.worker.trials import StepTrial
from tests.report.test_report import NOW, cohort, report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sync_worker.report import CohortReport

FIRST, LAST = date(2027, 3, 1), date(2027, 3, 28)
MONDAYS = [FIRST + timedelta(weeks=number) for number in range(4)]
SIDE = st.integers(0, 60).flatmap(lambda people: st.builds(Side, st.integers(0, people), st.just(people)))


def trial(nudged: tuple[int, int], held_out: tuple[int, int], step: str = "quiet") -> StepTrial:
    return StepTrial("lead", step, 0.3, frozenset({14}), Sides(Side(*nudged), Side(*held_out)), 0, nudged[1])


TRIALS = st.lists(st.builds(trial, SIDE.map(tuple), SIDE.map(tuple)), max_size=2)


def said(cohorts: list[list[StepTrial]], words: Mapping[str, str]) -> str:
    found = nudges_together(cohorts)
    assert found is not None
    return found.said(words)


def cells(sides: Sides) -> list[int]:
    return [number for side in sides for number in (side.back, side.people - side.back)]


def hides_everybody(numbers: list[int]) -> bool:
    return all(number == 0 or number >= FEWEST_PEOPLE for number in numbers)


@given(st.lists(TRIALS, min_size=1, max_size=4))
def test_neither_a_number_nor_what_is_left_of_a_sum_is_one_of_a_few(cohorts: list[list[StepTrial]]) -> None:
    told = [found.sides for one in cohorts if (found := nudges_shown(one)) is not None and found.sides is not None]
    assert all(hides_everybody(cells(one)) for one in told)
    together = nudges_together(cohorts)
    if together is not None and together.sides is not None:
        parts = [sum(column) for column in zip(*map(cells, told), strict=True)] or [0] * 4
        assert hides_everybody([whole - part for whole, part in zip(cells(together.sides), parts, strict=True)])


def test_a_sum_from_which_a_hidden_cohort_follows_is_hidden_too() -> None:
    plain, small = [trial((20, 40), (10, 30))], [trial((20, 40), (3, 30))]
    words = REPORT.of("en").words
    assert said([plain], words).startswith(
        "No effect seen. Within 14 days, 20/40 (50\u00a0%) came back of those written to"
    )
    assert said([plain, plain], words).endswith("of +16.7 percentage points, 95\u00a0% interval +0.5 to +32.9.")
    assert said([small], words) == said([plain, small], words) == "More people came back with a message."
    assert nudges_together([[], []]) is None


@given(st.dictionaries(
    st.builds(AnswerKey, st.integers(1, 9), st.integers(1, 9), st.sampled_from(MONDAYS)), st.just(1), max_size=14
))  # fmt: skip
def test_what_is_shown_of_a_network_is_never_about_a_few(answers: dict[AnswerKey, int]) -> None:
    found = network_shown(range(1, 13), answers, FIRST, LAST)
    assert found is not None
    if found.isolates is not None:
        assert hides_everybody([found.isolates, found.people - found.isolates])
    unseen: set[int] = set()
    for week in found.weeks:
        unseen |= {one for key in answers if key.week == week.week and key.by != key.to for one in key[:2]}
        if week.ties is not None:
            assert hides_everybody([len(unseen)])
            unseen = set()
    assert found.ties is None or hides_everybody([len(unseen)])


def test_a_cohort_of_four_and_one_where_three_talk_have_no_figures() -> None:
    ring = {AnswerKey(by, to, FIRST): 1 for by, to in product((1, 2, 3), repeat=2)}
    assert network_shown(range(1, 5), ring, FIRST, LAST) is None
    found = network_shown(range(1, 20), ring, FIRST, LAST)
    assert found is not None
    assert (found.people, found.ties, found.isolates, found.weeks) == (19, None, None, ())


def full() -> CohortReport:
    ring = {AnswerKey(by, by % 20 + 1, MONDAYS[week]): 1 for week in (0, 2) for by in range(1, 21)}
    pair = {AnswerKey(1, 2, MONDAYS[1]): 1}
    network = network_shown(range(1, 31), ring | pair, FIRST, LAST)
    return replace(report(), network=network, trials=(trial((20, 40), (10, 30)),))


def test_the_page_and_the_files_show_both_in_each_language(tmp_path: Path) -> None:
    for locale, said in (("en", "No effect seen. Within 14 days"), ("fr", "Aucun effet visible. En 14 jours")):
        write_report([replace(full(), cohort=cohort(locale))], "https://forum.example.org", tmp_path, NOW)
        page = BeautifulSoup((tmp_path / "lead.html").read_text(encoding="utf-8"), "html.parser")
        assert said in page.get_text()
        assert len(page.select("tbody tr")) >= 9
        assert [one for one in page.find_all(src=True) if not one["src"].startswith("data:")] == []
        assert page.find("script") is None
        assert page.find("link") is None
    with (tmp_path / "lead-network.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["pairs"] for row in rows] == ["20", "", "20", "0"]
    with (tmp_path / "lead-nudges.csv").open(encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    assert (row["nudged"], row["held_out_back"], row["finding"]) == ("40", "10", "none")


def test_a_cohort_without_a_draw_has_no_such_part_nor_an_old_file(tmp_path: Path) -> None:
    write_report([full()], "https://forum.example.org", tmp_path, NOW)
    write_report([report()], "https://forum.example.org", tmp_path, NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "index.html",
        "lead-prompts.csv",
        "lead.csv",
        "lead.html",
    ]
    assert REPORT.of("en").words["effect"] not in (tmp_path / "lead.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("programme", [None, "leading"])
def test_the_cohorts_of_a_programme_are_put_together_on_the_index(tmp_path: Path, programme: str | None) -> None:
    two = [replace(full(), cohort=replace(cohort(), key=key, programme=programme)) for key in ("lead", "two")]
    index = write_report(two, "https://forum.example.org", tmp_path, NOW).read_text(encoding="utf-8")
    assert ("40/80" in index) is (programme is not None)
    assert groups(two)[-1].nudges is None

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Cohort, Occurrence
from sync_worker.publish.entries import occurrence_key

COHORT = Cohort(
    "spring-27", "Spring", date(2027, 3, 1), date(2027, 5, 1), "Europe/Lisbon", "en", "g", "l", "Spring", "spring"
)
MONDAY = Occurrence(COHORT, "first-steps", "welcome", datetime(2027, 3, 1, 9, tzinfo=UTC))
slugs = st.from_regex(r"[a-z0-9][a-z0-9-]{0,58}[a-z0-9]", fullmatch=True)


def test_a_key_can_be_read_by_people() -> None:
    assert re.fullmatch(r"lcm-spring-27-welcome-20270301-[0-9a-f]{12}", occurrence_key("forum.example.org", MONDAY))


@given(slugs, slugs, slugs, slugs)
def test_a_key_is_always_an_external_id_that_discourse_takes(cohort: str, playbook: str, step: str, part: str) -> None:
    occurrence = Occurrence(replace(COHORT, key=cohort), playbook, step, MONDAY.slot)
    assert re.fullmatch(r"[a-z0-9-]{3,50}", occurrence_key("forum.example.org", occurrence, part))


@pytest.mark.parametrize(
    "other",
    [
        replace(MONDAY, step="welcome-2"),
        replace(MONDAY, playbook="second-steps"),
        replace(MONDAY, cohort=replace(COHORT, key="spring-28")),
        replace(MONDAY, slot=MONDAY.slot + timedelta(days=7)),
    ],
)
def test_another_cohort_playbook_step_or_day_is_another_occurrence(other: Occurrence) -> None:
    assert occurrence_key("f", other) != occurrence_key("f", MONDAY)


def test_another_forum_or_part_has_another_key() -> None:
    assert len({occurrence_key("f", MONDAY), occurrence_key("g", MONDAY), occurrence_key("f", MONDAY, "2")}) == 3


def test_keys_that_are_on_forums_already_stay_as_they_are() -> None:
    assert occurrence_key("forum.example.org", MONDAY) == "lcm-spring-27-welcome-20270301-1e69478b77b4"
    assert occurrence_key("forum.example.org", MONDAY, "ask-7") == "lcm-spring-27-welcome-20270301-24d2070eeda7"


def test_a_follow_up_has_a_key_of_its_own_that_its_distance_does_not_change() -> None:
    later = replace(MONDAY, slot=MONDAY.slot + timedelta(days=28), follow_up="outcome", follows=MONDAY.slot)
    even_later = replace(later, slot=MONDAY.slot + timedelta(days=35))
    other = replace(later, follow_up="reminder")
    as_a_part = occurrence_key("f", MONDAY, "outcome")
    assert len({as_a_part, *(occurrence_key("f", one) for one in (MONDAY, later, other))}) == 4
    assert occurrence_key("f", later) == occurrence_key("f", even_later)


def test_moving_a_step_by_an_hour_does_not_make_it_happen_again() -> None:
    later = replace(MONDAY, slot=MONDAY.slot + timedelta(hours=1))
    assert occurrence_key("f", later) == occurrence_key("f", MONDAY)


def test_long_names_that_begin_alike_do_not_collide() -> None:
    steps = [replace(MONDAY, step=f"weekly-application-challenge-{n}") for n in range(100)]
    assert len({occurrence_key("f", step) for step in steps}) == 100

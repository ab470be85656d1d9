"""What always holds of a step's rules, whatever they are and whatever is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Role
from sync_worker.playbook.format import Allowance, Limit, Step
from sync_worker.plays import ChosenPerson
from sync_worker.rules.rule import UNKNOWN, words_of
from sync_worker.worker.who_and_when import Known, StepRules, Text, Used, decide
from tests.rules.strategies import VALUES, rules, unknown

TODAY = date(2027, 3, 15)
PEOPLE = tuple(
    ChosenPerson(number, f"user{number}", f"User {number}", Role.LCM if number > 6 else Role.LEARNER)
    for number in range(1, 9)
)
NUMBERS = st.sampled_from([one.user_id for one in PEOPLE])
ALLOWANCES = st.builds(Allowance, st.integers(1, 3), st.none() | st.integers(1, 20))


def step(**more: Any) -> Step:
    return Step.model_validate({"id": "letter", "at": "start 09:00", "play": "letter", **more})


@given(rules(known=False), st.dictionaries(NUMBERS, VALUES))
def test_a_step_is_for_nobody_of_whom_all_that_it_asks_is_unknown(rule: Any, values: dict[int, Any]) -> None:
    ruled = step(**{"for": rule})
    assert ruled.for_ is not None
    asked = set(words_of(ruled.for_))
    nothing = {number: unknown(one, asked) for number, one in values.items()}
    decided = decide(StepRules(ruled), Known(people=nothing), PEOPLE, (), Used(TODAY))
    assert not any(one.matches for one in decided.choices)


@given(rules(known=False), VALUES)
def test_it_is_never_the_time_for_a_step_whose_condition_is_unknown(rule: Any, values: dict[str, Any]) -> None:
    ruled = step(when=rule)
    assert ruled.when is not None
    nothing = {**values, **dict.fromkeys(words_of(ruled.when), UNKNOWN)}
    assert not decide(StepRules(ruled), Known(cohort=nothing), PEOPLE, (), Used(TODAY)).is_time


@given(rules(), st.dictionaries(NUMBERS, VALUES), st.sets(NUMBERS))
def test_who_is_left_out_never_matches_and_an_lcm_only_where_the_rule_asks_for_a_role(
    rule: Any, values: dict[int, Any], excluded: set[int]
) -> None:
    ruled = step(**{"for": rule})
    assert ruled.for_ is not None
    decided = decide(StepRules(ruled), Known(people=values), PEOPLE, excluded, Used(TODAY))
    matching = {one.person.user_id for one in decided.choices if one.matches}
    assert not matching & excluded
    if "role" not in words_of(ruled.for_):
        assert all(one.person.role is Role.LEARNER for one in decided.choices if one.matches)


TEXTS = st.lists(
    st.builds(
        lambda days, numbers, follow_up: Text(
            TODAY - timedelta(days=days),
            datetime(2027, 3, 15, 9, tzinfo=UTC) - timedelta(days=days),
            follow_up,
            tuple(numbers),
        ),
        st.integers(0, 40),
        st.sets(NUMBERS, max_size=3),
        st.sampled_from(("", "remind-1")),
    ),
    max_size=30,
)


@given(TEXTS, ALLOWANCES)
def test_a_limit_is_reached_exactly_where_as_much_lies_within_its_days(texts: list[Text], allowance: Allowance) -> None:
    used = Used(TODAY, tuple(texts))
    ruled = step().model_copy(update={"limit": Limit.model_construct(per_learner=allowance, per_cohort=allowance)})
    decided = decide(StepRules(ruled), Known(), PEOPLE, (), used)
    first = TODAY - timedelta(days=(allowance.days or 10_000) - 1)
    recent = [one for one in texts if one.day >= first]
    for choice in decided.choices:
        got = sum(choice.person.user_id in one.learners for one in recent)
        assert choice.spent is (got >= allowance.times)
    dates = {one.slot for one in recent if not one.follow_up}
    assert decided.is_time is (len(dates) < allowance.times)

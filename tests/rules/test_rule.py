"""A rule holds, does not hold, or nobody knows; what is unknown never matches."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.rules.reading import read_rule
from sync_worker.rules.rule import UNKNOWN, Not, Value, evaluate, words_of
from tests.rules.strategies import VALUES, WORDS, rules, unknown

ANA: dict[str, Value] = {
    "quiet_days": 9,
    "attendance": 0.4,
    "role": "learner",
    "department": "Sales North",
    "certified": False,
    "joined": date(2027, 3, 1),
    "today": date(2027, 4, 12),
    "start": date(2027, 3, 1),
    "end": date(2027, 5, 28),
}


def truth(rule: object, values: dict[str, Any] | None = None) -> bool | None:
    return evaluate(read_rule(rule), ANA if values is None else values).truth


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"quiet_days": {"at_least": 9}}, True),
        ({"quiet_days": {"above": 9}}, False),
        ({"quiet_days": {"at_most": 9, "at_least": 2}}, True),
        ({"quiet_days": {"below": 9}}, False),
        ({"quiet_days": 9}, True),
        ({"quiet_days": 9.0}, True),
        ({"quiet_days": {"not_equals": 9}}, False),
        ({"attendance": {"below": 0.5}, "role": "learner"}, True),
        ({"attendance": {"below": 0.5}, "role": "lcm"}, False),
        ({"role": "Learner"}, True),
        ({"role": ["lcm", "facilitator"]}, False),
        ({"department": {"in": ["sales  north", "SALES NORTH"]}}, True),
        ({"department": {"not_equals": "finance"}}, True),
        ({"certified": False}, True),
        ({"certified": True}, False),
        ({"joined": {"before": "today -6w"}}, False),
        ({"joined": {"before": "today -41d"}}, True),
        ({"joined": {"after": date(2027, 2, 28)}}, True),
        ({"joined": date(2027, 3, 1)}, True),
        ({"today": {"after": "end -7w"}}, True),
        ({"manager": {"known": False}}, True),
        ({"manager": {"known": True}}, False),
        ({"role": {"known": True}}, True),
        ({"manager": "Jo"}, None),
        ({"not": {"manager": "Jo"}}, None),
        ({"all": [{"manager": "Jo"}, {"role": "lcm"}]}, False),
        ({"all": [{"manager": "Jo"}, {"role": "learner"}]}, None),
        ({"any": [{"manager": "Jo"}, {"role": "learner"}]}, True),
        ({"any": [{"manager": "Jo"}, {"role": "lcm"}]}, None),
        ({"role": {"at_least": 3}}, None),
        ({"quiet_days": "9"}, None),
        ({"certified": 0}, None),
        ({"quiet_days": {"before": "today"}}, None),
        ({"joined": {"before": "end +999d"}}, True),
    ],
)  # fmt: skip
def test_a_rule_of_what_is_known_about_ana(rule: object, expected: bool | None) -> None:
    assert truth(rule) is expected


def test_a_number_that_is_none_is_unknown() -> None:
    assert truth({"attendance": {"below": 1}}, {"attendance": float("nan")}) is None
    assert truth({"attendance": {"known": True}}, {"attendance": float("inf")}) is False


def test_a_day_counted_from_what_is_unknown_or_beyond_the_calendar_is_unknown() -> None:
    assert truth({"joined": {"before": "today"}}, {"joined": date(2027, 3, 1)}) is None
    assert truth({"joined": {"before": "end +7d"}}, {**ANA, "end": date.max}) is None


@given(rules(), VALUES)
def test_not_not_says_the_same_as_the_rule_for_the_same_reasons(rule: object, values: Any) -> None:
    plain = read_rule(rule)
    assert evaluate(Not(Not(plain)), values) == evaluate(plain, values)


@given(rules(), VALUES)
def test_not_turns_true_and_false_around_and_leaves_unknown(rule: object, values: Any) -> None:
    plain = read_rule(rule)
    before, after = evaluate(plain, values).truth, evaluate(Not(plain), values).truth
    assert after is (None if before is None else not before)


@given(st.lists(rules(), min_size=1, max_size=3), VALUES)
def test_not_all_is_any_not(parts: list[Any], values: Any) -> None:
    assert truth({"not": {"all": parts}}, values) is truth({"any": [{"not": part} for part in parts]}, values)


@given(rules(known=False))
def test_where_nothing_is_known_no_rule_matches_nor_fails(rule: object) -> None:
    assert truth(rule, {}) is None


@given(rules(known=False), VALUES, st.sets(st.sampled_from(WORDS)))
def test_knowing_less_never_turns_an_answer_around(rule: object, values: Any, forgotten: set[str]) -> None:
    assert truth(rule, unknown(values, forgotten)) in (None, truth(rule, values))


@given(rules(), VALUES)
def test_a_verdict_keeps_what_was_read_and_names_the_clauses_that_decided(rule: object, values: Any) -> None:
    plain = read_rule(rule)
    verdict = evaluate(plain, values)
    assert set(verdict.read) == set(words_of(plain))
    assert all(value is values.get(word, UNKNOWN) for word, value in verdict.read.items())
    assert verdict.because
    wanted = verdict.truth
    assert all(finding.helps is wanted for finding in verdict.because)


@given(rules(), VALUES)
def test_the_clauses_that_decided_are_enough_for_the_verdict(rule: object, values: Any) -> None:
    verdict = evaluate(read_rule(rule), values)
    read = {finding.clause.word for finding in verdict.because}
    anchors = {"today", "start", "end"}
    others = {word for word in values if word not in read | anchors}
    if verdict.truth is not None:
        assert truth(rule, unknown(values, others)) is verdict.truth

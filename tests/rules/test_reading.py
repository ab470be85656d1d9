"""A rule is read from YAML; each mistake is named with file, line, column and the nearest known word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sync_worker.config.base import Strict
from sync_worker.config.located_yaml import parse_yaml, validate
from sync_worker.errors import ConfigError
from sync_worker.model import FactType
from sync_worker.rules.reading import RULE_SCHEMA, RuleField, read_rule
from sync_worker.rules.rule import All, AnyOf, Comparison, Not, Operator, clauses
from sync_worker.rules.vocabulary import Vocabulary
from tests.rules.strategies import rules

if TYPE_CHECKING:
    from collections.abc import Sequence


class Document(Strict):
    """A file with a rule in it."""

    when: RuleField


def mistakes(rule: str) -> str:
    with pytest.raises(ConfigError) as caught:
        validate(Document, parse_yaml(f"when:\n{rule}", "rule.yml"))
    return str(caught.value)


def test_a_rule_of_the_guide_is_read() -> None:
    text = "when:\n  all:\n    - {quiet_days: {at_least: 7}, attendance: {below: 0.5}}\n    - not: {role: [lcm]}\n"
    rule = validate(Document, parse_yaml(text, "rule.yml")).when
    quiet = Comparison("quiet_days", Operator.AT_LEAST, 7)
    attending = Comparison("attendance", Operator.BELOW, 0.5)
    assert rule == All((All((quiet, attending)), Not(Comparison("role", Operator.IN, ("lcm",)))))
    assert read_rule({"any": [{"role": "lcm"}]}) == AnyOf((Comparison("role", Operator.EQUALS, "lcm"),))


@pytest.mark.parametrize(
    ("rule", "place", "says"),
    [
        ("  quiet_days: {at_leest: 7}\n", "2:16", "unknown comparison 'at_leest'. Did you mean 'at_least'?"),
        ("  all:\n    - {role: lcm}\n    - {posts: {below: few}}\n", "4:16", "expected a number, not 'few'"),
        ("  any: []\n", "2:3", "expected a list of rules"),
        ("  all: {role: lcm}\n", "2:3", "expected a list of rules"),
        ("  not: [role]\n", "2:3", "expected a rule, such as `quiet_days: {at_least: 7}`"),
        ("  Role: lcm\n", "2:3", "'Role' is no word of a rule"),
        ("  posts > 3: yes\n", "2:3", "'posts > 3' is no word of a rule"),
        ("  role:\n", "2:3", "write {known: false}"),
        ("  role: {in: []}\n", "2:10", "expected a list of values"),
        ("  role: {known: maybe}\n", "2:10", "write true, or false"),
        ("  role: {}\n", "2:3", "expected a comparison"),
        ("  role: [[lcm]]\n", "2:3", "expected a list of values"),
        ("  joined: {before: soon}\n", "2:12", "days count from one of today, start, end"),
        ("  joined: {before: 7}\n", "2:12", "expected a day like 2027-03-15"),
        ("  joined: {before: welcome +3d}\n", "2:12", "days count from one of today, start, end"),
        ("  joined: {before: 2027-02-30}\n", "2:20", "no day of the calendar"),
        ("  posts: {at_least: yes}\n", "2:11", "expected a number, not 'True'"),
        ("  posts: {equals: 2027-03-01 10:00:00}\n", "2:11", "expected a text, a number, a day"),
        ("  3\n", "1:1", "when: expected a rule"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(rule: str, place: str, says: str) -> None:
    said = mistakes(rule)
    assert said.startswith(f"rule.yml:{place}: "), said
    assert says in said


def test_every_mistake_of_a_rule_is_named_at_once() -> None:
    lines = mistakes("  all:\n    - {posts: {belo: 3}}\n    - any: []\n    - {role: {in: lcm}}\n").splitlines()
    assert [line.split(": ")[0] for line in lines] == ["rule.yml:3:16", "rule.yml:4:7", "rule.yml:5:15"]


def test_a_rule_has_bounds() -> None:
    assert "100 comparisons at most" in mistakes(f"  any: [{', '.join('{posts: 1}' for _ in range(101))}]\n")
    deep = "{not: " * 30 + "{posts: 1}" + "}" * 30
    assert "deep within each other" in mistakes(f"  {{any: [{deep}]}}\n")


KEYS = ("all", "any", "not", "posts", "in", "before", "x.y", "known")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("all", "any", "not", "posts", "in", "before", "x.y", "known")), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_whatever_is_written_is_a_rule_or_a_mistake_with_a_place(value: Any) -> None:
    try:
        found: Sequence[object] = clauses(read_rule(value))
    except ValidationError as error:
        found = error.errors()
    assert found


@given(rules())
def test_what_the_reader_takes_the_json_schema_takes_too(rule: Any) -> None:
    read_rule(rule)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {"Rule": RULE_SCHEMA}, **RULE_SCHEMA}
    jsonschema.Draft202012Validator(schema).validate(_as_json(rule))


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


OF_PERSON = Vocabulary({"attendance": FactType.NUMBER, "department": FactType.TEXT, "certified": FactType.YES_NO,
                        "joined": FactType.DATE}, ("welcome", "weekly-prompt"), of_person=True)  # fmt: skip
OF_COHORT = Vocabulary(OF_PERSON.facts, OF_PERSON.steps)


@pytest.mark.parametrize(
    ("words", "rule", "says"),
    [
        (OF_PERSON, {"quiet_day": {"at_least": 7}}, "there is no word 'quiet_day' here. Did you mean 'quiet_days'?"),
        (OF_PERSON, {"attendence": {"below": 0.5}}, "Did you mean 'attendance'?"),
        (OF_PERSON, {"zzz": 1}, "A fact must be named under `facts` first."),
        (OF_PERSON, {"answered.welcom": True}, "no step is called 'welcom'. Did you mean 'welcome'?"),
        (OF_PERSON, {"answered": True}, "'answered' needs a step's id, such as `answered.welcome`."),
        (OF_COHORT, {"quiet_days": {"at_least": 7}}, "'quiet_days' is about one person, and this rule"),
        (OF_COHORT, {"attendance": {"at_least": 1}}, "'attendance' is about one person"),
        (OF_COHORT, {"answered.welcome": True}, "'answered.welcome' is about one person"),
        (OF_PERSON, {"role": "learned"}, "'role' is never 'learned'. Did you mean 'learner'?"),
        (OF_COHORT, {"language": ["en", "de"]}, "'language' is never 'de'"),
        (OF_PERSON, {"role": {"at_least": 1}}, "'role' is a text; `at_least` compares numbers."),
        (OF_PERSON, {"posts": {"before": "today"}}, "'posts' is a number; `before` compares days."),
        (OF_PERSON, {"attendance": "half"}, "'attendance' is a number, and 'half' is none; expected a number."),
        (OF_PERSON, {"certified": "no"}, "'certified' is yes or no, and 'no' is none; expected true or false."),
        (OF_PERSON, {"department": 12}, "expected a text (in quotes where it looks like something else)"),
        (OF_PERSON, {"joined": "2027"}, "expected a day, such as 2027-03-15"),
        (OF_PERSON, {"quiet_days": 7}, "write `quiet_days: {at_least: 7}`"),
    ],
)  # fmt: skip
def test_a_word_that_does_not_fit_is_named_with_what_would(words: Vocabulary, rule: Any, says: str) -> None:
    (said,) = [problem for _, problem in words.problems(read_rule(rule))]
    assert says in said


def test_words_that_fit_have_no_problem() -> None:
    rule = {"all": [{"week": [3, 4], "done.welcome": True, "answers.weekly-prompt": {"below": 3}},
                    {"not": {"language": "FR"}}, {"today": {"after": "start +3d"}}]}  # fmt: skip
    assert list(OF_COHORT.problems(read_rule(rule))) == []
    person = {"joined": {"before": "today -2w"}, "certified": True, "attendance": {"known": True}, "role": "LCM"}
    assert list(OF_PERSON.problems(read_rule({**rule, **person}))) == []

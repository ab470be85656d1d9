"""A verdict is told in words, in each language."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from sync_worker.languages.language import codes
from sync_worker.rules.reading import read_rule
from sync_worker.rules.rule import EVERYBODY, evaluate
from sync_worker.rules.saying import sayings_for
from sync_worker.rules.terms import COHORT_STEPS, COHORT_TERMS, PERSON_STEPS, PERSON_TERMS
from tests.rules.strategies import VALUES, rules

NBSP = "\u00a0"


def said(locale: str, rule: object, values: dict[str, Any]) -> str:
    return sayings_for(locale).verdict(evaluate(read_rule(rule), values))


@pytest.mark.parametrize(
    ("rule", "values", "english", "french"),
    [
        ({"quiet_days": {"at_least": 7}}, {"quiet_days": 3},
         "days without a post: 3 (asked for: at least 7)", "jours sans message : 3 (demandé : au moins 7)"),
        ({"attendance": {"below": 0.5}}, {"attendance": 0.4},
         "attendance: 0.4 (asked for: below 0.5)", "attendance : 0,4 (demandé : moins de 0,5)"),
        ({"attendance": {"below": 0.5}}, {},
         "attendance: not known (asked for: below 0.5)", "attendance : on ne le sait pas (demandé : moins de 0,5)"),
        ({"not": {"role": ["lcm", "facilitator"]}}, {"role": "lcm"},
         "role: lcm (left out: lcm or facilitator)", "rôle : lcm (exclu : lcm ou facilitator)"),
        ({"answered.welcome": True}, {"answered.welcome": False},
         "answered “welcome”: no (asked for: yes)", "a répondu à « welcome » : non (demandé : oui)"),
        ({"joined": {"before": "today -2w"}}, {"joined": date(2027, 3, 1), "today": date(2027, 4, 15)},
         "joined: 1 March 2027 (asked for: before 1 April 2027)",
         "joined : 1er mars 2027 (demandé : avant le 1er avril 2027)"),
        ({"manager": {"known": True}}, {},
         "manager: not known (asked for: known)", "manager : une valeur inconnue (demandé : une valeur connue)"),
        ({"level": {"at_least": 2}}, {"level": "two"},
         "level: “two”, which cannot be compared (asked for: at least 2)",
         "level : « two », qui ne se compare pas (demandé : au moins 2)"),
    ],
)  # fmt: skip
def test_a_verdict_in_words(rule: object, values: dict[str, Any], english: str, french: str) -> None:
    assert said("en", rule, values).replace(NBSP, " ") == english
    assert said("fr", rule, values).replace(NBSP, " ") == french


def test_several_clauses_are_told_once_each() -> None:
    rule = {"all": [{"posts": {"at_least": 1}}, {"posts": {"at_least": 1}}, {"role": "learner"}]}
    told = said("en", rule, {"posts": 4, "role": "learner"})
    assert told == "posts: 4 (asked for: at least 1); role: learner (asked for: learner)"


def test_who_is_chosen_without_a_rule() -> None:
    assert sayings_for("en").verdict(EVERYBODY) == "the step is for every learner"


@pytest.mark.parametrize("locale", codes())
def test_every_word_of_the_rules_has_a_meaning_in_every_language(locale: str) -> None:
    words = sayings_for(locale).words.words
    assert words.keys() == {*COHORT_TERMS, *COHORT_STEPS, *PERSON_TERMS, *PERSON_STEPS}


@given(rules(), VALUES)
def test_every_verdict_can_be_told(rule: object, values: Any) -> None:
    for locale in codes():
        told = said(locale, rule, values)
        assert told
        assert "{" not in told
        assert "unknown" not in told.lower()

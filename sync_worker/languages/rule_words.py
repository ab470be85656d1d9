"""The words in which a rule's verdict is told; each language has its own in `rules.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What a rule's words mean, and how a clause and its value are told.

    Args:
        words: by the word of a rule what it counts or says; of a word about a step with `{step}`.
        fact: what a fact is called, by its `{name}`.
        comparisons: by the operator, what is wanted, with `{wanted}`.
        is_known: what is wanted where a value must be known, or (False) must not.
        yes_no: how true and false are told.
        decimal: the mark before decimals.
        either: the word before the last of several.
        asked: a clause that the rule asks for: `{word}`, `{value}`, `{wanted}`.
        left_out: a clause within a `not`, which the rule leaves out: the same.
        unknown: one whose value nobody knows: `{word}`, `{wanted}`.
        not_comparable: one whose value is of another kind than the rule expects: `{word}`, `{value}`, `{wanted}`.
        joined: between two clauses.
        everybody: why somebody is chosen by a step without a rule.
        limit: that a step has happened as often as it may: `{times}` times.
        limit_in_days: the same, in `{days}` days.
        all_spent: that everybody whom a step is for got as many texts of it as its limit allows.
        nobody: that a step is for nobody in the cohort now.
        not_any_more: that somebody is no longer as a step's rule asks when its text is to be sent.
        excluded: that `lcm.yaml` leaves somebody out of a step.
        other_role: that somebody is not meant, as only learners are.
        spent: that somebody got as many texts of the step as its limit allows.

    """

    words: Mapping[str, str]
    fact: str
    comparisons: Mapping[str, str]
    is_known: Mapping[bool, str]
    yes_no: Mapping[bool, str]
    decimal: str
    either: str
    asked: str
    left_out: str
    unknown: str
    not_comparable: str
    joined: str
    everybody: str
    limit: str
    limit_in_days: str
    all_spent: str
    nobody: str
    not_any_more: str
    excluded: str
    other_role: str
    spent: str

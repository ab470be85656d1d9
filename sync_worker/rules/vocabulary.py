"""The words that a rule may use: of a cohort, of one person, the playbook's facts and its steps; and what is wrong.

Which words there are depends on where the rule stands: `when` is about a cohort, `for` and the texts that a single
person gets are about that person as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sync_worker.model import FactType, fold
from sync_worker.rules.rule import NUMERIC, OF_DAYS, Comparison, KeyPath, Operator, Rule, clauses, words_of
from sync_worker.rules.terms import COHORT_STEPS, COHORT_TERMS, PERSON_STEPS, PERSON_TERMS, Term
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


EXPECTED = {
    FactType.TEXT: "a text (in quotes where it looks like something else)",
    FactType.NUMBER: "a number",
    FactType.DATE: "a day, such as 2027-03-15",
    FactType.YES_NO: "true or false",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that are known in one place of a playbook.

    Args:
        facts: the facts that the playbook says it reads, with the kinds of their values.
        steps: the ids of its steps.
        of_person: whether the rule is about one person, or about a cohort.

    """

    facts: Mapping[str, FactType] = field(default_factory=dict)
    steps: Collection[str] = ()
    of_person: bool = False

    def term(self, word: str) -> Term | None:
        """Return what a word is; None where it is not known here."""
        family, _, step = word.partition(".")
        if step:
            families = {**COHORT_STEPS, **PERSON_STEPS} if self.of_person else COHORT_STEPS
            return families.get(family) if step in self.steps else None
        if word in COHORT_TERMS:
            return COHORT_TERMS[word]
        if not self.of_person:
            return None
        if word in PERSON_TERMS:
            return PERSON_TERMS[word]
        return Term(self.facts[word], people=True) if word in self.facts else None

    def known(self) -> list[str]:
        """Return every word."""
        families = [*COHORT_STEPS, *(PERSON_STEPS if self.of_person else ())]
        own = [*PERSON_TERMS, *self.facts] if self.of_person else []
        return [*COHORT_TERMS, *own, *(f"{family}.{step}" for family in families for step in self.steps)]

    def problems(self, rule: Rule) -> Iterator[tuple[KeyPath, str]]:
        """Yield what is wrong with the words and values of a rule: the path within the rule, and the problem."""
        for clause in clauses(rule):
            term = self.term(clause.word)
            if term is None:
                named = clause.path[:-1] if clause.path[-1:] != (clause.word,) else clause.path  # where the word stands
                yield named, self._unknown(clause.word)
            elif problem := _misfit(clause, term):
                yield clause.path, problem

    def _unknown(self, word: str) -> str:
        family, _, step = word.partition(".")
        of_person = word in PERSON_TERMS or word in self.facts or family in PERSON_STEPS
        if of_person and not self.of_person:
            return f"'{word}' is about one person, and this rule is about a cohort."
        if step and family in {*COHORT_STEPS, *PERSON_STEPS}:
            return f"no step is called '{step}'.{nearest(step, self.steps)}"
        if word in {*COHORT_STEPS, *PERSON_STEPS}:
            return f"'{word}' needs a step's id, such as `{word}.{next(iter(self.steps), 'welcome')}`."
        hint = nearest(word, self.known())
        facts = " A fact must be named under `facts` first." if "Did you mean" not in hint else ""
        return f"there is no word '{word}' here.{hint}{facts}"

    def reads(self, *rules: Rule) -> tuple[bool, bool]:
        """Return whether people, and whether activity must be read to know the values that rules use."""
        terms = [self.term(word) for rule in rules for word in words_of(rule)]
        return any(term is not None and term.people for term in terms), any(
            term is not None and term.activity for term in terms
        )


def _misfit(clause: Comparison, term: Term) -> str:
    """Return why a word cannot be compared like this; "" where it can."""
    operator, word = clause.operator, clause.word
    if operator in NUMERIC and term.kind is not FactType.NUMBER:
        return f"'{word}' is {_named(term.kind)}; `{operator}` compares numbers."
    if operator in OF_DAYS and term.kind is not FactType.DATE:
        return f"'{word}' is {_named(term.kind)}; `{operator}` compares days."
    return "" if operator in OF_DAYS | NUMERIC | {Operator.KNOWN} else _wrong_value(clause, term)


def _wrong_value(clause: Comparison, term: Term) -> str:
    """Return why a word never has the value, or one of the values, that it is compared with; "" where it may."""
    word = clause.word
    wanted = clause.wanted if isinstance(clause.wanted, tuple) else (clause.wanted,)
    wrong = [one for one in wanted if not _is_of(term.kind, one)]
    if wrong:
        return f"'{word}' is {_named(term.kind)}, and '{wrong[0]}' is none; expected {EXPECTED[term.kind]}."
    if term.passes:
        return f"'{word}' has each value on one day only; write `{word}: {{at_least: {wanted[0]}}}`."
    for one in wanted if term.choices else ():
        if fold(str(one)) not in term.choices:
            return f"'{word}' is never '{one}'.{nearest(str(one), term.choices)}"
    return ""


def _is_of(kind: FactType, value: object) -> bool:
    if kind is FactType.YES_NO:
        return isinstance(value, bool)
    if kind is FactType.NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, date if kind is FactType.DATE else str)


def _named(kind: FactType) -> str:
    return "yes or no" if kind is FactType.YES_NO else f"a {kind}"

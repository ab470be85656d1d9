"""A rule's verdict in words, in the languages we write: "days without a post: 3 (asked for: at least 7)"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sync_worker.languages.parts import RULES, language
from sync_worker.rules.rule import UNKNOWN, Comparison, Finding, Operator, Unknown, Value, Verdict
from sync_worker.timeline import FixedDay, RelativeDay

if TYPE_CHECKING:
    from sync_worker.languages.language import Language
    from sync_worker.languages.words import RuleWords

LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True)
class Sayings:
    """Verdicts in one language."""

    language: Language

    @property
    def words(self) -> RuleWords:
        """The words of this language."""
        return RULES.of(self.language.code)

    def verdict(self, verdict: Verdict) -> str:
        """Return the clauses that decided a verdict, with the values they read."""
        if not verdict.because:
            return self.words.everybody
        return self.words.joined.join(dict.fromkeys(self._finding(finding) for finding in verdict.because))

    def _finding(self, finding: Finding) -> str:
        clause, words = finding.clause, self.words
        wanted, word = self._wanted(clause, finding.day), self.word(clause.word)
        if clause.operator is Operator.KNOWN:
            known = words.is_known[finding.value is not UNKNOWN]
            pattern = words.left_out if finding.negated else words.asked
            return pattern.format(word=word, value=known, wanted=wanted)
        if isinstance(finding.value, Unknown):
            return words.unknown.format(word=word, wanted=wanted)
        value = self.value(finding.value)
        if finding.truth is None:
            return words.not_comparable.format(word=word, value=value, wanted=wanted)
        pattern = words.left_out if finding.negated else words.asked
        return pattern.format(word=word, value=value, wanted=wanted)

    def word(self, word: str) -> str:
        """Return what a word means; a fact is called as the playbook calls it."""
        name, _, step = word.partition(".")
        meaning = self.words.words.get(name)
        if meaning is None:
            return self.words.fact.format(name=word.replace("_", " "))
        return meaning.format(step=step) if step else meaning

    def value(self, value: Value | Unknown | FixedDay | RelativeDay | None) -> str:
        """Return a value as a sentence shows it."""
        if value is None or isinstance(value, Unknown):
            return self.words.is_known[False]
        if isinstance(value, bool):
            return self.words.yes_no[value]
        if isinstance(value, float | int):
            return f"{value:g}".replace(".", self.words.decimal)
        if isinstance(value, FixedDay):
            return self._day(value.date)
        if isinstance(value, date):
            return self._day(value)
        text = " ".join(str(value).split())
        return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"

    def _day(self, day: date) -> str:
        return f"{self.language.day_and_month(day)} {day.year}"

    def _wanted(self, clause: Comparison, day: date | None) -> str:
        wanted = clause.wanted if day is None else day
        if clause.operator is Operator.KNOWN:
            return self.words.is_known[wanted is True]
        if isinstance(wanted, tuple):
            told = [self.value(one) for one in wanted]
            if len(told) > 1:
                told = [*told[:-2], f"{told[-2]} {self.words.either} {told[-1]}"]
            return ", ".join(told)
        return self.words.comparisons[clause.operator].format(wanted=self.value(wanted))


def sayings_for(locale: str) -> Sayings:
    """Return the sayings of a locale.

    Raises:
        ConfigError: we do not write that language.

    """
    return Sayings(language(locale))

"""What a rule is, and whether it holds: true, false, or unknown. Pure.

The logic is Kleene's: `not` of unknown is unknown; `all` is false where one part is false, else unknown where one is
unknown; `any` is true where one part is true, else unknown where one is unknown. What is unknown never matches.
(S. C. Kleene, Introduction to Metamathematics, 1952, section 64: the strong tables.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from sync_worker.model import fold
from sync_worker.timeline import Day, FixedDay, RelativeDay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Unknown(Enum):
    """The value of what nobody knows; a word that is missing among the values means the same."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
Value = str | float | bool | date
Truth = bool | None  # None: unknown
KeyPath = tuple[str | int, ...]
TODAY = "today"
ANCHORS = (TODAY, "start", "end")  # the days that a rule counts from; each is a word with a date


class Operator(StrEnum):
    """How a value is compared."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    BELOW = "below"
    ABOVE = "above"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BEFORE = "before"
    AFTER = "after"
    IN = "in"
    KNOWN = "known"


NUMERIC = frozenset({Operator.BELOW, Operator.ABOVE, Operator.AT_LEAST, Operator.AT_MOST})
OF_DAYS = frozenset({Operator.BEFORE, Operator.AFTER})


@dataclass(frozen=True, slots=True)
class Comparison:
    """One clause: a word, how its value is compared, and with what; `path` is where it stands within its rule."""

    word: str
    operator: Operator
    wanted: Value | Day | tuple[Value, ...]
    path: KeyPath = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """Holds where each part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where one part holds."""

    parts: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where its part does not; of what is unknown it is unknown."""

    part: Rule


Rule = Comparison | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Finding:
    """A clause as it turned out: the value it read, its own truth, and whether it stands within a `not`.

    `day` is the date that it compared with, None where it compares no days, or where that date is unknown.
    """

    clause: Comparison
    value: Value | Unknown
    truth: Truth
    negated: bool = False
    day: date | None = None

    @property
    def helps(self) -> Truth:
        """Whether the clause speaks for the rule that it stands in; None where it is unknown."""
        return None if self.truth is None else self.truth is not self.negated


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule holds, the clauses that decided it, and the value of every word that the rule names."""

    truth: Truth
    because: tuple[Finding, ...] = ()
    read: Mapping[str, Value | Unknown] = field(default_factory=dict)

    @property
    def matches(self) -> bool:
        """Whether the rule is sure to hold."""
        return self.truth is True


EVERYBODY = Verdict(True)  # the verdict of a step without a rule


def clauses(rule: Rule) -> tuple[Comparison, ...]:
    """Return the clauses of a rule, in the order in which they are written."""
    if isinstance(rule, Comparison):
        return (rule,)
    if isinstance(rule, Not):
        return clauses(rule.part)
    return tuple(clause for part in rule.parts for clause in clauses(part))


def words_of(rule: Rule) -> tuple[str, ...]:
    """Return the words whose values a rule reads, those it counts days from included, each once."""
    found: dict[str, None] = {}
    for clause in clauses(rule):
        found[clause.word] = None
        if isinstance(clause.wanted, RelativeDay):
            found[clause.wanted.anchor] = None
    return tuple(found)


def evaluate(rule: Rule, values: Mapping[str, Value | Unknown]) -> Verdict:
    """Return whether a rule holds of these values, and why."""
    truth, because = _judge(rule, values, negated=False)
    read = {word: values.get(word, UNKNOWN) for word in words_of(rule)}
    return Verdict(truth, because, read)


Judged = tuple[Truth, tuple[Finding, ...]]


def _judge(rule: Rule, values: Mapping[str, Value | Unknown], *, negated: bool) -> Judged:
    if isinstance(rule, Comparison):
        value, day = _sure(values.get(rule.word, UNKNOWN)), _day(rule.wanted, values)
        truth = _compare(rule, value, day)
        return truth, (Finding(rule, value, truth, negated, day),)
    if isinstance(rule, Not):
        truth, because = _judge(rule.part, values, negated=not negated)
        return (None if truth is None else not truth), because
    judged = [_judge(part, values, negated=negated) for part in rule.parts]
    return _joined(judged, decisive=isinstance(rule, AnyOf))


def _joined(judged: Sequence[Judged], *, decisive: bool) -> Judged:
    """Join parts of which one that is `decisive` decides alone: true for `any`, false for `all`.

    Where none decides, the unknown parts are the reason, else all of them.
    """
    deciding = [because for truth, because in judged if truth is decisive]
    if deciding:
        return decisive, deciding[0]
    unknown = [because for truth, because in judged if truth is None]
    truth: Truth = None if unknown else not decisive
    return truth, tuple(finding for because in unknown or [one for _, one in judged] for finding in because)


def _compare(clause: Comparison, value: Value | Unknown, day: date | None) -> Truth:
    operator, wanted = clause.operator, clause.wanted
    if operator is Operator.KNOWN:
        return (value is not UNKNOWN) is wanted
    if isinstance(value, Unknown):
        return None
    if operator in NUMERIC:
        return _measured(operator, value, wanted)
    if operator in OF_DAYS:
        return _ordered(operator, value, day)
    same = _equal_to_one(value, wanted) if isinstance(wanted, tuple) else _equal(value, wanted)
    return not same if operator is Operator.NOT_EQUALS and same is not None else same


def _sure(value: Value | Unknown) -> Value | Unknown:
    """Return a value, or that it is unknown: a float that is no number says nothing."""
    return UNKNOWN if isinstance(value, float) and not math.isfinite(value) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _measured(operator: Operator, value: Value, wanted: object) -> Truth:
    if not _is_number(value) or not _is_number(wanted):
        return None
    number, bound = float(value), float(wanted)  # type: ignore[arg-type]
    if operator is Operator.BELOW:
        return number < bound
    if operator is Operator.ABOVE:
        return number > bound
    return number >= bound if operator is Operator.AT_LEAST else number <= bound


def _ordered(operator: Operator, value: Value, day: date | None) -> Truth:
    if day is None or not isinstance(value, date):
        return None
    return value < day if operator is Operator.BEFORE else value > day


def _equal(value: Value, wanted: object) -> Truth:
    """Whether both are the same, text as `fold` compares it; unknown where they are not of one kind."""
    if isinstance(value, str) and isinstance(wanted, str):
        return fold(value) == fold(wanted)
    if _is_number(value) and _is_number(wanted):
        return value == wanted
    if isinstance(value, bool) and isinstance(wanted, bool):
        return value is wanted
    if _is_day(value) and _is_day(wanted):
        return value == wanted
    return None


def _equal_to_one(value: Value, wanted: Sequence[Value]) -> Truth:
    found = [_equal(value, one) for one in wanted]
    if True in found:
        return True
    return None if None in found else False


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _day(wanted: object, values: Mapping[str, Value | Unknown]) -> date | None:
    """Return the date that a clause compares with, None where the day it counts from is unknown, or out of range."""
    if isinstance(wanted, FixedDay):
        return wanted.date
    if not isinstance(wanted, RelativeDay):
        return None
    anchor = values.get(wanted.anchor, UNKNOWN)
    if not isinstance(anchor, date):
        return None
    try:
        return anchor + timedelta(days=wanted.days)
    except OverflowError:
        return None

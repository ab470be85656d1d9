"""Rules as YAML writes them -> `Rule`; every mistake with the path of the value that is wrong. No code, no `eval`.

    all:
      - quiet_days: {at_least: 7}
      - not: {role: [lcm, facilitator]}

A mapping with several keys means all of them; a plain value means `equals`, a list `in`.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from sync_worker.rules.rule import (
    ANCHORS,
    NUMERIC,
    OF_DAYS,
    All,
    AnyOf,
    Comparison,
    KeyPath,
    Not,
    Operator,
    Rule,
    Value,
)
from sync_worker.timeline import ANY_DAY, Day, RelativeDay, parse_day, text_schema
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

WORD = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z0-9][a-z0-9-]*)?")
JOINTS = ("all", "any", "not")
MOST_CLAUSES = 100
DEEPEST = 10
OPERATORS = tuple(operator.value for operator in Operator)
EXAMPLE = "quiet_days: {at_least: 7}"


def read_rule(value: object) -> Rule:
    """Read a rule from plain data.

    Raises:
        ValidationError: every mistake, with the path of the value that is wrong.

    """
    reader = _Reader()
    rule = reader.rule(value, ())
    if reader.problems or rule is None:
        details = [InitErrorDetails(type=_mistake(said), loc=path, input=value) for path, said in reader.problems]
        raise ValidationError.from_exception_data("rule", details)
    return rule


def _mistake(said: str) -> PydanticCustomError:
    return PydanticCustomError("source", said)


class _Reader:
    """Reads one rule, and notes what is wrong."""

    def __init__(self) -> None:
        self.problems: list[tuple[KeyPath, str]] = []
        self._clauses = 0

    def rule(self, value: object, path: KeyPath) -> Rule | None:
        """Return the rule at a path; None where it is wrong."""
        if not isinstance(value, dict) or not value:
            self.problems.append((path, f"expected a rule, such as `{EXAMPLE}`"))
            return None
        if len(path) > 2 * DEEPEST:
            self.problems.append((path, f"rules stand more than {DEEPEST} deep within each other; write it flatter"))
            return None
        parts = [self._part(str(key), content, (*path, str(key))) for key, content in value.items()]
        return _together(parts)

    def _part(self, key: str, content: object, path: KeyPath) -> Rule | None:
        if key == "not":
            part = self.rule(content, path)
            return Not(part) if part is not None else None
        if key in JOINTS:
            return self._joined(key, content, path)
        if WORD.fullmatch(key) is None:
            self.problems.append((path, f"'{key}' is no word of a rule: words have lower-case letters, digits and _"))
            return None
        return self._clause(key, content, path)

    def _joined(self, key: str, content: object, path: KeyPath) -> Rule | None:
        if not isinstance(content, list) or not content:
            self.problems.append((path, f"expected a list of rules, such as [{EXAMPLE}]"))
            return None
        parts = [self.rule(one, (*path, number)) for number, one in enumerate(content)]
        good = tuple(part for part in parts if part is not None)
        return AnyOf(good) if key == "any" and len(good) == len(parts) else _together(parts)

    def _clause(self, word: str, content: object, path: KeyPath) -> Rule | None:
        if not isinstance(content, dict):
            operator = Operator.IN if isinstance(content, list) else Operator.EQUALS
            return self._comparison(word, operator.value, content, path)
        if not content:
            self.problems.append((path, f"expected a comparison, such as `{EXAMPLE}`"))
            return None
        return _together(
            [self._comparison(word, str(key), wanted, (*path, str(key))) for key, wanted in content.items()]
        )

    def _comparison(self, word: str, written: str, wanted: object, path: KeyPath) -> Comparison | None:
        if written not in OPERATORS:
            self.problems.append((path, f"unknown comparison '{written}'.{nearest(written, OPERATORS)}"))
            return None
        self._clauses += 1
        if self._clauses == MOST_CLAUSES + 1:
            self.problems.append((path, f"a rule has {MOST_CLAUSES} comparisons at most"))
        operator = Operator(written)
        try:
            return Comparison(word, operator, _operand(operator, wanted), path)
        except ValueError as error:
            self.problems.append((path, str(error)))
            return None


def _together(parts: Sequence[Rule | None]) -> Rule | None:
    """Return parts that must all hold as one rule; None where one of them is wrong."""
    good = tuple(part for part in parts if part is not None)
    if len(good) < len(parts):
        return None
    return good[0] if len(good) == 1 else All(good)


def _operand(operator: Operator, wanted: object) -> Value | Day | tuple[Value, ...]:
    """Return what a value is compared with.

    Raises:
        ValueError: it cannot be; the message shows the form.

    """
    if operator is Operator.IN:
        if not isinstance(wanted, list) or not wanted or not all(_is_value(one) for one in wanted):
            raise ValueError("expected a list of values, such as [learner, facilitator]")
        return tuple(wanted)
    if operator in OF_DAYS:
        return _day(wanted)
    if operator is Operator.KNOWN and not isinstance(wanted, bool):
        raise ValueError("write true, or false for what is not known")
    if operator in NUMERIC and (isinstance(wanted, bool) or not isinstance(wanted, int | float)):
        raise ValueError(f"expected a number, not '{_shown(wanted)}'")
    if not _is_value(wanted):
        raise ValueError(
            "expected a text, a number, a day, or true or false; of what is not known, write {known: false}"
        )
    return wanted  # type: ignore[return-value]  # `_is_value` says so


def _day(wanted: object) -> Day:
    try:
        day = parse_day(wanted)
    except ValueError:
        form = f"expected a day like 2027-03-15, 'today -14d' or 'end -1w', not '{_shown(wanted)}'"
        raise ValueError(form) from None
    if isinstance(day, RelativeDay) and day.anchor not in ANCHORS:
        raise ValueError(f"days count from one of {', '.join(ANCHORS)}.{nearest(day.anchor, ANCHORS)}")
    return day


def _is_value(value: object) -> bool:
    return isinstance(value, str | int | float | bool | date) and not isinstance(value, datetime)


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)[:60]


def _rule_schema() -> dict[str, Any]:
    """Return the JSON Schema of a rule; it refers to itself as `#/$defs/Rule`, which a schema with rules must have."""
    scalar = {"type": ["string", "number", "boolean"]}
    number, some = {"type": "number"}, {"type": "array", "items": scalar, "minItems": 1}
    day = text_schema(ANY_DAY, "2027-03-15", "today -14d")
    comparisons: dict[str, Any] = {
        **dict.fromkeys(sorted(NUMERIC), number),
        **dict.fromkeys(sorted(OF_DAYS), day),
        Operator.EQUALS.value: scalar,
        Operator.NOT_EQUALS.value: scalar,
        Operator.IN.value: some,
        Operator.KNOWN.value: {"type": "boolean"},
    }
    clause = {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": comparisons}
    itself = {"$ref": "#/$defs/Rule"}
    parts = {"type": "array", "items": itself, "minItems": 1}
    return {
        "type": "object",
        "description": "A condition: every key of it must hold. A plain value means `equals`, a list `in`.",
        "minProperties": 1,
        "properties": {"all": parts, "any": parts, "not": itself},
        "patternProperties": {f"^(?!(all|any|not)$){WORD.pattern}$": {"anyOf": [scalar, some, clause]}},
        "additionalProperties": False,
        "examples": [{"quiet_days": {"at_least": 7}}],
    }


RULE_SCHEMA = _rule_schema()
RuleField = Annotated[Rule, PlainValidator(read_rule), WithJsonSchema({"$ref": "#/$defs/Rule"})]
__all__ = ["RULE_SCHEMA", "RuleField", "Value", "read_rule"]

"""Rules and values of every shape, for what must always hold."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from sync_worker.rules.rule import UNKNOWN, Value

WORDS = ("quiet_days", "posts", "role", "attendance", "certified", "joined", "today", "start")
NUMBERS = st.integers(-40, 40) | st.floats(-2, 2, allow_nan=False).map(lambda number: round(number, 2))
TEXTS = st.sampled_from(("learner", "LCM", "Sales", "", "nord"))
DAYS = st.dates(date(2027, 1, 1), date(2027, 12, 31))
SCALARS = st.one_of(NUMBERS, TEXTS, st.booleans(), DAYS)
RELATIVE = st.builds(lambda anchor, days: f"{anchor} {days:+d}d", st.sampled_from(("today", "start", "end")),
                     st.integers(-400, 400))  # fmt: skip
VALUES = st.dictionaries(
    st.sampled_from((*WORDS, "end")), SCALARS | st.just(float("nan")) | st.just(UNKNOWN), max_size=len(WORDS)
)


def _operators(*, known: bool) -> st.SearchStrategy[dict[str, Any]]:
    one = {
        **dict.fromkeys(("below", "above", "at_least", "at_most"), NUMBERS),
        **dict.fromkeys(("before", "after"), RELATIVE | DAYS),
        **dict.fromkeys(("equals", "not_equals"), SCALARS),
        "in": st.lists(SCALARS, min_size=1, max_size=3),
        **({"known": st.booleans()} if known else {}),
    }
    return st.lists(st.sampled_from(sorted(one)), min_size=1, max_size=2, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: one[name] for name in names})
    )


def rules(*, known: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Rules as YAML would give them; without `known` none asks whether something is known."""
    clause = st.dictionaries(st.sampled_from(WORDS), SCALARS | _operators(known=known), min_size=1, max_size=2)
    return st.recursive(
        clause,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=6,
    )


def unknown(values: dict[str, Any], words: set[str]) -> dict[str, Value | Any]:
    """The same values, of which some are not known any more."""
    return {word: value for word, value in values.items() if word not in words}

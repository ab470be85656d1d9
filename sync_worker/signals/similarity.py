"""How alike two texts are, by their telling words."""

from __future__ import annotations

import re

from sync_worker.signals.lexicon import EMPTY

SAME = 0.7  # of the words of two headings: they say the same


def telling_words(text: str) -> frozenset[str]:
    """Return the telling words of a text: of four letters or more, case-folded, plural s dropped."""
    found = re.findall(r"[^\W\d_]{4,}", text.casefold())
    return frozenset(word.removesuffix("s") for word in found if word not in EMPTY)


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two sets of words are, 0 to 1."""
    return len(one & other) / max(min(len(one), len(other)), 1)


def say_the_same(one: str, other: str) -> bool:
    """Whether two texts are about the same in nearly the same words; numbers make no difference."""
    mine, theirs = telling_words(one), telling_words(other)
    return one.casefold() == other.casefold() or len(mine & theirs) > SAME * max(len(mine), len(theirs), 1)

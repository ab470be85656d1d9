"""The words of one language in which people answer a yes-or-no question. Pure data; one module for each language."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """Everything that counts as a plain answer in one language.

    A line may offer a choice in brackets, "you (may|can) show (it|this)"; an empty choice leaves the place out. Lines
    are written in lower case with plain apostrophes; accents are ignored when they are compared.

    Args:
        yes: phrases that say yes and nothing else.
        assent: words that agree, but may also mean "I have read this": they are no yes beside a mere thank-you.
        praise: phrases that find something good, but do not say what, or that answer thanks as well ("No problem"):
            they add nothing to a yes and are none alone.
        courtesy: phrases that say nothing about the matter: thanks, good wishes.
        greetings: phrases that begin or answer a greeting, or answer thanks: after a yes, they show that the yes may
            answer the greeting ("Yes, hello") or the thanks ("Yes, you're welcome").
        no: phrases that say no where they are a whole clause, with courtesies at most.
        refusals: beginnings of a clause that say no, whatever follows them.
        hedges: words, separated by blanks, that make a no doubtful: conditions, contrasts, delays, consent.
        never_names: words, separated by blanks, that qualify an answer: they are never read as a person's name.

    """

    yes: tuple[str, ...]
    assent: tuple[str, ...]
    praise: tuple[str, ...]
    courtesy: tuple[str, ...]
    greetings: tuple[str, ...]
    no: tuple[str, ...]
    refusals: tuple[str, ...]
    hedges: str
    never_names: str


def phrases(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return every phrase that the lines stand for.

    >>> phrases(("you (may|can) show (it|)",))
    ('you may show it', 'you may show', 'you can show it', 'you can show')
    """
    found: dict[str, None] = {}
    for line in lines:
        parts = [part.split("|") for part in re.split(r"[()]", line)]
        for choice in itertools.product(*parts):
            found[" ".join("".join(choice).split())] = None
    return tuple(found)

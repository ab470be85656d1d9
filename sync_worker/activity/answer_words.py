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
        courtesy: phrases that say nothing about the matter: greetings, thanks, good wishes.
        no: phrases that say no where they are a whole clause, with courtesies at most.
        refusals: beginnings of a clause that say no whatever follows them.
        hedges: words, with blanks between, that make a no less than plain: conditions, contrasts, delays, consent.
        never_names: words, with blanks between, that say something of an answer, also where somebody is called so.

    """

    yes: tuple[str, ...]
    assent: tuple[str, ...]
    courtesy: tuple[str, ...]
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

"""Words of one language from which titles are made, and by which they are judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.languages.part import OPTIONAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping


def listed(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class HeadingWords:
    """Word lists, and regular expressions where the name says so.

    Args:
        did: expression for a sentence in the first person: `verb` is what its author did, `rest` what follows.
        past: verbs as people tell with them what they did.
        past_endings: endings of such verbs that are not listed.
        deed: how the same is said in the third person, after a name: `{verb}`, `{rest}`.
        theirs: "my" to "their": what is the author's own, in the third person.
        second_deed: expression for what else they did, in the same sentence.
        no_deed: expression for the beginning of a text that tells no deed.
        vague: words that do not say what they speak of.
        ends: words before which a title may end.
        soft_ends: words before which it may end where it is too long.
        joins: words that join the last of a list.
        dangling: words with which no title ends.
        weekdays: expression for a day of the week, with what may stand around it.
        openers: words that lose their capital after a colon; others may be names.
        own: words of the first and the third person.
        empty: words that say nothing about what a text is about.
        lead_in: words with which people begin before they come to the matter, with a mark after them.
        lead_in_to: whom such a beginning may address.
        lead_word: words that join a sentence to the one before, without a mark after them.
        clause_joins: words before which a sentence may be cut.
        hanging: words at the beginning that stand for something said before.

    """

    did: str
    past: frozenset[str]
    deed: str
    theirs: Mapping[str, str] = field(metadata=TABLE)
    vague: str
    ends: str
    soft_ends: str
    joins: str
    dangling: str
    weekdays: str
    openers: frozenset[str]
    own: str
    empty: frozenset[str]
    lead_in: str
    lead_in_to: str
    lead_word: str
    clause_joins: str
    hanging: str
    past_endings: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    second_deed: str = field(default="", metadata=OPTIONAL)
    no_deed: str = field(default="", metadata=OPTIONAL)

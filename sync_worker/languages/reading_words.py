"""What a language's words tell about a sentence before it is quoted; each language is data in a module of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync_worker.languages.part import OPTIONAL


def listed(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


WEAK, STRONG, NEVER = 0.5, 1.0, 9.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A kind of words that makes one doubt whether a passage can be read, or should be shown, on its own.

    `weight` is WEAK where the words may well point at something in the same sentence. The first sentence of a passage
    is held against it, all of them where it counts `anywhere`. Matched in small letters, with plain apostrophes.
    """

    pattern: str
    weight: float = STRONG
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class ReadingWords:
    """Word lists of one language; all in small letters, with plain apostrophes.

    Args:
        opens_a_lean: as one of the first two words they point at something said before ("it", "but").
        points_back: anywhere they stand for somebody or something that must have been named before ("she", "them").
        names_a_thing: before a noun they bring in what a later word may point back to ("the", "my").
        points_out: phrases that speak of the post, or of what was said before, from within the conversation.
        empty: words that say nothing about what a text is about.
        chat: as the first word they greet, thank or agree.
        takes_back: phrases with which people withdraw what they wrote.
        doubts: kinds of words that read worse outside of the conversation.

    """

    opens_a_lean: frozenset[str]
    points_back: frozenset[str]
    names_a_thing: frozenset[str]
    points_out: tuple[str, ...]
    empty: frozenset[str]
    chat: frozenset[str]
    takes_back: tuple[str, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class DayWords:
    """How one language names a day to come; all in small letters, with plain apostrophes.

    Args:
        today: phrases for the present day.
        tomorrow: phrases for the day after.
        past_before: words right before a weekday or date that put it into the past ("last", "since").
        past_after: words right after a weekday that do.
        vague_before: words right before a weekday with which it may be several days, or any ("every", "next").
        vague_after: words right after a weekday with which it may be.
        verbs: months that are other words as well: before a number they are no month.
        ordinals: what may stand right after the number of a day, as a part of a regular expression.

    """

    today: tuple[str, ...]
    tomorrow: tuple[str, ...]
    past_before: tuple[str, ...]
    vague_before: tuple[str, ...]
    ordinals: str
    verbs: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    past_after: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    vague_after: tuple[str, ...] = field(default=(), metadata=OPTIONAL)

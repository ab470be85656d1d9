"""Whether a text that a language model proposed may stand: by its form, and by what its sources say. Pure.

It is held to more than a person's text, as nobody may have read it: whatever tells a fact (a number, a date, a name, a
link, words in quotation marks) has to be in the sources, and so have most of its other words. The rules look at words
and know no grammar: they let no new fact in, and cannot see that known words were put together into something untrue.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sync_worker.languages.parts import DAYS, GRAMMAR, HEADINGS, PROPOSALS, READING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

AUTHOR = "[author]"
PLAIN_SIGNS = frozenset(" .,:;?()'’\u00a0\u202f–—-…&/%€$£°\"“”«»")
LINK = re.compile(r"(?i)\b(?:https?|ftp)\b|www\.|\w\.(?:[a-z]{2,}/|(?:com|org|net|io|eu|fr|de|edu|gov|info)\b)|//")
NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
PIECE = re.compile(r"[^\W\d_]+")
QUOTED = re.compile(r"[“\"«]\s*([^”\"»]+?)\s*[”\"»]")
INNER_END = re.compile(r"[.!?…][\"”’»)]*\s")
LETTERS = 4  # words that are shorter say too little to be counted
STEM = 4  # letters that forms of one word have in common at least
FEWEST_SMALL = 6  # words from which on a text must have small words of its language


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a text may be (words, characters), and how large a share of its telling words its sources must have."""

    fewest_words: int
    most_words: int
    most_chars: int
    is_sentence: bool
    grounded: float
    may_name_author: bool = False


def why_not(text: str, sources: str, bounds: Bounds, locale: str, people: Collection[str] = ()) -> str:
    """Return why a text may not stand, "" where it may.

    Args:
        text: as it was proposed.
        sources: all that was sent for it.
        bounds: of its kind.
        locale: the language that it has to be in.
        people: names of people that were not sent.

    """
    checks = (
        _form(text, bounds),
        _length(text, bounds),
        _craft(text, locale),
        _link(text, sources),
        _numbers(text, sources, locale),
        _moments(text, sources, locale),
        _quotes(text, sources),
        _names(text, sources, locale, people),
        _language(text, locale),
        _ground(text, sources, bounds, locale),
    )
    return next((found for check in checks for found in check), "")


def _form(text: str, bounds: Bounds) -> Iterator[str]:
    if AUTHOR in text and not bounds.may_name_author:
        yield "it names an author"
    bare = text.replace(AUTHOR, "")
    if "\n" in text or any(unicodedata.category(char)[0] == "C" for char in bare):
        yield "it has line breaks or invisible signs"
    if emoji := next((char for char in bare if unicodedata.category(char) in ("So", "Sk", "Cs")), ""):
        yield f"it has a pictograph ({emoji})"
    odd = next((char for char in bare if not char.isalnum() and char not in PLAIN_SIGNS and char != "!"), "")
    if odd and not unicodedata.combining(odd):
        yield f"it has a sign that may be markup or a mention ({odd})"


def _length(text: str, bounds: Bounds) -> Iterator[str]:
    words = len(text.split())
    if not bounds.fewest_words <= words <= bounds.most_words or len(text) > bounds.most_chars:
        yield f"it has {words} words and {len(text)} characters"
    if INNER_END.search(text):
        yield "it is more than one sentence"
    if bounds.is_sentence and not text.endswith((".", "…", ":")):
        yield "it is no whole sentence"


def _craft(text: str, locale: str) -> Iterator[str]:
    if "!" in text or "?" in text:
        yield "it exclaims or asks"
    said = _plain(text)
    for pattern in PROPOSALS.of(locale).banned:
        if found := re.search(pattern, said):
            yield f"it says “{found[0]}”"


def _link(text: str, sources: str) -> Iterator[str]:
    for found in LINK.finditer(text):
        piece = next(one for one in text.split() if found[0].strip() in one)
        if piece not in sources:
            yield "it has a link that the sources do not have"


def _numbers(text: str, sources: str, locale: str) -> Iterator[str]:
    known = set(NUMBER.findall(sources))
    for found in NUMBER.findall(text):
        if found not in known:
            yield f"the number {found} is not in the sources"
    in_words = set(GRAMMAR.of(locale).numbers[2:]) | PROPOSALS.of(locale).numbers
    said, given = _tokens(text), set(_tokens(sources))
    for word in said:
        if word in in_words and word not in given:
            yield f"the number “{word}” is not in the sources"


def _moments(text: str, sources: str, locale: str) -> Iterator[str]:
    grammar, days = GRAMMAR.of(locale), DAYS.of(locale)
    said, given = f" {_plain(text)} ", f" {_plain(sources)} "
    calendar = [_plain(name) for name in (*grammar.months, *grammar.weekdays) if _plain(name) not in days.verbs]
    for name in (*calendar, *days.today, *days.tomorrow, *PROPOSALS.of(locale).moments):
        if _has(said, name) and not _has(given, name):
            yield f"the time “{name}” is not in the sources"


def _quotes(text: str, sources: str) -> Iterator[str]:
    given = _letters(sources)
    for found in QUOTED.finditer(text):
        if _letters(found[1]) not in given:
            yield "words in quotation marks are not in the sources"


def _names(text: str, sources: str, locale: str, people: Collection[str]) -> Iterator[str]:
    """Yield words that may be names and are not in the sources.

    With a capital that is any word but the first; the first one has to be in the sources, or a small word of the
    language. Names of people that were not sent are none of the sources, whatever their case.
    """
    bare, given = text.replace(AUTHOR, " "), set(WORD.findall(sources))
    folded = {word.casefold() for word in given} | set(_tokens(sources))
    words = WORD.findall(bare)
    starts = bare.lstrip().startswith(words[0]) if words and AUTHOR not in text[: len(AUTHOR)] else False
    parts = {part.casefold() for name in people for part in PIECE.findall(name) if len(part) >= LETTERS - 1}
    small = small_words(locale)
    for place, word in enumerate(words):
        is_known = word in given or (word[:1].islower() and word.casefold() in folded)
        if word.casefold() in parts and word.casefold() not in folded and word.casefold() not in small:
            yield f"the name “{word}” is not in the sources"
        if place == 0 and starts:
            pieces = [piece.casefold() for piece in PIECE.findall(word)]
            if word.casefold() not in folded and not all(piece in small or piece in folded for piece in pieces):
                yield f"it begins with a word that is not in the sources ({word})"
        elif word != word.lower() and not is_known and not (word.isupper() and len(word) == 1):
            yield f"the name “{word}” is not in the sources"


def _language(text: str, locale: str) -> Iterator[str]:
    said = _tokens(text.replace(AUTHOR, " "))
    counts = {code: sum(word in words for word in said) for code, words in _distinct().items()}
    own = counts.pop(locale)
    if any(other > own for other in counts.values()) or (len(said) >= FEWEST_SMALL and own == 0):
        yield "it is not in the language of the cohort"


def _ground(text: str, sources: str, bounds: Bounds, locale: str) -> Iterator[str]:
    small = small_words(locale)
    given = {word for word in _tokens(sources) if len(word) >= LETTERS}
    telling = [w for w in _tokens(text.replace(AUTHOR, " ")) if len(w) >= LETTERS and w not in small]
    known = sum(any(_same_word(word, other) for other in given) for word in telling)
    if not telling or known < bounds.grounded * len(telling):
        yield f"only {known} of its {len(telling)} telling words are in the sources"


def small_words(locale: str) -> frozenset[str]:
    """Return the words of a language that tell nothing by themselves."""
    found = READING.of(locale).empty | HEADINGS.of(locale).empty | HEADINGS.of(locale).openers
    return found | frozenset(GRAMMAR.of(locale).numbers[:2]) | {GRAMMAR.of(locale).conjunction}


@lru_cache(maxsize=1)
def _distinct() -> dict[str, frozenset[str]]:
    """Return for each language its small words that no other language has."""
    every = {code: small_words(code) for code in READING.all()}
    return {
        code: words - frozenset().union(*(other for one, other in every.items() if one != code))
        for code, words in every.items()
    }


def _same_word(one: str, other: str) -> bool:
    """Whether two words may be forms of one: they begin alike, but for their last letters."""
    shortest = min(len(one), len(other))
    return one == other or one[: max(STEM, shortest - 2)] == other[: max(STEM, shortest - 2)]


def _tokens(text: str) -> list[str]:
    return PIECE.findall(_plain(text))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().replace("’", "'")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", _plain(text))


def _has(text: str, phrase: str) -> bool:
    return re.search(rf"(?<![\w]){re.escape(phrase)}(?![\w])", text) is not None

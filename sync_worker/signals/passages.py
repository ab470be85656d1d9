"""The passage of a post that carries its point and can be read by somebody who has read nothing else. Pure.

One to three neighbouring sentences, word for word. The sentence in the middle of what the conversation is about is
found by its words (their frequency in the conversation, weighted by their rarity in the period, earlier sentences
first), a cheap relative of centroid summaries: Radev et al., "Centroid-based summarization of multiple documents"
(2004). It is widened backwards until nothing in it points at what was said before, and forwards until it says enough.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sync_worker.languages import parts
from sync_worker.languages.reading_words import WEAK
from sync_worker.signals.plain import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync_worker.languages.reading_words import ReadingWords
    from sync_worker.model import Topic
    from sync_worker.signals.plain import Sentence

READING: Mapping[str, ReadingWords] = parts.READING.all()
KEY_WORDS = range(9, 51)  # of the sentence that carries the point
ENOUGH_WORDS, MOST_WORDS = 24, 55  # of the whole passage
TOLD_WORDS = 32  # of one that tells what was tried and what came of it
MOST_BEFORE = 2  # sentences that may be needed before the one that carries the point
POSITION = 0.2  # how fast a later sentence loses against an earlier one
TITLE = 0.2  # what a word of the title adds
AROUND = 0.25  # what a word of the conversation around the post counts, for one of the post itself
DOUBT = 0.9  # what is left of a passage's weight for each doubt whether it can be read on its own
MOST_DOUBTS, MOST_IN_A_REPLY = 1.5, 0.5  # with more, a post is pointed at; nothing was said before the one that opens
MOST_CODE, FEWEST_LETTERS = 0.3, 0.8
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TERM = re.compile(r"[^\W\d_]{3,}")
_MACHINE = re.compile(r"[{}=<>\\|]|//|\w\(|->|::|\.{3,}|[!?]{2}|^\W*\w{1,2}[.):]")
_ENDED = re.compile(r"(?<![.…])[.!]['\"”’»)\u00a0\u202f]*$")


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring sentences of one post, word for word; `key` is the one that carries the point."""

    sentences: tuple[str, ...]
    key: str

    @property
    def text(self) -> str:
        """The passage as one line."""
        return " ".join(self.sentences)

    @property
    def shortest(self) -> Passage:
        """The passage up to the sentence that carries the point: what follows it may be left out."""
        return Passage(self.sentences[: self.sentences.index(self.key) + 1], self.key)


@dataclass(frozen=True)
class Reader:
    """Finds passages in the conversations of a period."""

    topics: Sequence[Topic]
    locale: str

    @property
    def words(self) -> ReadingWords:
        """The lists of the cohort's language."""
        return READING[self.locale]

    @cached_property
    def _rarity(self) -> Mapping[str, float]:
        """How rare a term is among the topics of the period: inverse document frequency, smoothed."""
        found: Counter[str] = Counter()
        for topic in self.topics:
            found.update({term for post in topic.posts for term in self.terms(_text(sentences(post.cooked)))})
        return {term: math.log(1 + len(self.topics) / number) for term, number in found.items()}

    def terms(self, text: str) -> list[str]:
        """Return the words of a text that say what it is about, repeated as they are."""
        return [term for term in _TERM.findall(text.casefold()) if term not in self.words.empty]

    def passage(self, cooked: str, title: str, around: Sequence[str] = (), *, opens: bool = True) -> Passage | None:
        """Return the passage of a post to show, None where no sentence of it stands on its own.

        `title` and `around`, the HTML of the other posts of the conversation, say what the passage should be about;
        `opens` says that it began with this post.
        """
        own = sentences(cooked)
        others = Counter(term for post in around for term in self.terms(_text(sentences(post))))
        named = {*self.terms(title), *others}
        best, most = None, 0.0
        for place, weight in self._weights(own, title, others):
            if weight <= most:
                break
            span = self._span(own, place)
            if span is None:
                continue
            shown = Passage(tuple(own[at].text for at in span), own[place].text)
            doubts = (
                self._doubts(shown)
                + own[span.start].asks
                + WEAK * (bool(around) and named.isdisjoint(self.terms(shown.text)))
            )
            if doubts <= (MOST_DOUBTS if opens else MOST_IN_A_REPLY) and weight * DOUBT**doubts > most:
                best, most = shown, weight * DOUBT**doubts
        return best

    def _doubts(self, passage: Passage) -> float:
        """Return how much makes one doubt that a passage can be read, or should be shown, on its own."""
        first, *later = (text.casefold().replace("’", "'") for text in passage.sentences)
        found = 0.0
        for doubt in self.words.doubts:
            looked_at = (first, *later) if doubt.anywhere else (first,)
            found += doubt.weight * any(re.search(doubt.pattern, text) for text in looked_at)
        return found

    def passage_from(self, cooked: str, beginning: str) -> Passage | None:
        """Return the passage that begins with a sentence and goes on, over paragraphs as well, until it says enough."""
        own = sentences(cooked)
        first = next((place for place, sentence in enumerate(own) if sentence.text == beginning), None)
        if first is None or self._leans(own[first]) or not self._is_quotable(own[first]):
            return None
        last = first
        while _length(own[first : last + 1]) < TOLD_WORDS and self._goes_on(own, last, first, over=True):
            last += 1
        shown = own[first : last + 1]
        if not KEY_WORDS.start <= _length(shown) <= MOST_WORDS:
            return None
        return Passage(tuple(sentence.text for sentence in shown), beginning)

    def takes_back(self, cooked: str) -> bool:
        """Whether a post withdraws what its author wrote before."""
        said = _text(sentences(cooked)).casefold().replace("’", "'")
        return any(phrase in said for phrase in self.words.takes_back)

    def _weights(self, own: Sequence[Sentence], title: str, others: Counter[str]) -> list[tuple[int, float]]:
        """Return the places of the sentences that may carry the point with their weights, the weightiest first."""
        counted = Counter(self.terms(_text(own)))
        count = {term: number + AROUND * others[term] for term, number in counted.items()}
        named = set(self.terms(title))
        weights: dict[int, float] = {}
        for place, sentence in enumerate(own):
            if sentence.asks or len(sentence.text.split()) not in KEY_WORDS or not self._is_quotable(sentence):
                continue
            told = set(self.terms(sentence.text))
            weight = sum((1 + math.log(count[term])) * self._rarity.get(term, 1.0) for term in told)
            weights[place] = weight * (1 + TITLE * len(told & named)) / (1 + place) ** POSITION
        return sorted(weights.items(), key=lambda found: -found[1])

    def _span(self, own: Sequence[Sentence], place: int) -> range | None:
        """Return which sentences to show around one; None where it needs more before it than can be shown."""
        first = place
        while self._leans(own[first]):
            first -= 1
            if first < max(0, place - MOST_BEFORE) or not self._is_quotable(own[first]):
                return None
        last = place
        while _length(own[first : last + 1]) < ENOUGH_WORDS and self._goes_on(own, last, first):
            last += 1
        return range(first, last + 1) if _length(own[first : last + 1]) <= MOST_WORDS else None

    def _goes_on(self, own: Sequence[Sentence], last: int, first: int, *, over: bool = False) -> bool:
        """Whether the next sentence may be shown as well; `over` the end of a paragraph only where that is wanted."""
        following = own[last + 1 : last + 2]
        return bool(following) and (
            (over or following[0].paragraph == own[last].paragraph)
            and not following[0].asks
            and self._is_quotable(following[0])
            and _length(own[first : last + 2]) <= MOST_WORDS
        )

    def _is_quotable(self, sentence: Sentence) -> bool:
        """Whether a sentence is whole, made of words, and no chat."""
        text = sentence.text
        tokens = _tokens(text)
        letters = sum(char.isalpha() or char.isspace() for char in text)
        return (
            not sentence.calls
            and sentence.code <= MOST_CODE
            and letters >= FEWEST_LETTERS * len(text)
            and bool(_ENDED.search(text) or sentence.asks)
            and not _MACHINE.search(text)
            and not text.isupper()
            and bool(tokens)
            and tokens[0] not in self.words.chat
            and not _first_letter(text).islower()
            and _is_paired(text)
        )

    def _leans(self, sentence: Sentence) -> bool:
        """Whether a sentence points at something that was said before it."""
        words, tokens = self.words, _tokens(sentence.text)
        plain = sentence.text.casefold().replace("’", "'")
        if any(phrase in plain for phrase in words.points_out):
            return True
        if any(token in words.opens_a_lean for token in tokens[:1]):
            return True
        if len(tokens) > 1 and tokens[1] in words.points_back:
            return True
        for place, token in enumerate(tokens):
            if token in words.points_back:
                before = tokens[:place]
                return not any(token in words.names_a_thing for token in before)
        return False


def _tokens(text: str) -> list[str]:
    return [token.casefold().replace("’", "'") for token in _TOKEN.findall(text)]


def _first_letter(text: str) -> str:
    return next((char for char in text if char.isalpha()), "")


def _length(own: Iterable[Sentence]) -> int:
    return sum(len(sentence.text.split()) for sentence in own)


def _text(own: Iterable[Sentence]) -> str:
    return " ".join(sentence.text for sentence in own)


def _is_paired(text: str) -> bool:
    """Whether brackets and quotation marks open and close."""
    pairs = (("(", ")"), ("“", "”"), ("«", "»"), ("[", "]"))
    return text.count('"') % 2 == 0 and all(text.count(opens) == text.count(closes) for opens, closes in pairs)

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
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from sync_worker.languages import parts
from sync_worker.languages.words import SEVERE, STRONG, WEAK
from sync_worker.signals import cues
from sync_worker.signals.plain import beginning, sentences
from sync_worker.signals.single_sentences import CLAUSE_END, asks_by_itself

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync_worker.languages.words import ReadingWords
    from sync_worker.model import Topic
    from sync_worker.signals.plain import Sentence


READING: Mapping[str, ReadingWords] = parts.READING.all()
POINTS_OUT = {
    locale: re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words.points_out))})e?s?(?!\w)")
    for locale, words in READING.items()
}
KEY_WORDS = range(8, 61)  # of the sentence that carries the point
ENOUGH_WORDS, MOST_WORDS = 24, 60  # of the whole passage
ENOUGH_OF_AN_OPENING, MOST_OF_AN_OPENING = 60, 80  # the beginning of a text says its point in three sentences
MOST_BEFORE = 2  # sentences that may be needed before the one that carries the point, or stand before a passage
FEWEST_OF_A_PART = 20  # words of a passage that is not the whole post
POSITION, OPENING_POSITION = 0.2, 0.5  # how fast a later sentence loses against an earlier one, in a reply, an opening
PRESENTS = 1.6  # what it counts that a sentence says what its author made, found or proposes
SAYS_OF_IT = 3.0  # what it counts that a sentence begins with what the title names
SUBJECT_WITHIN = 4  # words at the beginning of a sentence
TITLE = 0.2  # what a word of the title adds
AROUND = 0.25  # what a word of the conversation around the post counts, for one of the post itself
DOUBT = 0.9  # what is left of a passage's weight for each doubt whether it can be read on its own
MOST_DOUBTS, MOST_IN_A_REPLY = 1.5, 0.5  # with more, a post is pointed at; nothing was said before the one that opens
FEWEST_BEYOND = 3  # telling words of a passage that are not in the title
MUCH_IN_COMMON = 3  # telling words that a passage within a paragraph has in common with title and opening
LONGEST_CHAT = 8  # words of a sentence that only greets, thanks or agrees
FEW_LEFT_OUT = 25  # words of a post: it is shown whole
SHORT_TERM = 3  # letters: of a term that is no longer, a last "s" is no plural
MUCH_OF_THE_OPENING = 5  # telling words that a reply has in common with what opened the conversation
FEWEST_TOPICS = 10  # among which a term can be told to be everywhere
EVERYWHERE = math.log(1 + 2.5)  # rarity: the term is in two of five topics of the period, or in more
ENOUGH_TOLD = 16  # telling words: a sentence with fewer says less
MOST_CODE, FEWEST_LETTERS = 0.3, 0.8
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TERM = re.compile(r"[^\W\d_]{3,}")
_MACHINE = re.compile(r"[{}=<>\\|]|//|[a-z\d_]\(|->|::|\.{3,}|[!?]{2}|^\W*\w{1,2}[.):]")
_BESIDE = re.compile(r"^\(|^[\"“«][^\"”»]*[\"”»][.!]*$")  # an aside, or a title or words of somebody else
_ENDED = re.compile(r"(?<![.…])[.!]['\"”’»)\u00a0\u202f]*$")


def points_out(text: str) -> bool:
    """Whether a text speaks of the conversation that it stands in, in any language: "as I said", "in this post"."""
    return any(pointer.search(_plain(text)) for pointer in POINTS_OUT.values())


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring sentences of one post, word for word; `key` is the one that carries the point.

    `named` says how many telling words of the title are in it.
    """

    sentences: tuple[str, ...]
    key: str
    named: int = 0

    @property
    def text(self) -> str:
        """The passage as one line."""
        return " ".join(self.sentences)

    @property
    def shortest(self) -> Passage:
        """The passage up to the sentence that carries the point: what follows it may be left out."""
        return Passage(self.sentences[: self.sentences.index(self.key) + 1], self.key, self.named)


@dataclass(frozen=True, slots=True)
class Required:
    """What a passage needs beside that it can be read on its own.

    `named` is how many telling words of the title it has (all of a short title), or one where it advises the reader;
    `early` that it is where the post begins: with its first sentence, or with one of the first three of an opening that
    says what the title names, or what its author made or did. Then nothing that the post asks is left out, and no title
    of a page stands in it for an address.
    """

    named: float = 0
    early: bool = False


NOTHING_REQUIRED = Required()


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
            found.update(frozenset().union(*(_terms_of(post.cooked, self.locale) for post in topic.posts)))
        return {term: math.log(1 + len(self.topics) / number) for term, number in found.items()}

    def terms(self, text: str) -> list[str]:
        """Return the words of a text that say what it is about, repeated as they are, the plural as the singular."""
        return _terms_in(text, self.locale)

    def _own_terms(self, title: str) -> frozenset[str]:
        """Return the terms of a title without those that every other conversation has: what the forum is about.

        All of them where nothing else is left, or where there are too few conversations to tell.
        """
        terms = frozenset(self.terms(title))
        if len(self.topics) < FEWEST_TOPICS:
            return terms
        return frozenset(term for term in terms if self._rarity.get(term, math.inf) > EVERYWHERE) or terms

    def passage(
        self,
        cooked: str,
        title: str,
        around: Sequence[str] = (),
        *,
        opens: bool = True,
        required: Required = NOTHING_REQUIRED,
    ) -> Passage | None:
        """Return the passage of a post to show, None where no sentence of it stands on its own.

        `title` and `around`, the HTML of the other posts of the conversation, say what the passage should be about;
        `opens` says that it began with this post, `required` what a passage needs beside that it can be read alone.
        """
        own = sentences(cooked)
        others = Counter(term for post in around for term in self.terms(_text(sentences(post))))
        wanted = self._own_terms(title)
        best, most = None, 0.0
        for place, weight in self._weights(own, title, others, opens=opens):
            if weight <= most:
                break
            span = self._span(own, place, opens=opens)
            if span is None:
                continue
            texts = tuple(own[at].text for at in span)
            shown = Passage(texts, own[place].text, len(wanted.intersection(self.terms(" ".join(texts)))))
            doubts = (
                self._doubts(shown, opens=opens)
                + own[span.start].asks
                + self._strangeness(own, span, title, around, opens=opens)
                + SEVERE * (not self._meets(required, own, span, wanted, opens=opens))
            )
            if doubts <= (MOST_DOUBTS if opens else MOST_IN_A_REPLY) and weight * DOUBT**doubts > most:
                best, most = shown, weight * DOUBT**doubts
        return self._completed(own, best, wanted, opens=opens) if best is not None else None

    def _completed(self, own: Sequence[Sentence], best: Passage, wanted: frozenset[str], *, opens: bool) -> Passage:
        """Return all of a post instead of a passage that leaves out a sentence or two which can be shown as well."""
        texts = tuple(one.text for one in own)
        left_out = len(" ".join(texts).split()) - len(best.text.split())
        fits = left_out <= FEW_LEFT_OUT and _length(own) <= (MOST_OF_AN_OPENING if opens else MOST_WORDS)
        if not fits or any(one.asks or one.listed or not self._is_quotable(one) for one in own):
            return best
        whole = Passage(texts, best.key, len(wanted.intersection(self.terms(" ".join(texts)))))
        more = self._doubts(whole, opens=opens) > self._doubts(best, opens=opens)
        return best if more or self._leans(own[0], opens=opens) else whole

    def _strangeness(
        self,
        own: Sequence[Sentence],
        span: range,
        title: str,
        around: Sequence[str],
        *,
        opens: bool,
    ) -> float:
        """Return how much makes one doubt that a passage belongs to what the heading above it names.

        Further down in a reply a passage says little to somebody who did not read the conversation: the more so where
        it begins within a paragraph. An item of a list says little without the others.
        """
        shown = [own[at] for at in span]
        told, wanted = set(self.terms(_text(shown))), set(self.terms(title))
        listed = any(sentence.listed for sentence in shown)
        if opens:
            return SEVERE * listed + WEAK * (bool(wanted) and told.isdisjoint(wanted))
        if all(self._is_chat(one) for one in own[: span.start]) and not listed:
            return 0.0
        opening = set(self.terms(_text(sentences(around[0])))) if around else set()
        of_title, of_opening = len(told & wanted), len(told & opening)
        if listed:
            belongs = of_title > 1 and of_opening >= MUCH_OF_THE_OPENING
        elif shown[0].leads:
            belongs = of_title >= 1 or of_opening >= MUCH_OF_THE_OPENING
        else:
            belongs = of_title >= 1 and of_title + of_opening >= MUCH_IN_COMMON
        return 0.0 if belongs else SEVERE

    def _meets(
        self, required: Required, own: Sequence[Sentence], span: range, wanted: frozenset[str], *, opens: bool
    ) -> bool:
        """Whether a passage says more than its title, and is as near to it and to the beginning as is required."""
        said = _text(own[at] for at in span)
        told = set(self.terms(said))
        named = min(required.named, 1) if self.advises(said) else required.named
        needed = min(named, len(wanted)) if math.isfinite(named) else named
        if len(told & wanted) < needed or len(told - wanted) < FEWEST_BEYOND:
            return False
        if not required.early:
            return True
        if any(own[at].titled for at in span):
            return False
        before = [one for one in own[: span.start] if not self._is_chat(one)]
        if before and not (opens and len(before) <= MOST_BEFORE and self._begins_anew(own[span.start], wanted)):
            return False
        if any(one.asks for at, one in enumerate(own) if at not in span):
            return False
        return len(span) == len(own) or len(said.split()) >= FEWEST_OF_A_PART

    def _is_chat(self, sentence: Sentence) -> bool:
        """Whether a sentence greets, thanks or agrees, and says no more than that."""
        tokens = _tokens(sentence.text)
        greets = not tokens or tokens[0] in self.words.chat or bool(cues.ADDED_LATER.match(sentence.text))
        return len(tokens) <= LONGEST_CHAT and greets

    def _doubts(self, passage: Passage, *, opens: bool) -> float:
        """Return how much makes one doubt that a passage can be read, or should be shown, on its own."""
        texts = [_plain(text) for text in passage.sentences]
        first, *later = [re.sub(self.words.itself, " ", text) for text in texts] if opens else texts
        found = 0.0
        for doubt in self.words.doubts:
            if opens and doubt.replies:
                continue
            looked_at = (first, *later) if doubt.anywhere else (first,)
            found += doubt.weight * any(re.search(doubt.pattern, text) for text in looked_at)
        return found

    def advises(self, text: str) -> bool:
        """Whether a text tells its readers what to do."""
        return bool(re.search(self.words.advises, _plain(text)))

    def question(self, cooked: str, title: str) -> Passage | None:
        """Return the first sentence of a post that asks, and asks more than its title, in words that stand alone."""
        for sentence in sentences(cooked):
            if asks_by_itself(sentence.text, title) and self._is_quotable(sentence):
                return Passage((sentence.text,), sentence.text)
        return None

    def takes_back(self, cooked: str) -> bool:
        """Whether a post withdraws what its author wrote before."""
        return any(cues.TAKES_BACK.search(one.text) for one in sentences(cooked))

    def is_withdrawn(self, cooked: str) -> bool:
        """Whether a post says, at its own beginning or in an edit, that its author does not stand by it any more."""
        if re.match(self.words.withdrawn, _plain(beginning(cooked))):
            return True
        edits = (one.text for one in sentences(cooked) if cues.ADDED_LATER.match(one.text))
        return any(cues.TAKES_BACK.search(text) for text in edits)

    def _weights(
        self, own: Sequence[Sentence], title: str, others: Counter[str], *, opens: bool
    ) -> list[tuple[int, float]]:
        """Return the places of the sentences that may carry the point with their weights, the weightiest first."""
        counted = Counter(self.terms(_text(own)))
        count = {term: number + AROUND * others[term] for term, number in counted.items()}
        named = frozenset(self.terms(title))
        weights: dict[int, float] = {}
        for place, sentence in enumerate(own):
            if sentence.asks or len(sentence.text.split()) not in KEY_WORDS or not self._is_quotable(sentence):
                continue
            told = set(self.terms(sentence.text))
            rare = sum((1 + math.log(count[term])) * self._rarity.get(term, 1.0) for term in told)
            weight = rare * min(1.0, len(told) / ENOUGH_TOLD)
            presents = PRESENTS if re.search(self.words.presents, _plain(sentence.text)) else 1.0
            if opens and self._says_what_it_is(sentence, named):
                presents *= SAYS_OF_IT
            position = OPENING_POSITION if opens else POSITION
            weights[place] = weight * presents * (1 + TITLE * len(told & named)) / (1 + place) ** position
        return sorted(weights.items(), key=lambda found: -found[1])

    def _begins_anew(self, sentence: Sentence, named: frozenset[str]) -> bool:
        """Whether a sentence needs none before it: it says what the title names, or what its author made or did."""
        made = re.search(self.words.presents, _plain(sentence.text)) or cues.TRIED.search(sentence.text)
        return bool(made) or self._says_what_it_is(sentence, named)

    def _says_what_it_is(self, sentence: Sentence, named: frozenset[str]) -> bool:
        """Whether a sentence begins with what the title names, and says at once what that is or does."""
        said = re.search(rf"\b{self.words.says_what_it_is}", _plain(sentence.text))
        subject = sentence.text[: said.start()].split() if said else []
        return len(subject) <= SUBJECT_WITHIN and not named.isdisjoint(self.terms(" ".join(subject)))

    def _span(self, own: Sequence[Sentence], place: int, *, opens: bool) -> range | None:
        """Return which sentences to show around one; None where it needs more before or after it than can be shown.

        In a reply they begin with a paragraph where that is possible, and never below a quotation: they speak of that.
        """
        first = place
        while self._leans(own[first], opens=opens):
            first -= 1
            if first < max(0, place - MOST_BEFORE) or not self._is_quotable(own[first]):
                return None
        if not opens:
            if own[first].answers:
                return None
            first = self._beginning(own, first, place)
        last = place
        enough, most = (ENOUGH_OF_AN_OPENING, MOST_OF_AN_OPENING) if opens else (ENOUGH_WORDS, MOST_WORDS)
        while (
            _length(own[first : last + 1]) < enough
            and self._goes_on(own, last, first, most, over=opens)
            and (not opens or self._doubts(Passage(("", own[last + 1].text), ""), opens=True) < STRONG)
        ):
            last += 1
        while self._turns(own[last + 1 : last + 2]):
            if not self._goes_on(own, last, first, most, over=True):
                return None
            last += 1
        if _length(own[first : last + 1]) > most or not _ends_well(own[last], own[last + 1 : last + 2]):
            return None
        return range(first, last + 1)

    def _beginning(self, own: Sequence[Sentence], first: int, place: int) -> int:
        """Return where the paragraph begins, if all from there can be shown; else `first`."""
        start = first
        while not own[start].leads and start > 0:
            start -= 1
        before = own[start:first]
        fits = place - start <= MOST_BEFORE and _length(own[start : place + 1]) <= MOST_WORDS
        stands = all(self._is_quotable(one) for one in before) and not self._leans(own[start])
        return start if fits and stands else first

    def _turns(self, following: Sequence[Sentence]) -> bool:
        """Whether the next sentence takes back or limits what was said, so that it may not be left out."""
        return bool(following) and bool(cues.LIMITS.match(following[0].text))

    def _goes_on(self, own: Sequence[Sentence], last: int, first: int, most: int, *, over: bool = False) -> bool:
        """Whether the next sentence may be shown as well, with at most `most` words in all.

        `over` the end of a paragraph only where that is wanted.
        """
        following = own[last + 1 : last + 2]
        return bool(following) and (
            bool(_ENDED.search(own[last].text) or own[last].asks)
            and (over or following[0].paragraph == own[last].paragraph)
            and not following[0].asks
            and self._is_quotable(following[0])
            and _length(own[first : last + 2]) <= most
        )

    def _is_quotable(self, sentence: Sentence) -> bool:
        """Whether a sentence is whole, made of words, and no chat."""
        text = sentence.text
        tokens = _tokens(text)
        letters = sum(char.isalpha() or char.isspace() for char in text)
        return (
            not (sentence.calls or sentence.cut or _BESIDE.search(text))
            and sentence.code <= MOST_CODE
            and letters >= FEWEST_LETTERS * len(text)
            and bool(_ENDED.search(text) or sentence.asks or self._may_end_a_paragraph(sentence, tokens))
            and not _MACHINE.search(text)
            and not text.isupper()
            and bool(tokens)
            and tokens[0] not in self.words.chat
            and not cues.ADDED_LATER.match(text)
            and not _first_letter(text).islower()
            and _is_paired(text)
        )

    def _may_end_a_paragraph(self, sentence: Sentence, tokens: Sequence[str]) -> bool:
        """Whether a sentence without its full stop is one all the same: the last of a paragraph, as people write."""
        ends = sentence.text[-1].isalpha() and bool(tokens) and tokens[-1] not in self.words.empty
        return ends and not sentence.listed and len(sentence.text.split()) >= KEY_WORDS.start

    def _leans(self, sentence: Sentence, *, opens: bool = False) -> bool:
        """Whether a sentence points at something that was said before it.

        What opens a conversation may speak of itself: "this proposal", "this is a letter".
        """
        words = self.words
        plain = re.sub(words.no_pointers, " ", _plain(sentence.text))
        tokens = _tokens(plain)
        if POINTS_OUT[self.locale].search(plain):
            return True
        if opens and sentence.leads:
            plain = re.sub(words.itself, " ", plain)
        if any(token in words.opens_a_lean for token in tokens[:1]):
            return True
        if len(tokens) > 1 and tokens[1] in words.points_back:
            return True
        first = next((place for place, token in enumerate(tokens) if token in words.points_back), 0)
        if first and not self._is_named(tokens[:first], tokens[first]):
            return True
        return self._shows_what_is_not_named(plain)

    def _is_named(self, before: Sequence[str], pointer: str) -> bool:
        """Whether the words before a pointer name something that it may stand for."""
        if pointer in self.words.points_back_to_somebody:
            return not self.words.brings_somebody_in.isdisjoint(before)
        if any(token in self.words.names_a_thing for token in before):
            return True
        many = pointer in self.words.points_back_to_many
        return many and any(
            token[-1] in "sx" and len(token) > SHORT_TERM and token not in self.words.empty for token in before
        )

    def leans(self, sentence: Sentence) -> bool:
        """Whether a sentence cannot be read without what was said before it."""
        return self._leans(sentence)

    def _shows_what_is_not_named(self, plain: str) -> bool:
        """Whether a sentence speaks of "this page" and has not named a page before."""
        for shown in re.finditer(self.words.shows, plain):
            what, before = shown["what"], plain[: shown.start()]
            if what in self.words.empty or not what:  # "this", "this is": a clause before it may be meant
                named = bool(CLAUSE_END.search(before)) and not self.words.names_a_thing.isdisjoint(_tokens(before))
            else:
                named = what.rstrip("s") in before
            if not named:
                return True
        return False


def _ends_well(last: Sentence, following: Sequence[Sentence]) -> bool:
    """Whether nothing is missing behind a sentence: where it has no full stop, no list and no further line follows."""
    if _ENDED.search(last.text) or last.asks:
        return True
    return not any(one.listed or one.paragraph == last.paragraph for one in following)


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")


def _tokens(text: str) -> list[str]:
    return [_plain(token) for token in _TOKEN.findall(text)]


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


def _terms_in(text: str, locale: str) -> list[str]:
    empty = READING[locale].empty
    found = (term for term in _TERM.findall(text.casefold()) if term not in empty)
    return [term.removesuffix("s") if len(term) > SHORT_TERM else term for term in found]


@lru_cache(maxsize=8192)
def _terms_of(cooked: str, locale: str) -> frozenset[str]:
    """Return the terms of a post; a roundup counts those of all posts of a period, and so does the next one."""
    return frozenset(_terms_in(_text(sentences(cooked)), locale))

"""What sentences do, by turns of phrase of all languages; what a post tells in them; how alike two texts are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sync_worker.languages.parts import CUES, HEADINGS
from sync_worker.signals.plain import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.signals.plain import Sentence


def _any(name: str) -> re.Pattern[str]:
    patterns = [pattern for words in CUES.all().values() for pattern in getattr(words, name)]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


TRIED = _any("tried")
OUTCOME = _any("outcome")
LESSON = _any("lesson")
SETTLES = _any("settles")
THANKS = _any("thanks")
UNSURE = _any("unsure")
EMPTY_QUESTION = _any("empty_question")
RHETORICAL = _any("rhetorical")
QUARRELS = _any("quarrels")
SUCCESS = _any("success")
STILL_IN_TROUBLE = _any("still_in_trouble")
HALF_A_SUCCESS = _any("half_a_success")
ANNOUNCES = _any("announces")
ADDED_LATER = _any("added_later")
SEEKS_VIEWS = _any("seeks_views")
CONTRADICTS = _any("contradicts")
LIMITS = _any("limits")
DRAWS_LESSON = _any("draws_lesson")
TAKES_BACK = _any("takes_back")
UNANSWERABLE = _any("unanswerable")
NUMBER = _any("number")
SAYS_STUCK = _any("says_stuck")
SHARES_TROUBLE = _any("shares_trouble")
TROUBLE_OVER = _any("trouble_over")
ANNOUNCED = _any("announced")
ASIDE = _any("aside")
ASKS = _any("asks")
LEANS = _any("leans")
SEEKS_HELP = _any("seeks_help")
TROUBLE_TITLE = _any("trouble_title")


# What a post tells, in the order of a story: the situation, what was tried, what came of it.


SHORTEST_STORY, LONGEST_STORY = 180, 2500  # of a post that tells a story, in characters
_MARKUP = re.compile(r"[\[\]<>{}@#`\\|]|\]\(|https?:|javascript:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Beats:
    """The parts of a story as sentences of its post."""

    situation: tuple[str, ...]
    tried: tuple[str, ...]
    outcome: tuple[str, ...]


def read_beats(cooked: str) -> Beats | None:
    """Return what a post tells in the order of a story, or None where it does not tell one."""
    told = [sentence for sentence in sentences(cooked) if not _beside_the_story(sentence)]
    if not SHORTEST_STORY <= sum(len(sentence.text) for sentence in told) <= LONGEST_STORY or len(told) < 3:
        return None
    start = _first(told, 1, TRIED)
    if start is None:
        return None
    end = _outcome_start(told, start)
    if end is None:
        return None
    closing = _closing(told, end)
    outcome = [sentence.text for sentence in told[end:] if sentence not in closing and not sentence.asks]
    if not outcome:
        return None
    texts = [sentence.text for sentence in told]
    return Beats(tuple(texts[:start]), tuple(texts[start:end]), tuple(outcome))


def _beside_the_story(sentence: Sentence) -> bool:
    return sentence.calls or bool(ASIDE.match(sentence.text) or _MARKUP.search(sentence.text))


def _first(told: Sequence[Sentence], start: int, cue: re.Pattern[str]) -> int | None:
    """Return where a deed is told: at best at the beginning of a later paragraph."""
    places = [index for index in range(start, len(told) - 1) if cue.search(told[index].text) and not told[index].asks]
    fresh = [index for index in places if told[index].paragraph != told[0].paragraph]
    return next(iter(fresh or places), None)


def _outcome_start(told: Sequence[Sentence], start: int) -> int | None:
    later = range(start + 1, len(told))
    next_paragraph = [index for index in later if told[index].paragraph > told[start].paragraph]
    reporting = [index for index in later if reports(told[index].text)]
    if next_paragraph and any(reports(told[index].text) for index in next_paragraph):
        return next_paragraph[0]
    return reporting[0] if reporting else None


def reports(text: str) -> bool:
    """Whether a sentence says what came of something."""
    return bool(OUTCOME.search(text) or NUMBER.search(text)) and not UNSURE.search(text)


def _closing(told: Sequence[Sentence], end: int) -> list[Sentence]:
    """Return the sentences that say what to take from it: the last paragraph's, where the outcome stands before it."""
    last = told[-1].paragraph
    if told[end].paragraph != last:
        return [sentence for sentence in told[end + 1 :] if sentence.paragraph == last and not sentence.asks]
    return [sentence for sentence in told[end + 1 :] if LESSON.search(sentence.text) and not sentence.asks][:1]


# How alike two texts are, by their telling words.


EMPTY = frozenset().union(*(words.empty for words in HEADINGS.all().values()))
SAME = 0.7  # of the words of two headings: they say the same
RUN = 8  # words in a row


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


def repeats(one: str, other: str) -> bool:
    """Whether more words in a row stand in both texts than two people happen to write."""
    return not _runs(one).isdisjoint(_runs(other))


@lru_cache(maxsize=4096)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return frozenset(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))

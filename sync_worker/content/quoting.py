"""The one sentence of a post that carries its point, at a length that can be read in passing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.activity import cues
from sync_worker.activity.plain import sentences
from sync_worker.content.lexicon import EMPTY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.activity.plain import Sentence

SHORTEST = 40
LONGEST = 240
ENOUGH = 1.6
_CLAUSE_END = re.compile(
    r"[,;:–—)](?=\s)|\s[-–—](?=\s)|(?<=\w)\s(?=(?:and|but|so|because|which|et|mais|donc|car|parce)\s)"
)
_LEAD_IN = re.compile(
    r"^(?:(?:well|so|also|ok|okay|yes|yeah|no|ah|oh|actually|basically|btw|fyi|anyway|personally|hi|hello|hey|thanks|"
    r"and|but|however|still|though|that said|now|in fact|for instance|for example|verified|first|bref|mais|alors|"
    r"donc|oui|non|bonjour|salut|du coup|en fait|edit|update)\b(?:\s+(?:all|everyone|guys|there|"
    r"à tous))?\s*[,:!.…-]+\s*)+",
    re.IGNORECASE,
)
_LEAD_WORD = re.compile(
    r"^(?:and|but|so(?! far\b)|also|then|however|et|mais|donc|alors|puis)\s+(?=[^\W\d_])", re.IGNORECASE
)
_ENUMERATOR = re.compile(r"^(?:\d{1,2}|[a-z])\s?[-.)]\s+|^[-–—*•]\s*", re.IGNORECASE)
HANGING = re.compile(
    r"^(?:[^\W\d_]+, )?(?:it|this|that|there|these|those|they|he|she|him|her|them|or|which|there|same|both|neither|"
    r"il(?! (?:n['’e]\s?)?(?:rest|faut|fall|suff|y |a fallu|s['’]agi))|"
    r"elle|ils|elles|ça|cela|ceci|ce(?! qu)|c['’]est|ou|ensuite|aussi)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(r"\b(?:this|that one|these|those|above|below|ci-dessus|ci-dessous)\b", re.IGNORECASE)
_NAME_OF_CODE = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*|\w+_\w+|\w+::\w+|\b[A-Z]{2,}\d*\b|\.\w{2,4}\b")
_FRAGMENT = re.compile(
    r"^(?:by \w+ing|(?:just |only |not )?to [a-z]+|was|were|had|been|looking|same|"
    r"en \w+ant|afin de|pour \w+(?:er|ir|re))\b(?!.*(?:,|\b(?:you|i|we|vous|on|nous|je)\b))|^(?:just|only|not) to\b|"
    r"^(?:trying|found|got)\b|^\d+/\d+",
    re.IGNORECASE,
)
_SMALL_START = re.compile(r"\w{3}(?<!etc)[.!?] [a-zà-ÿ]")
_CUT_OFF = re.compile(
    r"\b(?:too|as well|either|with|like|as|to|for|is|are|using|of|the|a|aussi|non plus|avec|de|à|pour)\W*$",
    re.IGNORECASE,
)
_OPEN_PAIRS = {"(": ")", "“": "”", "«": "»", '"': '"'}


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence fit to be quoted; `useful` tells that it advises or reports, and does not only describe.

    `place` is where it stands among the sentences of its post.
    """

    text: str
    score: float
    useful: bool
    place: int = 0


def quotables(cooked: str, about: frozenset[str] = frozenset()) -> list[Quotable]:
    """Return the sentences of a post that can stand on their own, the one that carries its point first.

    `about` are words of the topic: a sentence that has some of them is clearer to somebody who has not read it.
    """
    own = sentences(cooked)
    scored = [
        Quotable(text, score, useful=score >= ENOUGH and _tells(text), place=index)
        for index, sentence in enumerate(own)
        if (text := trimmed(sentence.text)) and (score := _score(sentence, text, about) + _place(index, len(own))) > 0
    ]
    return sorted(scored, key=lambda quotable: -quotable.score)


def best_sentence(cooked: str, about: frozenset[str] = frozenset()) -> Quotable | None:
    """Return the sentence of a post that carries its point, or None where none does."""
    return next((quotable for quotable in quotables(cooked, about) if quotable.useful), None)


def _tells(text: str) -> bool:
    """Whether a sentence advises, reports or concludes, and is sure of it."""
    cues_of_use = (cues.ADVICE, cues.OUTCOME, cues.LESSON, cues.SETTLES)
    told = any(cue.search(text) for cue in cues_of_use) or (cues.TRIED.search(text) and cues.NUMBER.search(text))
    return bool(told) and not cues.UNSURE.search(text)


def trimmed(text: str, longest: int = LONGEST) -> str:
    """Return the sentence without its lead-in, cut at the end of a clause where it is too long; "" if it cannot be."""
    text = _LEAD_WORD.sub("", _LEAD_IN.sub("", _ENUMERATOR.sub("", text))).strip()
    if text:
        text = text[0].upper() + text[1:] if _plain_word(text) else text
    if len(text) <= longest:
        return _closed(text)
    ends = [match.start() for match in _CLAUSE_END.finditer(text, 0, longest - 1)]
    wanted = [end for end in ends if end >= longest // 3]
    if not wanted:
        return ""
    return _closed(text[: wanted[-1]].rstrip(" ,;:–—-") + "…")


def words(text: str) -> frozenset[str]:
    """Return the telling words of a text: of four letters or more, case-folded, plural s dropped."""
    found = re.findall(r"[^\W\d_]{4,}", text.casefold())
    return frozenset(word.removesuffix("s") for word in found if word not in EMPTY)


def _score(sentence: Sentence, text: str, about: frozenset[str]) -> float:
    """Score how well a sentence stands alone and says something of use; 0 or less: not at all."""
    if _unquotable(sentence, text):
        return 0.0
    score = 0.5
    score += 1.5 * bool(cues.ADVICE.search(text))
    score += 1.2 * bool(cues.OUTCOME.search(text))
    score += 1.2 * bool(cues.LESSON.search(text))
    score += 0.8 * bool(cues.TRIED.search(text))
    score += 0.8 * bool(cues.SETTLES.search(text))
    score += 0.6 * bool(cues.NUMBER.search(text))
    score += min(len(words(text) & about), 3) * 0.4
    score += 0.4 * (60 <= len(text) <= 180)
    score -= 1.6 * bool(cues.UNSURE.search(text))
    score -= 0.8 * bool(HANGING.match(text)) + 0.6 * len(_POINTING.findall(text))
    score -= 0.8 * text.endswith("…") + 0.6 * sentence.linked + 3.0 * max(sentence.code - 0.1, 0)
    score -= 0.5 * (text[-1] not in '.…”’»)"') + 0.5 * sentence.listed + 0.8 * ("!" in text)
    score -= 0.25 * max(len(_NAME_OF_CODE.findall(text)) - 1, 0)
    return score


def _unquotable(sentence: Sentence, text: str) -> bool:
    letters = sum(char.isalpha() or char.isspace() for char in text)
    return (
        sentence.asks
        or sentence.calls
        or not SHORTEST <= len(text) <= LONGEST
        or sentence.code > 0.4
        or letters < 0.85 * len(text)
        or text.endswith((":", ";", ","))
        or len(text.split()) < 7
        or bool(cues.SMALL_TALK.search(text))
        or bool(re.search(r"[!?]{2}|\.{4}|[{}=\\/]{2}|\w\(\)|->|^\W*p\.?s\b", text))
        or bool(re.match(r"\w+ ?:|[(\[]", text))
        or text.count("(") > 1
        or bool(_FRAGMENT.match(text) or _SMALL_START.search(text) or _CUT_OFF.search(text))
        or text.isupper()
    )


def _place(index: int, count: int) -> float:
    """Prefer neither greeting nor farewell."""
    return -0.2 if count > 3 and index in (0, count - 1) else 0.0


def _plain_word(text: str) -> bool:
    """Whether the first word may be given a capital (`main.cpp` and `eBay` may not)."""
    first = re.split(r"\s", text, maxsplit=1)[0]
    return bool(re.fullmatch(r"[a-zà-ÿ]+[’']?[a-zà-ÿ]*[,.;:]?", first))


def _closed(text: str) -> str:
    """Return the text if its brackets and quotes pair up, else without the unpaired ones."""
    for opener, closer in _OPEN_PAIRS.items():
        unpaired = text.count(opener) % 2 == 1 if opener == closer else text.count(opener) != text.count(closer)
        if unpaired:
            text = text.replace(opener, "").replace(closer, "")
    return text


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two sets of words are, 0 to 1."""
    return len(one & other) / max(min(len(one), len(other)), 1)


def first_words(texts: Sequence[str]) -> frozenset[str]:
    """Return the telling words of several texts together."""
    return frozenset().union(*(words(text) for text in texts))

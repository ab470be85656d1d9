"""What a post tells, in the order of a story: the situation, what was tried, what came of it, what to take from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.signals import cues
from sync_worker.signals.plain import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.signals.plain import Sentence

SHORTEST, LONGEST = 180, 2500  # of a post that tells a story, in characters
LESSON_SHORTEST, LESSON_LONGEST = 25, 200
_ANNOUNCED = re.compile(
    r"^(?:what i (?:take|keep|learned)[^:,.]{0,20}|ce que j(?:e |['’]en )(?:retiens|garde)[^:,.]{0,20})[\s\u00a0]*: ",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[\[\]<>{}@#`\\|]|\]\(|https?:|javascript:", re.IGNORECASE)
_ASIDE = re.compile(
    r"^(?:sorry|désolée?|pardon|i am writing this|i['’]m writing this|j['’]écris|a bit late|un peu tard|"
    r"not a big thing|"
    r"ce n['’]est pas grand-chose|this was \w+, so|c['’]était \w+, donc|that is (?:roughly )?how i|that['’]s how i|"
    r"c['’]est (?:à peu près )?(?:comme cela|ainsi) que je)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Beats:
    """The parts of a story as sentences of its post; `outcome` is always there, all but `lesson` if it was read."""

    situation: tuple[str, ...]
    tried: tuple[str, ...]
    outcome: tuple[str, ...]
    lesson: str = ""


def read_beats(cooked: str) -> Beats | None:
    """Return what a post tells in the order of a story, or None where it does not tell one."""
    told = [sentence for sentence in sentences(cooked) if not _beside_the_story(sentence)]
    if not SHORTEST <= sum(len(sentence.text) for sentence in told) <= LONGEST or len(told) < 3:
        return None
    start = _first(told, 1, cues.TRIED)
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
    return Beats(tuple(texts[:start]), tuple(texts[start:end]), tuple(outcome), _lesson(closing))


def whole_text(cooked: str) -> Beats | None:
    """Return the post's own sentences in their order, for a post that a person picked; None where it has none.

    Nothing is taken to be a deed, so that a headline is made of the author's words or of the topic's title.
    """
    texts = [sentence.text for sentence in sentences(cooked) if not _beside_the_story(sentence)]
    before = min(2, len(texts) - 1)
    return Beats(tuple(texts[:before]), (), tuple(texts[before:])) if texts else None


def _beside_the_story(sentence: Sentence) -> bool:
    return sentence.calls or bool(_ASIDE.match(sentence.text) or _MARKUP.search(sentence.text))


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
    return bool(cues.OUTCOME.search(text) or cues.NUMBER.search(text)) and not cues.UNSURE.search(text)


def _closing(told: Sequence[Sentence], end: int) -> list[Sentence]:
    """Return the sentences that say what to take from it: the last paragraph's, where the outcome stands before it."""
    last = told[-1].paragraph
    if told[end].paragraph != last:
        return [sentence for sentence in told[end + 1 :] if sentence.paragraph == last and not sentence.asks]
    return [sentence for sentence in told[end + 1 :] if cues.LESSON.search(sentence.text) and not sentence.asks][:1]


def _lesson(closing: Sequence[Sentence]) -> str:
    """Return the first sentence of the closing, with the next where it is too short to say much."""
    text = ""
    for sentence in closing:
        if len(text) >= LESSON_SHORTEST or len(text) + len(sentence.text) > LESSON_LONGEST:
            break
        text = f"{text} {sentence.text}".strip()
    return _ANNOUNCED.sub("", text)[:1].upper() + _ANNOUNCED.sub("", text)[1:] if len(text) >= LESSON_SHORTEST else ""

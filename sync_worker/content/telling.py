"""How a post that tells a story is shown: what was tried as the heading, what came of it as the quote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.activity import cues
from sync_worker.content.beats import reports
from sync_worker.content.headings import imperative, names_in, names_somebody
from sync_worker.content.own_words import PULLED, OwnWords
from sync_worker.content.quoting import HANGING, LONGEST, trimmed, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.beats import Beats
    from sync_worker.content.quoting import Quotable

TOLD = 3.0  # what a whole story is worth beside a single sentence
FEW = 10  # words; fewer say little without a neighbour
DEED = 6  # words of a deed that says something to others
_WEIGHS = re.compile(
    r"\b(?:more|less|better|easier|worse)\b.*\bthan\b|\b(?:plus|moins|mieux)\b.*\bque\b|^(?!premier|dernier)\w{3,}er\b",
    re.IGNORECASE,
)
_VAGUE_DEED = re.compile(
    r"[\"“«:]|\b(?:his|her|their|she|he|son|sa|ses|elle|il|lui|leur)\b|"
    r"^(?:\S+ ){1,2}(?:it|them|this|that|him|her|only|just)\b|"
    r"^(?:i|we) (?:said|thought|wrote back)\b|^j['’]ai (?:dit|noté|accepté|répondu)\b",
    re.IGNORECASE,
)
_OF_THE_DAY = re.compile(
    r"\d|\b(?:she|he|elle|il|c['’]était|so far|last|further|says?|dit|that \w+ \w+)\b", re.IGNORECASE
)
_NEEDS_BEFORE = re.compile(
    r"^(?:[^\W\d_]+, )?(?:it|this|that|these|those|they|he|she|il|elle|ils|elles|cela|ça)\b|"
    r"^(?:the|le|la|les) (?:second|third|latter|deuxième|troisième|dernière?)\b",
    re.IGNORECASE,
)


def told_words(beats: Beats, found: Sequence[Quotable], locale: str) -> OwnWords | None:
    """Return heading and quote of a story, or None where it has no sentence for one of them.

    Args:
        beats: the story.
        found: what can be quoted of its post, best first.
        locale: the language of the heading.

    """
    takeaway = trimmed(beats.lesson)
    headings = ((imperative(text, locale, whole=True), text) for text in beats.tried)
    heading, source = next((made for made in headings if made[0]), ("", ""))
    came_of_it = _what_came_of_it(beats, found)
    if heading and (came_of_it or takeaway):
        return OwnWords(heading, came_of_it or takeaway, TOLD + 0.4, (source,), story=True)
    if not came_of_it:
        return None
    pulled = [takeaway] if _teaches(takeaway) else []
    deeds = [said for text in beats.tried if _tells_the_deed(said := trimmed(text, PULLED))]
    pulled += sorted(deeds, key=lambda said: said.endswith("…"))
    named = names_in((*beats.situation, *beats.tried, *beats.outcome, beats.lesson))
    telling = (said for said in pulled if not names_somebody(said, named))
    fresh = next((said for said in telling if not words(said) <= words(came_of_it)), "")
    return OwnWords(fresh.rstrip("."), came_of_it, TOLD, (fresh,), pulled=True, story=True) if fresh else None


def _teaches(takeaway: str) -> bool:
    """Whether what the author takes from it can be the heading: short, whole, and a lesson more than a memory."""
    tells = cues.LESSON.search(takeaway) or cues.ADVICE.search(takeaway) or _WEIGHS.search(takeaway)
    return bool(tells) and len(takeaway) <= PULLED and not _OF_THE_DAY.search(takeaway) and not HANGING.match(takeaway)


def _tells_the_deed(said: str) -> bool:
    """Whether a sentence of what was tried can be the heading, in the author's own words."""
    return bool(cues.TRIED.match(said)) and len(said.split()) >= DEED and not _VAGUE_DEED.search(said)


def _what_came_of_it(beats: Beats, found: Sequence[Quotable]) -> str:
    """Return the sentence of the outcome that reports most plainly, with the one it leans on; "" where none does."""
    by_score = [one.text for one in found]
    told = [text for text in beats.outcome if reports(text)] or beats.outcome
    rank = {text: place for place, text in reversed(list(enumerate(by_score)))}
    ranked = sorted(told, key=lambda text: rank.get(trimmed(text), len(rank)))
    return next((whole for text in ranked if (whole := _whole(text, beats))), "")


def _whole(text: str, beats: Beats) -> str:
    """Return a sentence that can stand alone, with the one before if it leans on it, with a neighbour if short."""
    told = [*beats.tried[-1:], *beats.outcome]
    place = len(told) - beats.outcome[::-1].index(text) - 1
    said = trimmed(text)
    before, after = trimmed(told[place - 1]) if place else "", "".join(told[place + 1 : place + 2])
    if before and _NEEDS_BEFORE.match(said):
        said = f"{before} {text}"
    elif len(said.split()) < FEW:
        said = f"{said} {after}" if after else f"{before} {text}"
    fits = len(said) <= LONGEST and len(said.split()) >= FEW and not cues.UNSURE.search(said)
    return said if fits and not re.match(r"\d+/", said) else ""

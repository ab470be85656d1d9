"""What a post is shown with: a heading that says what to do, and one sentence in its author's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.activity import cues
from sync_worker.activity.plain import squeeze
from sync_worker.content.beats import read_beats
from sync_worker.content.headings import imperative
from sync_worker.content.quoting import HANGING, quotables, trimmed, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.beats import Beats
    from sync_worker.content.quoting import Quotable

TITLE_NOISE = re.compile(
    r"[\[(](?:re)?(?:solved|résolu|rfc|wip|help|question|download|urgent|aide|bug)[^\])]*[\])]|:[a-z0-9_+-]+:|"
    r"^(?:help|urgent|question|re|rfc)\s*[!:]+\s*",
    re.IGNORECASE,
)
TELLS_ALL = 0.6  # a heading that long a part of its sentence leaves nothing for the quote to add
TOLD = 3.0  # what a whole story is worth beside a single sentence
TELLING = 25  # a sentence of a story may be shorter than one that must stand alone
PULLED = 90  # a sentence up to this long can be a heading in quotation marks


@dataclass(frozen=True, slots=True)
class OwnWords:
    """How a post is shown; the heading may be a sentence of its author (`pulled`) or its topic's title (`titled`).

    `repeats` tells that the quote says hardly more than the heading, `story` that the post tells what was tried and
    what came of it.
    """

    heading: str
    quote: str
    score: float
    pulled: bool = False
    titled: bool = False
    repeats: bool = False
    story: bool = False


def own_words(cooked: str, title: str, locale: str) -> OwnWords | None:
    """Return how a post would be shown, or None where it has no sentence that stands on its own.

    Args:
        cooked: the post's HTML.
        title: its topic's title where that may serve as a heading, else "".
        locale: the language of headings.

    """
    found = quotables(cooked, words(title))
    beats = read_beats(cooked)
    if beats:
        told = _told(beats, found, locale)
        if told:
            return told
        found = [one for one in found if one.text not in {trimmed(text) for text in beats.situation}]
    best = next((quotable for quotable in found if quotable.useful), None)
    if best is None:
        return None
    advised = _advised(found, best, locale)
    if advised and not advised.repeats:
        return advised
    cleaned = clean_title(title)
    if cleaned:
        return OwnWords(cleaned, best.text, best.score, titled=True)
    if advised:
        return advised
    lessons = [one for one in found if one != best and cues.LESSON.search(one.text) and not HANGING.match(one.text)]
    pulled = next((one for one in lessons if len(one.text) <= PULLED), None)
    return OwnWords(pulled.text.rstrip("."), best.text, best.score, pulled=True) if pulled else None


def _told(beats: Beats, found: Sequence[Quotable], locale: str) -> OwnWords | None:
    """Show a story: what was tried, or what its author takes from it, as the heading; what came of it as the quote."""
    takeaway = trimmed(beats.lesson)
    outcome = [text for text in map(trimmed, beats.outcome) if len(text) >= TELLING]
    came_of_it = [one.text for one in found if one.text in outcome] or outcome[:1]
    heading = next((made for text in beats.tried if (made := imperative(text, locale, whole=True))), "")
    quotes = [one.text for one in found if one.text in {*outcome, takeaway}] or came_of_it
    if heading and quotes:
        return OwnWords(heading, quotes[0], TOLD + 0.4, story=True)
    if takeaway and len(takeaway) <= PULLED and not HANGING.match(takeaway) and came_of_it:
        return OwnWords(takeaway.rstrip("."), came_of_it[0], TOLD, pulled=True, story=True)
    return None


def _advised(found: Sequence[Quotable], best: Quotable, locale: str) -> OwnWords | None:
    """Show advice: one of its sentences as an imperative heading, another, if there is one, as the quote."""
    for quotable in found:
        heading = imperative(quotable.text, locale)
        if heading:
            others = [one for one in found if one != quotable and one.score >= min(quotable.score, 2.2) - 1.0]
            repeats = not others and len(heading) >= TELLS_ALL * len(quotable.text)
            return OwnWords(heading, (others or [quotable])[0].text, best.score + 0.4, repeats=repeats)
    return None


def clean_title(title: str) -> str:
    """Return a topic's title as it can stand in a text: without tags like [Solved], emoji codes and final dots."""
    text = squeeze(TITLE_NOISE.sub(" ", title)).strip(" -–—:.!…")
    if not text:
        return ""
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text

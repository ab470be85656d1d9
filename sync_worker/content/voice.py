"""What a post is shown with: a heading that says what to do, and one sentence in its author's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.activity import cues
from sync_worker.activity.plain import sentences, squeeze
from sync_worker.content.beats import read_beats
from sync_worker.content.headings import imperative, names_in, names_somebody, shorter
from sync_worker.content.own_words import PULLED, OwnWords
from sync_worker.content.quoting import HANGING, LONGEST, quotables, trimmed, words
from sync_worker.content.telling import told_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.activity.plain import Sentence
    from sync_worker.content.quoting import Quotable

TITLE_NOISE = re.compile(
    r"[\[(](?:re)?(?:solved|résolu|rfc|wip|help|question|download|urgent|aide|bug)[^\])]*[\])]|:[a-z0-9_+-]+:|"
    r"^(?:help|urgent|question|re|rfc)\s*[!:]+\s*",
    re.IGNORECASE,
)
TELLS_ALL = 0.6  # a heading that long a part of its sentence leaves nothing for the quote to add
REPEATED = 0.6  # what such a heading costs
TITLED = 0.8  # what it costs that a heading only names the topic
WHOLE = 0.95  # a heading that long a part of the quote says the same
ABOUT_SELF = re.compile(
    r"\b(?:i(?! (?:found|learn))|my|me|we|our|je|j['’]|mon|ma|mes)\b|\byou (?:said|mention)|"
    r"\b(?:by doing this|these|those)\b",
    re.IGNORECASE,
)


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
        told = told_words(beats, found, locale)
        if told:
            return told
        found = [one for one in found if one.text not in {trimmed(text) for text in beats.situation}]
    best = next((quotable for quotable in found if quotable.useful), None)
    return _said(found, best, cooked, title, locale) if best else None


def _said(found: Sequence[Quotable], best: Quotable, cooked: str, title: str, locale: str) -> OwnWords | None:
    """Show a post that tells no story: as advice, else under its topic's title, else under its own lesson."""
    cleaned = clean_title(title)
    advised = _advised(found, best, sentences(cooked), locale)
    if advised and not (cleaned and advised.repeats):
        return advised
    for_others = next((one for one in found if one.useful and _for_others(one.text)), None)
    if cleaned and for_others:
        return OwnWords(cleaned, for_others.text, for_others.score - TITLED, titled=True)
    if advised:
        return advised
    named = names_in(one.text for one in sentences(cooked))
    lessons = [
        one
        for one in found
        if one != best
        and cues.LESSON.search(one.text)
        and not HANGING.match(one.text)
        and not names_somebody(one.text, named)
    ]
    pulled = next((one for one in lessons if len(one.text) <= PULLED), None)
    if pulled is None or not cues.OUTCOME.search(best.text):
        return None
    return OwnWords(pulled.text.rstrip("."), best.text, best.score, (pulled.text,), pulled=True)


def _for_others(text: str) -> bool:
    """Whether a sentence is of use under a mere title: it neither speaks of its author nor points elsewhere."""
    tells = cues.ADVICE.search(text) or cues.SETTLES.search(text) or cues.LESSON.search(text)
    return bool(tells) and not ABOUT_SELF.search(text) and not HANGING.match(text)


def _advised(found: Sequence[Quotable], best: Quotable, every: Sequence[Sentence], locale: str) -> OwnWords | None:
    """Show advice: one of its sentences as an imperative heading, another, if there is one, as the quote."""
    for quotable in found:
        heading = imperative(quotable.text, locale)
        if heading:
            others = [one for one in found if _goes_on(one, quotable) and one.score >= min(quotable.score, 2.2) - 1.0]
            said = others[0].text if others else quotable.text
            if not others and len(heading) >= TELLS_ALL * len(said):
                said = _continued(quotable, every)
            if len(heading) >= TELLS_ALL * len(said):
                heading = shorter(heading)
            repeats = len(heading) >= WHOLE * len(said)
            score = best.score + 0.4 - REPEATED * (len(heading) >= TELLS_ALL * len(said))
            return OwnWords(heading, said, score, (quotable.text,), repeats=repeats)
    return None


def _continued(quotable: Quotable, every: Sequence[Sentence]) -> str:
    """Return a sentence with the one that follows it, where that one says something on the same matter."""
    following = every[quotable.place + 1 : quotable.place + 2]
    if not following or following[0].paragraph != every[quotable.place].paragraph:
        return quotable.text
    after = following[0]
    chat = (
        after.text[-1] not in ".…"
        or after.asks
        or after.calls
        or after.linked
        or after.code > 0
        or cues.SMALL_TALK.search(after.text)
    )
    both = f"{quotable.text} {after.text}"
    return both if not chat and not cues.UNSURE.search(after.text) and len(both) <= LONGEST else quotable.text


def _goes_on(one: Quotable, advice: Quotable) -> bool:
    """Whether a sentence says more about the advice: it follows at once, or comes later about the same thing."""
    return one.place == advice.place + 1 or (one.place > advice.place and bool(words(one.text) & words(advice.text)))


def clean_title(title: str) -> str:
    """Return a topic's title as it can stand in a text: without tags like [Solved], emoji codes and final dots."""
    text = squeeze(TITLE_NOISE.sub(" ", title)).strip(" -–—:.!…")
    if not text:
        return ""
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text

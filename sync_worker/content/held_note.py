"""The desk note to the LCMs about a story that was not published because something changed at the last moment."""

from __future__ import annotations

from dataclasses import dataclass

from sync_worker.languages.language import shortened
from sync_worker.languages.parts import HELD

COHORT_NAME_LONGEST = 100


@dataclass(frozen=True, slots=True)
class HeldNote:
    """Title and text, as Markdown."""

    title: str
    body: str


def held_note(locale: str, cohort: str, address: str, trouble: str) -> HeldNote:
    """Return the note about one story.

    Args:
        locale: the cohort's language.
        cohort: its name.
        address: of the post, which staff may still read.
        trouble: what no longer holds, by its name in `recheck.Trouble`.

    """
    words = HELD.of(locale)
    reason = held_reason(locale, trouble)
    name = shortened(cohort, COHORT_NAME_LONGEST)
    return HeldNote(words.title.format(cohort=name), words.body.format(address=address, reason=reason))


def held_reason(locale: str, trouble: str) -> str:
    """Return why a draft about a post was not sent, as a sentence; `trouble` is a name of `recheck.Trouble`."""
    words = HELD.of(locale)
    return words.reasons.get(trouble, words.otherwise)

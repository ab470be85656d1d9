"""What the texts that follow a question about a story may use: each value with its meaning and examples.

No step names these templates: they are found by their file names, and a playbook without one uses that of first-steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown
from sync_worker.content.template_words import Word

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CohortName:
    """A cohort where a text belongs to no date of its journey."""

    name: str


COHORT = Word(
    "cohort",
    "the cohort: `cohort.name`",
    (
        CohortName("Leading teams, spring 2027"),
        CohortName("R&D_1 <x>"),
        CohortName("Führungskräfte im Schichtdienst, Nord und Süd 2027"),
    ),
)
_NAME = Word("name", "the author's name", (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 16)))
_CONVERSATION = Word("conversation", "the address of the conversation", (Markdown("https://forum.example.org/t/7"),))
_WORDS = Word(
    "words",
    "the author's last words there; empty where none are left",
    ("Yes, but without the name of the ward.", "", "<b>No</b> {{ never }}\n> quoted\n\n---\n" * 20),
)
_ADDRESS = Markdown("https://forum.example.org/t/9")
_TOLD = Word("told", "the address of the story; empty where it is not shown", (Markdown(""), _ADDRESS))
_HEADLINE = Word("headline", "the story's title", ("Ana asked before she answered", "R&D [1] <x> " * 20))

AFTERCARE_WORDS: Mapping[str, tuple[Word, ...]] = {
    "answer-unclear": (
        COHORT,
        _NAME,
        Word("post", "the address of the post", (Markdown("https://forum.example.org/p/9"),)),
        _CONVERSATION,
        _WORDS,
        _TOLD,
    ),
    "story-told": (COHORT, _NAME, _HEADLINE, Word("story", "the address of the story", (_ADDRESS,))),
    "story-not-told": (COHORT, _NAME),
    "story-down": (
        COHORT,
        _NAME,
        _HEADLINE,
        _CONVERSATION,
        _WORDS,
        _TOLD,
        Word("replies", "how many replies went with it, in words; empty where none did", ("", "3\u00a0replies")),
        Word("failed", "why it could not be taken down; empty where it was", ("", "the forum answered 403")),
    ),
}

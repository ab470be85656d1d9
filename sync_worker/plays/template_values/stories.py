"""What templates of roundups, stories and questions about a story may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.figure import mark
from sync_worker.content.markdown import Markdown
from sync_worker.content.roundup import Open
from sync_worker.content.template_words import Word
from sync_worker.model import Bar, Figure
from sync_worker.plays.template_values.shared import BARE_PRACTICE, COHORT, CONVERSATION, HOSTS, PRACTICE

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class CohortName:
    """A cohort where a text belongs to no date of its journey."""

    name: str


_OPEN = Open(Markdown("[Who hands over at night?](https://forum.example.org/t/night/4) (Ben asked on Tuesday)."), 4)
_NAME = Word("name", "the author's name", (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 16)))
_HEADLINE = Word("headline", "the story's title", (Markdown("Ana asked before she answered"), Markdown("Word " * 20)))
_QUOTE = Word("quote", "the author's words, as a quote that leads to the post", (PRACTICE.quote, BARE_PRACTICE.quote))
_TOPIC = Word(
    "topic", "the topic it was written in, as a link", (Markdown("[Silence](https://forum.example.org/t/3)"),)
)
_STORY = Markdown("---\n\n### Ana asked before she answered\n\nOn Thursday she wrote:\n\n> I asked first.\n\n---")
CONSENT_WORDS = (
    COHORT,
    HOSTS,
    Word("in_their_name", "whether the LCMs speak; else the assistant does", (True, False)),
    _NAME,
    Word("story", "the whole story, between two lines of `---`", (_STORY, Markdown(_STORY * 9))),
    Word("category", "the category where it would stand", ("Leading teams, spring 2027", "R&D_1 <x>")),
    Word("readers", "how many people can read there, in words; empty where that is not known", ("31\u00a0people", "")),
    Word("public", "whether everybody who opens the forum can read there", (False, True)),
)
STORY_WORDS = (
    COHORT,
    HOSTS,
    _HEADLINE,
    _NAME,
    _TOPIC,
    Word("day", "the day on which it was written, in words", ("Thursday 4 March", "jeudi 4 mars")),
    _QUOTE,
    Word("taken", "what the author takes from it, quoted; often empty", (Markdown("“Ask first”"), Markdown(""))),
    Word("why", "a sentence on what others made of it; may be empty", (PRACTICE.why, Markdown(""))),
    Word("repeatable", "whether it tells what readers could try themselves", (True, False)),
)
_PERSON = Markdown("[Ana Alves](https://forum.example.org/t/7)")
NO_STORY_WORDS = (
    COHORT,
    Word(
        "agreed", "whose yes cannot be used now; a list of linked names, may be empty", ([_PERSON], [], [_PERSON] * 9)
    ),
    Word("waiting", "who was asked and is silent so far; a list like it", ([_PERSON], [], [_PERSON] * 9)),
    Word("unclear", "whose answers wait for an LCM; a list like it", ([_PERSON], [], [_PERSON] * 9)),
    Word(
        "drafted",
        "who is to be asked, once an LCM approves the question; a list of names, each a link to the post",
        ([_PERSON], [], [_PERSON] * 9),
    ),
)
ROUNDUP_WORDS = (
    COHORT,
    HOSTS,
    Word("period", "the days it is about, in words", ("1–7 March", "27 December – 2 January")),
    Word(
        "opening", "a sentence on what the week was about", (Markdown("Most of it was about [nights](https://x.org)."),)
    ),
    Word(
        "practices",
        "one to five items, each with `heading`, `credit`, `quote` and `why`: `{% for item in practices %}`",
        ((PRACTICE, BARE_PRACTICE), (BARE_PRACTICE,), (PRACTICE,) * 5),
    ),
    Word(
        "questions",
        "what is still open, up to three, each with `line`; may be empty: `{% for question in questions %}`",
        ((_OPEN,), (), (_OPEN,) * 3),
    ),
    Word(
        "voices",
        "a sentence on who wrote for the first time; may be empty",
        (Markdown("[Ana](https://x.org) wrote here for the first time."), Markdown("")),
    ),
    Word("numbers", "one line of numbers", ("12 people wrote 31 posts.", "1 person wrote 1 post.")),
    Word(
        "chart",
        "a figure of the posts of the last weeks, with its numbers in words; may be empty",
        (mark(Figure("Posts", (Bar("1 March", 12), Bar("8 March", None))), "en"), Markdown("")),
    ),
)

COHORT_NAME = Word(
    "cohort",
    "the cohort: `cohort.name`",
    (
        CohortName("Leading teams, spring 2027"),
        CohortName("R&D_1 <x>"),
        CohortName("Führungskräfte im Schichtdienst, Nord und Süd 2027"),
    ),
)
_WORDS = Word(
    "words",
    "the author's last words there; empty where none are left",
    ("Yes, but without the name of the ward.", "", "<b>No</b> {{ never }}\n> quoted\n\n---\n" * 20),
)
_ADDRESS = Markdown("https://forum.example.org/t/9")
_TOLD = Word("told", "the address of the story; empty where it is not shown", (Markdown(""), _ADDRESS))
_STORY_HEADLINE = Word("headline", "the story's title", ("Ana asked before she answered", "R&D [1] <x> " * 20))

AFTERCARE_WORDS: Mapping[str, tuple[Word, ...]] = {
    "answer-unclear": (
        COHORT_NAME,
        _NAME,
        Word("post", "the address of the post", (Markdown("https://forum.example.org/p/9"),)),
        CONVERSATION,
        _WORDS,
        _TOLD,
    ),
    "story-told": (COHORT_NAME, _NAME, _STORY_HEADLINE, Word("story", "the address of the story", (_ADDRESS,))),
    "story-not-told": (COHORT_NAME, _NAME),
    "story-down": (
        COHORT_NAME,
        _NAME,
        _STORY_HEADLINE,
        CONVERSATION,
        _WORDS,
        _TOLD,
        Word("replies", "how many replies went with it, in words; empty where none did", ("", "3\u00a0replies")),
        Word("failed", "why it could not be taken down; empty where it was", ("", "the forum answered 403")),
        Word("unquoted", "true where the author asked not to be quoted at all", (False, True)),
        Word("named", "true where the story names somebody else who asked for that", (False, True)),
    ),
}
"""By the files' names: no step names these templates. A playbook without one uses that of first-steps."""

"""What templates of several plays may use: values, and examples that they have in common."""

from __future__ import annotations

from datetime import UTC, datetime

from sync_worker.content.markdown import Markdown
from sync_worker.content.proposals import Source
from sync_worker.content.roundup_items import Practice
from sync_worker.content.template_words import Word
from sync_worker.model import Citation, Post, Use
from sync_worker.plays.frame import CohortWords

CALLED = (
    "what the person is called: the fact `first_name` where it is known, else the full name; in a story the full name"
)
_POST = Post(7, 3, 2, 5, "ana", "Ana Alves", datetime(2027, 3, 4, 9, tzinfo=UTC), None, "<p>I asked first.</p>", 1)
_CITED = Citation(Use.QUOTE, 3)
_SOURCE = Source(7, 5, 1, "Silence", ("I asked first.",), (), ("Ana Alves", "ana"))
PRACTICE = Practice(
    Markdown("Ask before you answer"),
    Markdown("Ana Alves, in [Silence](https://forum.example.org/t/silence/3/2)"),
    Markdown('[quote="ana, post:2, topic:3"]\nI asked first.\n[/quote]'),
    Markdown("Two people tried it."),
    _POST,
    _CITED,
    _SOURCE,
    Markdown("Ana Alves, in [Silence](https://forum.example.org/t/silence/3/2)"),
)
"""What somebody tried, with all that is known of it."""
BARE_PRACTICE = Practice(
    Markdown("1\\. Rest"), Markdown("Ana"), Markdown("> Rest"), Markdown(""), _POST, _CITED, _SOURCE, Markdown("Ana")
)
"""The same with as little as there can be."""

COHORT = Word(
    "cohort",
    "the cohort: `cohort.name`, its `cohort.first_day` and `cohort.last_day` in words, `cohort.weeks` as in "
    '"twelve weeks", and `cohort.week`, the number of the present week',
    (
        CohortWords("Leading teams, spring 2027", "Monday 1 March", "Friday 28 May", "thirteen weeks", 3),
        CohortWords("R&D_1 <x>", "Sunday 28 February", "Sunday 28 February", "one week", 1),
        CohortWords("Führungskräfte im Schichtdienst, Nord und Süd 2027", "1 March", "31 May", "52 weeks", 52),
    ),
)
HOSTS = Word("hosts", "the LCMs' names as a list in words; empty where there is none", ("Marta Reis and Jo Bell", ""))
HOST_LINKS = Word(
    "host_links",
    "the same names, each a link to the person's page",
    (Markdown("[Marta Reis](https://forum.example.org/u/marta) and [Jo Bell](https://forum.example.org/u/jo)"), ""),
)
DUE = Word("due", "when the task is due, in words", ("Thursday 11 March, 18:00", "mercredi 30 septembre, 23:59"))
TASK = Word("task", "the task's title, a link to its topic", (Markdown("[Ask first](https://forum.example.org/t/9)"),))
TAPS = Word("taps", "whether a poll with the answers stands below the text", (True, False))
CONVERSATION = Word("conversation", "the address of the conversation", (Markdown("https://forum.example.org/t/7"),))

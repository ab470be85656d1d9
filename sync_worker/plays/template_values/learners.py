"""What templates of posts and messages to learners may use."""

from __future__ import annotations

from dataclasses import replace

from sync_worker.content.markdown import Markdown
from sync_worker.content.template_words import Word
from sync_worker.languages.parts import RELAY
from sync_worker.plays.commitment import Replies
from sync_worker.plays.pair import PersonWords
from sync_worker.plays.relay import Note
from sync_worker.plays.survey import Asked
from sync_worker.plays.template_values.shared import (
    BARE_PRACTICE,
    CALLED,
    COHORT,
    DUE,
    HOST_LINKS,
    HOSTS,
    PRACTICE,
    TAPS,
    TASK,
)

_TITLE = Word(
    "title", "the title of the prompt or resource", (Markdown("Your next hand-over"), Markdown("Ninety signs " * 8))
)
_TEXT = Word("text", "the prompt's text", (Markdown("Think of the last time."), Markdown("Think. " * 120)))
_WHY = Word("why", "the prompt's why", (Markdown("It pays on Monday."), Markdown("It pays. " * 40)))

TOPIC_WORDS = (COHORT, HOSTS, HOST_LINKS)
PROMPT_WORDS = (COHORT, HOSTS, HOST_LINKS, _TITLE, _TEXT, _WHY)
_MINUTES = Word("minutes", "how long it takes, in words", ("seven minutes", "one minute", "600 minutes"))
ASSIGNMENT_WORDS = (COHORT, HOSTS, HOST_LINKS, replace(DUE, required=True), _MINUTES)
REMINDER_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word("name", CALLED, (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 12))),
    TASK,
    DUE,
    Word("over", "whether the due date is over", (False, True)),
    _MINUTES,
)
_LINK = Word(
    "link",
    "where people meet, an address; empty where the step names none",
    (Markdown("https://meet.example.org/blue-room"), Markdown("")),
)
SESSION_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word("day", "the day of the session, in words", ("Thursday 11 March", "mercredi 30 septembre")),
    Word(
        "when",
        "the moment of the session: an event of the calendar, a date in each reader's time, or words; on its own line",
        (
            Markdown('[date-range from=2027-03-11T16:00:00 to=2027-03-11T17:00:00 timezone="Europe/Paris"]'),
            Markdown('[event start="2027-03-11 16:00" status="public" timezone="Europe/Paris"]\n[/event]'),
            "Thursday 11 March, 16:00–17:00 (Europe/Paris)",
        ),
        required=True,
    ),
    _MINUTES,
    _LINK,
)
SESSION_REMINDER_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word(
        "moment",
        "the moment of the session, within a sentence",
        (
            Markdown('[date=2027-03-11 time=16:00:00 timezone="Europe/Paris"]'),
            "Thursday 11 March, 16:00–17:00 (Europe/Paris)",
        ),
        required=True,
    ),
    _LINK,
    Word("moved", "whether the topic still names an earlier moment, as the session was moved", (False, True)),
    Word("going", "how many have said that they come, in words; empty for few", ("twelve people", "")),
)
SESSION_MISSED_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word("name", CALLED, (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 12))),
    Word(
        "session",
        "the session's title, a link to its topic",
        (Markdown("[Our second session](https://forum.example.org/t/9)"),),
    ),
    Word("declined", "whether the person had said that they would not come", (False, True)),
)
_PLANNER = Word("name", CALLED, (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 12)))
_PLAN = Word(
    "words",
    "the person's own words, as a quote that leads to the post",
    (PRACTICE.quote, BARE_PRACTICE.quote, Markdown(f"> {'I will ask first. ' * 40}")),
    required=True,
)
_REPLIES = Word(
    "replies",
    "sentences to reply with: `replies.done`, `replies.not_yet`, `replies.changed`",
    (Replies("Yes, I did it", "No, not yet", "My plan changed"),),
)
COMMITMENT_ASK_WORDS = (
    COHORT,
    HOSTS,
    _PLANNER,
    _PLAN,
    Word("day", "the day that the person named, in words; empty where none was", ("Thursday 11 March", "")),
    _REPLIES,
    TAPS,
)
COMMITMENT_LATER_WORDS = (
    COHORT,
    HOSTS,
    _PLANNER,
    _PLAN,
    Word(
        "said",
        "what the person answered the first time: `done`, `not yet` or `changed`; empty where nothing",
        ("done", "not yet", "changed", ""),
    ),
    _REPLIES,
    TAPS,
)
SURVEY_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word(
        "questions",
        "what is asked, each with `title`, `text`, and `poll`, which has to be used: `{% for question in questions %}`",
        (
            (Asked(Markdown("Worth it?"), Markdown("Think of Monday."), Markdown("[poll]\n* Yes\n[/poll]")),) * 2,
            (Asked(Markdown("1\\. It?"), Markdown("Think. " * 120), Markdown("[poll]\n* 1\n* 2\n[/poll]")),),
        ),
    ),
)
RESOURCE_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    _TITLE,
    Word(
        "address",
        "the resource's address",
        (Markdown("https://example.org/hand-over"), Markdown(f"https://example.org/{'long-' * 90}")),
    ),
    _MINUTES,
    Word("why", "why it is worth the time", (Markdown("It pays on Monday."), Markdown("It pays. " * 40))),
    Word("ask", "a question that it answers; may be empty", (Markdown("Which of the three do you do?"), Markdown(""))),
)
_BEFORE = Word("before", "the name of the earlier cohort", ("Leading teams, autumn 2026", "R&D_1 <x>"))
_NOTE = Note(Markdown("> Say on the first day what you will not do."), Markdown("Ana Alves"))
_UNNAMED = Note(Markdown("> 1\\. Rest"), Markdown("somebody in R&amp;D\\_1 ‹x›"))
_ASKED = Note(Markdown("> How do you hand over at night?"), Markdown("张伟"))
RELAY_ASK_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word(
        "promise",
        "that the answers are shown to the next cohort, and how to say no; without it nobody is asked",
        (Markdown(RELAY.of("en").promise),),
        required=True,
    ),
)
RELAY_NOTES_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    _BEFORE,
    Word(
        "notes",
        "pieces of advice, each with `words` (a quote) and `credit`; may be empty: `{% for note in notes %}`",
        ((_NOTE, _UNNAMED), (), (_NOTE,) * 20),
    ),
    Word(
        "unsolved",
        "questions they leave open, in the same form; may be empty where there is advice",
        ((_ASKED,), (), (_ASKED,) * 20),
    ),
)
_ANA = PersonWords(
    Markdown("Ana Alves"), Markdown("[Ana Alves](https://forum.example.org/u/ana)"), Markdown("Lisbon, night team")
)
_BEN = PersonWords(Markdown("张伟"), Markdown("[张伟](https://forum.example.org/u/zhang)"), Markdown(""))
_LONG = PersonWords(Markdown("Aa-Bb " * 10), Markdown("[Aa](https://forum.example.org/u/a)"), Markdown("R&amp;D " * 9))
PAIR_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word(
        "people",
        "the two or three, each with `name` (the fact `first_name` where it is known and no other has the same, "
        "else the full name), `who` (the full name as a link) and `place` (the facts that the step names in `across`, "
        "may be empty); of an introduction the newcomer is the first",
        ((_ANA, _BEN), (_ANA, _BEN, _LONG), (_BEN, _LONG)),
    ),
    Word(
        "names",
        "their names as a list in words",
        (Markdown("Ana Alves and 张伟"), Markdown("Ana Alves, 张伟 and Aa-Bb"), Markdown(f"{'Aa-Bb ' * 12}and 张伟")),
    ),
    Word(
        "common",
        "the newest topic in which all of them wrote, as a link; may be empty",
        (Markdown("[Silence](https://forum.example.org/t/3)"), Markdown("")),
    ),
    Word(
        "question",
        "a question to begin with, from the deck",
        (Markdown("What did you stop doing this month?"), Markdown("Think. " * 120)),
    ),
    Word("worth", "why the question is worth asking", (Markdown("It pays on Monday."), Markdown("It pays. " * 40))),
    Word("date", "a first date to speak, in words", ("Thursday 11 March, 12:30", "mercredi 30 septembre, 12:30")),
)
NUDGE_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word("name", CALLED, (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 12))),
    Word(
        "door",
        "the one topic that the message is about, as a link",
        (Markdown("[Silence](https://forum.example.org/t/3)"), Markdown("[R&amp;D](https://forum.example.org/t/4)")),
    ),
    Word(
        "answered",
        "the names of those who wrote there after the person, as a list in words; empty where it is another topic",
        (Markdown("Ben and Cleo"), Markdown("张伟"), Markdown("")),
    ),
    Word("is_task", "whether the topic is a task that is open for the person", (False, True)),
)

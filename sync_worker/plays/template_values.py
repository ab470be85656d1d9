"""What the templates of each play may use: every value with its meaning, and examples to try templates with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sync_worker.content.figure import mark
from sync_worker.content.markdown import Markdown
from sync_worker.content.proposals import Source
from sync_worker.content.roundup import Open
from sync_worker.content.roundup_items import Practice
from sync_worker.content.template_words import Word
from sync_worker.languages.parts import RELAY
from sync_worker.model import Bar, Citation, Figure, Post, Use
from sync_worker.plays.blockers import BlockerLine
from sync_worker.plays.brief_manager import PlanWords
from sync_worker.plays.case_study import CaseWords, guide_words, lines_of
from sync_worker.plays.commitment import Replies
from sync_worker.plays.first_reply import WaitingTopic, WhoCouldAnswer
from sync_worker.plays.frame import CohortWords, LatePerson
from sync_worker.plays.morning_note import NoteLine
from sync_worker.plays.nudge import SilentPerson
from sync_worker.plays.pair import PersonWords
from sync_worker.plays.relay import Comparison, Note
from sync_worker.plays.survey import Asked, Result

if TYPE_CHECKING:
    from collections.abc import Mapping


CALLED = (
    "what the person is called: the fact `first_name` where it is known, else the full name; in a story the full name"
)
_POST = Post(7, 3, 2, 5, "ana", "Ana Alves", datetime(2027, 3, 4, 9, tzinfo=UTC), None, "<p>I asked first.</p>", 1)
_CITED = Citation(Use.QUOTE, 3)
_SOURCE = Source(7, 5, 1, "Silence", ("I asked first.",), (), ("Ana Alves", "ana"))
_PRACTICE = Practice(
    Markdown("Ask before you answer"),
    Markdown("Ana Alves, in [Silence](https://forum.example.org/t/silence/3/2)"),
    Markdown('[quote="ana, post:2, topic:3"]\nI asked first.\n[/quote]'),
    Markdown("Two people tried it."),
    _POST,
    _CITED,
    _SOURCE,
    Markdown("Ana Alves, in [Silence](https://forum.example.org/t/silence/3/2)"),
)
_BARE = Practice(
    Markdown("1\\. Rest"), Markdown("Ana"), Markdown("> Rest"), Markdown(""), _POST, _CITED, _SOURCE, Markdown("Ana")
)
_OPEN = Open(Markdown("[Who hands over at night?](https://forum.example.org/t/night/4) (Ben asked on Tuesday)."), 4)

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
_TITLE = Word(
    "title", "the title of the prompt or resource", (Markdown("Your next hand-over"), Markdown("Ninety signs " * 8))
)
_TEXT = Word("text", "the prompt's text", (Markdown("Think of the last time."), Markdown("Think. " * 120)))
_WHY = Word("why", "the prompt's why", (Markdown("It pays on Monday."), Markdown("It pays. " * 40)))
_NAME = Word("name", "the author's name", (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 16)))
_HEADLINE = Word("headline", "the story's title", (Markdown("Ana asked before she answered"), Markdown("Word " * 20)))
_QUOTE = Word("quote", "the author's words, as a quote that leads to the post", (_PRACTICE.quote, _BARE.quote))
_TOPIC = Word(
    "topic", "the topic it was written in, as a link", (Markdown("[Silence](https://forum.example.org/t/3)"),)
)

TOPIC_WORDS = (COHORT, HOSTS, HOST_LINKS)
PROMPT_WORDS = (COHORT, HOSTS, HOST_LINKS, _TITLE, _TEXT, _WHY)
_DUE = Word("due", "when the task is due, in words", ("Thursday 11 March, 18:00", "mercredi 30 septembre, 23:59"))
_MINUTES = Word("minutes", "how long it takes, in words", ("seven minutes", "one minute", "600 minutes"))
_TASK = Word("task", "the task's title, a link to its topic", (Markdown("[Ask first](https://forum.example.org/t/9)"),))
ASSIGNMENT_WORDS = (COHORT, HOSTS, HOST_LINKS, replace(_DUE, required=True), _MINUTES)
REMINDER_WORDS = (
    COHORT,
    HOSTS,
    HOST_LINKS,
    Word("name", CALLED, (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 12))),
    _TASK,
    _DUE,
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
_LATE = LatePerson(Markdown("[Ana Alves](https://forum.example.org/u/ana)"), "written to on Tuesday 9 March")
LATE_WORDS = (
    COHORT,
    _TASK,
    _DUE,
    Word(
        "late",
        "who has not answered, each with `who`, a link, and `told`, what the person was told; never empty",
        ((_LATE,), (_LATE,) * 60),
    ),
    Word("extended", "who has more time, each with `who`, and `told`, until when; may be empty", ((), (_LATE,) * 9)),
    Word("answered", "how many have answered, in words; empty where nobody has", ("nine people", "one person", "")),
    Word("answers", "how many have answered", (9, 1, 0)),
)
_PLANNER = Word("name", CALLED, (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 12)))
_PLAN = Word(
    "words",
    "the person's own words, as a quote that leads to the post",
    (_PRACTICE.quote, _BARE.quote, Markdown(f"> {'I will ask first. ' * 40}")),
    required=True,
)
_REPLIES = Word(
    "replies",
    "sentences to reply with: `replies.done`, `replies.not_yet`, `replies.changed`",
    (Replies("Yes, I did it", "No, not yet", "My plan changed"),),
)
_TAPS = Word("taps", "whether a poll with the answers stands below the text", (True, False))
COMMITMENT_ASK_WORDS = (
    COHORT,
    HOSTS,
    _PLANNER,
    _PLAN,
    Word("day", "the day that the person named, in words; empty where none was", ("Thursday 11 March", "")),
    _REPLIES,
    _TAPS,
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
    _TAPS,
)
_RESULT = Result("Was it worth your time?", "nine people", ("Yes, all of it: 5", "In part: 4", "No: 0"))
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
SURVEY_RESULTS_WORDS = (
    COHORT,
    Word("survey", "the topic with the questions, as a link", (Markdown("[Two taps](https://forum.example.org/t/9)"),)),
    Word(
        "results",
        "one for each question: `title`, `people` (how many answered, in words), and `options`, each an option with "
        "its votes; empty where fewer than five answered",
        ((_RESULT,) * 2, (Result("R&D [1] <x>", "no people", ()),)),
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
    Word("why", "a sentence on what others made of it; may be empty", (_PRACTICE.why, Markdown(""))),
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
        ((_PRACTICE, _BARE), (_BARE,), (_PRACTICE,) * 5),
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
_BEFORE = Word("before", "the name of the earlier cohort", ("Leading teams, autumn 2026", "R&D_1 <x>"))
_NOTE = Note(Markdown("> Say on the first day what you will not do."), Markdown("Ana Alves"))
_UNNAMED = Note(Markdown("> 1\\. Rest"), Markdown("somebody in R&amp;D\\_1 ‹x›"))
_ASKED = Note(Markdown("> How do you hand over at night?"), Markdown("张伟"))
_LINE = Comparison(
    "Leading teams, spring 2027",
    "seven people",
    Markdown("[Ask, then wait](https://forum.example.org/t/3)"),
    Markdown('[quote="ana, post:2, topic:3"]\nI asked first.\n[/quote]'),
)
_SILENT = Comparison("R&D_1 <x>", "", Markdown("[Ask](https://forum.example.org/t/4)"), Markdown(""))
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
_SILENT_ONE = SilentPerson(
    Markdown("[Ana Alves](https://forum.example.org/u/ana)"),
    "Ana Alves is still silent.",
    "Tuesday 9 March and Thursday 18 March",
)
HAND_OVER_WORDS = (
    COHORT,
    Word(
        "silent",
        "who did not react to two messages, each with `who` (a link), `why`, and `told`, the days; empty where only "
        "`held_out` has somebody",
        ((_SILENT_ONE,), (_SILENT_ONE,) * 9, ()),
    ),
    Word(
        "held_out",
        "whom chance left out of these messages, each a link; empty where nobody is",
        ((), (_SILENT_ONE.who,), (_SILENT_ONE.who,) * 5),
    ),
)
NO_MANAGER_WORDS = (
    COHORT,
    Word(
        "unknown",
        "of whom no manager's address is known, each a link; never empty",
        ((_SILENT_ONE.who,), (_SILENT_ONE.who,) * 30),
    ),
    Word("others", "how many more there are, in words; empty where all are named", ("", "nine")),
    Word("everybody", "whether these are all whom the step is for", (False, True)),
)
_COULD_ANSWER = WhoCouldAnswer(
    Markdown("[Ana Alves](https://forum.example.org/u/ana)"),
    Markdown("[Silence](https://forum.example.org/t/silence/3/2)"),
    "Tuesday 9 March",
)
_WAITS = WaitingTopic(
    Markdown("[Who hands over at night?](https://forum.example.org/t/night/4)"),
    Markdown("[Ben](https://forum.example.org/u/ben)"),
    "Thursday 11 March",
    is_first=True,
    people=(_COULD_ANSWER, replace(_COULD_ANSWER, outside=True)),
)
_WAITS_ALONE = replace(_WAITS, is_first=False, people=(), told="Friday 12 March")
_ITEMS = (
    "each with `topic` and `who` (links), `day`, `is_first` (the author never wrote here before), and `people` who "
    "could answer: `who`, `wrote_in` (links), `day`, and `outside` for somebody of another cohort"
)
FIRST_REPLY_WORDS = (
    COHORT,
    Word(
        "loud",
        f"what still waits after the LCMs heard of it on `told`, {_ITEMS}",
        ((), (_WAITS_ALONE,), (replace(_WAITS, told="Friday 12 March"),) * 10),
    ),
    Word("unanswered", f"what is new, {_ITEMS}; one of the two lists may be empty", ((_WAITS,), (), (_WAITS,) * 10)),
)
_ALLOWED = PlanWords(Markdown("Ana Alves"), Markdown("> When the late shift comes on Monday, I will ask first."))
BRIEFING_WORDS = (
    COHORT,
    HOSTS,
    Word("manager", "the manager's name; empty where it is not known", (Markdown("Bea Boss"), "", "Aa-Bb " * 12)),
    Word(
        "learners",
        "the names of those of the manager's people who are in the cohort, as a list in words",
        (Markdown("Ana Alves"), Markdown("Ana Alves and 张伟"), Markdown(f"{'Aa-Bb ' * 12}and 张伟")),
    ),
    Word("about", "the same names, cut where the list is too long for a title", ("Ana Alves and 张伟", "Aa-Bb " * 16)),
    Word("several", "whether these are more than one", (False, True)),
    Word(
        "plans",
        "plans that their authors let their manager read, each with `name` and `words` (a quote); may be empty, and "
        "always is in the mail of the moment `before`",
        ((_ALLOWED,), (), (_ALLOWED,) * 9),
    ),
    Word(
        "answers",
        "a list of the answers, each a link; empty where the step has `ask: false`",
        (Markdown("- [Yes, there is time](lcm:yes)\n- [Not yet](lcm:not-yet)"), Markdown("")),
    ),
    Word("stop", "the link that ends these mails", (Markdown("[No more of these mails](lcm:stop)"),), required=True),
)
_NOTE_LINE = NoteLine(
    1, Markdown("Draft: Ana Alves is silent"), "since yesterday", Markdown("“yes 1” or “no 1: your reason”")
)
_BARE_LINE = NoteLine(0, Markdown("Without a reply: [Silence](https://forum.example.org/t/3)"), "", Markdown(""))
MORNING_NOTE_WORDS = (
    COHORT,
    Word(
        "lines",
        "what waits, the oldest first, each with `number` (0 for what no reply settles), `what`, `since` and `how` it "
        "is settled (may be empty); never empty",
        ((_NOTE_LINE, _BARE_LINE), (_NOTE_LINE,) * 50, (_BARE_LINE,)),
        required=True,
    ),
    Word("numbered", "whether any of them has a number", (True, False)),
    Word("more", "that there is more than is shown; empty where there is not", ("", "9 more things wait.")),
    Word("by_mail", "whether the note is a mail, which cannot be answered by a reply on the forum", (False, True)),
)
_BLOCKER = BlockerLine(
    Markdown("[No access to the rota](https://forum.example.org/t/rota/4)"),
    Markdown("[Ben](https://forum.example.org/u/ben)"),
    "Thursday 11 March",
    tag="blocker",
    owner=Markdown("[ana](https://forum.example.org/u/ana)"),
    note="waits for a signature",
    next_to="sponsors and jo",
    next_after="three days",
)
BLOCKER_WORDS = (
    COHORT,
    Word(
        "blockers",
        "each with `topic`, `who` opened it and `owner` (links; no owner: the LCMs), `day`, `tag` (empty where nobody "
        "answered), `note`, and `next_to`, who hears of it next, `next_after` so many days; never empty",
        ((_BLOCKER,), (replace(_BLOCKER, tag="", owner="", note="", next_to="", next_after=""),) * 10),
    ),
)
BLOCKER_OUTSIDE_WORDS = (
    COHORT,
    HOST_LINKS,
    Word("more_than_one", "whether more than one thing is in the way", (False, True)),
    Word("since", "the day since which the oldest of them is there, in words", ("Thursday 11 March",)),
    Word("next_to", "who hears of it next, in words; empty where nobody does", ("sponsors and jo", "")),
)
RELAY_COMPARE_WORDS = (
    COHORT,
    Word("prompt", "the prompt's title in this cohort", ("Leading teams, week 3: Ask, then wait", "R&D [1] <x> " * 9)),
    Word(
        "cohorts",
        "one for each cohort that got the prompt: `name`, `people` (how many answered, in words; empty for none), "
        "`topic` (a link) and `quote` (a passage, where the reader sees that topic; else empty)",
        ((_LINE, _SILENT), (_SILENT,), (_LINE,) * 12),
    ),
    Word("alone", "whether no other cohort got the prompt yet", (False, True)),
)


# What the texts that follow a question about a story may use: each value with its meaning and examples.
# No step names these templates: they are found by their file names, and a playbook without one uses that of first-
# steps.


@dataclass(frozen=True, slots=True)
class CohortName:
    """A cohort where a text belongs to no date of its journey."""

    name: str


COHORT_NAME = Word(
    "cohort",
    "the cohort: `cohort.name`",
    (
        CohortName("Leading teams, spring 2027"),
        CohortName("R&D_1 <x>"),
        CohortName("Führungskräfte im Schichtdienst, Nord und Süd 2027"),
    ),
)
_CONVERSATION = Word("conversation", "the address of the conversation", (Markdown("https://forum.example.org/t/7"),))
_WORDS = Word(
    "words",
    "the author's last words there; empty where none are left",
    ("Yes, but without the name of the ward.", "", "<b>No</b> {{ never }}\n> quoted\n\n---\n" * 20),
)
_ADDRESS = Markdown("https://forum.example.org/t/9")
_TOLD = Word("told", "the address of the story; empty where it is not shown", (Markdown(""), _ADDRESS))
_STORY_HEADLINE = Word("headline", "the story's title", ("Ana asked before she answered", "R&D [1] <x> " * 20))

_ANSWER = Word("answer", "how much the person has used it, as they answered", ("Almost every week", "Pas du tout"))
_BEST = Word(
    "best", "whether the person stands for those who used it most, not for those who used it least", (True, False)
)
_CASE = CaseWords(
    Markdown("[Ana Alves](https://forum.example.org/u/ana)"),
    best=True,
    answer="Almost every week",
    words=Markdown("> We lose no question any more."),
    why="Ana Alves answered “Almost every week”, one of the highest answers given.",
    posts=(Markdown("https://forum.example.org/p/9"),),
)
_BARE_CASE = replace(_CASE, best=False, answer="Not at all", words=Markdown(""), posts=())
_ASKED_NAME = Word("name", CALLED, (Markdown("Ana Alves"), Markdown("张伟"), Markdown("Aa-Bb " * 12)))
CASE_ASK_WORDS = (
    COHORT,
    HOSTS,
    _ASKED_NAME,
    Word("ended", "whether the cohort has ended", (True, False)),
    Word("options", "the answers to the first question, in order", (("Not at all", "Once or twice", "Several times"),)),
    _TAPS,
)
CASE_CHOSEN_WORDS = (
    COHORT,
    Word("asked", "how many were asked, in words", ("twenty people", "one person")),
    Word("count", "how many answered, as a number in words; empty for none", ("twelve", "four", "")),
    Word("few", "whether these are too few to choose from", (False, True)),
    Word(
        "cases",
        "who was chosen, each with `who` (a link), `best`, `answer`, `words` (a quote, may be empty), `why`, and "
        "`posts`, the addresses of posts that speak of it; empty where nobody was",
        ((_CASE, _BARE_CASE), (), (_CASE,) * 10),
    ),
)
CASE_INVITE_WORDS = (
    COHORT,
    HOSTS,
    _ASKED_NAME,
    _BEST,
    _ANSWER,
    Word("asks_manager", "whether the person's manager could be asked one question, if they allow it", (True, False)),
    Word(
        "says",
        "the lines that answer: `says.talk_yes`, `says.talk_no`, `says.named_yes`, `says.manager_yes`",
        (lines_of("en"), lines_of("fr")),
        required=True,
    ),
    _TAPS,
)
CASE_GUIDE_WORDS = (
    Word("cohort_name", "the cohort's name", ("Leading teams, spring 2027", "R&D_1 <x>", "Süd 2027 " * 11)),
    Word("who", "the person, as a link to their page", (_CASE.who,)),
    _BEST,
    _ANSWER,
    Word("wrote", "what they wrote, as a quote; may be empty", (_CASE.words, Markdown(""))),
    Word("posts", "the addresses of their posts that speak of it; may be empty", (_CASE.posts, ())),
    Word("named", "whether they allow that the report names them", (True, False)),
    Word("may_ask", "whether they allow that their manager is asked", (True, False)),
    _CONVERSATION,
    Word(
        "begins",
        "the words with which lines of notes begin: `begins.used`, `begins.result`, `begins.helped`, "
        "`begins.hindered`, `begins.confirm`, and `begins.factors`, those for what helped or hindered, as a list",
        (guide_words("en"), guide_words("fr")),
        required=True,
    ),
)
CASE_MANAGER_WORDS = (
    COHORT,
    HOSTS,
    Word("manager", "the manager's name; empty where it is not known", (Markdown("Bea Boss"), "", "Aa-Bb " * 12)),
    Word("learner", "the name of the person whom it is about", (Markdown("Ana Alves"), Markdown("Aa-Bb " * 12))),
    Word("about", "the same names, cut where the list is too long for a title", ("Ana Alves", "Aa-Bb " * 12)),
    Word(
        "answers",
        "a list of the answers, each a link; empty where the step has `ask: false`",
        (Markdown("- [Yes, I have seen it](lcm:yes)\n- [Not yet](lcm:not-yet)"),),
        required=True,
    ),
    Word("stop", "the link that ends these mails", (Markdown("[No more of these mails](lcm:stop)"),), required=True),
)

AFTERCARE_WORDS: Mapping[str, tuple[Word, ...]] = {
    "answer-unclear": (
        COHORT_NAME,
        _NAME,
        Word("post", "the address of the post", (Markdown("https://forum.example.org/p/9"),)),
        _CONVERSATION,
        _WORDS,
        _TOLD,
    ),
    "story-told": (COHORT_NAME, _NAME, _STORY_HEADLINE, Word("story", "the address of the story", (_ADDRESS,))),
    "story-not-told": (COHORT_NAME, _NAME),
    "story-down": (
        COHORT_NAME,
        _NAME,
        _STORY_HEADLINE,
        _CONVERSATION,
        _WORDS,
        _TOLD,
        Word("replies", "how many replies went with it, in words; empty where none did", ("", "3\u00a0replies")),
        Word("failed", "why it could not be taken down; empty where it was", ("", "the forum answered 403")),
        Word("unquoted", "true where the author asked not to be quoted at all", (False, True)),
    ),
}

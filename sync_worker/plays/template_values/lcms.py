"""What templates of messages to LCMs, and to those whom they turn to, may use."""

from __future__ import annotations

from dataclasses import replace

from sync_worker.content.markdown import Markdown
from sync_worker.content.template_words import Word
from sync_worker.plays.blockers import BlockerLine
from sync_worker.plays.first_reply import WaitingTopic, WhoCouldAnswer
from sync_worker.plays.frame import LatePerson
from sync_worker.plays.morning_note import NoteLine
from sync_worker.plays.nudge import SilentPerson
from sync_worker.plays.relay import Comparison
from sync_worker.plays.survey import Result
from sync_worker.plays.template_values.shared import COHORT, DUE, HOST_LINKS, TASK

_LATE = LatePerson(Markdown("[Ana Alves](https://forum.example.org/u/ana)"), "written to on Tuesday 9 March")
LATE_WORDS = (
    COHORT,
    TASK,
    DUE,
    Word(
        "late",
        "who has not answered, each with `who`, a link, and `told`, what the person was told; never empty",
        ((_LATE,), (_LATE,) * 60),
    ),
    Word("extended", "who has more time, each with `who`, and `told`, until when; may be empty", ((), (_LATE,) * 9)),
    Word("answered", "how many have answered, in words; empty where nobody has", ("nine people", "one person", "")),
    Word("answers", "how many have answered", (9, 1, 0)),
)
_RESULT = Result("Was it worth your time?", "nine people", ("Yes, all of it: 5", "In part: 4", "No: 0"))
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
_LINE = Comparison(
    "Leading teams, spring 2027",
    "seven people",
    Markdown("[Ask, then wait](https://forum.example.org/t/3)"),
    Markdown('[quote="ana, post:2, topic:3"]\nI asked first.\n[/quote]'),
)
_SILENT = Comparison("R&D_1 <x>", "", Markdown("[Ask](https://forum.example.org/t/4)"), Markdown(""))
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

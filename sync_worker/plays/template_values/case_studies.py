"""What templates of case studies may use."""

from __future__ import annotations

from dataclasses import replace

from sync_worker.content.markdown import Markdown
from sync_worker.content.template_words import Word
from sync_worker.plays.case_study import CaseWords, guide_words, lines_of
from sync_worker.plays.template_values.shared import CALLED, COHORT, CONVERSATION, HOSTS, TAPS

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
    TAPS,
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
    TAPS,
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
    CONVERSATION,
    Word(
        "begins",
        "the words with which lines of notes begin: `begins.used`, `begins.result`, `begins.helped`, "
        "`begins.hindered`, `begins.confirm`, and `begins.factors`, those for what helped or hindered, as a list",
        (guide_words("en"), guide_words("fr")),
        required=True,
    ),
)

"""The words of a rehearsal's page in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.sentences import RehearsalSentences

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Mapping[str, str | tuple[str, str]] = {
    "rehearsal": "Rehearsal",
    "of": "{title} for {cohort}",
    "who": "{learners} and {lcms}, {period}",
    "learner": ("learner", "learners"),
    "lcm": ("LCM", "LCMs"),
    "all_lcms": "the LCMs",
    "what_this_is": (
        "Every text of the journey, as the practice forum showed it on its day. Names are those of the roster. Nobody "
        "writes in a rehearsal, so what shows learners’ posts had nothing to show; drafts were approved as they are."
    ),
    "by_week": "Week by week",
    "week": "Week",
    "dates": "Dates",
    "texts": "Texts for every learner",
    "reading": "Minutes to read",
    "answering": "Minutes to answer",
    "messages": "Messages to one learner",
    "decisions": "Decisions of an LCM",
    "lcm_minutes": "Minutes of an LCM",
    "assumed": (
        "Assumed: {words} words a minute, {answer} minutes for an answer to a prompt, {decide} minutes for a decision. "
        "Reading what others write comes on top."
    ),
    "everybody": "Every learner reads",
    "one_learner": "One learner receives",
    "lcms": "The LCMs receive",
    "to": "to",
    "approved": "an LCM approves it first",
    "pinned": "pinned for {days}",
    "why": "Why",
    "quiet": "Nothing was posted for",
    "nothing": "Nothing this week.",
    "problems": "What did not work",
    "before": "Before the start",
}
REHEARSAL = RehearsalSentences(WORDS)

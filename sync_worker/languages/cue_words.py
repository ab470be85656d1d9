"""Turns of phrase of one language that tell what a sentence does: advise, report a result, ask, thank."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CueWords:
    """Regular expressions, in lower case; a sentence shows it if one of them is found there.

    Args:
        tried: what somebody did, in the first person.
        outcome: what came of it.
        lesson: what somebody takes away from it.
        settles: what settles a question.
        thanks: thanks: a person who asked and then thanks has stopped asking; the word does not say what for.
        unsure: wishes, plans, not knowing: not something found out.
        empty_question: a question that says nothing of what it is about.
        unanswerable: a title that says that nothing is asked any more.
        number: a number of something.
        says_stuck: somebody does not get on.
        shares_trouble: an answer that begins so shares the trouble and is no help.
        trouble_over: the trouble is over.
        announced: a lesson says so at its beginning, up to the colon.
        aside: a sentence that begins so is about the writing, not about the matter.
        asks: a question begins so.
        leans: it needs what was said before.
        seeks_help: a sentence that asks without a question mark.
        trouble_title: a title that names a trouble and no finding.

    """

    tried: tuple[str, ...]
    outcome: tuple[str, ...]
    lesson: tuple[str, ...]
    settles: tuple[str, ...]
    thanks: tuple[str, ...]
    unsure: tuple[str, ...]
    empty_question: tuple[str, ...]
    unanswerable: tuple[str, ...]
    number: tuple[str, ...]
    says_stuck: tuple[str, ...]
    shares_trouble: tuple[str, ...]
    trouble_over: tuple[str, ...]
    announced: tuple[str, ...]
    aside: tuple[str, ...]
    asks: tuple[str, ...]
    leans: tuple[str, ...]
    seeks_help: tuple[str, ...]
    trouble_title: tuple[str, ...]

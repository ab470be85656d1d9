"""What every language has to hold. A language that lacks some of it is found by `problems`."""

from __future__ import annotations

from sync_worker.languages.answer_words import AnswerWords
from sync_worker.languages.cue_words import CueWords
from sync_worker.languages.heading_words import HeadingWords
from sync_worker.languages.language import Language
from sync_worker.languages.part import Part
from sync_worker.languages.phrases import Phrases
from sync_worker.languages.reading_words import DayWords, ReadingWords
from sync_worker.languages.rule_words import RuleWords
from sync_worker.languages.sentences import (
    CommitmentSentences,
    DeskSentences,
    HeldSentences,
    MembershipSentences,
    PromptSentences,
    ReasonSentences,
    RehearsalSentences,
    RelaySentences,
    ReportSentences,
    RunSentences,
    SyncSentences,
)

GRAMMAR = Part("grammar", "GRAMMAR", Language)
ANSWERS = Part("answers", "ANSWERS", AnswerWords)
READING = Part("reading", "READING", ReadingWords)
DAYS = Part("reading", "DAYS", DayWords)
CUES = Part("cues", "CUES", CueWords)
HEADINGS = Part("headings", "HEADINGS", HeadingWords)
PHRASES = Part("phrases", "PHRASES", Phrases)  # type: ignore[type-abstract]
REASONS = Part("sentences", "REASONS", ReasonSentences)
HELD = Part("sentences", "HELD", HeldSentences)
DESK = Part("sentences", "DESK", DeskSentences)
RUNS = Part("sentences", "RUNS", RunSentences)
REPORT = Part("sentences", "REPORT", ReportSentences)
MEMBERSHIP = Part("sentences", "MEMBERSHIP", MembershipSentences)
SYNC = Part("sentences", "SYNC", SyncSentences)
PROMPT = Part("sentences", "PROMPT", PromptSentences)
RELAY = Part("sentences", "RELAY", RelaySentences)
COMMITMENT = Part("sentences", "COMMITMENT", CommitmentSentences)
REHEARSAL = Part("rehearsal", "REHEARSAL", RehearsalSentences)
RULES = Part("rules", "RULES", RuleWords)
PARTS = (
    GRAMMAR,
    ANSWERS,
    READING,
    DAYS,
    CUES,
    HEADINGS,
    PHRASES,
    REASONS,
    HELD,
    DESK,
    RUNS,
    REPORT,
    MEMBERSHIP,
    SYNC,
    PROMPT,
    RELAY,
    COMMITMENT,
    REHEARSAL,
    RULES,
)


def problems() -> list[str]:
    """Return everything that some language lacks and another has, each with its file."""
    return [problem for part in PARTS for problem in part.problems()]


def language(locale: str) -> Language:
    """Return the rules for a cohort's locale.

    Raises:
        ConfigError: we do not write that language.

    """
    return GRAMMAR.of(locale)

"""What every language has to hold. A language that lacks some of it is found by `problems`."""

from __future__ import annotations

from sync_worker.languages.language import Language, Part
from sync_worker.languages.phrases import Phrases
from sync_worker.languages.sentences import (
    CaseSentences,
    CommitmentSentences,
    DeskSentences,
    DueDateSentences,
    HeldSentences,
    LetterSentences,
    MailSentences,
    MembershipSentences,
    NoteSentences,
    PersonalSentences,
    PracticeSentences,
    PromptSentences,
    QuestionSentences,
    ReasonSentences,
    RehearsalSentences,
    RelaySentences,
    ReportSentences,
    RunSentences,
    SyncSentences,
)
from sync_worker.languages.words import (
    AnswerWords,
    ChoiceWords,
    CueWords,
    DayWords,
    DecisionWords,
    HeadingWords,
    ProposalWords,
    ReadingWords,
    RuleWords,
)

GRAMMAR = Part("phrases", "GRAMMAR", Language)
ANSWERS = Part("phrases", "ANSWERS", AnswerWords)
READING = Part("words", "READING", ReadingWords)
DAYS = Part("words", "DAYS", DayWords)
CUES = Part("words", "CUES", CueWords)
HEADINGS = Part("words", "HEADINGS", HeadingWords)
PHRASES = Part("phrases", "PHRASES", Phrases)  # type: ignore[type-abstract]
REASONS = Part("sentences", "REASONS", ReasonSentences)
HELD = Part("sentences", "HELD", HeldSentences)
DUE_DATES = Part("sentences", "DUE_DATES", DueDateSentences)
DESK = Part("sentences", "DESK", DeskSentences)
RUNS = Part("sentences", "RUNS", RunSentences)
QUESTIONS = Part("sentences", "QUESTIONS", QuestionSentences)
REPORT = Part("sentences", "REPORT", ReportSentences)
PERSONAL = Part("personal", "PERSONAL", PersonalSentences)
MEMBERSHIP = Part("sentences", "MEMBERSHIP", MembershipSentences)
SYNC = Part("sentences", "SYNC", SyncSentences)
PROMPT = Part("sentences", "PROMPT", PromptSentences)
RELAY = Part("sentences", "RELAY", RelaySentences)
COMMITMENT = Part("sentences", "COMMITMENT", CommitmentSentences)
CASES = Part("cases", "CASES", CaseSentences)
MAILS = Part("mails", "MAILS", MailSentences)
NOTE = Part("mails", "NOTE", NoteSentences)
REHEARSAL = Part("sentences", "REHEARSAL", RehearsalSentences)
RULES = Part("phrases", "RULES", RuleWords)
PROPOSALS = Part("phrases", "PROPOSALS", ProposalWords)
DECISIONS = Part("messages", "DECISIONS", DecisionWords)
CHOICES = Part("messages", "CHOICES", ChoiceWords)
LETTERS = Part("messages", "LETTERS", LetterSentences)
PRACTICES = Part("practices", "PRACTICES", PracticeSentences)
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
    DUE_DATES,
    DESK,
    RUNS,
    QUESTIONS,
    REPORT,
    PERSONAL,
    MEMBERSHIP,
    SYNC,
    PROMPT,
    RELAY,
    COMMITMENT,
    CASES,
    MAILS,
    NOTE,
    REHEARSAL,
    RULES,
    PROPOSALS,
    DECISIONS,
    CHOICES,
    LETTERS,
    PRACTICES,
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

"""Which question of a post can be read by somebody who has read nothing else."""

from __future__ import annotations

from sync_worker.signals import cues
from sync_worker.signals.similarity import telling_words

SHORTEST, LONGEST = 30, 140


def asks_by_itself(question: str, title: str) -> bool:
    """Whether a sentence is a question in itself, of a length to be quoted, and asks more than the title does."""
    return (
        SHORTEST <= len(question) <= LONGEST
        and question.rstrip('"”’») \u00a0\u202f').endswith("?")
        and bool(cues.ASKS.match(question))
        and not cues.LEANS.search(question)
        and not telling_words(question) <= telling_words(title)
    )

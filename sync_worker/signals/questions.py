"""Which question of a post can be read by somebody who has read nothing else."""

from __future__ import annotations

import re

from sync_worker.signals.similarity import telling_words

SHORTEST, LONGEST = 30, 140
_ASKS = re.compile(
    r"(?:(?:in|to|at|for|on|by|from|with) )?(?:what|which|who|whom|whose|where|when|why|how)(?:['’]s)?\b|"
    r"(?:is|are|was|were|am|do|does|did|can|could|should|would|will|has|have|must|may)(?:n['’]t)? |"
    r"(?:(?:à|de|en|avec|pour|par|sur|chez|depuis) )?(?:qui|que|quoi|quel|quelle|quels|quelles|où|quand|comment|"
    r"combien|pourquoi|est-ce|lequel|laquelle)\b|(?:d['’]où|qu['’])|[^\W\d_]+-(?:vous|tu|nous|on|t-on|t-il|t-elle|il|elle|ce)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"\b(?:this|that|these|those|it|them|they|he|she|him|her|above|below|cela|ça|ceci|ci-dessus|celui|celle)\b|"
    r"^(?:en|y) |\b(?:l|s|n)['’](?:annonc|expliqu|utilis)|\b(?:the others|les autres)\b",
    re.IGNORECASE,
)


def asks_by_itself(question: str, title: str) -> bool:
    """Whether a sentence is a question in itself, of a length to be quoted, and asks more than the title does."""
    return (
        SHORTEST <= len(question) <= LONGEST
        and question.rstrip('"”’») \u00a0\u202f').endswith("?")
        and bool(_ASKS.match(question))
        and not _LEANS.search(question)
        and not telling_words(question) <= telling_words(title)
    )

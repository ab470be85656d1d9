"""A single sentence of a post: as a title or a note shows it, or as a question that can be read alone. Pure."""

from __future__ import annotations

import re

from sync_worker.languages.parts import HEADINGS
from sync_worker.signals import cues
from sync_worker.signals.cues import telling_words


def alternatives(name: str) -> str:
    """Return the words that every language has under a name of `HeadingWords`, for a regular expression."""
    return "|".join(getattr(words, name) for words in HEADINGS.all().values())


LONGEST_SENTENCE = 240
CLAUSE_END = re.compile(rf"[,;:–—)](?=\s)|\s[-–—](?=\s)|(?<=\w)\s(?=(?:{alternatives('clause_joins')})\s)")
_LEAD_IN = re.compile(
    rf"^(?:(?:{alternatives('lead_in')})\b(?:\s+(?:{alternatives('lead_in_to')}))?\s*[,:!.…-]+\s*)+", re.IGNORECASE
)
_LEAD_WORD = re.compile(rf"^(?:{alternatives('lead_word')})\s+(?=[^\W\d_])", re.IGNORECASE)
_ENUMERATOR = re.compile(r"^(?:\d{1,2}|[a-z])\s?[-.)]\s+|^[-–—*•]\s*", re.IGNORECASE)
HANGING = re.compile(rf"^(?:[^\W\d_]+, )?(?:{alternatives('hanging')})\b", re.IGNORECASE)
_OPEN_PAIRS = {"(": ")", "“": "”", "«": "»", '"': '"'}


def trimmed(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """Return the sentence without its lead-in, cut at the end of a clause where it is too long; "" if it cannot be."""
    text = _LEAD_WORD.sub("", _LEAD_IN.sub("", _ENUMERATOR.sub("", text))).strip()
    if text:
        text = text[0].upper() + text[1:] if _plain_word(text) else text
    if len(text) <= longest:
        return _closed(text)
    ends = [match.start() for match in CLAUSE_END.finditer(text, 0, longest - 1)]
    wanted = [end for end in ends if end >= longest // 3]
    if not wanted:
        return ""
    return _closed(text[: wanted[-1]].rstrip(" ,;:–—-") + "…")


def _plain_word(text: str) -> bool:
    """Whether the first word may be given a capital (`main.cpp` and `eBay` may not)."""
    first = re.split(r"\s", text, maxsplit=1)[0]
    return bool(re.fullmatch(r"[a-zà-ÿ]+[’']?[a-zà-ÿ]*[,.;:]?", first))


def _closed(text: str) -> str:
    """Return the text if its brackets and quotes pair up, else without the unpaired ones."""
    for opener, closer in _OPEN_PAIRS.items():
        unpaired = text.count(opener) % 2 == 1 if opener == closer else text.count(opener) != text.count(closer)
        if unpaired:
            text = text.replace(opener, "").replace(closer, "")
    return text


SHORTEST_QUESTION, LONGEST_QUESTION = 30, 140
FEWEST_NEW = 2  # telling words that the title has not: another form of one of its words is one


def asks_alone(title: str) -> bool:
    """Whether a topic's title asks a question that says what it is about."""
    return (
        title.rstrip('"”’») \u00a0\u202f').endswith("?")
        and len(telling_words(title)) > 1
        and not (cues.EMPTY_QUESTION.search(title) or cues.RHETORICAL.search(title))
    )


def asks_by_itself(question: str, title: str) -> bool:
    """Whether a sentence is a question in itself, of a length to be quoted, and asks more than the title does."""
    return (
        SHORTEST_QUESTION <= len(question) <= LONGEST_QUESTION
        and question.rstrip('"”’») \u00a0\u202f').endswith("?")
        and bool(cues.ASKS.match(question))
        and not cues.LEANS.search(question)
        and not cues.RHETORICAL.search(question)
        and len(telling_words(question) - telling_words(title)) >= FEWEST_NEW
    )

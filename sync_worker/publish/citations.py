"""What a draft shows of the forum: what its play noted, and what stands in its text without a note. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.model import Citation, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.model import Draft

_QUOTE = re.compile(
    r'\[quote="(?P<username>[\w.-]{1,60}), post:(?P<number>\d{1,9}), topic:(?P<topic>\d{1,15})"\]\n'
    r"(?P<text>.*?)\n\[/quote\]",
    re.DOTALL,
)


def citations_of(draft: Draft) -> tuple[Citation, ...]:
    """Return what is shown of the forum by a draft as it stands.

    What a person took out of a roundup counts no more. Quotes of which nothing was noted (a draft of an older version,
    or words that a person put in) are read from the text.
    """
    cut = "roundup" in draft.refs
    noted = tuple(one for one in draft.citations if not cut or _stands_in(one, draft.raw))
    known = {(one.topic_id, one.number) for one in noted}
    return (*noted, *(one for one in _written(draft) if (one.topic_id, one.number) not in known))


def _stands_in(citation: Citation, raw: str) -> bool:
    """Whether a text still quotes a post or links to it."""
    topic, number = citation.topic_id, citation.number
    place = rf"{topic}/{number}\b" if number > 1 else rf"{topic}(?:/1)?(?![/\d])"
    return bool(re.search(rf"post:{number}, topic:{topic}\b|/t/[^/\s)]+/{place}", raw))


def _written(draft: Draft) -> Iterator[Citation]:
    for found in _QUOTE.finditer(draft.raw):
        yield Citation(
            Use.QUOTE,
            int(found["topic"]),
            number=int(found["number"]),
            username=found["username"],
            passages=(found["text"],),
        )

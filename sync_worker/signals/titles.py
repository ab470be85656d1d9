"""A topic's title as it can stand in a running text."""

from __future__ import annotations

import re

from sync_worker.signals.plain import squeeze

NOISE = re.compile(
    r"[\[(](?:re)?(?:solved|résolu|rfc|wip|help|question|download|urgent|aide|bug)[^\])]*[\])]|:[a-z0-9_+-]+:|"
    r"^(?:help|urgent|question|re|rfc)\s*[!:]+\s*",
    re.IGNORECASE,
)


def clean_title(title: str) -> str:
    """Return a topic's title without tags like [Solved], emoji codes and final dots."""
    text = squeeze(NOISE.sub(" ", title)).strip(" -–—:.!…")
    if not text:
        return ""
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text

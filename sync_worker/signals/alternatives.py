"""The words of all languages as one expression: people mix languages."""

from __future__ import annotations

from sync_worker.languages.parts import HEADINGS


def alternatives(name: str) -> str:
    """Return the words that every language has under a name of `HeadingWords`, for a regular expression."""
    return "|".join(getattr(words, name) for words in HEADINGS.all().values())

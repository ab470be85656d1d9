"""Which phrases belong to which locale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.content.phrases_en import EnglishPhrases
from sync_worker.content.phrases_fr import FrenchPhrases
from sync_worker.languages.parts import language

if TYPE_CHECKING:
    from sync_worker.content.phrases import Phrases

_PHRASES: dict[str, Phrases] = {"en": EnglishPhrases(), "fr": FrenchPhrases()}


def phrases_for(locale: str) -> Phrases:
    """Return the phrases of a locale.

    Raises:
        ConfigError: we do not write that language.

    """
    return _PHRASES[language(locale).code]

"""What a sentence does, by the turns of phrase of all languages: people mix them."""

from __future__ import annotations

import re

from sync_worker.languages.parts import CUES


def _any(name: str) -> re.Pattern[str]:
    patterns = [pattern for words in CUES.all().values() for pattern in getattr(words, name)]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


TRIED = _any("tried")
OUTCOME = _any("outcome")
LESSON = _any("lesson")
SETTLES = _any("settles")
THANKS = _any("thanks")
UNSURE = _any("unsure")
EMPTY_QUESTION = _any("empty_question")
UNANSWERABLE = _any("unanswerable")
NUMBER = _any("number")
SAYS_STUCK = _any("says_stuck")
SHARES_TROUBLE = _any("shares_trouble")
TROUBLE_OVER = _any("trouble_over")
ANNOUNCED = _any("announced")
ASIDE = _any("aside")
ASKS = _any("asks")
LEANS = _any("leans")
SEEKS_HELP = _any("seeks_help")
TROUBLE_TITLE = _any("trouble_title")

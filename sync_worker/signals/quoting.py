"""A sentence of a post as a title or a note can show it: without its lead-in, at a length to be read in passing."""

from __future__ import annotations

import re

LONGEST = 240
_CLAUSE_END = re.compile(
    r"[,;:–—)](?=\s)|\s[-–—](?=\s)|(?<=\w)\s(?=(?:and|but|so|because|which|et|mais|donc|car|parce)\s)"
)
_LEAD_IN = re.compile(
    r"^(?:(?:well|so|also|ok|okay|yes|yeah|no|ah|oh|actually|basically|btw|fyi|anyway|personally|hi|hello|hey|thanks|"
    r"and|but|however|still|though|that said|now|in fact|for instance|for example|verified|first|bref|mais|alors|"
    r"donc|oui|non|bonjour|salut|du coup|en fait|edit|update)\b(?:\s+(?:all|everyone|guys|there|"
    r"à tous))?\s*[,:!.…-]+\s*)+",
    re.IGNORECASE,
)
_LEAD_WORD = re.compile(
    r"^(?:and|but|so(?! far\b)|also|then|however|et|mais|donc|alors|puis)\s+(?=[^\W\d_])", re.IGNORECASE
)
_ENUMERATOR = re.compile(r"^(?:\d{1,2}|[a-z])\s?[-.)]\s+|^[-–—*•]\s*", re.IGNORECASE)
HANGING = re.compile(
    r"^(?:[^\W\d_]+, )?(?:it|this|that|there|these|those|they|he|she|him|her|them|or|which|there|same|both|neither|"
    r"il(?! (?:n['’e]\s?)?(?:rest|faut|fall|suff|y |a fallu|s['’]agi))|"
    r"elle|ils|elles|ça|cela|ceci|ce(?! qu)|c['’]est|ou|ensuite|aussi)\b",
    re.IGNORECASE,
)
_OPEN_PAIRS = {"(": ")", "“": "”", "«": "»", '"': '"'}


def trimmed(text: str, longest: int = LONGEST) -> str:
    """Return the sentence without its lead-in, cut at the end of a clause where it is too long; "" if it cannot be."""
    text = _LEAD_WORD.sub("", _LEAD_IN.sub("", _ENUMERATOR.sub("", text))).strip()
    if text:
        text = text[0].upper() + text[1:] if _plain_word(text) else text
    if len(text) <= longest:
        return _closed(text)
    ends = [match.start() for match in _CLAUSE_END.finditer(text, 0, longest - 1)]
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

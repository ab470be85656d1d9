"""What Discourse makes of a topic's title: the cleaned title, the slug, and the title with typographic entities."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

_EMOJI_CODE = re.compile(r":[\w\-+]+(?::t\d)?:")
_ODD_SPACES = re.compile("[\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_FRACTIONS = re.compile(r"(\s+|^)(1/4|1/2|3/4)([,.;\s]|$)")
_LETTERS = {
    "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "ß": "ss", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Ð": "D",
    "ð": "d", "Þ": "Th", "þ": "th", "Ł": "L", "ł": "l", "Ħ": "H", "ħ": "h", "ı": "i", "ŋ": "ng", "Ŋ": "NG", "×": "x",
}  # fmt: skip
_PUNCTUATION = r"""[!"#$%'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"""
_BEFORE_OPENING = r"(\s|&nbsp;|=|--|&[mn]dash;|&#x201[34];)"
_AFTER_WORD = r"([^\ \t\r\n\\\[{(\-])"


def slugify(title: str, *, default: str = "topic", longest: int = 255) -> str:
    """Return the slug of a title or name, as Discourse's `ascii` method makes it."""
    text = _EMOJI_CODE.sub("", title).replace("'", "")
    text = "".join(_LETTERS.get(letter, letter) for letter in text)
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    text = re.sub(r"[^a-z0-9\-_]+", "-", text.lower()).replace("_", "-")
    text = re.sub(r"-+", "-", text[:longest]).strip("-")
    return default if not text or text.isdigit() else text


def clean_title(title: str) -> str:
    """Return the title as Discourse stores it: no shouting, no repeated marks, a capital first, single blanks."""
    text = re.sub(r"!+", "!", title)
    text = re.sub(r"\?+", "?", text)
    if text == text.upper():
        text = text.lower()
    first, _, rest = text.strip().partition(" ")
    if first and first == first.lower():
        text = f"{first[:1].upper()}{first[1:]} {rest}" if rest else f"{first[:1].upper()}{first[1:]}"
    text = re.sub(r"([^.])\.+(\s*)\Z", r"\1\2", text)
    text = _ODD_SPACES.sub(" ", re.sub(r" +", " ", text))
    return text.strip().replace("\u200b", "")


@lru_cache(maxsize=1024)
def fancy_title(title: str) -> str:
    """Return the title as HTML, with typographic quotes, dashes, ellipses and fractions as entities."""
    escaped = html.escape(title, quote=False)
    text = escaped.replace("---", "&mdash;").replace("--", "&ndash;")
    text = text.replace("...", "&hellip;").replace(". . .", "&hellip;")
    text = _FRACTIONS.sub(lambda hit: f"{hit[1]}&frac{hit[2].replace('/', '')};{hit[3]}", text)
    text = text.replace("``", "&ldquo;").replace("''", "&rdquo;")
    return _curl(_curl(text, "'", "s"), '"', "d")


def _curl(text: str, mark: str, letter: str) -> str:
    opening, closing = f"&l{letter}quo;", f"&r{letter}quo;"
    text = re.sub(rf"\A{mark}(?={_PUNCTUATION}\B)", closing, text)
    if mark == "'":
        text = re.sub(r"'(?=\d\ds)", closing, text)
    text = re.sub(rf"{_BEFORE_OPENING}{mark}(?=\w)", rf"\1{opening}", text)
    text = re.sub(rf"{_AFTER_WORD}{mark}", rf"\1{closing}", text)
    text = re.sub(rf"{mark}(\s|s\b|$)", rf"{closing}\1", text)
    return text.replace(mark, opening)

"""Titles (cleaned, as a slug, with typographic entities) and the beginnings of posts, as Discourse makes them."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from html.parser import HTMLParser

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


class _FullError(Exception):
    """The excerpt has reached its length."""


class _Excerpt(HTMLParser):
    def __init__(self, length: int, *, links: bool, images: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._length = length
        self._used = 0
        self._links = links
        self._images = images
        self._in_link = False
        self._asides = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._image(values)
        elif tag == "a" and self._links:
            inside = " ".join(f'{name}="{_attribute(value)}"' for name, value in values.items())
            self._markup(f"<a {inside}>")
            self._in_link = True
        elif tag == "aside":
            self._asides += 1
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._markup("</a>")
            self._in_link = False
        elif tag == "p":
            self.handle_data(" ")
        elif tag == "aside":
            self._asides = max(0, self._asides - 1)

    def handle_data(self, data: str) -> None:
        if self._asides:
            return
        if self._used + len(data) > self._length:
            room = max(0, self._length - self._used - 1)
            if not (data.startswith(":") and data.endswith(":") and " " not in data):
                self.parts.append(html.escape(data[: room + 1]).replace("&#x27;", "&#39;"))
            self.parts.append("&hellip;")
            if self._in_link:
                self.parts.append("</a>")
            raise _FullError
        self.parts.append(html.escape(data).replace("&#x27;", "&#39;"))
        self._used += len(data)

    def _image(self, values: dict[str, str]) -> None:
        if "emoji" in values.get("class", ""):
            self.handle_data(values.get("alt", ""))
        elif self._images:
            self.handle_data(f"[{values.get('alt') or values.get('title') or 'image'}]")

    def _markup(self, text: str) -> None:
        if not self._asides:
            self.parts.append(text)


def excerpt(cooked: str, length: int = 220, *, links: bool = False, images: bool = False) -> str:
    """Return at most `length` characters of the text of `cooked`, escaped, without quotes of others.

    `links` keeps links as links; `images` names pictures by their alternative text.
    """
    parser = _Excerpt(length, links=links, images=images)
    try:
        parser.feed(cooked)
        parser.close()
    except _FullError:
        pass
    return "".join(parser.parts).strip()


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")

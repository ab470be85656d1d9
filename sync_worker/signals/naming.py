"""How a person's names, and words that are said to be theirs, are recognised in texts of others. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup

from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

SHORTEST_NAME = 3
_SPACES = re.compile(r"\s+")
_MARK = re.compile(r"\[(?P<end>/?)quote\b(?P<said>[^\]\n]*)\]", re.IGNORECASE)
_PLACE = re.compile(r"post:(?P<post>\d{1,9}), ?topic:(?P<topic>\d{1,15})")
_SIGNS = {
    "'": r"(?:['’‘ʼ`´]|&#0?39;|&#x27;|&[lr]squo;|&apos;)",  # the forum sets a typographic one in its place
    "-": "[-‐‑–]",
    "@": "(?:@|%40|&#64;)",
    " ": r"(?:\s|&nbsp;|&#160;)+",
}
_SAME_SIGN = str.maketrans(dict.fromkeys("’‘ʼ`´", "'") | dict.fromkeys("‐‑–", "-"))


def pattern_of(text: str) -> str:
    """Return a regular expression for a name or an address, however its spaces, signs and accents are written."""
    plain = _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(_SAME_SIGN)).strip()
    return "".join(_SIGNS.get(char) or _letter(char) for char in plain)


def _letter(char: str) -> str:
    apart = unicodedata.normalize("NFD", char)
    if apart == char:
        return re.escape(char)
    return f"(?:{'|'.join(map(re.escape, (char, apart, apart[0])))})"


def parts_of(names: Iterable[str]) -> frozenset[str]:
    """Return the parts of full names that a person may be called by alone: those with a capital letter."""
    parts = (part for name in names if " " in name.strip() for part in name.split())
    return frozenset(part for part in parts if part[:1].isupper() and len(part) >= SHORTEST_NAME)


def without_quotes(raw: str, usernames: Collection[str], posts: Collection[tuple[int, int]], instead: str) -> str:
    """Return a post's Markdown without what it quotes of somebody.

    Args:
        raw: the text.
        usernames: what the person is called on the forum.
        posts: their posts, each by its topic and its number there.
        instead: stands in the place of the words.

    """
    names = {fold(name) for name in usernames}
    kept: list[str] = []
    theirs: list[bool] = []
    at = 0
    for mark in _MARK.finditer(raw):
        if not any(theirs):
            kept.append(raw[at : mark.start()])
        if mark["end"]:
            theirs = theirs[:-1]
            kept += [mark[0]] if not any(theirs) else []
        else:
            is_shown = not any(theirs)
            theirs.append(_is_of(mark["said"], names, posts))
            kept += [mark[0]] if is_shown else []
            kept += [f"\n{instead}\n"] if is_shown and theirs[-1] else []
        at = mark.end()
    return "".join(kept) + ("" if any(theirs) else raw[at:])


def _is_of(said: str, names: Collection[str], posts: Collection[tuple[int, int]]) -> bool:
    place = _PLACE.search(said)
    if place is not None and (int(place["topic"]), int(place["post"])) in posts:
        return True
    return fold(said.lstrip("=").strip("\"' ").partition(",")[0].strip()) in names


def without_quote_boxes(
    cooked: str, usernames: Collection[str], posts: Collection[tuple[int, int]], instead: str
) -> str:
    """Return a post's HTML without what it quotes of somebody; arguments are those of `without_quotes`."""
    if "quote" not in cooked:
        return cooked
    names, found = {fold(name) for name in usernames}, False
    soup = BeautifulSoup(cooked, "html.parser")
    for box in soup.select("aside.quote"):
        place = (str(box.get("data-topic") or ""), str(box.get("data-post") or ""))
        by_place = all(one.isdecimal() for one in place) and (int(place[0]), int(place[1])) in posts
        if by_place or fold(str(box.get("data-username") or "")) in names:
            for words in box.find_all("blockquote"):
                words.string = instead
                found = True
    return str(soup) if found else cooked

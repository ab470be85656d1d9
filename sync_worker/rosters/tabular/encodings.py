"""Which encoding a file that is not UTF-8 is in: taken only where nothing else would read as well.

A byte beyond ASCII is another letter in every encoding. The file is read in each that is in wide use; readings that no
language writes drop out: a capital after a small letter, symbols or letters of two scripts within a word, four
consonants in a row, accents that no one language has. If only cp1252 is left, it is that. If not, a person must say
which one it is: a guess would put wrong names on the forum.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WESTERN = "cp1252"
# Encoding -> where it is used.
CANDIDATES = {
    WESTERN: "western Europe",
    "cp1250": "central Europe",
    "cp1254": "Turkey",
    "cp1257": "the Baltic states",
    "mac_roman": "older Macs",
    "cp1251": "Cyrillic",
    "cp1253": "Greek",
    "cp1255": "Hebrew",
    "cp1256": "Arabic",
    "cp850": "DOS",
    "shift_jis": "Japan",
    "gb18030": "China",
    "big5": "Taiwan",
    "euc_kr": "Korea",
}
# The letters beyond ASCII of each language: French (with German, as in Switzerland), Spanish, Portuguese, Italian,
# Dutch, Swedish, Danish, Catalan, Icelandic.
WESTERN_LETTERS = (
    "àâæçéèêëîïôœùûüÿäöß", "áéíñóúü", "áâãàçéêíóôõúü", "àèéìîòóùú", "áéëíïóöúü", "åäöé", "æøåéöäü", "àçèéíïòóúü",
    "áéíóúýþæöð",
)  # fmt: skip
# Polish, Czech, Slovak, Hungarian, Romanian, Croatian and Slovene, Albanian, Turkish, Lithuanian, Latvian, Estonian.
OTHER_LETTERS = (
    "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "çë", "çğıöşüâîû",
    "ąčęėįšųūž", "āčēģīķļņšūž", "äöüõšž",
)  # fmt: skip
VOWELS = frozenset("aeiouy")
SEPARATORS = re.compile(r'[\s,;"]+')
MARKS = "‘’‚“”„«»‹›–—…•·€¿¡°ºª®©§\u00a0\u00ad´`()[]{}.!?:/'-+&@#_*=<>"
INNER = frozenset("‘’´·ー々〆・")  # marks that stand within words
CROWDED = 0.6  # of a Latin word's letters, at most so many have accents
CLUSTER = 4
WIDE = ("HIRAGANA", "KATAKANA", "CJK", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC", "PROLONGED")


@dataclass(frozen=True, slots=True)
class Guess:
    """The encoding, where the bytes leave no doubt; else a word of the file as each likely encoding reads it."""

    encoding: str | None
    readings: Mapping[str, str]

    def in_words(self) -> str:
        """Return the likely readings: `'Hélène' in cp1252 (western Europe), 'Hélčne' in cp1250 (central Europe)`."""
        return ", ".join(f"'{word}' in {name} ({CANDIDATES[name]})" for name, word in self.readings.items())


def guess(sample: bytes) -> Guess:
    """Return the encoding of a sample of text that is not UTF-8."""
    readings: dict[str, list[str]] = {}
    for name in CANDIDATES:
        try:
            words = [word for word in SEPARATORS.split(sample.decode(name)) if not word.isascii()]
        except UnicodeDecodeError:
            continue
        if all(map(_is_word, words)):
            readings[name] = words
    western = readings.get(WESTERN)
    if western is not None:
        one_language = _in_one_of(WESTERN_LETTERS, western)
        others = [words for words in readings.values() if words != western]
        if not any(_may_be(words, strictly=one_language) for words in others):
            return Guess(WESTERN, {})
    return Guess(None, _differing(readings))


def _may_be(words: Iterable[str], *, strictly: bool) -> bool:
    """Whether words are ones of another encoding's languages: of one of them, or (not strictly) of several."""
    if not strictly:
        return _in_one_of(("".join((*OTHER_LETTERS, *WESTERN_LETTERS)),), words)
    return _in_one_of(OTHER_LETTERS, words) and not any(map(_has_cluster, words))


def _in_one_of(languages: Iterable[str], words: Iterable[str]) -> bool:
    letters = {sign for word in words for sign in word.lower() if sign.isalpha() and not sign.isascii()}
    latin = {sign for sign in letters if _script(sign) == "LATIN"}
    return latin != letters or any(latin <= set(alphabet) for alphabet in languages)


def _differing(readings: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the first word that is not the same in all readings, by the first encoding that reads it so."""
    longest = max(map(len, readings.values()), default=0)
    for place in range(longest):
        found = {name: words[place].strip(MARKS)[:40] for name, words in readings.items() if place < len(words)}
        if len(set(found.values())) > 1 or longest == 1 or len(found) == 1:
            shown: dict[str, str] = {}
            for name, word in found.items():
                if word not in shown.values():
                    shown[name] = word
            return shown
    return {}


def _is_word(word: str) -> bool:
    """Whether some language may write such a word, by the kinds of its letters."""
    core = word.strip(MARKS)
    signs = [sign for sign in core if not (sign.isascii() or sign in INNER)]
    if not all(sign.isalpha() or unicodedata.combining(sign) for sign in signs):
        return False
    scripts = {_script(sign) for sign in core if sign.isalpha() or unicodedata.combining(sign)}
    if len(scripts) > 1:
        return False
    if scripts <= {"LATIN"}:
        return _is_latin_word(core, len(signs))
    return scripts == {"WIDE"} or len(signs) > 1


def _is_latin_word(core: str, accented: int) -> bool:
    letters = sum(map(str.isalpha, core))
    if letters > 2 and accented / letters > CROWDED:
        return False
    return not any(late.isupper() and not late.isascii() and early.islower() for early, late in pairwise(core))


def _has_cluster(word: str) -> bool:
    """Whether consonants beyond ASCII stand among so many others that nobody could say the word."""
    return any(_run_of_consonants(word, place) >= CLUSTER for place, sign in enumerate(word) if not sign.isascii())


def _run_of_consonants(word: str, place: int) -> int:
    """Return how many consonants stand in a row around a place; 0 where a vowel is, or an r or l that serves as one."""
    if not _closes(word, place):
        return 0
    first = last = place
    while first > 0 and _closes(word, first - 1):
        first -= 1
    while last + 1 < len(word) and _closes(word, last + 1):
        last += 1
    return last - first + 1


def _closes(word: str, place: int) -> bool:
    """Whether a letter is a consonant; an r or l between two others is none in Slavic languages (Krč, Vlk)."""
    if not _is_consonant(word[place]):
        return False
    around = word[max(0, place - 1) : place] + word[place + 1 : place + 2]
    return not (word[place] in "rlRL" and len(around) == 2 and all(map(_is_consonant, around)))


def _is_consonant(sign: str) -> bool:
    plain = unicodedata.normalize("NFKD", sign.lower())[0]
    return sign.isalpha() and plain not in VOWELS and plain not in "æœøıß"


def _script(sign: str) -> str:
    first = unicodedata.name(sign, "").partition(" ")[0].partition("-")[0]
    return "WIDE" if first in WIDE else first

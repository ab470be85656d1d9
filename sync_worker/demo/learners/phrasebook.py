"""The fragments that learners' texts are made of, read from the text files of a language, and how to fill them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
SLOT = re.compile(r"\{([^{}]+)\}")
NUMBER = re.compile(r"(\d+)-(\d+)(?:/(\d+))?")
SENTENCE_START = re.compile(r"(^|\n|[.?!…]\s+|[.?!][\"»”]\s+)([\"«“]?\s?)([^\W\d_])")
WORDS = {
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
}
THIN, HARD = "\u202f", "\u00a0"
FILLED = "\ue000"  # stands before a filled slot while a fragment is put together

Fragments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a text file: its own fragments, and the parts below it in file order."""

    fragments: Fragments
    parts: Mapping[str, Chapter]

    def __getitem__(self, name: str) -> Chapter:
        return self.parts[name]


@cache
def read_chapters(locale: str, file: str) -> Chapter:
    """Read a text file: `#`, `##`, `###` open parts, every other line is a fragment."""
    text = resources.files("sync_worker.demo.learners").joinpath("texts", locale, file).read_text("utf-8")
    return _chapter(text.splitlines(), 1)


def _chapter(lines: list[str], depth: int) -> Chapter:
    mark = "#" * depth + " "
    fragments: list[str] = []
    parts: dict[str, list[str]] = {}
    current = fragments
    for line in lines:
        if line.startswith(mark):
            current = parts.setdefault(line.removeprefix(mark).strip(), [])
        elif line.strip():
            current.append(line.rstrip())
    return Chapter(tuple(fragments), {name: _chapter(body, depth + 1) for name, body in parts.items()})


def fill(fragment: str, slots: Mapping[str, str], rng: Random, locale: str) -> str:
    """Return the fragment with its choices made, its slots filled and the language's typography in place.

    `{name}` is a slot (`{Name}` the same with a capital), `{3-6}` a number, `{20-40/5}` one in steps of five.

    Raises:
        ConfigError: the fragment names a slot that does not exist.

    """
    while match := CHOICE.search(fragment):
        fragment = fragment.replace(match[0], rng.choice(match[1].split("|")), 1)
    text = SLOT.sub(lambda match: FILLED + _slot(match[1], slots, rng, locale), fragment)
    if locale == "fr":
        text = french(text)
    return SENTENCE_START.sub(lambda match: match[1] + match[2] + match[3].upper(), text.replace(FILLED, ""))


def _slot(name: str, slots: Mapping[str, str], rng: Random, locale: str) -> str:
    if name in slots:
        return slots[name]
    if match := NUMBER.fullmatch(name):
        low, high, step = int(match[1]), int(match[2]), int(match[3] or 1)
        number = rng.randrange(low, high + 1, step)
        return WORDS[locale][number] if number <= 10 and step == 1 else str(number)
    lowered = name.lower()
    if lowered in slots:
        value = slots[lowered]
        return value[:1].upper() + value[1:]
    words = lowered.split("-")
    if len(words) == 2 and all(word in WORDS[locale] for word in words):
        low, high = (WORDS[locale].index(word) for word in words)
        return WORDS[locale][rng.randint(low, high)]
    raise ConfigError(f"no such slot '{{{name}}}' in a learner's text.", do="Add it to the slots or fix the text.")


# An article contracts only where a slot brought it: "de le laisser" stays as it is.
FRENCH = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"\b([Dd])e {FILLED}le\b", r"\1u"),
        (rf"\b([Dd])e {FILLED}les\b", r"\1es"),
        (rf"\bà {FILLED}le\b", "au"),
        (rf"\bà {FILLED}les\b", "aux"),
        (rf"\b([Dd]|[Qq]u|[Ll]orsqu|[Pp]uisqu)e (?={FILLED}?[aeiouéèêâîôAEIOUÉÈÊÂÎÔ])(?!{FILLED}?(?:onz|oui))", r"\1'"),
        (rf"\b([Ss])i (?={FILLED}?ils?\b)", r"\1'"),
        (r"'", "’"),
        (r"« ?", f"«{HARD}"),
        (r" ?»", f"{HARD}»"),
        (r" :(?=\s|$)", f"{HARD}:"),
        (r" ([;?!])", rf"{THIN}\1"),
        (r"(?<=\d) (?=(?:%|€|h\b|euros|minutes|heures|jours|ans))", HARD),
    )
)


def french(text: str) -> str:
    """Return the text with contractions, elisions, typographic apostrophes and French spaces."""
    for pattern, replacement in FRENCH:
        text = pattern.sub(replacement, text)
    return text

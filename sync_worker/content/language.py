"""Rules of a language: numbers in words, plurals, lists, dates, quotes. English and French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Language:
    """How one language counts, lists, dates and quotes."""

    code: str
    numbers: tuple[str, ...]
    nouns: Mapping[str, tuple[str, str]]
    feminine: frozenset[str]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    conjunction: str
    quotes: tuple[str, str]

    @property
    def colon(self) -> str:
        """The colon as the language writes it behind a word."""
        return f"{NBSP}:" if self.code == "fr" else ":"

    def number(self, value: int, noun: str = "") -> str:
        """Return a number as it stands in a sentence: in words up to ten."""
        if value == 1 and noun in self.feminine:
            return "une"
        return self.numbers[value] if 0 <= value < len(self.numbers) else self.digits(value)

    def digits(self, value: int) -> str:
        """Return a number in digits with the language's thousands mark."""
        return f"{value:,}".replace(",", "\u202f" if self.code == "fr" else ",")

    def count(self, value: int, noun: str) -> str:
        """Return "three people", "une personne"."""
        return f"{self.number(value, noun)} {self.noun(value, noun)}"

    def count_digits(self, value: int, noun: str) -> str:
        """Return "31 people", "1 message"."""
        return f"{self.digits(value)}{NBSP}{self.noun(value, noun)}"

    def noun(self, value: int, noun: str) -> str:
        """Return the noun in the number that `value` asks for."""
        singular, plural = self.nouns[noun]
        return singular if value == 1 or (self.code == "fr" and value == 0) else plural

    def listing(self, items: Sequence[str]) -> str:
        """Return "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self.conjunction} {items[-1]}"

    def quoted(self, text: str) -> str:
        """Return the text in the language's quotation marks; marks inside it become the inner ones."""
        opener, closer = ("‘", "’") if self.code == "en" else ("“", "”")
        inner = re.sub(r"[«“]\s?|\"(?=\w)", opener, text)
        inner = re.sub(r"\s?[»”]|\"", closer, inner)
        return f"{self.quotes[0]}{inner}{self.quotes[1]}"

    def day(self, day: date) -> str:
        """Return "Tuesday 4 March", « mardi 4 mars »."""
        return f"{self.weekday(day)} {self.day_and_month(day)}"

    def weekday(self, day: date) -> str:
        """Return "Tuesday", « mardi »."""
        return self.weekdays[day.weekday()]

    def day_and_month(self, day: date) -> str:
        """Return "4 March", « 1er mars »."""
        return f"{self._day_number(day)}{NBSP}{self.months[day.month - 1]}"

    def period(self, first: date, last: date) -> str:
        """Return both days included: "4–10 March", « du 28 février au 6 mars »."""
        if first == last:
            return self.day_and_month(first) if self.code == "en" else f"le {self.day_and_month(first)}"
        start = self._day_number(first) if first.month == last.month else self.day_and_month(first)
        if self.code == "fr":
            return f"du {start} au {self.day_and_month(last)}"
        dash = "–" if first.month == last.month else " – "
        return f"{start}{dash}{self.day_and_month(last)}"

    def _day_number(self, day: date) -> str:
        return "1er" if self.code == "fr" and day.day == 1 else str(day.day)


ENGLISH = Language(
    code="en",
    numbers=("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    nouns={
        "person": ("person", "people"),
        "day": ("day", "days"),
        "week": ("week", "weeks"),
        "post": ("post", "posts"),
        "topic": ("topic", "topics"),
        "question": ("question", "questions"),
        "reply": ("reply", "replies"),
    },
    feminine=frozenset(),
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    conjunction="and",
    quotes=("“", "”"),
)  # fmt: skip
FRENCH = Language(
    code="fr",
    numbers=("aucun", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    nouns={
        "person": ("personne", "personnes"),
        "day": ("jour", "jours"),
        "week": ("semaine", "semaines"),
        "post": ("message", "messages"),
        "topic": ("sujet", "sujets"),
        "question": ("question", "questions"),
        "reply": ("réponse", "réponses"),
    },
    feminine=frozenset({"person", "week", "question", "reply"}),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    conjunction="et",
    quotes=(f"«{NBSP}", f"{NBSP}»"),
)  # fmt: skip
LANGUAGES: dict[str, Language] = {"en": ENGLISH, "fr": FRENCH}


def language(locale: str) -> Language:
    """Return the rules for a cohort's locale.

    Raises:
        ConfigError: we do not write that language.

    """
    try:
        return LANGUAGES[locale]
    except KeyError:
        raise ConfigError(f"no texts in '{locale}'.", do=f"Use one of: {', '.join(LANGUAGES)}.") from None


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def shortened(text: str, longest: int) -> str:
    """Return a text cut at a word's end, with an ellipsis, where it is longer than it may be."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return f"{cut.rsplit(' ', 1)[0].rstrip() if ' ' in cut else cut}…"


def elided(word: str, text: str) -> str:
    """Return « d’Ana », « de Paul » for word « de »: elided before a vowel or a mute h."""
    if re.match(r"[aeiouyàâéèêëîïôûh]", text, re.IGNORECASE):
        return f"{word[:-1]}’{text}"
    return f"{word} {text}"

"""How a language counts, lists, dates and quotes; and how the languages, and what each has to hold, are found."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sync_worker import languages
from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime


T = TypeVar("T")
OPTIONAL = {"optional": True}  # a field that a language may leave empty
TABLE = {"table": True}  # a field that maps words of the language, so that its keys are its own


def codes() -> tuple[str, ...]:
    """Return the codes of all languages that have a folder, in alphabetical order."""
    return _codes_below(tuple(languages.__path__))


@cache
def _codes_below(folders: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(found.name for found in pkgutil.iter_modules(folders) if found.ispkg))


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What every language has to hold: a value called `name`, of the type `form`, in its file `module`."""

    module: str
    name: str
    form: type[T]

    def of(self, code: str) -> T:
        """Return the part of one language.

        Raises:
            ConfigError: there is no such language, or it lacks the part.

        """
        if code not in codes():
            raise ConfigError(f"no texts in '{code}'.", do=f"Use one of: {', '.join(codes())}.")
        value = getattr(self._import(code), self.name, None)
        if not isinstance(value, self.form):
            raise self._lacks(code, self.name, f"Write {self.name}, {_article(self.form.__name__)}.")
        return value

    def all(self) -> dict[str, T]:
        """Return the part of every language, by code."""
        return {code: self.of(code) for code in codes()}

    def _import(self, code: str) -> Any:
        path = f"{languages.__name__}.{code}.{self.module}"
        try:
            return import_module(path)
        except ModuleNotFoundError as error:
            if error.name != path:
                raise
            raise self._lacks(code, f"the file {self.module}.py", f"Write it, with {self.name} in it.") from None
        except TypeError as error:  # a list or sentence is missing: Python names it
            raise self._lacks(code, f"a part of {self.module}.py: {error}", "Write it.") from error

    def _lacks(self, code: str, what: str, advice: str) -> ConfigError:
        return ConfigError(f"the language '{code}' lacks {what}.", where=str(self.path(code)), do=advice)

    def path(self, code: str) -> Path:
        """Return the file of a language that holds this part."""
        folders = (Path(root) / code for root in languages.__path__)
        return next(folder for folder in folders if folder.is_dir()) / f"{self.module}.py"

    def problems(self) -> Iterator[str]:
        """Yield each list or sentence that a language lacks and another has, with its file."""
        found: dict[str, T] = {}
        for code in codes():
            try:
                found[code] = self.of(code)
            except ConfigError as error:
                yield str(error)
        names = [field.name for field in fields(self.form)] if is_dataclass(self.form) else []
        for name in names:
            values = {code: getattr(value, name) for code, value in found.items()}
            for code, missing in _missing(values, self._marks(name)):
                yield f"{self.path(code)}: the language '{code}' lacks {self.name}.{name}{missing}."

    def _marks(self, name: str) -> Mapping[Any, Any]:
        return next(field.metadata for field in fields(self.form) if field.name == name)  # type: ignore[arg-type]


def _missing(values: Mapping[str, Any], marks: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield which language lacks what of one field: all of it, or with `['key']` the word of a key."""
    if not marks.get("optional") and any(_holds_something(value) for value in values.values()):
        yield from ((code, "") for code, value in values.items() if not _holds_something(value))
    if marks.get("table") or not all(isinstance(value, dict) for value in values.values()):
        return
    keys = {key for value in values.values() for key in value}
    for code, value in values.items():
        yield from ((code, f"[{key!r}]") for key in sorted(keys - value.keys(), key=str))


def _holds_something(value: Any) -> bool:
    return not isinstance(value, str | tuple | list | dict | frozenset) or bool(value)


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


# How a language counts, lists, dates and quotes; each language's own rules are data in its folder.


NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Language:
    """How one language counts, lists, dates and quotes.

    Args:
        code: of ISO 639-1, the name of its folder.
        numbers: in words, from none to ten.
        nouns: those that we count, each in the singular and the plural.
        zero_is_singular: whether none of a thing is in the singular.
        feminine: the nouns with which "one" is `feminine_one`.
        feminine_one: "one" with a feminine noun.
        thousands: the mark between thousands.
        months: January to December.
        weekdays: Monday to Sunday.
        first_of_month: how the first day of a month is written.
        conjunction: the "and" before the last of a list.
        quotes: the marks around a quotation, opening and closing.
        inner_quotes: those within it.
        colon: with the space that goes before it.
        semicolon: with the space that goes before it.
        one_day: a period of one `{day}`.
        within_a_month: from the number of the `{first}` day to the `{last}`.
        over_months: from the `{first}` to the `{last}` day, of two months.
        full_hour: a time of the clock on the hour, of `hour` and `minute`.
        clock_time: any other time of the clock.

    """

    code: str
    numbers: tuple[str, ...]
    nouns: Mapping[str, tuple[str, str]]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    conjunction: str
    quotes: tuple[str, str]
    inner_quotes: tuple[str, str]
    thousands: str
    one_day: str
    within_a_month: str
    over_months: str
    colon: str = ":"
    semicolon: str = ";"
    full_hour: str = "{hour:02}:{minute:02}"
    clock_time: str = "{hour:02}:{minute:02}"
    first_of_month: str = "1"
    zero_is_singular: bool = False
    feminine: frozenset[str] = field(default=frozenset(), metadata=OPTIONAL)
    feminine_one: str = field(default="", metadata=OPTIONAL)

    def number(self, value: int, noun: str = "") -> str:
        """Return a number as it stands in a sentence: in words up to ten."""
        if value == 1 and noun in self.feminine:
            return self.feminine_one
        return self.numbers[value] if 0 <= value < len(self.numbers) else self.digits(value)

    def digits(self, value: int) -> str:
        """Return a number in digits with the language's thousands mark."""
        return f"{value:,}".replace(",", self.thousands)

    def count(self, value: int, noun: str) -> str:
        """Return "three people", "une personne"."""
        return f"{self.number(value, noun)} {self.noun(value, noun)}"

    def count_digits(self, value: int, noun: str) -> str:
        """Return "31 people", "1 message"."""
        return f"{self.digits(value)}{NBSP}{self.noun(value, noun)}"

    def noun(self, value: int, noun: str) -> str:
        """Return the noun in the number that `value` asks for."""
        singular, plural = self.nouns[noun]
        return singular if value == 1 or (value == 0 and self.zero_is_singular) else plural

    def listing(self, items: Sequence[str]) -> str:
        """Return "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self.conjunction} {items[-1]}"

    def quoted(self, text: str) -> str:
        """Return the text in the language's quotation marks; marks inside it become the inner ones."""
        opener, closer = self.inner_quotes
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

    def clock(self, at: datetime) -> str:
        """Return "18:00", « 18 h »; a time is taken as its own clock shows it."""
        form = self.clock_time if at.minute else self.full_hour
        return form.format(hour=at.hour, minute=at.minute)

    def period(self, first: date, last: date) -> str:
        """Return both days included: "4–10 March", « du 28 février au 6 mars »."""
        if first == last:
            return self.one_day.format(day=self.day_and_month(first))
        end = self.day_and_month(last)
        if first.month == last.month:
            return self.within_a_month.format(first=self._day_number(first), last=end)
        return self.over_months.format(first=self.day_and_month(first), last=end)

    def _day_number(self, day: date) -> str:
        return self.first_of_month if day.day == 1 else str(day.day)


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def shortened(text: str, longest: int) -> str:
    """Return a text cut at a word's end, with an ellipsis, where it is longer than it may be."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return f"{cut.rsplit(' ', 1)[0].rstrip() if ' ' in cut else cut}…"

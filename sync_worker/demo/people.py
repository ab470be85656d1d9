"""Who the simulated learners are, and when they look at the forum. All of it follows from a seed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from random import Random
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError
from sync_worker.model import Manager

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from zoneinfo import ZoneInfo


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
    text = resources.files("sync_worker.demo").joinpath("texts", locale, file).read_text("utf-8")
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


# Who the learners are: names, accounts, workplaces, colleagues and temperaments, all from the seed.


MAX_USERNAME = 20
TEAM = 3
UNNAMED = Manager("")  # managers are named when all learners are


class Temperament(StrEnum):
    """How a learner takes part."""

    EAGER = "eager"
    STEADY = "steady"
    LATE = "late"
    SILENT = "silent"
    ABSENT = "absent"
    ISOLATED = "isolated"


# Out of every ten learners; the order decides nothing but the mix.
MIX = (
    Temperament.EAGER,
    Temperament.STEADY,
    Temperament.LATE,
    Temperament.ABSENT,
    Temperament.STEADY,
    Temperament.EAGER,
    Temperament.STEADY,
    Temperament.SILENT,
    Temperament.LATE,
    Temperament.ISOLATED,
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at a learner's workplace, who is written about and never writes."""

    name: str
    woman: bool


@dataclass(frozen=True, slots=True)
class Learner:
    """A simulated person: the account, the place of work, and the temperament that decides when they act.

    `manager` is whom they report to; a manager has up to three learners of a cohort.
    """

    username: str
    name: str
    email: str
    woman: bool
    temperament: Temperament
    number: int
    kind: str
    employer: str
    town: str
    team: str
    colleagues: tuple[Colleague, ...]
    manager: Manager

    @property
    def first_name(self) -> str:
        """What the others call them."""
        return self.name.split()[0]


def make_learners(
    seed: str, cohort: str, locale: str, count: int, elsewhere: Collection[str] = ()
) -> tuple[Learner, ...]:
    """Return `count` learners of a cohort, none by a username from `elsewhere`; the same arguments, the same people."""
    rng = Random(f"{seed}:{cohort}:people")  # noqa: S311 - repeatable, not secret
    work = read_chapters(locale, "work.txt")
    people = work["people"]
    temperaments = [MIX[index % len(MIX)] for index in range(count)]
    rng.shuffle(temperaments)
    kinds = [name for name in work.parts if name != "people"]
    taken: set[str] = {lcm_of(locale).username, *elsewhere}
    names = Names(locale, rng)
    learners = []
    for number in range(count):
        woman = rng.random() < 0.5
        name = names.next(woman=woman)
        username = _username(name, taken, rng)
        kind = kinds[number % len(kinds)]
        learners.append(
            Learner(
                username=username,
                name=name,
                email=f"{username}@example.org",
                woman=woman,
                temperament=temperaments[number],
                number=number,
                kind=kind,
                employer=rng.choice(work[kind]["employer"].fragments),
                town=rng.choice(people["town"].fragments),
                team=rng.choice(work[kind]["team"].fragments),
                colleagues=_colleagues(locale, rng),
                manager=UNNAMED,
            )
        )
    managers = _managers(names, taken, rng, -(-count // TEAM))
    return tuple(replace(one, manager=managers[one.number // TEAM]) for one in learners)


def _managers(names: Names, taken: set[str], rng: Random, count: int) -> list[Manager]:
    """Return so many people to whom learners report; they have no accounts on the forum."""
    found = []
    for _ in range(count):
        name = names.next(woman=rng.random() < 0.5)
        found.append(Manager(f"{_username(name, taken, rng)}@example.org", name))
    return found


@dataclass(frozen=True, slots=True)
class Lcm:
    """The person who looks after a cohort."""

    username: str
    name: str
    email: str


def lcm_of(locale: str) -> Lcm:
    """Return the learning community manager of the cohort in that language."""
    username, name = read_chapters(locale, "work.txt")["people"]["lcm"].fragments[0].split(" ", 1)
    return Lcm(username, name, f"{username}@example.org")


class Names:
    """Deals full names that go together; none comes again before its list is through."""

    def __init__(self, locale: str, rng: Random) -> None:
        self._rng = rng
        self._origins = read_chapters(locale, "names.txt").parts
        self._decks: dict[tuple[str, str], list[str]] = {}
        self._given: set[str] = set()

    def next(self, *, woman: bool) -> str:
        """Return a full name that nobody has yet."""
        shares = [int(origin.rsplit(" ", 1)[1]) for origin in self._origins]
        while True:
            origin = self._rng.choices(list(self._origins), shares)[0]
            name = f"{self._deal(origin, 'woman' if woman else 'man')} {self._deal(origin, 'last')}"
            if name not in self._given:
                self._given.add(name)
                return name

    def _deal(self, origin: str, part: str) -> str:
        deck = self._decks.setdefault((origin, part), [])
        if not deck:
            values = self._origins[origin][part].fragments
            deck.extend(self._rng.sample(values, len(values)))
        return deck.pop()


def _username(name: str, taken: set[str], rng: Random) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    first, *rest = plain.lower().replace("'", "").replace("-", "").split()
    last = "".join(rest)
    shapes = [f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last[0]}", f"{first}{last[:3]}"]
    rng.shuffle(shapes)
    shapes += [f"{first}{last[0]}{number}" for number in range(2, 99)]
    username = next(s for s in (s[:MAX_USERNAME].rstrip("._") for s in shapes) if s not in taken and len(s) >= 3)
    taken.add(username)
    return username


def _colleagues(locale: str, rng: Random) -> tuple[Colleague, ...]:
    people = read_chapters(locale, "work.txt")["people"]
    women = [Colleague(name, woman=True) for name in rng.sample(people["colleague woman"].fragments, 3)]
    men = [Colleague(name, woman=False) for name in rng.sample(people["colleague man"].fragments, 3)]
    both = women + men
    rng.shuffle(both)
    return tuple(both)


# When learners look at the forum: a week's habits by temperament, made into moments by the seed.


@dataclass(frozen=True, slots=True)
class Habit:
    """On a weekday (0 is Monday), between two hours of the cohort's clock, with a chance."""

    weekday: int
    first_hour: int
    last_hour: int
    chance: float


HABITS = {
    Temperament.EAGER: (Habit(0, 9, 13, 0.95), Habit(2, 8, 18, 0.8), Habit(4, 16, 20, 0.6)),
    Temperament.STEADY: (Habit(1, 7, 20, 0.75), Habit(3, 7, 20, 0.6)),
    Temperament.LATE: (Habit(3, 18, 22, 0.3), Habit(5, 10, 22, 0.35), Habit(6, 17, 22, 0.6)),
    Temperament.SILENT: (Habit(2, 12, 14, 0.6),),
    Temperament.ABSENT: (Habit(1, 12, 14, 0.9),),
    Temperament.ISOLATED: (Habit(1, 22, 23, 0.7), Habit(6, 6, 8, 0.3)),
}


@dataclass(frozen=True, slots=True)
class Presence:
    """From when until when (both days included) a learner belongs to a cohort."""

    first: date
    last: date


def visits(seed: str, cohort: str, learner: Learner, presence: Presence, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments at which a learner looks at the forum, in order, with their zone."""
    rng = Random(f"{seed}:{cohort}:{learner.username}:visits")  # noqa: S311 - repeatable, not secret
    monday = presence.first - timedelta(days=presence.first.weekday())
    while monday <= presence.last:
        for habit in HABITS[learner.temperament]:
            comes = rng.random() < habit.chance
            clock = time(rng.randint(habit.first_hour, habit.last_hour), rng.randint(1, 50), rng.randrange(60))
            day = monday + timedelta(days=habit.weekday)
            if comes and presence.first <= day <= presence.last:
                yield datetime.combine(day, clock, zone)
        monday += timedelta(days=7)

"""Who the learners are: names, accounts, workplaces, colleagues and temperaments, all from the seed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from sync_worker.demo.learners.phrasebook import read_chapters

MAX_USERNAME = 20


class Temperament(StrEnum):
    """How a learner takes part."""

    EAGER = "eager"
    STEADY = "steady"
    LATE = "late"
    SILENT = "silent"
    ISOLATED = "isolated"


# Out of every ten learners; the order decides nothing but the mix.
MIX = (
    Temperament.EAGER,
    Temperament.STEADY,
    Temperament.LATE,
    Temperament.SILENT,
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
    """A simulated person: the account, the place of work, and the temperament that decides when they act."""

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

    @property
    def first_name(self) -> str:
        """What the others call them."""
        return self.name.split()[0]


def make_learners(seed: str, cohort: str, locale: str, count: int) -> tuple[Learner, ...]:
    """Return `count` learners of a cohort; the same arguments give the same people."""
    rng = Random(f"{seed}:{cohort}:people")  # noqa: S311 - repeatable, not secret
    work = read_chapters(locale, "work.txt")
    people = work["people"]
    temperaments = [MIX[index % len(MIX)] for index in range(count)]
    rng.shuffle(temperaments)
    kinds = [name for name in work.parts if name != "people"]
    taken: set[str] = {lcm_of(locale).username}
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
            )
        )
    return tuple(learners)


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

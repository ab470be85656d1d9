"""What happens in a simulated year, drawn from a seed: cohorts, their people, and all that goes wrong. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property

FIRST_DAY = date(2027, 1, 4)  # a Monday
DECLARED_BEFORE, DECLARED_AFTER = 3, 3  # days around a cohort in which lcm.yaml and the roster have it
ZONES = ("Europe/Lisbon", "Europe/Paris", "UTC", "America/New_York")
COHORTS_OF_AN_LCM = 4


class Trouble(StrEnum):
    """What goes wrong, or is done beside the worker, between two ticks or during one."""

    KILL = "worker killed"
    RESTART = "worker restarted"
    FAULTS = "day of faulty answers"
    OUTAGE = "forum away"
    CLOCK = "clock jump"
    DATABASE = "database failure"
    RESTORE_STORE = "store restored"
    LOSE_STORE = "store lost"
    RESTORE_FORUM = "forum restored"
    ROSTER = "roster disaster"
    HAND = "edit manually"
    RACE = "two workers at once"


A_YEAR_OF = {
    Trouble.KILL: 300,
    Trouble.RESTART: 60,
    Trouble.FAULTS: 40,
    Trouble.OUTAGE: 20,
    Trouble.CLOCK: 16,
    Trouble.DATABASE: 60,
    Trouble.RESTORE_STORE: 5,
    Trouble.LOSE_STORE: 1,
    Trouble.RESTORE_FORUM: 5,
    Trouble.ROSTER: 14,
    Trouble.HAND: 80,
    Trouble.RACE: 40,
}
"""How often each of them happens in 365 days."""

RESTORES = (Trouble.RESTORE_STORE, Trouble.LOSE_STORE, Trouble.RESTORE_FORUM)
APART = timedelta(days=8)  # two restores nearer to each other lose what nothing can know any more
DISASTERS = ("empty", "half", "no header", "cohort gone", "shuffled", "strangers", "garbage")
HANDS = ("delete", "close", "edit", "move", "add outsider", "remove member", "open")
JUMPS = (timedelta(days=365), timedelta(hours=-3), timedelta(days=2), timedelta(minutes=40))


@dataclass(frozen=True, slots=True)
class Event:
    """One trouble at one tick.

    Args:
        at: the tick at which, or before which, it happens.
        what: the trouble.
        number: drawn for it: at which moment of a run, which of several, for how long.
        kind: which sort of it, where there are several.

    """

    at: datetime
    what: Trouble
    number: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who learns, or looks after learners.

    Args:
        username: of their account.
        talks: how likely they write something on a day, 0 to 1.
        joins: so many days after their cohort was declared they are in the roster.
        leaves: so many days after that they are not any more; None for those who stay.
        refuses: what they say no to at some time, by the words that they write: see `docs/desk.md`; "" for nothing.
        refuses_on: on which day of the cohort they say it.

    """

    username: str
    is_lcm: bool = False
    talks: float = 0.5
    joins: int = 0
    leaves: int | None = None
    refuses: str = ""
    refuses_on: int = 0

    @property
    def name(self) -> str:
        """The name that the roster has."""
        return self.username.replace("_", " ").title()

    @property
    def email(self) -> str:
        """The address that the roster has."""
        return f"{self.username}@example.org"


@dataclass(frozen=True, slots=True)
class CohortOfYear:
    """A cohort, and everybody who is in it at some time."""

    key: str
    start: date
    weeks: int
    timezone: str
    people: tuple[Person, ...]

    @property
    def end(self) -> date:
        """Its last day, a Friday."""
        return self.start + timedelta(days=7 * self.weeks - 3)

    @property
    def declared(self) -> tuple[date, date]:
        """The first and the last day on which lcm.yaml and the roster have it."""
        return self.start - timedelta(days=DECLARED_BEFORE), self.end + timedelta(days=DECLARED_AFTER)

    def is_declared(self, day: date) -> bool:
        """Whether lcm.yaml and the roster have it on a day."""
        return self.declared[0] <= day <= self.declared[1]

    def present(self, day: date) -> tuple[Person, ...]:
        """Who is in the roster on a day."""
        age = (day - self.declared[0]).days
        return tuple(
            one for one in self.people if one.joins <= age and (one.leaves is None or age < one.joins + one.leaves)
        )


@dataclass(frozen=True)
class Year:
    """Everything that is drawn.

    Args:
        seed: of all chance.
        number: of cohorts.
        days: how long it lasts.
        learners: of each cohort.
        weeks: how long each cohort lasts.
        hours: of UTC at which the worker ticks on each day.
        density: how much more often than in `A_YEAR_OF` things go wrong.
        plugin: whether the forum has the plugin.
        weekends: whether the worker ticks on Saturdays and Sundays.

    """

    seed: int
    number: int = 50
    days: int = 365
    learners: int = 5
    weeks: int = 3
    hours: tuple[int, ...] = (6, 10, 16)
    density: float = 1.0
    plugin: bool = False
    weekends: bool = True
    _made: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    def chance(self, *about: object) -> random.Random:
        """Return a generator that depends on the seed and on what it is for."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, about))}")

    @cached_property
    def cohorts(self) -> tuple[CohortOfYear, ...]:
        """All cohorts, by their start."""
        last_start = max(1, (self.days - DECLARED_AFTER) // 7 - self.weeks)
        made = []
        for number in range(self.number):
            week = 1 + (number * last_start) // self.number
            key = f"c{number + 1:02}"
            people = [Person(f"lcm_{number // COHORTS_OF_AN_LCM + 1:02}", is_lcm=True, talks=0.0)]
            people += [self._learner(key, place) for place in range(1, self.learners + 1)]
            if made and number % 3 == 2:
                people.append(made[-1].people[-1])  # somebody who learns in two cohorts at once
            start, zone = FIRST_DAY + timedelta(weeks=week), ZONES[number % len(ZONES)]
            made.append(CohortOfYear(key, start, self.weeks, zone, tuple(people)))
        return tuple(made)

    def _learner(self, cohort: str, place: int) -> Person:
        rng = self.chance("learner", cohort, place)
        comes_late, leaves = rng.random() < 0.15, rng.random() < 0.12
        refusal = rng.choices(
            ("", "don't quote me", "no nudges, please", "stop, please", "no pairs, please"), (64, 14, 8, 8, 6)
        )[0]
        return Person(
            f"{cohort}_p{place}",
            talks=rng.choice((0.0, 0.2, 0.4, 0.6)),
            joins=rng.randint(DECLARED_BEFORE + 1, 4 + 4 * self.weeks) if comes_late else 0,
            leaves=rng.randint(5, 4 + 4 * self.weeks) if leaves else None,
            refuses=refusal,
            refuses_on=rng.randint(1, 5 * self.weeks - 1),
        )

    @cached_property
    def ticks(self) -> tuple[datetime, ...]:
        """When the worker looks at what is due."""
        days = [FIRST_DAY + timedelta(days=number) for number in range(self.days)]
        days = [day for day in days if self.weekends or day.weekday() < 5]
        return tuple(datetime.combine(day, time(hour), UTC) for day in days for hour in self.hours)

    @cached_property
    def events(self) -> dict[datetime, tuple[Event, ...]]:
        """What goes wrong, by tick; two restores are `APART`, and the last days are calm."""
        found: dict[datetime, list[Event]] = {}
        calm = self.ticks[-1] - timedelta(days=3)
        busy = [at for at in self.ticks if at < calm and any(one.is_declared(at.date()) for one in self.cohorts)]
        restored: list[datetime] = []
        for what, often in A_YEAR_OF.items():
            rng = self.chance("event", what)
            for _ in range(self._times(often, rng)):
                at = rng.choice(busy)
                if what in RESTORES:
                    if any(abs(at - other) < APART for other in restored) or at - busy[0] < APART:
                        continue
                    restored.append(at)
                kinds = {Trouble.ROSTER: DISASTERS, Trouble.HAND: HANDS}.get(what, ("",))
                found.setdefault(at, []).append(Event(at, what, rng.randint(1, 10_000), rng.choice(kinds)))
        return {at: tuple(events) for at, events in found.items()}

    def _times(self, often: int, rng: random.Random) -> int:
        wanted = often * self.density * self.days / 365
        return int(wanted) + (rng.random() < wanted % 1)

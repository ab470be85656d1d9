"""When learners look at the forum: a week's habits by temperament, made into moments by the seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from sync_worker.demo.learners.people import Temperament

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from sync_worker.demo.learners.people import Learner


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

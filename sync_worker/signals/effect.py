"""Whether something helped: those whom chance let have it against those whom it left out, with an interval. Pure.

People are compared as chance divided them, whatever became of them afterwards: a message that was not sent any more
because its reader came back, or that an LCM rejected, stays with those who were to have it. Leaving such people out of
one side only would make the sides differ in more than the message ("intention to treat": Hollis and Campbell 1999, BMJ
319, doi 10.1136/bmj.319.7211.670).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

Z95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution: two sides of it leave 95 %."""
FEWEST_OF_A_SIDE = 20
"""Below it nothing is said: with 20 people a side the interval is still some 30 percentage points to each hand."""


class Trial(NamedTuple):
    """Chance decided about somebody: whether a step leaves them out, and until when it is looked whether they wrote.

    `part` is what the message to them is called among those of its step, also where there is none; `share` is the share
    of people that is left out.
    """

    user_id: int
    part: str
    held_out: bool
    share: float
    until: datetime


class Side(NamedTuple):
    """How many people of one side came back, of how many there are."""

    back: int = 0
    people: int = 0

    @property
    def share(self) -> float:
        """The share of them, 0 to 1; there must be somebody."""
        return self.back / self.people


class Sides(NamedTuple):
    """Those to be written to and those held out, of one step of one cohort."""

    nudged: Side
    held_out: Side

    @property
    def can_be_compared(self) -> bool:
        """Whether there is somebody on both sides."""
        return bool(self.nudged.people and self.held_out.people)


class Difference(NamedTuple):
    """The share of those written to less that of those held out, -1 to 1, and its 95 % interval."""

    value: float
    low: float
    high: float


class Finding(StrEnum):
    """What can be said: too few people; no effect seen; more, or fewer, came back of those who were written to."""

    TOO_FEW = "too few"
    NONE = "none"
    MORE = "more"
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step's messages did: both sides added up, the difference where both have somebody, what can be said."""

    sides: Sides
    finding: Finding
    difference: Difference | None = None


def is_held_out(seed: str, user_id: int, share: float) -> bool:
    """Whether chance leaves somebody out; the same for the same words, whenever and however often it is asked.

    Who is left out at one share is left out at every greater one.
    """
    return random.Random(f"{seed}/{user_id}").random() < share  # noqa: S311  (not a secret)


def effect_of(strata: Sequence[Sides]) -> Effect:
    """Return what can be said of several groups, each divided by chance for itself, by cohort, step and share.

    A single group is judged by `newcombe`, several by `mantel_haenszel`. Groups with nobody on one side say nothing.
    """
    usable = [one for one in strata if one.can_be_compared]
    sides = Sides(_added(one.nudged for one in usable), _added(one.held_out for one in usable))
    if min(sides.nudged.people, sides.held_out.people) < FEWEST_OF_A_SIDE:
        everybody = Sides(_added(one.nudged for one in strata), _added(one.held_out for one in strata))
        return Effect(everybody, Finding.TOO_FEW, None)
    difference = newcombe(usable[0]) if len(usable) == 1 else mantel_haenszel(usable)
    if difference.low > 0:
        return Effect(sides, Finding.MORE, difference)
    return Effect(sides, Finding.FEWER if difference.high < 0 else Finding.NONE, difference)


def _added(sides: Iterable[Side]) -> Side:
    found = list(sides)
    return Side(sum(one.back for one in found), sum(one.people for one in found))


def wilson(side: Side) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, Journal of the American Statistical Association 22(158))."""
    back, people = side
    square = Z95 * Z95
    middle = (back + square / 2) / (people + square)
    half = Z95 / (people + square) * sqrt(back * (people - back) / people + square / 4)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def newcombe(sides: Sides) -> Difference:
    """Return the difference of two shares with the hybrid score interval, which holds for small groups as well.

    Method 10 of Newcombe 1998, Interval estimation for the difference between independent proportions: comparison of
    eleven methods, Statistics in Medicine 17(8), pages 873-890.
    """
    first, second = sides.nudged, sides.held_out
    (low_1, high_1), (low_2, high_2) = wilson(first), wilson(second)
    difference = first.share - second.share
    below = sqrt((first.share - low_1) ** 2 + (high_2 - second.share) ** 2)
    above = sqrt((high_1 - first.share) ** 2 + (second.share - low_2) ** 2)
    return Difference(difference, max(difference - below, -1.0), min(difference + above, 1.0))


def mantel_haenszel(strata: Sequence[Sides]) -> Difference:
    """Return the common difference of shares of several groups, each compared within itself.

    The weights are those of Mantel and Haenszel, the variance that of Sato, Greenland and Robins 1989, On the variance
    estimator for the Mantel-Haenszel risk difference, Biometrics 45(4), pages 1323-1324, which holds for few large
    groups and for many small ones. Where it is nothing, because all or none came back everywhere, `newcombe` is asked
    about all groups together.
    """
    weights = above = squares = mixed = 0.0
    for (back, nudged), (back_alone, alone) in strata:
        people = nudged + alone
        weights += nudged * alone / people
        above += (back * alone - back_alone * nudged) / people
        squares += (nudged**2 * back_alone - alone**2 * back + nudged * alone * (alone - nudged) / 2) / people**2
        mixed += (back * (alone - back_alone) + back_alone * (nudged - back)) / (2 * people)
    difference = above / weights
    variance = (difference * squares + mixed) / weights**2
    if variance <= 0:
        return newcombe(Sides(_added(one.nudged for one in strata), _added(one.held_out for one in strata)))
    half = Z95 * sqrt(variance)
    return Difference(difference, max(difference - half, -1.0), min(difference + half, 1.0))

"""What a report says of a cohort's people together: who answers whom, and whether messages to the silent help.

Nothing is shown from which a group of fewer than five people could be read, neither by itself nor as what is left when
one number is taken from another (complementary disclosure).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError
from sync_worker.signals.effect import Effect, Finding, Sides
from sync_worker.signals.network import network_by_week, network_of
from sync_worker.signals.participation import FEWEST_PEOPLE, may_show
from sync_worker.worker.trials import effect_in_words, effect_over, finding_in_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sync_worker.signals.participation import AnswerKey
    from sync_worker.worker.trials import StepTrial


# Whether messages to the silent help.


@dataclass(frozen=True, slots=True)
class NudgeFigures:
    """What nudges did in some cohorts; the `sides` are None where a number of them must not be shown."""

    effect: Effect
    days: frozenset[int]
    sides: Sides | None

    def said(self, words: Mapping[str, str]) -> str:
        """Return it in a sentence, with the numbers where they may be shown."""
        if self.sides is None:
            return finding_in_words(self.effect, words)
        return effect_in_words(self.effect, self.days, words)


def nudges_shown(trials: Sequence[StepTrial]) -> NudgeFigures | None:
    """Return what nudges did in a cohort; None where nobody was ever held out of any."""
    if not trials:
        return None
    effect = effect_over(trials)
    shown = effect.finding is not Finding.TOO_FEW and may_show(*_cells(effect.sides))
    return NudgeFigures(effect, _all_days(trials), effect.sides if shown else None)


def nudges_together(cohorts: Sequence[Sequence[StepTrial]]) -> NudgeFigures | None:
    """Return what nudges did in several cohorts whose own figures are shown as well; None where nobody was held out."""
    trials = [trial for one in cohorts for trial in one]
    found = nudges_shown(trials)
    if found is None or found.sides is None:
        return found
    single = [figures.sides for one in cohorts if (figures := nudges_shown(one)) is not None and figures.sides]
    told = [sum(cells) for cells in zip(*(_cells(one) for one in single), strict=True)] if single else [0] * 4
    left = [whole - part for whole, part in zip(_cells(found.sides), told, strict=True)]
    return found if may_show(*left) else NudgeFigures(found.effect, found.days, None)


def _cells(sides: Sides) -> tuple[int, int, int, int]:
    nudged, held_out = sides
    return nudged.back, nudged.people - nudged.back, held_out.back, held_out.people - held_out.back


def _all_days(trials: Iterable[StepTrial]) -> frozenset[int]:
    return frozenset().union(*(one.days for one in trials))


# Who answers whom: counts alone, and nobody's name.


@dataclass(frozen=True, slots=True)
class ShownWeek:
    """A week of the network, by its Monday: pairs that answered each other in it, and where the network stood then.

    All are None for a week about which nothing may be said by itself.
    """

    week: date
    ties: int | None = None
    density: float | None = None
    reciprocity: float | None = None


@dataclass(frozen=True, slots=True)
class ShownNetwork:
    """The network of a cohort's learners; what must not be shown is None."""

    people: int
    ties: int | None = None
    density: float | None = None
    reciprocity: float | None = None
    isolates: int | None = None
    bridges: int | None = None
    weeks: tuple[ShownWeek, ...] = ()


def network_shown(
    people: Collection[int], answers: Mapping[AnswerKey, int], first: date, last: date
) -> ShownNetwork | None:
    """Return the network of learners from one day to another; None where there are too few, or the library is absent.

    Args:
        people: the learners, by account.
        answers: who answered whom in which week, and how often.
        first: the first day.
        last: the last day.

    """
    members = frozenset(people)
    if len(members) < FEWEST_PEOPLE:
        return None
    try:
        found = network_of(members, answers)
        weeks = network_by_week(members, answers, first, last)
    except ConfigError:  # the library is not installed; `lcm network` says how to get it
        return None
    if not may_show(len(members) - len(found.isolates)):
        return ShownNetwork(len(members))
    bridging = {number for pair in found.bridges for number in pair}
    active = _active_by_week(members, answers)
    shown, unseen = list[ShownWeek](), set[int]()
    for one in weeks:
        unseen |= active.get(one.week, set())
        if may_show(len(unseen), len(active.get(one.week, ()))):
            shown.append(ShownWeek(one.week, one.ties, one.density, one.reciprocity))
            unseen = set()
        else:
            shown.append(ShownWeek(one.week))
    whole = may_show(len(unseen))  # else the last weeks would follow from the present figures
    return ShownNetwork(
        people=len(members),
        ties=found.ties if whole else None,
        density=found.density if whole else None,
        reciprocity=found.reciprocity if whole else None,
        isolates=len(found.isolates) if may_show(len(found.isolates)) else None,
        bridges=len(found.bridges) if may_show(len(bridging)) else None,
        weeks=tuple(shown),
    )


def _active_by_week(members: frozenset[int], answers: Iterable[AnswerKey]) -> dict[date, set[int]]:
    """Return who answered or was answered in each week, by its Monday."""
    found: dict[date, set[int]] = {}
    for key in answers:
        if key.by in members and key.to in members and key.by != key.to:
            found.setdefault(key.week, set()).update((key.by, key.to))
    return found

"""Which answers to the two questions of a success case study stand for the best and the worst cases. Pure.

After Brinkerhoff ("The Success Case Method", 2003): a short survey to everybody, then a look at the extremes, because
they show what a programme can do where it works and what stands in the way where it does not.

The rule:

1. Nobody is chosen where fewer than five people said how much they used what they learned.
2. A best case said "several times" or more, a worst case "once or twice" or less. Nobody is both.
3. The best come by the highest answer, the worst by the lowest. Of equal answers those go first who wrote what came of
   it; then, of the best, those with more posts that speak of it, of the worst those with fewer.
4. Where all of that is equal, the lot decides, by a seed that is the occurrence: drawing again gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.model import CaseKind

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from sync_worker.model import Case

FEWEST = 5  # answers, without which nobody is chosen and nothing is said about them
A_LOT = 2  # the place of the lowest option that counts as having used it


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who was chosen, as what, the posts that speak of it, and how many people the lot was drawn among.

    `drawn_among` is 1 where the rule alone decided.
    """

    case: Case
    kind: CaseKind
    posts: tuple[int, ...] = ()
    drawn_among: int = 1


@dataclass(frozen=True, slots=True)
class Selection:
    """How many were asked and how many answered, and who was chosen, the best first; nobody where too few answered."""

    asked: int
    answered: int
    chosen: tuple[Choice, ...] = ()

    @property
    def too_few(self) -> bool:
        """Whether there are too few answers to choose from."""
        return self.answered < FEWEST


def choose(cases: Sequence[Case], posts: Mapping[int, Sequence[int]], each: int, rng: random.Random) -> Selection:
    """Return who stands for the best and for the worst cases, by the rule above.

    Args:
        cases: everybody who was asked.
        posts: by account the posts in which they say what they tried and what came of it.
        each: how many best and how many worst cases, at most.
        rng: for the lot.

    """
    answered = [one for one in cases if one.used is not None]
    if len(answered) < FEWEST:
        return Selection(len(cases), len(answered))
    lots = {one.key: rng.random() for one in sorted(answered, key=lambda one: one.user_id)}
    found = [
        choice
        for kind in CaseKind
        for choice in _best_of(kind, [one for one in answered if _fits(one, kind)], posts, each, lots)
    ]
    return Selection(len(cases), len(answered), tuple(found))


def _fits(case: Case, kind: CaseKind) -> bool:
    return case.used is not None and (case.used >= A_LOT) is (kind is CaseKind.BEST)


def _best_of(
    kind: CaseKind, cases: Sequence[Case], posts: Mapping[int, Sequence[int]], each: int, lots: Mapping[str, float]
) -> list[Choice]:
    ranks = {one.key: _rank(kind, one, len(posts.get(one.user_id, ()))) for one in cases}
    ordered = sorted(cases, key=lambda one: (ranks[one.key], lots[one.key]))
    taken = ordered[:each]
    found = []
    for one in taken:
        alike = [other for other in ordered if ranks[other.key] == ranks[one.key]]
        by_lot = any(other not in taken for other in alike)
        found.append(Choice(one, kind, tuple(posts.get(one.user_id, ())), len(alike) if by_lot else 1))
    return found


def _rank(kind: CaseKind, case: Case, posts: int) -> tuple[int, int, int]:
    """Return what a person's place follows from, the smallest first."""
    used = case.used or 0
    sign = -1 if kind is CaseKind.BEST else 1
    return sign * used, 0 if case.words else 1, sign * posts

"""Who speaks with whom: pairs and one trio, isolates first, across sites and teams, nobody with the same person again.

A matching of the greatest weight takes time in the third power of the number of people (Edmonds' blossom algorithm, as
in networkx), which is hours for 5,000. Here everybody in turn, isolates first, takes the best of those who are left;
then two pairs exchange partners wherever that is better (2-opt). Pure; chance is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterator, Sequence

Pair = tuple[int, int]
SAMPLE = 48  # people that one chooses from, of those who are left
FEW = 80  # people up to whom all exchanges of partners are tried, from several beginnings
BEGINNINGS = 8
PASSES = 6
TRIES_A_PERSON = 40
ACROSS = 2
NEW_TIE = 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to be matched.

    `traits` are facts across which pairs should go, such as site and team, "" for what is not known. An `isolated`
    person is connected to nobody yet.
    """

    user_id: int
    traits: tuple[str, ...] = ()
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """Who was together before, and who has answered each other on the forum; both as pairs with the lower id first."""

    together: Collection[Pair] = frozenset()
    tied: Collection[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class Matching:
    """Groups of two or three, and those for whom nobody is left whom they have not met. Ids in ascending order."""

    groups: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...] = ()


def pair_of(one: int, other: int) -> Pair:
    """Return two people as a pair."""
    return (one, other) if one < other else (other, one)


def match(people: Sequence[Candidate], past: Past, rng: random.Random) -> Matching:
    """Return groups of two, and of three for those who are over.

    Nobody is with somebody they were with before. An isolate is with somebody who is connected wherever that can be;
    then pairs go across as many traits as possible; then those who never answered each other come first. Up to 80
    people the best of several attempts is taken. Time: a constant number of steps for each person above that.

    Args:
        people: each once.
        past: what was before.
        rng: decides between what is equally good; the same one gives the same groups.

    """
    beginnings = BEGINNINGS if len(people) <= FEW else 1
    found = [_Attempt(people, past, rng).made() for _ in range(beginnings)]
    return max(found, key=lambda one: (-len(one[0].left_out), one[1]))[0]


def worth(one: Candidate, other: Candidate, past: Past) -> int | None:
    """Return how good it is that two people meet, 0 at least; None where they met before."""
    pair = pair_of(one.user_id, other.user_id)
    if pair in past.together:
        return None
    known = [(mine, theirs) for mine, theirs in zip(one.traits, other.traits, strict=True) if mine and theirs]
    across = ACROSS * sum(mine != theirs for mine, theirs in known)
    opens = (ACROSS * len(one.traits) + NEW_TIE + 1) if one.isolated != other.isolated else 0
    return opens + across + (NEW_TIE if pair not in past.tied else 0)


class _Attempt:
    """One matching from one beginning."""

    def __init__(self, people: Sequence[Candidate], past: Past, rng: random.Random) -> None:
        self._past, self._rng = past, rng
        self._pairs: list[tuple[Candidate, Candidate]] = []
        shuffled = sorted(people, key=lambda one: one.user_id)
        rng.shuffle(shuffled)
        self._waiting = sorted(shuffled, key=lambda one: not one.isolated)
        self._over: list[Candidate] = []

    def made(self) -> tuple[Matching, int]:
        """Return the matching, and what its groups are worth in all."""
        self._choose()
        self._free_the_blocked()
        if 2 * len(self._pairs) <= FEW:
            self._exchange_all()
        else:
            self._exchange_some()
        trios, left = self._join()
        groups = sorted(tuple(sorted(one.user_id for one in group)) for group in trios)
        total = sum(self._worth(a, b) or 0 for group in trios for a, b in combinations(group, 2))
        return Matching(tuple(groups), tuple(sorted(one.user_id for one in left))), total

    def _worth(self, one: Candidate, other: Candidate) -> int | None:
        return worth(one, other, self._past)

    def _choose(self) -> None:
        """Let everybody in turn take the best of some who are left; of all, where none of these can be taken."""
        waiting = list(reversed(self._waiting))  # taken from the end: isolates first
        while waiting:
            one = waiting.pop()
            few = self._rng.sample(range(len(waiting)), min(SAMPLE, len(waiting)))
            best = self._best(one, waiting, few)
            if best is None and len(few) < len(waiting):
                best = self._best(one, waiting, range(len(waiting)))
            if best is None:
                self._over.append(one)
                continue
            self._pairs.append((one, waiting[best]))
            del waiting[best]

    def _best(self, one: Candidate, waiting: Sequence[Candidate], places: Collection[int]) -> int | None:
        rated = [(worth, place) for place in places if (worth := self._worth(one, waiting[place])) is not None]
        return max(rated, key=lambda found: found[0])[1] if rated else None

    def _free_the_blocked(self) -> None:
        """Split a pair for two who are over and have met each other: each of them takes one of it."""
        while len(self._over) > 1:
            found = next(self._splits(), None)
            if found is None:
                return
            place, first, second = found
            a, b = self._pairs[place]
            self._pairs[place] = (a, first)
            self._pairs.append((b, second))
            self._over = [one for one in self._over if one not in (first, second)]

    def _splits(self) -> Iterator[tuple[int, Candidate, Candidate]]:
        for first, second in combinations(self._over, 2):
            for place, (a, b) in enumerate(self._pairs):
                for one, other in ((first, second), (second, first)):
                    if self._worth(a, one) is not None and self._worth(b, other) is not None:
                        yield place, one, other

    def _exchange_all(self) -> None:
        for _ in range(PASSES):
            better = [self._exchange(i, j) for i, j in combinations(range(len(self._pairs)), 2)]
            if not any(better):
                return

    def _exchange_some(self) -> None:
        count = len(self._pairs)
        for _ in range(TRIES_A_PERSON * count):
            i, j = self._rng.randrange(count), self._rng.randrange(count)
            if i != j:
                self._exchange(i, j)

    def _exchange(self, i: int, j: int) -> bool:
        """Let two pairs exchange partners, where that is better."""
        (a, b), (c, d) = self._pairs[i], self._pairs[j]
        now = (self._worth(a, b) or 0) + (self._worth(c, d) or 0)
        for first, second in (((a, c), (b, d)), ((a, d), (b, c))):
            one, other = self._worth(*first), self._worth(*second)
            if one is not None and other is not None and one + other > now:
                self._pairs[i], self._pairs[j] = first, second
                return True
        return False

    def _join(self) -> tuple[list[tuple[Candidate, ...]], list[Candidate]]:
        """Let each who is over join the pair that suits best, one a pair; return the groups, and who is left."""
        groups: list[tuple[Candidate, ...]] = list(self._pairs)
        left: list[Candidate] = []
        for one in self._over:
            rated = []
            for place, group in enumerate(groups):
                values = [self._worth(one, each) for each in group] if len(group) == 2 else [None]
                known = [value for value in values if value is not None]
                if len(known) == len(values):
                    rated.append((sum(known), place))
            if rated:
                place = max(rated)[1]
                groups[place] = (*groups[place], one)
            else:
                left.append(one)
        return groups, left

"""Which texts are about the same: their words weighted by how often each is used, and how rarely by others. Pure.

TF-IDF with the cosine (Salton and Buckley 1988): a word counts more the more often a text uses it, in logarithm, and
the fewer of the other texts use it. What the title says counts twice. A text belongs to the subject of the one that is
nearest to it, if that is near enough; `tests/benchmarks/subjects.py` compares it with the plain nearest neighbour.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sync_worker.languages.parts import READING
from sync_worker.signals.cues import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEAR = 0.12  # from here on two texts are about one subject
SAME = 0.55  # and from here on they say the same
NAMED = 0.5  # the least share of a subject's own words, where subjects are given by name
TITLE_COUNTS = 2
STEM = 6  # letters: "delegate", "delegating" and "delegation" begin alike
SAYS_NOTHING = EMPTY.union(*(words.empty for words in READING.all().values()))
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that may be about something: its number, its title (which may be empty) and its plain words."""

    number: int
    title: str
    body: str


def stems(text: str) -> list[str]:
    """Return the beginnings of the telling words of a text, repeated as they are."""
    return [word[:STEM].removesuffix("s") for word in _WORD.findall(text.casefold()) if word not in SAYS_NOTHING]


@dataclass(frozen=True)
class Shelf:
    """Texts among which one that is about the same is looked for."""

    texts: Sequence[Text]

    @cached_property
    def _vectors(self) -> list[Mapping[str, float]]:
        return [self._weighted(_counted(one)) for one in self.texts]

    @cached_property
    def _found_in(self) -> Counter[str]:
        return Counter(stem for one in self.texts for stem in _counted(one))

    def _weighted(self, counted: Counter[str]) -> dict[str, float]:
        """Return a vector of length 1; a word that stands in no text here is as rare as can be."""
        number = len(self.texts) + 1
        weights = {
            stem: (1 + math.log(count)) * math.log(1 + number / (1 + self._found_in[stem]))
            for stem, count in counted.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {stem: weight / length for stem, weight in weights.items()}

    def nearest(self, text: Text) -> list[tuple[float, Text]]:
        """Return how alike each text is to this one, 0 to 1, the nearest first, the older where it is even."""
        mine = self._weighted(_counted(text))
        found = [(_cosine(mine, theirs), one) for one, theirs in zip(self.texts, self._vectors, strict=True)]
        return sorted(found, key=lambda pair: (-pair[0], pair[1].number))

    def about_the_same(self, text: Text, near: float = NEAR) -> Text | None:
        """Return the nearest text, None where not even that is near."""
        found = self.nearest(text)
        return found[0][1] if found and found[0][0] >= near else None


def named_in(text: Text, subjects: Sequence[str]) -> str | None:
    """Return the given subject of whose own words a text uses the most, the first where it is even; None for none."""
    used = _counted(text)
    best, most = None, NAMED
    for subject in subjects:
        own = set(stems(subject))
        share = sum(stem in used for stem in own) / len(own) if own else 0.0
        often = sum(used[stem] for stem in own)
        if share >= NAMED and share + math.log1p(often) > most:
            best, most = subject, share + math.log1p(often)
    return best


def says_the_same(words: Sequence[str], others: Mapping[int, Sequence[str]]) -> int | None:
    """Return the number of the text that says the same as these sentences in nearly the same words, None for none."""
    mine = Text(0, "", " ".join(words))
    shelf = Shelf([Text(number, "", " ".join(said)) for number, said in others.items()])
    found = shelf.about_the_same(mine, SAME)
    return found.number if found is not None else None


def _counted(text: Text) -> Counter[str]:
    counted = Counter(stems(text.body))
    for stem in stems(text.title):
        counted[stem] += TITLE_COUNTS
    return counted


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return sum(weight * long[stem] for stem, weight in short.items() if stem in long)

"""Which contributions of a period are worth showing: what they say, who vouches for them, and how much they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.quoting import overlap, words
from sync_worker.content.voice import own_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.activity.signals import Contribution
    from sync_worker.content.voice import OwnWords

RELEVANCE = 0.75  # the rest is difference from what is chosen already (maximal marginal relevance)
VOUCHED = 0.9  # a like, an answer accepted, somebody who tried it, or two who took it further
UNVOUCHED = 2  # how many of a roundup may be shown though nobody has taken notice yet
STRONG_ALONE = 3.8  # what a sentence must say to be shown though nobody has answered yet


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contribution that could be shown, the words it would be shown with, and its rank before comparing."""

    contribution: Contribution
    said: OwnWords
    score: float
    vouched: bool
    vocabulary: frozenset[str]


def candidates(
    contributions: Sequence[Contribution], locale: str, staff: frozenset[str], tired: frozenset[int]
) -> list[Candidate]:
    """Return what could be shown, best first; `tired` are authors who were shown lately and stand back a little."""
    found = [_candidate(contribution, locale, staff, tired) for contribution in contributions]
    return sorted(
        (candidate for candidate in found if candidate),
        key=lambda candidate: (-candidate.score, candidate.contribution.post.id),
    )


def choose(ranked: Sequence[Candidate], limit: int, staff: frozenset[str]) -> list[Candidate]:
    """Return at most `limit` candidates: no author twice, no heading twice, and as different as they can be."""
    chosen: list[Candidate] = []
    left = list(ranked)
    while left and len(chosen) < limit:
        best = max(left, key=lambda candidate: _marginal(candidate, chosen, staff))
        chosen.append(best)
        left = [candidate for candidate in left if _goes_with(candidate, chosen, staff)]
    return chosen


def _candidate(
    contribution: Contribution, locale: str, staff: frozenset[str], tired: frozenset[int]
) -> Candidate | None:
    topic, post, evidence = contribution.topic, contribution.post, contribution.evidence
    opening = topic.opening
    hosted = opening is None or opening.username in staff
    said = own_words(post.cooked, "" if hosted else topic.title, locale)
    if said is None:
        return None
    vouched = evidence.weight >= VOUCHED
    if not vouched and not said.story and said.score < STRONG_ALONE:
        return None
    people = len({other.username for other in topic.posts})
    score = evidence.weight / max(people, 2) ** 0.25 + 0.8 * min(said.score, 4.5) - 1.0 * (post.user_id in tired)
    return Candidate(contribution, said, score, vouched, words(f"{topic.title} {said.quote} {said.heading}"))


def _marginal(candidate: Candidate, chosen: Sequence[Candidate], staff: frozenset[str]) -> float:
    alike = max((_likeness(candidate, other, staff) for other in chosen), default=0.0)
    return RELEVANCE * candidate.score - (1 - RELEVANCE) * 10 * alike


def _likeness(one: Candidate, other: Candidate, staff: frozenset[str]) -> float:
    same_topic = one.contribution.topic.id == other.contribution.topic.id and not _hosted(one, staff)
    return min(0.7 * same_topic + overlap(one.vocabulary, other.vocabulary), 1.0)


def _goes_with(candidate: Candidate, chosen: Sequence[Candidate], staff: frozenset[str]) -> bool:
    if not candidate.vouched and sum(not other.vouched for other in chosen) >= UNVOUCHED:
        return False
    return all(
        candidate.contribution.post.username != other.contribution.post.username
        and candidate.said.heading.casefold() != other.said.heading.casefold()
        and (candidate.contribution.topic.id != other.contribution.topic.id or _hosted(candidate, staff))
        for other in chosen
    )


def _hosted(candidate: Candidate, staff: frozenset[str]) -> bool:
    """Whether the topic is a prompt, under which everybody answers."""
    opening = candidate.contribution.topic.opening
    return opening is None or opening.username in staff

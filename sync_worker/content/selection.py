"""Which contributions of a period are worth showing: what they say, who vouches for them, and how much they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.quoting import overlap, words
from sync_worker.content.voice import own_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sync_worker.activity.signals import Contribution, Evidence
    from sync_worker.content.own_words import OwnWords

RELEVANCE = 0.75  # the rest is difference from what is chosen already (maximal marginal relevance)
NOTICED = 2  # how many likes and replies vouch for a sentence; for a whole story one is enough
ENOUGH_ITEMS = 3  # from so many on, everything shown is vouched for
THIN = 1  # how many of a roundup may be shown though hardly anybody has taken notice yet
STRONG_ALONE = 3.8  # what a sentence must say to be shown though nobody has liked it yet
TITLED = 2  # how many headings of a roundup may only name their topic
LENGTH = 0.35  # how much what a long thread gets in likes and replies is discounted
MARKED = 10.0  # what an LCM's mark is worth: more than likes and replies ever are
SAME = 0.7  # of the words of two headings: they say the same


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


def choose(
    ranked: Sequence[Candidate], limit: int, staff: frozenset[str], known: Collection[str] = ()
) -> list[Candidate]:
    """Return at most `limit` candidates: no author twice, nothing said twice, and as different as they can be.

    What hardly anybody has taken notice of comes last, and only where there is little else.
    `known` are headings that stood in earlier roundups.
    """
    chosen: list[Candidate] = []
    left = [one for one in ranked if not any(say_the_same(one.said.heading, heading) for heading in known)]
    while left and len(chosen) < limit:
        vouched = [candidate for candidate in left if candidate.vouched]
        best = max(vouched or left, key=lambda candidate: _marginal(candidate, chosen, staff))
        chosen.append(best)
        left = [candidate for candidate in left if _goes_with(candidate, chosen, staff)]
    return chosen


def say_the_same(one: str, other: str) -> bool:
    """Whether two texts are about the same in nearly the same words; numbers make no difference."""
    mine, theirs = words(one), words(other)
    return one.casefold() == other.casefold() or len(mine & theirs) > SAME * max(len(mine), len(theirs), 1)


def _candidate(
    contribution: Contribution, locale: str, staff: frozenset[str], tired: frozenset[int]
) -> Candidate | None:
    topic, post, evidence = contribution.topic, contribution.post, contribution.evidence
    opening = topic.opening
    hosted = opening is None or opening.username in staff
    said = own_words(post.cooked, "" if hosted else topic.title, locale)
    if said is None:
        return None
    vouched = post.marked or _vouched(evidence, story=said.story)
    if said.titled and not vouched:
        return None
    tells = said.story and not (said.pulled and not hosted)
    if not (vouched or evidence.likes or evidence.repliers) and not tells and said.score < STRONG_ALONE:
        return None
    noticed = evidence.weight / max(len(topic.posts), 2) ** LENGTH
    score = noticed + 0.8 * min(said.score, 4.5) - 1.0 * (post.user_id in tired) + MARKED * post.marked
    return Candidate(contribution, said, score, vouched, words(f"{topic.title} {said.quote} {said.heading}"))


def _vouched(evidence: Evidence, *, story: bool) -> bool:
    """Whether others stand behind it: it settled a question, or was noticed more than once."""
    return evidence.accepted or evidence.noticed >= (1 if story else NOTICED)


def _marginal(candidate: Candidate, chosen: Sequence[Candidate], staff: frozenset[str]) -> float:
    alike = max((_likeness(candidate, other, staff) for other in chosen), default=0.0)
    return RELEVANCE * candidate.score - (1 - RELEVANCE) * 10 * alike


def _likeness(one: Candidate, other: Candidate, staff: frozenset[str]) -> float:
    same_topic = one.contribution.topic.id == other.contribution.topic.id and not _hosted(one, staff)
    return min(0.7 * same_topic + overlap(one.vocabulary, other.vocabulary), 1.0)


def _goes_with(candidate: Candidate, chosen: Sequence[Candidate], staff: frozenset[str]) -> bool:
    thin = sum(not other.vouched for other in chosen)
    if not candidate.vouched and (thin >= THIN or len(chosen) >= ENOUGH_ITEMS):
        return False
    if candidate.said.titled and sum(other.said.titled for other in chosen) >= TITLED:
        return False
    return all(
        candidate.contribution.post.username != other.contribution.post.username
        and not say_the_same(candidate.said.heading, other.said.heading)
        and not say_the_same(candidate.said.quote, other.said.quote)
        and (candidate.contribution.topic.id != other.contribution.topic.id or _hosted(candidate, staff))
        for other in chosen
    )


def _hosted(candidate: Candidate, staff: frozenset[str]) -> bool:
    """Whether the topic is a prompt, under which everybody answers."""
    opening = candidate.contribution.topic.opening
    return opening is None or opening.username in staff

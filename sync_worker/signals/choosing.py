"""Which posts of a period a roundup shows: in the order of the conversations' worth, each unlike the others. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.signals.conversations import Conversation, conversations, ranked
from sync_worker.signals.cues import overlap
from sync_worker.signals.offers import ABOUT_AS_WELL, Chosen, Offers, was_received_as_well
from sync_worker.signals.showable import Frame, Quotes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sync_worker.model import Topic


MOST_IN_A_QUIET_WEEK = 2  # items
RELEVANCE = 0.8  # the rest is difference from what is chosen already
ENOUGH_ANSWERS = 2  # quoted answers to prompts, beside which one line that points at something is enough
LATELY, OFTEN = 6, 2  # roundups, and in how many of them somebody may stand before standing back
QUOTED = 1.0  # how much it counts that the author's own words can be shown
RECEIVED = 1.4  # how much the likes of the post itself count, beside the worth of its conversation


def tired_of(shown: Sequence[Collection[int]]) -> frozenset[int]:
    """Return the authors who stand back after earlier roundups, given the authors of each, oldest first.

    Those of the last one, and those who stood in two of the latest six: everybody else has a turn.
    """
    lately = Counter(author for authors in shown[-LATELY:] for author in set(authors))
    last = frozenset(shown[-1]) if shown else frozenset()
    return last | {author for author, times in lately.items() if times >= OFTEN}


def rank_conversations(topics: Sequence[Topic], frame: Frame) -> list[Conversation]:
    """Return the conversations of the period, the one most worth opening first."""
    return ranked(conversations(topics, frame.since, frame.until, frame.staff))


def choose(topics: Sequence[Topic], frame: Frame, limit: int) -> list[Chosen]:
    """Return at most `limit` posts, best first: no author and no conversation twice, nothing said twice.

    Where nothing can be shown surely, one or two posts are quoted more readily: a quiet week has something to read too.
    So it is where a cohort, which has topics of `staff`, would have nothing but addresses to read; one address alone is
    nothing to show to it, unless an LCM marked it or it is a question with answers.
    """
    chosen = _chosen(topics, frame, limit)
    is_cohort = any(topic.opened_by(frame.staff) for topic in topics)
    if frame.quotes is Quotes.MORE or (chosen and not is_cohort) or any(one.passage for one in chosen):
        return chosen
    quiet = _chosen(topics, replace(frame, quotes=Quotes.MORE, quiet=True), min(limit, MOST_IN_A_QUIET_WEEK))
    if not chosen or any(one.passage for one in quiet):
        return quiet
    return chosen if len(chosen) > 1 or chosen[0].asks or chosen[0].contribution.post.marked else []


def _chosen(topics: Sequence[Topic], frame: Frame, limit: int) -> list[Chosen]:
    """Return the posts of a period that a frame lets through.

    Conversations come in the order of their worth, moved by how much they differ from what is chosen already (maximal
    marginal relevance, Carbonell and Goldstein 1998).
    """
    offers_of = Offers(topics, frame)
    order = rank_conversations(topics, frame)
    left = [(1 - place / max(len(order), 1), one) for place, one in enumerate(order)]
    chosen: list[Chosen] = []
    while left and len(chosen) < limit:
        found = [(worth, offers_of.best_of(one, chosen)) for worth, one in left]
        full = _is_full(chosen)
        offers = [(worth, offer) for worth, offer in found if offer is not None and (offer.passage or not full)]
        if not offers:
            break
        best = _best(offers, chosen, frame.tired)
        if best.contribution.post.user_id in frame.tired:
            best = next((other for one in order if (other := offers_of.rested(one, chosen, best))), best)
        chosen.append(best)
        offered = {id(offer.conversation) for _, offer in offers}
        left = [(worth, one) for worth, one in left if one is not best.conversation and id(one) in offered]
    for find in (offers_of.rested_to_open, offers_of.to_open, offers_of.to_follow, offers_of.question_of):
        for conversation in order:
            if len(chosen) < limit and not _is_full(chosen) and (other := find(conversation, chosen)) is not None:
                chosen.append(other)
    return sorted(chosen, key=lambda one: _place(one, frame.tired))


def _is_full(chosen: Sequence[Chosen]) -> bool:
    """Whether nothing more is pointed at: beside answers to prompts one such line is enough."""
    quoted = sum(one.conversation.hosted and one.passage is not None for one in chosen)
    return quoted >= ENOUGH_ANSWERS and any(one.passage is None for one in chosen)


def _place(one: Chosen, tired: Collection[int]) -> tuple[bool, bool, float]:
    """Order what is chosen: what an LCM marked, what answers a prompt and can be read at once, what was liked most.

    Those shown lately stand behind others who were liked about as much.
    """
    post, likes = one.contribution.post, one.contribution.evidence.likes
    told = one.conversation.hosted and one.passage is not None
    return not post.marked, not told, -likes / (ABOUT_AS_WELL if post.user_id in tired else 1)


def _best(offers: Sequence[tuple[float, Chosen]], chosen: Sequence[Chosen], tired: Collection[int]) -> Chosen:
    """Return the offer to take next; of somebody who is tired only where nobody else was received as well."""
    most = max(offer.contribution.evidence.likes for _, offer in offers) or 1

    def value(pair: tuple[float, Chosen]) -> float:
        worth, offer = pair
        received = RECEIVED * offer.contribution.evidence.likes / most
        told = QUOTED if offer.passage else 0.0
        return RELEVANCE * (worth + received + told) - (1 - RELEVANCE) * _likeness(offer, chosen)

    marked = [pair for pair in offers if pair[1].contribution.post.marked]
    offers = marked or offers
    fresh = [offer for _, offer in offers if offer.contribution.post.user_id not in tired]
    free = [
        (worth, offer)
        for worth, offer in offers
        if offer.contribution.post.user_id not in tired or not any(_as_well(other, offer) for other in fresh)
    ]
    return max(free, key=value)[1]


def _as_well(one: Chosen, other: Chosen) -> bool:
    return was_received_as_well(one.contribution, other.contribution)


def _likeness(offer: Chosen, chosen: Collection[Chosen]) -> float:
    return max((overlap(offer.vocabulary, other.vocabulary) for other in chosen), default=0.0)

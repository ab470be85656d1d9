"""Which posts of a period a roundup shows, in stages: the conversation, the post in it, its words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.signals.beats import read_beats
from sync_worker.signals.contributions import Contribution, contributions
from sync_worker.signals.passages import Reader
from sync_worker.signals.similarity import overlap, say_the_same, telling_words
from sync_worker.signals.worth import conversations, ranked

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sync_worker.model import Topic
    from sync_worker.signals.passages import Passage
    from sync_worker.signals.worth import Conversation

POSTS_TRIED = 3  # of one conversation, the best received first
OUTSHINES = 2  # how many times the likes of a post that can be quoted are worth pointing at another one
ALIKE = 0.5  # of the telling words of two passages: they are about the same
RELEVANCE = 0.8  # the rest is difference from what is chosen already


@dataclass(frozen=True, slots=True)
class Frame:
    """What a choice looks at, and what it leaves alone; times are aware, `until` is excluded.

    `staff` are accounts never shown, `shown_posts` must not be shown (again), `tired` are authors who were shown lately
    and stand back where others are as well received, `said` are passages that stood in earlier roundups.
    """

    since: datetime
    until: datetime
    locale: str
    staff: frozenset[str] = frozenset()
    shown_posts: frozenset[int] = frozenset()
    tired: frozenset[int] = frozenset()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """A post to show, in its conversation; `passage` is None where it can only be pointed at."""

    conversation: Conversation
    contribution: Contribution
    passage: Passage | None

    @property
    def vocabulary(self) -> frozenset[str]:
        """The telling words by which it is compared with others."""
        said = self.passage.text if self.passage else ""
        return telling_words(f"{self.conversation.topic.title} {said}")


def rank_conversations(topics: Sequence[Topic], frame: Frame) -> list[Conversation]:
    """Return the conversations of the period, the one most worth opening first."""
    return ranked(conversations(topics, frame.since, frame.until, frame.staff))


def choose(topics: Sequence[Topic], frame: Frame, limit: int) -> list[Chosen]:
    """Return at most `limit` posts, best first: no author and no conversation twice, nothing said twice.

    Conversations come in the order of their worth, moved by how much they differ from what is chosen already (maximal
    marginal relevance, Carbonell and Goldstein 1998).
    """
    chooser = _Chooser(topics, frame)
    order = rank_conversations(topics, frame)
    left = [(1 - place / max(len(order), 1), one) for place, one in enumerate(order)]
    chosen: list[Chosen] = []
    while left and len(chosen) < limit:
        offers = [(worth, offer) for worth, one in left if (offer := chooser.best_of(one, chosen)) is not None]
        if not offers:
            break
        _, best = max(offers, key=lambda pair: RELEVANCE * pair[0] - (1 - RELEVANCE) * _likeness(pair[1], chosen))
        chosen.append(best)
        left = [(worth, one) for worth, one in left if one is not best.conversation]
        offered = {id(offer.conversation) for _, offer in offers}
        left = [(worth, one) for worth, one in left if id(one) in offered]
    return chosen


def _likeness(offer: Chosen, chosen: Collection[Chosen]) -> float:
    return max((overlap(offer.vocabulary, other.vocabulary) for other in chosen), default=0.0)


class _Chooser:
    """Finds the post of a conversation to show, and its words; each post is read once."""

    def __init__(self, topics: Sequence[Topic], frame: Frame) -> None:
        self._frame = frame
        self._reader = Reader(topics, frame.locale)
        written = contributions(topics, frame.since, frame.until, frame.staff)
        self._statements = {one.post.id: one for one in written if one.post.id not in frame.shown_posts}
        self._passages: dict[int, Passage | None] = {}

    def best_of(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return what to show of a conversation beside what is chosen, None where there is nothing."""
        if self._is_spent(conversation, chosen):
            return None
        authors = {one.contribution.post.user_id for one in chosen}
        usable = [one for one in self._usable(conversation) if one.post.user_id not in authors][:POSTS_TRIED]
        fresh = [one for one in usable if not self._is_said(self._passage(one), chosen)]
        quoted = next((one for one in fresh if self._passage(one)), None)
        best = next((one for one in fresh if one.post.marked or one.evidence.noticed or one.evidence.accepted), None)
        if best is not None and not conversation.hosted and _outshines(best, quoted):
            return Chosen(conversation, best, None)
        return Chosen(conversation, quoted, self._passage(quoted)) if quoted else None

    def _is_said(self, passage: Passage | None, chosen: Sequence[Chosen]) -> bool:
        """Whether a chosen passage, or one of an earlier roundup, says the same."""
        if passage is None:
            return False
        mine = telling_words(passage.text)
        here = (one.passage.text for one in chosen if one.passage)
        return any(overlap(mine, telling_words(text)) > ALIKE for text in here) or any(
            say_the_same(passage.text, text) for text in self._frame.said
        )

    @staticmethod
    def _is_spent(conversation: Conversation, chosen: Sequence[Chosen]) -> bool:
        """Whether its topic is shown already; under a prompt there is room for more than one answer."""
        topic = conversation.topic
        return not conversation.hosted and any(one.conversation.topic.id == topic.id for one in chosen)

    def _usable(self, conversation: Conversation) -> list[Contribution]:
        """Return the posts that may be shown, the best received first."""
        found = [self._statements[post.id] for post in conversation.written if post.id in self._statements]
        accepted = {post.id for post in conversation.topic.posts if post.accepted}
        if accepted and not conversation.hosted:
            found = [
                one
                for one in found
                if one.post.id in accepted or one.post.id == conversation.opening.id or one.post.marked
            ]
        kept = [one for one in found if self._is_noticed(conversation, one) and not self._was_taken_back(one)]
        return sorted(kept, key=self._order)

    def _order(self, one: Contribution) -> tuple[bool, bool, int, bool, int, int, int]:
        known, post = one.evidence, one.post
        tired = post.user_id in self._frame.tired
        return (
            not post.marked,
            not known.accepted,
            -known.likes,
            tired,
            -len(known.repliers),
            -len(post.cooked),
            post.id,
        )

    @staticmethod
    def _is_noticed(conversation: Conversation, one: Contribution) -> bool:
        """Whether anybody but its author had to do with it."""
        company = len({post.user_id for post in conversation.topic.posts if post.by_a_person}) > 1
        noticed = one.post.marked or one.evidence.accepted or one.evidence.noticed > 0
        return noticed or (company and not conversation.hosted)

    def _was_taken_back(self, one: Contribution) -> bool:
        """Whether the author withdrew it later in the topic."""
        later = (
            post
            for post in one.topic.posts
            if post.number > one.post.number
            and post.user_id == one.post.user_id
            and post.created_at < self._frame.until
        )
        return any(self._reader.takes_back(post.cooked) for post in later)

    def _passage(self, one: Contribution) -> Passage | None:
        if one.post.id not in self._passages:
            self._passages[one.post.id] = self._read(one)
        return self._passages[one.post.id]

    def _read(self, one: Contribution) -> Passage | None:
        """Return a post's passage; of a story under a prompt from what was tried to what came of it."""
        if not one.topic.opened_by(self._frame.staff):
            return self._reader.passage(one.post.cooked, one.topic.title)
        beats = read_beats(one.post.cooked)
        told = (self._reader.passage_from(one.post.cooked, text) for text in (beats.tried if beats else ()))
        return next((found for found in told if found), None) or self._reader.passage(one.post.cooked, "")


def _outshines(best: Contribution, quoted: Contribution | None) -> bool:
    """Whether it is better to point at one post than to quote another: it was received much better, or settled it."""
    if quoted is None or (best.post.marked, best.evidence.accepted) > (quoted.post.marked, quoted.evidence.accepted):
        return True
    return best is not quoted and best.evidence.likes >= OUTSHINES * max(quoted.evidence.likes, 1)

"""Which posts of a period a roundup shows, in stages: the conversation, the post in it, its words. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from sync_worker.signals import cues
from sync_worker.signals.contributions import Contribution, asks_something, contributions, evidence
from sync_worker.signals.conversations import Conversation, conversations, ranked, words_in
from sync_worker.signals.cues import overlap, read_beats, say_the_same, telling_words
from sync_worker.signals.plain import contents, plain_text, sentences
from sync_worker.signals.quoting import MOST_WORDS, NO_BAR, Bar, Reader

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sync_worker.model import Post, Topic
    from sync_worker.signals.quoting import Passage


IN_A_QUIET_WEEK = 2  # items
POSTS_TRIED = 5  # of one conversation, the best received first
OUTSHINES = 8  # how many times the likes of a post that can be quoted are worth pointing at another one
OUTSHINES_A_REPLY = 4.5  # the same where that post is a reply which hardly anybody liked
FEWEST_IF_MUCH_LIKED, MUCH_TO_OPEN = 30, 100  # words of a post that is pointed at and has no picture or code
FEWEST_OF_MANY = 100  # words of what several people wrote in the period
FEWEST_BESIDE_PICTURES = 10  # words with a picture, which may say what it is
FEW_BESIDE_PICTURES = 100  # words: the pictures are what is to be seen
LIKES_TO_OPEN, MUCH_LIKED = 2, 3  # of a post that is pointed at; with the second, a few words are enough
FEWEST_ANSWERERS = 3  # of a question that nobody liked
QUARREL_BEFORE, QUARREL_AFTER = 4, 2  # posts
NAMED, NAMED_IF_HARDLY_LIKED, NAMED_IN_A_REPLY = 2, 3, 1  # telling words of the title, in what is quoted
NAMED_BY_AN_OPENING = 2  # as so many counts what opens a conversation, where its posts are put in order
ALIKE = 0.5  # of the telling words of two passages: they are about the same
RELEVANCE = 0.8  # the rest is difference from what is chosen already
LATELY, OFTEN = 6, 2  # roundups, and in how many of them somebody may stand before standing back
ABOUT_AS_WELL = 6
QUOTED = 1.0  # how much it counts that the author's own words can be shown
RECEIVED = 1.4  # how much the likes of the post itself count, beside the worth of its conversation


class Quotes(StrEnum):
    """How readily a roundup quotes: what speaks of its topic in several words of it, or nearly everything."""

    SURE = "sure"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a choice looks at, and what it leaves alone; times are aware, `until` is excluded.

    `staff` are accounts never shown, `shown_posts` must not be shown (again), `tired` are authors who were shown lately
    or often and stand back where others are as well received, `said` are passages that stood in earlier roundups.
    With `quotes` MORE, passages are quoted as well that have less in common with what the title names.
    """

    since: datetime
    until: datetime
    locale: str
    staff: frozenset[str] = frozenset()
    shown_posts: frozenset[int] = frozenset()
    tired: frozenset[int] = frozenset()
    said: tuple[str, ...] = ()
    quotes: Quotes = Quotes.SURE


@dataclass(frozen=True, slots=True)
class Chosen:
    """A post to show, in its conversation; `passage` is None where it can only be pointed at.

    `asks` says that the post is a question, shown for the `answerers` who replied to it; `answer` is the post to open,
    where one of them was accepted. `exchange` says that what several people wrote is pointed at, as it is not sure that
    the post is worth it by itself.
    """

    conversation: Conversation
    contribution: Contribution
    passage: Passage | None
    asks: bool = False
    answerers: int = 0
    answer: Post | None = None
    exchange: bool = False

    @property
    def vocabulary(self) -> frozenset[str]:
        """The telling words by which it is compared with others."""
        said = self.passage.text if self.passage else ""
        return telling_words(f"{self.conversation.topic.title} {said}")


def stands_alone(one: Contribution) -> bool:
    """Whether a post is worth opening by itself: it settled something, shows something, or was received well.

    Readers who knew the conversation found this true of 19 in 20 such posts, and of two in three of the others.
    """
    there, likes = contents(one.post.cooked), one.evidence.likes
    if one.post.marked or one.evidence.accepted:
        return True
    said, opening = plain_text(one.post.cooked), one.topic.opening
    thanks = opening is not None and one.post.number > 1 and one.post.user_id == opening.user_id
    if cues.SAYS_STUCK.search(said) or (thanks and cues.THANKS.search(said)):
        return False
    return bool(
        (there.shows and likes and (likes >= MUCH_LIKED or not 0 < there.words < FEWEST_BESIDE_PICTURES))
        or (likes >= MUCH_LIKED and there.words >= FEWEST_IF_MUCH_LIKED)
        or (likes >= LIKES_TO_OPEN and (one.post.number == 1 or there.words >= MUCH_TO_OPEN))
    )


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
    """
    chosen = _chosen(topics, frame, limit)
    if chosen or frame.quotes is Quotes.MORE:
        return chosen
    return _chosen(topics, replace(frame, quotes=Quotes.MORE), min(limit, IN_A_QUIET_WEEK))


def _chosen(topics: Sequence[Topic], frame: Frame, limit: int) -> list[Chosen]:
    """Return the posts of a period that a frame lets through.

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
        best = _best(offers, chosen, frame.tired)
        if best.contribution.post.user_id in frame.tired:
            best = next((other for one in order if (other := chooser.rested(one, chosen, best))), best)
        chosen.append(best)
        offered = {id(offer.conversation) for _, offer in offers}
        left = [(worth, one) for worth, one in left if one is not best.conversation and id(one) in offered]
    for find in (chooser.rested_to_open, chooser.to_open, chooser.to_follow, chooser.question_of):
        for conversation in order:
            if len(chosen) < limit and (found := find(conversation, chosen)) is not None:
                chosen.append(found)
    return chosen


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
    return _was_received_as_well(one.contribution, other.contribution)


def _was_received_as_well(mine: Contribution, theirs: Contribution) -> bool:
    """Whether a post was received about as well as another: marked if that one is, and with a sixth of its likes."""
    return mine.post.marked >= theirs.post.marked and ABOUT_AS_WELL * mine.evidence.likes >= theirs.evidence.likes


def _likeness(offer: Chosen, chosen: Collection[Chosen]) -> float:
    return max((overlap(offer.vocabulary, other.vocabulary) for other in chosen), default=0.0)


class _Chooser:
    """Finds the post of a conversation to show, and its words; each post is read once."""

    def __init__(self, topics: Sequence[Topic], frame: Frame) -> None:
        self._frame = frame
        self._reader = Reader(topics, frame.locale)
        written = contributions(topics, frame.since, frame.until, frame.staff)
        self._statements = {one.post.id: one for one in written if one.post.id not in frame.shown_posts}
        self._likes_tell = any(one.evidence.likes for one in written)
        self._passages: dict[int, Passage | None] = {}
        self._followed: dict[int, bool] = {}
        self._posts: dict[int, list[Contribution]] = {}

    def best_of(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return what to show of a conversation beside what is chosen, None where there is nothing."""
        if self._is_spent(conversation, chosen):
            return None
        authors = {one.contribution.post.user_id for one in chosen}
        usable = [one for one in self._usable(conversation) if one.post.user_id not in authors]
        usable = [one for place, one in enumerate(usable) if place < POSTS_TRIED or one.post is conversation.opening]
        fresh = [one for one in usable if not self._is_said(one, chosen)]
        quoted = self._best_quoted([one for one in fresh if not self._is_outspoken(conversation, one)])
        likes = LIKES_TO_OPEN if self._frame.quotes is Quotes.MORE else 1
        best = self._rested_first([one for one in fresh if self._is_worth_opening(conversation, one, likes)])
        may_point = not conversation.hosted and conversation.topic.may_be_named
        if best is not None and may_point and (_outshines(best, quoted) or (best is quoted and _is_to_be_seen(best))):
            return self._pointing_at(conversation, best, authors)
        return Chosen(conversation, quoted, self._passage(quoted)) if quoted else None

    def _is_outspoken(self, conversation: Conversation, one: Contribution) -> bool:
        """Whether a later reply by somebody else was received better than a post: it may well correct it."""
        if self._quotes_more(one) or one.post.marked or one.evidence.accepted:
            return False
        return any(
            post.number > one.post.number and post.user_id != one.post.user_id and post.likes > one.evidence.likes
            for post in conversation.written
        )

    def rested_to_open(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return what `to_open` does, of nobody who was shown lately."""
        return self._to_open(conversation, chosen, self._frame.tired)

    def to_open(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return a post to point at that somebody liked and in which there is much, None where there is none."""
        return self._to_open(conversation, chosen, frozenset())

    def _to_open(self, conversation: Conversation, chosen: Sequence[Chosen], out: frozenset[int]) -> Chosen | None:
        if self._is_spent(conversation, chosen) or conversation.hosted or not conversation.topic.may_be_named:
            return None
        out |= {one.contribution.post.user_id for one in chosen}
        for one in self._usable(conversation)[:POSTS_TRIED]:
            is_free = one.post.user_id not in out and not self._is_said(one, chosen)
            if is_free and self._is_worth_opening(conversation, one, 1):
                return self._pointing_at(conversation, one, out)
        return None

    def rested(self, conversation: Conversation, chosen: Sequence[Chosen], tired: Chosen) -> Chosen | None:
        """Return a post to point at instead of that of somebody tired, if it was received as well; a like is enough."""
        if tired.contribution.post.marked or self._is_spent(conversation, chosen):
            return None
        if conversation.hosted or not conversation.topic.may_be_named:
            return None
        out = self._frame.tired | {one.contribution.post.user_id for one in chosen}
        for one in self._usable(conversation)[:POSTS_TRIED]:
            enough = self._is_worth_opening(conversation, one, 1) or contents(one.post.cooked).words >= MUCH_TO_OPEN
            is_as_good = one.evidence.likes and _was_received_as_well(one, tired.contribution) and enough
            is_free = one.post.user_id not in out and not _contradicts(one.post) and not self._is_said(one, chosen)
            if is_free and is_as_good:
                passage = self._passage(one)
                return Chosen(conversation, one, passage) if passage else self._pointing_at(conversation, one, out)
        return None

    def _best_quoted(self, posts: Sequence[Contribution]) -> Contribution | None:
        """Return the best received post that can be quoted; of somebody tired only where no other was as well."""
        return self._rested_first(sorted((one for one in posts if self._passage(one)), key=self._quotable_order))

    def to_follow(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return an exchange to point at, whether or not anybody liked a post of it; None where there is none."""
        if self._is_spent(conversation, chosen) or conversation.hosted or not conversation.topic.may_be_named:
            return None
        if not self._is_worth_following(conversation):
            return None
        return self._exchange(conversation, {one.contribution.post.user_id for one in chosen})

    def _pointing_at(self, conversation: Conversation, best: Contribution, out: Collection[int]) -> Chosen:
        """Return what points at a post, or at the exchange that it is part of."""
        one_post = Chosen(conversation, best, None)
        if stands_alone(best) or conversation.people == 1:
            return one_post
        return self._exchange(conversation, out) or one_post

    def _exchange(self, conversation: Conversation, out: Collection[int]) -> Chosen | None:
        """Return what points at an exchange, and at the best received post in it by somebody not shown lately."""
        if conversation.opening.number > 1 or not conversation.opening.quotable:
            return None
        may_be_named = [
            post
            for post in conversation.written
            if post.quotable and post.user_id not in out and post.id not in self._frame.shown_posts
        ]
        if not may_be_named:
            return None
        rested = [post for post in may_be_named if post.user_id not in self._frame.tired]
        post = max(rested or may_be_named, key=lambda one: (one.likes, one is conversation.opening, words_in(one)))
        topic = conversation.topic
        named = Contribution(topic, post, evidence(topic, post, self._frame.until, self._frame.staff))
        return Chosen(conversation, named, None, exchange=True)

    def _rested_first(self, posts: Sequence[Contribution]) -> Contribution | None:
        """Return the first of these posts; instead of that of somebody tired, one that was received as well."""
        if not posts or posts[0].post.user_id not in self._frame.tired:
            return posts[0] if posts else None
        others = (one for one in posts if one.post.user_id not in self._frame.tired)
        return next((one for one in others if _was_received_as_well(one, posts[0])), posts[0])

    def _quotable_order(self, one: Contribution) -> tuple[bool, bool, int, int, int]:
        """Order posts that can be quoted: one like more says little, words of the title in the passage say much."""
        known, passage = one.evidence, self._passage(one)
        named = max(passage.named if passage else 0, NAMED_BY_AN_OPENING * (one.post.number == 1))
        return (not one.post.marked, not known.accepted, -(known.likes // LIKES_TO_OPEN), -named, -known.likes)

    def question_of(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return the opening of a conversation of which nothing else is shown, if several replied or it was liked."""
        topic, opening = conversation.topic, conversation.opening
        shown = {one.conversation.topic.id for one in chosen}
        authors = {one.contribution.post.user_id for one in chosen}
        answers = [
            post
            for post in topic.posts
            if post.created_at < self._frame.until and post.by_a_person and post.user_id != opening.user_id
        ]
        accepted = next((post for post in topic.posts if post.accepted and post.created_at < self._frame.until), None)
        people = len({post.user_id for post in answers})
        if (
            conversation.hosted
            or topic.id in shown
            or opening.user_id in authors
            or not (accepted or opening.likes or people >= FEWEST_ANSWERERS)
            or not conversation.is_new
            or not opening.quotable
            or any(post.id in self._frame.shown_posts for post in topic.posts)
            or any(self._is_said(one, chosen) for one in self._usable(conversation))
        ):
            return None
        asked = Contribution(topic, opening, evidence(topic, opening, self._frame.until, self._frame.staff))
        if self._is_in_a_quarrel(asked):
            return None
        asks = bool(answers) and (accepted is not None or asks_something(opening, topic.title))
        question = self._reader.question(opening.cooked, topic.title) if asks else None
        return Chosen(conversation, asked, question, asks=asks, answerers=people, answer=accepted)

    def _is_said(self, one: Contribution, chosen: Sequence[Chosen]) -> bool:
        """Whether a chosen post, or a passage of an earlier roundup, says the same."""
        mine = self._said_in(one)
        if not mine:
            return False
        words = telling_words(mine)
        here = (said for other in chosen if (said := self._said_in(other.contribution)))
        return any(overlap(words, telling_words(text)) > ALIKE for text in here) or any(
            say_the_same(mine, text) for text in self._frame.said
        )

    def _said_in(self, one: Contribution) -> str:
        """Return what would be quoted of a post; of a short post that is not quoted, all of it."""
        passage = self._passage(one)
        if passage is not None:
            return passage.text
        text = plain_text(one.post.cooked)
        return text if len(text.split()) <= MOST_WORDS else ""

    @staticmethod
    def _is_spent(conversation: Conversation, chosen: Sequence[Chosen]) -> bool:
        """Whether its topic is shown already; under a prompt there is room for more than one answer."""
        topic = conversation.topic
        return not conversation.hosted and any(one.conversation.topic.id == topic.id for one in chosen)

    def _usable(self, conversation: Conversation) -> list[Contribution]:
        """Return the posts of a conversation that may be shown, the best received first."""
        key = conversation.opening.id
        if key not in self._posts:
            self._posts[key] = self._found(conversation)
        return self._posts[key]

    def _found(self, conversation: Conversation) -> list[Contribution]:
        found = [self._statements[post.id] for post in conversation.written if post.id in self._statements]
        accepted = {post.id for post in conversation.topic.posts if post.accepted}
        if accepted and not conversation.hosted:
            found = [
                one
                for one in found
                if one.post.id in accepted or one.post.id == conversation.opening.id or one.post.marked
            ]
        kept = [
            one
            for one in found
            if self._is_noticed(conversation, one)
            and not self._was_taken_back(one)
            and (one.post.marked or not self._is_in_a_quarrel(one))
        ]
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
        """Whether the author withdrew it: at its beginning, by an edit, or later in the topic."""
        if self._reader.is_withdrawn(one.post.cooked):
            return True
        later = (
            post
            for post in one.topic.posts
            if post.number > one.post.number
            and post.user_id == one.post.user_id
            and post.created_at < self._frame.until
        )
        return any(self._reader.takes_back(post.cooked) for post in later)

    def _is_worth_opening(self, conversation: Conversation, one: Contribution, likes: int = LIKES_TO_OPEN) -> bool:
        """Whether a post, or the exchange that it is part of, may be pointed at without a word of it.

        So many valued it, and there is enough in it or in what several people wrote.
        """
        if one.post.marked:
            return True
        valued = one.evidence.accepted or one.evidence.likes >= likes
        if not valued or _contradicts(one.post):
            return False
        if stands_alone(one):
            return True
        return self._is_worth_following(conversation)

    def _is_worth_following(self, conversation: Conversation) -> bool:
        """Whether several people said enough to each other, and nobody quarrelled."""
        key = conversation.opening.id
        if key not in self._followed:
            quarrels = any(_quarrels(post.cooked) for post in conversation.written)
            much = conversation.people > 1 and conversation.words >= FEWEST_OF_MANY
            self._followed[key] = much and not quarrels
        return self._followed[key]

    def _is_in_a_quarrel(self, one: Contribution) -> bool:
        """Whether the topic is about a quarrel, or the post or one of those right after it quarrels.

        A post without words may well be the last word of a quarrel: for it those right before it count too.
        """
        before = 0 if plain_text(one.post.cooked) else QUARREL_BEFORE
        near = [post for post in one.topic.posts if -before <= post.number - one.post.number <= QUARREL_AFTER]
        if cues.QUARRELS.search(one.topic.title):
            return True
        return any(_quarrels(post.cooked) for post in near if post.created_at < self._frame.until)

    def _is_contradicted(self, one: Contribution) -> bool:
        """Whether somebody else replied that it is not so."""
        later = [post for post in one.topic.posts if post.number > one.post.number]
        replies = [
            post
            for place, post in enumerate(later)
            if post.user_id != one.post.user_id
            and (post.reply_to == one.post.number or (place == 0 and not post.reply_to))
            and post.created_at < self._frame.until
        ]
        return any(_contradicts(post) for post in replies)

    def _passage(self, one: Contribution) -> Passage | None:
        if one.post.id not in self._passages:
            self._passages[one.post.id] = self._read(one)
        return self._passages[one.post.id]

    def _bar(self, one: Contribution) -> Bar:
        """Return what is asked of a passage, so that somebody who reads nothing else can tell what it is about.

        Readers who knew the conversation judged 600 quotations. They found fault with one in eight of those that stand
        where their post begins, in words of the title, in posts that were liked; and with half of the others.
        """
        if self._quotes_more(one) or one.post.marked:
            return NO_BAR
        if one.post.number == 1:
            return Bar(NAMED if one.evidence.likes >= MUCH_LIKED else NAMED_IF_HARDLY_LIKED, early=True)
        return Bar(NAMED_IN_A_REPLY if one.evidence.likes >= LIKES_TO_OPEN else math.inf, early=True)

    def _read(self, one: Contribution) -> Passage | None:
        """Return a post's passage; of a story under a prompt from what was tried to what came of it."""
        if self._is_contradicted(one):
            return None
        if not one.topic.opened_by(self._frame.staff):
            around = [
                post.cooked
                for post in one.topic.posts
                if post.id != one.post.id and post.by_a_person and post.created_at < self._frame.until
            ]
            is_liked = self._quotes_more(one) and _is_short(one) and one.evidence.likes >= MUCH_LIKED
            advises = _is_short(one) and one.evidence.likes >= MUCH_LIKED and self._reader.advises(one.post.cooked)
            vouched = one.post.marked or one.evidence.accepted or is_liked or advises
            opens = one.post.number == 1
            return self._reader.passage(
                one.post.cooked, one.topic.title, around, opens=opens, vouched=vouched, bar=self._bar(one)
            )
        beats = read_beats(one.post.cooked)
        told = (self._reader.passage_from(one.post.cooked, text) for text in (beats.tried if beats else ()))
        return next((found for found in told if found), None) or self._reader.passage(one.post.cooked, "")

    def _quotes_more(self, one: Contribution) -> bool:
        """Whether nearly everything is quoted.

        So it is wanted, or the post's topic may not be named to point at it, or nobody liked anything: there, that a
        post has no likes says nothing of it.
        """
        return self._frame.quotes is Quotes.MORE or not one.topic.may_be_named or not self._likes_tell


def _is_short(one: Contribution) -> bool:
    return len(plain_text(one.post.cooked).split()) <= MOST_WORDS


def _is_to_be_seen(one: Contribution) -> bool:
    """Whether a post shows something rather than tells it: pictures or a video with a few words."""
    there = contents(one.post.cooked)
    return bool(there.pictures or there.videos) and there.words < FEW_BESIDE_PICTURES


@lru_cache(maxsize=8192)
def _quarrels(cooked: str) -> bool:
    return bool(cues.QUARRELS.search(plain_text(cooked)))


def _contradicts(post: Post) -> bool:
    """Whether a post begins by saying that something is not so."""
    first = next((one.text for one in sentences(post.cooked)), "")
    return bool(cues.CONTRADICTS.search(first))


def _outshines(best: Contribution, quoted: Contribution | None) -> bool:
    """Whether it is better to point at one post than to quote another: it was received much better, or settled it.

    Of replies that hardly anybody liked, half cannot be read without the conversation, however they are quoted.
    """
    if quoted is None or (best.post.marked, best.evidence.accepted) > (quoted.post.marked, quoted.evidence.accepted):
        return True
    if best is quoted:
        return False
    is_weak = quoted.post.number > 1 and quoted.evidence.likes < LIKES_TO_OPEN
    times = OUTSHINES_A_REPLY if is_weak else OUTSHINES
    return best.evidence.likes >= times * max(quoted.evidence.likes, 0.5)

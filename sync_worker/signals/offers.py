"""What a roundup can show of a conversation, beside what is chosen already: a quotation, a post, an exchange. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.signals.contributions import Contribution, asks_something, evidence
from sync_worker.signals.conversations import Conversation, words_in
from sync_worker.signals.cues import overlap, repeats, say_the_same, telling_words
from sync_worker.signals.plain import contents, sentences
from sync_worker.signals.showable import (
    LIKES_TO_OPEN,
    MUCH_TO_OPEN,
    Frame,
    Quotes,
    Showable,
    answers_or_tells,
    contradicts,
    stands_alone,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sync_worker.model import Post, Topic
    from sync_worker.signals.quoting import Passage


POSTS_TRIED = 5  # of one conversation, the best received first
OUTSHINES = 8  # how many times the likes of a post that can be quoted are worth pointing at another one
OUTSHINES_A_REPLY = 4.5  # the same where that post is a reply which hardly anybody liked
FEW_BESIDE_PICTURES = 100  # words: the pictures are what is to be seen
FEWEST_ANSWERERS = 3  # of a question that nobody liked
NAMED_BY_AN_OPENING = 2  # as so many counts what opens a conversation, where its posts are put in order
ALIKE = 0.5  # of the telling words of two passages: they are about the same
ABOUT_AS_WELL = 6
LONG_SENTENCE = 6  # words: who writes it as another did was not the first to say so
FEWEST_TELLING, NEARLY_ALL = 6, 0.7  # telling words of a sentence, and the share of them that another text has as well
SEVERAL = 3  # people: a reply does not stand for what they wrote to each other
FAR_ABOVE = 2  # times as many likes as any other post of the conversation


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


class Offers:
    """Finds what to show of a conversation, and its words."""

    def __init__(self, topics: Sequence[Topic], frame: Frame) -> None:
        """Take the topics of a period."""
        self._frame = frame
        self._showable = Showable(topics, frame)

    def best_of(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return what to show of a conversation beside what is chosen, None where there is nothing."""
        if self._is_spent(conversation, chosen):
            return None
        authors = {one.contribution.post.user_id for one in chosen}
        usable = [one for one in self._showable.usable(conversation) if one.post.user_id not in authors]
        usable = [one for place, one in enumerate(usable) if place < POSTS_TRIED or one.post is conversation.opening]
        fresh = [one for one in usable if not self._is_said(one, chosen)]
        quoted = self._best_quoted([one for one in fresh if not self._has_a_better_reply(conversation, one)])
        likes = LIKES_TO_OPEN if self._frame.quotes is Quotes.MORE else 1
        best = self._rested_first([one for one in fresh if self._showable.is_worth_opening(conversation, one, likes)])
        may_point = not conversation.hosted and conversation.topic.may_be_named
        if best is not None and may_point and (_outshines(best, quoted) or (best is quoted and _is_to_be_seen(best))):
            return self._pointing_at(conversation, best, authors)
        return Chosen(conversation, quoted, self._showable.passage(quoted)) if quoted else None

    def _has_a_better_reply(self, conversation: Conversation, one: Contribution) -> bool:
        """Whether a later reply by somebody else was received better than a post: it may well correct it."""
        if self._showable.quotes_more or one.post.marked or one.evidence.accepted:
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
        for one in self._showable.usable(conversation)[:POSTS_TRIED]:
            is_free = one.post.user_id not in out and not self._is_said(one, chosen)
            if is_free and self._showable.is_worth_opening(conversation, one, 1):
                return self._pointing_at(conversation, one, out)
        return None

    def rested(self, conversation: Conversation, chosen: Sequence[Chosen], tired: Chosen) -> Chosen | None:
        """Return a post to point at instead of that of somebody tired, if it was received as well; a like is enough."""
        if tired.contribution.post.marked or self._is_spent(conversation, chosen):
            return None
        if conversation.hosted or not conversation.topic.may_be_named:
            return None
        out = self._frame.tired | {one.contribution.post.user_id for one in chosen}
        for one in self._showable.usable(conversation)[:POSTS_TRIED]:
            enough = (
                self._showable.is_worth_opening(conversation, one, 1) or contents(one.post.cooked).words >= MUCH_TO_OPEN
            )
            is_as_good = one.evidence.likes and was_received_as_well(one, tired.contribution) and enough
            is_free = one.post.user_id not in out and not contradicts(one.post) and not self._is_said(one, chosen)
            if is_free and is_as_good:
                passage = self._showable.passage(one)
                return Chosen(conversation, one, passage) if passage else self._pointing_at(conversation, one, out)
        return None

    def _best_quoted(self, posts: Sequence[Contribution]) -> Contribution | None:
        """Return the best received post that can be quoted; of somebody tired only where no other was as well."""
        return self._rested_first(
            sorted((one for one in posts if self._showable.passage(one)), key=self._quotable_order)
        )

    def to_follow(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return an exchange to point at, whether or not anybody liked a post of it; None where there is none."""
        if self._is_spent(conversation, chosen) or conversation.hosted or not conversation.topic.may_be_named:
            return None
        if not self._showable.is_worth_following(conversation):
            return None
        return self._exchange(conversation, {one.contribution.post.user_id for one in chosen})

    def _pointing_at(self, conversation: Conversation, best: Contribution, out: Collection[int]) -> Chosen:
        """Return what points at a post, or at the exchange that it is part of."""
        one_post = Chosen(conversation, best, None)
        is_reply = best.post is not conversation.opening and not (best.post.marked or best.evidence.accepted)
        stands = stands_alone(best) and _speaks_for_all(best, conversation)
        if conversation.people == 1 or (stands and not (is_reply and conversation.people >= SEVERAL)):
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
            if post is conversation.opening or _may_be_best_of_all(conversation.topic, post)
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
        return next((one for one in others if was_received_as_well(one, posts[0])), posts[0])

    def _quotable_order(self, one: Contribution) -> tuple[bool, bool, int, int, int]:
        """Order posts that can be quoted: one like more says little, words of the title in the passage say much."""
        known, passage = one.evidence, self._showable.passage(one)
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
        is_a_question = accepted is not None or asks_something(opening, topic.title)
        if (
            conversation.hosted
            or topic.id in shown
            or opening.user_id in authors
            or not (accepted or opening.likes or people >= FEWEST_ANSWERERS)
            or (is_a_question and not answers)
            or not conversation.is_new
            or opening.number > 1
            or not opening.quotable
            or any(post.id in self._frame.shown_posts for post in topic.posts)
            or any(self._is_said(one, chosen) for one in self._showable.usable(conversation))
        ):
            return None
        asked = Contribution(topic, opening, evidence(topic, opening, self._frame.until, self._frame.staff))
        if self._showable.is_in_a_quarrel(asked):
            return None
        question = self._showable.reader.question(opening.cooked, topic.title) if is_a_question else None
        return Chosen(conversation, asked, question, asks=is_a_question, answerers=people, answer=accepted)

    def _is_said(self, one: Contribution, chosen: Sequence[Chosen]) -> bool:
        """Whether a chosen post, or a passage of an earlier roundup, says the same."""
        mine = self._showable.said_in(one)
        if not mine:
            return False
        words = telling_words(mine)
        here = [said for other in chosen if (said := self._showable.said_in(other.contribution))]
        passage = self._showable.passage(one)
        long = [text for text in (passage.sentences if passage else ()) if len(text.split()) >= LONG_SENTENCE]
        return (
            any(overlap(words, telling_words(text)) > ALIKE for text in here)
            or any(say_the_same(mine, text) for text in self._frame.said)
            or any(repeats(mine, text) for text in (*here, *self._frame.said))
            or any(_is_in(sentence, text) for sentence in long for text in (*here, *self._frame.said))
        )

    @staticmethod
    def _is_spent(conversation: Conversation, chosen: Sequence[Chosen]) -> bool:
        """Whether its topic is shown already; under a prompt there is room for more than one answer."""
        topic = conversation.topic
        return not conversation.hosted and any(one.conversation.topic.id == topic.id for one in chosen)


def _is_in(sentence: str, text: str) -> bool:
    """Whether a long sentence stands in a text, word for word or nearly so."""
    telling = telling_words(sentence)
    return sentence in text or (
        len(telling) >= FEWEST_TELLING and len(telling & telling_words(text)) >= NEARLY_ALL * len(telling)
    )


def was_received_as_well(mine: Contribution, theirs: Contribution) -> bool:
    """Whether a post was received about as well as another: marked if that one is, and with a sixth of its likes."""
    return mine.post.marked >= theirs.post.marked and ABOUT_AS_WELL * mine.evidence.likes >= theirs.evidence.likes


def _speaks_for_all(best: Contribution, conversation: Conversation) -> bool:
    """Whether a post may stand for its conversation: it opened or settled it, or is liked far above the others."""
    if best.post is conversation.opening or best.post.marked or best.evidence.accepted:
        return True
    others = max((post.likes for post in conversation.written if post is not best.post), default=0)
    return best.evidence.likes >= FAR_ABOVE * max(others, 1)


def _may_be_best_of_all(topic: Topic, post: Post) -> bool:
    """Whether a post may be named as the best of an exchange: it does not ask, and does not only thank."""
    begins = next(iter(sentences(post.cooked)), None)
    return answers_or_tells(topic, post) and not (begins is not None and begins.asks)


def _is_to_be_seen(one: Contribution) -> bool:
    """Whether a post shows something rather than tells it: pictures or a video with a few words."""
    there = contents(one.post.cooked)
    return bool(there.pictures or there.videos) and there.words < FEW_BESIDE_PICTURES


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

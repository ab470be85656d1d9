"""Which posts of a period may be shown, which of them are worth opening, and what can be quoted of them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from sync_worker.signals import cues
from sync_worker.signals.contributions import Contribution, contributions
from sync_worker.signals.plain import contents, plain_text, sentences
from sync_worker.signals.plans import named_day
from sync_worker.signals.quoting import MOST_WORDS, NOTHING_REQUIRED, Passage, Reader, Required, points_out
from sync_worker.signals.telling import plain_passage, read_telling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.model import Post, Topic
    from sync_worker.signals.conversations import Conversation


FEWEST_IF_MUCH_LIKED, MUCH_TO_OPEN = 30, 100  # words of a post that is pointed at and has no picture or code
FEWEST_OF_MANY = 100  # words of what several people wrote in the period
FEWEST_POSTS = 3  # of what they wrote, where nobody liked a post of it
FEWEST_WITH_A_PICTURE = 10  # words with a picture, which may say what it is
LIKES_TO_OPEN, MUCH_LIKED = 2, 3  # of a post that is pointed at; with the second, a few words are enough
QUARREL_BEFORE, QUARREL_AFTER = 4, 2  # posts
NAMED, NAMED_IF_HARDLY_LIKED, NAMED_IN_A_REPLY = 2, 3, 1  # telling words of the title, in what is quoted


class Quotes(StrEnum):
    """How readily a roundup quotes: what stands at the beginning of well received posts, or nearly everything."""

    SURE = "sure"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a choice looks at, and what it leaves alone; times are aware, `until` is excluded.

    `staff` are accounts never shown, `shown_posts` must not be shown (again), `tired` are authors who were shown lately
    or often and stand back where others are as well received, `said` are passages that stood in earlier roundups.
    With `quotes` MORE, passages are quoted as well that stand further down, or have less in common with the title;
    `quiet` says that it is so because nothing else was found.
    """

    since: datetime
    until: datetime
    locale: str
    staff: frozenset[str] = frozenset()
    shown_posts: frozenset[int] = frozenset()
    tired: frozenset[int] = frozenset()
    said: tuple[str, ...] = ()
    quotes: Quotes = Quotes.SURE
    quiet: bool = False


class Showable:
    """The posts of a period that may be shown; each is read once."""

    def __init__(self, topics: Sequence[Topic], frame: Frame) -> None:
        """Take the posts that members wrote in the period, but for those that only ask or must not be shown."""
        self._frame = frame
        self.reader = Reader(topics, frame.locale)
        written = contributions(topics, frame.since, frame.until, frame.staff)
        self._statements = {one.post.id: one for one in written if one.post.id not in frame.shown_posts}
        self._likes_tell = any(one.evidence.likes for one in written)
        self._passages: dict[int, Passage | None] = {}
        self._followed: dict[int, bool] = {}
        self._posts: dict[int, list[Contribution]] = {}

    def usable(self, conversation: Conversation) -> list[Contribution]:
        """Return the posts of a conversation that may be shown, the best received first."""
        key = conversation.opening.id
        if key not in self._posts:
            self._posts[key] = self._find_usable(conversation)
        return self._posts[key]

    def _find_usable(self, conversation: Conversation) -> list[Contribution]:
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
            and (one.post.marked or not self.is_in_a_quarrel(one))
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
        if self.reader.is_withdrawn(one.post.cooked):
            return True
        later = (
            post
            for post in one.topic.posts
            if post.number > one.post.number
            and post.user_id == one.post.user_id
            and post.created_at < self._frame.until
        )
        return any(self.reader.takes_back(post.cooked) for post in later)

    def is_worth_opening(self, conversation: Conversation, one: Contribution, likes: int = LIKES_TO_OPEN) -> bool:
        """Whether a post, or the exchange that it is part of, may be pointed at without a word of it.

        So many valued it, and there is enough in it or in what several people wrote.
        """
        if one.post.marked:
            return True
        valued = one.evidence.accepted or one.evidence.likes >= likes
        if not valued or contradicts(one.post) or _asks_back(one.post):
            return False
        if stands_alone(one):
            return True
        return self.is_worth_following(conversation)

    def is_worth_following(self, conversation: Conversation) -> bool:
        """Whether several people said enough to each other, and nobody quarrelled."""
        key = conversation.opening.id
        if key not in self._followed:
            in_peace = not any(quarrels(post) for post in conversation.written)
            valued = any(post.likes for post in conversation.written) or len(conversation.written) >= FEWEST_POSTS
            much = valued and conversation.people > 1 and conversation.words >= FEWEST_OF_MANY
            self._followed[key] = much and in_peace
        return self._followed[key]

    def is_in_a_quarrel(self, one: Contribution) -> bool:
        """Whether the topic is about a quarrel, or the post or one of those right after it quarrels.

        A post without words may well be the last word of a quarrel: for it those right before it count too.
        """
        before = 0 if plain_text(one.post.cooked) else QUARREL_BEFORE
        near = [post for post in one.topic.posts if -before <= post.number - one.post.number <= QUARREL_AFTER]
        if cues.QUARRELS.search(one.topic.title):
            return True
        return any(quarrels(post) for post in near if post.created_at < self._frame.until)

    def passage(self, one: Contribution) -> Passage | None:
        """Return what is quoted of a post, None where nothing of it can be."""
        if one.post.id not in self._passages:
            self._passages[one.post.id] = self._read(one)
        return self._passages[one.post.id]

    def said_in(self, one: Contribution) -> str:
        """Return what would be quoted of a post; of a short post that is not quoted, all of it."""
        passage = self.passage(one)
        if passage is not None:
            return passage.text
        text = plain_text(one.post.cooked)
        return text if len(text.split()) <= MOST_WORDS else ""

    def _required(self, one: Contribution) -> Required:
        """Return what a passage needs, so that somebody who reads nothing else can tell what it is about.

        Readers who knew the conversation judged 600 quotations. They found fault with one in eight of those that stand
        where their post begins, in words of the title, in posts that were liked; and with half of the others.
        """
        if one.post.marked or (self._frame.quotes is Quotes.MORE and not self._frame.quiet):
            return NOTHING_REQUIRED
        if self.quotes_more:  # likes tell nothing of a post that opens a topic; a reply that nobody liked is a remark
            is_vouched_for = one.post.number == 1 or one.evidence.accepted or one.evidence.likes > 0
            return NOTHING_REQUIRED if is_vouched_for else Required(math.inf)
        is_much_liked = one.evidence.likes >= MUCH_LIKED
        liked_advice = is_much_liked and _is_short(one) and self.reader.advises(plain_text(one.post.cooked))
        if one.evidence.accepted or liked_advice:
            return Required(early=True)
        if one.post.number == 1:
            return Required(NAMED if one.evidence.likes >= MUCH_LIKED else NAMED_IF_HARDLY_LIKED, early=True)
        return Required(NAMED_IN_A_REPLY if one.evidence.likes >= LIKES_TO_OPEN else math.inf, early=True)

    def _read(self, one: Contribution) -> Passage | None:
        """Return a post's passage."""
        if self._is_contradicted(one):
            return None
        if one.topic.opened_by(self._frame.staff):
            return self._read_answer(one)
        around = [
            post.cooked
            for post in one.topic.posts
            if post.id != one.post.id and post.by_a_person and post.created_at < self._frame.until
        ]
        opens = one.post.number == 1
        return self.reader.passage(one.post.cooked, one.topic.title, around, opens=opens, required=self._required(one))

    def _read_answer(self, one: Contribution) -> Passage | None:
        """Return what an answer to a prompt tells: what was tried and what came of it, or all of a short one."""
        told = read_telling(one.topic, one.post, self._frame.until, prompted=True)
        if told is not None:
            return Passage(told.whole, told.passage[-1])
        whole = plain_passage(one.post.cooked)
        if whole is not None and one.post.marked and not points_out(whole.text):
            return Passage(whole.passage, whole.passage[-1])
        if self._frame.quotes is Quotes.MORE and not self._frame.quiet:
            shown = self.reader.passage(one.post.cooked, "")
            return shown if shown is not None and not self._speaks_beside(shown.sentences) else None
        if whole is None or whole.text != plain_text(one.post.cooked) or self._speaks_beside(whole.passage):
            return None
        return Passage(whole.passage, whole.passage[-1]) if self._answers_alone(one, whole.text) else None

    def _answers_alone(self, one: Contribution, text: str) -> bool:
        """Whether an answer that tells no story is of use to others all the same, and needs nothing beside it.

        In a quiet week it need not be liked by several.
        """
        own = sentences(one.post.cooked)
        if one.post.reply_to not in {None, 1} or contradicts(one.post) or any(said.asks for said in own):
            return False
        if not own or self.reader.leans(own[0]) or cues.UNSURE.search(own[0].text):
            return False
        if named_day(own[-1].text, one.post.created_at.date()) is not None:  # it ends with what is still to come
            return False
        if not (any(_tells_of_a_deed(said.text) for said in own) or self.reader.advises(text)):
            return False
        shown = self.reader.passage(one.post.cooked, "")
        stands = shown is not None and shown.sentences[0] == own[0].text
        return self._frame.quiet or (stands and (one.evidence.likes >= LIKES_TO_OPEN or not self._likes_tell))

    @staticmethod
    def _speaks_beside(texts: Sequence[str]) -> bool:
        """Whether sentences speak of the conversation that they stand in, or excuse themselves."""
        return points_out(" ".join(texts)) or any(cues.ASIDE.match(text) for text in texts)

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
        return any(contradicts(post) for post in replies)

    @property
    def quotes_more(self) -> bool:
        """Whether nearly everything is quoted.

        So it is wanted, or nobody liked anything: there, that a post has no likes says nothing of it.
        """
        return self._frame.quotes is Quotes.MORE or not self._likes_tell


def stands_alone(one: Contribution) -> bool:
    """Whether a post is worth opening by itself: it settled something, shows something, or was received well.

    Readers who knew the conversation found this true of 19 in 20 such posts, and of two in three of the others.
    """
    there, likes = contents(one.post.cooked), one.evidence.likes
    if one.post.marked or one.evidence.accepted:
        return True
    return answers_or_tells(one.topic, one.post) and bool(
        (there.shows and likes and (likes >= MUCH_LIKED or not 0 < there.words < FEWEST_WITH_A_PICTURE))
        or (likes >= MUCH_LIKED and there.words >= FEWEST_IF_MUCH_LIKED)
        or (likes >= LIKES_TO_OPEN and (one.post.number == 1 or there.words >= MUCH_TO_OPEN))
    )


def answers_or_tells(topic: Topic, post: Post) -> bool:
    """Whether a post does something else than to say that its author is stuck, or to thank for answers."""
    said, opening = plain_text(post.cooked), topic.opening
    thanks = opening is not None and post.number > 1 and post.user_id == opening.user_id
    return not (cues.SAYS_STUCK.search(said) or (thanks and cues.THANKS.search(said)))


def _tells_of_a_deed(sentence: str) -> bool:
    """Whether a sentence says what was done or what came of it: who is introduced, or only plans, does not."""
    return bool(cues.TRIED.search(sentence) or cues.OUTCOME.search(sentence)) and not cues.UNSURE.search(sentence)


def _is_short(one: Contribution) -> bool:
    return len(plain_text(one.post.cooked).split()) <= MOST_WORDS


def quarrels(post: Post) -> bool:
    """Whether somebody writes in anger, or to rebuke somebody."""
    return _quarrels(post.cooked)


@lru_cache(maxsize=8192)
def _quarrels(cooked: str) -> bool:
    return bool(cues.QUARRELS.search(plain_text(cooked)))


def _asks_back(post: Post) -> bool:
    """Whether a reply does nothing but ask."""
    said = sentences(post.cooked)
    return post.number > 1 and bool(said) and all(one.asks for one in said)


def contradicts(post: Post) -> bool:
    """Whether a post begins by saying that something is not so."""
    first = next((one.text for one in sentences(post.cooked)), "")
    return bool(cues.CONTRADICTS.search(first))

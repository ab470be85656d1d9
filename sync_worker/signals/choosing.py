"""Which posts of a period a roundup shows, in stages: conversations worth opening, the post, its words. Pure.

Five votes, each of which orders the conversations; the places are added up (a Borda count), so that no vote needs a
weight and no scale matters: likes of the opening, whether it is new, how many people took part, the substance of the
opening, and the likes of the best received post. Measured against what human editors picked, such a sum of places
orders better than likes alone (tests/benchmarks/editors.py prints the comparison).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_worker.signals import cues
from sync_worker.signals.contributions import Contribution, asks_something, contributions, evidence
from sync_worker.signals.cues import overlap, read_beats, say_the_same, telling_words
from sync_worker.signals.plain import contents, plain_text, sentences
from sync_worker.signals.quoting import MOST_WORDS, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sync_worker.model import Post, Topic
    from sync_worker.signals.quoting import Passage


@dataclass(frozen=True, slots=True)
class Conversation:
    """A topic, or under a prompt of ours one answer with the replies to it, as it stood at the end of a period.

    `opening` begins it; `written` are the posts of the period, by members.
    """

    topic: Topic
    opening: Post
    written: tuple[Post, ...]
    is_new: bool
    hosted: bool


def conversations(
    topics: Sequence[Topic], since: datetime, until: datetime, staff: frozenset[str]
) -> list[Conversation]:
    """Return every conversation in which members wrote in `[since, until)`."""
    found: list[Conversation] = []
    for topic in topics:
        posts = [post for post in topic.posts if post.created_at < until and post.by_a_person]
        if not posts:
            continue
        hosted = topic.opening is None or topic.opening.username in staff
        parts = _under_prompt(posts, staff) if hosted else [posts]
        for part in parts:
            members = tuple(post for post in part if post.created_at >= since and post.username not in staff)
            if members:
                found.append(Conversation(topic, part[0], members, part[0].created_at >= since, hosted))
    return found


def ranked(found: Sequence[Conversation]) -> list[Conversation]:
    """Return the conversations, the one most worth opening first; the newest where all votes are even.

    What an LCM marked as practice comes before all others: that person has read it.
    """
    total = [0.0] * len(found)
    for vote in VOTES:
        for number, place in enumerate(_places([vote(one) for one in found])):
            total[number] += place
    marked = [any(post.marked for post in one.written) for one in found]
    order = sorted(range(len(found)), key=lambda at: (not marked[at], -total[at], -found[at].opening.id))
    return [found[number] for number in order]


def _under_prompt(posts: Sequence[Post], staff: frozenset[str]) -> list[list[Post]]:
    """Return the answers to a prompt, each with what was replied to it."""
    home: dict[int, list[Post]] = {}
    parts: list[list[Post]] = []
    for post in posts:
        if post.number == 1 and post.username in staff:
            continue
        part = home.get(post.reply_to or 0)
        if part is None:
            part = []
            parts.append(part)
        part.append(post)
        home[post.number] = part
    return parts


def _places(values: Sequence[float]) -> list[float]:
    """Return each value's place from 0 (lowest) to 1, ties in the middle."""
    last = len(values) - 1 or 1
    return [(sum(one < value for one in values) + (values.count(value) - 1) / 2) / last for value in values]


def _words(post: Post) -> int:
    return len(plain_text(post.cooked).split())


VOTES: tuple[Callable[[Conversation], float], ...] = (
    lambda one: one.opening.likes,
    lambda one: one.is_new,
    lambda one: len({post.user_id for post in one.written}),
    lambda one: _words(one.opening),
    lambda one: max(post.likes for post in one.written),
)


# Which posts of a period a roundup shows, in stages: the conversation, the post in it, its words. Pure.


POSTS_TRIED = 5  # of one conversation, the best received first
OUTSHINES = 8  # how many times the likes of a post that can be quoted are worth pointing at another one
OUTSHINES_A_REPLY = 4.5  # the same where that post is a reply which hardly anybody liked
FEWEST_TO_OPEN, FEWEST_IF_LIKED = 40, 15  # words of a post that is pointed at without a quotation, a picture or code
MUCH_TO_OPEN = 200  # words of such a post that only one person liked
FEW_BESIDE_PICTURES = 100  # words: the pictures are what is to be seen
LIKES_TO_OPEN, MUCH_LIKED = 2, 3  # of a post that is pointed at; with the second, a few words are enough
FEWEST_ANSWERERS = 2  # of a question that nobody liked
QUARREL_WITHIN = 2  # posts
NAMED, NAMED_IF_LIKED = 2, 1  # telling words of the title, in what is quoted
NAMED_BY_AN_OPENING = 2  # as so many counts what opens a conversation, where its posts are put in order
ALIKE = 0.5  # of the telling words of two passages: they are about the same
RELEVANCE = 0.8  # the rest is difference from what is chosen already
LATELY, OFTEN = 6, 2  # roundups, and in how many of them somebody may stand before standing back
ABOUT_AS_WELL = 4
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
    where one of them was accepted.
    """

    conversation: Conversation
    contribution: Contribution
    passage: Passage | None
    asks: bool = False
    answerers: int = 0
    answer: Post | None = None

    @property
    def vocabulary(self) -> frozenset[str]:
        """The telling words by which it is compared with others."""
        said = self.passage.text if self.passage else ""
        return telling_words(f"{self.conversation.topic.title} {said}")


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
    for find in (chooser.rested_to_open, chooser.to_open, chooser.question_of):
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
    """Whether a post was received about as well as another: marked if that one is, and with a quarter of its likes."""
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
        self._passages: dict[int, Passage | None] = {}

    def best_of(self, conversation: Conversation, chosen: Sequence[Chosen]) -> Chosen | None:
        """Return what to show of a conversation beside what is chosen, None where there is nothing."""
        if self._is_spent(conversation, chosen):
            return None
        authors = {one.contribution.post.user_id for one in chosen}
        usable = [one for one in self._usable(conversation) if one.post.user_id not in authors]
        usable = [one for place, one in enumerate(usable) if place < POSTS_TRIED or one.post is conversation.opening]
        fresh = [one for one in usable if not self._is_said(one, chosen)]
        quoted = self._best_quoted(fresh)
        best = next((one for one in fresh if self._is_worth_opening(one)), None)
        may_point = not conversation.hosted and conversation.topic.may_be_named
        if best is not None and may_point and (_outshines(best, quoted) or (best is quoted and _is_to_be_seen(best))):
            return Chosen(conversation, best, None)
        return Chosen(conversation, quoted, self._passage(quoted)) if quoted else None

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
            there = contents(one.post.cooked)
            much = there.pictures or there.videos or there.code or there.words >= MUCH_TO_OPEN
            if (
                much
                and one.post.user_id not in out
                and self._is_worth_opening(one, 1)
                and not self._is_said(one, chosen)
            ):
                return Chosen(conversation, one, None)
        return None

    def rested(self, conversation: Conversation, chosen: Sequence[Chosen], tired: Chosen) -> Chosen | None:
        """Return a post to point at instead of that of somebody tired, if it was received as well; a like is enough."""
        if tired.contribution.post.marked or self._is_spent(conversation, chosen):
            return None
        if conversation.hosted or not conversation.topic.may_be_named:
            return None
        likes = max(tired.contribution.evidence.likes, 1)
        out = self._frame.tired | {one.contribution.post.user_id for one in chosen}
        for one in self._usable(conversation)[:POSTS_TRIED]:
            is_as_good = one.evidence.likes >= likes and self._is_worth_opening(one, likes, FEWEST_IF_LIKED)
            if one.post.user_id not in out and is_as_good and not self._is_said(one, chosen):
                return Chosen(conversation, one, self._passage(one))
        return None

    def _best_quoted(self, posts: Sequence[Contribution]) -> Contribution | None:
        """Return the best received post that can be quoted; of somebody tired only where no other was as well."""
        found = sorted((one for one in posts if self._passage(one)), key=self._quotable_order)
        if not found or found[0].post.user_id not in self._frame.tired:
            return found[0] if found else None
        others = (one for one in found if one.post.user_id not in self._frame.tired)
        return next((one for one in others if _was_received_as_well(one, found[0])), found[0])

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
        """Return the posts that may be shown, the best received first."""
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

    def _is_worth_opening(self, one: Contribution, likes: int = LIKES_TO_OPEN, fewest: int = FEWEST_TO_OPEN) -> bool:
        """Whether a post may be pointed at without a word of it: so many valued it, and there is something in it.

        `fewest` are the words that it needs where it shows nothing else, and not many liked it.
        """
        if one.post.marked:
            return True
        there = contents(one.post.cooked)
        shows = there.pictures or there.videos or there.code
        valued = one.evidence.accepted or one.evidence.likes >= likes
        if _contradicts(one.post):
            return False
        enough = FEWEST_IF_LIKED if one.evidence.likes >= MUCH_LIKED else fewest
        return valued and (bool(shows) or there.words >= enough)

    def _is_in_a_quarrel(self, one: Contribution) -> bool:
        """Whether the topic is about a quarrel, or the post or one of those right after it quarrels."""
        posts = one.topic.posts
        near = [post for post in posts if 0 <= post.number - one.post.number <= QUARREL_WITHIN]
        said = (plain_text(post.cooked) for post in near if post.created_at < self._frame.until)
        return any(cues.QUARRELS.search(text) for text in (one.topic.title, *said))

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

    def _to_be_named(self, one: Contribution) -> int:
        """Return how many telling words of the title what is quoted must have."""
        opens = one.post.number == 1
        if self._frame.quotes is Quotes.MORE or not one.topic.may_be_named:
            return 0 if opens else NAMED_IF_LIKED
        return NAMED_IF_LIKED if not opens and one.evidence.likes >= LIKES_TO_OPEN else NAMED

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
            is_short = len(plain_text(one.post.cooked).split()) <= MOST_WORDS
            vouched = one.post.marked or one.evidence.accepted or (is_short and one.evidence.likes >= MUCH_LIKED)
            opens = one.post.number == 1
            return self._reader.passage(
                one.post.cooked, one.topic.title, around, opens=opens, vouched=vouched, named=self._to_be_named(one)
            )
        beats = read_beats(one.post.cooked)
        told = (self._reader.passage_from(one.post.cooked, text) for text in (beats.tried if beats else ()))
        return next((found for found in told if found), None) or self._reader.passage(one.post.cooked, "")


def _is_to_be_seen(one: Contribution) -> bool:
    """Whether a post shows something rather than tells it: pictures or a video with a few words."""
    there = contents(one.post.cooked)
    return bool(there.pictures or there.videos) and there.words < FEW_BESIDE_PICTURES


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

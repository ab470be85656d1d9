"""Facts computed from topics, each with the posts that prove it; who knows, and who is stuck. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.signals import cues
from sync_worker.signals.cues import telling_words
from sync_worker.signals.plain import plain_text, sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from sync_worker.model import Post, Topic
    from sync_worker.signals.plain import Sentence


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known for certain of how a post was received, and what it settled.

    What replies say of it is not read: "thanks, but it did not work" cannot be told from "thanks, it worked" by its
    words. `open_days` is how long the question stood open.
    """

    likes: int = 0
    repliers: tuple[str, ...] = ()
    accepted: bool = False
    own_question: bool = False
    open_days: int = 0

    @property
    def noticed(self) -> int:
        """How many likes and replies it got."""
        return self.likes + len(self.repliers)

    @property
    def weight(self) -> float:
        """How strongly others vouch for it; people count, the length of a thread does not."""
        return float(3.0 * self.accepted + 1.0 * min(self.likes, 6) ** 0.75 + 0.5 * min(len(self.repliers), 4))


@dataclass(frozen=True, slots=True)
class Contribution:
    """A post of the period under review, its topic, and what speaks for it."""

    topic: Topic
    post: Post
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A topic that asks and has no answer; `question` is its own sentence, empty where only the title asks.

    `mainly`: the post asks, and does not only raise a question beside what it tells or proposes.
    """

    topic: Topic
    post: Post
    question: str
    age_days: int
    repliers: int
    mainly: bool = True


@dataclass(frozen=True, slots=True)
class Participation:
    """Plain counts of a period."""

    posts: int
    people: int
    topics: int
    answered: int


def contributions(
    topics: Iterable[Topic], since: datetime, until: datetime, leave_out: frozenset[str]
) -> list[Contribution]:
    """Return the quotable posts written in `[since, until)` by others than `leave_out`, but for those that only ask."""
    return [
        Contribution(topic, post, evidence(topic, post, until, leave_out))
        for topic in topics
        for post in topic.posts
        if since <= post.created_at < until
        and post.quotable
        and post.username not in leave_out
        and not _only_asks(topic, post)
    ]


def evidence(topic: Topic, post: Post, until: datetime, staff: frozenset[str] = frozenset()) -> Evidence:
    """Return what speaks for a post as far as it was known at `until`; what staff say does not count."""
    opening = topic.opening
    asker = opening.username if opening else ""
    hosted = topic.opened_by(staff)
    later = [other for other in topic.posts if post.number < other.number and other.created_at < until]
    others = [other for other in later if other.user_id != post.user_id and _is_a_member(other, staff)]
    answers = [other for other in others if _answers(other, post, hosted=hosted)]
    return Evidence(
        likes=post.likes,
        repliers=_names(answers),
        accepted=post.accepted,
        own_question=post.accepted and post.username == asker,
        open_days=(post.created_at - topic.created_at).days,
    )


def open_questions(
    topics: Iterable[Topic], now: datetime, oldest: timedelta, leave_out: frozenset[str]
) -> list[OpenQuestion]:
    """Return the questions without an answer that are younger than `oldest`, the longest open first."""
    found = [_open_question(topic, now) for topic in topics if now - oldest <= topic.created_at < now]
    wanted = [
        question
        for question in found
        if question and question.post.quotable and question.post.username not in leave_out
    ]
    return sorted(wanted, key=lambda question: (question.topic.created_at, question.topic.id))


LONG_POST, FIRST_SENTENCES = 16, 4
TOLD_FOR_A_QUESTION = 8  # sentences: a post that tells so much beside each question is no mere question


def _only_asks(topic: Topic, post: Post) -> bool:
    """Whether the post belongs to the asker's side of a question: it asks, or goes on about the problem."""
    opening = topic.opening
    if opening is None or post.username != opening.username or post.accepted:
        return False
    own = sentences(opening.cooked)
    in_trouble = bool(cues.TROUBLE_TITLE.search(topic.title)) and len(own) < LONG_POST
    asks = opening.cooked and (topic.title.rstrip().endswith("?") or in_trouble or _is_a_question(own))
    return bool(asks) and (post.number == 1 or not cues.SETTLES.search(_statements(post)))


def asks_something(post: Post, title: str) -> bool:
    """Whether a post that opens a conversation has a question in it, in its title, or asks for help in other words."""
    asking = any(one.asks or cues.SEEKS_HELP.search(one.text) for one in sentences(post.cooked))
    return asking or title.rstrip().endswith("?")


def _is_a_question(own: Sequence[Sentence]) -> bool:
    """Whether a post asks for help, or asks more than in passing beside what it tells; a long one at its beginning."""
    looked_at = own[:FIRST_SENTENCES] if len(own) >= LONG_POST else own
    if any(cues.SEEKS_HELP.search(one.text) or cues.SAYS_STUCK.search(one.text) for one in looked_at):
        return True
    asking = sum(one.asks for one in looked_at)
    return asking > 0 and len(looked_at) < TOLD_FOR_A_QUESTION * asking


def participation(
    topics: Iterable[Topic], since: datetime, until: datetime, leave_out: frozenset[str]
) -> Participation:
    """Return who did how much in `[since, until)`, without the people left out."""
    mine = [post for _, post in written_by_members(topics, since, until, leave_out)]
    return Participation(
        posts=len(mine),
        people=len({post.user_id for post in mine}),
        topics=len({post.topic_id for post in mine}),
        answered=len({post.topic_id for post in mine if post.accepted}),
    )


def written_by_members(
    topics: Iterable[Topic], since: datetime, until: datetime, staff: frozenset[str]
) -> Iterator[tuple[Topic, Post]]:
    """Yield what members wrote in `[since, until)`, each with its topic."""
    for topic in topics:
        for post in topic.posts:
            if since <= post.created_at < until and _is_a_member(post, staff):
                yield topic, post


def _is_a_member(post: Post, staff: frozenset[str]) -> bool:
    """Whether a post counts: a person wrote it, and none of the staff."""
    return post.by_a_person and post.username not in staff


def _open_question(topic: Topic, now: datetime) -> OpenQuestion | None:
    opening = topic.opening
    known = [post for post in topic.posts if post.created_at < now]
    if opening is None or topic.closed or cues.UNANSWERABLE.search(topic.title):
        return None
    if any(post.accepted for post in known) or _asker_is_content(known, opening):
        return None
    own = sentences(opening.cooked)
    asking = [sentence for sentence in own if sentence.asks]
    if not asking and not topic.title.rstrip().endswith("?"):
        return None
    others = {post.username for post in known if post.username != opening.username}
    if len(others) > 1 or (others and known[-1].username != opening.username):
        return None
    telling = [text for text in (sentence.text for sentence in asking) if not cues.EMPTY_QUESTION.search(text)]
    question = next((text for text in telling if 30 <= len(text) <= 200), "")
    if not question and not topic.title.rstrip().endswith("?"):
        return None
    return OpenQuestion(topic, opening, question, (now - topic.created_at).days, len(others), _is_a_question(own))


def _asker_is_content(known: Sequence[Post], opening: Post) -> bool:
    """Whether the asker came back to say thanks, or what came of it."""
    own = [post for post in known[1:] if post.username == opening.username]
    return any(cues.THANKS.search(_statements(post)) or cues.OUTCOME.search(_statements(post)) for post in own)


def _answers(other: Post, post: Post, *, hosted: bool) -> bool:
    """Whether `other` answers `post`; under a prompt, a post without an address answers the prompt.

    Everybody who writes in a conversation replies to the post that opened it, also where they address somebody else.
    """
    if post.number == 1 and not hosted:
        return True
    if other.reply_to is not None:
        return other.reply_to == post.number
    return post.number == 1 or (not hosted and other.number == post.number + 1)


def _statements(post: Post) -> str:
    return " ".join(sentence.text for sentence in sentences(post.cooked) if not sentence.asks)


def _names(posts: Iterable[Post]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post.username for post in posts))


def quarrelling(topics: Iterable[Topic], since: datetime) -> frozenset[str]:
    """Return who wrote in anger since a moment, and who stood in the same conversation right before it."""
    found: set[str] = set()
    for topic in topics:
        for before, post in zip((None, *topic.posts), topic.posts, strict=False):
            if post.created_at >= since and cues.QUARRELS.search(plain_text(post.cooked)):
                found |= {post.username, *((before.username,) if before else ())}
    return frozenset(found)


# Topics whose author says to be stuck, without asking a question, and to whom nobody has helped yet. Pure.


_LONGEST_SHARING = 160  # a longer post that begins so goes on to something of its own
_LONGEST = 200


def stuck_topics(
    topics: Iterable[Topic], now: datetime, oldest: timedelta, leave_out: Collection[str]
) -> list[OpenQuestion]:
    """Return the topics younger than `oldest` whose author is stuck, the longest open first, as open questions."""
    found = [_stuck(topic, now) for topic in topics if now - oldest <= topic.created_at < now]
    wanted = [one for one in found if one and one.post.username not in leave_out]
    return sorted(wanted, key=lambda one: (one.topic.created_at, one.topic.id))


def _stuck(topic: Topic, now: datetime) -> OpenQuestion | None:
    opening = topic.opening
    if opening is None or topic.closed:
        return None
    told = [sentence.text for sentence in sentences(opening.cooked)]
    if not cues.SAYS_STUCK.search(topic.title) and not any(cues.SAYS_STUCK.search(text) for text in told):
        return None
    later = [post for post in topic.posts if post.number > 1 and post.created_at < now]
    if any(post.accepted or _ends_it(post, opening) for post in later):
        return None
    others = {post.username for post in later if post.username != opening.username}
    said = next((text for text in told if len(text) <= _LONGEST), "")
    return OpenQuestion(topic, opening, said, (now - topic.created_at).days, len(others))


def _ends_it(post: Post, opening: Post) -> bool:
    """Whether somebody helped, or the author came back to say that it is over."""
    text = " ".join(sentence.text for sentence in sentences(post.cooked))
    if post.username == opening.username:
        return bool(cues.TROUBLE_OVER.search(text))
    return not (cues.SHARES_TROUBLE.search(text) and len(text) <= _LONGEST_SHARING)


# Who is most likely to know: somebody else whose own posts, well received, were about the same things.


FEWEST_WORDS = 2  # telling words that two texts have in common
CLOSE = 0.15
ENOUGH = 7.0  # how much the rarity of the words that two titles share must come to before we put somebody on the spot


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody to ask, and the post that shows why."""

    post: Post
    topic: Topic


class Experts:
    """Knows who wrote about what in the given topics.

    Args:
        topics: what was written so far.
        left_out: accounts that are never called on.
        welcomed: only answers to others that were welcome count; else all that does not only ask.
        quarrelsome: accounts that are not called on now.

    """

    def __init__(
        self,
        topics: Sequence[Topic],
        left_out: frozenset[str],
        *,
        welcomed: bool = True,
        quarrelsome: frozenset[str] = frozenset(),
    ) -> None:
        self._posts = [
            (post, topic, telling_words(f"{topic.title} {plain_text(post.cooked)}"))
            for topic in topics
            for post in topic.posts
            if post.quotable
            and post.username not in left_out | quarrelsome
            and (_answered(post, topic) if welcomed else not _only_asks(topic, post))
        ]
        self._counted = Counter(word for _, _, vocabulary in self._posts for word in vocabulary)
        total = len(self._posts) + 1
        self._rarity = {word: math.log(total / count) for word, count in self._counted.items()}

    def for_question(self, question: OpenQuestion, busy: Iterable[str]) -> Expert | None:
        """Return the person to ask, or None where nobody stands out; `busy` are not asked again.

        Two titles must share several words, and rare ones: one common word ("game") makes no two subjects close.
        """
        titled = telling_words(question.topic.title)
        spared = {*busy, question.post.username, *(post.username for post in question.topic.posts)}
        best, most = None, ENOUGH
        for post, topic, _ in self._posts:
            shared = titled & telling_words(topic.title)
            score = sum(self._rarity.get(word, 0.0) for word in shared)
            if (
                len(shared) >= FEWEST_WORDS
                and score > most
                and topic.id != question.topic.id
                and post.username not in spared
            ):
                best, most = Expert(post, topic), score
        return best

    def whose_posts_fit(self, topic: Topic, wanted: Collection[int], most: int) -> list[Expert]:
        """Return people of whom one post is close to a topic's title and first post, the closest first.

        Closeness is the cosine of the two texts' telling words, each weighted by how few posts have it, those of the
        title twice (Salton and Buckley 1988, Information Processing & Management 24(5)).

        Args:
            topic: what is asked; those who wrote in it are left out.
            wanted: the ids of the accounts that may be named.
            most: how many.

        """
        titled = telling_words(topic.title)
        asked = titled | telling_words(plain_text(topic.posts[0].cooked) if topic.posts else "")
        weights = {word: self._weight(word) * (1 + (word in titled)) for word in asked}
        whole = math.sqrt(sum(weight**2 for weight in weights.values()))
        here = {post.user_id for post in topic.posts}
        best: dict[int, tuple[float, Expert]] = {}
        for post, where, vocabulary in self._posts:
            shared = asked & vocabulary
            if post.user_id not in wanted or post.user_id in here or where.id == topic.id or len(shared) < FEWEST_WORDS:
                continue
            length = math.sqrt(sum(self._weight(word) ** 2 for word in vocabulary))
            closeness = sum(weights[word] * self._weight(word) for word in shared) / (whole * length)
            if closeness >= CLOSE and closeness > best.get(post.user_id, (0.0,))[0]:
                best[post.user_id] = (closeness, Expert(post, where))
        ranked = sorted(best.values(), key=lambda one: (-one[0], one[1].post.id))
        return [expert for _, expert in ranked[:most]]

    def _weight(self, word: str) -> float:
        """Return how much a word tells: the more, the fewer posts have it."""
        return math.log1p(len(self._posts) / max(self._counted[word], 1))


def _answered(post: Post, topic: Topic) -> bool:
    """Whether the post is an answer to somebody else, and one that was welcome."""
    by_asker = topic.opening is None or topic.opening.username == post.username
    return not by_asker and (post.likes > 0 or post.accepted)

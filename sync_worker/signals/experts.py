"""Who is most likely to know: somebody else whose own posts, well received, were about the same things."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.signals.plain import plain_text
from sync_worker.signals.similarity import telling_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sync_worker.model import Post, Topic
    from sync_worker.signals.contributions import OpenQuestion

ENOUGH = 6.0  # how much two texts must share before we put somebody on the spot


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

    """

    def __init__(self, topics: Sequence[Topic], left_out: frozenset[str]) -> None:
        self._posts = [
            (post, topic, telling_words(f"{topic.title} {plain_text(post.cooked)}"))
            for topic in topics
            for post in topic.posts
            if post.quotable and post.username not in left_out and _answered(post, topic)
        ]
        counted = Counter(word for _, _, vocabulary in self._posts for word in vocabulary)
        total = len(self._posts) + 1
        self._rarity = {word: math.log(total / count) for word, count in counted.items()}

    def for_question(self, question: OpenQuestion, busy: Iterable[str]) -> Expert | None:
        """Return the person to ask, or None where nobody stands out; `busy` are not asked again."""
        titled = telling_words(question.topic.title)
        asked = titled | telling_words(question.question)
        spared = {*busy, question.post.username, *(post.username for post in question.topic.posts)}
        best, most = None, ENOUGH
        for post, topic, vocabulary in self._posts:
            shared = asked & vocabulary
            title_shared = titled & telling_words(topic.title)
            score = sum(self._rarity[word] for word in shared) + sum(self._rarity.get(word, 0) for word in title_shared)
            if (
                title_shared
                and len(shared) > 1
                and score > most
                and topic.id != question.topic.id
                and post.username not in spared
            ):
                best, most = Expert(post, topic), score
        return best


def _answered(post: Post, topic: Topic) -> bool:
    """Whether the post is an answer to somebody else, and one that was welcome."""
    by_asker = topic.opening is None or topic.opening.username == post.username
    return not by_asker and (post.likes > 0 or post.accepted)

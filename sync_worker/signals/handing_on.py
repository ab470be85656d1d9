"""What those who leave hand on to the next cohort: which answers may be shown, and what of them is shown. Pure.

The topic that asks says that answers are shown to the next cohort, and how to say no. An answer to it is handed on only
as long as that sentence stands in the topic, and in the way its author chose: with the name, without, or not at all.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sync_worker.languages.language import codes
from sync_worker.languages.parts import RELAY
from sync_worker.signals.plain import letters, plain_text, sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sync_worker.model import Post, Topic
    from sync_worker.signals.plain import Sentence

LONGEST = 420  # characters of one piece of advice; of a longer one the first sentences are shown
LONGEST_QUESTION = 240
SHORTEST = 15


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What one person hands on: pieces of their own sentences, word for word; `named` says whether under their name."""

    post: Post
    advice: tuple[str, ...]
    question: str
    named: bool
    is_cut: bool = False

    @property
    def passages(self) -> tuple[str, ...]:
        """Every sentence that is shown."""
        return (*self.advice, *((self.question,) if self.question else ()))


def promises(cooked: str) -> bool:
    """Whether a topic's first post says, in any of our languages, that answers are handed on, and how to say no."""
    said = letters(plain_text(cooked))
    return any(letters(RELAY.of(code).promise) in said for code in codes())


def handed_on(topic: Topic, staff: Collection[str]) -> list[HandedOn]:
    """Return what the answers to a topic hand on, one for each person, the best received first.

    Nothing where the promise does not stand any more. Posts of `staff`, of bots and of people who are not quoted are
    left out.
    """
    opening = topic.opening
    if opening is None or not promises(opening.cooked):
        return []
    answers: dict[int, list[Post]] = {}
    for post in topic.posts:
        if post.number > 1 and post.quotable and post.by_a_person and post.username not in staff:
            answers.setdefault(post.user_id, []).append(post)
    found = [one for posts in answers.values() if (one := _of_one(posts)) is not None]
    return sorted(found, key=lambda one: (-one.post.likes, one.post.created_at, one.post.id))


def may_show(post_cooked: Sequence[str], *, named: bool) -> bool:
    """Whether what a person wrote in the topic, all posts together, allows to show it so."""
    texts = [plain_text(cooked) for cooked in post_cooked]
    if any(_says(text, _only_here()) for text in texts):
        return False
    return not named or not any(_says(text, _without_name()) for text in texts)


def _of_one(posts: Sequence[Post]) -> HandedOn | None:
    """Return what one person hands on: the first answer that says something; None where they keep it to the cohort."""
    texts = [post.cooked for post in posts]
    if not may_show(texts, named=False):
        return None
    named = may_show(texts, named=True)
    for post in posts:
        own = [one for one in sentences(post.cooked) if not _says(one.text, _without_name())]
        advice, is_cut = _first(one.text for one in own if not one.asks)
        question = next(_questions(own), "")
        if advice or question:
            return HandedOn(post, advice, question, named, is_cut)
    return None


def _first(texts: Iterable[str]) -> tuple[tuple[str, ...], bool]:
    """Return the first whole sentences that fit, and whether some were left out."""
    kept: list[str] = []
    for text in texts:
        if sum(map(len, kept)) + len(text) > LONGEST:
            return (tuple(kept), bool(kept))
        kept.append(text)
    is_enough = sum(map(len, kept)) >= SHORTEST
    return (tuple(kept) if is_enough else (), False)


def _questions(own: Iterable[Sentence]) -> Iterator[str]:
    yield from (one.text for one in own if one.asks and SHORTEST <= len(one.text) <= LONGEST_QUESTION)


def _says(text: str, phrases: Iterable[str]) -> bool:
    words = f" {' '.join(_words(text))} "
    return any(f" {phrase} " in words for phrase in phrases)


@cache
def _only_here() -> tuple[str, ...]:
    return tuple(" ".join(_words(one)) for code in codes() for one in RELAY.of(code).only_here)


@cache
def _without_name() -> tuple[str, ...]:
    return tuple(" ".join(_words(one)) for code in codes() for one in RELAY.of(code).without_name)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())

"""How well texts about the same subject are found again months later, against the plain TF-IDF nearest neighbour.

    python tests/benchmarks/subjects.py DIR

DIR holds `topics.jsonl.gz` (topics as `GET /t/ID.json` answers, one a line). Two judges, neither made for this:

- threads: what was written in a topic a month and more after its opening, without the title, must lead to what was
  written in the same topic before, among all topics that were there by then;
- links: a topic whose opening links to earlier topics must lead to one of them.

The baseline is the textbook's: lower-case words, raw counts times log(N / df), cosine, the nearest one.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sync_worker.signals.plain import plain_text
from sync_worker.signals.subjects import Shelf, Text
from tests.talk import read_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sync_worker.model import Post, Topic

MONTH = timedelta(days=30)
LINK = re.compile(r"/t/(?:[a-z0-9-]+/)?(\d+)")
FEWEST_WORDS = 20


@dataclass(frozen=True)
class Question:
    """A text, the earlier ones among which to look, and the numbers of those that are right."""

    text: Text
    shelf: tuple[Text, ...]
    right: frozenset[int]


def threads(topics: Sequence[Topic]) -> list[Question]:
    """Ask of each topic's late posts where their discussion began."""
    found = []
    for topic in topics:
        until = topic.created_at + MONTH
        late = _words(post for post in topic.posts if post.created_at >= until)
        if len(late.split()) < FEWEST_WORDS:
            continue
        shelf = tuple(
            Text(one.id, one.title, _words(post for post in one.posts if post.created_at < until))
            for one in topics
            if one.created_at < until
        )
        found.append(Question(Text(0, "", late), shelf, frozenset({topic.id})))
    return found


def links(topics: Sequence[Topic]) -> list[Question]:
    """Ask of each topic to which of the earlier ones its author linked."""
    found = []
    for topic in topics:
        earlier = [one for one in topics if one.created_at < topic.created_at]
        there = {one.id for one in earlier}
        right = frozenset(int(number) for number in LINK.findall(topic.posts[0].cooked)) & there
        if right:
            shelf = tuple(Text(one.id, one.title, _words(one.posts[:1])) for one in earlier)
            found.append(Question(Text(0, topic.title, _words(topic.posts[:1])), shelf, right))
    return found


def _words(posts: Iterable[Post]) -> str:
    return " ".join(plain_text(post.cooked) for post in posts)


def ours(question: Question) -> list[int]:
    """Order the shelf as the library does."""
    return [one.number for _, one in Shelf(question.shelf).nearest(question.text)]


def textbook(question: Question) -> list[int]:
    """Order the shelf by plain TF-IDF."""
    texts = [Counter(re.findall(r"\w+", f"{one.title} {one.body}".lower())) for one in question.shelf]
    asked = Counter(re.findall(r"\w+", f"{question.text.title} {question.text.body}".lower()))
    seen = Counter(word for text in texts for word in text)
    rare = {word: math.log(len(texts) / number) for word, number in seen.items()}

    def vector(text: Counter[str]) -> dict[str, float]:
        weights = {word: count * rare[word] for word, count in text.items() if word in rare}
        length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
        return {word: value / length for word, value in weights.items()}

    mine = vector(asked)
    alike = [sum(value * mine.get(word, 0.0) for word, value in vector(text).items()) for text in texts]
    order = sorted(range(len(texts)), key=lambda at: (-alike[at], question.shelf[at].number))
    return [question.shelf[at].number for at in order]


def figures(questions: Sequence[Question], order: Callable[[Question], list[int]]) -> tuple[float, float]:
    """Return how often the nearest is right, and the mean of 1 / the place of the first that is."""
    hits, places = 0, 0.0
    for question in questions:
        ranked = order(question)
        place = next(at for at, number in enumerate(ranked, 1) if number in question.right)
        hits += place == 1
        places += 1 / place
    return hits / len(questions), places / len(questions)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    topics = read_topics(parser.parse_args().folder / "topics.jsonl.gz")
    print(
        f"{'judge':<10}{'asked':>7}{'nearest: ours':>16}{'textbook':>10}{'MRR: ours':>12}{'textbook':>10}{'ratio':>8}"
    )
    begun = time.process_time()
    for name, questions in (("threads", threads(topics)), ("links", links(topics))):
        (hit, place), (base_hit, base_place) = figures(questions, ours), figures(questions, textbook)
        print(
            f"{name:<10}{len(questions):>7}{hit:>16.2f}{base_hit:>10.2f}{place:>12.2f}{base_place:>10.2f}"
            f"{place / base_place:>7.2f}"
        )
    print(f"{time.process_time() - begun:.0f} s of CPU")


if __name__ == "__main__":
    main()

"""What our roundups choose, held against what human editors picked from the same forum.

    python tests/benchmarks/editors.py DIR [--json OUT]

DIR holds `topics.jsonl.gz` (topics as `GET /t/ID.json` answers, one a line) and `issues.json` (a list of
`{"issue": day, "picks": [{"topic", "post", "summary"}]}`). For each issue the candidates are the topics with a post in
the 14 days that end one day before it and that no earlier issue picked. They are ordered by the product's own selection
and by plain baselines in the same run; recall, mean average precision (MAP) and the share of issues with a pick among
the first five are over the issues with at least one pick among more candidates than picks. A quote is compared with the
editors' own summary by ROUGE-1 (F over single words; Lin 2004). What is published is counted for both ways to quote
that a roundup has; --json writes what `quotes: more` publishes, as these editors say something of each of their picks.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sync_worker.content.roundup import Roundup, build_roundup
from sync_worker.content.roundup_items import Period
from sync_worker.signals.choosing import rank_conversations
from sync_worker.signals.quoting import Reader
from sync_worker.signals.showable import Frame, Quotes
from tests.talk import as_of, read_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync_worker.model import Post, Topic

LOOK_BACK, LEAD = timedelta(days=14), timedelta(days=1)
PUBLISHED = 5


@dataclass(frozen=True)
class Issue:
    """One issue: its day, what the editors picked, and the topics that they could pick from."""

    day: str
    picks: tuple[dict[str, Any], ...]
    since: datetime
    until: datetime
    topics: tuple[Topic, ...]

    @property
    def candidates(self) -> list[Topic]:
        """The topics with a post in the period."""
        return [topic for topic in self.topics if any(self._counts(post) for post in topic.posts)]

    @property
    def relevant(self) -> set[int]:
        """The candidates that the editors picked."""
        return {pick["topic"] for pick in self.picks} & {topic.id for topic in self.candidates}

    def written(self, topic: Topic) -> list[Post]:
        """Return a topic's posts of the period."""
        return [post for post in topic.posts if self._counts(post)]

    def _counts(self, post: Post) -> bool:
        return self.since <= post.created_at < self.until and post.by_a_person


def read_issues(folder: Path) -> list[Issue]:
    """Return the issues in order, each with the topics as they stood at its time."""
    topics = read_topics(folder / "topics.jsonl.gz")
    seen: set[int] = set()
    found = []
    for raw in json.loads((folder / "issues.json").read_text(encoding="utf-8")):
        until = datetime.fromisoformat(raw["issue"]).replace(tzinfo=UTC) - LEAD
        known = tuple(topic for topic in as_of(topics, until) if topic.id not in seen)
        found.append(Issue(raw["issue"], tuple(raw["picks"]), until - LOOK_BACK, until, known))
        seen |= {pick["topic"] for pick in raw["picks"]}
    return found


def ours(issue: Issue) -> list[int]:
    """Order the candidates by the product's own votes."""
    frame = Frame(issue.since, issue.until, "en")
    return list(dict.fromkeys(one.topic.id for one in rank_conversations(issue.topics, frame)))


def by(value: Callable[[Issue, Topic], float]) -> Callable[[Issue], list[int]]:
    """Return an order by one figure, the newest topic first where it is even."""

    def order(issue: Issue) -> list[int]:
        return [one.id for one in sorted(issue.candidates, key=lambda topic: (-value(issue, topic), -topic.id))]

    return order


def by_places(*values: Callable[[Issue, Topic], float]) -> Callable[[Issue], list[int]]:
    """Return an order by the sum of the places in several figures."""

    def order(issue: Issue) -> list[int]:
        total: Counter[int] = Counter()
        for value in values:
            figures = [value(issue, topic) for topic in issue.candidates]
            for topic, figure in zip(issue.candidates, figures, strict=True):
                total[topic.id] += sum(one < figure for one in figures) * 2 + figures.count(figure) - 1
        return sorted(total, key=lambda topic_id: (-total[topic_id], -topic_id))

    return order


def at_random(issue: Issue) -> list[int]:
    """Order the candidates by chance, the same on every run."""
    ids = [topic.id for topic in issue.candidates]
    random.Random(issue.day).shuffle(ids)
    return ids


def likes(issue: Issue, topic: Topic) -> float:
    """Likes of all posts of the period."""
    return sum(post.likes for post in issue.written(topic))


def opening_likes(issue: Issue, topic: Topic) -> float:
    """Likes of the opening."""
    return topic.posts[0].likes


def is_new(issue: Issue, topic: Topic) -> float:
    """Whether it was opened in the period."""
    return float(topic.created_at >= issue.since)


ORDERS: dict[str, Callable[[Issue], list[int]]] = {
    "at random": at_random,
    "newest": by(lambda _issue, topic: topic.created_at.timestamp()),
    "distinct authors": by(lambda issue, topic: len({post.user_id for post in issue.written(topic)})),
    "words written": by(lambda issue, topic: sum(len(_plain(post).split()) for post in issue.written(topic))),
    "likes of the opening": by(opening_likes),
    "likes": by(likes),
    "likes, opening's likes, new": by_places(likes, opening_likes, is_new),
    "ours": ours,
}


def _plain(post: Post) -> str:
    return re.sub(r"<[^>]+>", " ", post.cooked)


def figures(issues: Sequence[Issue], order: Callable[[Issue], list[int]]) -> dict[str, float]:
    """Return MAP, recall at 1, 3 and 5, and the share of issues with a pick among the first five."""
    rows = []
    for issue in issues:
        relevant, ranked = issue.relevant, order(issue)
        precisions, hits = [], 0
        for place, topic_id in enumerate(ranked, 1):
            if topic_id in relevant:
                hits += 1
                precisions.append(hits / place)
        recalls = [len(set(ranked[:depth]) & relevant) / len(relevant) for depth in (1, 3, 5)]
        rows.append((sum(precisions) / len(relevant), *recalls, float(recalls[-1] > 0)))
    names = ("MAP", "R@1", "R@3", "R@5", "hit@5")
    return dict(zip(names, (sum(column) / len(rows) for column in zip(*rows, strict=True)), strict=True))


def publish(issue: Issue, readily: Quotes) -> list[dict[str, Any]]:
    """Return what a roundup of the period would show."""
    period = Period(issue.since, issue.until, quotes=readily)
    built = build_roundup(issue.topics, period, "en", "https://forum.example", PUBLISHED)
    if not isinstance(built, Roundup):
        return []
    return [
        {
            "topic": item.post.topic_id,
            "post": item.post.number,
            "heading": str(item.heading),
            "quote": " ".join(item.citation.passages),
        }
        for item in built.practices
    ]


def rouge(text: str, reference: str) -> float:
    """Return the ROUGE-1 F score of two texts."""
    one, other = (Counter(re.findall(r"[a-z0-9]+", each.lower())) for each in (text, reference))
    shared = (one & other).total()
    return 2 * shared / (one.total() + other.total()) if shared else 0.0


def quotes(issues: Sequence[Issue]) -> tuple[float, float, float]:
    """Return how the product's passage and its key sentence compare with the summaries, and the share found."""
    passages, sentences, missing = [], [], 0
    for issue in issues:
        reader, by_id = Reader(issue.topics, "en"), {topic.id: topic for topic in issue.topics}
        for pick in issue.picks:
            topic = by_id.get(pick["topic"])
            if topic is None or not pick.get("summary"):
                continue
            post = next((one for one in topic.posts if one.number == pick.get("post", 1)), topic.posts[0])
            around = [one.cooked for one in topic.posts if one.id != post.id]
            found = reader.passage(post.cooked, topic.title, around, opens=post.number == 1)
            if found is None:
                missing += 1
                continue
            passages.append(rouge(found.text, pick["summary"]))
            sentences.append(rouge(found.key, pick["summary"]))
    number = len(passages)
    return sum(passages) / number, sum(sentences) / number, number / (number + missing)


def main() -> None:
    """Print the table; with --json also write what would be published."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="OUT", dest="out")
    arguments = parser.parse_args()
    issues = read_issues(arguments.folder)
    judged = [one for one in issues if one.relevant and len(one.candidates) > len(one.picks)]
    average = sum(len(one.candidates) for one in judged) / len(judged)
    print(f"{len(judged)} issues, {average:.1f} candidates each")
    print(f"{'order':<30}{'MAP':>7}{'R@1':>7}{'R@3':>7}{'R@5':>7}{'hit@5':>7}")
    for name, order in ORDERS.items():
        print(f"{name:<30}" + "".join(f"{value:>7.2f}" for value in figures(judged, order).values()))
    offered = sum(len(set(ours(one)) & one.relevant) for one in judged)
    relevant = sum(len(one.relevant) for one in judged)
    passage, sentence, share = quotes(issues)
    print(f"candidates for {offered / relevant:.0%} of the picks")
    published: dict[str, list[dict[str, Any]]] = {}
    for readily in Quotes:  # the last one is written with --json
        begun = time.process_time()
        published = {issue.day: publish(issue, readily) for issue in issues}
        taken = time.process_time() - begun
        items = [item for rows in published.values() for item in rows]
        picked = sum(len({item["topic"] for item in published[one.day]} & one.relevant) for one in judged)
        quoted = sum(bool(item["quote"]) for item in items) / len(items)
        print(
            f"`quotes: {readily}`: {picked / relevant:.0%} of the picks published, {len(items) / len(issues):.1f} items"
            f" an issue, {quoted:.0%} with a quote; {len(issues)} selections in {taken:.1f} s of CPU"
        )
    print(
        f"ROUGE-1 with the editors' summary: passage {passage:.3f}, its sentence {sentence:.3f}, found for {share:.0%}"
    )
    if arguments.out:
        rows = [{"issue": one.day, "ranked": ours(one), "published": published[one.day]} for one in issues]
        arguments.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

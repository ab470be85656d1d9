"""The roundups of every week of a real forum, one after the other, as a cohort would get them.

    python -m tests.benchmarks.weeks FILE... [--json OUT]

FILE holds topics as `GET /t/ID.json` answers, one a line, compressed. A roundup is made for each week from midnight on
Friday to midnight on Friday, with the history that earlier roundups leave behind. The table says how many items there
are, what share of the likes they hold that five posts could have at most (one an author, one a topic: the exact
maximum, as an assignment problem), how the same posts chosen by plain likes and by Discourse's own weekly score would
do, what is repeated, and who is shown how often.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sync_worker.content.roundup import Roundup, build_roundup
from sync_worker.content.roundup_items import Period
from sync_worker.model import Use
from sync_worker.signals.choosing import tired_of
from tests.talk import as_of, read_topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sync_worker.model import Post, Topic

WEEK = timedelta(days=7)
LOOK_BACK = timedelta(days=60)
FRIDAY = 4
ITEMS = 5
STAFF = frozenset({"system", "discobot"})
OFTEN = 1 / 3  # of the weeks: who is shown more often than this is shown too often


@dataclass(frozen=True)
class Week:
    """One week: its topics as they stood at its end, and what was shown; `why_none` where nothing was."""

    since: datetime
    until: datetime
    topics: tuple[Topic, ...]
    roundup: Roundup | None
    why_none: str = ""

    @property
    def posts(self) -> list[tuple[Topic, Post]]:
        """Every post of the week that a person wrote."""
        return [
            (topic, post)
            for topic in self.topics
            for post in topic.posts
            if post.created_at >= self.since and post.by_a_person and post.username not in STAFF
        ]

    @property
    def shown(self) -> list[Post]:
        """The posts that the roundup shows."""
        return [item.post for item in self.roundup.practices] if self.roundup else []


@dataclass
class Past:
    """What earlier roundups leave behind, as the play keeps it."""

    posts: set[int] = field(default_factory=set)
    authors: list[tuple[int, ...]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    called: Counter[int] = field(default_factory=Counter)

    def period(self, since: datetime, until: datetime) -> Period:
        """Return the period of a week after all this."""
        return Period(
            since,
            until,
            STAFF,
            shown_posts=frozenset(self.posts),
            tired=tired_of(self.authors),
            said=tuple(self.said),
            called_topics=frozenset(topic for topic, times in self.called.items() if times > 1),
        )

    def add(self, roundup: Roundup) -> None:
        """Take in a roundup."""
        self.posts |= {item.post.id for item in roundup.practices}
        self.authors.append(tuple(item.post.user_id for item in roundup.practices))
        self.said += [
            " ".join(cited.passages) for cited in roundup.citations if cited.use is Use.QUOTE and cited.passages
        ]
        self.called.update(question.topic_id for question in roundup.questions)


def weekly(topics: Sequence[Topic]) -> list[Week]:
    """Return the weeks of a forum, each with the roundup that follows from those before it."""
    posts = [post.created_at for topic in topics for post in topic.posts]
    day = min(posts).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    until = day + timedelta(days=(FRIDAY - day.weekday()) % 7) + WEEK
    past, found = Past(), []
    last = max(topic.created_at for topic in topics)  # later posts are what is left of the talk: topics are missing
    while until <= last:
        known = [
            topic for topic in as_of(list(topics), until) if topic.posts[-1].created_at >= until - WEEK - LOOK_BACK
        ]
        period = past.period(until - WEEK, until)
        built = build_roundup(known, period, "en", "https://forum.example", ITEMS)
        if isinstance(built, Roundup):
            past.add(built)
            found.append(Week(until - WEEK, until, tuple(known), built))
        else:
            found.append(Week(until - WEEK, until, tuple(known), None, built))
        until += WEEK
    return found


def most_likes(posts: Iterable[Post], number: int = ITEMS) -> int:
    """Return the most likes that so many posts can have, no author and no topic twice.

    A matching of the greatest weight with at most `number` pairs, by shortest augmenting paths (Bellman-Ford).
    """
    best: dict[tuple[int, int], int] = {}
    for post in posts:
        pair = (post.user_id, post.topic_id)
        best[pair] = max(best.get(pair, 0), post.likes)
    taken: dict[tuple[int, int], bool] = dict.fromkeys((pair for pair, likes in best.items() if likes), False)
    total = 0
    for _ in range(number):
        gain, path = _augment(taken, best)
        if gain <= 0:
            break
        total += gain
        for pair in path:
            taken[pair] = not taken[pair]
    return total


def _augment(taken: dict[tuple[int, int], bool], best: dict[tuple[int, int], int]) -> tuple[int, list[tuple[int, int]]]:
    """Return the change of pairs that gains most with one pair more, and its gain."""
    authors_used = {author for (author, _), used in taken.items() if used}
    topics_used = {topic for (_, topic), used in taken.items() if used}
    reach: dict[tuple[str, int], tuple[int, list[tuple[int, int]]]] = {
        ("author", author): (0, []) for author, _ in taken if author not in authors_used
    }
    changed = True
    while changed:
        changed = False
        for (author, topic), used in taken.items():
            begin, end = (("topic", topic), ("author", author)) if used else (("author", author), ("topic", topic))
            if begin not in reach:
                continue
            gain, path = reach[begin]
            new = gain + (-best[author, topic] if used else best[author, topic])
            if (author, topic) not in path and (end not in reach or new > reach[end][0]):
                reach[end] = (new, [*path, (author, topic)])
                changed = True
    ends = [found for (kind, one), found in reach.items() if kind == "topic" and one not in topics_used]
    return max(ends, default=(0, []), key=lambda found: found[0])


def by_score(week: Week, score: Callable[[Topic, Post], float]) -> list[Post]:
    """Return five posts by a score, one an author and one a topic, the best first."""
    chosen: list[Post] = []
    for _, post in sorted(week.posts, key=lambda pair: (-score(*pair), pair[1].id)):
        if len(chosen) < ITEMS and not any(
            post.user_id == one.user_id or post.topic_id == one.topic_id for one in chosen
        ):
            chosen.append(post)
    return chosen


def _top_of_the_week(week: Week) -> list[Post]:
    """Return the openings of the topics that Discourse's weekly formula puts first, without views: likes and posts."""
    counted: Counter[int] = Counter()
    for topic, post in week.posts:
        counted[topic.id] += 1 + post.likes
    first = [topic for topic, _ in counted.most_common(ITEMS)]
    openings = {topic.id: topic.posts[0] for topic in week.topics}
    return [openings[one] for one in first]


def table(weeks: Sequence[Week]) -> dict[str, Any]:
    """Return the figures of all weeks."""
    active = [week for week in weeks if week.posts]
    quoted = sum(bool(item.quote) for week in weeks if week.roundup for item in week.roundup.practices)
    items = [post for week in weeks for post in week.shown]
    best = {id(week): most_likes(post for _, post in week.posts) for week in weeks}
    likes = sum(best.values())
    worth = [min(ITEMS, _worth_opening(week)) for week in active]
    shown_in = Counter(user for week in weeks for user in {post.user_id for post in week.shown})
    top = shown_in.most_common(1)[0][1] if shown_in else 0
    return {
        "weeks with posts": len(active),
        "without a roundup": sum(week.roundup is None for week in active),
        "items a week": round(len(items) / max(len(active), 1), 2),
        "weeks short of what was worth opening": sum(
            len(week.shown) < wanted for week, wanted in zip(active, worth, strict=True)
        ),
        "items with a quote": share(quoted, len(items)),
        "repeated posts": len(items) - len({post.id for post in items}),
        "author twice in a week": sum(len(w.shown) - len({p.user_id for p in w.shown}) for w in weeks),
        "topic twice in a week": sum(len(w.shown) - len({p.topic_id for p in w.shown}) for w in weeks),
        "outside the period": sum(
            not week.since <= post.created_at < week.until for week in weeks for post in week.shown
        ),
        "likes of the best five: ours": share(sum(post.likes for post in items), likes),
        "likes of the best five: by likes alone": share(
            sum(post.likes for week in weeks for post in by_score(week, lambda _, post: post.likes)), likes
        ),
        "likes of the best five: openings of Discourse's top": share(
            sum(post.likes for week in weeks for post in _top_of_the_week(week) if post.created_at >= week.since), likes
        ),
        "most shown author: share of the weeks": share(top, len(active)),
        "authors in more than a third of the weeks": sum(n > OFTEN * len(active) for n in shown_in.values()),
        "of their items, others as good were there": _replaceable(weeks, shown_in, OFTEN * len(active)),
    }


def share(part: int, whole: int) -> float:
    """Return a share with two digits."""
    return round(part / whole, 2) if whole else 0.0


def _worth_opening(week: Week) -> int:
    """How many topics have a post of the week that others noticed: a like, or an answer by somebody else."""
    found = set()
    for topic, post in week.posts:
        answered = any(
            other.user_id != post.user_id and other.number > post.number and other.by_a_person for other in topic.posts
        )
        if post.likes or answered or post.accepted:
            found.add(topic.id)
    return len(found)


def _replaceable(weeks: Sequence[Week], shown_in: Counter[int], most: float) -> int:
    """How many items of those shown too often had fewer likes than a post of somebody else that was left out."""
    often = {user for user, number in shown_in.items() if number > most}
    count = 0
    for week in weeks:
        authors, topics = {p.user_id for p in week.shown}, {p.topic_id for p in week.shown}
        for post in week.shown:
            if post.user_id in often:
                count += any(
                    other.likes >= max(post.likes, 1) and other.user_id not in authors and topic.id not in topics
                    for topic, other in week.posts
                )
    return count


def main() -> None:
    """Print the table; with --json also write what was shown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="OUT", dest="out")
    arguments = parser.parse_args()
    rows = []
    for path in arguments.files:
        begun = time.process_time()
        weeks = weekly(read_topics(path))
        print(f"{path.name}: {time.process_time() - begun:.1f} s of CPU")
        for name, value in table(weeks).items():
            print(f"  {name:<52}{value:>8}")
        rows += [_row(week, item) for week in weeks if week.roundup for item in week.roundup.practices]
    if arguments.out:
        arguments.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(week: Week, item: Any) -> dict[str, Any]:
    return {
        "until": f"{week.until:%Y-%m-%d}",
        "topic": item.post.topic_id,
        "post": item.post.number,
        "heading": str(item.heading),
        "credit": str(item.credit),
        "quote": " ".join(item.citation.passages),
        "why": str(item.why),
    }


if __name__ == "__main__":
    main()

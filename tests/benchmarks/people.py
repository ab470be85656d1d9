"""People: signals and counting over a long history against a tenth of it; pairs against pairs at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from sync_worker.activity.counts import ensure_counts, recounting
from sync_worker.activity.participation import Counts
from sync_worker.plays.pair import Candidate, Past, match, pair_of
from sync_worker.signals.needs_hand import Around, need_a_hand
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import PostRow, TopicRow

FORUM = "forum.example.org"
CATEGORY = 5
PEOPLE = 200
IN_A_TOPIC = 50
WEEKS = 52
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
AT_ONCE = 10_000


@dataclass
class History:
    """A store with so many posts of a cohort of 200 people in a year."""

    store: Store
    posts: int

    def signals(self) -> int:
        """Return how many people may need a hand this week."""
        with self.store.begin() as session:
            activity = Counts(session, FORUM, "spring", (CATEGORY,), NOW).learners(range(1, PEOPLE + 1))
        joined = dict.fromkeys(activity, NOW - timedelta(weeks=WEEKS))
        around = Around(NOW, ZoneInfo("UTC"), lambda day: day.weekday() < 5, joined)
        return len(need_a_hand(activity, around))

    def write(self) -> None:
        """Take in one new post of the last topic."""
        self.posts += 1
        topic = (self.posts - 1) // IN_A_TOPIC + 1
        with self.store.begin() as session, recounting(session, FORUM, [topic]):
            session.merge(TopicRow(**topic_row(topic)))
            session.add(PostRow(**post_row(self.posts, NOW)))


def topic_row(number: int) -> dict[str, object]:
    """Return a topic of the cohort."""
    return {
        "forum": FORUM,
        "id": number,
        "category_id": CATEGORY,
        "title": "A topic",
        "slug": "a-topic",
        "created_at": NOW,
        "posts_count": 0,
        "like_count": 0,
        "views": 0,
        "tags": [],
        "closed": False,
    }


def post_row(number: int, at: datetime) -> dict[str, object]:
    """Return a post by one of the people, in the topic that its number says."""
    author = number * 7919 % PEOPLE + 1
    return {
        "forum": FORUM,
        "id": number,
        "topic_id": (number - 1) // IN_A_TOPIC + 1,
        "user_id": author,
        "number": (number - 1) % IN_A_TOPIC + 1,
        "username": f"u{author}",
        "name": "",
        "created_at": at,
        "raw": "One page.",
        "cooked": "<p>One page.</p>",
        "likes": 0,
        "reads": 0,
        "accepted": False,
    }


@contextmanager
def history(posts: int) -> Iterator[History]:
    """Give a store with so many posts, evenly over a year."""
    step = timedelta(weeks=WEEKS) / posts
    with TemporaryDirectory() as folder, closing(open_store(f"sqlite:///{Path(folder) / 'lcm.db'}")) as store:
        with store.begin() as session:
            for first in range(1, posts // IN_A_TOPIC + 2, AT_ONCE):
                last = min(first + AT_ONCE, posts // IN_A_TOPIC + 2)
                session.execute(insert(TopicRow), [topic_row(number) for number in range(first, last)])
            for first in range(1, posts + 1, AT_ONCE):
                rows = [
                    post_row(number, NOW - timedelta(weeks=WEEKS) + step * number)
                    for number in range(first, min(first + AT_ONCE, posts + 1))
                ]
                session.execute(insert(PostRow), rows)
            ensure_counts(session, FORUM)
        yield History(store, posts)


PAIRED_WEEKS = 4
TEAMS = 12


@dataclass(frozen=True)
class Paired:
    """What some weeks of pairs came to: pairs of two isolates, pairs that met before, pairs within one team."""

    isolates: int
    repeats: int
    within: int


@dataclass
class Pairing:
    """People in teams of unequal size, a fifth of whom are connected to nobody."""

    number: int

    def __post_init__(self) -> None:
        """Make the people."""
        chance = random.Random(self.number)
        sizes = range(TEAMS, 0, -1)
        self.people = [
            Candidate(one, (str(chance.choices(range(TEAMS), sizes)[0]),), chance.random() < 0.2)
            for one in range(self.number)
        ]

    def week(self) -> object:
        """Pair everybody once."""
        return match(self.people, Past(), random.Random(1))

    def random_week(self) -> list[tuple[int, ...]]:
        """Put everybody into a pair at random."""
        return self._random(random.Random(1))

    def _random(self, chance: random.Random) -> list[tuple[int, ...]]:
        mixed = [one.user_id for one in self.people]
        chance.shuffle(mixed)
        return [tuple(mixed[place : place + 2]) for place in range(0, len(mixed) - 1, 2)]

    def weeks(self, *, matched: bool) -> Paired:
        """Pair everybody in some weeks."""
        known, together = {one.user_id: one for one in self.people}, set[tuple[int, int]]()
        isolates = repeats = within = 0
        for week in range(PAIRED_WEEKS):
            chance = random.Random(week)
            groups = match(self.people, Past(together), chance).groups if matched else self._random(chance)
            pairs = [pair_of(a, b) for group in groups for a, b in combinations(group, 2)]
            isolates += sum(known[a].isolated and known[b].isolated for a, b in pairs)
            within += sum(known[a].traits == known[b].traits for a, b in pairs)
            repeats += len(together.intersection(pairs))
            together.update(pairs)
        return Paired(isolates, repeats, within)

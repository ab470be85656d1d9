"""Reading a topic, taking topics into the store, writing a roundup of them: each against what it cannot do without."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import forum as practice
import requests
from sqlalchemy import delete, insert

from sync_worker.activity.collect import collect
from sync_worker.activity.reader import ActivityReader
from sync_worker.content.roundup import Roundup, build_roundup
from sync_worker.content.roundup_items import Period
from sync_worker.forum import Forum
from sync_worker.model import Post, Topic
from sync_worker.plays.posting import LOOK_BACK_FOR_QUESTIONS
from sync_worker.signals.plain import plain_text, sentences
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import ActivityDayRow, AnswerWeekRow, PostRow, TopicRow

POSTS = 100
TOPICS = 8
FORUM, CATEGORY = "forum.example.org", 5
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """A topic fetched twice, and all topics taken into a store twice; the store is emptied before each time."""

    bare: Callable[[], object]
    ours: Callable[[], object]
    bare_ingest: Callable[[], object]
    ingest: Callable[[], object]
    posts: int


@contextmanager
def case() -> Iterator[Case]:
    """Give topics of a hundred posts on a practice forum."""
    with (
        TemporaryDirectory() as name,
        practice.running() as settings,
        Forum.connect(settings, practice.KEY) as forum,
        requests.Session() as session,
    ):
        folder = Path(name)
        session.headers.update({"Api-Key": practice.KEY, "Api-Username": "forumadmin", "Accept": "application/json"})
        category = forum.create_category("Bench", "bench", {"staff": 1})
        topics = [_fill(forum, category.id, number) for number in range(TOPICS)]

        def fetch(topic: int) -> list[dict[str, object]]:
            url = f"{settings.url}/t/{topic}.json?print=true&include_raw=1"
            found: list[dict[str, object]] = session.get(url, timeout=60).json()["post_stream"]["posts"]
            assert len(found) == POSTS
            return found

        def ours() -> None:
            found = forum.topic(topics[0])
            assert found is not None
            assert len(found.posts) == POSTS

        def bare_ingest() -> None:
            session.get(f"{settings.url}/c/bench/{category.id}/l/latest.json", timeout=60).json()
            with closing(sqlite3.connect(folder / "bare.db")) as database, database:
                database.execute("DROP TABLE IF EXISTS posts")
                database.execute("CREATE TABLE posts (id INTEGER PRIMARY KEY, topic INTEGER, post TEXT)")
                for topic in topics:
                    rows = [(post["id"], topic, json.dumps(post)) for post in fetch(topic)]
                    database.executemany("INSERT INTO posts VALUES (?, ?, ?)", rows)

        with closing(open_store(f"sqlite:///{folder / 'ours.db'}")) as store:

            def ingest() -> None:
                _empty(store)
                taken = collect(forum, store, [category.id], NOW).posts
                assert taken == TOPICS * POSTS + 1  # and what the category says of itself

            yield Case(lambda: fetch(topics[0]), ours, bare_ingest, ingest, TOPICS * POSTS)


def _empty(store: Store) -> None:
    """Delete all activity, as the bare reading begins with an empty table, too."""
    with store.begin() as session:
        for table in (PostRow, TopicRow, ActivityDayRow, AnswerWeekRow):
            session.execute(delete(table))


def _fill(forum: Forum, category: int, number: int) -> int:
    title, text = f"A topic to read often, number {number}", "The opening post of a topic."
    topic = forum.create_topic(title, text, category, f"bench-{number}").topic_id
    for reply in range(POSTS - 1):
        forum.reply(topic, f"Reply number {reply} of {number}, long enough to be taken by the forum.")
    return topic


WEEK = timedelta(days=7)
PEOPLE, IN_A_TOPIC = 40, 10
TOLD = (
    "Our hand-over number {0} used to lose half of the questions. In week {0} we tried reading list {0} aloud before "
    "anybody left. It worked: we had {0} calls back instead of seventy, and nobody stayed late."
)


@dataclass(frozen=True)
class Week:
    """A week of a cohort that writes much."""

    topics: tuple[Topic, ...]

    @classmethod
    def of(cls, posts: int) -> Week:
        """Make so many posts in topics of ten."""
        topics = []
        for first in range(0, posts, IN_A_TOPIC):
            written = tuple(
                _post(number, number - first + 1) for number in range(first, min(first + IN_A_TOPIC, posts))
            )
            number = first // IN_A_TOPIC + 1
            topics.append(
                Topic(number, CATEGORY, f"What became of hand-over {number}", "x", written[0].created_at, written)
            )
        return cls(tuple(topics))

    def bare(self) -> int:
        """Make plain text of every post."""
        sentences.cache_clear()
        return sum(len(plain_text(post.cooked)) for topic in self.topics for post in topic.posts)

    def roundup(self) -> Roundup | str:
        """Choose, quote and write."""
        sentences.cache_clear()
        found = build_roundup(self.topics, Period(NOW - WEEK, NOW), "en", "https://forum.example.org")
        assert isinstance(found, Roundup), found
        return found


@dataclass(frozen=True)
class Stored:
    """A store with many weeks, in each of which as much was written."""

    store: Store

    def roundup(self) -> Roundup | str:
        """Read what a roundup needs from the store; choose, quote and write."""
        sentences.cache_clear()
        period = Period(NOW - WEEK, NOW)
        with self.store.begin() as session:
            reader = ActivityReader(session, FORUM, (CATEGORY,), CATEGORY)
            period = replace(period, new_authors=reader.new_authors(period.since, period.until))
            topics = reader.topics(since=period.since - LOOK_BACK_FOR_QUESTIONS, until=period.until)
        found = build_roundup(topics, period, "en", "https://forum.example.org")
        assert isinstance(found, Roundup), found
        return found


@contextmanager
def stored(posts: int, in_a_week: int) -> Iterator[Stored]:
    """Give a store with so many posts, of which so many were written in the last week and in each before."""
    week = Week.of(in_a_week)
    with TemporaryDirectory() as folder, closing(open_store(f"sqlite:///{Path(folder) / 'lcm.db'}")) as store:
        for back in range(posts // in_a_week):
            first, earlier = back * in_a_week, back * WEEK
            with store.begin() as session:
                session.execute(insert(TopicRow), [_topic_row(one, first, earlier) for one in week.topics])
                rows = [_post_row(post, first, earlier) for topic in week.topics for post in topic.posts]
                session.execute(insert(PostRow), rows)
        yield Stored(store)


def _topic_row(topic: Topic, first: int, earlier: timedelta) -> dict[str, object]:
    at = topic.created_at - earlier
    row = {"forum": FORUM, "id": topic.id + first, "category_id": CATEGORY, "title": topic.title, "slug": topic.slug}
    return row | {"created_at": at, "posts_count": 0, "like_count": 0, "views": 0, "tags": [], "closed": False}


def _post_row(post: Post, first: int, earlier: timedelta) -> dict[str, object]:
    return {
        "forum": FORUM,
        "id": post.id + first,
        "topic_id": post.topic_id + first,
        "number": post.number,
        "user_id": post.user_id,
        "username": post.username,
        "name": post.name,
        "created_at": post.created_at - earlier,
        "raw": post.raw,
        "cooked": post.cooked,
        "likes": post.likes,
        "reads": 0,
        "accepted": False,
    }


def _post(number: int, place: int) -> Post:
    author, text = number * 7919 % PEOPLE + 1, TOLD.format(number)
    at = NOW - WEEK + timedelta(minutes=number + 1)
    name = f"Person {author}"
    return Post(
        number + 1, number // IN_A_TOPIC + 1, place, author, f"u{author}", name, at, text, f"<p>{text}</p>", number % 7
    )

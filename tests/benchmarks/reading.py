"""Reading a topic: the client against a bare session on the same server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import forum as practice
import requests

from sync_worker.forum import Forum

POSTS = 100


@dataclass(frozen=True)
class Case:
    """The same answer fetched twice."""

    bare: Callable[[], object]
    ours: Callable[[], object]


@contextmanager
def case() -> Iterator[Case]:
    """Give a topic of a hundred posts on a practice forum."""
    with practice.running() as settings, Forum.connect(settings, practice.KEY) as forum, requests.Session() as session:
        session.headers.update({"Api-Key": practice.KEY, "Api-Username": "forumadmin", "Accept": "application/json"})
        category = forum.create_category("Bench", "bench", {"staff": 1})
        topic = forum.create_topic("A topic to read often", "The opening post of a topic.", category.id, "bench-1")
        for number in range(POSTS - 1):
            forum.reply(topic.topic_id, f"Reply number {number}, long enough to be taken by the forum.")
        url = f"{settings.url}/t/{topic.topic_id}.json?print=true&include_raw=1"

        def bare() -> None:
            assert len(session.get(url, timeout=60).json()["post_stream"]["posts"]) == POSTS

        def ours() -> None:
            found = forum.topic(topic.topic_id)
            assert found is not None
            assert len(found.posts) == POSTS

        yield Case(bare, ours)

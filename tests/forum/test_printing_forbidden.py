"""A forum that lets nobody print its topics is no empty forum."""

from __future__ import annotations

from typing import Any

import pytest

from sync_worker.forum import Forum


@pytest.fixture
def site(make_practice_forum: Any) -> Any:
    settings = {"max_prints_per_hour_per_user": "0", "allow_uncategorized_topics": "true"}
    return make_practice_forum(settings=settings)


def start(site: Any, replies: int) -> int:
    body = {"title": f"A topic with {replies} replies to it", "raw": f"The question that opens the topic of {replies}."}
    topic = int(site.call("POST", "/posts.json", json=body).json()["topic_id"])
    for number in range(replies):
        reply = {"topic_id": topic, "raw": f"The reply with the number {number} to the question."}
        assert site.call("POST", "/posts.json", json=reply).status_code == 200
    return topic


def test_a_topic_is_read_by_the_ids_of_its_posts(site: Any) -> None:
    topics = [start(site, 130), start(site, 3)]
    assert site.call("GET", f"/t/{topics[0]}.json?print=true").status_code == 403
    with Forum.connect(site.settings, site.key) as forum:
        found = [forum.topic(topic) for topic in topics]
        assert [[post.number for post in topic.posts] for topic in found if topic] == [
            list(range(1, 132)),
            list(range(1, 5)),
        ]
        assert all(post.raw for topic in found if topic for post in topic.posts)
        # 1 that is forbidden, 1 for the first 20 posts, 2 for 111 more; the second topic fits into 1.
        assert forum.calls.total == 1 + 1 + 2 + 1


def test_a_topic_that_is_gone_there_is_gone(site: Any) -> None:
    with Forum.connect(site.settings, site.key) as forum:
        assert forum.topic(9_999) is None

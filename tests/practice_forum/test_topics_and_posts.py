"""Who sees what, what repeats do, and what time does to topics: on a real practice forum over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from tests.contract.recorded import Answer, Client, Keys

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG = "This text is long enough for the limits of the forum"


class Forum:
    """A practice forum with a private category for the group `inside`, of which bulk0001 is a member."""

    def __init__(self, server: ForumServer) -> None:
        self.client = Client(server.url, Keys(ForumOptions().api_key, ""))
        self.at(NOW)
        self.done("POST", "/admin/groups.json", **{"group[name]": "inside", "group[usernames]": "bulk0001"})
        form = {"name": "Room", "slug": "room", "permissions[inside]": "1"}
        self.category = str(self.done("POST", "/categories.json", **form)["category"]["id"])
        form = {"title": "The first topic of the private room", "raw": LONG, "category": self.category}
        post = self.done("POST", "/posts.json", **form, external_id="room-1")
        self.topic, self.post = str(post["topic_id"]), str(post["id"])

    def at(self, moment: datetime) -> None:
        assert self.client.call("PUT", "/practice/clock.json", json_body={"now": moment.isoformat()}).status == 200

    def call(self, method: str, path: str, *, user: str | None = "forumadmin", **form: str) -> Answer:
        return self.client.call(method, path, user=user, **form)

    def done(self, method: str, path: str, *, user: str = "forumadmin", **form: str) -> Any:
        answer = self.call(method, path, user=user, **form)
        assert answer.status == 200, answer.text
        return answer.json

    def shown(self, topic: str | None = None) -> Any:
        return self.done("GET", f"/t/{topic or self.topic}.json?print=true&include_raw=1")


@pytest.fixture
def forum() -> Iterator[Forum]:
    with ForumServer(":memory:", options=ForumOptions(bulk_users=5, now=NOW - timedelta(days=30))) as server:
        yield Forum(server)


def test_a_private_category_is_there_for_its_group_only(forum: Forum) -> None:
    paths = (f"/t/{forum.topic}.json", f"/c/room/{forum.category}/l/latest.json")
    for path in paths:
        assert forum.call("GET", path, user="bulk0001").status == 200
        assert forum.call("GET", path, user="bulk0002").status == 404
        assert forum.call("GET", path, user=None).status == 404
    assert forum.call("GET", f"/posts/{forum.post}.json", user="bulk0002").status == 403
    assert forum.call("GET", "/t/external_id/room-1.json", user="bulk0002").status == 403
    for path in ("/posts.json", "/latest.json", "/search.json?q=private", "/categories.json"):
        assert "rivate room" not in forum.call("GET", path, user="bulk0002").text


def test_outsiders_can_neither_post_nor_reply_nor_like_in_a_private_category(forum: Forum) -> None:
    form = {"title": "An outsider wants to come in here", "raw": LONG, "category": forum.category}
    assert forum.call("POST", "/posts.json", user="bulk0002", **form).status == 403
    assert forum.call("POST", "/posts.json", user="bulk0002", topic_id=forum.topic, raw=LONG).status == 422
    like = forum.call("POST", "/post_actions.json", user="bulk0002", id=forum.post, post_action_type_id="2")
    assert like.status == 403


def test_a_message_is_there_for_those_it_is_addressed_to(forum: Forum) -> None:
    form = {"title": "Between the two of us", "raw": LONG, "archetype": "private_message", "external_id": "pm-1"}
    topic = forum.done("POST", "/posts.json", target_recipients="bulk0003", **form)["topic_id"]
    assert forum.call("GET", f"/t/{topic}.json", user="bulk0003").status == 200
    assert forum.call("GET", f"/t/{topic}.json", user="bulk0004").status == 404
    inbox = forum.done("GET", "/topics/private-messages/bulk0003.json", user="bulk0003")
    assert [line["id"] for line in inbox["topic_list"]["topics"]] == [topic]
    sent = forum.done("GET", "/topics/private-messages-sent/forumadmin.json")
    assert [line["id"] for line in sent["topic_list"]["topics"]] == [topic]
    assert forum.call("GET", "/topics/private-messages/bulk0003.json", user="bulk0004").status == 403


def test_every_further_pin_adds_a_line_and_a_pin_ends_at_its_time(forum: Forum) -> None:
    until = (NOW + timedelta(days=7)).isoformat()
    for _ in range(2):
        forum.done("PUT", f"/t/{forum.topic}/status.json", status="pinned", enabled="true", until=until)
    topic = forum.shown()
    assert [post.get("action_code") for post in topic["post_stream"]["posts"]] == [None, *["pinned.enabled"] * 2]
    assert topic["pinned_at"]
    forum.at(NOW + timedelta(days=7, minutes=1))
    assert forum.shown()["pinned_at"] is None


def test_pinned_topics_stand_first_on_the_first_page_only(forum: Forum) -> None:
    for number in range(4):
        form = {"title": f"A later topic with the number {number}", "raw": f"{LONG} {number}"}
        forum.done("POST", "/posts.json", category=forum.category, **form)
    forum.done("PUT", f"/t/{forum.topic}/status.json", status="pinned", enabled="true")
    pages = []
    for page in range(3):
        path = f"/c/room/{forum.category}/l/latest.json?per_page=3&page={page}"
        pages.append([line["id"] for line in forum.done("GET", path)["topic_list"]["topics"]])
    assert pages[0][0] == int(forum.topic)
    assert sorted(pages[0] + pages[1] + pages[2]) == sorted(set(pages[0] + pages[1] + pages[2]))
    assert [len(page) for page in pages] == [3, 3, 0]


def test_a_like_is_counted_once_and_can_be_taken_back_for_ten_minutes(forum: Forum) -> None:
    like = {"id": forum.post, "post_action_type_id": "2"}
    forum.done("POST", "/post_actions.json", user="bulk0001", **like)
    assert forum.call("POST", "/post_actions.json", user="bulk0001", **like).status == 403
    summary = forum.shown()["post_stream"]["posts"][0]["actions_summary"][0]
    assert summary == {"id": 2, "count": 1}
    who = forum.done("GET", f"/post_action_users.json?id={forum.post}&post_action_type_id=2")
    assert [user["username"] for user in who["post_action_users"]] == ["bulk0001"]
    forum.at(NOW + timedelta(minutes=9))
    forum.done("DELETE", f"/post_actions/{forum.post}.json?post_action_type_id=2", user="bulk0001")
    assert forum.shown()["like_count"] == 0


def test_members_who_post_too_fast_have_to_wait_and_staff_has_not(forum: Forum) -> None:
    forum.done("POST", "/posts.json", user="bulk0001", topic_id=forum.topic, raw=f"{LONG}, once")
    soon = forum.call("POST", "/posts.json", user="bulk0001", topic_id=forum.topic, raw=f"{LONG}, twice")
    assert (soon.status, soon.headers["retry-after"]) == (429, "5")
    forum.at(NOW + timedelta(seconds=6))
    forum.done("POST", "/posts.json", user="bulk0001", topic_id=forum.topic, raw=f"{LONG}, twice")
    for number in range(3):
        forum.done("POST", "/posts.json", topic_id=forum.topic, raw=f"{LONG}, {number}")


def test_an_edit_over_somebody_elses_is_a_conflict(forum: Forum) -> None:
    form = {"post[raw]": f"{LONG} after a change", "post[original_text]": "What it never was."}
    assert forum.call("PUT", f"/posts/{forum.post}.json", **form).status == 409
    forum.done("PUT", f"/posts/{forum.post}.json", **{"post[raw]": f"{LONG} after a change", "post[edit_reason]": "y"})
    post = forum.shown()["post_stream"]["posts"][0]
    assert (post["version"], post["raw"]) == (2, f"{LONG} after a change")


def test_a_group_moderates_its_category_only_where_the_site_allows_it(forum: Forum) -> None:
    group = forum.done("GET", "/groups/inside.json")["group"]["id"]
    path, pin = f"/categories/{forum.category}.json", {"status": "pinned", "enabled": "true"}
    ignored = forum.done("PUT", path, **{"moderating_group_ids[]": str(group)})
    assert "moderating_group_ids" not in ignored["category"]
    assert forum.call("PUT", f"/t/{forum.topic}/status.json", user="bulk0001", **pin).status == 403
    setting = "enable_category_group_moderation"
    assert forum.call("PUT", f"/admin/site_settings/{setting}.json", **{setting: "true"}).status == 200
    allowed = forum.done("PUT", path, **{"moderating_group_ids[]": str(group)})
    assert allowed["category"]["moderating_group_ids"] == [group]
    forum.done("PUT", f"/t/{forum.topic}/status.json", user="bulk0001", **pin)
    globally = pin | {"status": "pinned_globally"}
    assert forum.call("PUT", f"/t/{forum.topic}/status.json", user="bulk0001", **globally).status == 403


def test_the_directory_counts_up_to_the_last_full_hour(forum: Forum) -> None:
    path = "/directory_items.json?period=daily&order=topic_count"
    forum.at(NOW + timedelta(hours=2))
    items = forum.done("GET", path)["directory_items"]
    assert items[0]["user"]["username"] == "forumadmin"
    assert items[0]["topic_count"] >= 1


def test_search_finds_by_word_author_and_category(forum: Forum) -> None:
    for query in ("private", "enough @forumadmin", "long #room", "category:room"):
        found = forum.done("GET", f"/search.json?q={query.replace('#', '%23').replace(' ', '%20')}")
        assert int(forum.topic) in [topic["id"] for topic in found["topics"]], query
    assert forum.done("GET", "/search.json?q=zzz")["topics"] == []
    assert forum.call("GET", "/search.json?q=private&page=11").status == 400

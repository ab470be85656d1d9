"""Answers of a real Discourse 3.5, word for word, become records or errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync_worker.errors import ForumError
from sync_worker.forum import FailedCall, Forum, Outcome


class Recordings:
    """The recorded answers, to be scripted by number."""

    def __init__(self, folder: Path, scripted: Any) -> None:
        self._folder = folder
        self._scripted = scripted

    def reply(self, number: str) -> Any:
        """The recorded answer as a scripted one."""
        recorded = json.loads(next(self._folder.glob(f"{number}-*.json")).read_text(encoding="utf-8"))["response"]
        headers = dict(recorded["headers"])
        kept = {name: headers[name] for name in headers if name.startswith(("retry", "discourse", "location", "x-"))}
        body = recorded["json"] if "json" in recorded else recorded["text"]
        return self._scripted.reply(body, recorded["status"], kept, content_type=headers["content-type"])

    def play(self, method: str, path: str, number: str) -> Any:
        """Answer the route as recorded."""
        self._scripted.on(method, path, self.reply(number))
        return self.reply(number)


@pytest.fixture
def recordings(shared_folder: Path, scripted: Any) -> Recordings:
    return Recordings(shared_folder / "recordings", scripted)


def test_a_list_of_members_and_its_owner(forum: Forum, recordings: Recordings, scripted: Any) -> None:
    first = recordings.play("GET", "/groups/helpers/members.json", "096")
    first.body["meta"]["total"] = 2  # it was recorded with a limit of two
    scripted.on("GET", "/groups/helpers/members.json", first)
    assert [(m.id, m.username, m.owner) for m in forum.members("helpers")] == [
        (1101, "bulk1100", True),
        (1110, "dave", False),
    ]


def test_a_thousand_members_of_a_larger_group_are_not_taken_for_all(forum: Forum, recordings: Recordings) -> None:
    recordings.play("GET", "/groups/helpers/members.json", "080")
    with pytest.raises(ForumError, match="says there are 1004 and lists 1000"):
        forum.members("helpers")


def test_users_with_and_without_addresses(forum: Forum, recordings: Recordings) -> None:
    recordings.play("GET", "/admin/users/list/active.json", "640")
    assert [(user.username, user.email) for user in forum.users()] == [("extone", "ext1@example.org")]
    recordings.play("GET", "/admin/users/list/active.json", "033")
    with pytest.raises(ForumError, match="does not show e-mail addresses"):
        list(forum.users())


def test_one_user_and_none(forum: Forum, recordings: Recordings) -> None:
    recordings.play("GET", "/u/alice.json", "029")
    recordings.play("GET", "/u/nosuchuser.json", "016")
    alice = forum.user("alice")
    assert alice is not None
    assert (alice.id, alice.name, alice.email) == (1107, "Alice Example", None)
    assert forum.user("nosuchuser") is None


def test_categories(forum: Forum, recordings: Recordings) -> None:
    recordings.play("GET", "/c/5/show.json", "213")
    recordings.play("GET", "/site.json", "215")
    assert forum.category(5).permissions == {"everyone": 3, "helpers": 1}
    assert "uncategorized" in [category.slug for category in forum.categories()]


def test_the_topics_of_a_category(forum: Forum, recordings: Recordings, scripted: Any) -> None:
    recordings.play("GET", "/c/lounge/5/l/latest.json", "452")
    moved = recordings.reply("332")
    moved.headers["location"] = f"{scripted.url}/c/lounge/5/l/latest.json"
    scripted.on("GET", "/c/-/5/l/latest.json", moved)
    topics = list(forum.category_topics(5))
    assert len(topics) == len({topic.id for topic in topics}) == 92
    assert topics[0].pinned


def test_a_topic_with_its_posts(forum: Forum, recordings: Recordings, scripted: Any) -> None:
    recordings.play("GET", "/t/17.json", "315")
    stream = recordings.reply("315").body["post_stream"]
    scripted.on("GET", "/t/17/posts.json", scripted.reply({"post_stream": stream}))
    topic = forum.topic(17)
    assert topic is not None
    assert topic.created_at == datetime(2026, 11, 24, 0, 28, 58, 829000, tzinfo=UTC)
    assert topic.posts[0].raw is not None
    assert (topic.pinned, topic.external_id, len(topic.tags)) == (False, None, 2)
    assert [post.number for post in topic.posts] == sorted(post.number for post in topic.posts)


def test_topics_that_are_not_there_or_deleted(forum: Forum, recordings: Recordings) -> None:
    recordings.play("GET", "/t/999999.json", "011")
    recordings.play("GET", "/t/18.json", "356")
    assert forum.topic(999999) is None
    assert forum.topic(18) is None


def test_external_ids(forum: Forum, recordings: Recordings) -> None:
    recordings.play("GET", "/t/external_id/rec-0001.json", "317")
    recordings.play("GET", "/t/external_id/nosuch.json", "318")
    assert forum.topic_id_of("rec-0001") == 18
    assert forum.topic_id_of("nosuch") is None


def test_groups_and_categories_that_were_made(forum: Forum, recordings: Recordings) -> None:
    recordings.play("POST", "/admin/groups.json", "036")
    recordings.play("POST", "/categories.json", "201")
    assert (forum.create_group("helpers", "The Helpers").id, forum.create_category("L", "l", {"h": 1}).id) == (41, 5)


def test_a_new_topic_a_taken_one_and_one_that_waits(forum: Forum, recordings: Recordings, scripted: Any) -> None:
    recordings.play("POST", "/posts.json", "218")
    assert forum.create_topic("T", "raw", 5, "rec-0001").topic_id == 18
    recordings.play("POST", "/posts.json", "220")
    recordings.play("GET", "/t/external_id/rec-0001.json", "317")
    recordings.play("GET", "/t/18.json", "314")
    scripted.on("GET", "/t/18.json", scripted.reply({"post_stream": {"posts": [recordings.reply("218").body]}}))
    assert forum.create_topic("T", "raw", 5, "rec-0001").post_id == 19
    recordings.play("POST", "/posts.json", "802")
    with pytest.raises(ForumError, match="review queue"):
        forum.create_topic("T", "raw", 5, "queued-1")


@pytest.mark.parametrize(("number", "seconds"), [("751", 58), ("755", 58), ("758", 10), ("759", 10)])
def test_rate_limits(forum: Forum, recordings: Recordings, scripted: Any, naps: Any, number: str, seconds: int) -> None:
    scripted.on("GET", "/groups/search.json", recordings.reply(number), scripted.reply([]))
    forum.groups()
    assert seconds < naps[0] <= seconds + 1


@pytest.mark.parametrize(
    ("number", "status", "error_type", "said", "outcome"),
    [
        ("002", 403, "invalid_access", "The API username or key is invalid.", Outcome.REFUSED),
        ("010", 404, "not_found", "could not be found.", Outcome.REFUSED),
        ("075", 404, None, "404: Not Found.", Outcome.REFUSED),
        ("070", 500, None, "500: Internal Server Error.", Outcome.DOUBTFUL),
        ("081", 400, "invalid_parameters", "invalid parameters to the request: limit", Outcome.REFUSED),
        ("826", 503, "read_only", "The site is in read only mode.", Outcome.POSTPONED),
        ("832", 403, "invalid_access", "The API username or key is invalid.", Outcome.REFUSED),
    ],
)
def test_refusals(
    forum: Forum, recordings: Recordings, number: str, status: int, error_type: str, said: str, outcome: Outcome
) -> None:
    recordings.play("GET", "/groups/search.json", number)
    with pytest.raises(FailedCall) as caught:
        forum.groups()
    assert (caught.value.status, caught.value.error_type, caught.value.outcome) == (status, error_type, outcome)
    assert said in caught.value.what


def test_bulk_changes_of_members(forum: Forum, recordings: Recordings) -> None:
    path = "/groups/41/members.json"
    recordings.play("PUT", path, "069")
    assert forum.add_members(41, [20]).done == (20,)
    recordings.play("DELETE", path, "101")
    assert forum.remove_members(41, [30]).done == (30,)
    recordings.play("DELETE", path, "098")
    assert forum.remove_members(41, [1110]).done == (1110,)  # was no member
    for method, number in (("PUT", "067"), ("DELETE", "099")):
        recordings.play(method, path, number)
    assert forum.add_members(41, [9999]).skipped == (9999,)
    assert forum.remove_members(41, [9999]).skipped == (9999,)


def test_where_the_answer_names_fewer_accounts_than_were_sent_a_look_tells_who_is_there(
    forum: Forum, recordings: Recordings, scripted: Any
) -> None:
    recordings.play("PUT", "/groups/41/members.json", "053")  # two of three are known
    recordings.play("GET", "/groups/by-id/41.json", "047")
    members = recordings.reply("096")
    members.body["meta"]["total"] = 2
    scripted.on("GET", "/groups/helpers/members.json", members)
    result = forum.add_members(41, [1101, 1110, 9999])
    assert (result.done, result.skipped) == ((1101, 1110), (9999,))

"""What is sent, what is repeated, what is refused."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sync_worker import __version__
from sync_worker.config import ForumSettings
from sync_worker.errors import ForumError, RefusedError
from sync_worker.forum import FailedCall, Forum, Outcome, Patience

GROUPS = "/groups/search.json"
POSTS = "/posts.json"
CREATED = {"id": 7, "topic_id": 5, "topic_slug": "hello", "post_number": 2}
LIMIT_WORDS = {
    "errors": ["You’ve performed this action too many times."],
    "error_type": "rate_limit",
    "extras": {"wait_seconds": 39, "time_left": "39 seconds"},
}


def test_calls_share_one_connection_and_carry_key_user_and_agent(forum: Forum, scripted: Any, key: str) -> None:
    scripted.on("GET", GROUPS, scripted.reply([]))
    for _ in range(3):
        forum.groups()
    assert scripted.connections == 1
    headers = scripted.calls[0].headers
    assert (headers["Api-Key"], headers["Api-Username"]) == (key, "system")
    assert headers["User-Agent"] == f"discourse-lcm/{__version__}"
    assert headers["Accept"] == "application/json"
    assert "Authorization" not in headers


def test_cookies_are_not_kept(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", GROUPS, scripted.reply([], headers={"Set-Cookie": "_t=abc; path=/"}))
    forum.groups()
    forum.groups()
    assert "Cookie" not in scripted.calls[1].headers


def test_calls_are_counted_by_operation_without_names(forum: Forum, scripted: Any) -> None:
    page = {"members": [], "owners": [], "meta": {"total": 0}}
    scripted.on("GET", "/groups/spring-bakers/members.json", scripted.reply(page))
    scripted.on("GET", GROUPS, scripted.reply([]))
    forum.members("spring-bakers")
    forum.groups()
    forum.groups()
    assert forum.calls.total == 3
    assert forum.calls.by_operation == {"GET /groups/search": 2, "GET /groups/*/members": 1}


@pytest.mark.parametrize(
    ("shape", "least", "most"),
    [
        ({"body": LIMIT_WORDS, "headers": {"Retry-After": "39"}}, 39.1, 40.0),
        ({"body": LIMIT_WORDS, "headers": {"Retry-After": "50"}}, 50.1, 51.0),
        ({"body": LIMIT_WORDS}, 39.1, 40.0),
        ({"body": {"failed": "FAILED", "message": "Slow down"}}, 10.1, 11.0),
        ({"body": "Slow down", "content_type": "text/plain", "headers": {"Retry-After": "7"}}, 7.1, 8.0),
        ({"body": "<html>too many</html>", "content_type": "text/html"}, 10.1, 11.0),
        ({"body": "<html>too many</html>", "content_type": None}, 10.1, 11.0),
        ({"body": "", "headers": {"Retry-After": "soon"}}, 10.1, 11.0),
        ({"body": '{"errors": ["cut', "headers": {"Retry-After": "-1"}}, 10.1, 11.0),
        ({"body": {"extras": {"wait_seconds": "39"}}}, 10.1, 11.0),
        ({"body": [1], "headers": {"Retry-After": "nan"}}, 10.1, 11.0),
    ],
    ids=str,
)
def test_every_shape_of_429_is_waited_out(
    forum: Forum, scripted: Any, naps: list[float], shape: dict[str, Any], least: float, most: float
) -> None:
    scripted.on("GET", GROUPS, scripted.reply(status=429, **shape), scripted.reply([]))
    assert forum.groups() == []
    assert len(naps) == 1
    assert least <= naps[0] <= most


def test_a_429_with_a_date_waits_until_then(forum: Forum, scripted: Any, naps: list[float]) -> None:
    # http.server writes a Date of its own; the answer's own clock counts, so the wait is about what the dates say.
    late = scripted.reply("", 429, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"})
    scripted.on("GET", GROUPS, late)
    with pytest.raises(ForumError) as caught:
        forum.groups()
    assert caught.value.status == 429
    assert naps == []  # nobody waits for decades


def test_writes_are_repeated_after_a_429_since_nothing_was_done(forum: Forum, scripted: Any) -> None:
    scripted.on("POST", POSTS, scripted.reply(LIMIT_WORDS, 429), scripted.reply(CREATED))
    assert forum.reply(5, "A reply.").post_id == 7


def test_a_429_without_end_is_given_up(forum: Forum, scripted: Any, naps: list[float]) -> None:
    scripted.on("GET", GROUPS, scripted.reply(LIMIT_WORDS, 429))
    with pytest.raises(ForumError) as caught:
        forum.groups()
    assert caught.value.status == 429
    assert "too many times" in str(caught.value)
    assert len(naps) == 5


FAULTS: list[dict[str, Any]] = [
    {"status": 500, "body": {"status": 500, "error": "Internal Server Error"}},
    {"status": 502, "body": "<html><title>502 Bad Gateway</title></html>", "content_type": "text/html"},
    {"status": 503, "body": ""},
    {"fault": "close"},
    {"fault": "cut", "body": [{"id": 1, "name": "one", "full_name": "One"}]},
    {"fault": "slow", "body": []},
    {"body": "<html><title>Log in</title></html>", "content_type": "text/html"},
    {"body": '[{"id": 1, "na'},
    {"body": ""},
    {"body": "", "content_type": None},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_reading_is_repeated_after_every_fault(forum: Forum, scripted: Any, fault: dict[str, Any]) -> None:
    scripted.on("GET", GROUPS, scripted.reply(**fault), scripted.reply(**fault), scripted.reply([]))
    assert forum.groups() == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_reply_is_never_repeated_when_it_may_have_been_posted(
    forum: Forum, scripted: Any, naps: list[float], fault: dict[str, Any]
) -> None:
    scripted.on("POST", POSTS, scripted.reply(**fault))
    with pytest.raises(FailedCall) as caught:
        forum.reply(5, "A reply that is not to be doubled.")
    assert caught.value.outcome is Outcome.DOUBTFUL
    assert len(scripted.calls) == 1
    assert naps == []


def test_backoff_grows_and_is_bounded(forum: Forum, scripted: Any, naps: list[float]) -> None:
    scripted.on("GET", GROUPS, scripted.reply(status=502))
    with pytest.raises(ForumError):
        forum.groups()
    assert len(naps) == 5
    assert all(0.25 * 2**n <= nap <= 0.5 * 2**n for n, nap in enumerate(naps))


def test_refusals_are_not_repeated_and_carry_the_forums_words(forum: Forum, scripted: Any) -> None:
    refusal = {"errors": ["You are not permitted to view the requested resource."], "error_type": "invalid_access"}
    scripted.on("GET", "/groups/g/members.json", scripted.reply(refusal, 403))
    with pytest.raises(ForumError) as caught:
        forum.members("g")
    error = caught.value
    assert (error.status, error.error_type) == (403, "invalid_access")
    assert error.url == f"{scripted.url}/groups/g/members.json"
    assert "403: You are not permitted" in str(error)
    assert "lcm check" in str(error)
    assert error.exit_code == 5
    assert len(scripted.calls) == 1


def test_a_short_read_only_mode_is_waited_out_and_a_long_one_said(
    forum: Forum, scripted: Any, naps: list[float]
) -> None:
    body = {"errors": ["The site is in read only mode. Interactions are disabled."], "error_type": "read_only"}
    closed = scripted.reply(body, 503)
    scripted.on("POST", POSTS, closed, closed, scripted.reply(CREATED))
    assert forum.reply(5, "A reply.").post_id == 7
    scripted.on("POST", POSTS, closed)
    with pytest.raises(FailedCall, match="try again later") as caught:
        forum.reply(5, "A reply.")
    assert (caught.value.error_type, caught.value.outcome) == ("read_only", Outcome.POSTPONED)
    assert len(naps) == 2 + 5


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"failed": "FAILED", "message": "No."}, {}),
        ({"success": False, "message": "No."}, {"X-Discourse-Route": "groups/update"}),
        ({"success": False, "message": "No.", "errors": {"name": ["must be unique"]}}, {}),
        ({"success": False, "message": "No.", "errors": ["must be unique"]}, {}),
    ],
)
def test_a_refusal_that_comes_as_200_is_a_refusal(
    forum: Forum, scripted: Any, body: dict[str, Any], headers: dict[str, str]
) -> None:
    scripted.on("PUT", "/groups/41.json", scripted.reply(body, headers=headers))
    with pytest.raises(ForumError, match=r"refused: (No|name|must be unique)\.") as caught:
        forum.update_group(41, title="Bakers")
    assert caught.value.refused
    assert len(scripted.calls) == 1


@pytest.mark.parametrize("errors", [["Title is taken", "Raw is short"], {"Title is taken": [], "Raw is short": []}])
def test_all_of_the_forums_errors_are_named(forum: Forum, scripted: Any, errors: object) -> None:
    scripted.on("PUT", "/groups/41.json", scripted.reply({"errors": errors}, 422))
    with pytest.raises(ForumError, match="Title is taken Raw is short"):
        forum.update_group(41, title="Bakers")


def test_redirects_are_not_followed_and_say_where_to(forum: Forum, scripted: Any) -> None:
    location = {"Location": "https://elsewhere.example/login"}
    scripted.on("GET", GROUPS, scripted.reply("", 302, location, content_type="text/html"))
    with pytest.raises(ForumError, match=r"redirects \(302\) to https://elsewhere.example/login.*lcm\.yaml"):
        forum.groups()
    assert len(scripted.calls) == 1


def test_read_only_mode_sends_no_write_at_all(forum_settings: ForumSettings, scripted: Any, key: str) -> None:
    scripted.on("GET", "/t/5.json", scripted.reply({"pinned_at": "2026-01-01T00:00:00Z"}))
    with Forum.connect(forum_settings, key, read_only=True) as forum:
        for write in (
            lambda: forum.create_group("g", "G"),
            lambda: forum.update_group(1, title="x"),
            lambda: forum.create_category("C", "c", {"g": 1}),
            lambda: forum.update_category(1, name="x"),
            lambda: forum.add_members(1, [7]),
            lambda: forum.remove_members(1, [7]),
            lambda: forum.add_owners(1, [7]),
            lambda: forum.remove_owner(1, 2),
            lambda: forum.create_topic("T", "raw", 1, "k"),
            lambda: forum.create_message("T", "raw", ["a"], "k"),
            lambda: forum.reply(1, "raw"),
            lambda: forum.unpin(5),
        ):
            with pytest.raises(RefusedError, match="was not sent"):
                write()
    assert {call.method for call in scripted.calls} == {"GET"}


def test_a_forum_that_is_not_there_is_said_plainly(key: str, naps: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings = ForumSettings(url=f"http://127.0.0.1:{closed.getsockname()[1]}")
        forum = Forum.connect(settings, key, patience=Patience(attempts=2, sleep=naps))
        with pytest.raises(FailedCall, match="refuses connections") as caught:
            forum.reply(5, "A reply.")
    assert caught.value.outcome is Outcome.POSTPONED
    assert len(naps) == 1  # it never left, so even a reply may be tried again


def test_a_name_that_does_not_exist_is_said_plainly(key: str, naps: Any) -> None:
    settings = ForumSettings(url="http://forum.invalid")
    forum = Forum.connect(settings, key, patience=Patience(attempts=1, sleep=naps))
    with pytest.raises(ForumError, match="cannot be resolved"):
        forum.groups()


def test_the_forums_name_is_host_port_and_path(key: str) -> None:
    with Forum.connect(ForumSettings(url="https://Talk.Example.org:8443/forum"), key) as forum:
        assert forum.name == "talk.example.org:8443/forum"
        assert forum.url == "https://Talk.Example.org:8443/forum"

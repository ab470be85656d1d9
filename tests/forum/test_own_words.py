"""Only Discourse's own words are a refusal; what stands before a forum may answer anything, and that is never final."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync_worker.config import ForumSettings
from sync_worker.errors import ForumError, Outcome
from sync_worker.forum import FailedCall, Forum, Patience
from sync_worker.forum.transport import Transport

GROUPS = "/groups/search.json"
HTML = {"content_type": "text/html; charset=utf-8"}
PAGES: dict[str, dict[str, Any]] = {
    "a log-in page": {"body": "<html><title>Log in</title><form></form></html>", **HTML},
    "a maintenance page": {"body": "<html><title>We will be back soon</title></html>", **HTML},
    "a captive portal": {"body": "<html><title>Welcome to the Wi-Fi of the hotel</title></html>", **HTML},
    "a page without a kind": {"body": "<html><h1>No</h1></html>", "content_type": None},
    "a page that says it is JSON": {"body": "<html><h1>No</h1></html>"},
    "plain text": {"body": "Request blocked.", "content_type": "text/plain"},
    "nothing": {"body": ""},
    "a word of JSON": {"body": '"maintenance"'},
    "a list": {"body": "[1]"},
    "success false": {"body": {"success": False}},
    "success false with a message": {"body": {"success": False, "message": "Log in first."}},
    "a gateway's message": {"body": {"message": "no Route matched with those values"}},
    "a gateway's status and error": {"body": {"status": 404, "error": "Not Found"}},
    "a gateway's problem": {"body": {"type": "about:blank", "title": "Not Found", "status": 404}},
    "errors that are objects": {"body": {"success": False, "errors": [{"code": 1016, "message": "origin"}]}},
    "errors that are a number": {"body": {"errors": 5}},
    "empty errors": {"body": {"errors": []}},
}
STATUSES = [400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 451]


def update(forum: Forum) -> Any:
    return forum.update_group(41, title="Bakers")


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("page", PAGES)
def test_what_stands_before_the_forum_refuses_nothing(forum: Forum, scripted: Any, page: str, status: int) -> None:
    scripted.on("PUT", "/groups/41.json", scripted.reply(status=status, **PAGES[page]))
    with pytest.raises(FailedCall) as caught:
        update(forum)
    error = caught.value
    assert (error.refused, error.doubtful, error.unreachable) == (False, True, True)
    assert "not in Discourse's words" in error.what


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("page", PAGES)
def test_nor_does_it_say_yes(forum: Forum, scripted: Any, page: str, status: int) -> None:
    for method, path, call in (
        ("PUT", "/groups/41.json", update),
        ("PUT", "/categories/5.json", lambda forum: forum.update_category(5, name="Bakers")),
        ("PUT", "/posts/9.json", lambda forum: forum.edit_opening(9, "About", "New.", instead_of="Old.")),
        ("DELETE", "/admin/groups/41/owners.json", lambda forum: forum.remove_owner(41, 7)),
        ("DELETE", "/invites.json", lambda forum: forum.withdraw_invitation(3)),
        ("PUT", "/invites/3.json", lambda forum: forum.change_invitation_groups(3, [41])),
        ("POST", "/posts.json", lambda forum: forum.reply(5, "Hello.")),
        ("GET", "/t/external_id/key-1.json", lambda forum: forum.topic_id_of("key-1")),
    ):
        scripted.on(method, path, scripted.reply(status=status, **PAGES[page]))
        with pytest.raises(ForumError) as caught:
            call(forum)
        assert not caught.value.refused, path


@pytest.mark.parametrize("page", PAGES)
def test_a_topic_is_deleted_only_when_the_forum_shows_it_no_more(forum: Forum, scripted: Any, page: str) -> None:
    """Discourse answers a deletion with nothing at all, as a proxy may too: only a look shows what became of it."""
    scripted.on("DELETE", "/t/5.json", scripted.reply(**PAGES[page]))
    scripted.on("GET", "/t/5.json", scripted.reply({"id": 5, "deleted_at": None}))
    with pytest.raises(FailedCall) as caught:
        forum.delete_topic(5)
    assert (caught.value.refused, caught.value.doubtful) == (False, True)
    scripted.on("GET", "/t/5.json", scripted.reply({"id": 5, "deleted_at": "2026-11-28T09:00:00.000Z"}))
    scripted.calls.clear()
    forum.delete_topic(5)
    assert [call.method for call in scripted.calls] == ["DELETE", "GET"]


@pytest.mark.parametrize("page", ["a log-in page", "plain text", "a gateway's status and error", "nothing"])
def test_a_proxys_404_is_no_not_found(forum: Forum, scripted: Any, page: str) -> None:
    gone = scripted.reply(status=404, **PAGES[page])
    for path, read in (
        ("/u/ana.json", lambda: forum.user("ana")),
        ("/admin/users/7.json", lambda: forum.user_by_id(7)),
        ("/u/by-external/X1.json", lambda: forum.user_by_external_id("X1")),
        ("/t/9.json", lambda: forum.topic(9)),
        ("/t/external_id/key-1.json", lambda: forum.topic_id_of("key-1")),
        ("/lcm/status.json", lambda: forum.plugin),
        ("/lcm/cohorts.json", forum.plugin_cohorts),
    ):
        scripted.on("GET", path, gone)
        with pytest.raises(FailedCall) as caught:
            read()
        assert caught.value.unreachable, path


def test_a_post_is_never_repeated_through_a_log_in_page(forum: Forum, scripted: Any) -> None:
    scripted.on("POST", "/posts.json", scripted.reply(status=413, **PAGES["a maintenance page"]))
    with pytest.raises(FailedCall) as caught:
        forum.reply(5, "Hello.")
    assert caught.value.doubtful
    assert len(scripted.calls) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_limit_is_a_limit_also_where_a_proxy_sets_it(
    forum: Forum, scripted: Any, naps: list[float], page: str
) -> None:
    scripted.on("GET", GROUPS, scripted.reply(status=429, **PAGES[page]), scripted.reply([]))
    assert forum.groups() == []
    assert len(naps) == 1


@pytest.mark.parametrize("page", PAGES)
def test_the_words_of_others_are_not_shown_but_for_a_title(forum: Forum, scripted: Any, page: str) -> None:
    reply = dict(PAGES[page])
    if isinstance(reply["body"], str):
        reply["body"] += "what Ana wrote in confidence"
    else:
        reply["body"] = {"note": "what Ana wrote in confidence"}
    scripted.on("PUT", "/groups/41.json", scripted.reply(status=403, **reply))
    with pytest.raises(FailedCall) as caught:
        update(forum)
    assert "in confidence" not in str(caught.value)


def recorded_refusals(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every answer that Discourse gave to a call for JSON and that is no success."""
    found = []
    for file in sorted((folder / "recordings").glob("[0-9]*.json")):
        recorded = json.loads(file.read_text(encoding="utf-8"))
        response = recorded.get("response")
        if not response or not recorded["request"]["path"].partition("?")[0].endswith(".json"):
            continue
        body = response.get("json")
        says_no = isinstance(body, dict) and (body.get("errors") or body.get("failed") or body.get("success") is False)
        if response["status"] >= 400 or says_no:
            found.append((file.name, response))
    return found


def test_every_recorded_refusal_of_a_discourse_is_recognised(shared_folder: Path, scripted: Any, key: str) -> None:
    refusals = recorded_refusals(shared_folder)
    assert len(refusals) > 100
    outcomes = {}
    for name, response in refusals:
        told = {header.lower(): value for header, value in response["headers"]}
        headers = {header: told[header] for header in told if header.startswith(("x-", "retry", "discourse"))}
        body = response["json"] if "json" in response else response["text"]
        kind = told.get("content-type")
        scripted.on("PUT", "/x.json", scripted.reply(body, response["status"], headers, content_type=kind))
        http = Transport(ForumSettings(url=scripted.url), key, patience=Patience(attempts=1))
        with pytest.raises(FailedCall) as caught:
            http.ask("PUT", "/x.json", json={})
        http.close()
        assert not caught.value.unreachable, name
        outcomes[name] = (response["status"], caught.value.outcome)
    for name, (status, outcome) in outcomes.items():
        waits = status in (429, 503)
        expected = Outcome.POSTPONED if waits else Outcome.DOUBTFUL if status == 500 else Outcome.REFUSED
        assert outcome is expected, name

"""Nothing is done twice, whatever the network does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_worker.errors import ForumError
from sync_worker.forum import Forum
from sync_worker.forum.records import BulkResult, CreatedPost

T0 = "2026-11-24T00:28:58.829Z"
UNTIL = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
CREATED = {"id": 19, "topic_id": 18, "topic_slug": "welcome", "post_number": 1}
TAKEN = {"action": "create_post", "errors": ["External est déjà utilisé"]}
NOT_FOUND = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}
LOST = [
    {"fault": "close"},
    {"fault": "slow"},
    {"fault": "cut", "body": CREATED},
    {"status": 502, "body": "<html></html>", "content_type": "text/html"},
    {"status": 500, "body": {"status": 500, "error": "Internal Server Error"}},
    {"body": "<html>Log in</html>", "content_type": "text/html"},
    {"body": ""},
]


class Topics:
    """The part of a forum that knows which external ids are taken."""

    def __init__(self, scripted: Any) -> None:
        self.scripted = scripted
        self.posted = 0
        self.answers: list[dict[str, Any]] = []
        self.effects: list[bool] = []
        scripted.on("POST", "/posts.json", self.create)
        scripted.on("GET", "/t/external_id/key-1.json", self.lookup)
        opening = {"post_stream": {"posts": [CREATED]}}
        scripted.on("GET", "/t/18.json", scripted.reply(opening))

    def create(self, call: Any) -> Any:
        assert call.form["external_id"] == "key-1"
        lost = self.answers.pop(0) if self.answers else None
        if self.posted:
            return self.scripted.reply(TAKEN, 422) if lost is None else self.scripted.reply(**lost)
        if lost is None or self.effects.pop(0):
            self.posted += 1
        return self.scripted.reply(CREATED) if lost is None else self.scripted.reply(**lost)

    def lookup(self, call: Any) -> Any:
        del call
        if not self.posted:
            return self.scripted.reply(NOT_FOUND, 404)
        return self.scripted.reply("", 301, {"Location": "/t/welcome/18.json"}, content_type="text/html")


def start_topic(forum: Forum) -> CreatedPost:
    return forum.create_topic("Welcome", "Hello all.", 5, "key-1", ["welcome", "week-1"])


def send_message(forum: Forum) -> CreatedPost:
    return forum.create_message("A word", "Hello.", ["ana", "bo"], "key-1")


@pytest.mark.parametrize("start", [start_topic, send_message])
@pytest.mark.parametrize("lost", LOST, ids=str)
@pytest.mark.parametrize("effects", [[True], [False], [False, False], [False, True]], ids=str)
def test_a_topic_or_message_is_made_once_though_answers_are_lost(
    forum: Forum, scripted: Any, start: Callable[[Forum], CreatedPost], lost: dict[str, Any], effects: list[bool]
) -> None:
    topics = Topics(scripted)
    topics.answers, topics.effects = [lost] * len(effects), [*effects]
    assert start(forum) == CreatedPost(18, 19, 1, f"{scripted.url}/t/welcome/18/1")
    assert topics.posted == 1
    assert topics.answers == []


def test_a_topic_that_exists_already_is_returned_whatever_the_forum_calls_it(forum: Forum, scripted: Any) -> None:
    topics = Topics(scripted)
    topics.posted = 1
    assert start_topic(forum).topic_id == 18
    assert forum.calls.by_operation == {"POST /posts": 1, "GET /t/external_id/*": 1, "GET /t/*": 1}


def test_a_refused_topic_keeps_the_forums_words(forum: Forum, scripted: Any) -> None:
    Topics(scripted)
    scripted.on("POST", "/posts.json", scripted.reply({"errors": ["Title has already been used"]}, 422))
    with pytest.raises(ForumError, match="Title has already been used") as caught:
        start_topic(forum)
    assert not caught.value.doubtful
    assert len(scripted.made("POST", "/posts.json")) == 1


def test_a_topic_that_waits_for_approval_is_an_error(forum: Forum, scripted: Any) -> None:
    scripted.on("POST", "/posts.json", scripted.reply({"action": "enqueued", "success": True, "pending_count": 1}))
    with pytest.raises(ForumError, match="review queue") as caught:
        start_topic(forum)
    assert caught.value.error_type == "enqueued"


def test_topics_and_messages_are_sent_as_discourse_reads_them(forum: Forum, scripted: Any) -> None:
    Topics(scripted)
    start_topic(forum)
    body = scripted.calls[0].body.decode()
    assert "tags%5B%5D=welcome&tags%5B%5D=week-1" in body
    assert scripted.calls[0].form["category"] == "5"
    scripted.calls.clear()
    Topics(scripted)
    send_message(forum)
    form = scripted.calls[0].form
    assert (form["target_recipients"], form["archetype"]) == ("ana,bo", "private_message")
    assert "category" not in form


def test_a_reply_says_where_it_stands(forum: Forum, scripted: Any) -> None:
    scripted.on("POST", "/posts.json", scripted.reply(CREATED | {"id": 30, "post_number": 4}))
    assert forum.reply(18, "Yes.", reply_to=2) == CreatedPost(18, 30, 4, f"{scripted.url}/t/welcome/18/4")
    assert scripted.calls[0].form == {"raw": "Yes.", "topic_id": "18", "reply_to_post_number": "2"}


@pytest.mark.parametrize("lost", LOST, ids=str)
@pytest.mark.parametrize("effect", [True, False])
def test_a_group_and_a_category_are_made_once_though_the_answer_is_lost(
    forum: Forum, scripted: Any, lost: dict[str, Any], effect: bool
) -> None:
    group = {"id": 41, "name": "bakers", "full_name": "The bakers"}
    category = {"id": 5, "name": "Bakers", "slug": "bakers"}
    for path, listed, root, thing in (
        ("/admin/groups.json", "/groups/search.json", "basic_group", group),
        ("/categories.json", "/site.json", "category", category),
    ):
        scripted.on("POST", path, scripted.reply(**lost), scripted.reply({root: thing}))
        rows = [thing] if effect else []
        scripted.on("GET", listed, scripted.reply({"categories": rows} if root == "category" else rows))
    assert forum.create_group("bakers", "The bakers", visibility_level=2).id == 41
    assert forum.create_category("Bakers", "bakers", {"bakers": 1}, [41]).id == 5
    assert len(scripted.made("POST", "/admin/groups.json")) == (1 if effect else 2)
    assert len(scripted.made("POST", "/categories.json")) == (1 if effect else 2)


def test_a_group_name_that_somebody_else_took_is_an_error(forum: Forum, scripted: Any) -> None:
    scripted.on("POST", "/admin/groups.json", scripted.reply({"errors": ["Name has already been taken"]}, 422))
    with pytest.raises(ForumError, match="already been taken"):
        forum.create_group("bakers", "The bakers")
    assert len(scripted.calls) == 1


def test_groups_and_categories_are_sent_as_discourse_reads_them(forum: Forum, scripted: Any) -> None:
    scripted.on("POST", "/admin/groups.json", scripted.reply({"basic_group": {"id": 41, "name": "bakers"}}))
    scripted.on("POST", "/categories.json", scripted.reply({"category": {"id": 5, "name": "B", "slug": "b"}}))
    scripted.on("PUT", "/groups/41.json", scripted.reply({"success": "OK"}))
    scripted.on("PUT", "/categories/5.json", scripted.reply({"success": "OK"}))
    forum.create_group("bakers", "The bakers", visibility_level=2)
    forum.create_category("B", "b", {"bakers": 1, "staff": 1}, [41, 42])
    forum.update_group(41, title="Baker")
    forum.update_category(5, permissions={"bakers": 3})
    made, category, group, changed = scripted.calls
    assert made.json == {"group": {"name": "bakers", "full_name": "The bakers", "visibility_level": 2}}
    assert "permissions%5Bbakers%5D=1&permissions%5Bstaff%5D=1" in category.body.decode()
    assert category.body.decode().count("moderating_group_ids%5B%5D=") == 2
    assert group.json == {"group": {"title": "Baker"}, "update_existing_users": "false"}
    assert changed.json == {"permissions": {"bakers": 3}}


def test_a_category_open_to_everybody_is_never_made_by_leaving_permissions_out(forum: Forum) -> None:
    with pytest.raises(ValueError, match="open to everybody"):
        forum.create_category("B", "b", {})


def test_members_are_sent_as_one_comma_joined_text_in_the_body(forum: Forum, scripted: Any) -> None:
    path = "/groups/41/members.json"
    added = {"success": "OK", "usernames": ["ana", "bo"], "emails": []}
    removed = {"success": "OK", "usernames": ["ana"], "skipped_usernames": ["bo"]}
    scripted.on("PUT", path, scripted.reply(added))
    scripted.on("DELETE", path, scripted.reply(removed))
    assert forum.add_members(41, [7, 9]) == BulkResult((7, 9), ())
    assert forum.remove_members(41, [7, 9]) == BulkResult((7, 9), ())
    assert [call.form for call in scripted.calls] == [{"user_ids": "7,9"}] * 2
    assert not any(call.query for call in scripted.calls)


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_a_bulk_add_that_was_killed_half_way_goes_on_with_the_difference(
    forum: Forum, scripted: Any, lost: dict[str, Any]
) -> None:
    ids = list(range(1, 11))
    members: list[int] = []

    def add(call: Any) -> Any:
        wanted = list(map(int, call.form["user_ids"].split(",")))
        if not members:
            members.extend(wanted[:6])
            return scripted.reply(**lost)
        assert not set(wanted) & set(members)
        members.extend(wanted)
        return scripted.reply({"success": "OK", "usernames": [f"user{n}" for n in wanted]})

    def listed(call: Any) -> Any:
        del call
        rows = [{"id": n, "username": f"user{n}", "added_at": T0} for n in members]
        return scripted.reply({"members": rows, "owners": [], "meta": {"total": len(rows)}})

    scripted.on("PUT", "/groups/41/members.json", add)
    scripted.on("GET", "/groups/by-id/41.json", scripted.reply({"group": {"name": "bakers"}}))
    scripted.on("GET", "/groups/bakers/members.json", listed)
    assert set(forum.add_members(41, ids).done) == set(ids)
    assert sorted(members) == sorted(ids)


def test_the_servers_own_time_steers_the_batches(forum: Forum, scripted: Any) -> None:
    sizes = []

    def add(call: Any) -> Any:
        names = call.form["user_ids"].split(",")
        sizes.append(len(names))
        return scripted.reply({"usernames": names}, headers={"X-Runtime": str(len(names) * 0.04)})

    scripted.on("PUT", "/groups/41/members.json", add)
    forum.add_members(41, range(1, 1001))
    assert sizes == [200, 250, 250, 250, 50]


def test_owners_come_and_go(forum: Forum, scripted: Any) -> None:
    fault = scripted.reply(fault="close")
    scripted.on("PUT", "/groups/41/owners.json", fault, scripted.reply({"success": "OK", "usernames": ["ana"]}))
    owner = [{"id": 7, "username": "ana", "added_at": T0}]
    listed = {"members": [*owner, {"id": 9, "username": "bo", "added_at": T0}], "owners": owner, "meta": {"total": 2}}
    scripted.on("GET", "/groups/by-id/41.json", scripted.reply({"group": {"name": "bakers"}}))
    scripted.on("GET", "/groups/bakers/members.json", scripted.reply(listed))
    scripted.on("DELETE", "/admin/groups/41/owners.json", fault, scripted.reply({"success": "OK"}))
    assert forum.add_owners(41, [7, 9]) == (7,)
    forum.remove_owner(41, 7)
    assert scripted.calls[0].form == {"user_ids": "7,9"}
    assert scripted.calls[-1].form == {"user_id": "7"}


class Pinned:
    """A topic that counts how often it was pinned; every time leaves a small action in it."""

    def __init__(self, scripted: Any, until: datetime | None = None) -> None:
        self.scripted = scripted
        self.until = until
        self.times = 0
        self.faults: list[dict[str, Any]] = []
        scripted.on("GET", "/t/18.json", self.show)
        scripted.on("PUT", "/t/18/status.json", self.change)

    def show(self, call: Any) -> Any:
        del call
        pinned_at = T0 if self.until else None
        # `pinned` is what this reader sees: false for a person who unpinned it for themselves.
        return self.scripted.reply(
            {"pinned": False, "pinned_at": pinned_at, "pinned_until": self.until and self.until.isoformat()}
        )

    def change(self, call: Any) -> Any:
        assert call.form["status"] == "pinned"
        self.times += 1
        self.until = datetime.fromisoformat(call.form["until"]) if call.form["enabled"] == "true" else None
        return self.scripted.reply(**self.faults.pop()) if self.faults else self.scripted.reply({"success": "OK"})


@pytest.mark.parametrize("lost", [*LOST, None], ids=str)
def test_a_topic_is_pinned_once_and_unpinned_once(forum: Forum, scripted: Any, lost: dict[str, Any] | None) -> None:
    topic = Pinned(scripted)
    topic.faults = [lost] if lost else []
    forum.pin(18, UNTIL)
    forum.pin(18, UNTIL + timedelta(milliseconds=300))
    assert (topic.times, topic.until) == (1, UNTIL)
    topic.faults = [lost] if lost else []
    forum.unpin(18)
    forum.unpin(18)
    assert (topic.times, topic.until) == (2, None)


def test_a_pin_until_another_time_is_changed(forum: Forum, scripted: Any) -> None:
    topic = Pinned(scripted, UNTIL)
    forum.pin(18, UNTIL + timedelta(days=1))
    assert topic.until == UNTIL + timedelta(days=1)


def test_a_pin_without_a_time_zone_is_refused(forum: Forum) -> None:
    with pytest.raises(ValueError, match="aware"):
        forum.pin(18, datetime(2026, 12, 1))  # noqa: DTZ001


EDITED_BY_ANOTHER = {"errors": ["That post was edited by another user and your changes can no longer be saved."]}


class Opening:
    """A topic's first post that refuses a change of a text that it does not have."""

    def __init__(self, scripted: Any, answers: list[dict[str, Any]], effects: list[bool]) -> None:
        self.scripted = scripted
        self.raw = "Old."
        self.answers, self.effects = answers, effects
        scripted.on("PUT", "/posts/9.json", self.update)
        scripted.on("GET", "/posts/9.json", lambda _call: scripted.reply({"id": 9, "raw": self.raw}))

    def update(self, call: Any) -> Any:
        sent = json.loads(call.body)["post"]
        if sent["original_text"] != self.raw:
            return self.scripted.reply(EDITED_BY_ANOTHER, 409)
        lost = self.answers.pop(0) if self.answers else None
        if lost is None or self.effects.pop(0):
            self.raw = sent["raw"]
        return self.scripted.reply({"post": {"id": 9}}) if lost is None else self.scripted.reply(**lost)


@pytest.mark.parametrize("lost", LOST, ids=str)
@pytest.mark.parametrize("effects", [[True], [False], [False, True]], ids=str)
def test_an_edit_whose_answer_was_lost_is_no_conflict_with_itself(
    forum: Forum, scripted: Any, lost: dict[str, Any], effects: list[bool]
) -> None:
    opening = Opening(scripted, [lost] * len(effects), [*effects])
    forum.edit_opening(9, "About", "New.", instead_of="Old.")
    assert opening.raw == "New."
    assert opening.answers == []


def test_an_edit_of_a_text_that_somebody_changed_is_refused_and_changes_nothing(forum: Forum, scripted: Any) -> None:
    opening = Opening(scripted, [], [])
    opening.raw = "What Lea wrote."
    with pytest.raises(ForumError, match="edited by another user") as caught:
        forum.edit_opening(9, "About", "New.", instead_of="Old.")
    assert caught.value.refused_with(409)
    assert opening.raw == "What Lea wrote."
    assert len(scripted.calls) == 1


class History:
    """The part of a forum that keeps two earlier texts of post 19; each call to hide one counts."""

    def __init__(self, scripted: Any, hidden: tuple[int, ...] = ()) -> None:
        self.scripted = scripted
        self.hidden = list(hidden)
        self.answers: list[dict[str, Any]] = []
        self.effects: list[bool] = []
        for name, number in (("latest", 3), ("3", 3), ("2", 2)):
            scripted.on("GET", f"/posts/19/revisions/{name}.json", lambda _call, number=number: self.look(number))
        for number in (2, 3):
            scripted.on(
                "PUT", f"/posts/19/revisions/{number}/hide.json", lambda _call, number=number: self.hide(number)
            )

    def look(self, number: int) -> Any:
        before = number - 1 if number > 2 else None
        is_hidden = number in self.hidden
        body = {"current_revision": number, "previous_revision": before, "previous_hidden": is_hidden}
        return self.scripted.reply(body)

    def hide(self, number: int) -> Any:
        lost = self.answers.pop(0) if self.answers else None
        if lost is None or self.effects.pop(0):
            self.hidden.append(number)
        return self.scripted.reply("", content_type="text/plain") if lost is None else self.scripted.reply(**lost)


def test_earlier_texts_are_hidden_that_are_not_hidden_yet(forum: Forum, scripted: Any) -> None:
    history = History(scripted, hidden=(3,))
    assert forum.hide_earlier_texts(19) == 1
    assert history.hidden == [3, 2]
    assert forum.calls.by_operation == {
        "GET /posts/*/revisions/latest": 1,
        "GET /posts/*/revisions/*": 2,
        "PUT /posts/*/revisions/*/hide": 1,
    }
    assert forum.hide_earlier_texts(19) == 0


@pytest.mark.parametrize("lost", LOST, ids=str)
@pytest.mark.parametrize("effects", [[True], [False], [False, True]], ids=str)
def test_an_earlier_text_is_hidden_once_though_answers_are_lost(
    forum: Forum, scripted: Any, lost: dict[str, Any], effects: list[bool]
) -> None:
    history = History(scripted)
    history.answers, history.effects = [lost] * len(effects), [*effects]
    assert forum.hide_earlier_texts(19) == 2
    assert sorted(history.hidden) == [2, 3]


def test_a_post_that_never_changed_has_nothing_to_hide(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/posts/19/revisions/latest.json", scripted.reply(NOT_FOUND, 404))
    assert forum.hide_earlier_texts(19) == 0


def test_who_may_not_hide_hears_so(forum: Forum, scripted: Any) -> None:
    History(scripted)
    denied = {"errors": ["You are not permitted to view the requested resource."], "error_type": "invalid_access"}
    scripted.on("PUT", "/posts/19/revisions/3/hide.json", scripted.reply(denied, 403))
    with pytest.raises(ForumError) as caught:
        forum.hide_earlier_texts(19)
    assert caught.value.refused_with(403)


@pytest.mark.parametrize("absent", ["current_revision", "previous_hidden"])
def test_a_forum_that_does_not_say_what_is_hidden_is_sent_nothing(forum: Forum, scripted: Any, absent: str) -> None:
    body = {"current_revision": 2, "previous_revision": None, "previous_hidden": False}
    del body[absent]
    scripted.on("GET", "/posts/19/revisions/latest.json", scripted.reply(body))
    with pytest.raises(ForumError) as caught:
        forum.hide_earlier_texts(19)
    assert caught.value.doubtful
    assert [call.method for call in scripted.calls] == ["GET"]


def test_the_first_change_may_leave_out_that_none_came_before_it(forum: Forum, scripted: Any) -> None:
    body = {"current_revision": 2, "previous_hidden": True}
    scripted.on("GET", "/posts/19/revisions/latest.json", scripted.reply(body))
    assert forum.hide_earlier_texts(19) == 0

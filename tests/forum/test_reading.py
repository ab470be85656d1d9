"""Answers become records, and anything else becomes an error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sync_worker.errors import ForumError
from sync_worker.forum import Forum
from sync_worker.forum.records import Category, ForumUser, Group, Member

T0 = "2026-11-24T00:28:58.829Z"
NOT_FOUND = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}
NOT_ALLOWED = {"errors": ["You are not permitted to view the requested resource."], "error_type": "invalid_access"}


def summary(number: int, **more: Any) -> dict[str, Any]:
    line = {"id": number, "title": f"T{number}", "slug": f"t{number}", "category_id": 5, "posts_count": 1}
    return line | {"created_at": T0, "bumped_at": T0, "tags": []} | more


def post(number: int, **more: Any) -> dict[str, Any]:
    body = {"id": 100 + number, "post_number": number, "post_type": 1, "user_id": 3, "username": "ana", "name": "Ana"}
    return body | {"created_at": T0, "cooked": "<p>x</p>", "raw": "x", "reads": 4} | more


def topic(posts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    stream = {"posts": posts, "stream": [item["id"] for item in posts]}
    body = {"id": 17, "title": "T", "slug": "t", "category_id": 5, "created_at": T0, "post_stream": stream}
    return body | {"tags": ["a"], "views": 2, "closed": False, "pinned_at": None, "deleted_at": None} | more


def test_groups_are_read_in_one_call(forum: Forum, scripted: Any) -> None:
    rows = [{"id": 1, "name": "admins", "automatic": True, "user_count": 2, "full_name": None}]
    scripted.on("GET", "/groups/search.json", scripted.reply(rows))
    assert forum.groups() == [Group(1, "admins", "", 2, automatic=True)]
    assert forum.calls.total == 1


def test_what_people_write_cannot_control_a_terminal(forum: Forum, scripted: Any) -> None:
    hostile = "Saved.\x1b[2J\x1b]0;lcm\x07\x9b31m\rAll is well\x7f"
    said = [post(1, name=hostile, raw=f"One.\r\nTwo.\n\tThree. {hostile}", cooked=f"<p>{hostile}</p>")]
    scripted.on("GET", "/t/17.json", scripted.reply(topic(said, title=hostile)))
    found = forum.topic(17)
    [opening] = found.posts
    assert found.title == opening.name == "Saved. [2J ]0;lcm  31m All is well "
    assert (opening.raw or "").startswith("One.\r\nTwo.\n\tThree. Saved. [2J")
    assert opening.cooked == f"<p>{found.title}</p>"
    scripted.on("GET", "/groups/search.json", scripted.reply({"errors": [hostile], "error_type": "x"}, 422))
    with pytest.raises(ForumError) as caught:
        forum.groups()
    assert "Saved. [2J ]0;lcm 31m All is well" in str(caught.value)


def test_members_are_read_by_the_thousand_with_owners_flagged(forum: Forum, scripted: Any) -> None:
    everybody = [{"id": n, "username": f"u{n}", "name": None, "added_at": T0} for n in range(1, 2101)]

    def serve(call: Any) -> Any:
        start = int(call.query["offset"][0])
        page = everybody[start : start + int(call.query["limit"][0])]
        return scripted.reply({"members": page, "owners": [everybody[2000]], "meta": {"total": len(everybody)}})

    scripted.on("GET", "/groups/bakers/members.json", serve)
    members = forum.members("bakers")
    assert [member.id for member in members] == list(range(1, 2101))
    assert [member.id for member in members if member.owner] == [2001]
    assert members[0] == Member(1, "u1", "", datetime(2026, 11, 24, 0, 28, 58, 829000, tzinfo=UTC), None, None)
    assert forum.calls.total == 3
    assert {(call.query["order"][0], call.query["asc"][0]) for call in scripted.calls} == {("added_at", "true")}


def test_a_group_that_does_not_exist_is_a_404(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/groups/nobody/members.json", scripted.reply(NOT_FOUND, 404))
    with pytest.raises(ForumError) as caught:
        forum.members("nobody")
    assert caught.value.status == 404


def test_users_are_read_by_the_hundred_with_addresses_and_without_bots(forum: Forum, scripted: Any) -> None:
    def serve(call: Any) -> Any:
        first = (int(call.query["page"][0]) - 1) * 100 - 1
        ids = [n for n in range(first, min(first + 100, 150)) if n]
        if first == -1:
            ids = [-1, *range(1, 100)]
        rows = [{"id": n, "username": f"u{n}", "name": "N", "email": f"u{n}@x.org"} for n in ids]
        return scripted.reply(rows)

    scripted.on("GET", "/admin/users/list/active.json", serve)
    users = list(forum.users())
    assert [user.id for user in users] == list(range(1, 150))
    assert users[0] == ForumUser(1, "u1", "N", "u1@x.org")
    assert forum.calls.total == 2
    assert scripted.calls[0].query["show_emails"] == ["true"]


def test_users_without_addresses_are_an_error_and_not_people_without_addresses(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/admin/users/list/active.json", scripted.reply([{"id": 1, "username": "ana", "name": "A"}]))
    with pytest.raises(ForumError, match=r"does not show e-mail addresses to 'system'.*administrator"):
        list(forum.users())


def test_states_of_an_account_are_read(forum: Forum, scripted: Any) -> None:
    row = {"id": 9, "username": "ana", "name": "A", "email": None, "secondary_emails": ["b@x.org"], "active": False}
    row |= {"staged": True, "suspended_till": T0, "admin": True}
    scripted.on("GET", "/admin/users/list/active.json", scripted.reply([row]))
    expected = ForumUser(9, "ana", "A", None, ("b@x.org",), active=False, staged=True, suspended=True, admin=True)
    assert list(forum.users()) == [expected]


def test_one_account_or_none(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/u/ana.json", scripted.reply({"user": {"id": 9, "username": "ana", "name": "A"}}))
    scripted.on("GET", "/u/bo.json", scripted.reply(NOT_FOUND, 404))
    found = forum.user("ana")
    assert found is not None
    assert found.id == 9
    assert forum.user("bo") is None


def test_a_category_shows_its_permissions_and_the_list_does_not(forum: Forum, scripted: Any) -> None:
    row = {"id": 5, "name": "Lounge", "slug": "lounge", "read_restricted": True}
    grants = [{"permission_type": 1, "group_name": "bakers"}, {"permission_type": 3, "group_name": "everyone"}]
    scripted.on("GET", "/site.json", scripted.reply({"categories": [row]}))
    scripted.on(
        "GET",
        "/c/5/show.json",
        scripted.reply({"category": row | {"group_permissions": grants, "moderating_group_ids": [41]}}),
    )
    assert forum.categories() == [Category(5, "Lounge", "lounge", None, read_restricted=True)]
    assert forum.category(5) == Category(
        5, "Lounge", "lounge", None, read_restricted=True, permissions={"bakers": 1, "everyone": 3},
        moderating_group_ids=(41,),
    )  # fmt: skip


def test_settings_are_read_in_one_call_and_unknown_ones_left_out(forum: Forum, scripted: Any) -> None:
    rows = [{"setting": "tagging_enabled", "value": "true"}, {"setting": "title", "value": "Talk"}]
    scripted.on("GET", "/admin/site_settings.json", scripted.reply({"site_settings": rows}))
    assert forum.site_settings(["tagging_enabled", "lcm_enabled"]) == {"tagging_enabled": "true"}
    assert forum.calls.total == 1


def test_topics_are_listed_once_each_though_some_are_pinned_or_bumped_meanwhile(forum: Forum, scripted: Any) -> None:
    order = list(range(1, 251))

    def serve(call: Any) -> Any:
        page = int(call.query["page"][0])
        rows = [summary(n) for n in order[page * 100 : page * 100 + 100]]
        if page == 0:
            rows[0] |= {"pinned": True}
        if page == 1:  # a topic we have not come to yet is bumped to the top
            order.remove(240)
            order.insert(0, 240)
        more = {"more_topics_url": "/c/5?page=1"} if len(order) > page * 100 + 100 else {}
        return scripted.reply({"topic_list": {"topics": rows} | more})

    scripted.on("GET", "/c/lounge/5/l/latest.json", serve)
    location = {"Location": f"{scripted.url}/c/lounge/5/l/latest.json?page=0&per_page=100"}
    scripted.on("GET", "/c/-/5/l/latest.json", scripted.reply("", 301, location, content_type="text/html"))
    ids = [line.id for line in forum.category_topics(5)]
    assert sorted(ids) == list(range(1, 251))
    assert forum.calls.total == 1 + 3 + 2
    assert next(iter(forum.category_topics(5))).id == 240  # the address is known now, and reading stops early
    assert forum.calls.total == 7


def test_topics_of_a_category_whose_name_is_known_cost_one_call(forum: Forum, scripted: Any) -> None:
    row = {"id": 5, "name": "Lounge", "slug": "lounge"}
    scripted.on("GET", "/site.json", scripted.reply({"categories": [row]}))
    scripted.on("GET", "/c/lounge/5/l/latest.json", scripted.reply({"topic_list": {"topics": [summary(1)]}}))
    forum.categories()
    assert [line.id for line in forum.category_topics(5)] == [1]
    assert forum.calls.total == 2


def test_a_category_that_redirects_in_circles_is_an_error(forum: Forum, scripted: Any) -> None:
    location = {"Location": f"{scripted.url}/c/-/5/l/latest.json"}
    scripted.on("GET", "/c/-/5/l/latest.json", scripted.reply("", 301, location, content_type="text/html"))
    with pytest.raises(ForumError, match="redirects in circles"):
        list(forum.category_topics(5))


def test_a_topic_comes_with_its_posts_in_order_and_without_deleted_ones(forum: Forum, scripted: Any) -> None:
    likes = {"actions_summary": [{"id": 3, "can_act": True}, {"id": 2, "count": 6}]}
    posts = [
        post(3, deleted_at=T0),
        post(2, reply_to_post_number=1),
        post(1, **likes),
        post(4, post_type=3, user_deleted=True),
    ]
    scripted.on("GET", "/t/17.json", scripted.reply(topic(posts, pinned_at=T0, pinned_until=T0, external_id="k")))
    found = forum.topic(17)
    assert found is not None
    assert [(item.number, item.likes, item.reply_to) for item in found.posts] == [(1, 6, None), (2, 0, 1)]
    assert (found.pinned, found.external_id, found.tags) == (True, "k", ("a",))
    assert scripted.calls[0].query == {"print": ["true"], "include_raw": ["true"]}
    assert forum.calls.total == 1


def test_a_long_topic_is_read_by_the_thousand_and_posts_that_slid_are_fetched(forum: Forum, scripted: Any) -> None:
    posts = [post(n) for n in range(1, 2051)]

    def serve(call: Any) -> Any:
        page = int(call.query.get("page", ["1"])[0]) - 1
        shift = 3 if page else 0  # three posts were deleted after the first page
        body = topic(posts[page * 1000 + shift : page * 1000 + shift + 1000])
        body["post_stream"]["stream"] = [item["id"] for item in posts]
        return scripted.reply(body)

    def by_ids(call: Any) -> Any:
        wanted = {int(number) for number in call.query["post_ids[]"]}
        return scripted.reply({"post_stream": {"posts": [item for item in posts if item["id"] in wanted]}})

    scripted.on("GET", "/t/17.json", serve)
    scripted.on("GET", "/t/17/posts.json", by_ids)
    found = forum.topic(17)
    assert found is not None
    assert [item.number for item in found.posts] == list(range(1, 2051))
    assert forum.calls.total == 4


@pytest.mark.parametrize("status", [404, 410, 403])
def test_a_topic_that_is_gone_is_none(forum: Forum, scripted: Any, status: int) -> None:
    scripted.on("GET", "/t/17.json", scripted.reply(NOT_ALLOWED if status == 403 else NOT_FOUND, status))
    scripted.on("GET", "/session/current.json", scripted.reply({"current_user": {}}))
    assert forum.topic(17) is None


def test_a_deleted_topic_that_staff_still_see_is_none(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/t/17.json", scripted.reply(topic([post(1)], deleted_at=T0)))
    assert forum.topic(17) is None


def test_a_key_that_opens_nothing_is_not_mistaken_for_a_deleted_topic(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/t/17.json", scripted.reply(NOT_ALLOWED, 403))
    scripted.on("GET", "/session/current.json", scripted.reply(NOT_ALLOWED, 403))
    with pytest.raises(ForumError) as caught:
        forum.topic(17)
    assert caught.value.status == 403


@pytest.mark.parametrize(
    "target", ["/t/a-topic-of-2026/18.json", "/t/18.json", "/forum/t/slug/18", "/t/slug/18.json?x=1"]
)
def test_a_topic_is_found_by_its_external_id_in_one_call(forum: Forum, scripted: Any, target: str) -> None:
    location = {"Location": f"https://talk.example.org{target}"}
    scripted.on("GET", "/t/external_id/rec-1.json", scripted.reply("", 301, location, content_type="text/html"))
    assert forum.topic_id_of("rec-1") == 18
    assert len(scripted.calls) == 1


def test_an_external_id_nobody_has_is_none(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/t/external_id/rec-1.json", scripted.reply(NOT_FOUND, 404))
    assert forum.topic_id_of("rec-1") is None


def test_a_redirect_to_the_login_is_not_a_topic(forum: Forum, scripted: Any) -> None:
    location = {"Location": "https://talk.example.org/login"}
    scripted.on("GET", "/t/external_id/rec-1.json", scripted.reply("", 301, location, content_type="text/html"))
    with pytest.raises(ForumError, match="expected a redirect to a topic"):
        forum.topic_id_of("rec-1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "g"},
        {"id": "1", "name": "g"},
        {"id": True, "name": "g"},
        {"id": 1, "name": None},
        {"id": 1, "name": "g", "user_count": "many"},
        {"id": 1, "name": "g", "automatic": "perhaps"},
        ["g"],
        None,
    ],
)
def test_an_answer_of_another_shape_is_an_error_that_names_the_place(forum: Forum, scripted: Any, wrong: Any) -> None:
    scripted.on("GET", "/groups/search.json", scripted.reply([wrong]))
    with pytest.raises(ForumError, match=r"unexpected shape: groups\[0\]"):
        forum.groups()


def test_a_time_that_is_none_is_an_error(forum: Forum, scripted: Any) -> None:
    page = {"members": [{"id": 1, "username": "a", "added_at": "yesterday"}], "owners": [], "meta": {"total": 1}}
    scripted.on("GET", "/groups/g/members.json", scripted.reply(page))
    with pytest.raises(ForumError, match="added_at is not a time"):
        forum.members("g")

"""Groups and their members, with the surprises that a client must know."""

from __future__ import annotations

from typing import Any

import pytest

INVALID = "You supplied invalid parameters to the request: "


@pytest.fixture
def forum(practice_forum: Any) -> Any:
    """A forum with the group `spring` (41) and the users ana, ben, cai, dan."""
    practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring", "title": "Springer"}})
    practice_forum.add_users("ana", "ben", "cai", "dan")
    return practice_forum


def add(forum: Any, **form: Any) -> Any:
    return forum.call("PUT", "/groups/41/members.json", data=form)


def remove(forum: Any, **form: Any) -> Any:
    return forum.call("DELETE", "/groups/41/members.json", json=form)


def names(forum: Any, query: str = "") -> list[str]:
    return [row["username"] for row in forum.get(f"/groups/spring/members.json{query}")["members"]]


def test_names_select_members_and_unknown_ones_are_dropped(forum: Any) -> None:
    assert add(forum, usernames="ANA,ben,nobody").json() == {"success": "OK", "usernames": ["ana", "ben"], "emails": []}


@pytest.mark.parametrize(
    ("form", "status", "text"),
    [
        ({}, 400, f"{INVALID}Usernames or emails must be present"),
        ({"usernames": ""}, 400, f"{INVALID}Usernames or emails must be present"),
        ({"usernames": "nobody"}, 400, f"{INVALID}usernames"),
        ({"user_emails": "nobody@example.org"}, 400, f"{INVALID}user_emails"),
        ({"usernames": "ana"}, 422, "'ana' is already a member of this group."),
        ({"usernames": "ben,ana"}, 422, "The following users are already members of this group: ana, ben"),
        ({"emails": "no-address"}, 422, "no-address isn't a valid email address."),
    ],
)
def test_an_add_that_can_add_nobody_is_refused_in_these_words(forum: Any, form: Any, status: int, text: str) -> None:
    add(forum, usernames="ana,ben")
    answer = add(forum, **form)
    assert (answer.status_code, answer.json()["errors"]) == (status, [text])


def test_an_array_of_names_is_an_internal_error(forum: Any) -> None:
    answer = forum.call("PUT", "/groups/41/members.json", json={"usernames": ["ana", "ben"]})
    assert (answer.status_code, answer.json()) == (500, {"status": 500, "error": "Internal Server Error"})


def test_only_the_strongest_selector_counts_but_emails_come_on_top(forum: Any) -> None:
    answer = add(forum, usernames="ana", user_emails="ben@example.org", emails="cai@example.org")
    assert answer.json()["usernames"] == ["ana", "cai"]


def test_unknown_addresses_are_invited_into_the_group(forum: Any) -> None:
    assert add(forum, emails="new@example.net", skip_email="true").json()["emails"] == ["new@example.net"]
    invite = forum.get("/u/forumadmin/invited.json?filter=pending")["invites"][0]
    assert (invite["email"], invite["emailed"], invite["groups"][0]["name"]) == ("new@example.net", False, "spring")


def test_a_thousand_can_be_added_at_once_and_not_one_more(forum: Any) -> None:
    forum.add_many_users(1001)
    everybody = [f"bulk{number:04d}" for number in range(1, 1002)]
    refused = add(forum, usernames=",".join(everybody))
    assert (refused.status_code, refused.json()["errors"]) == (422, ["Maximum 1000 users can be added at once"])
    assert len(add(forum, usernames=",".join(everybody[:1000])).json()["usernames"]) == 1000
    assert forum.get("/groups/spring.json")["group"]["user_count"] == 1000


def test_removing_tells_who_was_no_member_and_takes_either_name_of_the_parameter(forum: Any) -> None:
    add(forum, usernames="ana,ben")
    assert remove(forum, usernames="ana,cai").json() == {
        "success": "OK",
        "usernames": ["ana"],
        "skipped_usernames": ["cai"],
    }
    assert remove(forum, user_email="ben@example.org").json()["usernames"] == ["ben"]
    assert remove(forum).status_code == 400


def test_a_member_gets_the_title_of_the_group_and_loses_it_again(forum: Any) -> None:
    add(forum, usernames="ana")
    assert forum.get("/u/ana.json")["user"]["title"] == "Springer"
    remove(forum, usernames="ana")
    assert forum.get("/u/ana.json")["user"]["title"] is None


def test_members_come_owners_first_then_backwards_by_name_unless_told_otherwise(forum: Any) -> None:
    add(forum, usernames="ana,ben,cai")
    forum.call("PUT", "/groups/41/owners.json", data={"usernames": "ben"})
    assert names(forum) == ["ben", "cai", "ana"]
    assert names(forum, "?order=added_at&asc=true") == ["ana", "ben", "cai"]


def test_every_page_has_all_owners_and_the_total_ignores_the_filter(forum: Any) -> None:
    add(forum, usernames="ana,ben,cai")
    forum.call("PUT", "/groups/41/owners.json", data={"usernames": "cai"})
    page = forum.get("/groups/spring/members.json?limit=1&offset=2")
    assert [row["username"] for row in page["owners"]] == ["cai"]
    filtered = forum.get("/groups/spring/members.json?filter=ana")
    assert (len(filtered["members"]), filtered["meta"]["total"]) == (1, 3)


def test_a_comma_in_the_filter_makes_it_a_pattern(forum: Any) -> None:
    add(forum, usernames="ana,ben,cai")
    assert names(forum, "?filter=an,be&asc=1") == ["ana", "ben"]
    assert names(forum, "?filter=c_i@example.org,x&asc=1") == ["cai"]


@pytest.mark.parametrize("query", ["limit=1001", "limit=-1", "limit=abc", "offset=-1"])
def test_limits_out_of_bounds_are_refused(forum: Any, query: str) -> None:
    answer = forum.call("GET", f"/groups/spring/members.json?{query}")
    assert (answer.status_code, answer.json()["errors"]) == (400, [INVALID + query.partition("=")[0]])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("spring", "Name has already been taken"),
        ("ANA", "Name has already been taken"),
        ("a b", "Name must only include numbers, letters, dashes, dots, and underscores"),
        ("g" * 21, "Name must be no more than 20 characters"),
        ("ab", "Name must be at least 3 characters"),
    ],
)
def test_a_group_name_follows_the_rules_of_usernames(forum: Any, name: str, text: str) -> None:
    answer = forum.call("POST", "/admin/groups.json", json={"group": {"name": name}})
    assert (answer.status_code, answer.json()["errors"]) == (422, [text])


def test_changing_the_default_notifications_asks_about_present_members(forum: Any) -> None:
    add(forum, usernames="ana")
    change = {"group": {"default_notification_level": 1}}
    asked = forum.call("PUT", "/groups/41.json", json=change)
    assert (asked.status_code, asked.json()["user_count"]) == (422, 1)
    assert forum.call("PUT", "/groups/41.json", json={**change, "update_existing_users": "true"}).status_code == 200


def test_automatic_groups_follow_the_accounts_and_cannot_be_changed(forum: Any) -> None:
    assert forum.get("/groups/admins.json")["group"]["user_count"] == 1
    assert [row["username"] for row in forum.get("/groups/admins/members.json")["members"]] == ["forumadmin"]
    assert forum.call("PUT", "/groups/1/members.json", data={"usernames": "ana"}).status_code == 403
    assert forum.call("DELETE", "/admin/groups/1.json").json()["errors"] == ["You cannot modify an automatic group"]


def test_unknown_groups_are_missing_in_different_ways(forum: Any) -> None:
    assert forum.call("GET", "/groups/nothing.json").json()["error_type"] == "not_found"
    add_to = forum.call("PUT", "/groups/99/members.json", data={"usernames": "ana"})
    assert (add_to.status_code, add_to.json()) == (404, {"status": 404, "error": "Not Found"})


def test_an_owner_may_change_members_and_a_plain_member_may_not(forum: Any) -> None:
    add(forum, usernames="ana,ben")
    forum.call("PUT", "/groups/41/owners.json", data={"usernames": "ana"})
    put = {"data": {"usernames": "dan"}}
    assert forum.call("PUT", "/groups/41/members.json", as_user="ben", **put).status_code == 403
    assert forum.call("PUT", "/groups/41/members.json", as_user="ana", **put).status_code == 200


def test_the_history_tells_who_did_what_to_whom(forum: Any) -> None:
    add(forum, usernames="ana")
    remove(forum, usernames="ana")
    logs = forum.get("/groups/spring/logs.json")
    told = [(row["action"], row["target_user"]["username"]) for row in logs["logs"]]
    assert told == [("remove_user_from_group", "ana"), ("add_user_to_group", "ana")]
    assert logs["all_loaded"] is True


def test_hidden_groups_are_missing_for_those_who_may_not_see_them(forum: Any) -> None:
    forum.call("PUT", "/groups/41.json", json={"group": {"visibility_level": 2}})
    add(forum, usernames="ana")
    assert forum.call("GET", "/groups/spring.json", as_user="ben").status_code == 404
    assert forum.call("GET", "/groups/spring.json", as_user="ana").status_code == 200


def test_an_address_with_a_blank_is_refused_and_those_before_it_are_invited(forum: Any) -> None:
    waiting = "/u/forumadmin/invited.json?filter=pending"
    forum.add_user("zoe", email="zoe@example.net")
    for emails in ("new1@example.net, new2@example.net", " zoe@example.net"):
        answer = add(forum, emails=emails, skip_email="true")
        assert answer.status_code == 422
        bad = " " + emails.rpartition(" ")[2]
        assert answer.json() == {"errors": [f"{bad} isn't a valid email address."], "error_type": "record_invalid"}
    assert [row["email"] for row in forum.get(waiting)["invites"]] == ["new1@example.net"]


def test_an_array_of_addresses_breaks_the_call_unless_somebody_has_one_of_them(forum: Any) -> None:
    path = "/groups/41/members.json"
    assert forum.call("PUT", path, json={"emails": ["new1@example.net", "new2@example.net"]}).status_code == 500
    forum.add_user("zoe", email="zoe@example.net")
    answer = forum.call("PUT", path, json={"emails": ["new1@example.net", "zoe@example.net"]})
    assert answer.json() == {"success": "OK", "usernames": ["zoe"], "emails": []}
    assert forum.call("PUT", path, json={"emails": []}).json() == {"success": "OK", "usernames": [], "emails": [[]]}

"""Users: creating, finding, listing, restricting, deleting; DiscourseConnect; invites."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import pytest

SECRET = "a-secret-of-more-than-ten-characters"


def create(forum: Any, **form: Any) -> Any:
    base = {"name": "Ana", "username": "ana", "email": "ana@example.org", "password": "Correct-Horse-9x"}
    return forum.call("POST", "/users.json", data=base | form)


def test_a_new_user_is_greeted_by_a_message_once_active(practice_forum: Any) -> None:
    assert create(practice_forum, active="true").json() == {
        "success": True,
        "active": True,
        "message": "Your account is activated and ready to use.",
    }
    user = practice_forum.get("/u/ana.json")["user"]
    assert practice_forum.get(f"/admin/users/{user['id']}.json")["private_topics_count"] == 1


@pytest.mark.parametrize(
    ("form", "field", "text"),
    [
        ({"username": "ben"}, "username", "must be unique"),
        ({"username": "a b"}, "username", "must only include numbers, letters, dashes, dots, and underscores"),
        ({"password": "short"}, "user_password.password", "is too short (minimum is 10 characters)"),
        ({"email": "nowhere"}, "email", "is invalid."),
    ],
)
def test_a_refused_account_is_answered_with_200(practice_forum: Any, form: Any, field: str, text: str) -> None:
    practice_forum.add_user("ben")
    answer = create(practice_forum, **form)
    assert (answer.status_code, answer.json()["success"], answer.json()["errors"]) == (200, False, {field: [text]})


def test_a_taken_address_looks_like_success_and_makes_nobody(practice_forum: Any) -> None:
    practice_forum.add_user("ben", email="ana@example.org")
    assert create(practice_forum, active="true").json()["success"] is True
    assert practice_forum.call("GET", "/u/ana.json").status_code == 404


def test_the_list_has_a_hundred_a_page_and_addresses_only_on_request(practice_forum: Any) -> None:
    practice_forum.add_many_users(150)
    first, second = (practice_forum.get(f"/admin/users/list/active.json?page={page}") for page in (1, 2))
    assert (len(first), len(second)) == (100, 52)
    assert practice_forum.get("/admin/users/list/active.json?page=9") == []
    assert "email" not in second[0]
    shown = practice_forum.get("/admin/users/list/active.json?page=2&show_emails=true")
    assert shown[0]["email"] == f"{shown[0]['username']}@example.org"


def test_an_older_forum_takes_the_filter_as_one_term(make_practice_forum: Any) -> None:
    forum = make_practice_forum(user_filter="single")
    forum.add_users("ana", "joana", "ben")
    assert [row["username"] for row in forum.get("/admin/users/list/active.json?filter=ana")] == ["ana", "joana"]
    assert [row["username"] for row in forum.get("/admin/users/list/active.json?filter=ana@example.org")] == ["ana"]
    assert forum.get("/admin/users/list/active.json?filter=ana@example.org,ben@example.org") == []


def test_a_newer_forum_splits_the_filter_into_up_to_a_hundred_terms(make_practice_forum: Any) -> None:
    forum = make_practice_forum(user_filter="many")
    forum.add_users("ana", "joana", "ben", "cai")
    rows = forum.get("/admin/users/list/active.json?filter=ana@example.org,ben@example.org")
    assert [row["username"] for row in rows] == ["ana", "ben", "joana"]
    many = ",".join(f"x{number}" for number in range(101))
    assert forum.call("GET", f"/admin/users/list/active.json?filter={many}").status_code == 400


def test_new_people_are_hidden_from_each_other_but_not_from_staff(practice_forum: Any) -> None:
    practice_forum.add_users("ana", "ben", trust_level=0)
    assert practice_forum.get("/u/ana.json", as_user="ben")["user"]["profile_hidden"] is True
    assert practice_forum.get("/u/ana.json")["user"]["username"] == "ana"


def test_a_user_can_be_renamed_but_not_to_a_taken_name(practice_forum: Any) -> None:
    practice_forum.add_users("ana", "ben")
    put = practice_forum.call("PUT", "/u/ana/preferences/username.json", data={"new_username": "anna"})
    assert put.json()["username"] == "anna"
    again = practice_forum.call("PUT", "/u/anna/preferences/username.json", data={"new_username": "BEN"})
    assert (again.status_code, again.json()["errors"]) == (422, ["Username must be unique"])


def test_suspending_silencing_and_lifting_both(practice_forum: Any) -> None:
    number = practice_forum.add_user("ana")
    base = f"/admin/users/{number}"
    form = {"suspend_until": "2099-01-01", "reason": "away"}
    suspended = practice_forum.call("PUT", f"{base}/suspend.json", data=form).json()["suspension"]
    assert suspended["suspended_till"] == "2099-01-01T00:00:00.000Z"
    assert practice_forum.call("PUT", f"{base}/suspend.json", data=form).status_code == 409
    assert practice_forum.call("PUT", f"{base}/unsuspend.json").json() == {
        "suspension": {"suspended_till": None, "suspended_at": None},
    }
    form = {"silenced_till": "2099-01-01", "reason": "noise"}
    assert practice_forum.call("PUT", f"{base}/silence.json", data=form).json()["silence"]["silenced"] is True
    assert practice_forum.call("PUT", "/admin/users/1/suspend.json", data=form).status_code == 403


def test_anonymising_takes_names_and_addresses_away(practice_forum: Any) -> None:
    number = practice_forum.add_user("ana")
    name = practice_forum.call("PUT", f"/admin/users/{number}/anonymize.json").json()["username"]
    assert name.startswith("anon")
    assert practice_forum.call("GET", "/u/ana.json").status_code == 404
    assert practice_forum.get("/admin/users/list/active.json?filter=ana@example.org") == []


def test_deleting_twice_is_refused_and_a_deleted_member_is_gone(practice_forum: Any) -> None:
    practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    number = practice_forum.add_user("ana")
    practice_forum.call("PUT", "/groups/41/members.json", data={"usernames": "ana"})
    assert practice_forum.call("DELETE", f"/admin/users/{number}.json").json() == {"deleted": True}
    assert practice_forum.call("DELETE", f"/admin/users/{number}.json").status_code == 403
    assert practice_forum.get("/groups/spring.json")["group"]["user_count"] == 0


@pytest.fixture
def sso_forum(practice_forum: Any) -> Any:
    """A forum with DiscourseConnect turned on."""
    for name, value in (
        ("discourse_connect_url", "https://login.example.org/sso"),
        ("discourse_connect_secret", SECRET),
        ("enable_discourse_connect", "true"),
    ):
        assert practice_forum.call("PUT", f"/admin/site_settings/{name}.json", data={name: value}).status_code == 200
    return practice_forum


def sync(forum: Any, secret: str = SECRET, **payload: str) -> Any:
    text = base64.b64encode(urlencode(payload).encode()).decode()
    sig = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return forum.call("POST", "/admin/users/sync_sso.json", data={"sso": text, "sig": sig})


def test_syncing_makes_an_account_and_finds_it_again_by_its_external_id(sso_forum: Any) -> None:
    sso_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    made = sync(sso_forum, external_id="e1", email="e1@example.org", username="ext", add_groups="spring").json()
    again = sync(sso_forum, external_id="e1", email="other@example.org", username="renamed").json()
    assert (again["id"], again["username"]) == (made["id"], "ext")
    assert sso_forum.get("/u/by-external/e1.json")["user"]["id"] == made["id"]
    assert [row["username"] for row in sso_forum.get("/groups/spring/members.json")["members"]] == ["ext"]


def test_the_log_of_a_group_says_who_came_and_went_by_syncing(sso_forum: Any) -> None:
    sso_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    for groups in ({"add_groups": "spring"}, {"remove_groups": "spring"}):
        sync(sso_forum, external_id="e1", email="e1@example.org", username="ext", **groups)
    rows = sso_forum.get("/groups/spring/logs.json")["logs"]
    assert [(row["action"], row["acting_user"]["username"], row["target_user"]["username"]) for row in rows] == [
        ("remove_user_from_group", "system", "ext"),
        ("add_user_to_group", "system", "ext"),
    ]


def test_syncing_links_an_account_that_has_the_address(sso_forum: Any) -> None:
    number = sso_forum.add_user("ana")
    assert sync(sso_forum, external_id="e1", email="ana@example.org").json()["id"] == number


def test_a_taken_name_gets_a_number(sso_forum: Any) -> None:
    sso_forum.add_user("ana")
    assert sync(sso_forum, external_id="e1", email="e1@example.org", username="ana").json()["username"] == "ana1"


@pytest.mark.parametrize(
    ("secret", "payload", "status"),
    [
        ("another-secret", {"external_id": "e", "email": "e@example.org"}, 422),
        (SECRET, {"external_id": " ", "email": "e@example.org"}, 422),
        (SECRET, {"external_id": "nil", "email": "e@example.org"}, 500),
        (SECRET, {"external_id": "e", "email": "nowhere"}, 403),
    ],
)
def test_payloads_that_are_refused(sso_forum: Any, secret: str, payload: dict[str, str], status: int) -> None:
    assert sync(sso_forum, secret, **payload).status_code == status


def test_syncing_does_not_exist_while_discourse_connect_is_off(practice_forum: Any) -> None:
    answer = sync(practice_forum, external_id="e", email="e@example.org")
    assert (answer.status_code, answer.text) == (404, "")


def test_inviting_again_renews_the_invite_and_deleting_withdraws_it(practice_forum: Any) -> None:
    form = {"email": "new@example.net", "skip_email": "true"}
    first, second = (practice_forum.call("POST", "/invites.json", data=form).json() for _ in range(2))
    assert first["invite_key"] == second["invite_key"]
    drop = {"data": {"id": first["id"]}}
    assert practice_forum.call("DELETE", "/invites.json", **drop).json() == {"success": "OK"}
    assert practice_forum.call("DELETE", "/invites.json", **drop).status_code == 400


def test_many_invites_fail_one_by_one_and_need_an_array(practice_forum: Any) -> None:
    practice_forum.add_user("ana")
    emails = ["n@example.net", "ana@example.org", "nowhere"]
    answer = practice_forum.call("POST", "/invites/create-multiple.json", json={"email": emails}).json()
    assert answer["num_successfully_created_invitations"] == 1
    assert [row["email"] for row in answer["failed_invitations"]] == emails[1:]
    assert practice_forum.call("POST", "/invites/create-multiple.json", data={"email": "a,b"}).status_code == 500
    many = {"email": [f"{number}@example.net" for number in range(201)]}
    assert practice_forum.call("POST", "/invites/create-multiple.json", json=many).status_code == 422


@pytest.mark.parametrize("email", [" new@example.net", "new@example.net ", "ne w@example.net", "a..b@example.net"])
def test_an_address_with_blanks_is_none(practice_forum: Any, email: str) -> None:
    answer = practice_forum.call("POST", "/invites.json", data={"email": email, "skip_email": "true"})
    assert answer.status_code == 422
    assert answer.json() == {"errors": [f"{email} isn't a valid email address."]}


def test_the_complaint_about_an_address_is_fit_for_a_page(practice_forum: Any) -> None:
    answer = practice_forum.call("POST", "/invites.json", data={"email": "<B>x</B>"})
    assert answer.json() == {"errors": ["&lt;B&gt;x&lt;/B&gt; isn't a valid email address."]}


@pytest.mark.parametrize("email", [["new@example.net"], {"a": "new@example.net"}, 5])
def test_an_address_that_is_no_text_breaks_the_call(practice_forum: Any, email: Any) -> None:
    assert practice_forum.call("POST", "/invites.json", json={"email": email}).status_code == 500


def test_of_many_the_blank_ones_become_links_nothing_is_skipped_and_what_is_no_text_breaks_the_rest_off(
    practice_forum: Any,
) -> None:
    path, waiting = "/invites/create-multiple.json", "/u/forumadmin/invited.json?filter=pending"
    answer = practice_forum.call("POST", path, json={"email": [" a@example.net", "", None, "B@Example.NET"]}).json()
    assert [row["email"] for row in answer["failed_invitations"]] == [" a@example.net"]
    assert answer["num_successfully_created_invitations"] == 2
    assert {row["email"] for row in practice_forum.get(waiting)["invites"]} == {None, "b@example.net"}
    assert practice_forum.call("POST", path, json={"email": ["c@example.net", 5]}).status_code == 500
    assert "c@example.net" in {row["email"] for row in practice_forum.get(waiting)["invites"]}


def test_the_invites_of_another_are_counted_for_people_who_may_invite_and_refused_to_others(
    practice_forum: Any,
) -> None:
    practice_forum.add_user("ana", trust_level=2)
    practice_forum.add_user("ben", trust_level=1)
    practice_forum.call("POST", "/invites.json", data={"email": "new@example.net", "skip_email": "true"})
    path = "/u/forumadmin/invited.json?filter=pending"
    counts = {"pending": 1, "expired": 0, "redeemed": 0, "total": 1}
    expected = {"invites": [], "can_see_invite_details": False, "counts": counts}
    assert practice_forum.get(path, as_user="ana") == expected
    refused = practice_forum.call("GET", path, as_user="ben")
    assert refused.status_code == 422
    assert refused.json() == {"errors": ["You are not permitted to view the requested resource."]}
    assert practice_forum.call("GET", "/u/nobody/invited.json", as_user="ben").status_code == 422
    assert practice_forum.call("GET", "/u/nobody/invited.json").status_code == 404
    assert practice_forum.call("GET", f"{path}&offset=-1").status_code == 500

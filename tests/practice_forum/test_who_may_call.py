"""Keys, users and scopes: who gets in, and how the others are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

CREDENTIALS = "You are not permitted to view the requested resource. The API username or key is invalid."
ACCESS = "You are not permitted to view the requested resource."


def bare(forum: Any, path: str, method: str = "GET", **headers: str) -> Any:
    return forum.client.request(method, f"{forum.url}{path}", headers=headers, timeout=60, allow_redirects=False)


@pytest.mark.parametrize(
    "headers",
    [
        {"Api-Key": "wrong", "Api-Username": "forumadmin"},
        {"Api-Key": "practice-forum-key-of-all-users", "Api-Username": "nobody-of-that-name"},
        {"Api-Key": "practice-forum-key-of-all-users"},
        {"Api-Key": "of-one-user", "Api-Username": "system"},
    ],
)
def test_bad_credentials_are_all_refused_alike(make_practice_forum: Any, headers: dict[str, str]) -> None:
    answer = bare(make_practice_forum(admin_key="of-one-user"), "/session/current.json", **headers)
    assert (answer.status_code, answer.json()) == (403, {"errors": [CREDENTIALS], "error_type": "invalid_access"})
    assert "x-discourse-route" not in answer.headers


@pytest.mark.parametrize("name", [{}, {"Api-Username": "ForumAdmin"}])
def test_a_key_of_one_user_needs_no_name_or_that_user_s_in_any_case(make_practice_forum: Any, name: Any) -> None:
    forum = make_practice_forum(admin_key="of-one-user")
    answer = bare(forum, "/session/current.json", **{"Api-Key": "of-one-user", **name})
    assert answer.json()["current_user"]["id"] == 1
    assert answer.headers["x-discourse-username"] == "forumadmin"
    assert answer.headers["x-discourse-route"] == "session/current"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_a_user_can_be_named_by_id_or_external_id(practice_forum: Any) -> None:
    by_id = bare(practice_forum, "/session/current.json", **{"Api-Key": practice_forum.key, "Api-User-Id": "1"})
    assert by_id.json()["current_user"]["username"] == "forumadmin"
    unknown = {"Api-Key": practice_forum.key, "Api-User-External-Id": "x"}
    assert bare(practice_forum, "/session/current.json", **unknown).status_code == 403


def test_suspended_and_inactive_users_are_refused_without_mention_of_the_key(practice_forum: Any) -> None:
    practice_forum.add_user("away", suspended_till=datetime.now(UTC) + timedelta(days=9))
    practice_forum.add_user("asleep", active=False)
    for name in ("away", "asleep"):
        answer = practice_forum.call("GET", "/session/current.json", as_user=name)
        assert (answer.status_code, answer.json()["errors"]) == (403, [ACCESS])


@pytest.mark.parametrize("name", ["plain", "nobody"])
def test_administration_does_not_exist_for_others(practice_forum: Any, name: str) -> None:
    practice_forum.add_user("plain")
    answer = practice_forum.call("GET", "/admin/users/list/active.json", as_user=name)
    assert (answer.status_code, answer.json()["error_type"]) == (404, "not_found")
    assert "x-discourse-route" not in answer.headers


def test_moderators_see_users_but_no_settings(practice_forum: Any) -> None:
    practice_forum.add_user("mod", moderator=True)
    assert practice_forum.call("GET", "/admin/users/list/active.json", as_user="mod").status_code == 200
    assert practice_forum.call("GET", "/admin/site_settings.json", as_user="mod").status_code == 404


def test_a_scoped_key_opens_only_its_routes_and_a_revoked_one_none(practice_forum: Any) -> None:
    wanted = {
        "description": "d",
        "username": "forumadmin",
        "scopes": [{"scope_id": "groups:manage_groups", "id": "41"}],
    }
    made = practice_forum.call("POST", "/admin/api/keys.json", json={"key": wanted}).json()["key"]
    practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    practice_forum.add_user("ana")

    def call(path: str, method: str = "GET", **more: Any) -> int:
        headers = {"Api-Key": made["key"]}
        url = f"{practice_forum.url}{path}"
        return int(practice_forum.client.request(method, url, headers=headers, timeout=60, **more).status_code)

    assert call("/groups/41/members.json", "PUT", json={"usernames": "ana"}) == 200
    assert call("/groups/42/members.json", "PUT", json={"usernames": "ana"}) == 403
    assert call("/groups.json") == 403
    assert call("/session/scopes.json") == 200
    practice_forum.call("POST", f"/admin/api/keys/{made['id']}/revoke.json")
    assert call("/session/scopes.json") == 403


def test_the_secret_of_a_key_is_shown_once_and_never_kept(practice_forum: Any) -> None:
    made = practice_forum.call("POST", "/admin/api/keys.json", json={"key": {"description": "d"}}).json()["key"]
    listed = practice_forum.call("GET", "/admin/api/keys.json")
    assert made["key"] not in listed.text
    assert listed.json()["keys"][0]["truncated_key"] == made["key"][:4]


def test_login_required_shuts_out_visitors_but_not_keys(practice_forum: Any) -> None:
    practice_forum.call("PUT", "/admin/site_settings/login_required.json", data={"login_required": "true"})
    refused = bare(practice_forum, "/groups.json")
    assert (refused.status_code, refused.json()["error_type"]) == (403, "not_logged_in")
    page = bare(practice_forum, "/latest")
    assert (page.status_code, page.headers["location"]) == (302, f"{practice_forum.url}/login")
    assert bare(practice_forum, "/site/basic-info.json").json()["login_required"] is True
    assert practice_forum.get("/groups.json")


def test_read_only_mode_refuses_writes_and_marks_reads(practice_forum: Any) -> None:
    practice_forum.call("PUT", "/admin/backups/readonly.json", data={"enable": "true"})
    write = practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    assert (write.status_code, write.json()["error_type"]) == (503, "read_only")
    assert practice_forum.call("GET", "/groups.json").headers["discourse-readonly"] == "true"
    practice_forum.call("PUT", "/admin/backups/readonly.json", data={"enable": "false"})
    assert practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}}).status_code == 200


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nothing/here.json", "", "application/json; charset=utf-8"),
        ("/nothing/here", "application/json", "application/json; charset=utf-8"),
        ("/nothing/here", "", "text/html; charset=utf-8"),
    ],
)
def test_what_is_not_there_is_said_in_the_format_asked_for(
    practice_forum: Any, path: str, accept: str, kind: str
) -> None:
    answer = practice_forum.call("GET", path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, kind)


def test_a_body_that_is_no_json_is_refused_and_a_wrong_method_does_not_exist(practice_forum: Any) -> None:
    headers = {"Content-Type": "application/json"}
    assert practice_forum.call("POST", "/admin/groups.json", data="{nope", headers=headers).status_code == 400
    assert practice_forum.call("PATCH", "/groups.json").status_code == 404

"""Facts of a Discourse 3.5 that recordings of other servers showed, and where its source says so."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import pytest

SECRET = "a secret that is long enough"


def sync_sso(forum: Any, **payload: str) -> Any:
    encoded = base64.b64encode(urlencode({"nonce": "1", **payload}).encode()).decode()
    signature = hmac.new(SECRET.encode(), encoded.encode(), hashlib.sha256).hexdigest()
    return forum.call("POST", "/admin/users/sync_sso.json", data={"sso": encoded, "sig": signature})


@pytest.fixture
def connected(make_practice_forum: Any) -> Any:
    settings = {
        "discourse_connect_url": "https://id.example.org/sso",
        "discourse_connect_secret": SECRET,
        "enable_discourse_connect": "true",
    }
    return make_practice_forum(settings=settings)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, "Primary email can't be blank"),
        ({"email": ""}, "Primary email can't be blank, Primary email is invalid."),
        ({"email": "nobody"}, "Primary email is invalid."),
    ],
)
def test_a_person_without_an_address_is_refused_in_discourses_words(
    connected: Any, payload: dict[str, str], said: str
) -> None:
    """user_email.rb validates that an address is there, and its form only where it has changed."""
    answer = sync_sso(connected, external_id="77", username="nobody", **payload)
    assert answer.status_code == 403
    assert answer.json() == {"failed": "FAILED", "message": f"Validation failed: {said}"}


@pytest.mark.parametrize(("more", "reads"), [({}, 1), ({"import_mode": "true"}, 0), ({"auto_track": "false"}, 0)])
def test_an_author_has_read_what_is_tracked(make_practice_forum: Any, more: dict[str, str], reads: int) -> None:
    """post_creator.rb: `track_topic` notes the author's reading, and does nothing when importing."""
    forum = make_practice_forum(settings={"allow_uncategorized_topics": "true"})
    body = {"title": "A topic that its author reads", "raw": "The opening post of this topic.", **more}
    topic = forum.call("POST", "/posts.json", data=body).json()["topic_id"]
    assert forum.get(f"/t/{topic}.json")["post_stream"]["posts"][0]["reads"] == reads


def test_the_automatic_groups_of_staff_are_as_discourse_makes_them(practice_forum: Any) -> None:
    """group.rb, `refresh_automatic_group!`: moderators are tracked; accounts of machines belong to none of them."""
    groups = {group["name"]: group for group in practice_forum.get("/groups/search.json")}
    for name, level, staff in (("moderators", 2, 0), ("admins", 3, 1), ("staff", 3, 1)):
        shown = practice_forum.get(f"/groups/{name}.json")["group"]
        members = practice_forum.get(f"/groups/{name}/members.json")
        assert (name, shown["default_notification_level"]) == (name, level)
        assert (name, shown["user_count"], members["meta"]["total"]) == (name, staff, staff)
        assert all(member["id"] > 0 for member in members["members"])
        assert groups[name]["user_count"] == staff

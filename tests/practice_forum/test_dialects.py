"""What the practice forum says in later dialects, each fact with its source; 3.5 alone was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.practice_forum.dialects import NAMES, RECORDED, Dialect, facts
from sync_worker.practice_forum.json.dialect_answers import RESHAPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.practice_forum.dialects import DialectName
    from tests.conftest import PracticeForum

DECIDED = {"pseudogroups", "many_terms", "workflows", "upcoming_changes"}
"""Facts that are asked for where something is decided, not written into answers afterwards."""


@pytest.fixture
def speaking(make_practice_forum: Callable[..., PracticeForum]) -> Callable[..., PracticeForum]:
    """Start a forum of a dialect."""

    def make(dialect: DialectName, **options: Any) -> PracticeForum:
        return make_practice_forum(dialect=dialect, **options)

    return make


def test_every_fact_has_a_source_and_is_applied_somewhere() -> None:
    names = {fact.name for fact in facts()}
    assert names == RESHAPES.keys() | DECIDED
    assert all(fact.source and fact.since and fact.what and fact.first in NAMES for fact in facts())


def test_the_recorded_dialect_has_none_of_them_and_each_later_one_what_the_one_before_has() -> None:
    holding = [Dialect(name).holding for name in NAMES]
    assert NAMES[0] == RECORDED
    assert holding[0] == frozenset()
    assert holding[0] < holding[1] < holding[2] == {fact.name for fact in facts()}


def test_everyone_is_two_groups_in_the_permissions_of_the_current_dialect(
    speaking: Callable[..., PracticeForum],
) -> None:
    forum = speaking("current")
    rows = forum.get("/c/4/show.json")["category"]["group_permissions"]
    assert [(row["group_id"], row["group_name"], row["permission_type"]) for row in rows] == [
        (5, "logged_in_users", 1),
        (4, "anonymous_users", 3),
    ]
    listed = [group["name"] for group in forum.get("/site.json")["groups"]]
    assert {"anonymous_users", "logged_in_users"} < set(listed)
    assert "everyone" not in listed


@pytest.mark.parametrize(
    ("permissions", "restricted"),
    [
        ({"logged_in_users": 1, "anonymous_users": 3}, False),
        ({"everyone": 1}, False),
        ({"logged_in_users": 1}, True),
        ({"anonymous_users": 3, "staff": 1}, False),
    ],
)
def test_permissions_for_the_two_groups_say_who_may_read(
    speaking: Callable[..., PracticeForum], permissions: dict[str, int], *, restricted: bool
) -> None:
    forum = speaking("current")
    forum.add_user("ana")
    answer = forum.call("PUT", "/categories/4.json", json={"name": "General", "permissions": permissions})
    assert answer.status_code == 200, answer.text
    assert forum.get("/c/4/show.json")["category"]["read_restricted"] is restricted
    sees = forum.call("GET", "/c/general/4/l/latest.json", as_user="ana").status_code == 200
    assert sees is ("logged_in_users" in permissions or not restricted)


def test_a_forum_of_3_5_does_not_know_the_two_groups(speaking: Callable[..., PracticeForum]) -> None:
    body = {"name": "General", "permissions": {"logged_in_users": 1}}
    assert speaking("3.5").call("PUT", "/categories/4.json", json=body).status_code >= 400


def test_tags_are_objects_in_the_current_dialect_alone(speaking: Callable[..., PracticeForum]) -> None:
    for name in NAMES:
        forum = speaking(name, settings={"tagging_enabled": "true"})
        post = {"title": "A topic that has a tag", "raw": "A text that is long enough.", "category": 4, "tags[]": ["q"]}
        topic = forum.call("POST", "/posts.json", data=post).json()["topic_id"]
        tags = forum.get(f"/t/{topic}.json")["tags"]
        assert tags == ([{"id": 1, "name": "q", "slug": "q"}] if name == "current" else ["q"])


@pytest.mark.parametrize("name", NAMES)
def test_a_count_of_members_whom_the_caller_may_not_see_is_left_out_after_3_5(
    speaking: Callable[..., PracticeForum], name: DialectName
) -> None:
    forum = speaking(name)
    forum.add_user("ana")
    group = {"name": "hidden", "visibility_level": 0, "members_visibility_level": 3}
    assert forum.call("POST", "/admin/groups.json", json={"group": group}).ok
    shown = forum.get("/groups/hidden.json", as_user="ana")["group"]
    assert ("user_count" in shown) is (name == "3.5")
    whole = forum.get("/groups/hidden.json")["group"]
    assert whole["user_count"] == 0
    assert ("imap_server" in whole) is (name == "3.5")


def test_an_older_database_gets_the_two_groups_when_it_is_served_in_the_current_dialect(
    make_practice_forum: Callable[..., PracticeForum], tmp_path: Any
) -> None:
    make_practice_forum(tmp_path / "f.db")
    later = make_practice_forum(tmp_path / "f.db", dialect="current")
    assert later.get("/groups/logged_in_users.json")["group"]["id"] == 5

"""The Data Explorer of the practice forum: saved queries, parameters in comments, Discourse's table names."""

from __future__ import annotations

import json
from typing import Any

import pytest

QUERIES = "/admin/plugins/explorer/queries"
SQL = """-- [params]
-- string_list :names
-- null int :least = 0

SELECT u.id AS account, u.username, e.email, e."primary" AS main, u.active, u.suspended_till
FROM users u JOIN user_emails e ON e.user_id = u.id
WHERE u.username_lower IN (:names) AND u.id > :least ORDER BY u.username"""


@pytest.fixture
def forum(make_practice_forum: Any) -> Any:
    """A forum with the users ana and ben, and the Data Explorer."""
    made = make_practice_forum(settings={"data_explorer_enabled": "true"})
    made.add_users("ana", "ben")
    return made


def save(forum: Any, sql: str = SQL) -> int:
    answer = forum.call("POST", f"{QUERIES}.json", json={"query": {"name": "who", "sql": sql}})
    assert answer.status_code == 200
    return int(answer.json()["query"]["id"])


def run(forum: Any, number: int, limit: str = "ALL", **params: str) -> Any:
    data = {"params": json.dumps(params), "limit": limit}
    return forum.call("POST", f"{QUERIES}/{number}/run.json", data=data)


def test_a_query_runs_on_the_forums_own_tables(forum: Any) -> None:
    answer = run(forum, save(forum), names="ana,ben,nobody").json()
    assert answer["success"] is True
    assert answer["columns"] == ["account", "username", "email", "main", "active", "suspended_till"]
    assert [row[1:] for row in answer["rows"]] == [
        ["ana", "ana@example.org", "t", "t", None],
        ["ben", "ben@example.org", "t", "t", None],
    ]


def test_rows_are_limited_unless_all_are_wanted(forum: Any) -> None:
    number = save(forum)
    assert run(forum, number, limit="1", names="ana,ben").json()["result_count"] == 1
    assert run(forum, number, names="ana,ben").json()["result_count"] == 2


def test_null_stands_for_nothing(forum: Any) -> None:
    assert run(forum, save(forum), names="#null").json()["rows"] == []


@pytest.mark.parametrize(
    ("sql", "params", "words"),
    [
        (SQL, {}, "Missing parameter names of type string_list"),
        (SQL, {"names": "ana", "least": "many"}, "'many' is an invalid int - Not an integer"),
        ("SELECT 1; SELECT 2", {}, "semi-colons"),
        ("SELECT wrong FROM users", {}, "no such column"),
    ],
)
def test_what_is_wrong_is_a_422_with_words(forum: Any, sql: str, params: dict[str, str], words: str) -> None:
    answer = run(forum, save(forum, sql), **params)
    assert answer.status_code == 422
    assert answer.json()["success"] is False
    assert words in answer.json()["errors"][0]


def test_queries_are_listed_shown_changed_and_hidden(forum: Any) -> None:
    number = save(forum)
    assert [row["name"] for row in forum.get(f"{QUERIES}.json")["queries"]] == ["who"]
    assert forum.get(f"{QUERIES}/{number}.json")["query"]["sql"] == SQL
    forum.call("PUT", f"{QUERIES}/{number}.json", json={"query": {"sql": "SELECT 2 AS two"}})
    assert run(forum, number).json()["rows"] == [[2]]
    assert forum.call("DELETE", f"{QUERIES}/{number}.json").json() == {"success": True, "errors": []}
    assert forum.get(f"{QUERIES}.json")["queries"] == []


def test_without_the_setting_there_is_no_data_explorer(practice_forum: Any) -> None:
    assert practice_forum.call("GET", f"{QUERIES}.json").status_code == 404

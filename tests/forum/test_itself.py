"""What the forum says of itself: its time, and whether it is a practice forum."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_worker.errors import ForumError
from sync_worker.forum import Forum

SESSION, STATUS, CLOCK = "/session/current.json", "/lcm/status.json", "/practice/clock.json"
UNDATED = {"Date": ""}


def test_the_time_is_the_date_of_an_answer(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", SESSION, scripted.reply({}, headers={"Date": "Sat, 28 Nov 2026 22:00:00 GMT"}))
    assert forum.itself.server_time() == datetime(2026, 11, 28, 22, tzinfo=UTC)
    assert len(scripted.calls) == 1


def test_the_plugin_says_the_time_where_no_answer_is_dated(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", SESSION, scripted.reply({}, headers=UNDATED))
    scripted.on("GET", STATUS, scripted.reply({"server_time": "2026-11-28T22:20:45.447Z"}, headers=UNDATED))
    assert forum.itself.server_time() == datetime(2026, 11, 28, 22, 20, 45, 447_000, tzinfo=UTC)


@pytest.mark.parametrize("said", [{}, {"server_time": None}, {"server_time": "soon"}])
def test_a_forum_that_says_no_time_has_none(forum: Forum, scripted: Any, said: dict[str, Any]) -> None:
    scripted.on("GET", SESSION, scripted.reply({}, headers=UNDATED))
    scripted.on("GET", STATUS, scripted.reply(said, headers=UNDATED))
    assert forum.itself.server_time() is None


def test_a_forum_without_the_plugin_and_without_a_date_says_no_time(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", SESSION, scripted.reply({}, headers=UNDATED))
    assert forum.itself.server_time() is None


@pytest.mark.parametrize("body", ["<h1>Action Controller: Exception caught</h1>", "Not Found"])
def test_a_404_in_whatever_words_is_no_practice_forum(forum: Forum, scripted: Any, body: str) -> None:
    scripted.on("GET", CLOCK, scripted.reply(body, status=404, content_type="text/html"))
    assert not forum.itself.is_practice()


def test_whether_a_forum_that_is_down_is_for_practice_is_not_known(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", CLOCK, scripted.reply("<h1>502</h1>", status=502, content_type="text/html"))
    with pytest.raises(ForumError):
        forum.itself.is_practice()


@pytest.mark.parametrize("date", ["soon", "Mon, 31 Dec 9999 23:59:59 -2359"])
def test_a_date_that_is_none_is_no_date(forum: Forum, scripted: Any, date: str) -> None:
    scripted.on("GET", SESSION, scripted.reply({}, headers={"Date": date}))
    assert forum.itself.server_time() is None


def test_a_date_without_a_zone_is_in_utc(
    forum: Forum, scripted: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(time.tzset)
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    scripted.on("GET", SESSION, scripted.reply({}, headers={"Date": "Sat, 28 Nov 2026 22:00:00 -0000"}))
    assert forum.itself.server_time() == datetime(2026, 11, 28, 22, tzinfo=UTC)

"""What people chose on the forum holds for whatever publishes, whatever they are called by now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from sync_worker.activity.consents import enter_click
from sync_worker.activity.feed import enter_choice, take_in_choices, unquoted
from sync_worker.forum.plugin_records import WorkItem
from sync_worker.store.database import open_store
from sync_worker.store.tables import ConsentRow, CursorRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sync_worker.forum.plugin import Plugin
    from sync_worker.store.database import Store

NOON = datetime(2027, 3, 5, 12, tzinfo=UTC)


def chose(number: int, user_id: int, *, quoting: bool, username: str = "ana", kind: str = "preference") -> WorkItem:
    data = {"nudges": True, "quoting": quoting, "pairing": True}
    return WorkItem(number, kind, None, str(user_id), data, user_id, username, NOON + timedelta(minutes=number))


class Work:
    """A plugin with these items, a few a page."""

    def __init__(self, *items: WorkItem) -> None:
        self.items = items
        self.asked: list[int] = []

    def work(self, after: int) -> tuple[list[WorkItem], bool]:
        self.asked.append(after)
        left = [item for item in self.items if item.id > after]
        return left[:2], len(left) > 2


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield opened
    opened.close()


def who(store: Store) -> frozenset[int]:
    with store.begin() as session:
        return unquoted(session, "f")


def test_choices_are_taken_in_by_account_and_the_last_one_holds(store: Store) -> None:
    work = Work(
        chose(1, 7, quoting=False),
        chose(2, 8, quoting=False, username="bob"),
        chose(3, 9, quoting=False, kind="approve_draft"),
        chose(4, 8, quoting=True, username="robert"),
    )
    take_in_choices(cast("Plugin", work), store, "f")
    assert who(store) == {7}
    take_in_choices(cast("Plugin", work), store, "f")
    assert work.asked == [0, 2, 4]


def test_what_the_desk_has_taken_in_is_not_read_again_and_the_desk_reads_on_from_its_own_place(store: Store) -> None:
    with store.begin() as session:
        session.add(CursorRow(forum="f", name="work", value="5"))
    work = Work(chose(4, 7, quoting=False), chose(6, 8, quoting=False))
    take_in_choices(cast("Plugin", work), store, "f")
    assert who(store) == {8}
    with store.begin() as session:
        assert session.get_one(CursorRow, ("f", "work")).value == "5"


def test_an_older_choice_that_comes_late_does_not_undo_a_newer_one(store: Store) -> None:
    with store.begin() as session:
        enter_choice(session, "f", chose(5, 7, quoting=False))
        enter_choice(session, "f", chose(2, 7, quoting=True))
    assert who(store) == {7}


def test_a_click_is_entered_ahead_of_the_desk_and_once(store: Store) -> None:
    clicked = [
        WorkItem(number, "consent", "spring-27", "31", {"answer": answer}, 7, "ana", NOON + timedelta(minutes=number))
        for number, answer in ((1, "yes"), (2, "no"))
    ]
    take_in_choices(cast("Plugin", Work(*clicked)), store, "f")
    with store.begin() as session:
        enter_click(session, "f", clicked[0])  # as the desk reads it later
        assert session.get_one(ConsentRow, ("f", 31)).answer == "no"
        session.get_one(ConsentRow, ("f", 31)).answer = "unclear"  # by words that were written since
        enter_click(session, "f", clicked[1])
        assert session.get_one(ConsentRow, ("f", 31)).answer == "unclear"


def test_without_news_nothing_is_written(store: Store) -> None:
    take_in_choices(cast("Plugin", cast("Any", Work())), store, "f")
    with store.begin() as session:
        assert session.get(CursorRow, ("f", "work:choices")) is None

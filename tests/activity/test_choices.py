"""What people chose on the forum holds for whatever publishes, whatever they are called by now."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from sync_worker.activity.choices import (
    CHOICES,
    NAMES,
    enter_choice,
    enter_click,
    enter_word,
    take_in_choices,
    unquoted,
)
from sync_worker.activity.replies import Choice
from sync_worker.forum.plugin_records import WorkItem
from sync_worker.store.database import open_store
from sync_worker.store.tables import ChoiceRow, ConsentRow, CursorRow
from tests.search import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

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
    clicks = [clicked(1, "yes"), clicked(2, "no")]
    take_in_choices(cast("Plugin", Work(*clicks)), store, "f")
    with store.begin() as session:
        enter_click(session, "f", clicks[0])  # as the desk reads it later
        assert session.get_one(ConsentRow, ("f", 31)).answer == "no"
        session.get_one(ConsentRow, ("f", 31)).answer = "unclear"  # by words that were written since
        enter_click(session, "f", clicks[1])
        assert session.get_one(ConsentRow, ("f", 31)).answer == "unclear"


def test_without_news_nothing_is_written(store: Store) -> None:
    take_in_choices(cast("Plugin", cast("Any", Work())), store, "f")
    with store.begin() as session:
        assert session.get(CursorRow, ("f", "work:choices")) is None


def minute(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


def ticked(number: int, *changed: str, **choices: bool) -> WorkItem:
    """What the plugin tells after somebody changed something on the page; the rest is as it has it."""
    data = {**dict.fromkeys(NAMES, True), **choices, "changed": list(changed)}
    return WorkItem(number, "preference", None, "7", data, 7, "ana", minute(number))


def say(session: Session, *said: WorkItem | tuple[int, Choice]) -> None:
    for one in said:
        if isinstance(one, WorkItem):
            enter_choice(session, "f", one)
        else:
            enter_word(session, "f", 7, "ana", one[1], minute(one[0]))


def held(session: Session) -> dict[str, bool]:
    row = session.get_one(ChoiceRow, ("f", 7))
    return {name: getattr(row, name) for name in NAMES}


def test_who_changes_another_box_later_is_not_quoted_against_their_word(store: Store) -> None:
    with store.begin() as session:
        say(session, (1, Choice.NO_QUOTES), ticked(2, "nudges", nudges=False))
        assert held(session) == {"nudges": False, "quoting": False, "pairing": True}
        say(session, ticked(3, "quoting", nudges=False, quoting=False), ticked(4, "quoting", nudges=False))
        assert held(session) == {"nudges": False, "quoting": True, "pairing": True}


def test_an_older_word_that_is_entered_last_counts_for_what_nothing_later_was_said_of(store: Store) -> None:
    with store.begin() as session:
        say(session, ticked(5, "nudges"), (3, Choice.STOP))
        assert held(session) == {"nudges": True, "quoting": False, "pairing": False}
        say(session, (2, Choice.QUOTES))
        assert held(session)["quoting"] is False


def test_what_a_merge_of_accounts_did_not_refuse_leaves_a_word_as_it_is(store: Store) -> None:
    with store.begin() as session:
        say(session, (1, Choice.NO_QUOTES), (2, Choice.START_AGAIN), ticked(3, "pairing", pairing=False))
        assert held(session) == {"nudges": True, "quoting": False, "pairing": False}


def test_what_was_not_changed_counts_only_where_nothing_was_ever_said_of_it(store: Store) -> None:
    later_merged = ticked(5, "nudges", nudges=False, quoting=False)
    with store.begin() as session:
        say(session, later_merged)
        assert held(session) == {"nudges": False, "quoting": False, "pairing": True}
        say(session, (4, Choice.QUOTES), later_merged)
        assert held(session) == {"nudges": False, "quoting": True, "pairing": True}


def test_an_older_plugin_says_all_three(store: Store) -> None:
    with store.begin() as session:
        say(session, (1, Choice.STOP))
        enter_choice(session, "f", chose(2, 7, quoting=False))
        assert held(session) == {"nudges": True, "quoting": False, "pairing": True}


def test_a_word_is_the_last_one_unless_something_later_is_entered_of_what_it_is_about(store: Store) -> None:
    with store.begin() as session:
        say(session, ticked(5, "nudges", nudges=False))
        words = ((Choice.NO_QUOTES, 4), (Choice.START_AGAIN, 4), (Choice.START_AGAIN, 6), (Choice.NOT_NOW, 1))
        last = [enter_word(session, "f", 7, "ana", choice, minute(at)) for choice, at in words]
        assert last == [True, False, True, True]
        assert session.get_one(ChoiceRow, ("f", 7)).at == minute(6)


def clicked(number: int, answer: str) -> WorkItem:
    return WorkItem(number, "consent", "spring-27", "31", {"answer": answer}, 7, "ana", minute(number))


@pytest.mark.parametrize("newer", ["page", "message", "story"])
def test_of_two_workers_at_one_moment_the_one_with_the_older_word_does_not_undo_the_newer_one(
    postgres_url: str, newer: str
) -> None:
    with closing(open_store(postgres_url)) as store:
        with store.begin() as session:
            say(session, (1, Choice.NO_QUOTES))
            enter_click(session, "f", clicked(1, "no"))

        def refuse() -> None:
            with store.begin() as session:
                say(session, ticked(3, "quoting", quoting=False) if newer == "page" else (3, Choice.NO_QUOTES))
                enter_click(session, "f", clicked(3, "no"))

        other = Thread(target=refuse)
        with store.begin() as session:
            if newer == "story":
                enter_click(session, "f", clicked(2, "yes"))
            else:
                say(session, (2, Choice.QUOTES))
            other.start()
            other.join(1.0)  # or it waits for the first one
        other.join()
        with store.begin() as session:
            assert held(session)["quoting"] is False
            assert session.get_one(ConsentRow, ("f", 31)).answer == "no"


MINUTES = st.integers(1, 5)
WORDS = st.tuples(MINUTES, st.sampled_from(list(Choice)))
TICKED = st.builds(
    lambda number, changed, choices: ticked(number, *changed, **choices),
    MINUTES,
    st.sets(st.sampled_from(NAMES)),
    st.fixed_dictionaries({name: st.booleans() for name in NAMES}),
)
OLDER = st.builds(lambda number, quoting: chose(number, 7, quoting=quoting), MINUTES, st.booleans())


def expected(said: Sequence[WorkItem | tuple[int, Choice]], name: str) -> bool:
    """Whether something is allowed: as was said last, of two at one moment the no; else as everybody told."""
    heard: list[tuple[datetime, bool]] = []
    told = [True]
    for one in said:
        if not isinstance(one, WorkItem):
            heard += [(minute(one[0]), CHOICES[one[1]][name])] if name in CHOICES[one[1]] else []
        elif name in one.data.get("changed", NAMES):
            heard.append((one.at, one.data[name]))
        else:
            told.append(one.data[name])
    last = max((at for at, _ in heard), default=None)
    return all(allowed for at, allowed in heard if at == last) if heard else all(told)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150, 5_000), deadline=None)
@given(said=st.lists(WORDS | TICKED | OLDER, min_size=1, max_size=8), data=st.data())
def test_the_order_of_entering_does_not_matter_nor_does_entering_twice(
    store: Store, said: list[WorkItem | tuple[int, Choice]], data: Any
) -> None:
    shuffled: Callable[[], Any] = lambda: data.draw(st.permutations(said))  # noqa: E731
    rows = []
    for order in (said, shuffled(), [*shuffled(), *shuffled()]):
        with store.begin() as session:
            session.execute(delete(ChoiceRow))
            say(session, *order)
            row = session.get_one(ChoiceRow, ("f", 7))
            rows.append({column.name: getattr(row, column.name) for column in ChoiceRow.__table__.columns})
            assert held(session) == {name: expected(said, name) for name in NAMES}
    assert rows[0] == rows[1] == rows[2]

"""Every word that a column of fixed words may hold fits that column, and the tests refuse any other value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, String, Text, update

from sync_worker.membership.planning.people import Stage
from sync_worker.membership.records.ties import State
from sync_worker.store.database import Store, open_store, upsert
from sync_worker.store.tables import (
    WORDS,
    BudgetRow,
    CreatedRow,
    CursorRow,
    InvitationRow,
    LedgerRow,
    MembershipRow,
    Table,
)
from tests.column_guard import WrongValueError

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LONGEST_WORD = 20  # a column for more characters than this holds names, keys and ids
DIGESTS = {"settlements.fingerprint"}


def bounded() -> Iterator[tuple[str, int, Column[Any]]]:
    """Every column of the store whose text has a length."""
    for table in Table.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String) and not isinstance(column.type, Text):
                assert column.type.length is not None, f"{column}: a String needs a length; a Text has none"
                yield f"{table.name}.{column.name}", column.type.length, column


BOUNDED = list(bounded())
OF_WORDS = [(name, length, column) for name, length, column in BOUNDED if WORDS in column.info]


def test_every_short_column_says_which_words_it_holds() -> None:
    short = {name for name, length, _ in BOUNDED if length <= LONGEST_WORD}
    assert short - DIGESTS == {name for name, _, _ in OF_WORDS}


@pytest.mark.parametrize(("name", "length", "column"), OF_WORDS, ids=[name for name, _, _ in OF_WORDS])
def test_every_word_fits_its_column(name: str, length: int, column: Column[Any]) -> None:
    assert [word for word in column.info[WORDS] if len(word) > length] == [], name


@pytest.mark.parametrize(("name", "length", "column"), OF_WORDS, ids=[name for name, _, _ in OF_WORDS])
def test_what_a_column_holds_by_default_is_one_of_its_words(name: str, length: int, column: Column[Any]) -> None:
    del length
    if column.default is not None:
        assert column.default.arg in column.info[WORDS], name


def test_the_stages_that_the_membership_package_names_are_the_words_of_their_columns() -> None:
    assert MembershipRow.__table__.c.state.info[WORDS] == set(State)
    assert InvitationRow.__table__.c.state.info[WORDS] == set(Stage)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in SQLite, which keeps to no length by itself."""
    opened = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield opened
    opened.close()


def created(kind: str) -> dict[str, Any]:
    return {"forum": "f", "kind": kind, "name": "n", "forum_id": 1, "state": "made", "run": "r", "at": NOON}


@pytest.mark.parametrize("word", ["parent category", "island"])
def test_a_word_that_is_too_long_or_unknown_is_refused_however_it_is_written(store: Store, word: str) -> None:
    with pytest.raises(WrongValueError, match=r"created\.kind"), store.begin() as session:
        session.add(CreatedRow(**created(word)))
    with pytest.raises(WrongValueError, match=r"created\.kind"), store.begin() as session:
        upsert(session, CreatedRow, [created("group"), created(word)])
    with store.begin() as session:
        session.add(CreatedRow(**created("group")))
    with pytest.raises(WrongValueError, match=r"created\.kind"), store.begin() as session:
        session.execute(update(CreatedRow).where(CreatedRow.kind == "group").values(kind=word))
    with pytest.raises(WrongValueError, match=r"created\.kind"), store.begin() as session:
        session.get_one(CreatedRow, ("f", "group", "n")).kind = word


def test_any_other_text_that_is_too_long_is_refused_as_well(store: Store) -> None:
    with pytest.raises(WrongValueError, match=r"cursors\.name holds 120 characters at most"), store.begin() as session:
        session.add(CursorRow(forum="f", name="n" * 121, value="1"))


def test_a_text_with_a_nul_is_refused(store: Store) -> None:
    with pytest.raises(WrongValueError, match=r"cursors\.value holds no NUL"), store.begin() as session:
        session.add(CursorRow(forum="f", name="n", value="a\0b"))


def test_a_number_that_is_too_large_is_refused(store: Store) -> None:
    with pytest.raises(WrongValueError, match=r"created\.forum_id holds 2147483647 at most"), store.begin() as session:
        session.add(CreatedRow(**created("group") | {"forum_id": 2**31}))
    with store.begin() as session:
        session.add(BudgetRow(forum="f", turn=2**40))


def test_a_search_for_a_long_text_is_not_refused(store: Store) -> None:
    with store.begin() as session:
        session.execute(update(LedgerRow).where(LedgerRow.key == "k" * 99).values(state="done"))
        assert session.get(LedgerRow, "k" * 99) is None

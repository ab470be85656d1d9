"""A store is carried over whole, or not at all."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, update
from sqlalchemy.engine import make_url

from sync_worker.cli import main
from sync_worker.errors import RefusedError, StoreError
from sync_worker.store import moving
from sync_worker.store.database import Store, open_store
from sync_worker.store.moving import OF_NO_USE, move_store
from sync_worker.store.tables import CursorRow, LedgerRow, Table
from tests.store.test_personal import FORUM, NOON, SENTENCE, fill

NASTY = "Œuvre \u00e9t\u00e9 🎉 \u202e tab\t newline\n quote' \" back\\slash %s :x"


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """A store with rows in every table."""
    url = f"sqlite:///{tmp_path / 'lcm.db'}"
    with closing(open_store(url)) as store:
        fill(store, SENTENCE, 4711)
        fill(store, "Other words", 2)
        with store.begin() as session:
            session.add_all(
                LedgerRow(
                    key=f"key-{number}", forum=FORUM, cohort="spring", playbook="p", step="s", action="topic",
                    slot=NOON + timedelta(microseconds=number), state="done", attempts=1, created_at=NOON,
                    updated_at=NOON, to_learner=None, payload={"raw": NASTY, "n": number, "f": 1.5, "none": None,
                                                               "list": [1, True, {"a": []}]},
                )
                for number in range(1_201)
            )  # fmt: skip
    return url


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Table.metadata.sorted_tables
            if table.name not in OF_NO_USE
        }


def test_a_store_goes_to_postgresql_and_back_with_nothing_lost(filled: str, postgres_url: str, tmp_path: Path) -> None:
    back = f"sqlite:///{tmp_path / 'back.db'}"
    with closing(open_store(filled)) as source:
        moved = move_store(source, postgres_url, [FORUM])
        before = content(source)
    assert moved.rows["ledger"] == 1_203
    assert moved.rows == {name: len(rows) for name, rows in before.items()}
    with closing(open_store(postgres_url)) as there:
        assert content(there) == before
        move_store(there, back, [FORUM])
    with closing(open_store(back)) as again:
        assert content(again) == before
        with again.begin() as session:  # and it can be worked with
            session.add(CursorRow(forum=FORUM, name="new", value="x"))


def test_a_store_with_rows_is_refused_and_nothing_is_changed(filled: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    with closing(open_store(other)) as store, store.begin() as session:
        session.add(CursorRow(forum="f", name="n", value="v"))
    with closing(open_store(filled)) as source, pytest.raises(RefusedError, match="the new store is not empty"):
        move_store(source, other, [FORUM])
    with closing(open_store(other)) as store:
        assert sum(map(len, content(store).values())) == 1


def test_a_store_is_not_moved_into_itself(filled: str) -> None:
    with closing(open_store(filled)) as source, pytest.raises(RefusedError, match="the store that is moved"):
        move_store(source, filled, [FORUM])


def test_a_row_that_comes_out_otherwise_leaves_the_new_store_empty(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = moving._copy

    def careless(table: object, old: object, new: object) -> int:
        count = copy(table, old, new)  # type: ignore[arg-type]
        if table is LedgerRow.__table__:
            new.execute(update(LedgerRow).where(LedgerRow.key == "key-7").values(reason="changed"))  # type: ignore[attr-defined]
        return count

    monkeypatch.setattr(moving, "_copy", careless)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    with closing(open_store(filled)) as source, pytest.raises(StoreError, match="1 rows of 'ledger'"):
        move_store(source, other, [FORUM])
    with closing(open_store(other)) as store:
        assert sum(map(len, content(store).values())) == 0


def test_nobody_works_with_a_store_while_it_is_moved(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "MIGRATION_WAIT_SECONDS", 0.0)
    with closing(open_store(filled)) as source, source.exclusive(f"people:{FORUM}") as held:
        assert held
        with pytest.raises(RefusedError, match="at work"):
            move_store(source, f"sqlite:///{tmp_path / 'other.db'}", [FORUM])


def test_the_command_moves_and_says_what_to_do_next(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "lcm.yaml").write_text(f"forum: {{url: 'https://{FORUM}'}}\n", encoding="utf-8")
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store, store.begin() as session:
        session.execute(insert(CursorRow).values(forum=FORUM, name="n", value="v"))
    url = make_url(postgres_url).render_as_string(hide_password=False)
    result = CliRunner().invoke(main, ["store", "move", url, "--config", str(tmp_path / "lcm.yaml")])
    assert result.exit_code == 0, result.output
    assert "Moved 1 row, and read each back the same: 1 of cursors." in result.output
    again = CliRunner().invoke(main, ["store", "move", url, "--config", str(tmp_path / "lcm.yaml")])
    assert again.exit_code == 3
    assert "not empty" in again.output


def test_numbers_that_a_database_gives_out_go_on_after_the_largest(postgres_url: str) -> None:
    """No table of ours has one at present; a table that gets one is covered."""
    from sqlalchemy import Column, Integer, MetaData
    from sqlalchemy import Table as SqlTable

    given = SqlTable("given", MetaData(), Column("id", Integer, primary_key=True))
    with closing(open_store(postgres_url)) as store, store.engine.begin() as connection:
        given.create(connection)
        connection.execute(insert(given), [{"id": 41}])
        moving._set_sequence(given, connection)
        assert connection.scalar(insert(given).returning(given.c.id)) == 42

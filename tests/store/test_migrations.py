"""Every migration goes up and down with rows in every table, on both databases; new migrations are covered by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import JSON, Connection, Engine, TableClause, column, create_engine, insert, inspect, table, text
from sqlalchemy import types as sql

from sync_worker.cli import main
from sync_worker.errors import ConfigError, RefusedError, UsageError
from sync_worker.store.database import VERSIONS, Store, open_store, revision_of
from sync_worker.store.migrations import NEWEST
from sync_worker.store.tables import FactRow, ForgottenRow, Table
from sync_worker.store.upgrade import _changing, downgrade, migration_config, revisions, upgrade

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
Shape = dict[str, Any]
Rows = dict[str, dict[str, list[tuple[str, ...]]]]
CHANGED = {  # what a migration changes on purpose in tables that stay
    ("0005_groups", "memberships"),
    ("0008_who_is_who", "created"),
    ("0009_accepted", "cursors"),
    ("0022_people", "cursors"),
    ("0028_replies", "cursors"),
}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    found = create_engine(url)
    yield found
    found.dispose()


def go(engine: Engine, revision: str, *, up: bool) -> None:
    with _changing(engine, config := migration_config()):
        (command.upgrade if up else command.downgrade)(config, revision)


@dataclass(frozen=True)
class Seen:
    """A database as it is now: its tables to work with, and what they are made of."""

    tables: list[TableClause]
    shape: Shape

    @classmethod
    def of(cls, connection: Connection) -> Seen:
        inspector = inspect(connection)
        columns, indexes = inspector.get_multi_columns(), inspector.get_multi_indexes()
        keys = inspector.get_multi_pk_constraint()
        names = [key for key in columns if key[1] != VERSIONS.name]
        tables = [table(name[1], *(column(one["name"], one["type"]) for one in columns[name])) for name in names]
        shape = {
            name[1]: {
                "columns": {one["name"]: (str(one["type"]), one["nullable"]) for one in columns[name]},
                "key": keys[name]["constrained_columns"],
                "indexes": sorted((str(one["name"]), *map(str, one["column_names"])) for one in indexes[name]),
            }
            for name in names
        }
        return cls(tables, shape)


def value_of(column: Any, number: int) -> Any:  # noqa: PLR0911
    if column.name == "name" and column.table.name == "cursors":
        return f"roster-size:cohort-{number}"
    if column.name == "value" and column.table.name == "cursors":
        return str(number)
    if column.name == "digests" and isinstance(column.type, sql.Text):
        return " ".join(f"{number:020}" for _ in range(4))  # more than an older column has room for
    if isinstance(column.type, JSON):
        return {"sizes": {"2026-11-02": number}}
    if isinstance(column.type, sql.Boolean):
        return True
    if isinstance(column.type, sql.DateTime):
        return NOON
    if isinstance(column.type, sql.Date):
        return date(2026, 11, 2)
    if isinstance(column.type, sql.Float):
        return 1.5
    return number if isinstance(column.type, sql.Integer) else f"é{number}"


def fill(connection: Connection, seen: Seen, number: int) -> None:
    """A row in every table there is."""
    for one in seen.tables:
        connection.execute(insert(one).values({c.name: value_of(c, number) for c in one.columns}))


def rows_of(connection: Connection, seen: Seen) -> Rows:
    """All rows, by table and column; each column in an order of its own."""
    found: Rows = {}
    for one in seen.tables:
        rows = connection.execute(text(f'SELECT * FROM "{one.name}"')).mappings().all()
        found[one.name] = {c.name: sorted(repr(row[c.name]) for row in rows) for c in one.columns}
    return found


def assert_kept(before: Rows, after: Rows, revision: str) -> None:
    """What both shapes have room for is the same."""
    for name in before.keys() & after.keys():
        if (revision, name) not in CHANGED:
            for one in before[name].keys() & after[name].keys():
                assert before[name][one] == after[name][one], (revision, name, one)


def empty_until_it_goes(engine: Engine, revision: str) -> list[str]:
    """Go down; where that is refused, take out what would be lost. Returns the tables that were to be emptied."""
    emptied: list[str] = []
    while (refusal := refusal_of(engine, revision)) is not None:
        table_to_empty = str(refusal.where)
        assert "would be lost" in refusal.what
        assert table_to_empty not in emptied
        emptied.append(table_to_empty)
        with engine.begin() as connection:
            connection.execute(text(f"DELETE FROM {table_to_empty}"))
    return emptied


def refusal_of(engine: Engine, revision: str) -> RefusedError | None:
    try:
        go(engine, revision, up=False)
    except RefusedError as error:
        return error
    return None


def test_every_migration_goes_up_and_down_with_rows_in_every_table(engine: Engine) -> None:
    chain = [one.id for one in reversed(revisions())]
    shapes: dict[str, Shape] = {}
    rows: Rows = {}
    for number, revision in enumerate(chain, 1):
        go(engine, revision, up=True)
        with engine.begin() as connection:
            seen = Seen.of(connection)
            assert_kept(rows, rows_of(connection, seen), revision)
            fill(connection, seen, number)
            shapes[revision], rows = seen.shape, rows_of(connection, seen)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
    refused: dict[str, list[str]] = {}
    for leaving, revision in reversed(list(zip(chain[1:], chain, strict=False))):
        refused[leaving] = empty_until_it_goes(engine, revision)
        with engine.begin() as connection:
            seen = Seen.of(connection)
            assert seen.shape == shapes[revision], revision
            left = rows_of(connection, seen)
        assert_kept({name: rows[name] for name in rows if name not in refused[leaving]}, left, leaving)
        rows = left
    assert {name for names in refused.values() for name in names} >= {"forgotten", "mail_stops", "cohort_clocks"}
    go(engine, chain[-1], up=True)
    with engine.connect() as connection:
        assert Seen.of(connection).shape == shapes[NEWEST]


def test_what_was_chosen_so_far_was_said_of_all_three_when_the_row_says(engine: Engine) -> None:
    go(engine, "0034_posts_by_time", up=True)
    with engine.begin() as connection:
        fill(connection, Seen.of(connection), 1)
    go(engine, "0035_each_choice", up=True)
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT at, nudges_at, quoting_at, pairing_at FROM choices")).all()
    assert row.at is not None
    assert set(row) == {row.at}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store:
        yield store


def add_a_fact(store: Store) -> None:
    with store.begin() as session:
        session.add(FactRow(forum="forum.example.org", user_id=1, cohort="", name="team", type="text", value="a",
                            source="file", at=NOON))  # fmt: skip


def lcm(folder: Path, *arguments: str) -> tuple[int, str]:
    (folder / "lcm.yaml").write_text("forum: {url: 'https://forum.example.org'}\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["store", "downgrade", *arguments, "--config", str(folder / "lcm.yaml")])
    return result.exit_code, result.output


def test_the_command_shows_what_would_be_lost_and_changes_nothing_until_it_is_told_to(
    store: Store, tmp_path: Path
) -> None:
    add_a_fact(store)
    code, said = lcm(tmp_path, "0013_marks")
    assert (code, revision_of(store.engine)) == (0, NEWEST)
    assert "to be lost: facts: 1 row\n" in said
    assert "Nothing was changed yet. Make a backup" in said
    code, said = lcm(tmp_path, "0013_marks", "--apply")
    assert (code, revision_of(store.engine)) == (0, "0013_marks")
    assert "lost: facts: 1 row\n" in said
    assert "Start the older version now" in said
    assert lcm(tmp_path)[1].splitlines()[1].split()[0] == NEWEST


def test_where_nothing_would_be_lost_it_says_so(store: Store, tmp_path: Path) -> None:
    assert store.engine is not None
    code, said = lcm(tmp_path, "0013_marks")
    assert code == 0
    assert "nothing of it is lost" in said


def test_an_older_version_names_the_command_that_brings_the_tables_back_to_its_own(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(ConfigError, match=f"tables 9999_later.*`lcm store downgrade {NEWEST}`"):
        upgrade(store.engine, "store")


def test_what_the_forum_would_be_wrong_without_is_not_given_up(store: Store, tmp_path: Path) -> None:
    add_a_fact(store)
    with store.begin() as session:
        session.add(ForgottenRow(forum="forum.example.org", digest="d" * 32, at=NOON))
    code, said = lcm(tmp_path, "0013_marks", "--apply")
    assert code == 3
    assert "1 row of 'forgotten' would be lost: these people asked to be forgotten" in said
    assert revision_of(store.engine) == NEWEST
    with store.begin() as session:
        assert session.query(FactRow).count() == 1


def test_a_revision_that_there_is_not_is_named_with_the_nearest(store: Store) -> None:
    with pytest.raises(UsageError, match="Did you mean '0013_marks'"):
        downgrade(store.engine, "0013_mark", do_apply=True)

"""A store of each released version is opened by this one: every row is kept, and the work goes on where it stood.

`make_release` has made them: `releases/VERSION/` is what the code of that version left, as text.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, insert, inspect, select, text
from sqlalchemy.engine import Engine, make_url
from urllib3.util import connection as connections

from sync_worker.practice_forum.app import create_app
from sync_worker.practice_forum.server.options import ForumOptions
from sync_worker.practice_forum.tables import Post
from sync_worker.store.database import open_store
from sync_worker.store.tables import DraftRow, LedgerRow, Table
from sync_worker.store.upgrade import _changing, downgrade, migration_config
from tests.store.life_of_a_release import FILES, FORUM, PORT, RELEASES, STORE, WENT_ON, Life, day, last_days, went_on

BESIDE = {"budgets", "calls", "call_waiters"}  # SQLite keeps them in a file of their own, for a minute
NEW_TIMES = {("choices", f"{name}_at") for name in ("nudges", "quoting", "pairing")}  # filled from the row's one time
NEW_TIMES |= {("practices", "answered_at")}
Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class Released:
    """A folder with the files and the forum of a released version, and its store."""

    name: str
    folder: Path
    url: str
    revision: str

    def rows(self) -> Rows:
        """All rows by table, each with the columns that its table has now."""
        with connected(self.url) as connection:
            return {table.name: rows_of(connection, table) for table in there(connection)}

    def indexes(self) -> dict[str, list[str | None]]:
        with connected(self.url) as connection:
            found = inspect(connection).get_multi_indexes()
            return {key[1]: sorted(str(one["name"]) for one in indexes) for key, indexes in found.items()}


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def there(connection: Connection) -> list[Any]:
    """The tables of this version that a database has."""
    names = set(inspect(connection).get_table_names())
    return [table for table in Table.metadata.sorted_tables if table.name in names]


def rows_of(connection: Connection, table: Any) -> list[dict[str, object]]:
    has = {column["name"] for column in inspect(connection).get_columns(table.name)}
    columns = [column for column in table.columns if column.name in has]
    return sorted((dict(row) for row in connection.execute(select(*columns)).mappings()), key=repr)


def as_before(after: Rows, before: Rows) -> Rows:
    """The rows of tables that there were, without the columns that are new."""
    found = {}
    for table in before:
        new = {name for of, name in NEW_TIMES if of == table and not any(name in row for row in before[table])}
        found[table] = [{name: value for name, value in row.items() if name not in new} for row in after[table]]
    return found


def unpack(release: Path, folder: Path) -> None:
    """Put files, forum and store into a folder as they were."""
    for name in FILES:
        shutil.copy(release / name, folder)
    shutil.copytree(release / "ours", folder / "ours")
    with closing(sqlite3.connect(folder / "lcm.db")) as store:
        store.executescript((release / STORE).read_text("utf-8"))
    create_app(folder / "forum.db", options=ForumOptions(plugin=True)).extensions["forum"].close()
    with closing(sqlite3.connect(folder / "forum.db")) as forum:
        tables = [row[0] for row in forum.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        forum.executescript("".join(f'DELETE FROM "{name}";' for name in tables if name != "sqlite_sequence"))
        forum.executescript((release / FORUM).read_text("utf-8"))


def carry_over(source: Engine, target: Engine, revision: str) -> None:
    """Put the rows of an old store into PostgreSQL, into the tables of that time."""
    with source.connect() as old, _changing(target, config := migration_config()) as new:
        command.upgrade(config, revision)
        for table in there(old):
            for row in rows_of(old, table):
                new.execute(insert(table).values(row))


@pytest.fixture(params=sorted(path.name for path in RELEASES.iterdir()))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sqlite", "postgres"])
def released(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Released:
    unpack(RELEASES / name, tmp_path)
    url = f"sqlite:///{tmp_path / 'lcm.db'}"
    with connected(url) as store:
        revision = str(store.scalar(text("SELECT version_num FROM alembic_version")))
        if request.param == "postgres":
            url = request.getfixturevalue("postgres_url")
            target = create_engine(make_url(url))
            carry_over(store.engine, target, revision)
            target.dispose()
            settings = (tmp_path / "lcm.yaml").read_text("utf-8")
            (tmp_path / "lcm.yaml").write_text(settings.replace("sqlite:///lcm.db", url), encoding="utf-8")
    return Released(name, tmp_path, url, revision)


def test_every_row_of_every_table_is_kept_as_it_was_and_is_so_after_going_back(released: Released) -> None:
    before, indexes = released.rows(), released.indexes()
    assert {table for table, rows in before.items() if not rows} == BESIDE
    with closing(open_store(released.url)) as store:
        after = released.rows()
        assert after.keys() == Table.metadata.tables.keys()
        assert as_before(after, before) == before
        assert not any(after[table] for table in after.keys() - before.keys())
        lost = downgrade(store.engine, released.revision, do_apply=True)
        assert {(one.table, one.column) for one in lost} <= NEW_TIMES
    assert (released.rows(), released.indexes()) == (before, indexes)


DEADLY = """
import os, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sync_worker.store.database import open_store

@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.lstrip().startswith("CREATE TABLE proposals"):
        os._exit(9)

open_store(sys.argv[1])
"""


def test_a_death_in_the_middle_of_an_upgrade_leaves_the_store_as_it_was(released: Released) -> None:
    before = released.rows()
    assert subprocess.run([sys.executable, "-c", DEADLY, released.url], check=False).returncode == 9
    assert released.rows() == before
    with connected(released.url) as store:
        assert store.scalar(text("SELECT version_num FROM alembic_version")) == released.revision
    open_store(released.url).close()
    assert as_before(released.rows(), before) == before


@contextmanager
def forum_of(life: Life) -> Iterator[None]:
    """Serve the forum on any port; calls of its old address reach it."""
    connect = connections.create_connection

    def to_where_it_is(address: tuple[str, int], *more: Any, **options: Any) -> Any:
        assert life.server is not None
        return connect((address[0], life.server.port) if address[1] == PORT else address, *more, **options)

    with life.forum_is_up(plugin=True), patch.object(connections, "create_connection", to_where_it_is):
        yield


def test_the_work_goes_on_as_the_old_version_would_have_done_it(released: Released) -> None:
    before = {row["key"]: row for row in released.rows()["ledger"]}
    life = Life(released.folder, day(17, 10), port=0)
    with forum_of(life):
        last_days(life)
        found, marks = went_on(life), marks_on(life)
    assert sorted(set(found) ^ set(would_have_gone_on(released))) == []
    assert [mark for mark, times in marks.items() if times > 1] == []
    with closing(open_store(released.url)) as store, store.begin() as session:
        for row in session.scalars(select(LedgerRow)):
            if (old := before.get(row.key)) is not None and old["state"] == "done":
                assert (row.state, row.result, row.attempts) == ("done", old["result"], old["attempts"])
        drafts = {row.body["to_learner"]: row.state for row in session.scalars(select(DraftRow))}
        assert Counter(drafts.values()) == {"sent": 4, "rejected": 1}


def would_have_gone_on(released: Released) -> list[str]:
    return (RELEASES / released.name / WENT_ON).read_text("utf-8").splitlines()


def marks_on(life: Life) -> Counter[str]:
    """How often each mark of the worker is on the forum."""
    assert life.server is not None
    with life.server.forum.database.session() as session:
        raws = session.scalars(select(Post.raw).where(Post.deleted_at.is_(None), Post.raw.contains("<!--")))
        return Counter(mark for raw in raws for mark in re.findall("<!--.*?-->", raw or ""))

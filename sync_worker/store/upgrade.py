"""Brings the tables of a store up to date with alembic, or back to an older version; imported only when needed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import column, func, inspect, select, text
from sqlalchemy import table as table_named

from sync_worker.errors import ConfigError, RefusedError, UsageError
from sync_worker.store.database import RESTORE, VERSIONS, in_words, revision_of
from sync_worker.store.tables import DraftRow, LedgerRow, OccurrenceRow, Table
from sync_worker.wording import counted, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection, Engine


OWN_DATABASE = "Give the store a database of its own: `store` in lcm.yaml."
OF_EVERY_VERSION = {row.__tablename__ for row in (LedgerRow, OccurrenceRow, DraftRow)}


def migration_config() -> Config:
    """Return alembic's configuration for the migrations inside the package."""
    config = Config()
    config.set_main_option("script_location", str(files("sync_worker.store").joinpath("migrations")).replace("%", "%%"))
    return config


def upgrade(engine: Engine, where: str) -> None:
    """Carry out the migrations that a database has not had yet, all in one transaction.

    Args:
        engine: of the database; the caller sees to it that no other process does the same.
        where: what messages call the database.

    Raises:
        ConfigError: a newer version or another program wrote this database, or it came back in part.

    """
    config = migration_config()
    script = ScriptDirectory.from_config(config)
    current = revision_of(engine)
    known = {revision.revision for revision in script.walk_revisions()}
    if current not in known:
        _refuse_unknown(engine, current, where, str(script.get_current_head()))
    if current != script.get_current_head():
        with _changing(engine, config) as connection:
            del connection
            command.upgrade(config, "head")


def _refuse_unknown(engine: Engine, revision: str | None, where: str, newest: str) -> None:
    """Stop where the tables that are there are of no version that is known; a database without any of ours is new."""
    ours = Table.metadata.tables.keys() & set(inspect(engine).get_table_names())
    is_store = ours >= OF_EVERY_VERSION
    if revision is not None and is_store:
        what = f"a newer version of lcm wrote this store (tables {revision})."
        do = f"Use that version; its `lcm store downgrade {newest}` brings the tables back to this one's."
    elif is_store:
        what = "the store does not say which version its tables are of."
        do = f"It came back in part. {RESTORE}"
    elif revision is not None:
        what = f"this database belongs to another program (tables {revision})."
        do = OWN_DATABASE
    elif ours:
        what = f"another program has tables of its own called {in_words(ours)} here."
        do = OWN_DATABASE
    else:
        return
    raise ConfigError(what, where=where, do=do)


@contextmanager
def _changing(engine: Engine, config: Config, *, keep: bool = True) -> Iterator[Connection]:
    """Give alembic a connection whose work is done whole or not at all; without `keep` it is taken back."""
    with engine.connect() as connection, connection.begin() as transaction:
        if engine.dialect.name == "sqlite":
            # Python's sqlite3 begins no transaction for CREATE TABLE, and half of the tables would be no store.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        yield connection
        if not keep:
            transaction.rollback()


# Back to the tables of an older version.


@dataclass(frozen=True, slots=True)
class Revision:
    """One shape of the tables: its id, and what came with it."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with a table (`column` ""), or with a column of one: how many rows have something in it."""

    table: str
    column: str
    rows: int

    def __str__(self) -> str:
        """Return it as a line."""
        name = f"{self.table}.{self.column}" if self.column else self.table
        return f"{name}: {self.rows:,} {'row' if self.rows == 1 else 'rows'}"


def revisions() -> list[Revision]:
    """Return all revisions that this version knows, newest first."""
    script = ScriptDirectory.from_config(migration_config())
    return [Revision(one.revision, (one.doc or "").split("\n")[0]) for one in script.walk_revisions()]


def downgrade(engine: Engine, revision: str, *, do_apply: bool) -> list[Loss]:
    """Bring the tables back to an older revision, all in one transaction; return what is lost by it.

    Args:
        engine: of the database; the caller sees to it that nobody works with it.
        revision: to which one.
        do_apply: whether to do it; without this it is tried and taken back.

    Raises:
        UsageError: there is no such revision.
        RefusedError: something would be lost that the forum would be wrong without, as opt-outs; nothing is changed.

    """
    known = [one.id for one in revisions()]
    if revision not in known:
        raise UsageError(f"there is no revision '{revision}'.{nearest(revision, known)}")
    config = migration_config()
    with _changing(engine, config, keep=do_apply) as connection:
        before = _columns(connection)
        filled = {(table, name): _rows(connection, table, name) for table in before for name in before[table]}
        whole = {table: _rows(connection, table) for table in before}
        command.downgrade(config, revision)
        after = _columns(connection)
        losses = [Loss(table, "", whole[table]) for table in sorted(before.keys() - after.keys())]
        for table in sorted(before.keys() & after.keys()):
            losses += [Loss(table, name, filled[table, name]) for name in sorted(before[table] - after[table])]
    return [loss for loss in losses if loss.rows]


def _columns(connection: Connection) -> dict[str, set[str]]:
    inspector = inspect(connection)
    return {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
        if name != VERSIONS.name
    }


def _rows(connection: Connection, name: str, column_name: str | None = None) -> int:
    """Return how many rows a table has, or how many of them have something in a column."""
    counted_rows = select(func.count()).select_from(table_named(name))
    if column_name is not None:
        counted_rows = counted_rows.where(column(column_name).is_not(None))
    return connection.scalar(counted_rows) or 0


def refuse_to_lose(name: str, why: str, where: str = "") -> None:
    """Stop a downgrade that would lose what the forum would be wrong without; called by migrations.

    Args:
        name: the table.
        why: what its rows are, and what would come of it.
        where: which of them, as SQL; "" for all.

    Raises:
        RefusedError: there are such rows.

    """
    rows = op.get_bind().scalar(text(f"SELECT count(*) FROM {name}{f' WHERE {where}' if where else ''}"))  # noqa: S608
    if rows:
        raise RefusedError(
            f"{counted(rows, 'row')} of '{name}' would be lost: {why}. Nothing was changed.",
            where=name,
            do="Keep this version, or restore the backup that was made before the upgrade.",
        )

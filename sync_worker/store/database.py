"""Opening the store: engine, sessions, migrations, and a lock that dies with its process."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, create_engine, event, func, inspect, select, table
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker

from sync_worker.errors import ConfigError, StoreError
from sync_worker.extras import missing
from sync_worker.store.migrations import NEWEST
from sync_worker.store.personal import leave_out_forgotten
from sync_worker.store.private_files import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.store.tables import Table

BUSY_SECONDS = 30
MIGRATION_WAIT_SECONDS = 60.0
POLL_SECONDS = 0.05
VERSIONS = table("alembic_version", column("version_num"))


@dataclass(frozen=True, slots=True)
class Store:
    """The worker's database."""

    engine: Engine
    sessions: sessionmaker[Session]

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Give a session whose work is committed at the end, or rolled back on an error."""
        with self.sessions() as session, session.begin():
            yield session

    @contextmanager
    def exclusive(self, name: str, wait: float = 0.0) -> Iterator[bool]:
        """Hold the lock `name` among all processes on this store; gives False when, after `wait` seconds, it is taken.

        The operating system or the database server releases it when the process dies, however it dies.
        """
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7])
        if self.engine.dialect.name == "sqlite":
            with _sqlite_lock(self.engine.url.database, number, wait) as held:
                yield held
        else:
            with _server_lock(self.engine, number, wait) as held:
                yield held

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the store and bring its tables up to date; safe when several processes do so at once.

    Raises:
        ConfigError: the address is wrong, cannot be reached, or was written by a newer version.

    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            make_private(parsed.database)
        # Parameters are what people wrote and their addresses: no error may carry them into a log.
        engine = create_engine(parsed, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise missing(error, "a store in PostgreSQL") or _unusable(error) from None
    except OSError as error:
        raise ConfigError(
            f"the store's folder cannot be made or read: {error.strerror}.",
            where=f"store: {_shown(parsed)}",
            do="Make the folder, or give the store another place in lcm.yaml.",
        ) from None
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise _unusable(error) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    store = Store(engine, sessionmaker(engine, expire_on_commit=False))
    event.listen(store.sessions, "before_flush", leave_out_forgotten)
    try:
        _migrate(store, parsed)
    except DBAPIError as error:
        engine.dispose()
        raise ConfigError(
            f"the store cannot be opened: {error.orig}.",
            where=f"store: {_shown(parsed)}",
            do="Check that the folder is writable, or that the server runs; a damaged store comes back from a backup.",
        ) from None
    except BaseException:
        engine.dispose()
        raise
    return store


def _unusable(error: Exception) -> ConfigError:
    return ConfigError(
        f"the store's address cannot be used: {error}.",
        where="store",
        do="Write sqlite:///lcm.db or postgresql+psycopg://USER@HOST/NAME.",
    )


def explain_failure(error: DBAPIError, url: str) -> StoreError | None:
    """Return what to tell when a store fails while it is used; None for what only a mistake in lcm brings about."""
    if isinstance(error, IntegrityError | DataError):
        return None
    return StoreError(
        f"the store failed: {str(error.orig).strip()}.",
        where=f"store: {_shown(make_url(url))}",
        do="Fix it (space on the disk, permissions, a backup) and run this again; what was begun is looked up then.",
    )


def _prepare_sqlite(connection: Any, record: object) -> None:
    del record
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a row `intended` must outlive a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    cursor.close()


def upsert(session: Session, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or replace those that have the same primary key, in one statement for all of them."""
    if not rows:
        return
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert
    statement = insert(table)
    keys = [column.name for column in inspect(table).primary_key]
    new = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), list(rows))


def _migrate(store: Store, url: URL) -> None:
    """Bring the tables up to date; the libraries for that are imported only where they are behind."""
    if revision_of(store.engine) == NEWEST:
        return
    from sync_worker.store.upgrade import upgrade  # noqa: PLC0415

    with store.exclusive("migrations", MIGRATION_WAIT_SECONDS) as held:
        if not held:
            raise ConfigError(
                "another process has been changing the store's tables for a minute.",
                where=f"store: {_shown(url)}",
                do="Stop it, then start again.",
            )
        upgrade(store.engine, f"store: {_shown(url)}")


def revision_of(engine: Engine) -> str | None:
    """Return which migration a database was brought up to; None for one without tables of ours."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(VERSIONS.name):
            return None
        return connection.scalar(select(VERSIONS.c.version_num))


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


@contextmanager
def _sqlite_lock(database: str | None, number: int, wait: float) -> Iterator[bool]:
    """Lock a file of its own beside the database, so that the store itself stays writable meanwhile."""
    if not database or database == ":memory:":
        yield True
        return
    file = f"{database}.{number:x}.lock.db"
    make_private(file)
    connection = sqlite3.connect(file, timeout=wait, isolation_level=None)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            yield False
        else:
            yield True
    finally:
        connection.close()


@contextmanager
def _server_lock(engine: Engine, number: int, wait: float) -> Iterator[bool]:
    deadline = time.monotonic() + wait
    with engine.connect() as connection:
        held = False
        while not held:
            held = bool(connection.scalar(select(func.pg_try_advisory_lock(number))))
            connection.commit()
            if held or time.monotonic() >= deadline:
                break
            time.sleep(POLL_SECONDS)
        try:
            yield held
        finally:
            if held:
                connection.execute(select(func.pg_advisory_unlock(number)))
                connection.commit()

"""Opening the store: private files, engine, sessions, migrations, a lock that dies with its process; copies of it."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import sqlite3
import stat
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import column, create_engine, event, func, inspect, select, table
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

from sync_worker.errors import ConfigError, OtherTablesError, StoreError
from sync_worker.extras import missing
from sync_worker.store.forgotten import leave_out_forgotten
from sync_worker.store.migrations import NEWEST
from sync_worker.store.tables import BudgetRow, CallRow, CallWaiterRow, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


OTHERS = stat.S_IRWXG | stat.S_IRWXO
OWNER_ONLY, FOLDER_OF_OWNER = 0o600, 0o700


def make_private(database: str | None) -> None:
    """Make an SQLite database's file if it is not there, and take the rights of others away.

    That is on the file and on all whose names begin with its name: its WAL, locks, copies. Folders that are made for it
    are the owner's alone too; folders that exist stay as they are. A file of another account is left as it is. What
    root makes belongs to whom the folder belongs: the service, whose folder it is, could not use it otherwise.

    Args:
        database: the path as a store's address has it; None, ":memory:" and "file:" addresses have no file of ours.

    Raises:
        OSError: the folder cannot be made or read.

    """
    if not database or database == ":memory:" or database.startswith("file:"):
        return
    path = Path(database)
    make_folder(path.parent)
    with contextlib.suppress(OSError):
        # A file that is there is not opened: closing it would give up all locks that this process has on it.
        made = os.open(os.path.realpath(path), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
        try:
            if os.geteuid() == 0:
                folder = Path(os.path.realpath(path)).parent.stat()
                os.fchown(made, folder.st_uid, folder.st_gid)
        finally:
            os.close(made)
    for file in [file for file in path.parent.iterdir() if file.name.startswith(path.name)]:
        with contextlib.suppress(OSError):
            if file.stat().st_mode & OTHERS:
                file.chmod(OWNER_ONLY)


def open_to_others(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Return files and folders that other accounts of this machine can get at, each with the mode it should have.

    Of a file that is reading; of a folder writing, for who may write there can put another file in the place of ours. A
    folder in which everybody keeps things of their own (`/tmp`) is none.
    """
    found: list[tuple[Path, str]] = []
    for path in paths:
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & OTHERS:
            found.append((path, "600"))
        elif stat.S_ISDIR(mode) and mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
            found.append((path, "go-w"))
    return found


def files_of(database: str | None) -> list[Path]:
    """Return an SQLite database's folder and its files: WAL, locks, copies; none of another database."""
    if not database or database == ":memory:" or database.startswith("file:"):
        return []
    path = Path(database)
    return [path.parent, *sorted(file for file in path.parent.glob(f"{glob.escape(path.name)}*") if file.is_file())]


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for the owner alone; what is there stays as it is.

    Raises:
        OSError: it cannot be made; what is there and is no folder is told when something is made in it.

    """
    if folder.exists():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_OF_OWNER, exist_ok=True)


# Opening the store: engine, sessions, migrations, and a lock that dies with its process.


BUSY_SECONDS = 30
MIGRATION_WAIT_SECONDS = 60.0
POLL_SECONDS = 0.05
VERSIONS = table("alembic_version", column("version_num"))
OPEN_FILE = "Check that the folder is writable; a damaged store comes back from a backup."
DO_FOR_LOCK = (
    "Is there room on the disk, and does the worker's account own the file? Else stop all that uses the store, and "
    "delete it."
)
REACH_SERVER = (
    "Check that the server runs and can be reached from here, and that the database's name, the user and the password "
    "(PGPASSWORD) are right."
)
RESTORE = "Restore the whole backup, into an empty database (docs/operations.md)."


@dataclass(frozen=True, slots=True)
class Store:
    """The worker's database; `revision` is that of its tables when it was opened, "" for a copy."""

    engine: Engine
    sessions: sessionmaker[Session]
    revision: str = ""

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Give a session whose work is committed at the end, or rolled back on an error."""
        with self.sessions() as session, session.begin():
            yield session

    @contextmanager
    def exclusive(self, name: str, wait: float = 0.0) -> Iterator[bool]:
        """Hold the lock `name` among all processes on this store; gives False when, after `wait` seconds, it is taken.

        The operating system or the database server releases it when the process dies, however it dies.

        Raises:
            OtherTablesError: another version of lcm has changed the tables since the store was opened.

        """
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7])
        is_file = self.engine.dialect.name == "sqlite"
        lock = (
            _sqlite_lock(self.engine.url.database, number, wait) if is_file else _server_lock(self.engine, number, wait)
        )
        with lock as held:
            if held:
                self.refuse_other_tables()
            yield held

    def refuse_other_tables(self) -> None:
        """Do nothing where the tables are those with which the store was opened.

        Raises:
            OtherTablesError: another version of lcm has changed them.

        """
        if self.revision and (found := revision_of(self.engine)) != self.revision:
            raise OtherTablesError(
                f"the tables are those of '{found}' now; this process works with those of '{self.revision}'.",
                where=f"store: {_shown(self.engine.url)}",
                do="Another version of lcm has changed them. Stop this process, and start that version.",
            )

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
        engine = create_engine(parsed, hide_parameters=True, connect_args=keepalives(parsed))
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
    elif parsed.get_driver_name() in OF_LIBPQ:
        event.listen(engine, "connect", _prepare_postgres)
        # Before SQLAlchemy itself, which cannot make out what such a database answers.
        event.listen(engine, "connect", partial(_refuse_other_encodings, parsed), insert=True)
    store = Store(engine, sessionmaker(engine, expire_on_commit=False))
    event.listen(store.sessions, "before_flush", leave_out_forgotten)
    try:
        _migrate(store, parsed)
    except DBAPIError as error:
        engine.dispose()
        raise ConfigError(
            f"the store cannot be opened: {' '.join(str(error.orig).split()).rstrip('.')}.",
            where=f"store: {_shown(parsed)}",
            do=OPEN_FILE if engine.dialect.name == "sqlite" else REACH_SERVER,
        ) from None
    except BaseException:
        engine.dispose()
        raise
    return replace(store, revision=NEWEST)


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


# A host that loses its power or its network says no goodbye. Without this the server would hold its locks for two
# hours, and a process would wait for a quarter of an hour for an answer that does not come.
OF_LIBPQ = ("psycopg", "psycopg2")
SERVER_KEEPALIVES = {"tcp_keepalives_idle": 15, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}
CLIENT_KEEPALIVES = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds; all others are seconds
    "connect_timeout": 10,
}


def keepalives(url: URL) -> dict[str, int]:
    """Return how a connection finds out that the server is gone, where the address does not say it itself."""
    if url.get_backend_name() != "postgresql" or url.get_driver_name() not in OF_LIBPQ:
        return {}
    return {name: value for name, value in CLIENT_KEEPALIVES.items() if name not in url.query}


def _refuse_other_encodings(url: URL, connection: Any, record: object) -> None:
    """Refuse a database that cannot keep every text: people write in all languages.

    Raises:
        ConfigError: it does not keep texts as UTF-8.

    """
    del record
    encoding = connection.info.parameter_status("server_encoding")
    if encoding in (None, "UTF8"):  # None: something between us and the server does not say
        return
    connection.close()
    raise ConfigError(
        f"the database keeps texts as {encoding}, and not as UTF-8.",
        where=f"store: {_shown(url)}",
        do="Make one that does: CREATE DATABASE lcm OWNER lcm ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0",
    )


def _prepare_postgres(connection: Any, record: object) -> None:
    """Let the server find out that this host is gone, and give up its locks."""
    del record
    cursor = connection.cursor()
    cursor.execute("; ".join(f"SET {name} = {value}" for name, value in SERVER_KEEPALIVES.items()))
    cursor.close()
    connection.commit()


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
    where = f"store: {_shown(url)}"
    if revision_of(store.engine) == NEWEST:
        _refuse_incomplete(store.engine, where)
        return
    from sync_worker.store.upgrade import upgrade  # noqa: PLC0415

    with store.exclusive("migrations", MIGRATION_WAIT_SECONDS) as held:
        if not held:
            raise ConfigError(
                "another process has been changing the store's tables for a minute.",
                where=where,
                do="Stop it, then start again.",
            )
        upgrade(store.engine, where)


def _refuse_incomplete(engine: Engine, where: str) -> None:
    with engine.connect() as connection:
        missing_tables = Table.metadata.tables.keys() - set(inspect(connection).get_table_names())
    if missing_tables:
        raise ConfigError(
            f"the store lacks the table{'s' * (len(missing_tables) > 1)} {in_words(missing_tables)}.",
            where=where,
            do=f"It came back in part. {RESTORE}",
        )


def in_words(names: Iterable[str]) -> str:
    """Return names of tables for a message."""
    quoted = [f"'{name}'" for name in sorted(names)]
    return " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


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
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(closing(sqlite3.connect(file, timeout=wait, isolation_level=None)))
            connection.execute("BEGIN EXCLUSIVE")
            held = True
        except sqlite3.Error as error:
            if "locked" not in str(error):
                raise StoreError(
                    f"this lock of the store cannot be used: {error}.", where=file, do=DO_FOR_LOCK
                ) from None
            held = False
        yield held


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


Row = TypeVar("Row", bound=Table)
Value = TypeVar("Value")
VALUES_AT_ONCE = 400  # a statement takes only so many


def rows_of_cohort(session: Session, table: type[Row], forum: str, cohort: str, *order: Any) -> Sequence[Row]:
    """Return the rows of a cohort in a table that has `forum` and `cohort`, by columns of it."""
    return session.scalars(select(table).filter_by(forum=forum, cohort=cohort).order_by(*order)).all()


def in_parts(values: Sequence[Value], size: int = VALUES_AT_ONCE) -> Iterator[Sequence[Value]]:
    """Yield the values in their order, as many at once as one statement takes."""
    return (values[start : start + size] for start in range(0, len(values), size))


# A copy of the store in memory, for what may read and compute but must leave nothing behind.


NOT_COPIED = frozenset({BudgetRow.__tablename__, CallRow.__tablename__, CallWaiterRow.__tablename__})
ROWS_AT_ONCE = 1000


@contextmanager
def scratch_copy(store: Store, forum: str) -> Iterator[Store]:
    """Give a copy of what the store knows of a forum; whatever is written to it is gone at the end."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _wait_for_nobody)
    try:
        Table.metadata.create_all(engine)
        with store.engine.connect() as source, engine.begin() as copy:
            for table in Table.metadata.sorted_tables:
                if table.name in NOT_COPIED or "forum" not in table.columns:
                    continue
                found = source.execute(select(table).where(table.c.forum == forum)).mappings()
                while rows := found.fetchmany(ROWS_AT_ONCE):
                    copy.execute(table.insert(), [dict(row) for row in rows])
        yield Store(engine, sessionmaker(engine, expire_on_commit=False))
    finally:
        engine.dispose()


def _wait_for_nobody(connection: Any, record: object) -> None:
    del record
    connection.execute("PRAGMA foreign_keys = ON")

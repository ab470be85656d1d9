"""The queue of several processes on one store: its place in the database, and how it stands. The queue is no truth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sync_worker.errors import ConfigError
from sync_worker.store.database import MIGRATION_WAIT_SECONDS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync_worker.store.database import Store


SCHEMA = "lcm_jobs"
"""The database schema that holds the queue and nothing else: it can be dropped at any time while no process runs."""
DEAD_AFTER = 20.0
"""Seconds without a sign of life after which a process counts as dead."""
LONGEST_QUEUE = 40  # bytes: PostgreSQL refuses to notify on a channel of 64 or more, and Procrastinate adds 23
RIGHTS = "Let an owner of the database run: CREATE SCHEMA {} AUTHORIZATION {}; then start again."


def queue_of(forum: str) -> str:
    """Return the queue of a forum's jobs: its name, shortened where that is too long."""
    if len(forum.encode()) <= LONGEST_QUEUE:
        return forum
    digest = hashlib.sha256(forum.encode()).hexdigest()[:12]
    start = forum.encode()[: LONGEST_QUEUE - len(digest) - 1].decode(errors="ignore")
    return f"{start}~{digest}"


def prepare_queue(store: Store, tables: str, version: str) -> None:
    """Make the queue's tables where there are none, or anew where another version of Procrastinate made them.

    Nothing is lost by that: a job only says "look what is due", and the store knows what is.

    Args:
        store: in PostgreSQL.
        tables: the SQL that makes them.
        version: of Procrastinate, which `tables` comes from.

    Raises:
        ConfigError: the account of the store may not make a schema, or another process has been making it for long.

    """
    with store.exclusive("queue", MIGRATION_WAIT_SECONDS) as held:
        if not held:
            raise ConfigError(
                "another process has been making the queue's tables for a minute.", do="Stop it, then start again."
            )
        try:
            with store.engine.begin() as connection:
                _make(connection, tables, f"procrastinate {version}")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != "42501":  # insufficient privilege
                raise
            raise ConfigError(
                f"the account of the store may not make the schema {SCHEMA}, in which the queue is kept: {error.orig}.",
                where="store",
                do=RIGHTS.format(SCHEMA, store.engine.url.username or "lcm"),
            ) from None


def _make(connection: Connection, tables: str, mark: str) -> None:
    made_by = _made_by(connection)
    if made_by == mark:
        return
    if made_by:
        names = connection.scalars(
            text("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = :name"), {"name": SCHEMA}
        ).all()
        if any(not name.startswith("procrastinate_") for name in names):
            raise ConfigError(
                f"the schema {SCHEMA} has tables that are not of the queue.",
                where="store",
                do=f"Move them elsewhere: {SCHEMA} is made anew for a new version of Procrastinate.",
            )
        connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
    if not connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": SCHEMA}):
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
    connection.exec_driver_sql(tables.replace("%", "%%"))
    connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{mark}'"))


def _made_by(connection: Connection) -> str:
    found = connection.scalar(
        text("SELECT obj_description(to_regnamespace(:name)::oid, 'pg_namespace')"), {"name": SCHEMA}
    )
    return str(found or "")


@dataclass(frozen=True, slots=True)
class QueueState:
    """How the queue stands: jobs of one forum, processes of the whole store.

    Args:
        waiting: jobs that nobody has begun.
        running: jobs that a process has begun.
        oldest: for how many seconds the oldest of those that wait has been waiting; 0 where none waits.
        processes: how many have said within the last seconds that they are alive.

    """

    waiting: int
    running: int
    oldest: float
    processes: int


JOBS = f"""
SELECT count(*) FILTER (WHERE job.status = 'todo') AS waiting,
       count(*) FILTER (WHERE job.status = 'doing') AS running,
       coalesce(extract(epoch FROM clock_timestamp() - min(event.at) FILTER (WHERE job.status = 'todo')), 0)::float8
         AS oldest
FROM {SCHEMA}.procrastinate_jobs job
LEFT JOIN {SCHEMA}.procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.queue_name = :queue
"""  # noqa: S608  (nothing in it is given by anybody)
PROCESSES = f"""
SELECT count(*) FROM {SCHEMA}.procrastinate_workers
WHERE last_heartbeat > clock_timestamp() - make_interval(secs => :seconds)
"""  # noqa: S608


def read_queue(store: Store, forum: str, alive_within: float = DEAD_AFTER) -> QueueState | None:
    """Return how the queue stands; None where there is none: no process was ever run with `--cluster`.

    Args:
        store: any store.
        forum: whose jobs.
        alive_within: seconds since its last sign within which a process counts as alive.

    """
    if store.engine.dialect.name != "postgresql":
        return None
    with store.engine.connect() as connection:
        if not connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.procrastinate_jobs"}):
            return None
        row = connection.execute(text(JOBS), {"queue": queue_of(forum)}).one()
        processes = connection.scalar(text(PROCESSES), {"seconds": alive_within}) or 0
    return QueueState(row.waiting, row.running, max(0.0, row.oldest), processes)

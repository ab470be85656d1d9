"""A refused command changes nothing: every row of every table of the worker's store and of the forum is as before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from click.testing import Result
    from sqlalchemy.engine import Connection

    from sync_worker.practice_forum.app import ForumServer

MAY_CHANGE_WHERE_THE_FORUM_WAS_READ = {
    "budgets": "the row that is locked to count calls",
    "calls": "the calls of the last minute, of which reading made some",
}
LOOK_AND_APPLY = (("sync",), ("sync", "--apply"))
Rows = dict[str, list[str]]


def rows_of(connection: Connection, tables: Sequence[str] | None = None) -> Rows:
    """Return every row of every table, in an order that does not depend on the database."""
    names = tables if tables is not None else inspect(connection).get_table_names()
    quoted = connection.dialect.identifier_preparer.quote
    return {
        name: sorted(repr(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {quoted(name)}"))
        for name in names
    }


class CallCount:
    """Stands before a practice forum and counts the calls that come with a key."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.calls = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.calls += "HTTP_API_KEY" in environ
        return self._app(environ, start_response)

    @classmethod
    def of(cls, forum: ForumServer) -> CallCount:
        """Return what counts a forum's calls, from now on if nothing did so far."""
        counting = forum.app.wsgi_app
        if not isinstance(counting, CallCount):
            counting = cls(counting)
            forum.app.wsgi_app = counting  # type: ignore[method-assign]
        return counting


@dataclass(frozen=True)
class World:
    """The two places that a command could change: a practice forum, and the store of the worker."""

    forum: ForumServer
    store: str

    @classmethod
    def at(cls, forum: ForumServer, folder: Path) -> World:
        """Return the forum and the store in a folder."""
        return cls(forum, f"sqlite:///{folder / 'lcm.db'}")

    @property
    def calls(self) -> int:
        """How many calls with a key the forum has had since they were first counted."""
        return CallCount.of(self.forum).calls

    def stored(self) -> Rows:
        """Return all that the worker remembers."""
        engine = create_engine(self.store, poolclass=NullPool)
        with engine.connect() as connection:
            return rows_of(connection)

    def on_the_forum(self) -> Rows:
        """Return all that the forum holds, in whatever table."""
        with self.forum.forum.database.session() as session:
            return rows_of(session.connection())


def check_refused(
    lcm: Callable[..., Result],
    world: World,
    *,
    code: int,
    says: str,
    where: str,
    commands: Sequence[Sequence[str]] = LOOK_AND_APPLY,
    reads_the_forum: bool = False,
) -> str:
    """Run the commands: each is refused with that code, place and reason, and changes nothing.

    Unless `reads_the_forum`, the forum is not even called. Returns the last message.
    """
    stored, held, calls = world.stored(), world.on_the_forum(), world.calls
    assert any(stored[table] for table in ("memberships", "changes", "runs")), "nothing is there that could be lost"
    message = ""
    for arguments in commands:
        result = lcm(*arguments)
        message = result.stderr
        assert result.exit_code == code, result.output
        assert says in message, message
        assert where in message, message
        assert reads_the_forum or places_in(message), message
        assert "Traceback" not in result.output
        assert "lcm: unexpected" not in message
    assert world.on_the_forum() == held
    assert reads_the_forum or world.calls == calls
    allowed = MAY_CHANGE_WHERE_THE_FORUM_WAS_READ if reads_the_forum else ()
    assert without(world.stored(), allowed) == without(stored, allowed)
    return message


def without(rows: Rows, tables: Any) -> Rows:
    """Return the rows of all but these tables."""
    return {name: found for name, found in rows.items() if name not in tables}


def places_in(message: str) -> list[str]:
    """Return the places that a message of `lcm` names, each before its reason; empty for a reason without a place."""
    first, *rows = message[message.index("lcm: ") :].removeprefix("lcm: ").splitlines()
    reasons = rows if first.endswith(":") else [first]
    return [place for place, found, _ in (reason.strip().partition(": ") for reason in reasons) if found]

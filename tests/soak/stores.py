"""The database of the worker's store in a simulated year: copied, put back, lost, and failing while it is used."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

SERVER = Path("/usr/lib/postgresql/15/bin")
NAME = "lcm"


class Database(Protocol):
    """Where a store is kept. The worker must not run while it is copied, put back or lost."""

    url: str

    def copy(self) -> None:
        """Keep a copy; of earlier ones the last is kept as well."""

    def put_back(self) -> None:
        """Make it what it was two copies ago, or one where there is one."""

    def lose(self) -> None:
        """Leave nothing."""

    def fail(self) -> None:
        """Fail from now on, or be started again."""

    def may_fail(self) -> Any:
        """Return a context in which `fail` may be called; after it the database works again."""


@dataclass
class FileDatabase:
    """SQLite: a file; its failure is that of a disk, for every statement of the worker until the end of its run."""

    path: Path
    broken: bool = False
    _copies: list[Path] = field(default_factory=list)
    _made: int = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self.path}"

    def copy(self) -> None:
        """Keep a copy of the file."""
        if not self.path.exists():
            return
        self._made += 1
        target = self.path.with_name(f"backup-{self._made}.db")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(target)) as made:
            source.backup(made)
        for old in self._copies[:-1]:
            old.unlink()
        self._copies = [*self._copies[-1:], target]

    def put_back(self) -> None:
        """Put the copy in the place of the file."""
        self.lose()
        shutil.copy(self._copies[0], self.path)

    def lose(self) -> None:
        """Delete the file, its WAL and its locks."""
        for file in self.path.parent.glob(f"{self.path.name}*"):
            file.unlink()

    def fail(self) -> None:
        """Let every further statement fail."""
        self.broken = True

    @contextmanager
    def may_fail(self) -> Iterator[None]:
        """Let statements fail once it is broken; those of the forum, in other threads, do not."""

        def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if self.broken and threading.current_thread() is threading.main_thread():
                raise OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error"))

        event.listen(Engine, "before_cursor_execute", look)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", look)
            self.broken = False


class Cluster:
    """PostgreSQL: a server of its own, stopped at once and started again while the worker is at work."""

    def __init__(self) -> None:
        """Make a server and start it; it refuses to run as root."""
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="lcm-soak-pg-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._data = self._folder / "data"
        self._run("initdb", "-D", self._data, "-U", NAME, "--auth=trust", "--encoding=UTF8", "--no-sync")
        (self._data / "postgresql.auto.conf").touch()
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -k {self._folder}"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start")
        self._made: list[str] = []
        self._number = 0
        self._sql(f"CREATE DATABASE {NAME}")

    @property
    def url(self) -> str:
        """Its address."""
        return self._url(NAME)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{NAME}@127.0.0.1:{self._port}/{name}"

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(SERVER / program), *map(str, arguments)]
        subprocess.run(command, check=True, user=self._user, stdout=subprocess.DEVNULL, cwd=self._folder)

    def _sql(self, *statements: str) -> None:
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                for statement in statements:
                    connection.execute(text(statement))
        finally:
            engine.dispose()

    def copy(self) -> None:
        """Keep a copy as a database of its own."""
        self._number += 1
        name = f"backup_{self._number}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {NAME}", *(f"DROP DATABASE {one}" for one in self._made[:-1]))
        self._made = [*self._made[-1:], name]

    def put_back(self) -> None:
        """Make the database anew from a copy."""
        self._sql(f"DROP DATABASE {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME} TEMPLATE {self._made[0]}")

    def lose(self) -> None:
        """Make an empty database."""
        self._sql(f"DROP DATABASE {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}")

    def fail(self) -> None:
        """End the server as a power cut would, and start it again: connections are gone, what was committed is not."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "-l", self._folder / "log", "restart")

    @contextmanager
    def may_fail(self) -> Iterator[None]:
        """Nothing to prepare: the failure is a real one."""
        yield

    def close(self) -> None:
        """End the server, and delete its files."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

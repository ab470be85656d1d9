"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import settings
from sqlalchemy import insert, select

from sync_worker.config.settings import ForumSettings
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.database import add_bulk_users
from sync_worker.practice_forum.server.forum import FaultLayer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.practice_forum.tables import User, UserEmail
from tests import column_guard
from tests.absent import NO_POSTGRES, absent
from tests.copied_stores import copied_stores, migrated_stores, new_database, shared_statements
from tests.not_tried import not_tried
from tests.search import SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

# The same examples every time, so that nobody's change fails for an example that has nothing to do with it;
# `make search` looks for new ones. How long one takes says more about the machine than about the code.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("search" if SEARCH else "steady")
column_guard.watch()


@pytest.fixture(scope="session", autouse=True)
def _no_finalizer_fails_at_the_end_of_the_stack() -> Iterator[None]:
    """Where a test nests too deep on purpose, garbage may be collected, and what cleans up there has no stack left."""
    told = sys.unraisablehook

    def tell(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, RecursionError):
            told(unraisable)

    sys.unraisablehook = tell
    yield
    sys.unraisablehook = told


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say at the end, in one line, what was not tried."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    line = not_tried(str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple))
    if line:
        terminalreporter.write_line(line, yellow=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With several workers begin with the files of slow tests, or one worker does the last of them while others wait.

    Then come the files with most tests. It is the order in which `--no-loadscope-reorder` gives them to workers.
    """
    if not hasattr(config, "workerinput"):
        return
    tests = Counter(item.path for item in items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, -tests[item.path], item.path))


def pytest_collection_finish() -> None:
    """Let the garbage collector not look through all modules and tests again and again: an eighth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _new_stores_are_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with shared_statements(), copied_stores(tmp_path_factory.mktemp("store")):
        yield


@pytest.fixture(autouse=True)
def _loggers_keep_their_levels() -> Iterator[None]:
    """A command run inside a test sets levels for its whole process; no later test may depend on them."""
    loggers = [logging.getLogger(name) for name in (None, "sync_worker", "apscheduler", "urllib3")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def migrated_new_stores() -> Iterator[None]:
    """New stores are migrated, as the worker does it, instead of being copies of one."""
    with migrated_stores():
        yield


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder with recordings and a real forum's topics; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("LCM_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "recordings").is_dir():
        pytest.skip(f"no recordings at {folder} (set LCM_SHARED)")
    return folder


@dataclass
class PracticeForum:
    """A practice forum that listens on a free port, and a client with the key of all users."""

    server: ForumServer
    key: str
    client: requests.Session = field(default_factory=requests.Session)

    @property
    def url(self) -> str:
        """The forum's address."""
        return self.server.url

    @property
    def settings(self) -> ForumSettings:
        """The forum as `lcm.yaml` names it; a slow machine is no reason to give up on it."""
        patient = {"connect_timeout": 60.0, "read_timeout": 300.0}
        return ForumSettings(url=self.url, api_username="forumadmin", calls_per_minute=1_000_000, **patient)

    @property
    def faults(self) -> FaultLayer:
        """What makes calls fail."""
        layer = self.server.app.extensions["faults"]
        assert isinstance(layer, FaultLayer)
        return layer

    def call(self, method: str, path: str, *, as_user: str = "forumadmin", **more: Any) -> requests.Response:
        """Call the API as that user (`path` without the forum's address)."""
        headers = {"Api-Key": self.key, "Api-Username": as_user, "Accept": "application/json"} | more.pop("headers", {})
        return self.client.request(
            method, f"{self.url}{path}", headers=headers, timeout=60, allow_redirects=False, **more
        )

    def get(self, path: str, **more: Any) -> Any:
        """Call GET and return the JSON of an answer that must be a success."""
        answer = self.call("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction on the forum's own database."""
        with self.server.forum.database.session() as session:
            yield session

    def set_clock(self, now: datetime | None) -> None:
        """Set the forum's virtual now; None goes back to real time."""
        body = {"now": now.isoformat() if now else None}
        assert self.client.put(f"{self.url}/practice/clock.json", json=body, timeout=60).ok

    def add_user(self, username: str, *, email: str | None = None, **columns: Any) -> int:
        """Insert one active user (e-mail NAME@example.org unless given) and return the id."""
        return self.add_users(username, emails=[email] if email else None, **columns)[0]

    def add_users(self, *usernames: str, emails: list[str] | None = None, **columns: Any) -> list[int]:
        """Insert active users of trust level 1 in one go and return their ids."""
        now = self.server.forum.clock.now()
        base = {"trust_level": 1, "created_at": now} | columns
        rows = [
            {"name": name.capitalize(), **base, "username": name, "username_lower": name.lower()} for name in usernames
        ]
        with self.session() as session:
            session.execute(insert(User), rows)
            lower = [name.lower() for name in usernames]
            found = session.execute(select(User.username_lower, User.id).where(User.username_lower.in_(lower)))
            ids = {row[0]: row[1] for row in found}
            addresses = emails or [f"{name}@example.org" for name in usernames]
            session.execute(
                insert(UserEmail),
                [
                    {"user_id": ids[name], "email": email, "email_lower": email.lower(), "primary": True}
                    for name, email in zip(lower, addresses, strict=True)
                ],
            )
        return [ids[name] for name in lower]

    def add_many_users(self, count: int, *, prefix: str = "bulk") -> None:
        """Insert users PREFIX0001, PREFIX0002, ... of trust level 1."""
        with self.session() as session:
            add_bulk_users(session, count, self.server.forum.clock.now(), prefix=prefix)


@pytest.fixture
def make_practice_forum() -> Iterator[Callable[..., PracticeForum]]:
    """Start practice forums with the options given (those of `ForumOptions`); they end with the test."""
    with ExitStack() as stack:

        def make(database: Path | str = ":memory:", **options: Any) -> PracticeForum:
            server = stack.enter_context(ForumServer(database, options=ForumOptions(**options)))
            forum = PracticeForum(server, options.get("api_key", DEFAULT_KEY))
            stack.callback(forum.client.close)
            return forum

        yield make


@pytest.fixture
def practice_forum(make_practice_forum: Callable[..., PracticeForum]) -> PracticeForum:
    """A new practice forum over real HTTP."""
    return make_practice_forum()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The address of a new PostgreSQL database; tests that need it are skipped where there is no server."""
    server = os.environ.get("LCM_TEST_POSTGRES")
    if not server:
        absent(NO_POSTGRES)
    with new_database(server, "lcm_test") as address:
        yield address

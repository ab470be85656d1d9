"""A practice forum for the benchmarks, without a limit on calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sync_worker.config import ForumSettings
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions

KEY = DEFAULT_KEY


@contextmanager
def running(accounts: int = 0) -> Iterator[ForumSettings]:
    """Give the settings of a forum that has accounts `bulk0001@example.org` and so on."""
    with ForumServer(":memory:", options=ForumOptions(bulk_users=accounts)) as server:
        yield ForumSettings(url=server.url, api_username="forumadmin", calls_per_minute=1_000_000)

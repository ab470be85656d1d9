"""One sync or undo of a forum at a time, in whatever process it runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sync_worker.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.forum.client import Forum
    from sync_worker.store.database import Store


@contextmanager
def one_at_a_time(forum: Forum, store: Store) -> Iterator[None]:
    """Hold the forum's lock for syncs while the block runs.

    Raises:
        BusyError: another sync or undo of this forum holds it.

    """
    with store.exclusive(f"sync:{forum.name}") as held:
        if not held:
            what = "another sync of this forum is under way."
            raise BusyError(what, where=forum.name, do="Try again when it is done.")
        yield

"""The running practice forum: its database, clock, limits and modes."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert

from sync_worker.practice_forum.server.clock import Clock, SlidingWindow
from sync_worker.practice_forum.server.database import Database, seed
from sync_worker.practice_forum.tables import ForumState

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.server.options import ForumOptions


class Forum:
    """Everything of a practice forum that outlives a request."""

    def __init__(self, database: Path | str, options: ForumOptions) -> None:
        self.options = options
        self.database = Database(database)
        self.clock = Clock(options.now)
        self.read_only = False
        self.log = logging.getLogger("sync_worker.practice_forum")
        limit = options.admin_requests_per_minute
        self.admin_window = SlidingWindow(limit, 60) if limit is not None else None
        self.address_windows: dict[str, tuple[SlidingWindow, SlidingWindow]] = {}
        with self.database.session() as session:
            seed(session, options, self.clock.now())
            self._restore(session)

    def _restore(self, session: Session) -> None:
        virtual = session.get(ForumState, "now")
        self.clock.virtual = datetime.fromisoformat(virtual.value) if virtual else self.options.now
        mode = session.get(ForumState, "read_only")
        self.read_only = mode is not None and mode.value == "true"

    def set_clock(self, session: Session, moment: datetime | None) -> None:
        """Set the virtual now, or go back to real time."""
        if moment is None:
            row = session.get(ForumState, "now")
            if row is not None:
                session.delete(row)
        else:
            now = {"name": "now", "value": moment.isoformat()}
            session.execute(insert(ForumState).values(now).prefix_with("OR REPLACE"))
        self.clock.virtual = moment

    def set_read_only(self, session: Session, *, on: bool) -> None:
        """Switch read-only mode, in which every writing call is answered with 503."""
        session.merge(ForumState(name="read_only", value="true" if on else "false"))
        self.read_only = on

    def address_limits(self, address: str) -> tuple[SlidingWindow, SlidingWindow]:
        """The limiters of one client address: 50 calls per 10 seconds, 200 per minute."""
        windows = self.address_windows.get(address)
        if windows is None:
            windows = SlidingWindow(50, 10, aggressive=True), SlidingWindow(200, 60, aggressive=True)
            self.address_windows[address] = windows
        return windows

    def close(self) -> None:
        """Close the database."""
        self.database.close()

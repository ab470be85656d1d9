"""What a worker finds out about the forum before it changes anything on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.store.database import Store


def look_at_the_forum(forum: Forum, store: Store, settings: Settings, now: datetime) -> None:
    """Placeholder until the looks are written."""

"""When the forum was last looked at for a restore, so that it is not asked before every post."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.forum.site_checks import hold_if_restored
from sync_worker.store.pauses import remember, remembered

if TYPE_CHECKING:
    from sync_worker.forum.client import Forum
    from sync_worker.store.database import Store

LOOKED = "looked for a restore"
LOOK_EVERY = timedelta(hours=1)


def look_for_a_restore(forum: Forum, store: Store, now: datetime) -> str | None:
    """Return why nothing may be changed where the forum looks restored. Calls: as `restored`, once an hour at most."""
    with store.begin() as session:
        last = remembered(session, forum.name, LOOKED)
    if last is not None and timedelta(0) <= now - datetime.fromisoformat(last) < LOOK_EVERY:
        return None
    why = hold_if_restored(forum, store.sessions)
    if why is None:
        with store.begin() as session:
            remember(session, forum.name, LOOKED, now.isoformat())
    return why

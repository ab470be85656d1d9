"""What a post of ours said before words were taken out of it: Discourse keeps that, and shows it to everybody."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError

if TYPE_CHECKING:
    from sync_worker.forum.client import Forum
    from sync_worker.store.tables import LedgerRow

log = logging.getLogger(__name__)

TAKES_AWAY = "takes_away"
"""Says of an entry with a new text that it leaves something out that stood there before."""
REFUSED = (
    "words were taken out of a post, but they still stand in the history of its edits, for everybody to read: the "
    "forum did not let us hide them. %s/p/%d: hide the earlier versions there (the pencil, then the eye), and let "
    "`forum.api_username` be an administrator with a key of scope Global. The forum's answer: %s"
)


def takes_away(row: LedgerRow) -> bool:
    """Whether an entry that changes a post takes words or names out of it, and does not only add to it."""
    return "raw" not in row.payload or bool(row.payload.get(TAKES_AWAY))


def hide_earlier_texts(forum: Forum, post_id: int) -> None:
    """Hide what a post said before; where the forum refuses that, a warning says what to do.

    Every earlier text is hidden: the same words stand in each since they were first posted. It may be done again: what
    is hidden is left so.

    Calls: those of `Forum.hide_earlier_texts`.

    Raises:
        ForumError: nobody can tell whether it was done.

    """
    try:
        forum.hide_earlier_texts(post_id)
    except ForumError as error:
        if not error.refused:
            raise
        log.warning(REFUSED, forum.url, post_id, error.what)

"""The ids of accounts by their present usernames, as the worker names accounts in what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_worker.forum import Forum


def account_ids(forum: Forum, *usernames: str) -> list[int]:
    """Return the ids of these accounts. Calls: 1 each."""
    found = [forum.user(username) for username in usernames]
    assert None not in found, usernames
    return [user.id for user in found if user]

"""Who can read a category: what an author learns before a post of theirs is shown there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.plays import Readers

if TYPE_CHECKING:
    from collections.abc import Collection

    from sync_worker.forum.client import Forum

EVERYBODY = "everyone"
TRUST_LEVELS = "trust_level_"


def readers_of(forum: Forum, name: str, category_id: int, own: Collection[str]) -> Readers:
    """Return who can read a category: everybody, or how many people its groups have together, each counted once.

    Administrators, who can read everything, are not counted unless they are members. Where a group's members cannot be
    read the number is not known, and none is said.

    Calls: 1, and those of `members` for each group that may read.
    """
    permissions = forum.category(category_id).permissions
    if not permissions:
        return Readers(name)
    if any(group == EVERYBODY or group.startswith(TRUST_LEVELS) for group in permissions):
        return Readers(name, public=True)
    people: set[int] = set()
    for group in permissions:
        try:
            people |= {member.id for member in forum.members(group) if member.username not in own}
        except ForumError as error:
            if error.refused_with(403, 404):
                return Readers(name)
            raise
    return Readers(name, len(people))

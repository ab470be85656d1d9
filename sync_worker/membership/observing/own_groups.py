"""A cohort's groups as they are on the forum now: ours by their ids, whatever they are called by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.membership.records.store import MembershipStore

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Member
    from sync_worker.model import Cohort


def present_name(forum: Forum, sessions: sessionmaker[Session], cohort: Cohort, group: str) -> str | None:
    """Return what one of a cohort's groups is called on the forum, None where it is not there or not ours.

    Ours is the group with the id that a sync has written down: another one that somebody made under its name later is
    not. Of a cohort of which no sync has written down anything, neither groups nor category, the name is believed.

    Calls: none after `Forum.categories`, whose answer counts; else those of it.
    """
    memory = MembershipStore(sessions, forum.name)
    made = memory.made("group", group)
    if made is not None and made.forum_id is not None:
        return forum.group_names().get(made.forum_id)
    if made is None and memory.made("category", cohort.category_slug) is not None:
        return None
    return group


def members_of(forum: Forum, sessions: sessionmaker[Session], cohort: Cohort, group: str) -> list[Member]:
    """Return the members of one of a cohort's groups; nobody where the group is not there or not ours.

    Calls: as `present_name`, and those of `Forum.members`.
    """
    name = present_name(forum, sessions, cohort, group)
    if name is None:
        return []
    try:
        return forum.members(name)
    except ForumError as error:
        if error.refused_with(404):
            return []
        raise


def recipients_now(forum: Forum, sessions: sessionmaker[Session], recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the recipients of a message with our groups by their present names, and without those that are gone.

    A group that somebody made later under the name of one of ours is no recipient.

    Calls: those of `Forum.categories` where a recipient is a group that a sync has made or adopted; else none.
    """
    memory, found = MembershipStore(sessions, forum.name), list[str]()
    names: dict[int, str] | None = None
    for recipient in recipients:
        made = memory.made("group", recipient)
        if made is None or made.forum_id is None:
            found.append(recipient)
            continue
        if names is None:
            forum.categories()
            names = dict(forum.group_names())
        if made.forum_id in names:
            found.append(names[made.forum_id])
    return tuple(found)

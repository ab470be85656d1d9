"""What a sync reads of a forum's groups and categories, whatever offers it: every forum, or our plugin."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Protocol

from sync_worker.forum.reading import MEMBERS_A_CALL
from sync_worker.membership.matching.abilities import MODERATION_SETTING
from sync_worker.membership.observing.snapshots import GroupSnapshot
from sync_worker.membership.state import Account

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category, Group, Member
    from sync_worker.membership.matching.abilities import Abilities
    from sync_worker.membership.observing.snapshots import CategorySnapshot
    from sync_worker.membership.state import TagRules

OVERLAP = 10
NEVER = ""


class ForumView(Protocol):
    """Reads groups and categories of one forum, and remembers how each was read.

    `stale` are the groups and categories that were taken from a snapshot; `groups` and `categories` what was read now.
    """

    forum: Forum
    abilities: Abilities
    groups: dict[str, GroupSnapshot]
    categories: dict[int, CategorySnapshot]
    stale: set[str]
    stale_categories: set[int]

    @property
    def lists_all(self) -> bool:
        """Whether `listing` has every group and category of the forum, not only the cohorts'."""
        ...

    def listing(self) -> tuple[list[Group], list[Category]]:
        """Return the groups, with their number of members, and the categories."""
        ...

    def bring_up_to_date(self) -> None:
        """Let the forum show of each cohort what is declared."""
        ...

    def groups_may_moderate(self) -> bool:
        """Whether the site lets groups moderate categories."""
        ...

    def look(self, groups: Sequence[Group], categories: Collection[int]) -> None:
        """Read many of these at once where that takes fewer calls."""
        ...

    def members(self, group: Group) -> tuple[Mapping[int, Account], frozenset[int]]:
        """Return a group's members and owners by user id.

        Raises:
            ForumError: with status 404 where the group has just been deleted.

        """
        ...

    def rights(self, listed: Category, names: Mapping[int, str]) -> tuple[Mapping[str, int], frozenset[str]]:
        """Return a category's permissions and the groups that moderate it."""
        ...

    def place(self, listed: Category) -> tuple[str | None, bool]:
        """Return the slug of the category above another, and whether there are some below it.

        The slug is `TOP` where there is none above, None where that is not known.
        """
        ...

    def tags(self, listed: Category) -> TagRules | None:
        """Return which tags may be used in a category, None where that is not known."""
        ...

    def again(self, groups: Collection[str], categories: Collection[int]) -> bool:
        """Forget what was taken from snapshots of these; return whether there was any."""
        ...

    def mark_after(self, seen: GroupSnapshot, *, changed: bool) -> str:
        """Return what will tell whether a group changes after this run."""
        ...


def groups_may_moderate(forum: Forum, abilities: Abilities, now: datetime) -> bool:
    """Whether the site lets groups moderate categories. Calls: 1, or 0 where it was asked in this run."""
    if abilities.at == now and abilities.moderation is not None:
        return abilities.moderation
    return forum.site_settings([MODERATION_SETTING]).get(MODERATION_SETTING) == "true"


def snapshot_of(group: Group, members: Collection[Member], mark: str, now: datetime) -> GroupSnapshot:
    """Return a group whose members were read now."""
    people = [member for member in members if member.id > 0]
    accounts = {member.id: Account(member.id, member.username, member.name) for member in people}
    owners = frozenset(member.id for member in people if member.owner)
    return GroupSnapshot(group.name, group.id, group.user_count, mark, accounts, owners, now)


def calls_to_read(members: int) -> int:
    """Return how many calls it takes to read a group of so many members."""
    return 1 + max(0, ceil((members - MEMBERS_A_CALL) / (MEMBERS_A_CALL - OVERLAP)))


def mark_of(forum: Forum, group: str) -> str:
    """Return what tells the newest entry of a group's log from any other, as text. Calls: 1."""
    event = forum.last_group_event(group)
    return f"{event.at.isoformat()} {event.action} {event.user_id}" if event else "no entry"

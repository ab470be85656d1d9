"""Groups and categories as they were last read in full, so that what did not change need not be read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from sync_worker.membership.state import Account
from sync_worker.store.tables import SeenRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

GROUP, CATEGORY = "group", "category"


@dataclass(frozen=True, slots=True)
class GroupSnapshot:
    """A group's members and owners by user id.

    `count` is the number of members that the forum's list of groups showed, `mark` the newest entry of the group's log.
    """

    name: str
    group_id: int
    count: int
    mark: str
    members: Mapping[int, Account]
    owners: frozenset[int]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class CategorySnapshot:
    """A category's permissions by group name, and the groups that moderate it."""

    category_id: int
    permissions: Mapping[str, int]
    moderators: frozenset[str]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshots:
    """All snapshots of a forum: groups by name, categories by id."""

    groups: Mapping[str, GroupSnapshot] = field(default_factory=dict)
    categories: Mapping[int, CategorySnapshot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SnapshotStore:
    """Reads and writes the snapshots of one forum."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self, groups: Collection[str]) -> Snapshots:
        """Return the snapshots of these groups, and of all categories."""
        with self.sessions() as session:
            wanted = (SeenRow.kind == CATEGORY) | SeenRow.name.in_(list(groups))
            rows = session.scalars(select(SeenRow).where(SeenRow.forum == self.forum, wanted)).all()
            return Snapshots(
                {row.name: _group(row) for row in rows if row.kind == GROUP},
                {row.forum_id: _category(row) for row in rows if row.kind == CATEGORY},
            )

    def write(self, groups: Iterable[GroupSnapshot], categories: Iterable[CategorySnapshot] = ()) -> None:
        """Keep snapshots."""
        with self.sessions.begin() as session:
            for group in groups:
                session.merge(self._group_row(group))
            for one in categories:
                content: dict[str, Any] = {"permissions": dict(one.permissions), "moderators": sorted(one.moderators)}
                session.merge(
                    SeenRow(
                        forum=self.forum,
                        kind=CATEGORY,
                        name=str(one.category_id),
                        forum_id=one.category_id,
                        count=0,
                        mark="",
                        content=content,
                        read_at=one.read_at,
                    )
                )

    def forget(self, groups: Collection[str], categories: Collection[int] = ()) -> None:
        """Read these in full next time."""
        with self.sessions.begin() as session:
            for kind, names in ((GROUP, list(groups)), (CATEGORY, [str(number) for number in categories])):
                condition = (SeenRow.forum == self.forum, SeenRow.kind == kind, SeenRow.name.in_(names))
                session.execute(delete(SeenRow).where(*condition))

    def _group_row(self, group: GroupSnapshot) -> SeenRow:
        members = [[account.id, account.username, account.name] for account in group.members.values()]
        return SeenRow(
            forum=self.forum,
            kind=GROUP,
            name=group.name,
            forum_id=group.group_id,
            count=group.count,
            mark=group.mark,
            content={"members": members, "owners": sorted(group.owners)},
            read_at=group.read_at,
        )


def _group(row: SeenRow) -> GroupSnapshot:
    members = {number: Account(number, username, name) for number, username, name in row.content["members"]}
    owners = frozenset(row.content["owners"])
    return GroupSnapshot(row.name, row.forum_id, row.count, row.mark, members, owners, row.read_at)


def _category(row: SeenRow) -> CategorySnapshot:
    content = row.content
    return CategorySnapshot(row.forum_id, content["permissions"], frozenset(content["moderators"]), row.read_at)

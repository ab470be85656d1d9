"""What a sync reads of a forum's groups and categories, whatever offers it, and what they are like after the run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Protocol, Self

from sync_worker.config.settings import LookupSettings
from sync_worker.errors import ForumError
from sync_worker.forum.accounts import OVERLAP
from sync_worker.forum.reading import MEMBERS_A_CALL
from sync_worker.membership.matching.abilities import (
    MEMBERS,
    MODERATION_SETTING,
    RIGHTS,
    Abilities,
    find_members,
    find_rights,
)
from sync_worker.membership.observing.asking import (
    UNKNOWN_COUNT,
    CategorySnapshot,
    GroupSnapshot,
    Snapshots,
    SnapshotStore,
)
from sync_worker.membership.state import EVERYTHING, JOINING, TOP, Account, CategoryRights, TagRules
from sync_worker.model import ChangeKind
from sync_worker.model.details import CategorySpec
from sync_worker.model.rights import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category, Group, Member
    from sync_worker.membership.records.journal import ApplyReport
    from sync_worker.model import Plan


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

    def rights(self, listed: Category, names: Mapping[int, str]) -> CategoryRights:
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
    count = UNKNOWN_COUNT if group.user_count is None else group.user_count
    return GroupSnapshot(group.name, group.id, count, mark, accounts, owners, now)


def tag_rules(category: Category) -> TagRules | None:
    """Return which tags may be used in a category, None where it does not say."""
    if category.tags is None:
        return None
    return TagRules(frozenset(category.tags), bool(category.tags or category.tag_groups), category.free_tags)


def rights_of(category: Category, names: Mapping[int, str]) -> CategoryRights:
    """Return what a category says of permissions and moderators; `names` are those of the groups by their ids."""
    ids = category.moderating_group_ids
    moderators = None if ids is None else frozenset(names[each] for each in ids if each in names)
    return CategoryRights(category.permissions, moderators)


def calls_to_read(members: int | None) -> int:
    """Return how many calls it takes to read a group of so many members; of an unknown number, several."""
    if members is None:
        return UNKNOWN_CALLS
    return 1 + max(0, ceil((members - MEMBERS_A_CALL) / (MEMBERS_A_CALL - OVERLAP)))


def mark_of(forum: Forum, group: str) -> str:
    """Return what tells the newest entry of a group's log from any other, as text. Calls: 1."""
    event = forum.last_group_event(group)
    return f"{event.at.isoformat()} {event.action} {event.user_id}" if event else "no entry"


# What every forum offers to be read: of all groups at once, group by group, or not at all where nothing changed.
# Between two readings in full a group is taken to be unchanged while the forum counts as many members as before and,
# with `lookup.check: log`, the newest entry of the group's log is the same. docs/costs.md says what this overlooks.
# Nothing is changed on such grounds: a group that a plan would change is read in full first.


UNKNOWN_CALLS = 2
NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class CoreView:
    """Reads groups and categories of one forum, and remembers how each was read.

    `stale` are the groups and categories that were taken from a snapshot; `groups` and `categories` what was read now.
    `on_read` hears of each group whose members were read, with these.
    """

    forum: Forum
    abilities: Abilities
    options: LookupSettings
    now: datetime
    snapshots: Snapshots = field(default_factory=Snapshots)
    groups: dict[str, GroupSnapshot] = field(default_factory=dict)
    categories: dict[int, CategorySnapshot] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    stale_categories: set[int] = field(default_factory=set)
    on_read: Callable[[Group, Collection[Member]], None] | None = None
    _listing: tuple[list[Group], list[Category]] | None = None
    _tags: dict[int, TagRules | None] = field(default_factory=dict)

    @property
    def lists_all(self) -> bool:
        """Whether `listing` has every group and category of the forum, not only the cohorts'."""
        return True

    @classmethod
    def plain(cls, forum: Forum, on_read: Callable[[Group, Collection[Member]], None] | None = None) -> Self:
        """Return one that remembers nothing and uses nothing but what every forum has."""
        return cls(forum, Abilities(NO_TIME), LookupSettings(check="count"), NO_TIME, on_read=on_read)

    def listing(self) -> tuple[list[Group], list[Category]]:
        """Return every group, with its number of members, and every category. Calls: 2, once in a run."""
        if self._listing is None:
            self._listing = self.forum.groups(), self.forum.categories()
        return self._listing

    def bring_up_to_date(self) -> None:
        """Let the forum show of each cohort what is declared. Calls: none; without the plugin it shows nothing."""

    def groups_may_moderate(self) -> bool:
        """Whether the site lets groups moderate categories. Calls: 1, or 0 where it was asked in this run."""
        return groups_may_moderate(self.forum, self.abilities, self.now)

    def look(self, groups: Sequence[Group], categories: Collection[int]) -> None:
        """Read all of these by SQL where that takes fewer calls. Calls: 0 to 2.

        Afterwards `members` and `rights` make no call for them.
        """
        unread = [group for group in groups if not self._unchanged_by_count(group)]
        places = [number for number in categories if not self._trusted(number)]
        singly = sum(calls_to_read(group.user_count) for group in unread) + len(places)
        if not self.abilities.explorer or singly <= bool(unread) + bool(places):
            return
        try:
            found = find_members(self.forum, self.abilities.queries[MEMBERS.name], [group.id for group in unread])
            rights = find_rights(self.forum, self.abilities.queries[RIGHTS.name], places)
        except ForumError as error:
            if error.refused_with(404, 422):
                return  # hidden, or too much for it: there is the slower way
            raise
        for group in unread:
            self.keep(group, found[group.id], NEVER)
        open_to_all = {category.id for category in self.listing()[1] if not category.read_restricted}
        for number, (permissions, moderators) in rights.items():
            # Without a row a category is open to all, or its rights are kept where this query does not look.
            known = permissions or ({EVERYONE: EVERYTHING} if number in open_to_all else None)
            if known is not None:
                self._keep_rights(number, self.forum.in_our_names(known), moderators)

    def members(self, group: Group) -> tuple[Mapping[int, Account], frozenset[int]]:
        """Return a group's members and owners by user id. Calls: 1 a thousand members, less where nothing changed.

        Raises:
            ForumError: with status 404 where the group has just been deleted.

        """
        if group.name not in self.groups:
            mark = self._mark(group) if self.options.check == "log" and calls_to_read(group.user_count) > 1 else NEVER
            snapshot = self.snapshots.groups.get(group.name)
            if snapshot and self._is_unchanged(group, snapshot, mark):
                self.stale.add(group.name)
                self.groups[group.name] = replace(snapshot, mark=mark)
            else:
                self.keep(group, self.forum.members(group.name), mark)
        seen = self.groups[group.name]
        return seen.members, seen.owners

    def rights(self, listed: Category, names: Mapping[int, str]) -> CategoryRights:
        """Return a category's permissions and the groups that moderate it. Calls: 1, or 0 if it is not read again."""
        number = listed.id
        if number not in self.categories:
            snapshot = self.snapshots.categories.get(number)
            if snapshot and self._trusted(number):
                self.stale_categories.add(number)
                self.categories[number] = snapshot
            else:
                category = self.forum.category(number)
                self._tags[number] = tag_rules(category)
                rights = rights_of(category, names)
                if rights.permissions is None or rights.moderators is None:
                    return rights  # nothing to remember: it is asked again next time
                self._keep_rights(number, rights.permissions, rights.moderators)
        seen = self.categories[number]
        return CategoryRights(seen.permissions, seen.moderators)

    def place(self, listed: Category) -> tuple[str | None, bool]:
        """Return the slug of the category above another, and whether there are some below it. Calls: none.

        The slug is `TOP` where there is none above, None where that is not known.
        """
        categories = self.listing()[1]
        has_below = any(category.parent_id == listed.id for category in categories)
        if listed.parent_id is None:
            return TOP, has_below
        return next((category.slug for category in categories if category.id == listed.parent_id), None), has_below

    def tags(self, listed: Category) -> TagRules | None:
        """Return which tags may be used in a category, None where the forum did not say. Calls: none.

        Discourses since 2026 say it of a category that is read for itself, no longer in the list of all.
        """
        return tag_rules(listed) or self._tags.get(listed.id)

    def again(self, groups: Collection[str], categories: Collection[int]) -> bool:
        """Forget what was taken from snapshots of these; return whether there was any."""
        names, numbers = self.stale & set(groups), self.stale_categories & set(categories)
        for name in names:
            del self.groups[name]
        for number in numbers:
            del self.categories[number]
        self.stale -= names
        self.stale_categories -= numbers
        self.snapshots = Snapshots(
            {name: seen for name, seen in self.snapshots.groups.items() if name not in names},
            {number: seen for number, seen in self.snapshots.categories.items() if number not in numbers},
        )
        return bool(names or numbers)

    def mark_after(self, seen: GroupSnapshot, *, changed: bool) -> str:
        """Return what will tell whether a group changes after this run. Calls: 1 for a large one that we changed."""
        if not changed or self.options.check != "log" or calls_to_read(seen.count) == 1:
            return seen.mark
        return mark_of(self.forum, seen.name)

    def _unchanged_by_count(self, group: Group) -> bool:
        snapshot = self.snapshots.groups.get(group.name)
        return self.options.check == "count" and snapshot is not None and self._is_unchanged(group, snapshot, NEVER)

    def _is_unchanged(self, group: Group, snapshot: GroupSnapshot, mark: str) -> bool:
        if snapshot.group_id != group.id or not self._fresh(snapshot):
            return False
        if group.user_count is None or snapshot.count != group.user_count:
            return False
        return self.options.check == "count" or (mark != NEVER and snapshot.mark == mark)

    def _fresh(self, snapshot: GroupSnapshot | CategorySnapshot | None) -> bool:
        lasting = timedelta(hours=self.options.full_read_hours)
        return snapshot is not None and snapshot.read_at <= self.now < snapshot.read_at + lasting

    def _trusted(self, category_id: int) -> bool:
        """Whether a category need not be read; nothing tells cheaply that its rights are as they were."""
        return self.options.check == "count" and self._fresh(self.snapshots.categories.get(category_id))

    def _mark(self, group: Group) -> str:
        return mark_of(self.forum, group.name)

    def keep(self, group: Group, members: Collection[Member], mark: str) -> None:
        """Keep the members of a group that were read now."""
        if self.on_read is not None:
            self.on_read(group, members)
        self.groups[group.name] = snapshot_of(group, members, mark, self.now)

    def _keep_rights(self, number: int, permissions: Mapping[str, int], moderators: frozenset[str]) -> None:
        self.categories[number] = CategorySnapshot(number, permissions, moderators, self.now)


# What the forum is like after a run, without another look: kept for the next run, and compared with by additions.


OF_CATEGORIES = (ChangeKind.CREATE_CATEGORY, ChangeKind.UPDATE_CATEGORY, ChangeKind.ARCHIVE_CATEGORY)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was seen, and what the run did to it; `accounts` are the people it found."""

    view: ForumView
    accounts: Mapping[int, Account]
    now: datetime

    def group(self, name: str, number: int, report: ApplyReport) -> GroupSnapshot:
        """Return a group as it is after what was done to it."""
        return self._after(self.view.groups.get(name) or self._empty(name, number), report)

    def keep(
        self,
        store: SnapshotStore,
        plan: Plan,
        report: ApplyReport,
        group_ids: Mapping[str, int],
        made_ids: Mapping[str, int],
    ) -> None:
        """Keep groups and categories as they are now; `made_ids` are the categories' ids by slug.

        Calls: 1 for each group of more than a thousand that changed; none with the Data Explorer.
        """
        touched = {change.cohort for change in plan.of(*OF_CATEGORIES)}
        wrong = {failure.change.target for failure in report.failed}
        store.forget(wrong, self.view.categories if touched or wrong else ())
        if self.view.abilities.explorer:
            return  # everything is read every time
        fresh = [self._marked(seen, report) for name, seen in self.view.groups.items() if name not in self.view.stale]
        made = [
            self._marked(self._empty(name, number), report)
            for name, number in group_ids.items()
            if name not in self.view.groups
        ]
        categories = self._made_categories(report, made_ids) if touched else self._fresh_categories()
        store.write([seen for seen in (*fresh, *made) if seen.name not in wrong], () if wrong else categories)

    def _made_categories(self, report: ApplyReport, made_ids: Mapping[str, int]) -> list[CategorySnapshot]:
        """Return the categories that were just made as they were made."""
        made = [change.detail for change in report.done if isinstance(change.detail, CategorySpec)]
        return [
            CategorySnapshot(made_ids[one.slug], dict(one.permissions), frozenset(one.moderators), self.now)
            for one in made
            if one.slug in made_ids
        ]

    def _fresh_categories(self) -> list[CategorySnapshot]:
        view = self.view
        return [seen for number, seen in view.categories.items() if number not in view.stale_categories]

    def _after(self, seen: GroupSnapshot, report: ApplyReport) -> GroupSnapshot:
        """Return a group as it is after what was done to it."""
        done = [change for change in report.done if change.target == seen.name and change.user_id is not None]
        if not done:
            return seen
        members, owners = dict(seen.members), set(seen.owners)
        for change in done:
            number = change.user_id or 0
            if change.kind in JOINING:
                members.setdefault(number, self._account(number, change.username or ""))
            if change.kind is ChangeKind.ADD_OWNER:
                owners.add(number)
            if change.kind in (ChangeKind.REMOVE, ChangeKind.REMOVE_OWNER):
                owners.discard(number)
            if change.kind is ChangeKind.REMOVE:
                members.pop(number, None)
        count = seen.count + len(members) - len(seen.members)
        return replace(seen, members=members, owners=frozenset(owners), count=count)

    def _marked(self, seen: GroupSnapshot, report: ApplyReport) -> GroupSnapshot:
        """Return a group as it is after what was done to it, with its newest log entry. Calls: 1 for a large one."""
        after = self._after(seen, report)
        return replace(after, mark=self.view.mark_after(after, changed=after != seen))

    def _empty(self, name: str, number: int) -> GroupSnapshot:
        return GroupSnapshot(name, number, 0, NEVER, {}, frozenset(), self.now)

    def _account(self, number: int, username: str) -> Account:
        found = self.accounts.get(number)
        return Account(number, username, found.name if found else "")

"""Groups and categories as membership compares them: wanted and observed are the same type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sync_worker.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


EVERYTHING = 1
SEE = 3
STAFF = "staff"
TOP = ""
"""The parent of a category that is below no other."""
NOTIFICATIONS = {"regular": 1, "tracking": 2, "watching": 3, "watching_first_post": 4}
"""Discourse's numbers for the levels that lcm.yaml names."""


class Thing(NamedTuple):
    """A group or category of the forum: its kind as the store calls it, and its name or slug."""

    kind: str
    name: str


class InCohort(NamedTuple):
    """A person, by key, as one of a cohort."""

    cohort: str
    person: str


class InGroup(NamedTuple):
    """A person, by key, as one of a group."""

    group: str
    person: str


class AccountIn(NamedTuple):
    """An account, by id, as one of a group; 0 for the group itself."""

    group: str
    account: int


@dataclass(frozen=True, slots=True)
class Account:
    """A forum account; `note` says what is special about it (suspended, not activated).

    `made_at` is when it was made, None where that is not known.
    """

    id: int
    username: str
    name: str = ""
    note: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group with its members and owners by user id; `id` is None where it is only wanted.

    `notifications` is the level that new members start with, None where the forum did not say. `ours` is false for a
    group that was there before us, or was made anew under the name of one of ours.
    """

    name: str
    full_name: str
    members: Mapping[int, Account] = field(default_factory=dict)
    owners: frozenset[int] = frozenset()
    id: int | None = None
    notifications: int | None = None
    ours: bool = True


@dataclass(frozen=True, slots=True)
class TagRules:
    """Which tags may be used in a category.

    `restricted` says whether only some may be: those with these names, or of tag groups; `free` whether beside them all
    that no category keeps to itself.
    """

    names: frozenset[str]
    restricted: bool = False
    free: bool = False


PERMISSIONS, MODERATORS = "permissions", "moderators"


class CategoryRights(NamedTuple):
    """A category's permissions by group name, and the groups that moderate it; None for what is not known."""

    permissions: Mapping[str, int] | None
    moderators: frozenset[str] | None

    def of(self, name: str, slug: str, number: int | None) -> CategoryState:
        """Return the state of a category with these rights."""
        unsaid = {PERMISSIONS: self.permissions is None, MODERATORS: self.moderators is None}
        return CategoryState(
            name,
            slug,
            dict(self.permissions or {}),
            self.moderators or frozenset(),
            number,
            unsaid=frozenset(part for part, missing in unsaid.items() if missing),
        )


@dataclass(frozen=True, slots=True)
class CategoryState:
    """A category: permissions by group name (1 full, 2 reply, 3 see) and the groups that moderate it.

    `parent` is the slug of the category above it, `TOP` for none; it and `tags` are None where the forum did not say.
    `has_below` says whether there are categories below it, `topics` how many topics it has, None where that is not
    known. `unsaid` are those of `PERMISSIONS` and `MODERATORS` that the forum did not say, or not in a way that is
    understood: what stands for them here is empty, and nothing may be concluded from it.
    """

    name: str
    slug: str
    permissions: Mapping[str, int]
    moderators: frozenset[str]
    id: int | None = None
    parent: str | None = None
    tags: TagRules | None = None
    has_below: bool = False
    topics: int | None = None
    unsaid: frozenset[str] = frozenset()

    @property
    def is_understood(self) -> bool:
        """Whether it is known who may read it."""
        return PERMISSIONS not in self.unsaid


@dataclass(frozen=True, slots=True)
class CohortState:
    """What belongs to one cohort; a part is None where the forum does not have it."""

    group: GroupState | None
    lcm_group: GroupState | None
    category: CategoryState | None

    @property
    def has_groups_of_others(self) -> bool:
        """Whether a group has the name of one of the cohort's and is not ours."""
        return any(group is not None and not group.ours for group in (self.group, self.lcm_group))


@dataclass(frozen=True, slots=True)
class Observed:
    """What the forum has: each cohort's by its key, groups' ids by their names, and whether groups may moderate.

    `group_ids` are all of the forum's where `all_groups` says so, else the cohorts'. `group_moderation` is None where
    it was not asked, because nothing depends on it. `account_count` is how many people have an account, None where
    that is not known. `alumni` are the alumni groups by name and `parents` the parent categories by slug, as far as
    something depends on them.
    `renamed` are cohorts that were not looked at because a group has another name now, with what it is called.
    """

    cohorts: Mapping[str, CohortState]
    group_ids: Mapping[str, int] = field(default_factory=dict)
    group_moderation: bool | None = None
    account_count: int | None = None
    all_groups: bool = True
    alumni: Mapping[str, GroupState | None] = field(default_factory=dict)
    parents: Mapping[str, CategoryState | None] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def accounts(self) -> dict[int, Account]:
        """Return every account seen in a member list."""
        groups = [group for state in self.cohorts.values() for group in (state.group, state.lcm_group) if group]
        return {number: account for group in groups for number, account in group.members.items()}


# Kinds of a plan's lines, by what they are about.


PEOPLE = frozenset({ChangeKind.ADD, ChangeKind.REMOVE, ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER})
JOINING = frozenset({ChangeKind.ADD, ChangeKind.ADD_OWNER})
OF_GROUPS = frozenset({ChangeKind.CREATE_GROUP, ChangeKind.ADOPT_GROUP, ChangeKind.UPDATE_GROUP})
OWNING = frozenset({ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER})

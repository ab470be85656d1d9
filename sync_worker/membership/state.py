"""Groups and categories as membership compares them: wanted and observed are the same type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYTHING = 1
SEE = 3
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Account:
    """A forum account; `note` says what is special about it (suspended, not activated)."""

    id: int
    username: str
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroupState:
    """A group with its members and owners by user id; `id` is None where it is only wanted."""

    name: str
    full_name: str
    members: Mapping[int, Account] = field(default_factory=dict)
    owners: frozenset[int] = frozenset()
    id: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryState:
    """A category: permissions by group name (1 full, 2 reply, 3 see) and the groups that moderate it."""

    name: str
    slug: str
    permissions: Mapping[str, int]
    moderators: frozenset[str]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class CohortState:
    """What belongs to one cohort; a part is None where the forum does not have it."""

    group: GroupState | None
    lcm_group: GroupState | None
    category: CategoryState | None


@dataclass(frozen=True, slots=True)
class Observed:
    """What the forum has: each cohort's by its key, every group's id by its name, and whether groups may moderate.

    `group_moderation` is None where it was not asked, because nothing depends on it. `account_count` is how many people
    have an account. `alumni` are the alumni groups by name and `parents` the parent categories by slug, as far as
    something depends on them. `renamed` are cohorts that were not looked at because a group has another name now, with
    what it is called.
    """

    cohorts: Mapping[str, CohortState]
    group_ids: Mapping[str, int] = field(default_factory=dict)
    group_moderation: bool | None = None
    account_count: int = 0
    alumni: Mapping[str, GroupState | None] = field(default_factory=dict)
    parents: Mapping[str, CategoryState | None] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def accounts(self) -> dict[int, Account]:
        """Return every account seen in a member list."""
        groups = [group for state in self.cohorts.values() for group in (state.group, state.lcm_group) if group]
        return {number: account for group in groups for number, account in group.members.items()}

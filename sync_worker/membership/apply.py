"""Carry out a plan on the forum: what is made first, then who joins, then who goes; one failure stops nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.membership.bulk import BulkChange
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.bulk import BulkOutcome
    from sync_worker.membership.provenance import MembershipStore
    from sync_worker.membership.state import Observed
    from sync_worker.model import Plan

BUILT_IN = frozenset({"everyone", "staff", "admins", "moderators", *(f"trust_level_{level}" for level in range(5))})
GIVEN_UP = "not tried: the forum does not answer"
MEMBERS_ONLY = 2
MEMBERS_MODERATORS_AND_ADMINS = 3
GROUP_FIELDS = {
    "visibility_level": MEMBERS_ONLY,
    "members_visibility_level": MEMBERS_ONLY,
    "mentionable_level": MEMBERS_MODERATORS_AND_ADMINS,
    "messageable_level": MEMBERS_MODERATORS_AND_ADMINS,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A line of the plan that was not done, and why."""

    change: Change
    reason: str


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of every effective line of a plan."""

    done: tuple[Change, ...] = ()
    failed: tuple[Failure, ...] = ()
    unreachable: bool = False

    def plus(self, other: ApplyReport) -> ApplyReport:
        """Return both reports as one."""
        unreachable = self.unreachable or other.unreachable
        return replace(self, done=self.done + other.done, failed=self.failed + other.failed, unreachable=unreachable)


def apply_plan(
    plan: Plan, observed: Observed, forum: Forum, store: MembershipStore, *, run: str, now: datetime
) -> ApplyReport:
    """Carry out the effective lines of `plan` and say what became of each.

    Calls: 1 for each group and category made or changed, and for each group that changes 1 a batch of people added,
    made owner or removed, and 1 an owner demoted.
    """
    group_ids = {fold(name): number for name, number in observed.group_ids.items()}
    applier = _Applier(forum, store, run, now, group_ids)
    for cohort in dict.fromkeys(change.cohort for change in plan.effective):
        lines = [change for change in plan.effective if change.cohort == cohort]
        for change in lines:
            applier.make(change)
        for kind in (ChangeKind.ADD, ChangeKind.ADD_OWNER):
            applier.in_bulk(lines, kind)
    for kind in (ChangeKind.REMOVE_OWNER, ChangeKind.REMOVE):
        applier.in_bulk(plan.effective, kind)
    return ApplyReport(tuple(applier.done), tuple(applier.failed), applier.unreachable)


@dataclass(slots=True)
class _Applier:
    """Works through a plan; group ids grow as groups are made."""

    forum: Forum
    store: MembershipStore
    run: str
    now: datetime
    group_ids: dict[str, int]
    done: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unreachable: bool = False

    def make(self, change: Change) -> None:
        """Make a group or category, or change a category; other lines are left alone."""
        makers: dict[ChangeKind, Callable[[Change], None]] = {
            ChangeKind.CREATE_GROUP: self._create_group,
            ChangeKind.CREATE_CATEGORY: self._create_category,
            ChangeKind.UPDATE_CATEGORY: self._update_category,
        }
        maker = makers.get(change.kind)
        if maker is None:
            return
        if self.unreachable or self._lacks_group(change):
            self.failed.append(Failure(change, GIVEN_UP if self.unreachable else "a group of it could not be made"))
            return
        try:
            maker(change)
        except ForumError as error:
            self.failed.append(Failure(change, str(error)))
            self.unreachable = self.unreachable or error.status is None
        else:
            self.done.append(change)

    def in_bulk(self, lines: Sequence[Change], kind: ChangeKind) -> None:
        """Do all lines of one kind, group by group."""
        for group in dict.fromkeys(change.target for change in lines if change.kind is kind):
            changes = self._possible([change for change in lines if change.kind is kind and change.target == group])
            if changes:
                bulk = BulkChange(self.forum, self.store, self.group_ids[fold(group)], group, kind, self.run, self.now)
                self._record(bulk.do(changes))

    def _possible(self, changes: Sequence[Change]) -> list[Change]:
        """Return the lines that can be tried: the group was made, and who becomes owner could be added."""
        not_added = {(line.change.target, line.change.user_id) for line in self.failed}
        possible = []
        for change in changes:
            if self.unreachable:
                self.failed.append(Failure(change, GIVEN_UP))
            elif fold(change.target) not in self.group_ids:
                self.failed.append(Failure(change, f"the group '{change.target}' could not be made"))
            elif change.kind is ChangeKind.ADD_OWNER and (change.target, change.user_id) in not_added:
                self.failed.append(Failure(change, "could not be added to the group"))
            else:
                possible.append(change)
        return possible

    def _record(self, outcome: BulkOutcome) -> None:
        self.done += outcome.done
        self.failed += [Failure(change, reason) for change, reason in outcome.failed]
        self.unreachable = self.unreachable or outcome.unreachable

    def _create_group(self, change: Change) -> None:
        self.store.write_created("group", change.target, None, self.run, self.now)
        try:
            group = self.forum.create_group(change.target, change.detail["full_name"], **GROUP_FIELDS)
        except ForumError as error:
            self._refused("group", change.target, error)
            raise
        self.store.write_created("group", change.target, group.id, self.run, self.now)
        self.group_ids[fold(change.target)] = group.id

    def _create_category(self, change: Change) -> None:
        slug = change.detail["slug"]
        self.store.write_created("category", slug, None, self.run, self.now)
        try:
            category = self.forum.create_category(
                change.target, slug, dict(change.detail["permissions"]), moderating_group_ids=self._moderators(change)
            )
        except ForumError as error:
            self._refused("category", slug, error)
            raise
        self.store.write_created("category", slug, category.id, self.run, self.now)

    def _update_category(self, change: Change) -> None:
        number = change.detail["id"]
        self.forum.update_category(
            number,
            name=change.target,
            permissions=dict(change.detail["permissions"]),
            moderating_group_ids=self._moderators(change),
        )
        self.store.write_created("category", change.detail["slug"], number, self.run, self.now)

    def _moderators(self, change: Change) -> list[int]:
        return [self.group_ids[fold(name)] for name in change.detail["moderators"]]

    def _lacks_group(self, change: Change) -> bool:
        """Whether a group that the category is for does not exist, because it could not be made."""
        names = [*change.detail.get("permissions", ()), *change.detail.get("moderators", ())]
        return any(fold(name) not in self.group_ids and fold(name) not in BUILT_IN for name in names)

    def _refused(self, kind: str, name: str, error: ForumError) -> None:
        if error.status is not None and 400 <= error.status < 500:
            self.store.forget_created(kind, name)

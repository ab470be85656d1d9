"""Carry out a plan on the forum: what is made first, then who joins, then who goes; one failure stops nothing else."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ForumError
from sync_worker.membership.applying.bulk import BulkChange, add_as_owners
from sync_worker.membership.planning.categories import furnishing, lets_in
from sync_worker.membership.records.journal import ApplyReport, Failure
from sync_worker.membership.records.store import is_ours
from sync_worker.membership.state import NOTIFICATIONS, CategoryState
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.applying.bulk import BulkOutcome
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.journal import RunJournal
    from sync_worker.membership.records.store import MembershipStore, Remembered
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


def apply_plan(
    plan: Plan,
    observed: Observed,
    forum: Forum,
    store: MembershipStore,
    journal: RunJournal,
    *,
    run: str,
    now: datetime,
) -> ApplyReport:
    """Carry out the effective lines of `plan` and say what became of each, here and in the run's journal.

    Calls: 1 for each group and category made or changed, and for each group that changes 1 a batch of people added,
    made owner or removed, and 1 an owner demoted; 1 less where all who join a group join as owners, and for each
    category made those of `furnish`.
    """
    applier = Applier(forum, store, journal, run, now, group_ids_of(observed), parents_of(observed))
    applier.carry_out(plan)
    return applier.report


def group_ids_of(observed: Observed) -> dict[str, int]:
    """Return the groups' ids by folded name."""
    return {fold(name): number for name, number in observed.group_ids.items()}


def parents_of(observed: Observed) -> dict[str, CategoryState]:
    """Return the parent categories that exist, by slug."""
    return {slug: parent for slug, parent in observed.parents.items() if parent}


@dataclass(slots=True)
class Applier:
    """Works through a plan; group ids and parent categories grow as they are made."""

    forum: Forum
    store: MembershipStore
    journal: RunJournal
    run: str
    now: datetime
    group_ids: dict[str, int]
    parents: dict[str, CategoryState]
    done: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unreachable: bool = False

    @property
    def report(self) -> ApplyReport:
        """What became of the lines so far."""
        return ApplyReport(tuple(self.done), tuple(self.failed), self.unreachable, self.run)

    def carry_out(self, plan: Plan) -> None:
        """Do every effective line. Calls: as `apply_plan` says."""
        for cohort in dict.fromkeys(change.cohort for change in plan.effective):
            lines = [change for change in plan.effective if change.cohort == cohort]
            for change in lines:
                self.make(change)
            lines = self.joined_as_owners(lines)
            for kind in (ChangeKind.ADD, ChangeKind.ADD_OWNER):
                self.in_bulk(lines, kind)
        for kind in (ChangeKind.REMOVE_OWNER, ChangeKind.REMOVE):
            self.in_bulk(plan.effective, kind)

    def make(self, change: Change) -> None:
        """Make a group or category, or change a category; other lines are left alone."""
        makers: dict[ChangeKind, Callable[[Change], None]] = {
            ChangeKind.CREATE_GROUP: self._create_group,
            ChangeKind.ADOPT_GROUP: self._adopt,
            ChangeKind.ADOPT_CATEGORY: self._adopt,
            ChangeKind.UPDATE_GROUP: self._update_group,
            ChangeKind.CREATE_CATEGORY: self._create_category,
            ChangeKind.UPDATE_CATEGORY: self._update_category,
            ChangeKind.ARCHIVE_CATEGORY: self._update_category,
            ChangeKind.OPEN_CATEGORY: self._open_category,
        }
        maker = makers.get(change.kind)
        if maker is None:
            return
        obstacle = GIVEN_UP if self.unreachable else self._obstacle(change)
        if obstacle:
            self.fail([(change, obstacle)])
            return
        try:
            maker(change)
        except ForumError as error:
            self.not_done([change], error)
        else:
            self.succeed([change])

    def succeed(self, changes: Sequence[Change]) -> None:
        """Report lines as done."""
        self.done += changes
        self.journal.settle(changes, "done", self.now)

    def not_done(self, changes: Sequence[Change], error: ForumError) -> None:
        """Report lines whose call failed, as the error says: doubtful, or not done.

        Calls: 0; 1 where something else than the forum answered, to see whether the forum itself still does.
        """
        failures = [(change, str(error)) for change in changes]
        if error.doubtful:
            self.doubt(failures)
        else:
            self.fail(failures)
        self.unreachable = self.unreachable or self.is_silent(error)

    def is_silent(self, error: ForumError) -> bool:
        """Whether the forum does not answer at all, and not only this call. Calls: 1, or 0 where no answer came."""
        return error.unreachable and (error.status is None or not self.forum.answers())

    def doubt(self, failures: Sequence[tuple[Change, str]]) -> None:
        """Report lines of which nobody knows; in the journal they stay open until the next look at the forum."""
        self.failed += [Failure(change, reason, doubtful=True) for change, reason in failures]

    def fail(self, failures: Sequence[tuple[Change, str]]) -> None:
        """Report lines as not done, with the reason."""
        self.failed += [Failure(change, reason) for change, reason in failures]
        for reason in dict.fromkeys(reason for _, reason in failures):
            self.journal.settle([change for change, why in failures if why == reason], "failed", self.now, reason)

    def in_bulk(self, lines: Sequence[Change], kind: ChangeKind) -> None:
        """Do all lines of one kind, group by group."""
        for group in dict.fromkeys(change.target for change in lines if change.kind is kind):
            changes = self.possible([change for change in lines if change.kind is kind and change.target == group])
            if changes:
                self.record(self._bulk(group, kind).do(changes))

    def _bulk(self, group: str, kind: ChangeKind) -> BulkChange:
        return BulkChange(self.forum, self.store, self.group_ids[fold(group)], group, kind, self.run, self.now)

    def joined_as_owners(self, lines: Sequence[Change]) -> list[Change]:
        """Make people members and owners of a group at once where all who join it join as owners.

        Returns the lines that are left: those of other groups, and those that the forum refused so.
        """
        tried: set[int] = set()
        for group in dict.fromkeys(change.target for change in lines if change.kind is ChangeKind.ADD):
            here = [change for change in lines if change.target == group]
            joining = [change for change in here if change.kind is ChangeKind.ADD]
            owning = [change for change in here if change.kind is ChangeKind.ADD_OWNER]
            everybody = {change.user_id for change in joining} <= {change.user_id for change in owning}
            if everybody and fold(group) in self.group_ids and not self.unreachable:
                outcome = add_as_owners(self._bulk(group, ChangeKind.ADD), joining, owning)
                if outcome is not None:
                    self.record(outcome)
                    tried |= {id(change) for change in (*joining, *owning)}
        return [change for change in lines if id(change) not in tried]

    def possible(self, changes: Sequence[Change]) -> list[Change]:
        """Return the lines that can be tried: the group was made, and who becomes owner could be added."""
        not_added = {(line.change.target, line.change.user_id) for line in self.failed}
        possible, failed = [], []
        for change in changes:
            if self.unreachable:
                failed.append((change, GIVEN_UP))
            elif fold(change.target) not in self.group_ids:
                failed.append((change, f"the group '{change.target}' could not be made"))
            elif change.kind is ChangeKind.ADD_OWNER and (change.target, change.user_id) in not_added:
                failed.append((change, "could not be added to the group"))
            else:
                possible.append(change)
        self.fail(failed)
        return possible

    def record(self, outcome: BulkOutcome) -> None:
        """Report what became of a bulk change."""
        self.succeed(outcome.done)
        self.fail(outcome.failed)
        self.doubt(outcome.doubtful)
        self.unreachable = self.unreachable or outcome.unreachable

    def _create_group(self, change: Change) -> None:
        fields = dict(GROUP_FIELDS)
        if "notifications" in change.detail:
            fields["default_notification_level"] = NOTIFICATIONS[change.detail["notifications"]]
        self.store.write_created("group", change.target, None, self.run, self.now)
        try:
            group = self.forum.create_group(change.target, change.detail["full_name"], **fields)
        except ForumError as error:
            self._refused("group", change.target, error)
            raise
        self.store.write_created("group", change.target, group.id, self.run, self.now)
        self.group_ids[fold(change.target)] = group.id

    def _adopt(self, change: Change) -> None:
        """Write down that a group or category is ours from now on. Calls: none."""
        kind, name = ("category", change.detail["slug"]) if "slug" in change.detail else ("group", change.target)
        self.store.write_created(kind, name, change.detail["id"], self.run, self.now, adopted=True)

    def _update_group(self, change: Change) -> None:
        number = self.group_ids[fold(change.target)]
        self.forum.update_group(number, default_notification_level=change.detail["level"])

    def _create_category(self, change: Change) -> None:
        detail = change.detail
        slug, permissions = detail["slug"], dict(detail["permissions"])
        fields: dict[str, Any] = {}
        if detail.get("parent"):
            fields["parent_category_id"] = self.parents[detail["parent"]].id
        if detail.get("tags"):
            fields |= {"allowed_tags[]": list(detail["tags"]), "allow_global_tags": "true"}
        if "about" in detail:
            self.store.write_created(UNFURNISHED, slug, None, self.run, self.now)
        self.store.write_created("category", slug, None, self.run, self.now)
        try:
            category = self.forum.create_category(
                change.target, slug, permissions, moderating_group_ids=self._moderators(change), **fields
            )
        except ForumError as error:
            self._refused("category", slug, error)
            raise
        self.store.write_created("category", slug, category.id, self.run, self.now)
        self.parents[slug] = CategoryState(change.target, slug, permissions, frozenset(), category.id)
        if "about" in detail:
            group = self.group_ids[fold(detail["group"])]
            furnish(self.forum, self.store, NewCategory(slug, category.id, category.topic, group, detail))

    def _open_category(self, change: Change) -> None:
        """Let more groups into a parent category; earlier lines of the same run may have changed it."""
        parent = self.parents[change.detail["slug"]]
        permissions = {**parent.permissions, **change.detail["open_to"]}
        assert parent.id is not None  # noqa: S101 - `parents` holds what is on the forum
        self.forum.update_category(parent.id, name=parent.name, permissions=permissions)
        self.parents[parent.slug] = replace(parent, permissions=permissions)

    def _update_category(self, change: Change) -> None:
        number = change.detail["id"]
        self.forum.update_category(
            number, name=change.target, permissions=dict(change.detail["permissions"]), **self._upkeep(change)
        )
        self.store.write_created("category", change.detail["slug"], number, self.run, self.now)

    def _upkeep(self, change: Change) -> dict[str, Any]:
        """Return the fields that set moderators, tags and parent, as far as a line changes them."""
        fields: dict[str, Any] = {}
        detail = change.detail
        if detail["moderators"] != detail.get("before", {}).get("moderators"):
            fields["moderating_group_ids"] = self._moderators(change)
        if "tags" in detail:
            fields["allowed_tags"] = list(detail["tags"]) or [""]
        if "free_tags" in detail:
            fields["allow_global_tags"] = detail["free_tags"]
        if "parent" in detail:
            fields["parent_category_id"] = self.parents[detail["parent"]].id if detail["parent"] else ""
        return fields

    def _moderators(self, change: Change) -> list[int]:
        return [self.group_ids[fold(name)] for name in change.detail["moderators"]]

    def _obstacle(self, change: Change) -> str:
        """Return what is missing because it could not be made: a group that a category is for, or its parent."""
        detail = change.detail
        names = [*detail.get("permissions", ()), *detail.get("moderators", ()), *detail.get("open_to", ())]
        there = {fold(name) for name in detail.get("before", {}).get("permissions", ())}
        if not {fold(name) for name in names} <= self.group_ids.keys() | there | BUILT_IN:
            return "a group of it could not be made"
        slug = detail["slug"] if change.kind is ChangeKind.OPEN_CATEGORY else detail.get("parent")
        if slug is None:
            shut = self._shut_parent(change)
            return f"its parent '{shut}' could not be opened to it" if shut else ""
        parent = self.parents.get(slug)
        if parent is None:
            return f"its parent '{slug}' could not be made"
        opening = change.kind is ChangeKind.OPEN_CATEGORY
        return "" if opening or lets_in(parent, names) else f"its parent '{slug}' could not be opened to it"

    def _shut_parent(self, change: Change) -> str | None:
        """Return the slug of the parent that an earlier line could not open to a group of this line's category."""
        names = {fold(name) for name in change.detail.get("permissions", ())}
        lines = [failure.change for failure in self.failed if failure.change.cohort == change.cohort]
        shut = [line for line in lines if line.kind is ChangeKind.OPEN_CATEGORY]
        return next((line.detail["slug"] for line in shut if names & set(map(fold, line.detail["open_to"]))), None)

    def _refused(self, kind: str, name: str, error: ForumError) -> None:
        if not error.doubtful:
            self.store.forget_created(kind, name)
            if kind == "category":
                self.store.forget_created(UNFURNISHED, name)


# What a category that we made needs before people come: its own topic in the cohort's words, and who hears of topics.
# Discourse begins a category's topic with advice to its administrators, in the site's language, and pins it. Our plugin
# does the same for the categories that it makes, with the same words (`about_category` of its config/locales).


LOG = logging.getLogger(__name__)
UNFURNISHED = "to furnish"  # a kind has at most ten characters
"""What the store calls a category that still needs this: written before it is made, so that no kill can lose it."""
NOBODY_HEARS = "regular"


@dataclass(frozen=True, slots=True)
class NewCategory:
    """A category that we made; `topic` is its own topic, None where that is not known."""

    slug: str
    id: int
    topic: int | None
    group: int
    wanted: Mapping[str, Any]


def furnish(forum: Forum, store: MembershipStore, category: NewCategory) -> None:
    """Furnish a category; what does not answer now is tried again by the next run, what is refused is given up.

    Its topic keeps what somebody wrote into it meanwhile. Doing it twice changes nothing.

    Calls: 1 for the notifications, unless they are `regular`; 1 to read the topic and 1 to change it; 1 more where the
    topic is not known.
    """
    try:
        _furnish(forum, category)
    except ForumError as error:
        if error.unreachable or error.doubtful:
            LOG.info("category %s: its topic is written by the next run: %s", category.slug, error.what)
            return
        LOG.warning("category %s: its own topic stays as Discourse made it: %s", category.slug, error.what)
    store.forget_created(UNFURNISHED, category.slug)


def _furnish(forum: Forum, category: NewCategory) -> None:
    level = category.wanted["notifications"]
    if level != NOBODY_HEARS:
        defaults: dict[str, Any] = {f"{level}_category_ids": [category.id]}
        forum.update_group(category.group, **defaults)
    number = category.topic or forum.category(category.id).topic
    topic = forum.topic(number) if number is not None else None
    opening = next((post for post in topic.posts if post.number == 1), None) if topic else None
    if opening is not None and opening.edited_at is None:
        wanted = category.wanted
        forum.edit_opening(opening.id, wanted["about_title"], wanted["about"], instead_of=opening.raw or "")


def unfurnished(one: Desired, observed: Observed, remembered: Remembered) -> NewCategory | None:
    """Return a cohort's category if a run that was ended had made it and not furnished it."""
    cohort, created = one.cohort, remembered.created
    slug, there = cohort.category_slug, observed.cohorts[cohort.key].category
    group = observed.group_ids.get(cohort.group) or next(
        (number for name, number in observed.group_ids.items() if fold(name) == fold(cohort.group)), None
    )
    if (UNFURNISHED, slug) not in created or there is None or there.id is None or group is None:
        return None
    if not is_ours(created, "category", slug, there.id):
        return None
    return NewCategory(slug, there.id, None, group, furnishing(cohort))

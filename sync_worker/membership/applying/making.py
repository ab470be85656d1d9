"""Make groups and categories and change them, as a plan says; and what a new category needs before people come."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ForumError
from sync_worker.membership.planning.categories import furnishing
from sync_worker.membership.records.memberships import is_ours
from sync_worker.membership.state import NOTIFICATIONS, CategoryState
from sync_worker.model import Change, ChangeKind, fold
from sync_worker.model.details import (
    ABSENT,
    Adoption,
    CategoryChange,
    CategorySpec,
    GroupSpec,
    LevelChange,
    ParentOpening,
)
from sync_worker.model.rights import OWN_GROUPS, lets_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.journal import Failure
    from sync_worker.membership.records.memberships import MembershipStore, Remembered
    from sync_worker.membership.state import Observed
    from sync_worker.model.details import Furnishing

MEMBERS_ONLY = 2
MEMBERS_MODERATORS_AND_ADMINS = 3
GROUP_FIELDS = {
    "visibility_level": MEMBERS_ONLY,
    "members_visibility_level": MEMBERS_ONLY,
    "mentionable_level": MEMBERS_MODERATORS_AND_ADMINS,
    "messageable_level": MEMBERS_MODERATORS_AND_ADMINS,
}
MAKING = frozenset(
    {
        ChangeKind.CREATE_GROUP,
        ChangeKind.ADOPT_GROUP,
        ChangeKind.UPDATE_GROUP,
        ChangeKind.CREATE_CATEGORY,
        ChangeKind.ADOPT_CATEGORY,
        ChangeKind.UPDATE_CATEGORY,
        ChangeKind.ARCHIVE_CATEGORY,
        ChangeKind.OPEN_CATEGORY,
    }
)
"""The lines that are about a group or a category itself."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes and changes groups and categories; `group_ids` and `parents` grow as they are made."""

    forum: Forum
    store: MembershipStore
    run: str
    now: datetime
    group_ids: dict[str, int]
    parents: dict[str, CategoryState]

    def make(self, change: Change) -> None:
        """Do what a line of `MAKING` says.

        Calls: 1, or none for what is adopted; for a category that is made those of `furnish`.

        Raises:
            ForumError: it was not done, or nobody knows.

        """
        match change.detail:
            case GroupSpec() as spec:
                self._create_group(change.target, spec)
            case Adoption() as adoption:
                self._adopt(change.target, adoption)
            case LevelChange(level=level):
                self.forum.update_group(self.group_ids[fold(change.target)], default_notification_level=level)
            case CategorySpec() as spec:
                self._create_category(change.target, spec)
            case CategoryChange() as wanted:
                self._update_category(change.target, wanted)
            case ParentOpening() as opening:
                self._open_category(opening)
            case _:
                raise TypeError(f"{change.kind}: nothing says what is to be made")

    def obstacle(self, change: Change, failed: Sequence[Failure]) -> str:
        """Return what is missing because it could not be made: a group that a category is for, or its parent."""
        detail = change.detail
        opening = isinstance(detail, ParentOpening)
        if not isinstance(detail, CategorySpec | CategoryChange | ParentOpening):
            return ""
        names = _groups_of(detail)
        before = detail.before if isinstance(detail, CategoryChange) else ABSENT
        there = {fold(name) for name in before.permissions} if before is not ABSENT else set()
        if not {fold(name) for name in names} <= self.group_ids.keys() | there | OWN_GROUPS:
            return "a group of it could not be made"
        slug = detail.slug if isinstance(detail, ParentOpening) else detail.parent
        if slug is None or slug is ABSENT:
            shut = _shut_parent(change, failed)
            return f"its parent '{shut}' could not be opened to it" if shut else ""
        parent = self.parents.get(slug)
        if parent is None:
            return f"its parent '{slug}' could not be made"
        return "" if opening or lets_in(parent.permissions, names) else f"its parent '{slug}' could not be opened to it"

    def _create_group(self, name: str, spec: GroupSpec) -> None:
        fields = dict(GROUP_FIELDS)
        if spec.notifications is not ABSENT:
            fields["default_notification_level"] = NOTIFICATIONS[spec.notifications]
        self.store.write_created("group", name, None, self.run, self.now)
        try:
            group = self.forum.create_group(name, spec.full_name, **fields)
        except ForumError as error:
            self._refused("group", name, error)
            raise
        self.store.write_created("group", name, group.id, self.run, self.now)
        self.group_ids[fold(name)] = group.id

    def _adopt(self, target: str, adoption: Adoption) -> None:
        """Write down that a group or category is ours from now on. Calls: none."""
        kind, name = ("group", target) if adoption.slug is ABSENT else ("category", adoption.slug)
        self.store.write_created(kind, name, adoption.id, self.run, self.now, adopted=True)

    def _create_category(self, name: str, spec: CategorySpec) -> None:
        slug, permissions = spec.slug, dict(spec.permissions)
        fields: dict[str, Any] = {}
        if spec.parent is not ABSENT:
            fields["parent_category_id"] = self.parents[spec.parent].id
        if spec.tags is not ABSENT:
            fields |= {"allowed_tags[]": list(spec.tags), "allow_global_tags": "true"}
        if spec.furnishing is not ABSENT:
            self.store.write_created(UNFURNISHED, slug, None, self.run, self.now)
        self.store.write_created("category", slug, None, self.run, self.now)
        try:
            category = self.forum.create_category(
                name, slug, permissions, moderating_group_ids=self._moderators(spec.moderators), **fields
            )
        except ForumError as error:
            self._refused("category", slug, error)
            raise
        self.store.write_created("category", slug, category.id, self.run, self.now)
        self.parents[slug] = CategoryState(name, slug, permissions, frozenset(), category.id)
        if spec.furnishing is not ABSENT:
            group = self.group_ids[fold(spec.furnishing.group)]
            furnish(self.forum, self.store, NewCategory(slug, category.id, category.topic, group, spec.furnishing))

    def _open_category(self, opening: ParentOpening) -> None:
        """Let more groups into a parent category; earlier lines of the same run may have changed it."""
        parent = self.parents[opening.slug]
        permissions = {**parent.permissions, **opening.open_to}
        assert parent.id is not None  # noqa: S101 - `parents` holds what is on the forum
        self.forum.update_category(parent.id, name=parent.name, permissions=permissions)
        self.parents[parent.slug] = replace(parent, permissions=permissions)

    def _update_category(self, name: str, wanted: CategoryChange) -> None:
        number = wanted.id
        assert number is not None  # noqa: S101 - the category is there
        self.forum.update_category(number, name=name, permissions=dict(wanted.permissions), **self._upkeep(wanted))
        self.store.write_created("category", wanted.slug, number, self.run, self.now)

    def _upkeep(self, wanted: CategoryChange) -> dict[str, Any]:
        """Return the fields that set moderators, tags and parent, as far as a line changes them."""
        fields: dict[str, Any] = {}
        if wanted.before is ABSENT or wanted.moderators != wanted.before.moderators:
            fields["moderating_group_ids"] = self._moderators(wanted.moderators)
        if wanted.tags is not ABSENT:
            fields["allowed_tags"] = list(wanted.tags) or [""]
        if wanted.free_tags is not ABSENT:
            fields["allow_global_tags"] = wanted.free_tags
        if wanted.parent is not ABSENT:
            fields["parent_category_id"] = self.parents[wanted.parent].id if wanted.parent else ""
        return fields

    def _moderators(self, names: Iterable[str]) -> list[int]:
        return [self.group_ids[fold(name)] for name in names]

    def _refused(self, kind: str, name: str, error: ForumError) -> None:
        if not error.doubtful:
            self.store.forget_created(kind, name)
            if kind == "category":
                self.store.forget_created(UNFURNISHED, name)


def _shut_parent(change: Change, failed: Sequence[Failure]) -> str | None:
    """Return the slug of the parent that an earlier line could not open to a group of this line's category."""
    detail = change.detail
    if not isinstance(detail, CategorySpec | CategoryChange):
        return None
    names = {fold(name) for name in detail.permissions}
    lines = [failure.change for failure in failed if failure.change.cohort == change.cohort]
    shut = [line.detail for line in lines if isinstance(line.detail, ParentOpening)]
    return next((opening.slug for opening in shut if names & set(map(fold, opening.open_to))), None)


def _groups_of(detail: CategorySpec | CategoryChange | ParentOpening) -> list[str]:
    """Return the groups that a line lets into a category or makes its moderators."""
    if isinstance(detail, ParentOpening):
        return list(detail.open_to)
    return [*detail.permissions, *detail.moderators]


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
    wanted: Furnishing


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
    level = category.wanted.notifications
    if level != NOBODY_HEARS:
        defaults: dict[str, Any] = {f"{level}_category_ids": [category.id]}
        forum.update_group(category.group, **defaults)
    number = category.topic or forum.category(category.id).topic
    topic = forum.topic(number) if number is not None else None
    opening = next((post for post in topic.posts if post.number == 1), None) if topic else None
    if opening is not None and opening.edited_at is None:
        wanted = category.wanted
        forum.edit_opening(opening.id, wanted.about_title, wanted.about, instead_of=opening.raw or "")


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

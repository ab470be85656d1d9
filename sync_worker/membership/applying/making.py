"""Make groups and categories and change them, as a plan says; and what a new category needs before people come."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ForumError
from sync_worker.membership.planning.categories import furnishing, lets_in
from sync_worker.membership.records.memberships import is_ours
from sync_worker.membership.state import NOTIFICATIONS, CategoryState
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.journal import Failure
    from sync_worker.membership.records.memberships import MembershipStore, Remembered
    from sync_worker.membership.state import Observed

BUILT_IN = frozenset({"everyone", "staff", "admins", "moderators", *(f"trust_level_{level}" for level in range(5))})
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
        makers[change.kind](change)

    def obstacle(self, change: Change, failed: Sequence[Failure]) -> str:
        """Return what is missing because it could not be made: a group that a category is for, or its parent."""
        detail = change.detail
        names = [*detail.get("permissions", ()), *detail.get("moderators", ()), *detail.get("open_to", ())]
        there = {fold(name) for name in detail.get("before", {}).get("permissions", ())}
        if not {fold(name) for name in names} <= self.group_ids.keys() | there | BUILT_IN:
            return "a group of it could not be made"
        slug = detail["slug"] if change.kind is ChangeKind.OPEN_CATEGORY else detail.get("parent")
        if slug is None:
            shut = _shut_parent(change, failed)
            return f"its parent '{shut}' could not be opened to it" if shut else ""
        parent = self.parents.get(slug)
        if parent is None:
            return f"its parent '{slug}' could not be made"
        opening = change.kind is ChangeKind.OPEN_CATEGORY
        return "" if opening or lets_in(parent, names) else f"its parent '{slug}' could not be opened to it"

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

    def _refused(self, kind: str, name: str, error: ForumError) -> None:
        if not error.doubtful:
            self.store.forget_created(kind, name)
            if kind == "category":
                self.store.forget_created(UNFURNISHED, name)


def _shut_parent(change: Change, failed: Sequence[Failure]) -> str | None:
    """Return the slug of the parent that an earlier line could not open to a group of this line's category."""
    names = {fold(name) for name in change.detail.get("permissions", ())}
    lines = [failure.change for failure in failed if failure.change.cohort == change.cohort]
    shut = [line for line in lines if line.kind is ChangeKind.OPEN_CATEGORY]
    return next((line.detail["slug"] for line in shut if names & set(map(fold, line.detail["open_to"]))), None)


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

"""A forum of sets without HTTP, for thousands of lives: it does what Discourse does to groups and categories, fails on
order, and cries out when the worker does what it may not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sync_worker.forum import FailedCall, Outcome
from sync_worker.forum.records import BulkResult, Category, ForumPost, ForumTopic, Group, Member
from sync_worker.membership.state import TOP, Account, CategoryState, CohortState, GroupState, Observed, TagRules
from sync_worker.model import Cohort

ABOUT_TOPIC = 100_000  # the number of a category's own topic is so much more than the category's
PLACEHOLDER = "What is this category for?"
EPOCH = datetime(2027, 1, 1, tzinfo=UTC)
PEOPLE = {f"u{number}": number for number in range(1, 13)}


class KilledError(BaseException):
    """The process is gone."""


@dataclass
class ModelGroup:
    """A group: its members and those of them who own it."""

    id: int
    name: str
    members: set[int] = field(default_factory=set)
    owners: set[int] = field(default_factory=set)
    level: int = 3


@dataclass
class ModelCategory:
    """A category."""

    id: int
    name: str
    slug: str
    permissions: dict[str, int]
    moderators: frozenset[str]
    parent: int | None = None
    tags: frozenset[str] = frozenset()
    free_tags: bool = False
    about: str = PLACEHOLDER


@dataclass
class ModelForum:
    """The groups by name and categories by slug; `faults` says what goes wrong at the n-th write of a run.

    A fault is `refused` (no effect), `kill_before`, `kill_after`, `lost_before`, `lost_after` (no answer), `half` (a
    bulk change is done in part, then a 503), `silent` or `silent_after` (from then on nothing is answered any more).
    `watch` hears of every change
    to a membership that the worker makes.
    """

    groups: dict[str, ModelGroup] = field(default_factory=dict)
    categories: dict[str, ModelCategory] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    watch: Callable[[str, str, int], None] = lambda *_: None
    allowed: Callable[[str], None] = lambda *_: None
    writes: int = 0
    gone: bool = False
    url: str = "model"
    name: str = "model"
    serial: int = 40

    def begin(self, faults: dict[int, str] | None = None) -> None:
        """Start a run with these faults."""
        self.faults, self.writes, self.gone = faults or {}, 0, False

    def _write(self, effect: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        self.writes += 1
        fault = self.faults.get(self.writes)
        if self.gone or fault == "silent":
            self.gone = True
            raise FailedCall("no answer.", outcome=Outcome.DOUBTFUL, unreachable=True)
        if fault == "refused":
            raise FailedCall("no.", outcome=Outcome.REFUSED, status=422)
        if fault == "kill_before":
            raise KilledError
        if fault == "lost_before":
            raise FailedCall("no answer.", outcome=Outcome.DOUBTFUL, unreachable=True)
        if fault == "half":
            if half:
                half()
            raise FailedCall("busy.", outcome=Outcome.DOUBTFUL, status=503)
        result = effect()
        if fault == "kill_after":
            raise KilledError
        if fault == "silent_after":
            self.gone = True
        if fault in {"lost_after", "silent_after"}:
            raise FailedCall("no answer.", outcome=Outcome.DOUBTFUL, unreachable=True)
        return result

    def members(self, name: str) -> list[Member]:
        """List a group."""
        if self.gone:
            raise FailedCall("no answer.", outcome=Outcome.DOUBTFUL, unreachable=True)
        group = self.groups[name]
        return [Member(n, f"u{n}", f"Person {n}", None, None, None, n in group.owners) for n in sorted(group.members)]

    def create_group(self, name: str, full_name: str, **fields: Any) -> Group:
        """Make a group."""
        self.allowed("create")
        if name in self.groups:
            raise FailedCall("taken.", outcome=Outcome.REFUSED, status=422)

        def effect() -> Group:
            self.serial += 1
            level = fields.get("default_notification_level", 3)
            self.groups[name] = ModelGroup(self.serial, name, level=level)
            return Group(self.serial, name, full_name, 0)

        result: Group = self._write(effect)
        return result

    def create_category(
        self,
        name: str,
        slug: str,
        permissions: dict[str, int],
        moderating_group_ids: Sequence[int] = (),
        **fields: Any,
    ) -> Category:
        """Make a category; its groups must be let into its parent already."""
        self.allowed("create")
        if slug in self.categories:
            raise FailedCall("taken.", outcome=Outcome.REFUSED, status=422)
        parent = fields.get("parent_category_id")
        self._fits(permissions, parent)

        def effect() -> Category:
            self.serial += 1
            moderators = self._names(moderating_group_ids)
            made = ModelCategory(self.serial, name, slug, dict(permissions), moderators, parent)
            self.categories[slug] = made
            self._set_tags(made, {"allowed_tags": fields.get("allowed_tags[]", []), **fields})
            return Category(self.serial, name, slug, parent, read_restricted=True, topic=ABOUT_TOPIC + self.serial)

        result: Category = self._write(effect)
        return result

    def category(self, category_id: int) -> Category:
        """Show a category."""
        found = next(each for each in self.categories.values() if each.id == category_id)
        topic = ABOUT_TOPIC + found.id
        return Category(found.id, found.name, found.slug, found.parent, read_restricted=True, topic=topic)

    def topic(self, topic_id: int) -> ForumTopic:
        """Show a category's own topic; its post has the topic's number."""
        category = next(each for each in self.categories.values() if each.id == topic_id - ABOUT_TOPIC)
        about = category.about
        post = ForumPost(
            id=topic_id,
            number=1,
            post_type=1,
            user_id=1,
            username="admin",
            name="",
            created_at=EPOCH,
            cooked=about,
            raw=about,
            likes=0,
            reads=0,
            reply_to=None,
            accepted=False,
            edited_at=None if about == PLACEHOLDER else EPOCH,
        )
        return ForumTopic(
            id=topic_id,
            title="About",
            slug="about",
            category_id=category.id,
            created_at=EPOCH,
            posts=(post,),
            tags=(),
            views=0,
            closed=False,
            pinned=True,
            pinned_until=None,
            external_id=None,
        )

    def edit_opening(self, post_id: int, title: str, raw: str, *, instead_of: str) -> None:
        """Change the text of a category's own topic."""
        category = next(each for each in self.categories.values() if each.id == post_id - ABOUT_TOPIC)
        assert category.about == instead_of
        assert title

        def effect() -> None:
            category.about = raw

        self._write(effect)

    def update_category(self, category_id: int, **fields: Any) -> None:
        """Change a category."""
        category = next(each for each in self.categories.values() if each.id == category_id)

        parent = fields.get("parent_category_id", category.parent) or None
        self._fits(fields["permissions"], parent)

        def effect() -> None:
            category.permissions = dict(fields["permissions"])
            if "moderating_group_ids" in fields:
                category.moderators = self._names(fields["moderating_group_ids"])
            category.parent = parent
            self._set_tags(category, fields)

        self._write(effect)

    def lets(self, category: ModelCategory, group: str) -> bool:
        """Whether a group may be let into a category, or shut out: people in one below must be in the one above."""
        if group not in category.permissions:
            return category.parent is None or any(
                group in each.permissions for each in self.categories.values() if each.id == category.parent
            )
        below = [each for each in self.categories.values() if each.parent == category.id]
        return not any(group in each.permissions for each in below)

    def _fits(self, permissions: Iterable[str], parent: int | None) -> None:
        if parent is not None:
            above = next(category for category in self.categories.values() if category.id == parent)
            assert set(permissions) <= set(above.permissions), "a parent must be open to its children's groups"

    def _set_tags(self, category: ModelCategory, fields: dict[str, Any]) -> None:
        if "allowed_tags" in fields:
            category.tags = frozenset(fields["allowed_tags"]) - {""}
        if "allow_global_tags" in fields:
            category.free_tags = fields["allow_global_tags"] in {True, "true"}

    def add_members(self, group_id: int, accounts: Sequence[int]) -> BulkResult:
        """Add people."""
        self.allowed("add")
        group = self._group(group_id)

        def effect(some: Iterable[int] = accounts) -> BulkResult:
            for account in some:
                self.watch("add", group.name, account)
                group.members.add(account)
            return BulkResult(tuple(accounts), ())

        result: BulkResult = self._write(effect, lambda: effect(accounts[: len(accounts) // 2]))
        return result

    def remove_members(self, group_id: int, accounts: Sequence[int]) -> BulkResult:
        """Remove people."""
        self.allowed("remove")
        group = self._group(group_id)

        def effect(some: Iterable[int] = accounts) -> BulkResult:
            for account in some:
                if account in group.members:
                    self.watch("remove", group.name, account)
                group.members.discard(account)
                group.owners.discard(account)
            return BulkResult(tuple(accounts), ())

        result: BulkResult = self._write(effect, lambda: effect(accounts[: len(accounts) // 2]))
        return result

    def add_owners(self, group_id: int, accounts: Sequence[int]) -> tuple[int, ...]:
        """Make people owners, and members where they are not."""
        self.allowed("owners")
        group = self._group(group_id)

        def effect() -> tuple[int, ...]:
            for number in sorted(set(accounts) - group.members):
                self.allowed("add")
                self.watch("add", group.name, number)
                group.members.add(number)
            group.owners |= set(accounts)
            return tuple(accounts)

        result: tuple[int, ...] = self._write(effect)
        return result

    def remove_owner(self, group_id: int, user_id: int) -> None:
        """Make an owner a plain member."""
        self.allowed("owners")
        self._write(lambda: self._group(group_id).owners.discard(user_id))

    def update_group(self, group_id: int, **fields: Any) -> None:
        """Change a group."""

        def effect() -> None:
            group = self._group(group_id)
            group.level = fields.get("default_notification_level", group.level)

        self._write(effect)

    def observed(self, cohorts: Sequence[Cohort]) -> Observed:
        """What a look at the forum shows."""
        return Observed(
            cohorts={
                cohort.key: CohortState(
                    self._group_state(cohort.group),
                    self._group_state(cohort.lcm_group),
                    self._category_state(cohort.category_slug),
                )
                for cohort in cohorts
            },
            group_ids={"team": 1, **{name: group.id for name, group in self.groups.items()}},
            alumni={name: self._group_state(name) for name in {each.alumni_group for each in cohorts} if name},
            parents={slug: self._category_state(slug) for slug in {each.parent_category for each in cohorts} if slug},
        )

    def state(self) -> tuple[Any, ...]:
        """Everybody's place, and what each category allows, to compare before with after."""
        return (
            {name: (set(group.members), set(group.owners)) for name, group in self.groups.items()},
            {
                slug: (dict(each.permissions), each.moderators, each.parent, each.tags, each.free_tags)
                for slug, each in self.categories.items()
            },
        )

    def _group_state(self, name: str) -> GroupState | None:
        group = self.groups.get(name)
        if group is None:
            return None
        members = {n: Account(n, f"u{n}", f"Person {n}") for n in group.members}
        return GroupState(name, "", members, frozenset(group.owners), group.id, group.level)

    def _category_state(self, slug: str) -> CategoryState | None:
        found = self.categories.get(slug)
        if found is None:
            return None
        return CategoryState(
            found.name,
            slug,
            dict(found.permissions),
            found.moderators,
            found.id,
            parent=next((each.slug for each in self.categories.values() if each.id == found.parent), TOP),
            tags=TagRules(found.tags, bool(found.tags), found.free_tags),
            has_below=any(each.parent == found.id for each in self.categories.values()),
        )

    def _group(self, group_id: int) -> ModelGroup:
        return next(group for group in self.groups.values() if group.id == group_id)

    def _names(self, ids: Sequence[int]) -> frozenset[str]:
        return frozenset(self._group(number).name for number in ids)

"""The lines of a plan about a cohort's category: its parent, its permissions, moderation, and its topic. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from string import Template
from typing import TYPE_CHECKING

from sync_worker.config.load import MAX_CATEGORY_NAME
from sync_worker.languages.parts import MEMBERSHIP
from sync_worker.membership.planning.upkeep import CategoryUpkeep
from sync_worker.membership.records.memberships import is_ours
from sync_worker.membership.state import EVERYTHING, MODERATORS, SEE, STAFF
from sync_worker.model import Change, ChangeKind, fold
from sync_worker.model.details import (
    ABSENT,
    Adoption,
    CategoryBefore,
    CategoryChange,
    CategorySpec,
    Furnishing,
    ParentOpening,
)
from sync_worker.model.rights import allows, is_public, lets_in, level_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.memberships import Created
    from sync_worker.membership.state import CategoryState, Observed, Thing
    from sync_worker.model import Cohort


NOT_UNDERSTOOD = (
    "nothing is done about the category: the forum does not say who may read it, or not in a way that this version of"
    " the worker understands. Is the API user an administrator?"
)
MODERATORS_UNSAID = "the forum does not say which groups moderate the category; left so"
MODERATION_OFF = (
    "its LCM group cannot moderate it: the site setting enable_category_group_moderation is off. "
    "Switch it on under Admin > Settings and run this again."
)
NOT_OURS = "the category was there before us; allow 'adopt' in limits.allow, or do it manually"
NOT_CREATING = "creating is not switched on (limits.allow)"


@dataclass(frozen=True, slots=True)
class Rights:
    """How a category's permissions and moderators differ from what they should be; it is `ours` if we made it."""

    lacking: Mapping[str, int] = field(default_factory=dict)
    unmoderated: Sequence[str] = ()
    wider: Sequence[str] = ()
    ours: bool = field(kw_only=True)

    def __bool__(self) -> bool:
        return bool(self.lacking or self.unmoderated or (self.wider and not self.ours))

    def words(self) -> str:
        """Return in words how the category is otherwise now."""
        parts = []
        if self.lacking:
            parts.append(f"no full access for {', '.join(sorted(self.lacking))}")
        if self.unmoderated:
            parts.append(f"not moderated by {', '.join(sorted(self.unmoderated))}")
        if self.wider and not self.ours:
            parts.append(f"open to {', '.join(self.wider)} as well")
        return "; ".join(parts)

    def outcome(self, there: CategoryState, wanted: CategoryState, people: int) -> str:
        """Return in words what will be true and for whom; `people` is how many the cohort has."""
        after, shut_out = self.permissions(there, wanted), () if self.ours else self.wider
        closing = [closing_words(there, after, people)] if closes(there, after) else []
        lasting = [name for name in shut_out if not (closing and is_public({name: 1}))]
        return "; ".join([*closing, *granting_words(self.lacking, self.unmoderated, lasting)])

    def permissions(self, there: CategoryState, wanted: CategoryState) -> dict[str, int]:
        """Return the permissions that the category gets: in one of ours, what was added manually stays."""
        if not self:
            return dict(there.permissions)
        return _merged(there.permissions, wanted.permissions) if self.ours else dict(wanted.permissions)


@dataclass(slots=True)
class CategoryPlanner:
    """Makes the lines of one cohort after another; `opened` are groups that earlier lines let into a parent."""

    observed: Observed
    created: Mapping[Thing, Created]
    allow: Collection[str]
    opened: dict[str, set[str]] = field(default_factory=dict)

    def lines(self, desired: Desired) -> Iterator[Change]:
        """Yield what happens to the cohort's category, and before it to its parent, and why."""
        wanted, there = desired.category, self.observed.cohorts[desired.cohort.key].category
        cohort = desired.cohort
        switch = self.observed.group_moderation
        moderators = sorted(wanted.moderators) if switch is not False else []
        if foreign := self._groups_of_others(cohort):
            reason = f"nothing is done about the category: the group '{foreign[0]}' is not ours"
            yield Change(ChangeKind.KEPT, cohort.key, there.name if there else wanted.name, reason)
            return
        if there is not None and not there.is_understood:
            yield Change(ChangeKind.KEPT, cohort.key, there.name, NOT_UNDERSTOOD)
            return
        if there is not None and MODERATORS in there.unsaid and moderators and switch:
            yield Change(ChangeKind.KEPT, cohort.key, there.name, MODERATORS_UNSAID)
            moderators = []
        if there is None and desired.over:
            yield Change(ChangeKind.KEPT, cohort.key, wanted.name, "the cohort is over; no category is made any more")
            return
        if there is None:
            parent_ready = True
            for line in self._parent(cohort):
                parent_ready = parent_ready and line.kind is not ChangeKind.KEPT
                yield line
            yield self._creation(cohort, wanted, moderators, parent_ready=parent_ready)
        else:
            yield from self._comparison(desired, wanted, there, moderators)
        unmoderated = there is None or not _lower(wanted.moderators) <= _lower(there.moderators)
        if switch is False and unmoderated:
            yield Change(ChangeKind.KEPT, cohort.key, wanted.name, MODERATION_OFF)

    def _groups_of_others(self, cohort: Cohort) -> list[str]:
        """Return the cohort's groups that are somebody else's and may not be adopted."""
        seen = self.observed.cohorts[cohort.key]
        groups = [group for group in (seen.group, seen.lcm_group) if group]
        return [group.name for group in groups if not group.ours and "adopt" not in self.allow]

    def _parent(self, cohort: Cohort) -> Iterator[Change]:
        """Yield the line that makes the parent or opens it: Discourse wants a parent open to its children's groups."""
        slug = cohort.parent_category
        if slug is None:
            return
        there = self.observed.parents.get(slug)
        open_to = {cohort.group: SEE, cohort.lcm_group: EVERYTHING}
        if there and not there.is_understood:
            yield Change(ChangeKind.KEPT, cohort.key, there.name, NOT_UNDERSTOOD)
            return
        if there and lets_in(there.permissions, open_to):
            return
        name = there.name if there else parent_name(slug)
        making = there is None and slug not in self.opened
        ours = there is None or is_ours(self.created, "category", slug, there.id)
        needed = "create" if ours else "adopt"
        if needed not in self.allow:
            missing = "the parent category does not exist" if there is None else "the parent category is not open to it"
            yield Change(ChangeKind.KEPT, cohort.key, name, f"{missing}; allow '{needed}' in limits.allow")
            return
        self.opened.setdefault(slug, set()).update(open_to)
        if making:
            spec = CategorySpec(slug, {**open_to, STAFF: EVERYTHING}, ())
            reason = "the forum has no such parent category"
            yield Change(ChangeKind.CREATE_CATEGORY, cohort.key, name, reason, detail=spec)
        else:
            before = dict(there.permissions) if there else {}
            opening = ParentOpening(there.id if there else None, slug, open_to, before)
            reason = f"{cohort.group} will see it and {cohort.lcm_group} write in it, to see the category below it"
            yield Change(ChangeKind.OPEN_CATEGORY, cohort.key, name, reason, detail=opening)

    def _creation(self, cohort: Cohort, wanted: CategoryState, moderators: list[str], *, parent_ready: bool) -> Change:
        if "create" not in self.allow:
            reason = f"the category does not exist; {NOT_CREATING}"
            return Change(ChangeKind.KEPT, cohort.key, wanted.name, reason)
        if not parent_ready:
            reason = f"the category is not made: its parent '{cohort.parent_category}' is not open to the cohort"
            return Change(ChangeKind.KEPT, cohort.key, wanted.name, reason)
        spec = CategorySpec(wanted.slug, dict(wanted.permissions), tuple(moderators), furnishing(cohort))
        if cohort.parent_category:
            parent = self.observed.parents.get(cohort.parent_category)
            spec = replace(spec, parent=cohort.parent_category, parent_id=parent.id if parent else None)
        if cohort.tags:
            spec = replace(spec, tags=tuple(sorted(cohort.tags)))
        reason = f"the forum has no such category{_cut_short(cohort)}"
        return Change(ChangeKind.CREATE_CATEGORY, cohort.key, wanted.name, reason, detail=spec)

    def _comparison(
        self, desired: Desired, wanted: CategoryState, there: CategoryState, moderators: list[str]
    ) -> Iterator[Change]:
        cohort, ours = desired.cohort, is_ours(self.created, "category", wanted.slug, there.id)
        lacking = {
            name: level for name, level in wanted.permissions.items() if not allows(there.permissions, name, level)
        }
        unmoderated = [name for name in moderators if fold(name) not in _lower(there.moderators)]
        wider = sorted(name for name in there.permissions if fold(name) not in _lower(wanted.permissions))
        rights = Rights(lacking, unmoderated, wider, ours=ours)
        upkeep = CategoryUpkeep.of(cohort, there, over=desired.over)
        if ours and wider:
            reason = f"open to {', '.join(wider)} as well, set manually; left so"
            yield Change(ChangeKind.KEPT, cohort.key, there.name, reason)
        if not (rights or upkeep):
            yield self._as_it_should_be(cohort, wanted, there, ours=ours)
            return
        archiving = desired.over and cohort.group in lacking
        reopening = level_of(there.permissions, cohort.group) == SEE and cohort.group in lacking
        outcome = rights.outcome(there, wanted, len(desired.wanted))
        if archiving:
            outcome = f"{cohort.why_over}: its learners may read it and no longer write"
        closing = closes(there, rights.permissions(there, wanted))
        missing = self._missing(ours=ours, archiving=archiving, reopening=reopening, closing=closing)
        if rights and missing:
            now = f"{rights.words()}; allowed, it {outcome}" if closing else outcome if archiving else rights.words()
            yield Change(ChangeKind.KEPT, cohort.key, there.name, f"{missing}: {now}")
            rights, outcome = Rights(ours=ours), ""
        missing = self._missing(ours=ours, archiving=False, reopening=False, closing=closing)
        if upkeep and missing:
            yield Change(ChangeKind.KEPT, cohort.key, there.name, f"{missing}: {'; '.join(upkeep.words())}")
            upkeep = CategoryUpkeep()
        after = rights.permissions(there, wanted)
        for line in self._place(cohort, there, after, rights, upkeep):
            yield line
            if line.kind is ChangeKind.KEPT:
                upkeep = upkeep.staying()
        if rights or upkeep:
            kind = ChangeKind.ARCHIVE_CATEGORY if archiving else ChangeKind.UPDATE_CATEGORY
            reason = "; ".join([*([outcome] if outcome else []), *upkeep.words()])
            detail = self._detail(wanted, there, rights, upkeep)
            yield Change(kind, cohort.key, there.name, reason, detail=detail)

    def _as_it_should_be(self, cohort: Cohort, wanted: CategoryState, there: CategoryState, *, ours: bool) -> Change:
        """Return the line about a category that needs no change; one that was there before us is ours when adopted."""
        if ours:
            return Change(ChangeKind.UNCHANGED, cohort.key, there.name, "the category has its permissions")
        if "adopt" in self.allow:
            reason = "adopts the category that exists already, with the permissions that it should have"
            adoption = Adoption(there.id, wanted.slug)
            return Change(ChangeKind.ADOPT_CATEGORY, cohort.key, there.name, reason, detail=adoption)
        return Change(ChangeKind.KEPT, cohort.key, there.name, f"{NOT_OURS}; it has its permissions")

    def _place(
        self, cohort: Cohort, there: CategoryState, after: Mapping[str, int], rights: Rights, upkeep: CategoryUpkeep
    ) -> Iterator[Change]:
        """Yield what has to happen to the parent before the category is moved below it or opened, or why it stays."""
        slug = cohort.parent_category
        if upkeep.parent is None:
            below = slug in self.observed.parents and fold(there.parent or "") == fold(slug or "")
            if below and any(level_of(there.permissions, name) is None for name in rights.lacking):
                yield from self._parent(cohort)
            return
        obstacle = self._not_movable(cohort, there, after)
        if not obstacle:
            for line in self._parent(cohort):
                obstacle = obstacle or ("that is not open to the cohort" if line.kind is ChangeKind.KEPT else "")
                yield line
        if obstacle:
            yield Change(ChangeKind.KEPT, cohort.key, there.name, f"not moved below '{slug}': {obstacle}")

    def _not_movable(self, cohort: Cohort, there: CategoryState, after: Mapping[str, int]) -> str:
        """Return what speaks against moving a category below its parent: Discourse would refuse, or show it to more."""
        if there.has_below:
            return "it has categories below itself"
        parent = self.observed.parents.get(cohort.parent_category or "")
        if parent and parent.id == there.id:
            return "that is the category itself"
        own = _lower((cohort.group, cohort.lcm_group))
        others = sorted(name for name in after if fold(name) not in own)
        shut = [name for name in others if not (lets_in(parent.permissions, [name]) if parent else name == STAFF)]
        return f"{', '.join(shut)} may see it, and would have to see its parent as well" if shut else ""

    def _detail(
        self, wanted: CategoryState, there: CategoryState, rights: Rights, upkeep: CategoryUpkeep
    ) -> CategoryChange:
        parent = self.observed.parents.get(upkeep.parent) if upkeep.parent else None
        permissions = rights.permissions(there, wanted)
        change = CategoryChange(
            there.id,
            wanted.slug,
            permissions,
            tuple(sorted({*there.moderators, *rights.unmoderated})),
            closes=True if closes(there, permissions) else ABSENT,
            before=CategoryBefore(dict(there.permissions), tuple(sorted(there.moderators))),
        )
        return upkeep.added_to(change, there, parent)

    def _missing(self, *, ours: bool, archiving: bool, reopening: bool, closing: bool) -> str:
        """Return which class of change is not switched on, or nothing.

        A category that stays public is not taken for the cohort's either: what it writes there, everybody would read.
        """
        needed = [] if ours or "adopt" in self.allow else ["adopt"]
        needed += ["close_public"] if closing and "close_public" not in self.allow else []
        if needed and not ours:
            classes = " and ".join(f"'{name}'" for name in needed)
            return f"the category was there before us; allow {classes} in limits.allow, or do it manually"
        if needed:
            return "closing a public category is not switched on (limits.allow: close_public)"
        if archiving:
            return "" if "archive" in self.allow else "archiving is not switched on (limits.allow)"
        if not ours or "create" in self.allow or (reopening and "archive" in self.allow):
            return ""
        return "changing categories is not switched on (limits.allow: create)"


def _cut_short(cohort: Cohort) -> str:
    """Return that the category bears only a part of the cohort's name, and how to give it another; else nothing."""
    if len(cohort.name) <= MAX_CATEGORY_NAME or not cohort.name.startswith(cohort.category.rsplit(" (", 1)[0]):
        return ""
    return (
        f"; its name is cut short, because Discourse takes {MAX_CATEGORY_NAME} characters"
        f" ('{cohort.name}' has {len(cohort.name)}; `category:` of the cohort sets another)"
    )


def parent_name(slug: str) -> str:
    """Return what a parent category is called when it is made."""
    return slug.replace("-", " ").capitalize()


def _merged(there: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    ours = _lower(wanted)
    return {**{name: level for name, level in there.items() if fold(name) not in ours}, **wanted}


def _lower(names: Collection[str]) -> set[str]:
    return {fold(name) for name in names}


# What a plan says of categories: what will be true, and for whom; and the words of a new category's topic. Pure.


LEVELS = {EVERYTHING: "read and write in it", 2: "read it and reply", SEE: "read it and no longer write"}
HEARS_OF_TOPICS = "watching_first_post"
"""Where `category_notifications` says nothing else: members hear of each new topic, and so of each prompt."""


def closes(there: CategoryState, after: Mapping[str, int]) -> bool:
    """Whether these permissions take a category away from the public; one without any counts as public here."""
    return (not there.permissions or is_public(there.permissions)) and not is_public(after)


def closing_words(there: CategoryState, after: Mapping[str, int], people: int) -> str:
    """Return who will read a public category and who does today; `people` are those of the cohort."""
    others = sorted(name for name in after if fold(name) in {"admins", "moderators"})
    staff = f"{', '.join(others)} and {STAFF}" if others else STAFF
    who = "1 person" if people == 1 else f"{people:,} people"
    topics = "" if there.topics is None else f" its {there.topics:,} topic{'' if there.topics == 1 else 's'}"
    return f"will be readable by {who} of the cohort and {staff} only; today everyone reads{topics or ' it'}"


def granting_words(lacking: Mapping[str, int], unmoderated: Sequence[str], shut_out: Sequence[str]) -> list[str]:
    """Return which groups will be able to do what, which will moderate, and which will not read it any more."""
    by_level: dict[int, list[str]] = {}
    for name, level in sorted(lacking.items()):
        by_level.setdefault(level, []).append(name)
    words = [f"{_joined(names)} will {LEVELS[level]}" for level, names in sorted(by_level.items())]
    words += [f"{_joined(sorted(unmoderated))} will moderate it"] if unmoderated else []
    return [*words, f"{_joined(shut_out)} will not see it any more"] if shut_out else words


def _joined(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def furnishing(cohort: Cohort) -> Furnishing:
    """Return what a cohort's category, which is to be made, is furnished with."""
    sentences = MEMBERSHIP.of(cohort.locale)
    return Furnishing(
        about=Template(sentences.about_category).substitute(cohort=cohort.name),
        about_title=Template(sentences.about_title).substitute(category=cohort.category),
        notifications=cohort.category_notifications or HEARS_OF_TOPICS,
        group=cohort.group,
    )

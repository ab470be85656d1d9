"""What lcm.yaml asks of groups and categories that exist: tags, place, the notification level of new members. Pure.

What is asked for and missing is set; what somebody added stays; what lcm.yaml does not name, or the forum did not show,
is never touched; and no category is moved out of a parent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sync_worker.membership.state import NOTIFICATIONS, TOP
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_worker.membership.state import CategoryState, GroupState
    from sync_worker.model import Cohort

SHORTEST_CUT = 20
"""Discourse cuts longer tags off at `max_tag_length`, which is 20 if nobody changed it."""
_NOT_IN_TAGS = re.compile(r"""[/?#\[\]@!$&'()*+,;=.%\\`^|{}"<>]+""")


@dataclass(frozen=True, slots=True)
class CategoryUpkeep:
    """What a category lacks: tags, and a place below the parent with the slug `parent`."""

    tags: tuple[str, ...] = ()
    parent: str | None = None

    def __bool__(self) -> bool:
        return bool(self.tags) or self.parent is not None

    @classmethod
    def of(cls, cohort: Cohort, there: CategoryState, *, over: bool) -> CategoryUpkeep:
        """Return what lcm.yaml asks for and the category lacks; nothing where the cohort is over."""
        if over:
            return cls()
        tags = lacking_tags(cohort.tags, there.tags.names) if there.tags is not None else ()
        return cls(tags, cohort.parent_category if there.parent == TOP else None)

    def staying(self) -> CategoryUpkeep:
        """Return the same without the move."""
        return replace(self, parent=None)

    def words(self) -> list[str]:
        """Return what is lacking, in words."""
        parts = [f"lacks {tags_in_words(self.tags)}"] if self.tags else []
        return [*parts, f"not below '{self.parent}'"] if self.parent is not None else parts

    def detail(self, there: CategoryState, parent: CategoryState | None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a line that sets this needs, and what takes it back."""
        after: dict[str, Any] = {}
        before: dict[str, Any] = {}
        if self.tags and there.tags is not None:
            after["tags"] = sorted({*there.tags.names, *self.tags})
            before["tags"] = sorted(there.tags.names)
            if not there.tags.restricted:  # as when a category is made: tags that are free everywhere stay so here
                after["free_tags"], before["free_tags"] = True, there.tags.free
        if self.parent is not None:
            after |= {"parent": self.parent, "parent_id": parent.id if parent else None}
            before["parent"] = None
        return after, before


def lacking_tags(wanted: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that are wanted and not there, whatever Discourse made of their names."""
    there = {clean_tag(name) for name in names}
    cut = [name for name in there if len(name) >= SHORTEST_CUT]

    def is_there(tag: str) -> bool:
        return tag in there or any(tag.startswith(name) for name in cut)

    return tuple(sorted(tag for tag in set(wanted) if not is_there(clean_tag(tag))))


def unnamed_tags(wanted: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that are there and that nobody wants, whatever Discourse made of the wanted names."""
    known = {clean_tag(name) for name in wanted}

    def is_wanted(name: str) -> bool:
        return name in known or (len(name) >= SHORTEST_CUT and any(tag.startswith(name) for tag in known))

    return tuple(sorted(name for name in names if not is_wanted(clean_tag(name))))


def clean_tag(name: str) -> str:
    """Return a tag's name as Discourse keeps it (`DiscourseTagging.clean_tag`), in lower case."""
    return re.sub(r"-+", "-", _NOT_IN_TAGS.sub("", re.sub(r"\s+", "-", fold(name)))).strip("-")


def tags_in_words(tags: Iterable[str]) -> str:
    """Return tags as a sentence has them."""
    names = list(tags)
    return f"the tag{'s' if len(names) > 1 else ''} {', '.join(names)}"


def wrong_level(cohort: Cohort, there: GroupState, *, over: bool) -> str:
    """Return in words that a group's members start with another notification level than lcm.yaml says, or nothing."""
    wanted, now = cohort.group_notifications, there.notifications
    if over or wanted is None or now is None or now == NOTIFICATIONS[wanted]:
        return ""
    words = next((word for word, number in NOTIFICATIONS.items() if number == now), "muted")
    return f"its members start with '{words}', not '{wanted}'"

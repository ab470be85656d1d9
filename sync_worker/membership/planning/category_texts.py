"""What a plan says of categories: what will be true, and for whom; and the words of a new category's topic. Pure."""

from __future__ import annotations

import re
from string import Template
from typing import TYPE_CHECKING, Any

from sync_worker.languages.parts import MEMBERSHIP
from sync_worker.membership.state import EVERYTHING, SEE, STAFF
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync_worker.membership.state import CategoryState
    from sync_worker.model import Cohort

PUBLIC = re.compile(r"everyone|trust_level_[01]")
"""Groups in which everybody with an account is, or who come without one."""
LEVELS = {EVERYTHING: "read and write in it", 2: "read it and reply", SEE: "read it and no longer write"}
HEARS_OF_TOPICS = "watching_first_post"
"""Where `category_notifications` says nothing else: members hear of each new topic, and so of each prompt."""


def is_public(permissions: Mapping[str, int]) -> bool:
    """Whether everybody may read a category with these permissions; without any, Discourse shows it to everyone."""
    return not permissions or any(PUBLIC.fullmatch(fold(name)) for name in permissions)


def closes(there: CategoryState, after: Mapping[str, int]) -> bool:
    """Whether these permissions take a category away from the public."""
    return is_public(there.permissions) and not is_public(after)


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


def furnishing(cohort: Cohort) -> dict[str, Any]:
    """Return the part of a plan's line, of a category to be made, that says how it is furnished."""
    sentences = MEMBERSHIP.of(cohort.locale)
    return {
        "about": Template(sentences.about_category).substitute(cohort=cohort.name),
        "about_title": Template(sentences.about_title).substitute(category=cohort.category),
        "notifications": cohort.category_notifications or HEARS_OF_TOPICS,
        "group": cohort.group,
    }

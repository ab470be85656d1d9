"""What a category that we made needs before people come: its own topic in the cohort's words, and who hears of topics.

Discourse begins a category's topic with advice to its administrators, in the site's language, and pins it. Our plugin
does the same for the categories that it makes, with the same words (`about_category` of its config/locales).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ForumError
from sync_worker.membership.planning.category_texts import furnishing
from sync_worker.membership.records.store import is_ours
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.forum.client import Forum
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.store import MembershipStore, Remembered
    from sync_worker.membership.state import Observed

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

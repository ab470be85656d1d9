"""Read what the forum has for each cohort, in few calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError, ForumError
from sync_worker.membership.state import Account, CategoryState, CohortState, GroupState, Observed
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category, Group
    from sync_worker.membership.provenance import Created
    from sync_worker.model import Cohort

MODERATION_SETTING = "enable_category_group_moderation"


def observe(forum: Forum, cohorts: Sequence[Cohort], created: Mapping[tuple[str, str], Created]) -> Observed:
    """Return the cohorts' groups, members and categories.

    Calls: 2, and for each cohort that exists 1 for its category and 1 a thousand members for each of its two groups; 1
    more where an LCM group does not moderate its category yet.

    Raises:
        ConfigError: a cohort's group is one of Discourse's own, or was renamed on the forum.
        ForumError: the forum could not be read in full.

    """
    groups = forum.groups()
    by_name = {fold(group.name): group for group in groups}
    categories = forum.categories()
    states: dict[str, CohortState] = {}
    for cohort in cohorts:
        states[cohort.key] = CohortState(
            group=_read_group(forum, cohort.group, by_name, created),
            lcm_group=_read_group(forum, cohort.lcm_group, by_name, created),
            category=_read_category(forum, cohort, categories, groups, created),
        )
    ids = {group.name: group.id for group in groups}
    return Observed(states, ids, _moderation_switch(forum, cohorts, states))


def read_members(forum: Forum, name: str) -> tuple[dict[int, Account], frozenset[int]]:
    """Return a group's members and owners by user id. Calls: 1 a thousand members."""
    members = [member for member in forum.members(name) if member.id > 0]
    accounts = {member.id: Account(member.id, member.username, member.name) for member in members}
    return accounts, frozenset(member.id for member in members if member.owner)


def _read_group(
    forum: Forum, name: str, by_name: Mapping[str, Group], created: Mapping[tuple[str, str], Created]
) -> GroupState | None:
    found = by_name.get(fold(name))
    if found is None:
        _refuse_renamed(name, by_name, created)
        return None
    if found.automatic:
        raise ConfigError(
            f"the group '{name}' is one of Discourse's own.", where="lcm.yaml", do="Give the cohort another group."
        )
    try:
        members, owners = read_members(forum, found.name)
    except ForumError as error:
        if error.status == 404:
            return None
        raise
    return GroupState(found.name, found.full_name, members, owners, found.id)


def _refuse_renamed(name: str, by_name: Mapping[str, Group], created: Mapping[tuple[str, str], Created]) -> None:
    ours = created.get(("group", name))
    for group in by_name.values():
        if ours and ours.forum_id == group.id:
            raise ConfigError(
                f"the group '{name}' is called '{group.name}' on the forum now.",
                where="lcm.yaml",
                do=f"Rename it back, or write 'group: {group.name}' (or lcm_group) in the cohort.",
            )


def _read_category(
    forum: Forum,
    cohort: Cohort,
    categories: Sequence[Category],
    groups: Sequence[Group],
    created: Mapping[tuple[str, str], Created],
) -> CategoryState | None:
    ours = created.get(("category", cohort.category_slug))
    listed = _find_category(cohort, categories, ours.forum_id if ours else None)
    if listed is None:
        return None
    category = forum.category(listed.id)
    names = {group.id: group.name for group in groups}
    return CategoryState(
        name=category.name,
        slug=category.slug,
        permissions=dict(category.permissions or {}),
        moderators=frozenset(names[number] for number in category.moderating_group_ids if number in names),
        id=category.id,
    )


def _find_category(cohort: Cohort, categories: Sequence[Category], remembered: int | None) -> Category | None:
    """Return the category that we made, else the one with the cohort's slug, else with its name, where it would be."""
    top = [category for category in categories if category.parent_id is None]
    parents = {category.id for category in top if fold(category.slug) == fold(cohort.parent_category or "")}
    near = [*top, *(category for category in categories if category.parent_id in parents)]
    by_id = [category for category in categories if category.id == remembered]
    by_slug = [category for category in near if fold(category.slug) == fold(cohort.category_slug)]
    by_name = [category for category in near if fold(category.name) == fold(cohort.category)]
    return next(iter(by_id + by_slug + by_name), None)


def _moderation_switch(forum: Forum, cohorts: Sequence[Cohort], states: Mapping[str, CohortState]) -> bool | None:
    for cohort in cohorts:
        category = states[cohort.key].category
        if category is None or fold(cohort.lcm_group) not in map(fold, category.moderators):
            return forum.site_settings([MODERATION_SETTING]).get(MODERATION_SETTING) == "true"
    return None

"""Read what the forum has for each cohort and around the cohorts, in few calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError, ForumError
from sync_worker.membership.observing.forum_view import CoreView
from sync_worker.membership.records.memberships import MembershipStore, is_ours
from sync_worker.membership.state import (
    TOP,
    Account,
    CategoryRights,
    CategoryState,
    CohortState,
    GroupState,
    Observed,
    Thing,
)
from sync_worker.model import fold
from sync_worker.model.rights import TRUST_LEVELS, is_own_group
from sync_worker.store.forgotten import read_forgotten

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category, Group, Member
    from sync_worker.membership.observing.forum_view import ForumView
    from sync_worker.membership.records.memberships import Created, Remembered
    from sync_worker.model import Cohort


RENAME = "Rename it back there, or give the cohort that name in lcm.yaml (group, lcm_group or alumni_group)."


def observe(
    forum: Forum, cohorts: Sequence[Cohort], created: Mapping[Thing, Created], view: ForumView | None = None
) -> Observed:
    """Return the cohorts' groups, members and categories; without a `view` everything is read, one by one.

    A cohort whose group was renamed on the forum is not looked at; `renamed` says so.

    Calls: 2, and 1 more where an LCM group does not moderate its category yet. For each cohort that exists 1 for its
    category and 1 a thousand members for each of its two groups; with the Data Explorer 2 for all cohorts; less where
    nothing changed since the last run (see `CoreView`).

    Raises:
        ConfigError: a cohort's group is one of Discourse's own.
        ForumError: the forum could not be read in full.

    """
    view = view or CoreView.plain(forum)
    groups, categories = view.listing()
    refuse_own_groups(cohorts, groups, forum.own_group_names)
    by_name = {fold(group.name): group for group in groups}
    _look(view, cohorts, by_name, categories, created)
    states: dict[str, CohortState] = {}
    renamed = {cohort.key: words for cohort in cohorts if (words := _renamed(cohort, by_name, created))}
    cohorts = [cohort for cohort in cohorts if cohort.key not in renamed]
    for cohort in cohorts:
        states[cohort.key] = CohortState(
            group=_read_group(view, cohort.group, by_name, created),
            lcm_group=_read_group(view, cohort.lcm_group, by_name, created),
            category=_read_category(view, cohort, categories, groups, created),
        )
    ids = {group.name: group.id for group in groups}
    accounts = next((group.user_count for group in groups if group.name == TRUST_LEVELS[0]), None)
    switch = _moderation_switch(view, cohorts, states)
    return Observed(states, ids, switch, account_count=accounts, all_groups=view.lists_all, renamed=renamed)


def refuse_renamed(observed: Observed) -> None:
    """Refuse to go on because a group was renamed on the forum: where no cohort is left, and for an undo.

    Raises:
        ConfigError: names the groups of one cohort.

    """
    for cohort, words in observed.renamed.items():
        raise ConfigError(words, where=f"cohort '{cohort}'", do=RENAME)


def _look(
    view: ForumView,
    cohorts: Sequence[Cohort],
    by_name: Mapping[str, Group],
    categories: Sequence[Category],
    created: Mapping[Thing, Created],
) -> None:
    names = [fold(name) for cohort in cohorts for name in (cohort.group, cohort.lcm_group)]
    listed = [_listed(cohort, categories, created) for cohort in cohorts]
    groups = [by_name[name] for name in dict.fromkeys(names) if name in by_name and not by_name[name].automatic]
    view.look(groups, [category.id for category in listed if category])


def read_members(forum: Forum, name: str) -> tuple[dict[int, Account], frozenset[int]]:
    """Return a group's members and owners by user id. Calls: 1 a thousand members."""
    members = [member for member in forum.members(name) if member.id > 0]
    accounts = {member.id: Account(member.id, member.username, member.name) for member in members}
    return accounts, frozenset(member.id for member in members if member.owner)


def _read_group(
    view: ForumView, name: str, by_name: Mapping[str, Group], created: Mapping[Thing, Created]
) -> GroupState | None:
    found = by_name.get(fold(name))
    if found is None:
        return None
    try:
        members, owners = view.members(found)
    except ForumError as error:
        if error.refused_with(404):
            return None
        raise
    ours = is_ours(created, "group", name, found.id)
    return GroupState(found.name, found.full_name, members, owners, found.id, found.notifications, ours)


def refuse_own_groups(cohorts: Sequence[Cohort], groups: Sequence[Group], site_names: Collection[str]) -> None:
    """Refuse a cohort whose group is one of Discourse's own: everyone, staff, ..., in whatever language.

    `site_names` are the folded names that this site gives to them; the list of groups hides some.

    Raises:
        ConfigError: names the group.

    """
    automatic = {fold(group.name) for group in groups if group.automatic or is_own_group(group.id, group.name)}
    for cohort in cohorts:
        for name in filter(None, (cohort.group, cohort.lcm_group, cohort.alumni_group)):
            if fold(name) in automatic or fold(name) in site_names or is_own_group(None, name):
                raise ConfigError(
                    f"the group '{name}' is one of Discourse's own.",
                    where=f"lcm.yaml, cohort '{cohort.key}'",
                    do="Give the cohort another group (group, lcm_group or alumni_group).",
                )


def _renamed(cohort: Cohort, by_name: Mapping[str, Group], created: Mapping[Thing, Created]) -> str:
    """Return what became of the cohort's groups that have another name on the forum than we gave them."""
    names = {group.id: group.name for group in by_name.values()}
    wanted = filter(None, (cohort.group, cohort.lcm_group, cohort.alumni_group))
    made = {name: ours.forum_id for name in wanted if (ours := created.get(Thing("group", name)))}
    found = [
        f"the group '{name}' is called '{names[id_]}'"
        for name, id_ in made.items()
        if id_ in names and fold(names[id_]) != fold(name)
    ]
    return f"{' and '.join(found)} on the forum now." if found else ""


def _read_category(
    view: ForumView,
    cohort: Cohort,
    categories: Sequence[Category],
    groups: Sequence[Group],
    created: Mapping[Thing, Created],
) -> CategoryState | None:
    listed = _listed(cohort, categories, created)
    if listed is None:
        return None
    rights = view.rights(listed, {group.id: group.name for group in groups})
    parent, has_below = view.place(listed)
    return replace(
        rights.of(listed.name, listed.slug, listed.id),
        parent=parent,
        tags=view.tags(listed),
        has_below=has_below,
        topics=listed.topics,
    )


def _listed(cohort: Cohort, categories: Sequence[Category], created: Mapping[Thing, Created]) -> Category | None:
    ours = created.get(Thing("category", cohort.category_slug))
    return _find_category(cohort, categories, ours.forum_id if ours else None)


def _find_category(cohort: Cohort, categories: Sequence[Category], remembered: int | None) -> Category | None:
    """Return the category that we made, else the one with the cohort's slug, else with its name, where it would be."""
    top = [category for category in categories if category.parent_id is None]
    parents = {category.id for category in top if fold(category.slug) == fold(cohort.parent_category or "")}
    near = [*top, *(category for category in categories if category.parent_id in parents)]
    by_id = [category for category in categories if category.id == remembered]
    by_slug = [category for category in near if fold(category.slug) == fold(cohort.category_slug)]
    by_name = [category for category in near if fold(category.name) == fold(cohort.category)]
    return next(iter(by_id + by_slug + by_name), None)


def _moderation_switch(view: ForumView, cohorts: Sequence[Cohort], states: Mapping[str, CohortState]) -> bool | None:
    for cohort in cohorts:
        category = states[cohort.key].category
        if category is None or fold(cohort.lcm_group) not in map(fold, category.moderators):
            return view.groups_may_moderate()
    return None


# Read what stands around the cohorts: parent categories and alumni groups, where something depends on them.


def observe_surroundings(
    forum: Forum, cohorts: Sequence[Cohort], observed: Observed, remembered: Remembered, now: datetime
) -> Observed:
    """Return what was observed, with parent categories and alumni groups.

    Calls: 1, and 1 for each parent, where a cohort's category has to be made or moved below it, or opened to a group
    again; 1 a thousand members for each alumni group of a cohort that is over, or that we once put somebody into, and
    1 more with our plugin, to find it.
    """
    slugs = dict.fromkeys(
        cohort.parent_category
        for cohort in cohorts
        if cohort.parent_category
        and _needs_parent(
            cohort, observed.cohorts[cohort.key].category, over=cohort.over_on(now.astimezone(cohort.zone).date())
        )
    )
    alumni = dict.fromkeys(
        cohort.alumni_group
        for cohort in cohorts
        if cohort.alumni_group
        and (cohort.over_on(now.astimezone(cohort.zone).date()) or remembered.ties.to(cohort.alumni_group).ours)
    )
    created = remembered.created
    if not (slugs or alumni):
        return observed
    if alumni and not observed.all_groups:
        observed = replace(observed, group_ids={group.name: group.id for group in forum.groups()}, all_groups=True)
    return replace(
        observed,
        parents=_read_parents(forum, slugs) if slugs else {},
        alumni={name: _read_alumni(forum, name, observed, created) for name in alumni},
    )


def _needs_parent(cohort: Cohort, category: CategoryState | None, *, over: bool) -> bool:
    """Whether what is done to a cohort's category depends on the parent."""
    if category is None or category.parent == TOP:
        return not over
    inside = {fold(name) for name in category.permissions}
    return not {fold(cohort.group), fold(cohort.lcm_group)} <= inside


def _read_parents(forum: Forum, slugs: Iterable[str]) -> dict[str, CategoryState | None]:
    top = {fold(category.slug): category for category in forum.categories() if category.parent_id is None}
    found: dict[str, CategoryState | None] = {}
    for slug in slugs:
        listed = top.get(fold(slug))
        whole = forum.category(listed.id) if listed else None
        found[slug] = parent_state(whole) if whole else None
    return found


def parent_state(whole: Category) -> CategoryState:
    """Return the state of a parent category; nothing depends on who moderates it."""
    return CategoryRights(whole.permissions, frozenset()).of(whole.name, whole.slug, whole.id)


def _read_alumni(forum: Forum, name: str, observed: Observed, created: Mapping[Thing, Created]) -> GroupState | None:
    spelt = {fold(group): group for group in observed.group_ids}.get(fold(name))
    if spelt is None:
        return None
    members, owners = read_members(forum, spelt)
    number = observed.group_ids[spelt]
    return GroupState(spelt, "", members, owners, number, ours=is_ours(created, "group", name, number))


# A cohort's groups as they are on the forum now: ours by their ids, whatever they are called by now.


def present_name(forum: Forum, sessions: sessionmaker[Session], cohort: Cohort, group: str) -> str | None:
    """Return what one of a cohort's groups is called on the forum, None where it is not there or not ours.

    Ours is the group with the id that a sync has written down: another one that somebody made under its name later is
    not. Of a cohort of which no sync has written down anything, neither groups nor category, the name is believed.

    Calls: none after `Forum.categories`, whose answer counts; else those of it.
    """
    memory = MembershipStore(sessions, forum.name)
    made = memory.made("group", group)
    if made is not None and made.forum_id is not None:
        return forum.group_names().get(made.forum_id)
    if made is None and memory.made("category", cohort.category_slug) is not None:
        return None
    return group


def members_of(forum: Forum, sessions: sessionmaker[Session], cohort: Cohort, group: str) -> list[Member]:
    """Return the members of one of a cohort's groups; nobody where the group is not there or not ours.

    People who asked to be forgotten are left out, though their accounts are in the group.

    Calls: as `present_name`, and those of `Forum.members`.
    """
    name = present_name(forum, sessions, cohort, group)
    if name is None:
        return []
    try:
        members = forum.members(name)
    except ForumError as error:
        if error.refused_with(404):
            return []
        raise
    with sessions() as session:
        forgotten = read_forgotten(session, forum.name)
    return [member for member in members if not forgotten.has_account(member.id)]


def recipients_now(forum: Forum, sessions: sessionmaker[Session], recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the recipients of a message with our groups by their present names, and without those that are gone.

    A group that somebody made later under the name of one of ours is no recipient.

    Calls: those of `Forum.categories` where a recipient is a group that a sync has made or adopted; else none.
    """
    memory, found = MembershipStore(sessions, forum.name), list[str]()
    names: dict[int, str] | None = None
    for recipient in recipients:
        made = memory.made("group", recipient)
        if made is None or made.forum_id is None:
            found.append(recipient)
            continue
        if names is None:
            forum.categories()
            names = dict(forum.group_names())
        if made.forum_id in names:
            found.append(names[made.forum_id])
    return tuple(found)

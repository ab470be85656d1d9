"""How members, rights and accounts are read where the forum has our plugin: exactly, in a call or two.

The digest that the plugin gives for a cohort changes with every change of its members and owners. While it is the one
of the last reading, nothing is read again; no snapshot is ever trusted on weaker grounds.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.plugin import PEOPLE_A_CALL
from sync_worker.forum.plugin_records import CohortNames, WantedPerson
from sync_worker.forum.records import Category, ForumUser, Group
from sync_worker.membership.matching.accounts import EMAIL, EXTERNAL_ID, ID, USERNAME, Directory, spellings
from sync_worker.membership.matching.lookup import Method, Wanted, look_at_each, with_email_if_anonymous
from sync_worker.membership.observing.asking import CategorySnapshot, GroupSnapshot
from sync_worker.membership.observing.forum_view import NEVER, groups_may_moderate, rights_of, snapshot_of
from sync_worker.membership.observing.plugin_facts import tell_facts
from sync_worker.membership.state import Account, CategoryRights, TagRules
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import LookupSettings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import FoundPerson, MembersSeen, PluginCategory, PluginCohort, PluginMember
    from sync_worker.membership.matching.abilities import Abilities
    from sync_worker.membership.observing.asking import Snapshots
    from sync_worker.model import Cohort

Identifier = tuple[str, str]
LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class PluginView:
    """Reads through the plugin.

    `snapshots` are those of earlier runs, `declared` the cohorts that the plugin knows, as they stood when the run
    began. `asking` are identifiers that are looked up by the way, with the first call that looks at members;
    `directory` is what came of it. `undeclared` are cohorts that were not reported to the plugin yet, `by_core` groups
    that have the names of declared ones which are gone.
    """

    forum: Forum
    abilities: Abilities
    now: datetime
    snapshots: Snapshots
    plugin: Plugin
    cohorts: Sequence[Cohort]
    declared: dict[str, PluginCohort]
    groups: dict[str, GroupSnapshot] = field(default_factory=dict)
    categories: dict[int, CategorySnapshot] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    stale_categories: set[int] = field(default_factory=set)
    asking: Wanted = field(default_factory=Wanted)
    directory: Directory = field(default_factory=lambda: Directory(whole=frozenset()))
    undeclared: set[str] = field(default_factory=set)
    by_core: set[int] = field(default_factory=set)
    _states: dict[str, PluginCohort] = field(default_factory=dict)
    _listing: tuple[list[Group], list[Category]] | None = None

    @property
    def lists_all(self) -> bool:
        """Whether `listing` has every group and category of the forum: it has the cohorts'."""
        return False

    def listing(self) -> tuple[list[Group], list[Category]]:
        """Return the cohorts' groups and categories.

        Calls: 1 for each cohort that was never declared; 1 where a group that the plugin knew is gone.
        """
        if self._listing is None:
            for cohort in self.cohorts:
                state = self.declared.get(cohort.key)
                if state is None:
                    self.undeclared.add(cohort.key)
                    self._look_at(cohort, CohortNames(cohort.group, cohort.lcm_group, cohort.category_slug))
                else:
                    self._states[cohort.key] = state
            states = self._states.values()
            groups = [group for state in states for group in (state.group, state.lcm_group) if group]
            self._listing = (
                [
                    Group(group.id, group.name, "", group.user_count, notifications=group.notifications)
                    for group in groups
                ],
                [_category(state) for state in states if state.category],
            )
            self._listing[0].extend(self._successors())
        return self._listing

    def _successors(self) -> list[Group]:
        """Return groups that were made anew under the names of declared ones. Calls: 1 where one of these is gone."""
        lost: set[str] = set()
        for cohort in self.cohorts:
            state = self._states[cohort.key]
            if cohort.key not in self.undeclared:
                lost |= {fold(cohort.group)} if state.group is None else set()
                lost |= {fold(cohort.lcm_group)} if state.lcm_group is None else set()
        found = [group for group in self.forum.groups() if fold(group.name) in lost] if lost else []
        self.by_core = {group.id for group in found}
        return found

    def bring_up_to_date(self) -> None:
        """Let the forum show of each cohort what is declared. Calls: 1 for each cohort that it shows otherwise.

        A refusal is logged, and stops nothing: who is in the cohort does not depend on it.
        """
        for cohort in self.cohorts:
            state = self._states.get(cohort.key)
            if state is None or cohort.key in self.undeclared:
                continue
            try:
                self._states[cohort.key] = tell_facts(self.plugin, cohort, state)
            except ForumError as error:
                if error.unreachable:
                    raise
                LOG.warning("the forum shows %s as it was declared before: %s", cohort.key, error)

    def groups_may_moderate(self) -> bool:
        """Whether groups may moderate categories; a category that is not there yet is left to the plugin.

        Calls: 1 where a category has no moderators, else none.
        """
        lacking = [state for state in self._states.values() if state.category and not state.category.moderated]
        return groups_may_moderate(self.forum, self.abilities, self.now) if lacking else True

    def look(self, groups: Sequence[Group], categories: Collection[int]) -> None:
        """Read the members of cohorts whose digest is another than at the last reading. Calls: 1 for each of these."""
        del groups, categories
        for cohort in self.cohorts:
            state = self._states[cohort.key]
            names = [group.name for group in (state.group, state.lcm_group) if group]
            if all(name in self.groups for name in names):
                continue
            kept = [self.snapshots.groups.get(name) for name in names]
            if all(snapshot is not None and snapshot.mark == state.digest for snapshot in kept):
                self.groups |= {snapshot.name: snapshot for snapshot in kept if snapshot}
            else:
                self._look_at(cohort, None)

    def members(self, group: Group) -> tuple[Mapping[int, Account], frozenset[int]]:
        """Return a group's members and owners by user id. Calls: none, but for a group unknown to the plugin."""
        if group.id in self.by_core and group.name not in self.groups:
            self.groups[group.name] = snapshot_of(group, self.forum.members(group.name), NEVER, self.now)
        seen = self.groups[group.name]
        return seen.members, seen.owners

    def rights(self, listed: Category, names: Mapping[int, str]) -> CategoryRights:
        """Return a category's permissions, and the groups that moderate it. Calls: none."""
        moderators = rights_of(listed, names).moderators or frozenset()
        permissions = dict(listed.permissions or {})
        self.categories[listed.id] = CategorySnapshot(listed.id, permissions, moderators, self.now)
        return CategoryRights(permissions, moderators)

    def place(self, listed: Category) -> tuple[str | None, bool]:
        """Return the slug of the category above a cohort's own, and whether there are some below it. Calls: none."""
        category = self._plugin_category(listed)
        return category.parent_slug, category.has_below

    def tags(self, listed: Category) -> TagRules | None:
        """Return which tags may be used in a cohort's category, None where the plugin does not tell. Calls: none."""
        told = self._plugin_category(listed).tags
        return TagRules(frozenset(told.names), told.restricted, told.free) if told else None

    def _plugin_category(self, listed: Category) -> PluginCategory:
        categories = (state.category for state in self._states.values())
        return next(category for category in categories if category and category.id == listed.id)

    def again(self, groups: Collection[str], categories: Collection[int]) -> bool:
        """Return that nothing has to be read again: the digest is exact."""
        del groups, categories
        return False

    def mark_after(self, seen: GroupSnapshot, *, changed: bool) -> str:
        """Return the digest of the group's cohort as it is now. Calls: none; the change itself has told it."""
        del changed
        for state in self._states.values():
            if seen.name in {group.name for group in (state.group, state.lcm_group) if group}:
                return state.digest
        return NEVER

    def changed(self, state: PluginCohort) -> None:
        """Take in how a cohort stands after it was declared or its members were changed."""
        self._states[state.key] = state

    def digest_is(self, key: str, digest: str) -> None:
        """Take in a cohort's new digest."""
        self._states[key] = replace(self._states[key], digest=digest)

    def state(self, key: str) -> PluginCohort:
        """Return how a cohort stands, as far as this run knows."""
        return self._states[key]

    def look_up(self, wanted: Wanted) -> Directory:
        """Return what the forum knows about the identifiers.

        Calls: 1 for 20,000 that were not asked for before, and 1 for each remembered account with an anonymous name.
        """
        left = _without(wanted, self.directory)
        people = list(_asked(left))
        key = next(iter(self._states))
        for start in range(0, len(people), PEOPLE_A_CALL):
            seen = self.plugin.look(key, people[start : start + PEOPLE_A_CALL], named=self._names(key))
            _take(self.directory, people[start : start + PEOPLE_A_CALL], seen)
        for number in left.ids & self.directory.by_id.keys():
            if user := with_email_if_anonymous(self.forum, self.directory.by_id[number]):
                self.directory.add(user)
        return self.directory

    def _look_at(self, cohort: Cohort, named: CohortNames | None) -> None:
        people = list(_asked(_without(self.asking, self.directory)))[:PEOPLE_A_CALL]
        seen = self.plugin.look(cohort.key, people, named=named)
        _take(self.directory, people, seen)
        state = seen.cohort
        if state is None:
            raise AssertionError("a look without a digest tells the cohort")
        self._states[cohort.key] = state
        for group, members in ((state.group, seen.members), (state.lcm_group, seen.lcm_members)):
            if group:
                self.groups[group.name] = GroupSnapshot(
                    name=group.name,
                    group_id=group.id,
                    count=group.user_count,
                    mark=state.digest,
                    members=_accounts(members),
                    owners=frozenset(member.id for member in members if member.owner),
                    read_at=self.now,
                )

    def _names(self, key: str) -> CohortNames | None:
        if key not in self.undeclared:
            return None
        cohort = next(cohort for cohort in self.cohorts if cohort.key == key)
        return CohortNames(cohort.group, cohort.lcm_group, cohort.category_slug)


@dataclass(slots=True)
class PluginLookup:
    """Looks accounts up through the plugin: one method, and the cheapest there is."""

    abilities: Abilities
    options: LookupSettings
    accounts: int | None
    now: datetime
    view: PluginView

    @property
    def provider(self) -> str:
        """The log-in provider whose ids are looked up: the plugin asks DiscourseConnect's records."""
        return self.options.external_ids

    @property
    def tells_everything(self) -> bool:
        """Whether one call answers about every kind of identifier: it does."""
        return True

    def calls(self, method: Method, wanted: Wanted) -> int | None:
        """Return how many calls the plugin takes; None for every other method."""
        return self.least(wanted) if method is Method.PLUGIN else None

    def best(self, wanted: Wanted) -> tuple[Method, int]:
        """Return the method and its calls. Calls: none."""
        return Method.PLUGIN, self.least(wanted)

    def least(self, wanted: Wanted) -> int:
        """Return how many calls looking up takes. Calls: none."""
        return ceil(len(list(_asked(wanted))) / PEOPLE_A_CALL)

    def most(self, wanted: Wanted) -> int:
        """Return how many calls looking up takes. Calls: none."""
        return self.least(wanted)

    def look_up(self, wanted: Wanted) -> Directory:
        """Return what the forum knows about the identifiers. Calls: 1 for 20,000; none where nothing is wanted."""
        return self.view.look_up(wanted) if wanted else Directory(whole=frozenset())

    def look_at(self, directory: Directory, accounts: Collection[int]) -> None:
        """Find out which ids accounts have at the log-in provider. Calls: none where the plugin told; else 1 each."""
        look_at_each(self.view.forum, directory, accounts, self.provider, self.options.singly)


def _asked(wanted: Wanted) -> Iterable[WantedPerson]:
    """Return a question for each identifier, and for each spelling of an address; its reference says which."""
    for email in sorted({spelling for each in wanted.emails for spelling in spellings(each)}):
        yield WantedPerson(f"{EMAIL}:{email}", email=email)
    for username in sorted(wanted.usernames):
        yield WantedPerson(f"{USERNAME}:{username}", username=username.strip())
    for external_id in sorted(wanted.external_ids):
        yield WantedPerson(f"{EXTERNAL_ID}:{external_id}", external_id=external_id.strip())
    for number in sorted(wanted.ids):
        yield WantedPerson(f"{ID}:{number}", user_id=number)


def _without(wanted: Wanted, directory: Directory) -> Wanted:
    """Return what the directory cannot answer yet."""
    return Wanted(
        frozenset(each for each in wanted.emails if not directory.knows(EMAIL, each)),
        frozenset(each for each in wanted.usernames if not directory.knows(USERNAME, each)),
        frozenset(each for each in wanted.external_ids if not directory.knows(EXTERNAL_ID, each)),
        frozenset(number for number in wanted.ids if not directory.knows(ID, str(number))),
    )


def _take(directory: Directory, asked: Iterable[WantedPerson], seen: MembersSeen) -> None:
    """Enter what came of questions."""
    for question in asked:
        kind, _, value = question.ref.partition(":")
        directory.ask(kind, value)
    answers = {ref: (found,) for ref, found in seen.found.items()} | dict(seen.ambiguous)
    for ref, found in answers.items():
        kind, _, value = ref.partition(":")
        for one in found:
            directory.add(_user(one))
            if one.account.created_at is not None:  # a plugin that tells this tells the external id as well
                directory.note_external_id(one.account.id, one.account.external_id)
            if kind != ID:
                directory.enter(kind, value, one.account.id)


def _user(found: FoundPerson) -> ForumUser:
    account = found.account
    return ForumUser(
        id=account.id,
        username=account.username,
        name=account.name,
        email=None,
        active=account.standing != "inactive",
        staged=account.standing == "staged",
        suspended=account.standing == "suspended",
        silenced=account.standing == "silenced",
        created_at=account.created_at,
        external_id=account.external_id,
    )


def _accounts(members: Iterable[PluginMember]) -> dict[int, Account]:
    return {member.id: Account(member.id, member.username, member.name) for member in members}


def _category(state: PluginCohort) -> Category:
    category = state.category
    if category is None:
        raise AssertionError("only cohorts with a category are asked")
    moderators = (state.lcm_group.id,) if category.moderated and state.lcm_group else ()
    return Category(
        id=category.id,
        name=category.name,
        slug=category.slug,
        parent_id=None,
        read_restricted=True,
        permissions=dict(category.permissions),
        moderating_group_ids=moderators,
    )

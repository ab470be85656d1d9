"""What a sync uses of a forum, chosen once (every forum's or our plugin's), and by one sync or undo at a time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sync_worker.errors import BusyError
from sync_worker.membership.applying.plugin import PluginApplier, report_unchanged
from sync_worker.membership.matching.abilities import Abilities, AbilityStore, probe
from sync_worker.membership.matching.lookup import CoreLookup, Wanted
from sync_worker.membership.observing.asking import SnapshotStore
from sync_worker.membership.observing.forum_view import CoreView
from sync_worker.membership.observing.plugin_view import PluginLookup, PluginView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.config.settings import LookupSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import PluginCohort
    from sync_worker.membership.applying.apply import Applier
    from sync_worker.membership.applying.plugin import Declarable
    from sync_worker.membership.matching.lookup import AccountLookup
    from sync_worker.membership.observing.forum_view import ForumView
    from sync_worker.membership.records.journal import ApplyReport
    from sync_worker.model import Cohort, Person, Plan
    from sync_worker.store.database import Store


class ChangeWriter(Protocol):
    """Carries a plan out."""

    @property
    def report(self) -> ApplyReport:
        """What became of the lines so far."""
        ...

    def carry_out(self, plan: Plan) -> None:
        """Do every effective line."""
        ...


class ForumAccess(Protocol):
    """How one sync reads a forum, looks accounts up and carries changes out."""

    @property
    def view(self) -> ForumView:
        """What reads groups and categories."""
        ...

    @property
    def abilities(self) -> Abilities:
        """What the forum can do, as far as was known when the run began."""
        ...

    @property
    def keeps_old_members(self) -> bool:
        """Whether what `view` says of the members of a group that did not change may be older than this run."""
        ...

    def ask_by_the_way(self, people: Iterable[Person], order: Collection[str]) -> None:
        """Have these people looked up with the first call that reads members, where that is possible."""
        ...

    def lookup(self, abilities: Abilities, accounts: int | None) -> AccountLookup:
        """Return what looks accounts up; `accounts` is how many the forum has, None where that is not known."""
        ...

    def report_unchanged(self, declarable: Callable[[], Declarable], changing: Collection[str]) -> None:
        """Report cohorts in which nothing changes where they are not known yet. Calls: 1 for each of them."""
        ...

    def writer(self, core: Applier, declarable: Callable[[], Declarable]) -> ChangeWriter:
        """Return what carries a plan out; `core` does it without the plugin."""
        ...


@dataclass(frozen=True, slots=True)
class CoreAccess:
    """What every forum offers."""

    view: CoreView
    abilities: Abilities
    options: LookupSettings
    now: datetime

    @property
    def keeps_old_members(self) -> bool:
        """Whether members may be older than this run: a group that a plan changes is read again first."""
        return False

    def ask_by_the_way(self, people: Iterable[Person], order: Collection[str]) -> None:
        """Do nothing: there is no such call."""

    def lookup(self, abilities: Abilities, accounts: int | None) -> CoreLookup:
        """Return what looks accounts up."""
        return CoreLookup(self.view.forum, abilities, self.options, accounts, self.now)

    def report_unchanged(self, declarable: Callable[[], Declarable], changing: Collection[str]) -> None:
        """Do nothing: nobody has to know."""

    def writer(self, core: Applier, declarable: Callable[[], Declarable]) -> Applier:
        """Return what carries a plan out."""
        del declarable
        return core


@dataclass(frozen=True, slots=True)
class PluginAccess:
    """What our plugin offers."""

    view: PluginView
    abilities: Abilities
    options: LookupSettings
    now: datetime

    @property
    def keeps_old_members(self) -> bool:
        """Whether members may be older than this run: the digest does not change where somebody is renamed."""
        return True

    def ask_by_the_way(self, people: Iterable[Person], order: Collection[str]) -> None:
        """Have these people looked up with the first call that looks at members."""
        self.view.asking = Wanted.of(people, order)

    def lookup(self, abilities: Abilities, accounts: int | None) -> PluginLookup:
        """Return what looks accounts up."""
        return PluginLookup(abilities, self.options, accounts, self.now, self.view)

    def report_unchanged(self, declarable: Callable[[], Declarable], changing: Collection[str]) -> None:
        """Report cohorts in which nothing changes where the plugin does not know them. Calls: 1 for each of them."""
        if self.view.undeclared:
            report_unchanged(self.view, declarable(), changing, self.now)

    def writer(self, core: Applier, declarable: Callable[[], Declarable]) -> PluginApplier:
        """Return what carries a plan out."""
        return PluginApplier(core, self.view, declarable())


def open_access(
    settings: Settings, forum: Forum, sessions: sessionmaker[Session], cohorts: Sequence[Cohort], now: datetime
) -> ForumAccess:
    """Return how this run reads and changes the forum. Calls: 1 for the plugin; as `probe` without it, once a day."""
    options = settings.lookup
    abilities = AbilityStore(sessions, forum.name).read(now)
    groups = [name for cohort in cohorts for name in (cohort.group, cohort.lcm_group)]
    snapshots = SnapshotStore(sessions, forum.name).read(groups)
    if found := _plugin(forum, options, abilities):
        plugin, states = found
        abilities = abilities or Abilities(now, plugin=True)
        declared = {state.key: state for state in states}
        view = PluginView(forum, abilities, now, snapshots, plugin, cohorts, declared)
        return PluginAccess(view, abilities, options, now)
    if abilities is None or abilities.plugin:
        abilities = probe(forum, now, explorer="explorer" in options.rungs)
    return CoreAccess(CoreView(forum, abilities, options, now, snapshots), abilities, options, now)


def open_plain_access(
    settings: Settings, forum: Forum, sessions: sessionmaker[Session], now: datetime, *, looking: bool
) -> CoreAccess:
    """Return what reads everything in full, without our plugin.

    Calls: none, or, where people are to be looked up (`looking`) and it was not tried today, as `probe`.
    """
    abilities = AbilityStore(sessions, forum.name).read(now)
    if looking and (abilities is None or abilities.plugin):
        abilities = probe(forum, now, explorer="explorer" in settings.lookup.rungs)
    return CoreAccess(CoreView.plain(forum), abilities or Abilities(now), settings.lookup, now)


def _plugin(
    forum: Forum, options: LookupSettings, abilities: Abilities | None
) -> tuple[Plugin, list[PluginCohort]] | None:
    """Return the forum's plugin and the cohorts that it knows, where it may be used; it is looked for once a day.

    Calls: 1, or 0 where it was not there today.
    """
    if not options.takes_plugin or not (abilities is None or abilities.plugin):
        return None
    return forum.plugin_cohorts()


# One sync or undo of a forum at a time, in whatever process it runs.


@contextmanager
def one_at_a_time(forum: Forum, store: Store) -> Iterator[None]:
    """Hold the forum's lock for syncs while the block runs.

    Raises:
        BusyError: another sync or undo of this forum holds it.

    """
    with store.exclusive(f"sync:{forum.name}") as held:
        if not held:
            what = "another sync of this forum is under way."
            raise BusyError(what, where=forum.name, do="Try again when it is done.")
        yield

"""A sync that is planned: all that it was made from, and what of it is written down before and after it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.membership.applying.plugin import Declarable
from sync_worker.membership.matching.abilities import AbilityStore
from sync_worker.membership.matching.accounts import Match
from sync_worker.membership.observing.asking import SnapshotStore, UnfoundStore
from sync_worker.membership.observing.forum_view import Aftermath
from sync_worker.membership.observing.unseen import UnseenStore
from sync_worker.membership.planning.build import settle
from sync_worker.membership.planning.upkeep import Scene
from sync_worker.membership.records.journal import Journal
from sync_worker.membership.records.memberships import MembershipStore, is_ours
from sync_worker.membership.records.ties import State, Tie, TieKey, TieRecord
from sync_worker.membership.state import Thing
from sync_worker.model import Change, ChangeKind
from sync_worker.model.details import ABSENT, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.config.settings import InvitationSettings, LimitSettings
    from sync_worker.membership.access import ForumAccess
    from sync_worker.membership.matching.accounts import NoMatch
    from sync_worker.membership.observing.match import Matched
    from sync_worker.membership.observing.unseen import Unseen
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.planning.roster_guard import RosterGuard
    from sync_worker.membership.records.journal import ApplyReport
    from sync_worker.membership.records.memberships import Remembered
    from sync_worker.membership.state import CategoryState, GroupState, Observed
    from sync_worker.model import Cohort, Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with all that it was made from; nothing has been written.

    `access` is how the forum is read and changed, `unseen` what is known of people added by e-mail or invited.
    `left_out` are lines of cohorts left out. `recent` is what runs did in the day before, which counts with what the
    plan does. `told_more` are ties of people of whom the roster says something that it did not when they were added.
    """

    plan: Plan
    desired: tuple[Desired, ...]
    observed: Observed
    remembered: Remembered
    rosters: RosterGuard
    limits: LimitSettings
    access: ForumAccess
    matched: Matched
    unseen: Unseen
    invitations: InvitationSettings
    left_out: tuple[Change, ...] = ()
    recent: tuple[Change, ...] = ()
    told_more: Mapping[TieKey, TieRecord] = field(default_factory=dict)

    @property
    def who(self) -> Mapping[str, Match | NoMatch]:
        """Each person's account by person key, or why there is none."""
        return self.matched.who

    @property
    def strangers(self) -> dict[str, int]:
        """How many people new to it the roster brings into each cohort that is under way; see `RosterGuard`."""
        return self.rosters.strangers({one.cohort.key: self._inside(one.cohort) for one in self.desired})

    def _inside(self, cohort: Cohort) -> set[str]:
        """Return the keys of the roster's new people who are in the cohort's group already."""
        group = self.observed.cohorts[cohort.key].group
        members = group.members if group else {}
        new = self.rosters.comparisons[cohort.key].newcomers
        return {key for key in new if isinstance(match := self.who.get(key), Match) and match.account.id in members}

    @property
    def scene(self) -> Scene:
        """What was observed of the plan's cohorts, by names."""
        return Scene.of([one.cohort for one in self.desired], self.observed)


def accept_rosters(prepared: Prepared, memory: MembershipStore, now: datetime) -> None:
    """Remember what the roster had: it passed the guards, or a person accepted it."""
    accepted = prepared.rosters.accepted([one.cohort.key for one in prepared.desired], prepared.strangers)
    memory.write_accepted(prepared.rosters.rosters, accepted, now)


def declarable(prepared: Prepared) -> Declarable:
    """Return which cohorts may be reported to the plugin."""
    cohorts = {one.cohort.key: one.cohort for one in prepared.desired}
    shut = frozenset() if "adopt" in prepared.limits.allow else frozenset(_of_others(prepared))
    return Declarable(cohorts, shut, frozenset(_own_categories(prepared)))


def _own_categories(prepared: Prepared) -> Iterator[str]:
    """Yield the slugs of the cohorts whose category is ours, by its id."""
    for one in prepared.desired:
        slug, category = one.cohort.category_slug, prepared.observed.cohorts[one.cohort.key].category
        if category and is_ours(prepared.remembered.created, "category", slug, category.id):
            yield slug


def _of_others(prepared: Prepared) -> Iterator[str]:
    """Yield the cohorts of which a group or the category is somebody else's."""
    created = prepared.remembered.created
    for one in prepared.desired:
        seen, slug = prepared.observed.cohorts[one.cohort.key], one.cohort.category_slug
        category = seen.category
        if seen.has_groups_of_others or (category and not is_ours(created, "category", slug, category.id)):
            yield one.cohort.key


def keep_findings(
    prepared: Prepared,
    books: Books,
    report: ApplyReport,
    ids: tuple[Mapping[str, int], Mapping[str, int]],
    now: datetime,
) -> None:
    """Keep what was found out about the forum for the next run; `ids` as of `made_ids`. Calls: as `Aftermath.keep`."""
    books.findings.write(prepared.matched)
    after = Aftermath(prepared.access.view, prepared.matched.accounts, now)
    after.keep(books.findings.snapshots, prepared.plan, report, *ids)


def made_ids(prepared: Prepared, memory: MembershipStore) -> tuple[dict[str, int], dict[str, int]]:
    """Return the ids of the cohorts' groups by name and categories by slug, of those that were just made as well."""
    created = {key: made.forum_id for key, made in memory.read().created.items() if made.forum_id is not None}
    names = [name for one in prepared.desired for name in (one.cohort.group, one.cohort.lcm_group)]
    groups = {name: prepared.observed.group_ids.get(name) or created.get(Thing("group", name)) for name in names}
    categories = {name: number for (kind, name), number in created.items() if kind == "category"}
    return {name: number for name, number in groups.items() if number is not None}, categories


# What a run writes down in the store before it changes anything on the forum.


def write_first_notes(prepared: Prepared, books: Books, run: str, now: datetime) -> None:
    """Remember who is who, where ties stand, who waits for removal, and what killed runs had done."""
    memory = books.memory
    memory.write_ties(prepared.told_more, run, now)  # before what tells the next run that this is known
    memory.remember_people({key: match for key, match in prepared.who.items() if isinstance(match, Match)}, now)
    books.journal.settle_open(prepared.scene.shows, now)
    for kind, name, number in _made_unrecorded(prepared):
        adopted = prepared.remembered.created[Thing(kind, name)].adopted
        memory.write_created(kind, name, number, run, now, adopted=adopted)
    books.unseen.write_down(prepared.unseen, prepared.who, prepared.observed, memory, run, now)
    ties = settle(prepared.desired, prepared.observed, prepared.remembered.ties)
    memory.write_ties(ties | dict(map(mark_of, prepared.plan.of(ChangeKind.GRACE))), run, now)


def mark_of(line: Change) -> tuple[TieKey, TieRecord]:
    """Return what is written down about a person who waits for removal or demotion."""
    mark = line.detail
    assert isinstance(mark, Mark)  # noqa: S101 - a line of this kind has one
    record = TieRecord(
        State.MARKED, line.username or "", mark.key, line.cohort, mark.digests, mark.since, mark.clean_runs
    )
    tie = Tie.MEMBER if mark.tie is ABSENT else Tie(mark.tie)
    return TieKey(line.target, line.user_id or 0, tie), record


def _made_unrecorded(prepared: Prepared) -> Iterator[tuple[str, str, int]]:
    """Yield what an earlier run was making when it was killed and the forum has: kind, name, id."""
    for one in prepared.desired:
        there = prepared.observed.cohorts[one.cohort.key]
        pairs: tuple[tuple[str, str, GroupState | CategoryState | None], ...] = (
            ("group", one.cohort.group, there.group),
            ("group", one.cohort.lcm_group, there.lcm_group),
            ("category", one.cohort.category_slug, there.category),
        )
        alumni = one.cohort.alumni_group
        if alumni:
            pairs = (*pairs, ("group", alumni, prepared.observed.alumni.get(alumni)))
        for kind, name, found in pairs:
            ours = prepared.remembered.created.get(Thing(kind, name))
            if ours and ours.forum_id is None and found and found.id is not None:
                yield kind, name, found.id


@dataclass(frozen=True, slots=True)
class FindingStore:
    """Keeps what a run found out about one forum, so that the next one makes fewer calls."""

    sessions: sessionmaker[Session]
    forum: str

    @property
    def snapshots(self) -> SnapshotStore:
        """Where groups and categories are kept as they were read."""
        return SnapshotStore(self.sessions, self.forum)

    def write(self, matched: Matched) -> None:
        """Keep what the forum can do, and whom it does not have."""
        AbilityStore(self.sessions, self.forum).write(matched.abilities)
        UnfoundStore(self.sessions, self.forum).write(matched.found.unfound)


@dataclass(frozen=True, slots=True)
class Books:
    """All that one run writes into."""

    memory: MembershipStore
    journal: Journal
    unseen: UnseenStore
    findings: FindingStore

    @classmethod
    def of(cls, sessions: sessionmaker[Session], forum: str) -> Books:
        """Return the books about one forum."""
        return cls(
            MembershipStore(sessions, forum),
            Journal(sessions, forum),
            UnseenStore(sessions, forum),
            FindingStore(sessions, forum),
        )

"""Wanted against observed -> a plan, for cohorts that run and for those that have ended. Pure.

Groups are compared as sets of numbers; a line is made only for what changes or needs an explanation. People who
stay as they are are counted, and listed one by one only when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.membership.planning.alumni import AlumniPlanner, settle_alumni
from sync_worker.membership.planning.categories import CategoryPlanner
from sync_worker.membership.planning.groups import GroupPlan
from sync_worker.membership.planning.people import PeoplePlanner
from sync_worker.membership.records.memberships import Tie, TieKey, settle_ties
from sync_worker.membership.state import Account
from sync_worker.model import Change, ChangeKind, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.planning.desired import Desired, WantedGroup
    from sync_worker.membership.records.memberships import TieBook, TieRecord
    from sync_worker.membership.records.store import Remembered
    from sync_worker.membership.state import GroupState, Observed
    from sync_worker.model import RejectedRow, Steady


NAMED_ONLY = PeoplePlanner()


def build_plan(
    desired: Sequence[Desired],
    observed: Observed,
    remembered: Remembered,
    limits: LimitSettings,
    rejected: Sequence[RejectedRow] = (),
    *,
    now: datetime,
    people: PeoplePlanner = NAMED_ONLY,
) -> Plan:
    """Return the plan for the given cohorts; the same arguments give the same plan, line by line."""
    lines: list[Change] = []
    steady: list[Steady] = []
    categories = CategoryPlanner(observed, remembered.created, limits.allow)
    alumni = AlumniPlanner(observed, remembered.ties, limits, now, set())
    for one in desired:
        groups = list(_group_plans(one, observed, remembered, limits, now))
        for group in groups:
            lines.extend(group.creation())
        lines.extend(categories.lines(one))
        if one.held:
            lines.append(Change(ChangeKind.KEPT, one.cohort.key, one.cohort.category, one.held))
        for group in groups:
            lines.extend(line for line in group.joining() if not people.speaks_for(line))
            lines.extend(line for line in group.leaving() if not people.speaks_for(line))
            steady.append(group.steady())
        lines.extend(alumni.lines(one, groups[0].stayed))
        lines.extend(people.lines(one))
    lines.extend(people.closing(desired, observed))
    return Plan(tuple(lines), tuple(rejected), tuple(group for group in steady if group.count))


def settle(desired: Sequence[Desired], observed: Observed, ties: TieBook) -> dict[TieKey, TieRecord]:
    """Return the ties to the cohorts' groups that stand otherwise now that the forum has been looked at."""
    changed: dict[TieKey, TieRecord] = {}
    for one in desired:
        for wanted, there in _groups(one, observed):
            for tie in Tie:
                found = _settle_group(one, wanted, there, ties, tie)
                changed.update({TieKey(wanted.name, number, tie): record for number, record in found.items()})
    over = {one.cohort.key for one in desired if one.over}
    for name, there in observed.alumni.items():
        found = settle_alumni(ties.to(name), there, over)
        changed.update({TieKey(name, number): record for number, record in found.items()})
    return changed


def _settle_group(
    one: Desired, wanted: WantedGroup, there: GroupState | None, ties: TieBook, tie: Tie
) -> dict[int, TieRecord]:
    of_tie = ties.to(wanted.name, tie)
    if there and not there.ours:
        there = None  # the group in which these people were is gone: nobody has left it, and nobody of this one is ours
    if tie is Tie.OWNER:
        return settle_ties(of_tie, there.owners if there else None, wanted.owners, lambda _: True)

    def dismissed(number: int) -> bool:
        record = of_tie.records[number]
        return number in one.wanted or one.dismissal(Account(number, record.username)).dismissed

    return settle_ties(of_tie, there.members.keys() if there else None, wanted.members, dismissed)


def _group_plans(
    one: Desired, observed: Observed, remembered: Remembered, limits: LimitSettings, now: datetime
) -> Iterator[GroupPlan]:
    ties = remembered.ties
    for wanted, there in _groups(one, observed):
        made = ("group", wanted.name) in remembered.created
        settled = [ties.to(wanted.name, tie).plus(_settle_group(one, wanted, there, ties, tie)) for tie in Tie]
        yield GroupPlan(one, wanted, there, made, settled[0], settled[1], limits, now)


def _groups(one: Desired, observed: Observed) -> tuple[tuple[WantedGroup, GroupState | None], ...]:
    seen = observed.cohorts[one.cohort.key]
    return (one.group, seen.group), (one.lcm_group, seen.lcm_group)

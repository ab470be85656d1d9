"""Wanted against observed -> a plan, for cohorts that run and for those that have ended. Pure.

Groups are compared as sets of numbers; a line is made only for what changes or needs an explanation. People who
stay as they are are counted, and listed one by one only when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.membership.planning.categories import CategoryPlanner
from sync_worker.membership.planning.groups import (
    LEFT_BY_THEMSELVES,
    NOT_SWITCHED_ON,
    PROTECTED,
    GroupPlan,
    Leaving,
    protected,
)
from sync_worker.membership.planning.people import PeoplePlanner
from sync_worker.membership.records.memberships import State, Tie, TieKey, settle_ties
from sync_worker.membership.state import Account
from sync_worker.model import Change, ChangeKind, Plan, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime
    from typing import Any

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.planning.desired import Desired, WantedGroup
    from sync_worker.membership.records.memberships import TieBook, TieRecord, Ties
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
        lines.extend(alumni.lines(one, groups[0]))
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


# The end of a cohort: its learners join the alumni group, and leave it when the dates change back. Pure.


def settle_alumni(ties: Ties, there: GroupState | None, over: AbstractSet[str]) -> dict[int, TieRecord]:
    """Return the ties to an alumni group that changed; the people whom the cohorts in `over` put there are wanted."""
    if there and not there.ours:
        there = None  # another group of that name: those whom we put into ours have not left it
    wanted = {number for number in ties.open if (record := ties.get(number)) and record.cohort in over}
    return settle_ties(ties, there.members.keys() if there else None, wanted, lambda _: False)


@dataclass(frozen=True, slots=True)
class AlumniPlanner:
    """Makes the lines of one cohort after another.

    `seen` holds what earlier lines do, as group and account (0 for the group itself): cohorts may share the group.
    """

    observed: Observed
    ties: TieBook
    limits: LimitSettings
    now: datetime
    seen: set[tuple[str, int]]

    def lines(self, one: Desired, group: GroupPlan) -> Iterator[Change]:
        """Yield what happens in the cohort's alumni group; `group` is the plan of the cohort's own, joining done."""
        name = one.cohort.alumni_group
        if name is None or name not in self.observed.alumni:
            return
        there = self.observed.alumni[name]
        ties = self.ties.to(name)
        over = {one.cohort.key} if one.over else set()
        settled = ties.plus(settle_alumni(ties, there, over))
        if one.over:
            yield from self._arrivals(one, name, settled, group)
        elif there and there.ours:
            yield from self._returns(one, there, settled)

    def _arrivals(self, one: Desired, name: str, settled: Ties, group: GroupPlan) -> Iterator[Change]:
        members, there = self._alumni(one, group), self.observed.alumni[name]
        if not members:
            return
        if (there is None or not there.ours) and (name, 0) not in self.seen:
            self.seen.add((name, 0))
            yield self._adoption(one, there) if there else self._creation(one, name)
        for account in sorted(members.values(), key=lambda each: (fold(each.username), each.id)):
            if not (there and account.id in there.members) and (name, account.id) not in self.seen:
                self.seen.add((name, account.id))
                yield from self._arrival(one, name, account, settled.state(account.id))

    def _alumni(self, one: Desired, group: GroupPlan) -> dict[int, Account]:
        """Return the learners whom we added to the cohort's group and who stayed to its end."""
        members = group.there.members if group.there else {}
        ours = group.members.ours & members.keys()
        stayed = {number: members[number] for number in ours if number not in one.ended}
        stayed |= {number: one.account(number) for number in group.added}
        return {number: account for number, account in stayed.items() if number not in one.lcms}

    def _creation(self, one: Desired, name: str) -> Change:
        if "create" in self.limits.allow:
            detail = {"full_name": "Alumni"}
            return Change(ChangeKind.CREATE_GROUP, one.cohort.key, name, "the forum has no such group", detail=detail)
        reason = f"the group does not exist; {NOT_SWITCHED_ON['create']}"
        return Change(ChangeKind.KEPT, one.cohort.key, name, reason)

    def _adoption(self, one: Desired, there: GroupState) -> Change:
        members = "1 member" if len(there.members) == 1 else f"{len(there.members)} members"
        what = f"the group '{there.name}' that exists already: {members}, made by somebody else"
        if "adopt" in self.limits.allow:
            return Change(ChangeKind.ADOPT_GROUP, one.cohort.key, there.name, f"adopts {what}", detail={"id": there.id})
        reason = (
            f"would adopt {what}. Nobody is added to it; allow 'adopt' in limits.allow, or name another alumni_group"
        )
        return Change(ChangeKind.KEPT, one.cohort.key, there.name, reason)

    def _arrival(self, one: Desired, name: str, account: Account, state: State | None) -> Iterator[Change]:
        reason, there = one.cohort.why_over, self.observed.alumni[name]
        if there and not there.ours and "adopt" not in self.limits.allow:
            yield _line(one, ChangeKind.KEPT, f"the group is not ours: {reason}", account)
        elif state is State.LEFT and not self.limits.bring_back:
            yield _line(one, ChangeKind.KEPT, LEFT_BY_THEMSELVES, account)
        elif "add" not in self.limits.allow:
            yield _line(one, ChangeKind.KEPT, f"{NOT_SWITCHED_ON['add']}: {reason}", account)
        elif there or "create" in self.limits.allow:
            yield _line(one, ChangeKind.ADD, reason, account, self._identity(one, account))

    def _identity(self, one: Desired, account: Account) -> dict[str, str]:
        if account.id in one.wanted:
            return one.identity(account.id)
        record = self.ties.to(one.cohort.group).get(account.id)
        return {"key": record.person, "digests": record.digests} if record else {"key": "", "digests": ""}

    def _returns(self, one: Desired, there: GroupState, settled: Ties) -> Iterator[Change]:
        """Yield lines for those whom this cohort had put among the alumni, now that it is not over after all."""
        for number in sorted(settled.ours & there.members.keys()):
            record, account = settled.get(number), there.members[number]
            if record is None or record.cohort != one.cohort.key:
                continue
            reason = "the cohort is running again"
            leaving = Leaving(record, self.limits, self.now, one.cohort.zone)
            if protected(account, record, self.limits):
                yield _line(one, ChangeKind.KEPT, PROTECTED, account)
            elif "remove" not in self.limits.allow:
                yield _line(one, ChangeKind.KEPT, f"{NOT_SWITCHED_ON['remove']}: {reason}", account)
            elif leaving.due:
                yield _line(one, ChangeKind.REMOVE, reason, account, {**leaving.kept, "owner": False})
            else:
                yield _line(one, ChangeKind.GRACE, leaving.words(reason), account, leaving.mark)


def _line(
    one: Desired, kind: ChangeKind, reason: str, account: Account, detail: Mapping[str, Any] | None = None
) -> Change:
    return Change(
        kind=kind,
        cohort=one.cohort.key,
        target=one.cohort.alumni_group or "",
        reason=reason,
        username=account.username,
        user_id=account.id,
        person=account.name or None,
        detail=dict(detail or {}),
    )

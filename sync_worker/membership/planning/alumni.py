"""The end of a cohort: its learners join the alumni group, and leave it when the dates change back. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.membership.planning.desired import LEFT_BY_THEMSELVES, NOT_SWITCHED_ON, PROTECTED, Leaving, protected
from sync_worker.membership.records.ties import State, settle_ties
from sync_worker.membership.state import AccountIn
from sync_worker.model import Change, ChangeKind, fold
from sync_worker.model.details import NO_DETAIL, Adoption, GroupSpec, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.planning.desired import Desired
    from sync_worker.membership.records.ties import TieBook, TieRecord, Ties
    from sync_worker.membership.state import Account, GroupState, Observed
    from sync_worker.model.details import Detail


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
    `graduates` are all who belong into one: who is there for two cohorts stays while one of them is over.
    """

    observed: Observed
    ties: TieBook
    limits: LimitSettings
    now: datetime
    seen: set[AccountIn]
    graduates: frozenset[AccountIn]

    def lines(self, one: Desired, stayed: Callable[[], dict[int, Account]]) -> Iterator[Change]:
        """Yield what happens in the cohort's alumni group; `stayed` tells who stayed to its end."""
        name = one.cohort.alumni_group
        if name is None or name not in self.observed.alumni:
            return
        there = self.observed.alumni[name]
        ties = self.ties.to(name)
        over = {one.cohort.key} if one.over else set()
        settled = ties.plus(settle_alumni(ties, there, over))
        if one.over:
            yield from self._arrivals(one, name, settled, stayed())
        elif there and there.ours:
            yield from self._returns(one, there, settled)

    def _arrivals(self, one: Desired, name: str, settled: Ties, members: dict[int, Account]) -> Iterator[Change]:
        there = self.observed.alumni[name]
        if not members:
            return
        if (there is None or not there.ours) and (name, 0) not in self.seen:
            self.seen.add(AccountIn(name, 0))
            yield self._adoption(one, there) if there else self._creation(one, name)
        for account in sorted(members.values(), key=lambda each: (fold(each.username), each.id)):
            if not (there and account.id in there.members) and (name, account.id) not in self.seen:
                self.seen.add(AccountIn(name, account.id))
                yield from self._arrival(one, name, account, settled.state(account.id))

    def _creation(self, one: Desired, name: str) -> Change:
        if "create" in self.limits.allow:
            detail = GroupSpec("Alumni")
            return Change(ChangeKind.CREATE_GROUP, one.cohort.key, name, "the forum has no such group", detail=detail)
        reason = f"the group does not exist; {NOT_SWITCHED_ON['create']}"
        return Change(ChangeKind.KEPT, one.cohort.key, name, reason)

    def _adoption(self, one: Desired, there: GroupState) -> Change:
        members = "1 member" if len(there.members) == 1 else f"{len(there.members)} members"
        what = f"the group '{there.name}' that exists already: {members}, made by somebody else"
        if "adopt" in self.limits.allow:
            return Change(
                ChangeKind.ADOPT_GROUP, one.cohort.key, there.name, f"adopts {what}", detail=Adoption(there.id)
            )
        reason = (
            f"would adopt {what}. Nobody is added to it; allow 'adopt' in limits.allow, or name another alumni_group"
        )
        return Change(ChangeKind.KEPT, one.cohort.key, there.name, reason)

    def _arrival(self, one: Desired, name: str, account: Account, state: State | None) -> Iterator[Change]:
        reason, there = one.cohort.why_over, self.observed.alumni[name]
        if there and not there.ours and "adopt" not in self.limits.allow:
            yield _alumni_line(one, ChangeKind.KEPT, f"the group is not ours: {reason}", account)
        elif state is State.LEFT and not self.limits.bring_back:
            yield _alumni_line(one, ChangeKind.KEPT, LEFT_BY_THEMSELVES, account)
        elif "add" not in self.limits.allow:
            yield _alumni_line(one, ChangeKind.KEPT, f"{NOT_SWITCHED_ON['add']}: {reason}", account)
        elif there or "create" in self.limits.allow:
            yield _alumni_line(one, ChangeKind.ADD, reason, account, self._identity(one, account))

    def _identity(self, one: Desired, account: Account) -> Member:
        if account.id in one.wanted:
            return one.identity(account.id)
        record = self.ties.to(one.cohort.group).get(account.id)
        return Member(record.person, record.digests) if record else Member("", "")

    def _returns(self, one: Desired, there: GroupState, settled: Ties) -> Iterator[Change]:
        """Yield lines for those whom this cohort had put among the alumni, now that it is not over after all."""
        for number in sorted(settled.ours & there.members.keys()):
            record, account = settled.get(number), there.members[number]
            if record is None or record.cohort != one.cohort.key:
                continue
            if AccountIn(one.cohort.alumni_group or "", number) in self.graduates:
                continue
            reason = "the cohort is running again"
            leaving = Leaving(record, self.limits, self.now, one.cohort.zone)
            if protected(account, record, self.limits):
                yield _alumni_line(one, ChangeKind.KEPT, PROTECTED, account)
            elif "remove" not in self.limits.allow:
                yield _alumni_line(one, ChangeKind.KEPT, f"{NOT_SWITCHED_ON['remove']}: {reason}", account)
            elif leaving.due:
                yield _alumni_line(one, ChangeKind.REMOVE, reason, account, replace(leaving.kept, owner=False))
            else:
                yield _alumni_line(one, ChangeKind.GRACE, leaving.words(reason), account, leaving.mark)


def _alumni_line(one: Desired, kind: ChangeKind, reason: str, account: Account, detail: Detail = NO_DETAIL) -> Change:
    return Change(
        kind=kind,
        cohort=one.cohort.key,
        target=one.cohort.alumni_group or "",
        reason=reason,
        username=account.username,
        user_id=account.id,
        person=account.name or None,
        detail=detail,
    )

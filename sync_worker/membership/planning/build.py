"""Wanted against observed -> a plan, and of each group who joins, who goes, and who waits, with the reasons. Pure.

Groups are compared as sets of numbers; a line is made only for what changes or needs an explanation. People who
stay as they are are counted, and listed one by one only when somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sync_worker.membership.planning.alumni import AlumniPlanner, settle_alumni
from sync_worker.membership.planning.categories import CategoryPlanner
from sync_worker.membership.planning.desired import LEFT_BY_THEMSELVES, NOT_SWITCHED_ON, PROTECTED, Leaving, protected
from sync_worker.membership.planning.people import PeoplePlanner
from sync_worker.membership.planning.upkeep import wrong_level
from sync_worker.membership.records.ties import OURS, State, Tie, TieKey, settle_ties
from sync_worker.membership.state import NOTIFICATIONS, Account, AccountIn
from sync_worker.model import Change, ChangeKind, Plan, Steady, fold
from sync_worker.model.details import ABSENT, NO_DETAIL, Adoption, GroupSpec, Level, LevelChange, Member, Namesake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.planning.desired import Desired, WantedGroup
    from sync_worker.membership.records.memberships import Remembered
    from sync_worker.membership.records.ties import TieBook, TieRecord, Ties
    from sync_worker.membership.state import GroupState, Observed
    from sync_worker.model import RejectedRow
    from sync_worker.model.details import Detail


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
    plans = [list(_group_plans(one, observed, remembered, limits, now)) for one in desired]
    alumni = AlumniPlanner(observed, remembered.ties, limits, now, set(), _graduates(desired, plans))
    for one, groups in zip(desired, plans, strict=True):
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


def _graduates(desired: Sequence[Desired], plans: Sequence[Sequence[GroupPlan]]) -> frozenset[AccountIn]:
    """Return who belongs into which alumni group because a cohort of theirs is over."""
    return frozenset(
        AccountIn(one.cohort.alumni_group, number)
        for one, groups in zip(desired, plans, strict=True)
        if one.over and one.cohort.alumni_group
        for number in groups[0].stayed()
    )


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
    of_tie, spared = ties.to(wanted.name, tie), one.spared.keys()
    if there and not there.ours:
        there = None  # the group in which these people were is gone: nobody has left it, and nobody of this one is ours
    if tie is Tie.OWNER:
        return settle_ties(of_tie, there.owners if there else None, wanted.owners, lambda _: True, spared=spared)

    def dismissed(number: int) -> bool:
        record = of_tie.records[number]
        return number in one.wanted or one.dismissal(Account(number, record.username)).dismissed

    return settle_ties(of_tie, there.members.keys() if there else None, wanted.members, dismissed, spared=spared)


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


# One group of one cohort: who joins, who is marked and then goes, who waits, each with the reason. Pure.


BY_HAND = "added manually, not by us"


@dataclass(frozen=True)
class GroupPlan:
    """What is wanted of a group, what is there, and what of it is ours; `made` says whether we once made such a one."""

    desired: Desired
    wanted: WantedGroup
    there: GroupState | None
    made: bool
    members: Ties
    owners: Ties
    limits: LimitSettings
    now: datetime
    added: set[int] = field(default_factory=set, init=False)

    @property
    def shut(self) -> bool:
        """Whether the group is somebody else's and may not be adopted: then nothing is done to it."""
        return self.there is not None and not self.there.ours and "adopt" not in self.limits.allow

    def creation(self) -> Iterator[Change]:
        """Yield the line about the group itself."""
        if self.there and not self.there.ours:
            yield self._adoption(self.there)
        if self.there:
            if not self.shut:
                yield self._upkeep(self.there)
        elif self.desired.over:
            yield self._line(ChangeKind.KEPT, "the cohort is over; the group is not made any more")
        elif "create" in self.limits.allow:
            yield self._line(ChangeKind.CREATE_GROUP, "the forum has no such group", detail=self._spec())
        else:
            yield self._line(ChangeKind.KEPT, f"the group does not exist; {NOT_SWITCHED_ON['create']}")

    def joining(self) -> Iterator[Change]:
        """Yield a line for each person who should join, become owner, or need not go after all."""
        for account in _sorted(map(self.desired.account, self._arriving)):
            line = self._arrival(account)
            if line.kind is ChangeKind.ADD:
                self.added.add(account.id)
            yield line
        for account in _sorted(map(self.desired.account, self._called_off)):
            yield self._line(ChangeKind.KEPT, "in the roster again: the removal is called off", account)
        for account in _sorted(map(self.desired.account, _unmarked(self.owners) & self.wanted.owners & self._present)):
            yield self._line(ChangeKind.KEPT, "an LCM in the roster again: the demotion is called off", account)
        in_it = self._present | self.added
        present_owners = self.there.owners if self.there else frozenset()
        for account in _sorted(map(self.desired.account, (self.wanted.owners - present_owners) & in_it)):
            yield self._promotion(account)

    def leaving(self) -> Iterator[Change]:
        """Yield a line for each member and owner who is there and not wanted."""
        if self.there is None or self.shut:
            return
        unwanted = self.there.members.keys() - self.wanted.members
        for account in _sorted(self.there.members[number] for number in unwanted):
            yield self._departure(account)
        demoted = (self.there.owners - self.wanted.owners) & self.wanted.members
        for account in _sorted(self.there.members[number] for number in demoted if number in self.there.members):
            yield self._demotion(account)

    def stayed(self) -> dict[int, Account]:
        """Return the learners whom we added and who stayed to the end of the cohort, once `joining` is done."""
        members = self.there.members if self.there else {}
        stayed = {number: members[number] for number in self.members.ours & members.keys()}
        stayed = {number: account for number, account in stayed.items() if number not in self.desired.ended}
        stayed |= {number: self.desired.account(number) for number in self.added}
        return {number: account for number, account in stayed.items() if number not in self.desired.lcms}

    def steady(self) -> Steady:
        """Return who stays as they are."""
        count = len(self.wanted.members) - len(self._arriving) - len(self._called_off)
        return Steady(self.desired.cohort.key, self.wanted.name, count, self._steady_lines)

    def _steady_lines(self) -> Iterator[Change]:
        staying = (self.wanted.members & self._present) - self._called_off
        for account in _sorted(map(self.desired.account, staying)):
            yield self._line(ChangeKind.UNCHANGED, self.desired.reason(account.id), account)

    @cached_property
    def _arriving(self) -> AbstractSet[int]:
        return self.wanted.members - self._present

    @cached_property
    def _present(self) -> AbstractSet[int]:
        return self.there.members.keys() if self.there else frozenset()

    @cached_property
    def _called_off(self) -> AbstractSet[int]:
        """Return who was marked and is wanted again; only what settling changed can hold them."""
        return _unmarked(self.members) & self.wanted.members & self._present

    def _adoption(self, there: GroupState) -> Change:
        """Return the line about a group that has the cohort's name and is not ours."""
        members = "1 member" if len(there.members) == 1 else f"{len(there.members)} members"
        outside = len(there.members.keys() - self.wanted.members)
        who = f"{members}, {outside} of them not of this cohort" if outside else members
        origin = "the group of ours was deleted, and this one made anew" if self.made else "made by somebody else"
        if self.shut:
            reason = (
                f"would adopt the group '{there.name}' that exists already: {who}, {origin}. Nobody is added to it and "
                "no category is opened to it; allow 'adopt' in limits.allow, or give the cohort another group"
            )
            return self._line(ChangeKind.KEPT, reason, detail=Namesake(there.id))
        absent = len(self.wanted.members - there.members.keys())
        back = f"; {absent} of the cohort are not in it, and are added even if they once left it" if absent else ""
        reason = f"adopts the group '{there.name}' that exists already: {who}, {origin}{back}"
        return self._line(ChangeKind.ADOPT_GROUP, reason, detail=Adoption(there.id))

    def _upkeep(self, there: GroupState) -> Change:
        wrong = wrong_level(self.desired.cohort, there, over=self.desired.over)
        if not wrong:
            return self._line(ChangeKind.UNCHANGED, "the group exists")
        if there.ours and "create" not in self.limits.allow:
            return self._line(ChangeKind.KEPT, f"changing groups is not switched on (limits.allow: create): {wrong}")
        level = NOTIFICATIONS[self.desired.cohort.group_notifications or ""]
        detail = LevelChange(there.id, level, Level(there.notifications))
        return self._line(ChangeKind.UPDATE_GROUP, wrong, detail=detail)

    def _spec(self) -> GroupSpec:
        return GroupSpec(self.wanted.full_name, self.desired.cohort.group_notifications or ABSENT)

    def _arrival(self, account: Account) -> Change:
        reason = self.desired.reason(account.id)
        if self.shut:
            return self._line(ChangeKind.KEPT, f"the group is not ours: {reason}", account)
        if self.members.state(account.id) is State.LEFT and not self.limits.bring_back:
            return self._line(ChangeKind.KEPT, LEFT_BY_THEMSELVES, account)
        if "add" not in self.limits.allow:
            return self._line(ChangeKind.KEPT, f"{NOT_SWITCHED_ON['add']}: {reason}", account)
        if self.there is None and ("create" not in self.limits.allow or self.desired.over):
            return self._line(ChangeKind.KEPT, f"there is no group to add to: {reason}", account)
        return self._line(ChangeKind.ADD, reason, account, self.desired.identity(account.id))

    def _promotion(self, account: Account) -> Change:
        if self.shut:
            return self._line(ChangeKind.KEPT, "the group is not ours: an LCM is not made its owner", account)
        if self.owners.state(account.id) is State.LEFT and not self.limits.bring_back:
            reason = "no longer owner: removed manually; left so (limits.bring_back)"
            return self._line(ChangeKind.KEPT, reason, account)
        if "owners" not in self.limits.allow:
            return self._line(ChangeKind.KEPT, NOT_SWITCHED_ON["owners"], account)
        return self._line(
            ChangeKind.ADD_OWNER, "an LCM owns the cohort's group", account, self.desired.identity(account.id)
        )

    def _departure(self, account: Account) -> Change:
        """Return the line for a member who is not wanted; only people whom we added can be removed."""
        record = self.members.get(account.id)
        if record is None or record.state not in OURS:
            return self._line(ChangeKind.KEPT, BY_HAND, account)
        if protected(account, record, self.limits):
            return self._line(ChangeKind.KEPT, PROTECTED, account)
        verdict = self.desired.dismissal(account)
        demoted = account.id in self.desired.wanted
        if demoted:
            reason = f"not an LCM any more: {self.desired.reason(account.id)}"
        elif not verdict.dismissed:
            return self._line(ChangeKind.KEPT, verdict.reason, account)
        else:
            reason = verdict.reason
        if "remove" not in self.limits.allow:
            return self._line(ChangeKind.KEPT, f"{NOT_SWITCHED_ON['remove']}: {reason}", account)
        leaving = Leaving(record, self.limits, self.now, self.desired.cohort.zone)
        at_once = (demoted or verdict.told) and not self.limits.grace_when_told
        owner = self.there is not None and account.id in self.there.owners
        if at_once or leaving.due:
            return self._line(ChangeKind.REMOVE, reason, account, replace(leaving.kept, owner=owner))
        return self._line(ChangeKind.GRACE, leaving.words(reason), account, leaving.mark)

    def _demotion(self, account: Account) -> Change:
        """Return the line for an owner who stays a member: demoted in two steps, as people are removed."""
        record = self.owners.get(account.id)
        reason = f"not an LCM any more: {self.desired.reason(account.id)}"
        if record is None or record.state not in OURS:
            return self._line(ChangeKind.KEPT, "owner manually, not by us", account)
        if protected(account, record, self.limits):
            return self._line(ChangeKind.KEPT, PROTECTED, account)
        for needed in ("owners", "remove"):
            if needed not in self.limits.allow:
                return self._line(ChangeKind.KEPT, f"{NOT_SWITCHED_ON[needed]}: {reason}", account)
        leaving = Leaving(record, self.limits, self.now, self.desired.cohort.zone)
        if leaving.due or not self.limits.grace_when_told:
            return self._line(ChangeKind.REMOVE_OWNER, reason, account, leaving.kept)
        words = leaving.words(reason, "no longer owner from")
        return self._line(ChangeKind.GRACE, words, account, replace(leaving.mark, tie=Tie.OWNER.value))

    def _line(
        self, kind: ChangeKind, reason: str, account: Account | None = None, detail: Detail | None = None
    ) -> Change:
        enrolment = self.desired.wanted.get(account.id) if account else None
        person = enrolment.person if enrolment else None
        if detail is None:
            detail = Member(person.key) if person else NO_DETAIL
        return Change(
            kind=kind,
            cohort=self.desired.cohort.key,
            target=self.wanted.name,
            reason=reason,
            username=account.username if account else None,
            user_id=account.id if account else None,
            person=person.label if person else (account.name or None) if account else None,
            detail=detail,
        )


def _unmarked(ties: Ties) -> set[int]:
    """Return whose mark ended when the forum was looked at."""
    return {
        number
        for number in ties.changed
        if ties.records[number].state is State.MARKED and ties.state(number) is State.ADDED
    }


def _sorted(accounts: Iterable[Account]) -> list[Account]:
    return sorted(accounts, key=lambda account: (fold(account.username), account.id))

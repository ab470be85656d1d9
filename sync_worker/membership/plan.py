"""Wanted against observed -> a plan: one line for everything that is done or left alone, each with its reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.membership.category_plan import category_lines
from sync_worker.membership.provenance import State, Tie, TieKey, TieRecord, settled
from sync_worker.membership.state import Account
from sync_worker.model import Change, ChangeKind, Plan, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.desired import Desired
    from sync_worker.membership.provenance import Remembered
    from sync_worker.membership.state import GroupState, Observed
    from sync_worker.model import RejectedRow

NOT_SWITCHED_ON = {
    "add": "adding is not switched on (limits.allow)",
    "remove": "removal is not switched on (limits.allow)",
    "owners": "changing owners is not switched on (limits.allow)",
    "create": "creating is not switched on (limits.allow)",
}


def build_plan(
    desired: Sequence[Desired],
    observed: Observed,
    remembered: Remembered,
    limits: LimitSettings,
    rejected: Sequence[RejectedRow] = (),
) -> Plan:
    """Return the plan for the given cohorts; the same arguments give the same plan, line by line."""
    ties = settle(desired, observed, remembered.ties)
    lines: list[Change] = []
    for one in desired:
        views = [view for view in _views(one, observed, ties, limits) if view.wanted]
        for view in views:
            lines.extend(view.creation())
        lines.extend(category_lines(one, observed, remembered.created, limits.allow))
        for view in views:
            lines.extend(view.joining())
            lines.extend(view.leaving())
        lines.extend(_people_outside(one))
    return Plan(tuple(lines), tuple(rejected))


def settle(desired: Sequence[Desired], observed: Observed, ties: Mapping[TieKey, TieRecord]) -> dict[TieKey, TieRecord]:
    """Return where every tie to the cohorts' groups stands now that the forum has been looked at."""
    groups: dict[str, tuple[Desired, GroupState, GroupState | None]] = {}
    for one in desired:
        state, seen = one.state, observed.cohorts[one.cohort.key]
        for wanted, there in ((state.group, seen.group), (state.lcm_group, seen.lcm_group)):
            if wanted:
                groups[wanted.name] = one, wanted, there
    return {key: _settle_one(key, record, *groups[key.group]) for key, record in ties.items() if key.group in groups}


def _settle_one(
    key: TieKey, record: TieRecord, desired: Desired, wanted: GroupState, there: GroupState | None
) -> TieRecord:
    if there is None:
        return TieRecord(State.REMOVED, record.username, record.person)
    if key.tie is Tie.OWNER:
        present, dismissed = key.user_id in there.owners, key.user_id not in wanted.owners
    else:
        present = key.user_id in there.members
        dismissed = key.user_id not in wanted.members and (
            key.user_id in desired.wanted or desired.dismissal(Account(key.user_id, record.username))[0]
        )
    return TieRecord(settled(record, present=present, dismissed=dismissed), record.username, record.person)


@dataclass(frozen=True, slots=True)
class _GroupView:
    """One group of one cohort: what is wanted, what is there, and what of it is ours."""

    desired: Desired
    wanted: GroupState
    there: GroupState | None
    ties: Mapping[TieKey, TieRecord]
    limits: LimitSettings

    def creation(self) -> Iterator[Change]:
        if self.there:
            yield self._line(ChangeKind.UNCHANGED, "the group exists")
        elif "create" in self.limits.allow:
            detail = {"full_name": self.wanted.full_name}
            yield self._line(ChangeKind.CREATE_GROUP, "the forum has no such group", detail=detail)
        else:
            yield self._line(ChangeKind.KEPT, f"the group does not exist; {NOT_SWITCHED_ON['create']}")

    def joining(self) -> Iterator[Change]:
        """Yield a line for each wanted member and owner."""
        for account in _sorted(self.wanted.members.values()):
            line = self._member_line(account)
            yield line
            if account.id in self.wanted.owners and (self._has(account) or line.kind is ChangeKind.ADD):
                yield from self._owner_lines(account)

    def leaving(self) -> Iterator[Change]:
        """Yield a line for each member and owner who is there and not wanted."""
        if self.there is None:
            return
        for account in _sorted(self.there.members.values()):
            if account.id not in self.wanted.members:
                yield self._departure(account)
            elif account.id in self.there.owners - self.wanted.owners:
                yield self._demotion(account)

    def _member_line(self, account: Account) -> Change:
        person = self.desired.wanted[account.id]
        reason = f"{person.reason}, {account.note}" if account.note else person.reason
        if self._has(account):
            return self._line(ChangeKind.UNCHANGED, reason, account)
        if self._state(account) is State.LEFT and not self.limits.bring_back:
            return self._line(
                ChangeKind.KEPT, "left the group after we had added them; not dragged back (limits.bring_back)", account
            )
        if "add" not in self.limits.allow:
            return self._line(ChangeKind.KEPT, f"{NOT_SWITCHED_ON['add']}: {reason}", account)
        if self.there is None and "create" not in self.limits.allow:
            return self._line(ChangeKind.KEPT, f"there is no group to add to: {reason}", account)
        return self._line(ChangeKind.ADD, reason, account)

    def _owner_lines(self, account: Account) -> Iterator[Change]:
        if self.there and account.id in self.there.owners:
            return
        if self._state(account, Tie.OWNER) is State.LEFT and not self.limits.bring_back:
            yield self._line(
                ChangeKind.KEPT, "no longer owner by somebody's hand; left so (limits.bring_back)", account
            )
        elif "owners" not in self.limits.allow:
            yield self._line(ChangeKind.KEPT, NOT_SWITCHED_ON["owners"], account)
        else:
            yield self._line(ChangeKind.ADD_OWNER, "an LCM owns the cohort's group", account)

    def _departure(self, account: Account) -> Change:
        """Return the line for a member who is not wanted; only people whom we added can be removed."""
        record = self.ties.get(TieKey(self.wanted.name, account.id))
        if record is None or record.state is not State.ADDED:
            return self._line(ChangeKind.KEPT, "added by somebody's hand, not by us", account)
        if self._protected(account, record):
            return self._line(ChangeKind.KEPT, "protected (limits.protected)", account)
        if account.id in self.desired.wanted:
            dismissed, reason = True, f"not an LCM any more: {self.desired.wanted[account.id].reason}"
        else:
            dismissed, reason = self.desired.dismissal(account)
        if not dismissed:
            return self._line(ChangeKind.KEPT, reason, account)
        if "remove" not in self.limits.allow:
            return self._line(ChangeKind.KEPT, f"{NOT_SWITCHED_ON['remove']}: {reason}", account)
        return self._line(ChangeKind.REMOVE, reason, account, {"key": record.person})

    def _demotion(self, account: Account) -> Change:
        record = self.ties.get(TieKey(self.wanted.name, account.id, Tie.OWNER))
        reason = f"not an LCM any more: {self.desired.wanted[account.id].reason}"
        if record is None or record.state is not State.ADDED:
            return self._line(ChangeKind.KEPT, "owner by somebody's hand, not by ours", account)
        if self._protected(account, record):
            return self._line(ChangeKind.KEPT, "protected (limits.protected)", account)
        for needed in ("owners", "remove"):
            if needed not in self.limits.allow:
                return self._line(ChangeKind.KEPT, f"{NOT_SWITCHED_ON[needed]}: {reason}", account)
        return self._line(ChangeKind.REMOVE_OWNER, reason, account, {"key": record.person})

    def _has(self, account: Account) -> bool:
        return self.there is not None and account.id in self.there.members

    def _state(self, account: Account, tie: Tie = Tie.MEMBER) -> State | None:
        record = self.ties.get(TieKey(self.wanted.name, account.id, tie))
        return record.state if record else None

    def _protected(self, account: Account, record: TieRecord) -> bool:
        names = {fold(account.username), fold(record.person.partition(":")[2])}
        return not names.isdisjoint(map(fold, self.limits.protected))

    def _line(
        self, kind: ChangeKind, reason: str, account: Account | None = None, detail: Mapping[str, str] | None = None
    ) -> Change:
        person = self.desired.wanted.get(account.id) if account else None
        key = {"key": person.key} if person and detail is None else {}
        return Change(
            kind=kind,
            cohort=self.desired.cohort.key,
            target=self.wanted.name,
            reason=reason,
            username=account.username if account else None,
            user_id=account.id if account else None,
            person=person.label if person else (account.name or None) if account else None,
            detail={**key, **(detail or {})},
        )


def _views(
    desired: Desired, observed: Observed, ties: Mapping[TieKey, TieRecord], limits: LimitSettings
) -> Iterator[_GroupView]:
    seen, state = observed.cohorts[desired.cohort.key], desired.state
    for wanted, there in ((state.group, seen.group), (state.lcm_group, seen.lcm_group)):
        if wanted:
            yield _GroupView(desired, wanted, there, ties, limits)


def _people_outside(desired: Desired) -> Iterator[Change]:
    """Yield a line for each person of the roster who cannot be placed, or not yet."""
    for kind, people in ((ChangeKind.UNKNOWN, desired.unknown), (ChangeKind.WAITING, desired.waiting)):
        for person in people:
            yield Change(
                kind=kind,
                cohort=desired.cohort.key,
                target=desired.cohort.group,
                reason=person.reason,
                person=person.label,
                detail={"key": person.key},
            )


def _sorted(accounts: Iterable[Account]) -> list[Account]:
    return sorted(accounts, key=lambda account: (fold(account.username), account.id))

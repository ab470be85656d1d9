"""Taking a run back: what it added goes, what it removed comes back, unless it was changed again since. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.membership.planning.desired import protected
from sync_worker.membership.planning.upkeep import Scene, how_it_is, is_as_told
from sync_worker.membership.records.ties import OURS, State, Tie, TieKey, settled
from sync_worker.membership.records.unseen import Stage
from sync_worker.membership.state import JOINING, OWNING, PEOPLE, Account, InCohort
from sync_worker.membership.undo_accounts import INVITING, NOTHING_UNSEEN
from sync_worker.model import Change, ChangeKind, Plan
from sync_worker.model.details import ABSENT, NO_DETAIL, CategoryChange, Level, LevelChange, Mailed, Member
from sync_worker.model.rights import lets_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.records.journal import Entry
    from sync_worker.membership.records.ties import TieBook, TieRecord
    from sync_worker.membership.records.unseen import Invited
    from sync_worker.membership.undo_accounts import Trace
    from sync_worker.model.details import Detail


ENDED = {
    Stage.INVITING: "perhaps invited; the next look at the forum will tell",
    Stage.ACCEPTED: "accepted, and not in the group any more: left, or removed manually",
    Stage.WITHDRAWN: "withdrawn since",
    Stage.REFUSED: "the forum had refused the invitation",
    Stage.LAPSED: "withdrawn manually on the forum since",
    Stage.GRANTS: "given rights over the forum since, manually; left so",
    Stage.GRANTED: "given rights over the forum, and accepted since; left so",
}
WAITING = frozenset({Stage.INVITED, Stage.ACCEPTED})


@dataclass(frozen=True, slots=True)
class InvitingUndo:
    """All that decides about the lines of a run about invitations."""

    run: str
    invited: Mapping[InCohort, Invited]
    scene: Scene
    now: datetime

    def happened(self, change: Change) -> bool:
        """Whether a line was carried out of which the journal does not know: by what is known of the invitation."""
        one = self._known(change)
        if one is None:
            return False
        return one.stage in WAITING if change.kind is ChangeKind.INVITE else one.stage is Stage.WITHDRAWN

    def line(self, change: Change) -> Change:
        """Return what takes a line back, or why it stays."""
        one = self._known(change)
        if change.kind is ChangeKind.REMIND:
            return self._kept(change, "the mail is out")
        if one is None:
            return self._kept(change, "nothing is known of the invitation any more")
        if change.kind is ChangeKind.INVITE:
            return self._withdrawal(change, one)
        return self._invitation(change, one)

    def _withdrawal(self, change: Change, one: Invited) -> Change:
        if one.stage is not Stage.INVITED:
            return self._kept(change, ENDED[one.stage])
        if not one.is_open(self.now):
            return self._kept(change, "the invitation has expired")
        return self._line(ChangeKind.WITHDRAW, change, f"invited by {self.run}", one)

    def _invitation(self, change: Change, one: Invited) -> Change:
        if one.stage is not Stage.WITHDRAWN:
            return self._kept(change, "invited again since")
        missing = [name for name in one.groups if not self.scene.groups.get(name)]
        if missing:
            return self._kept(change, f"the group '{missing[0]}' does not exist any more, or is not declared")
        return self._line(ChangeKind.INVITE, change, f"withdrawn by {self.run}", one)

    def _known(self, change: Change) -> Invited | None:
        return self.invited.get(InCohort(change.cohort, change.key))

    def _line(self, kind: ChangeKind, change: Change, reason: str, one: Invited) -> Change:
        detail = Mailed(one.key, one.email, tuple(one.groups), one.invite_id)
        return replace(change, kind=kind, reason=reason, target=one.group, detail=detail)

    def _kept(self, change: Change, reason: str) -> Change:
        return replace(change, kind=ChangeKind.KEPT, reason=reason, detail=NO_DETAIL)


# Taking a run back: what it added goes, what it removed comes back, unless the world has moved on since. Pure.


OPPOSITE = {
    ChangeKind.ADD: ChangeKind.REMOVE,
    ChangeKind.REMOVE: ChangeKind.ADD,
    ChangeKind.ADD_OWNER: ChangeKind.REMOVE_OWNER,
    ChangeKind.REMOVE_OWNER: ChangeKind.ADD_OWNER,
}
CHANGED = (ChangeKind.UPDATE_CATEGORY, ChangeKind.ARCHIVE_CATEGORY, ChangeKind.UPDATE_GROUP)
REMINDED = ChangeKind.REMIND
TAKEN_BACK = frozenset({*PEOPLE, *CHANGED, ChangeKind.INVITE, ChangeKind.WITHDRAW})
Thing = tuple[str, int | str | None, bool]


def plan_undo(
    entries: Sequence[Entry],
    later: Sequence[Entry],
    scene: Scene,
    ties: TieBook,
    limits: LimitSettings,
    *,
    undoing: Mapping[str, str],
    usernames: Mapping[int, str],
    now: datetime,
    trace: Trace = NOTHING_UNSEEN,
) -> Plan:
    """Return the plan that takes a run back.

    `entries` are the lines of the run, `later` those of the runs after it; `undoing` says which run an undo was of,
    `usernames` what accounts are called now, `trace` what became of people whose accounts the run did not know.
    """
    run = entries[0].run
    entries = [*trace.told(entries), *trace.found_lost(entries)]
    since = {_thing(e.change): e for e in trace.told(later) if e.state == "done" and e.change.kind is not REMINDED}
    inviting = InvitingUndo(run, trace.invited, scene, now)
    planner = _Undo(run, since, scene, ties, limits, undoing, trace.accounts, inviting)
    done = [_renamed(entry.change, usernames) for entry in reversed(entries) if planner.happened(entry)]
    removed = {(change.target, change.user_id) for change in done if change.kind is ChangeKind.ADD}
    lines = [
        line
        for change in done
        # A member who goes takes the ownership along.
        if not (change.kind is ChangeKind.ADD_OWNER and (change.target, change.user_id) in removed)
        for line in planner.lines(change)
    ]
    order = {ChangeKind.ADD_OWNER: 1, ChangeKind.REMOVE_OWNER: 2, ChangeKind.REMOVE: 3}
    return Plan(tuple(sorted(lines, key=lambda line: order.get(line.kind, 0))))


@dataclass(frozen=True)
class _Undo:
    """All that decides about one line."""

    run: str
    since: Mapping[Thing, Entry]
    scene: Scene
    ties: TieBook
    limits: LimitSettings
    undoing: Mapping[str, str]
    accounts: Mapping[str, Account]
    inviting: InvitingUndo

    def happened(self, entry: Entry) -> bool:
        """Whether the line was carried out, as far as is known; a killed run's lines are judged by the forum."""
        if entry.state != "intended":
            return entry.state == "done"
        if entry.change.kind in INVITING:
            return self.inviting.happened(entry.change)
        return self.scene.shows(entry.change) is True

    def lines(self, change: Change) -> Iterator[Change]:
        """Yield what takes a line back, or why it stays."""
        later = self.since.get(_thing(change)) if change.kind in TAKEN_BACK else None
        if later and self.undoing.get(later.run) == self.run:
            yield _line(ChangeKind.UNCHANGED, change, f"taken back already by {later.run}")
            yield from self._owner_again(change)
        elif later:
            yield _line(ChangeKind.KEPT, change, f"changed again since by {later.run}; undo that run first")
        elif (change.kind in PEOPLE or change.kind in CHANGED) and self.scene.shows(change) is None:
            yield _line(ChangeKind.KEPT, change, "not looked at: its cohort is not declared in lcm.yaml any more")
        elif change.kind in PEOPLE:
            yield from self._person(change)
        elif change.kind in INVITING:
            yield self.inviting.line(change)
        elif change.kind is ChangeKind.ADD_BY_EMAIL:
            yield _line(ChangeKind.KEPT, change, self._unseen(change))
        elif change.kind is ChangeKind.UPDATE_GROUP:
            yield self._group(change)
        elif change.kind in CHANGED:
            yield self._category(change)
        else:
            yield _line(ChangeKind.KEPT, change, _left_behind(change))

    def _person(self, change: Change) -> Iterator[Change]:
        if not self.scene.shows(change):
            yield _line(ChangeKind.KEPT, change, self._moved_on(change))
            yield from self._owner_again(change)
            return
        record, group = self._record(change), self.scene.groups[change.target]
        if change.kind in JOINING and (record is None or record.state not in OURS):
            yield _line(ChangeKind.KEPT, change, "left and was added again manually since; left so")
        elif change.kind in JOINING and protected(_account(change), record, self.limits):  # type: ignore[arg-type]
            yield _line(ChangeKind.KEPT, change, "protected (limits.protected)")
        elif change.kind not in JOINING and record is not None and record.state is State.LEFT:
            yield _line(ChangeKind.KEPT, change, "the run never came to it: left, or removed manually")
        elif change.kind not in JOINING and group is None:
            yield _line(ChangeKind.KEPT, change, "the group does not exist any more")
        elif change.kind is ChangeKind.REMOVE_OWNER and group and change.user_id not in group.members:
            yield _line(ChangeKind.KEPT, change, "not in the group any more, and not dragged back to own it")
        else:
            yield from self._opposite(change)

    def _opposite(self, change: Change) -> Iterator[Change]:
        words = "added" if change.kind in JOINING else "taken away"
        group = self.scene.groups[change.target]
        owner = group is not None and change.user_id in group.owners
        keep = Member(change.key, change.digests, owner if change.kind is ChangeKind.ADD else ABSENT)
        told = change.detail.told if isinstance(change.detail, Member) else ABSENT
        reason = f"{words} by {self.run}" if told is ABSENT else told
        yield _line(OPPOSITE[change.kind], change, reason, keep)
        if change.kind is ChangeKind.REMOVE and _owned(change):
            yield self._ownership(change)

    def _owner_again(self, change: Change) -> Iterator[Change]:
        """Yield the line that makes somebody owner again whom an undo that did not get far had only added."""
        group = self.scene.groups.get(change.target)
        if change.kind is not ChangeKind.REMOVE or not _owned(change) or group is None:
            return
        record = self._record(change)
        ours = record is not None and record.state in OURS
        if ours and change.user_id in group.members and change.user_id not in group.owners:
            touched = self.since.get((change.target, change.user_id, True))
            if touched is None:
                yield self._ownership(change)

    def _ownership(self, change: Change) -> Change:
        keep = Member(change.key, change.digests)
        return _line(ChangeKind.ADD_OWNER, change, f"was owner before {self.run}", keep)

    def _record(self, change: Change) -> TieRecord | None:
        tie = Tie.OWNER if change.kind in OWNING else Tie.MEMBER
        record = self.ties.get(TieKey(change.target, change.user_id or 0, tie))
        if record is None:
            return None
        present = self.scene.shows(change) is (change.kind in JOINING)
        state = settled(record, present=present, wanted=False, dismissed=False)
        return record if state is record.state else record.now(state)

    def _unseen(self, change: Change) -> str:
        """Return why somebody stays who was added by an address and has no tie through us."""
        if change.target not in self.scene.groups:
            return "not looked at: its cohort is not declared in lcm.yaml any more"
        account, group = self.accounts.get(change.key), self.scene.groups[change.target]
        if account is None:
            return "no account has this address"
        if group and account.id in group.members:
            return "was in the group before the run came to it; left so"
        return "not there any more: left, or removed manually"

    def _moved_on(self, change: Change) -> str:
        if change.kind in JOINING:
            return "not there any more: left, or removed manually"
        return "there again already, added manually"

    def _group(self, change: Change) -> Change:
        """Return the line that sets a group's notification level back."""
        there, told = self.scene.groups[change.target], change.detail
        if there is None or not self.scene.shows(change) or not isinstance(told, LevelChange):
            why = "its notification level was changed again since, manually; left so"
            return _line(ChangeKind.KEPT, change, why if there else "the group does not exist any more")
        detail = LevelChange(there.id, told.before.level, Level(there.notifications))
        return _line(ChangeKind.UPDATE_GROUP, change, f"as it was before {self.run}", detail)

    def _category(self, change: Change) -> Change:
        there, told = self.scene.categories[change.slug or ""], change.detail
        assert isinstance(told, CategoryChange)  # noqa: S101 - lines of these kinds have one
        if there is None or (told.id is not None and there.id not in (None, told.id)):
            return _line(ChangeKind.KEPT, change, "the category does not exist any more")
        before = told.before
        if before is ABSENT or not is_as_told(there, told):
            return _line(ChangeKind.KEPT, change, "it was changed again since, manually; left so")
        above = there.parent if before.parent is ABSENT else before.parent
        parent = self.scene.categories.get(above) if above else None
        if parent is not None and not lets_in(parent.permissions, before.permissions):
            why = f"its parent category {above!r} is not open to every group that would come back; left so"
            return _line(ChangeKind.KEPT, change, why)
        detail = CategoryChange(
            there.id,
            told.slug,
            before.permissions,
            before.moderators,
            tags=before.tags,
            free_tags=before.free_tags,
            parent=before.parent,
            before=how_it_is(there, before),
        )
        return _line(ChangeKind.UPDATE_CATEGORY, change, f"as it was before {self.run}", detail)


def _renamed(change: Change, usernames: Mapping[int, str]) -> Change:
    return replace(change, username=usernames.get(change.user_id or 0, change.username))


def _left_behind(change: Change) -> str:
    if change.kind is ChangeKind.CREATE_GROUP:
        return "made by the run and left: delete the group in Discourse (Groups > Manage) if nobody needs it"
    if change.kind is ChangeKind.CREATE_CATEGORY:
        return "made by the run and left, with what was written in it: delete it in Discourse if nobody needs it"
    if change.kind in (ChangeKind.ADOPT_GROUP, ChangeKind.ADOPT_CATEGORY):
        return "adopted by the run, which changed nothing about it on the forum; it stays adopted"
    if change.kind is ChangeKind.OPEN_CATEGORY:
        return "opened by the run and left so: the category below it needs it"
    return "not of the kind that can be taken back"


def _thing(change: Change) -> Thing:
    """Return what a line is about, to find later lines about the same."""
    slug = change.slug
    whom = change.key if change.kind in INVITING else change.user_id
    return f"category {slug}" if slug else change.target, whom, change.kind in OWNING


def _owned(change: Change) -> bool:
    """Whether a line took somebody out who owned the group."""
    return isinstance(change.detail, Member) and change.detail.owner is True


def _account(change: Change) -> Account:
    return Account(change.user_id or 0, change.username or "")


def _line(kind: ChangeKind, change: Change, reason: str, detail: Detail = NO_DETAIL) -> Change:
    return Change(
        kind,
        change.cohort,
        change.target,
        reason,
        change.username,
        change.user_id,
        change.person,
        detail,
    )

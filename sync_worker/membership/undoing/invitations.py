"""Taking back what a run did about invitations. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.membership.records.invitations import Stage
from sync_worker.model import Change, ChangeKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.membership.planning.in_effect import Scene
    from sync_worker.membership.records.invitations import Invited

ENDED = {
    Stage.INVITING: "perhaps invited; the next look at the forum will tell",
    Stage.ACCEPTED: "accepted, and not in the group any more: left, or removed manually",
    Stage.WITHDRAWN: "withdrawn since",
    Stage.REFUSED: "the forum had refused the invitation",
    Stage.LAPSED: "withdrawn manually on the forum since",
}
WAITING = frozenset({Stage.INVITED, Stage.ACCEPTED})


@dataclass(frozen=True, slots=True)
class InvitingUndo:
    """All that decides about the lines of a run about invitations."""

    run: str
    invited: Mapping[tuple[str, str], Invited]
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
        return self.invited.get((change.cohort, str(change.detail.get("key", ""))))

    def _line(self, kind: ChangeKind, change: Change, reason: str, one: Invited) -> Change:
        detail = {"key": one.key, "email": one.email, "groups": list(one.groups), "invite": one.invite_id}
        return replace(change, kind=kind, reason=reason, target=one.group, detail=detail)

    def _kept(self, change: Change, reason: str) -> Change:
        return replace(change, kind=ChangeKind.KEPT, reason=reason, detail={})

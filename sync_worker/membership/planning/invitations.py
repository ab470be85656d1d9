"""The lines of a plan about inviting people without an account. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.identity import NoMatch
from sync_worker.membership.records.invitations import Invited, Stage
from sync_worker.model import Change, ChangeKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.membership.matching.identity import Match
    from sync_worker.model import Cohort, Enrolment


@dataclass(slots=True)
class InvitationPlanner:
    """Turns the lines about people without an account into lines about inviting them; at most `per_run` get a mail.

    `shut` are cohorts of which a group is somebody else's: nobody is invited into it. `mails` counts down.
    """

    cohorts: Mapping[str, Cohort]
    enrolments: Mapping[tuple[str, str], Enrolment]
    who: Mapping[str, Match | NoMatch]
    invited: Mapping[tuple[str, str], Invited]
    options: InvitationSettings
    allowed: bool
    now: datetime
    absence_counts: bool = False
    shut: AbstractSet[str] = frozenset()
    mails: int = field(init=False)

    def __post_init__(self) -> None:
        """Start the count of mails."""
        self.mails = self.options.per_run

    def line(self, line: Change) -> Change:
        """Return a line about somebody unknown with what happens about an invitation."""
        new = self._line(line)
        if new.kind not in (ChangeKind.INVITE, ChangeKind.REMIND):
            return new
        if self.mails == 0:
            reason = f"{line.reason} Not invited in this run (invitations.per_run)."
            waits = new.kind is ChangeKind.REMIND
            return replace(new, kind=ChangeKind.INVITED) if waits else replace(line, reason=reason)
        self.mails -= 1
        return new

    def _line(self, line: Change) -> Change:
        key = str(line.detail.get("key", ""))
        enrolment, match = self.enrolments.get((line.cohort, key)), self.who.get(key)
        email = enrolment.person.email if enrolment else None
        if not enrolment or not email or not isinstance(match, NoMatch) or not (match.absent or match.staged):
            return line
        invited = self.invited.get((line.cohort, key))
        if invited is None or invited.stage is Stage.WITHDRAWN:
            return self._invitation(line, enrolment, email)
        return self._known(line, invited, email)

    def _invitation(self, line: Change, enrolment: Enrolment, email: str) -> Change:
        if not self.allowed:
            return line
        if line.cohort in self.shut:
            return replace(line, reason=f"{line.reason} Not invited: the group is not ours.")
        cohort = self.cohorts[line.cohort]
        groups = [cohort.group, cohort.lcm_group] if enrolment.role is Role.LCM else [cohort.group]
        detail = {**line.detail, "email": email, "groups": groups}
        return replace(line, kind=ChangeKind.INVITE, reason=line.reason, detail=detail)

    def _known(self, line: Change, invited: Invited, email: str) -> Change:
        """Return the line about somebody whom we invited before."""
        if invited.stage is Stage.REFUSED:
            return replace(line, reason=f"could not be invited: {invited.reason}")
        if invited.stage in (Stage.LAPSED, Stage.ACCEPTED):
            return replace(line, reason="the invitation was taken back on the forum; not invited again")
        if invited.stage is Stage.INVITING:
            return replace(line, kind=ChangeKind.INVITED, reason="perhaps invited; the next run will know")
        detail = {**line.detail, "email": email, "groups": list(invited.groups), "invite": invited.invite_id}
        if not invited.is_open(self.now):
            return replace(line, reason=f"the invitation of {_day(invited.invited_at)} has expired; not invited again")
        due = self.allowed and line.cohort not in self.shut and invited.is_due(self.now, self.options)
        kind = ChangeKind.REMIND if due else ChangeKind.INVITED
        return replace(line, kind=kind, reason=self._story(invited), detail=detail)

    def _story(self, invited: Invited) -> str:
        story = f"invited on {_day(invited.invited_at)}"
        if invited.reminders:
            story += f", reminded {invited.reminders} times" if invited.reminders > 1 else ", reminded once"
        return f"{story}; open until {_day(invited.expires_at)}"

    def withdrawals(self) -> Iterator[Change]:
        """Yield a line for each open invitation of somebody whom the roster wants no more, or whose cohort is over."""
        for (cohort, key), invited in sorted(self.invited.items()):
            if cohort not in self.cohorts or not invited.is_open(self.now):
                continue
            reason = self._why_withdraw(self.cohorts[cohort], key)
            if not reason:
                continue
            detail = {"key": key, "email": invited.email, "invite": invited.invite_id}
            kind = ChangeKind.WITHDRAW if self.allowed else ChangeKind.KEPT
            why = reason if self.allowed else f"inviting is not switched on (limits.allow): {reason}"
            yield Change(kind, cohort, invited.group, why, person=invited.email, detail=detail)

    def _why_withdraw(self, cohort: Cohort, key: str) -> str:
        enrolment = self.enrolments.get((cohort.key, key))
        day = self.now.astimezone(cohort.zone).date()
        if day > cohort.end:
            return f"the cohort ended on {cohort.end}"
        if enrolment is None:
            return "no longer in the roster" if self.absence_counts else ""
        ended = enrolment.withdrawn or (enrolment.end is not None and enrolment.end < day)
        return f"the enrolment is over ({enrolment.where})" if ended else ""


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "an unknown day"

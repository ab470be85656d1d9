"""Lines about people beside a cohort's own groups: without a known account (by e-mail, invited), and alumni. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.accounts import Match, NoMatch
from sync_worker.membership.records.unseen import Invited, Stage
from sync_worker.membership.state import InCohort
from sync_worker.model import Change, ChangeKind, Role, RosterKind
from sync_worker.model.details import Mailed, Member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sync_worker.config.settings import InvitationSettings, Settings
    from sync_worker.membership.observing.match import Found
    from sync_worker.membership.planning.desired import Desired, Named
    from sync_worker.membership.records.unseen import Emailed
    from sync_worker.membership.state import Observed
    from sync_worker.model import Cohort, Enrolment, Roster


@dataclass(slots=True)
class InvitationPlanner:
    """Turns the lines about people without an account into lines about inviting them; at most `per_run` get a mail.

    `shut` are cohorts of which a group is somebody else's: nobody is invited into it. `mails` counts down.
    """

    cohorts: Mapping[str, Cohort]
    enrolments: Mapping[InCohort, Enrolment]
    who: Mapping[str, Match | NoMatch]
    invited: Mapping[InCohort, Invited]
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
        key = line.key
        enrolment, match = self.enrolments.get(InCohort(line.cohort, key)), self.who.get(key)
        email = enrolment.person.email if enrolment else None
        if not enrolment or not email or not isinstance(match, NoMatch) or not (match.absent or match.staged):
            return line
        invited = self.invited.get(InCohort(line.cohort, key))
        if invited and self.allowed and (reason := self._too_far(invited, enrolment)):
            return replace(line, reason=f"{reason}; the next run invites them as {enrolment.role.value}")
        if invited is None or invited.stage in (Stage.WITHDRAWN, Stage.GRANTS):
            if invited and invited.stage is Stage.GRANTS and not self.allowed:
                return replace(line, reason=f"not invited: {invited.reason}")
            return self._invitation(line, enrolment, email)
        return self._known(line, invited, email)

    def _invitation(self, line: Change, enrolment: Enrolment, email: str) -> Change:
        if not self.allowed:
            return line
        if line.cohort in self.shut:
            return replace(line, reason=f"{line.reason} Not invited: the group is not ours.")
        cohort = self.cohorts[line.cohort]
        groups = (cohort.group, cohort.lcm_group) if enrolment.role is Role.LCM else (cohort.group,)
        detail = Mailed(line.key, email, groups)
        return replace(line, kind=ChangeKind.INVITE, reason=line.reason, detail=detail)

    def _known(self, line: Change, invited: Invited, email: str) -> Change:
        """Return the line about somebody whom we invited before."""
        if invited.stage is Stage.GRANTED:
            return replace(line, reason=invited.reason)
        if invited.stage is Stage.REFUSED:
            return replace(line, reason=f"could not be invited: {invited.reason}")
        if invited.stage in (Stage.LAPSED, Stage.ACCEPTED):
            return replace(line, reason="the invitation was taken back on the forum; not invited again")
        if invited.stage is Stage.INVITING:
            return replace(line, kind=ChangeKind.INVITED, reason="perhaps invited; the next run will know")
        detail = Mailed(line.key, email, tuple(invited.groups), invited.invite_id)
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

    def granted(self) -> Iterator[Change]:
        """Yield a line for each person with an account whose accepted invitation granted rights over the forum."""
        for (cohort, key), invited in sorted(self.invited.items()):
            known = isinstance(self.who.get(key), Match) and InCohort(cohort, key) in self.enrolments
            if invited.stage is Stage.GRANTED and known and cohort in self.cohorts:
                detail = Member(key)
                yield Change(
                    ChangeKind.KEPT, cohort, invited.group, invited.reason, person=invited.email, detail=detail
                )

    def withdrawals(self) -> Iterator[Change]:
        """Yield a line for each open invitation of somebody whom the roster wants no more, or whose cohort is over."""
        for (cohort, key), invited in sorted(self.invited.items()):
            if cohort not in self.cohorts or not invited.is_open(self.now):
                continue
            reason = self._why_withdraw(self.cohorts[cohort], invited)
            if not reason:
                continue
            detail = Mailed(key, invited.email, invite=invited.invite_id)
            kind = ChangeKind.WITHDRAW if self.allowed else ChangeKind.KEPT
            why = reason if self.allowed else f"inviting is not switched on (limits.allow): {reason}"
            yield Change(kind, cohort, invited.group, why, person=invited.email, detail=detail)

    def _too_far(self, invited: Invited, enrolment: Enrolment) -> str:
        """Return why an open invitation lets somebody into more than the roster does now."""
        leads_lcms = self.cohorts[invited.cohort].lcm_group in invited.groups
        if not leads_lcms or enrolment.role is Role.LCM or not invited.is_open(self.now):
            return ""
        return f"invited as lcm, and not an LCM any more ({enrolment.where})"

    def _why_withdraw(self, cohort: Cohort, invited: Invited) -> str:
        enrolment = self.enrolments.get(InCohort(cohort.key, invited.key))
        day = self.now.astimezone(cohort.zone).date()
        if day > cohort.end:
            return f"the cohort ended on {cohort.end}"
        if enrolment is None:
            return "no longer in the roster" if self.absence_counts else ""
        ended = enrolment.withdrawn or (enrolment.end is not None and enrolment.end < day)
        return f"the enrolment is over ({enrolment.where})" if ended else self._too_far(invited, enrolment)


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "an unknown day"


# Lines about people of the roster whose account is not known: added by e-mail, invited, or only named. Pure.


NOT_LOOKED_UP = "account not looked up, the forum finds it by the address"
WAS_SENT = "was added by e-mail; account not looked up"


@dataclass(frozen=True, slots=True)
class EmailPlanner:
    """Turns the lines about people without an account into lines that add them by their address.

    Args:
        emailed: who was added so before.
        emails: the address by person key of those who may be added by it.
        enrolments: the roster by cohort and person key.
        allowed: whether `add` is switched on.
        shut: cohorts of which a group is somebody else's, and may not be adopted.

    """

    emailed: Emailed
    emails: Mapping[str, str]
    enrolments: Mapping[InCohort, Enrolment]
    allowed: bool
    shut: AbstractSet[str] = frozenset()

    def line(self, line: Change) -> Change:
        """Return a line about somebody unknown with what is known about additions by e-mail."""
        key = line.key
        enrolment = self.enrolments.get(InCohort(line.cohort, key))
        reason = f"{enrolment.role.value} in the roster ({enrolment.where})" if enrolment else "in the roster"
        if self.emailed.is_sent(line.target, key):
            return replace(line, kind=ChangeKind.UNCHANGED, reason=f"{reason}; {WAS_SENT}")
        if key not in self.emails:
            return line
        if line.cohort in self.shut:
            return replace(line, kind=ChangeKind.KEPT, reason=f"the group is not ours: {reason}")
        if not self.allowed:
            return replace(line, kind=ChangeKind.KEPT, reason=f"adding is not switched on (limits.allow): {reason}")
        detail = Mailed(key, self.emails[key])
        return replace(line, kind=ChangeKind.ADD_BY_EMAIL, reason=f"{reason}; {NOT_LOOKED_UP}", detail=detail)

    def is_unpaired(self, line: Change) -> bool:
        """Whether a line is about an account that joined by e-mail; the line of its person speaks for it."""
        return line.kind is ChangeKind.KEPT and line.user_id in self.emailed.accounts.get(line.target, {})

    def missing(self, one: Desired, observed: Observed) -> Iterator[Change]:
        """Yield a line for each account that joined the cohort's group by e-mail and is no longer in it."""
        cohort, group = one.cohort, observed.cohorts[one.cohort.key].group
        if group is None:
            return
        for number, account in sorted(self.emailed.accounts.get(cohort.group, {}).items()):
            if number not in group.members:
                reason = "left the group after we had added them by e-mail; not dragged back"
                yield Change(
                    ChangeKind.KEPT, cohort.key, cohort.group, reason, username=account.username, user_id=number
                )


@dataclass(frozen=True, slots=True)
class PeoplePlanner:
    """Makes the lines about people whom no group's plan can place; without the two planners they are only named.

    `followed` are lines about people of whom something changed since they were matched.
    """

    emails: EmailPlanner | None = None
    invitations: InvitationPlanner | None = None
    followed: tuple[Change, ...] = ()

    def lines(self, one: Desired) -> Iterator[Change]:
        """Yield a line for each person of a cohort who cannot be placed, or not yet."""
        for person in one.unknown:
            kind = ChangeKind.CONTRADICTION if person.contradicted else ChangeKind.UNKNOWN
            yield self._unknown(_line(one, person, kind))
        for person in one.waiting:
            yield _line(one, person, ChangeKind.CONTRADICTION if person.contradicted else ChangeKind.WAITING)

    def _unknown(self, line: Change) -> Change:
        for planner in (self.emails, self.invitations):
            if planner is not None and line.kind is ChangeKind.UNKNOWN:
                line = planner.line(line)
        return line

    def speaks_for(self, line: Change) -> bool:
        """Whether a line about a member is left out, because the line of the person says it."""
        return self.emails is not None and self.emails.is_unpaired(line)

    def closing(self, desired: Sequence[Desired], observed: Observed) -> Iterator[Change]:
        """Yield the lines that stand after those of all cohorts."""
        if self.emails is not None:
            for one in desired:
                yield from self.emails.missing(one, observed)
        if self.invitations is not None:
            yield from self.invitations.withdrawals()
            yield from self.invitations.granted()
        yield from self.followed


def _line(one: Desired, person: Named, kind: ChangeKind) -> Change:
    cohort = one.cohort
    return Change(kind, cohort.key, cohort.group, person.reason, person=person.label, detail=Member(person.key))


def followed_lines(roster: Roster, cohorts: Iterable[Cohort], who: Mapping[str, Match | NoMatch]) -> Iterator[Change]:
    """Yield a line for each person of whom something changed since the match, and who is still the same."""
    changed = {key: one for key, one in who.items() if isinstance(one, Match) and one.followed}
    for cohort in cohorts if changed else ():
        for enrolment in roster.of(cohort.key):
            match = changed.get(enrolment.person.key)
            if match:
                yield Change(
                    ChangeKind.FOLLOWED,
                    cohort.key,
                    cohort.group,
                    f"{match.followed}; still the same person ({enrolment.where})",
                    match.account.username,
                    match.account.id,
                    enrolment.person.label,
                    Member(enrolment.person.key),
                )


def people_planner(
    roster: Roster,
    cohorts: Sequence[Cohort],
    found: Found,
    *,
    emailed: Emailed,
    invited: Mapping[InCohort, Invited],
    observed: Observed,
    settings: Settings,
    now: datetime,
) -> PeoplePlanner:
    """Return the planner for one run; additions by e-mail and invitations are planned only where there may be any."""
    limits = settings.limits
    emails = {
        enrolment.person.key: enrolment.person.email
        for enrolment in roster.enrolments
        if enrolment.person.key in found.by_email and enrolment.person.email
    }
    by_email = bool(emails or emailed.people)
    inviting = "invite" in limits.allow
    enrolments = (
        {InCohort(enrolment.cohort, enrolment.person.key): enrolment for enrolment in roster.enrolments}
        if by_email or inviting or invited
        else {}
    )
    states = observed.cohorts
    adopt = "adopt" in limits.allow
    shut = frozenset(key for key in states if not adopt and states[key].has_groups_of_others)
    return PeoplePlanner(
        EmailPlanner(emailed, emails, enrolments, "add" in limits.allow, shut) if by_email else None,
        InvitationPlanner(
            {cohort.key: cohort for cohort in cohorts},
            enrolments,
            found.who,
            invited,
            settings.invitations,
            allowed=inviting,
            now=now,
            absence_counts=not roster.rejected
            and all(roster.kind_of(cohort.key) is RosterKind.SNAPSHOT for cohort in cohorts),
            shut=shut,
        )
        if inviting or invited
        else None,
        tuple(followed_lines(roster, cohorts, found.who)),
    )

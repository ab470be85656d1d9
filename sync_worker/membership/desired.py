"""Roster, cohort and day -> the groups, members, owners and category that should be, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.membership.identity import Match, NoMatch
from sync_worker.membership.state import EVERYTHING, STAFF, Account, CategoryState, CohortState, GroupState
from sync_worker.model import Role, RosterKind, fold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sync_worker.model import Cohort, Enrolment, Roster

MAX_FULL_NAME = 100


@dataclass(frozen=True, slots=True)
class Named:
    """A person of the roster as a line of a plan shows them."""

    key: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Desired:
    """What one cohort should be, and who stands where in the roster by user id.

    `ended` are people whom the roster takes out in so many words, `spared` those about whom it leaves a doubt: neither
    wanted nor to be removed. `absence_unproven` is empty where absence from the roster means removal, else says why
    not.
    """

    cohort: Cohort
    state: CohortState
    wanted: Mapping[int, Named]
    ended: Mapping[int, str] = field(default_factory=dict)
    spared: Mapping[int, str] = field(default_factory=dict)
    unknown: tuple[Named, ...] = ()
    waiting: tuple[Named, ...] = ()
    absence_unproven: str = ""

    def dismissal(self, account: Account) -> tuple[bool, str]:
        """Return whether the roster dismisses an account from the cohort, and why or why not."""
        if account.id in self.spared:
            return False, self.spared[account.id]
        if account.id in self.ended:
            return True, self.ended[account.id]
        namesakes = [
            person.label for person in self.unknown if account.name and fold(person.label) == fold(account.name)
        ]
        if namesakes:
            return False, f"may be {namesakes[0]}, who is in the roster and matches no account"
        if self.absence_unproven:
            return False, self.absence_unproven
        return True, "no longer in the roster"


def build_desired(cohort: Cohort, roster: Roster, who: Mapping[str, Match | NoMatch], day: date) -> Desired:
    """Return what `cohort` should be on `day`."""
    members: dict[int, Account] = {}
    lcms: dict[int, Account] = {}
    wanted: dict[int, Named] = {}
    ended: dict[int, str] = {}
    spared: dict[int, str] = {}
    unknown: list[Named] = []
    waiting: list[Named] = []
    for enrolment in roster.enrolments:
        if enrolment.cohort != cohort.key:
            continue
        match, reason, person = who[enrolment.person.key], _reason(enrolment, day), enrolment.person
        gone = enrolment.withdrawn or (enrolment.end is not None and enrolment.end < day)
        early = not gone and not enrolment.active_on(day)
        if isinstance(match, NoMatch):
            spared.update(dict.fromkeys(match.candidates, f"may be {person.label}: {match.reason}"))
            if not gone:
                lines, why = (waiting, reason) if early else (unknown, f"{match.reason} ({enrolment.where})")
                lines.append(Named(person.key, person.label, why))
        elif gone:
            ended[match.account.id] = reason
        elif early:
            spared[match.account.id] = reason
            waiting.append(Named(person.key, person.label, reason))
        else:
            members[match.account.id] = match.account
            wanted[match.account.id] = Named(person.key, person.label, reason)
            if enrolment.role is Role.LCM:
                lcms[match.account.id] = match.account
    return Desired(
        cohort=cohort,
        state=_cohort_state(cohort, members, lcms),
        wanted=wanted,
        ended={number: reason for number, reason in ended.items() if number not in wanted},
        spared={number: reason for number, reason in spared.items() if number not in wanted},
        unknown=tuple(unknown),
        waiting=tuple(waiting),
        absence_unproven=_absence_unproven(roster, cohort.key),
    )


def _cohort_state(cohort: Cohort, members: Mapping[int, Account], lcms: Mapping[int, Account]) -> CohortState:
    return CohortState(
        group=GroupState(cohort.group, cohort.name[:MAX_FULL_NAME], members, frozenset(lcms)),
        lcm_group=GroupState(cohort.lcm_group, f"{cohort.name[: MAX_FULL_NAME - 6]} (LCM)", lcms),
        category=CategoryState(
            name=cohort.category,
            slug=cohort.category_slug,
            permissions={cohort.group: EVERYTHING, cohort.lcm_group: EVERYTHING, STAFF: EVERYTHING},
            moderators=frozenset({cohort.lcm_group}),
        ),
    )


def _reason(enrolment: Enrolment, day: date) -> str:
    if enrolment.withdrawn:
        return f"the roster says so ({enrolment.where})"
    if enrolment.start and enrolment.start > day:
        return f"starts on {enrolment.start} ({enrolment.where})"
    if enrolment.end and enrolment.end < day:
        return f"the enrolment ended on {enrolment.end} ({enrolment.where})"
    return f"{enrolment.role.value} in the roster ({enrolment.where})"


def _absence_unproven(roster: Roster, cohort: str) -> str:
    if roster.kind_of(cohort) is RosterKind.DELTA:
        return "the roster is a delta: who is not in it stays"
    if roster.rejected:
        rows = "1 row of the roster was" if len(roster.rejected) == 1 else f"{len(roster.rejected)} rows were"
        return f"{rows} rejected, so absence from it proves nothing"
    return ""

"""Roster, cohort and day -> who should be in the cohort's groups and what its category should be.

Only numbers are collected here; the reason of a line is worked out when the line is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sync_worker.config.load import cut_at_word
from sync_worker.membership.matching.accounts import Match, NoMatch
from sync_worker.membership.records.ties import State, digest, digests
from sync_worker.membership.state import EVERYTHING, SEE, STAFF, Account, CategoryState
from sync_worker.model import Role, RosterKind, fold
from sync_worker.model.details import Mark, Member

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from sync_worker.config.settings import LimitSettings
    from sync_worker.membership.records.ties import TieRecord
    from sync_worker.model import Cohort, Enrolment, Roster

MAX_FULL_NAME = 100
OVER = "the cohort is over: who was in it at its end stays"


@dataclass(frozen=True, slots=True)
class Named:
    """A person of the roster as a line of a plan shows them."""

    key: str
    label: str
    reason: str
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the roster dismisses an account, why or why not, and whether it says so in so many words."""

    dismissed: bool
    reason: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class WantedGroup:
    """A group as it should be: who should be in it, and who of them should own it."""

    name: str
    full_name: str
    members: AbstractSet[int]
    owners: AbstractSet[int] = frozenset()


@dataclass(frozen=True)
class Desired:
    """What one cohort should be, and who stands where in the roster by user id.

    `ended` are people whom the roster takes out in so many words, `spared` those about whom it leaves a doubt: neither
    wanted nor to be removed. `absence_unproven` is empty where absence from the roster means removal, else says why
    not. `held` says why the cohort's end does not count yet.
    """

    cohort: Cohort
    day: date
    wanted: Mapping[int, Enrolment]
    lcms: frozenset[int]
    who: Mapping[str, Match | NoMatch] = field(repr=False)
    ended: Mapping[int, Enrolment] = field(default_factory=dict)
    spared: Mapping[int, str] = field(default_factory=dict)
    unknown: tuple[Named, ...] = ()
    waiting: tuple[Named, ...] = ()
    absence_unproven: str = ""
    held: str = ""

    @property
    def over(self) -> bool:
        """Whether the cohort is over: what belongs to it becomes an archive, unless its end waits for a person."""
        return self.cohort.over_on(self.day) and not self.held

    @property
    def as_of(self) -> date:
        """The day whose enrolments count: today, and after the cohort's end its last day."""
        return min(self.day, self.cohort.end)

    @property
    def group(self) -> WantedGroup:
        """The cohort's group."""
        cohort = self.cohort
        return WantedGroup(cohort.group, cut_at_word(cohort.name, MAX_FULL_NAME), self.wanted.keys(), self.lcms)

    @property
    def lcm_group(self) -> WantedGroup:
        """The group of the cohort's LCMs."""
        return WantedGroup(
            self.cohort.lcm_group, f"{cut_at_word(self.cohort.name, MAX_FULL_NAME - 6)} (LCM)", self.lcms
        )

    @property
    def category(self) -> CategoryState:
        """The cohort's category: when the cohort is over, its learners may only read."""
        return wanted_category(self.cohort, over=self.over)

    @cached_property
    def _namesakes(self) -> Mapping[str, str]:
        return {fold(person.label): person.label for person in reversed(self.unknown)}

    def account(self, number: int) -> Account:
        """Return the account of somebody wanted."""
        match = self.who[self.wanted[number].person.key]
        assert isinstance(match, Match)  # noqa: S101 - `wanted` holds nobody else
        return match.account

    def reason(self, number: int) -> str:
        """Return why somebody is wanted."""
        note = self.account(number).note
        reason = standing(self.wanted[number], self.as_of)
        return f"{reason}, {note}" if note else reason

    def identity(self, number: int) -> Member:
        """Return what is kept of somebody wanted: the key of the person, and what recognises them again."""
        person = self.wanted[number].person
        return Member(person.key, digests(person))

    def dismissal(self, account: Account) -> Verdict:
        """Return whether the roster dismisses an account that is not wanted."""
        if account.id in self.spared:
            return Verdict(False, self.spared[account.id])
        if account.id in self.ended:
            return Verdict(True, standing(self.ended[account.id], self.as_of), told=True)
        namesake = self._namesakes.get(fold(account.name)) if account.name else None
        if namesake:
            return Verdict(False, f"may be {namesake}, who is in the roster and matches no account")
        if self.absence_unproven:
            return Verdict(False, self.absence_unproven)
        return Verdict(True, "no longer in the roster")


@dataclass(slots=True)
class _Places:
    """Who stands where, while a cohort's enrolments are gone through."""

    day: date
    wanted: dict[int, Enrolment] = field(default_factory=dict)
    lcms: set[int] = field(default_factory=set)
    ended: dict[int, Enrolment] = field(default_factory=dict)
    spared: dict[int, str] = field(default_factory=dict)
    unknown: list[Named] = field(default_factory=list)
    waiting: list[Named] = field(default_factory=list)

    def put(self, enrolment: Enrolment, match: Match | NoMatch) -> None:
        """Place somebody who is not plainly wanted."""
        person, reason = enrolment.person, standing(enrolment, self.day)
        gone = enrolment.withdrawn or (enrolment.end is not None and enrolment.end < self.day)
        early = not gone and not enrolment.active_on(self.day)
        if isinstance(match, NoMatch):
            self.spared.update(dict.fromkeys(match.candidates, f"may be {person.label}: {match.reason}"))
            if not gone:
                lines, why = (self.waiting, reason) if early else (self.unknown, f"{match.reason} ({enrolment.where})")
                lines.append(Named(person.key, person.label, why, match.contradicted))
        elif gone:
            self.ended[match.account.id] = enrolment
        else:
            self.spared[match.account.id] = reason
            self.waiting.append(Named(person.key, person.label, reason))


def contested(who: Mapping[str, Match | NoMatch]) -> dict[int, str]:
    """Return why an account may be somebody's who has to be settled first: it is taken out of no cohort meanwhile."""
    return {
        number: f"may be somebody else in the roster: {match.reason}"
        for match in who.values()
        if isinstance(match, NoMatch) and match.contradicted
        for number in match.candidates
    }


def build_desired(
    cohort: Cohort,
    roster: Roster,
    who: Mapping[str, Match | NoMatch],
    day: date,
    *,
    held: str = "",
    contested: Mapping[int, str] | None = None,
) -> Desired:
    """Return what `cohort` should be on `day`; `contested` is that of all cohorts' people.

    After the cohort's end its people are those of its last day: enrolments that end with it do not empty its groups.
    """
    places = _Places(min(day, cohort.end), spared=dict(contested or {}))
    _fill(places, roster.of(cohort.key), who)
    wanted = places.wanted
    return Desired(
        cohort=cohort,
        day=day,
        wanted=wanted,
        lcms=frozenset(places.lcms),
        who=who,
        ended={number: enrolment for number, enrolment in places.ended.items() if number not in wanted},
        spared={number: reason for number, reason in places.spared.items() if number not in wanted},
        unknown=tuple(places.unknown),
        waiting=tuple(places.waiting),
        absence_unproven=held or _absence_unproven(roster, cohort, day),
        held=held,
    )


def _fill(places: _Places, enrolments: Sequence[Enrolment], who: Mapping[str, Match | NoMatch]) -> None:
    """Place everybody; a person who is plainly wanted costs one look-up only, for there may be a million."""
    day, wanted, lcms, lcm = places.day, places.wanted, places.lcms, Role.LCM
    for enrolment in enrolments:
        match, start, end = who[enrolment.person.key], enrolment.start, enrolment.end
        if (
            match.__class__ is Match
            and not enrolment.withdrawn
            and (start is None or start <= day)
            and (end is None or day <= end)
        ):
            number = match.account.id
            wanted[number] = enrolment
            if enrolment.role is lcm:
                lcms.add(number)
        else:
            places.put(enrolment, match)


def wanted_category(cohort: Cohort, *, over: bool) -> CategoryState:
    """Return a cohort's category as it should be."""
    return CategoryState(
        name=cohort.category,
        slug=cohort.category_slug,
        permissions={cohort.group: SEE if over else EVERYTHING, cohort.lcm_group: EVERYTHING, STAFF: EVERYTHING},
        moderators=frozenset({cohort.lcm_group}),
    )


def standing(enrolment: Enrolment, day: date) -> str:
    """Return what the roster says of somebody on a day, and where it says so."""
    if enrolment.withdrawn:
        return f"the roster says so ({enrolment.where})"
    if enrolment.start and enrolment.start > day:
        return f"starts on {enrolment.start} ({enrolment.where})"
    if enrolment.end and enrolment.end < day:
        return f"the enrolment ended on {enrolment.end} ({enrolment.where})"
    return f"{enrolment.role.value} in the roster ({enrolment.where})"


def _absence_unproven(roster: Roster, cohort: Cohort, day: date) -> str:
    if day > cohort.end:
        return OVER
    if roster.kind_of(cohort.key) is RosterKind.DELTA:
        return "the roster is a delta: who is not in it stays"
    if roster.rejected:
        rows = "1 row of the roster was" if len(roster.rejected) == 1 else f"{len(roster.rejected)} rows were"
        return f"{rows} rejected, so absence from it proves nothing"
    return ""


NOT_SWITCHED_ON = {
    "add": "adding is not switched on (limits.allow)",
    "remove": "removal is not switched on (limits.allow)",
    "owners": "changing owners is not switched on (limits.allow)",
    "create": "creating is not switched on (limits.allow)",
}
LEFT_BY_THEMSELVES = "left the group after we had added them; not dragged back (limits.bring_back)"
PROTECTED = "protected (limits.protected)"

# Removal and demotion in two steps: first a mark, then, when the grace is over, the act. Pure.


@dataclass(frozen=True, slots=True)
class Leaving:
    """A person whom the roster dismisses from a group of ours, at `now`; dates are told in the cohort's `zone`."""

    record: TieRecord
    limits: LimitSettings
    now: datetime
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """When the person was marked, or is marked now."""
        marked = self.record.since if self.record.state is State.MARKED else None
        return marked or self.now

    @property
    def runs(self) -> int:
        """How many runs have found the person gone, this one included."""
        return 1 + (self.record.clean_runs if self.record.state is State.MARKED else 0)

    @property
    def ends(self) -> datetime:
        """When the grace is over."""
        return self.since + timedelta(days=self.limits.grace_days)

    @property
    def due(self) -> bool:
        """Whether the person is to be removed now."""
        if self.limits.grace_days == 0:
            return True
        return self.record.state is State.MARKED and self.now >= self.ends and self.runs >= self.limits.grace_runs

    @property
    def kept(self) -> Member:
        """What a line about the person keeps, so that it can be taken back."""
        return Member(self.record.person, self.record.digests)

    @property
    def mark(self) -> Mark:
        """What is written down about a person who waits."""
        return Mark(self.record.person, self.record.digests, self.since, self.runs)

    def words(self, reason: str, what: str = "to be removed on") -> str:
        """Return when the person will be removed, or demoted if `what` says so, and why."""
        ends = max(self.ends, self.now).astimezone(self.zone)
        missing = self.limits.grace_runs - self.runs
        runs = f", if {missing} more run{'s' if missing > 1 else ''} find{'' if missing > 1 else 's'} them gone"
        return f"{what} {ends:%Y-%m-%d}{runs if missing > 0 else ''}: {reason}"


def protected(account: Account, record: TieRecord, limits: LimitSettings) -> bool:
    """Whether `limits.protected` names an account: by username, or by an identifier of when we added it."""
    if not limits.protected:
        return False
    known = {fold(account.username), fold(record.person.partition(":")[2]), *record.digests.split()}
    return any(fold(name) in known or digest(name) in known for name in limits.protected)

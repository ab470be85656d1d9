"""Today's roster beside those of the last weeks: what is too different to be followed before a person has looked.

Pure: what is remembered goes in, an error or what to remember comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from sync_worker.errors import UnsafePlanError
from sync_worker.membership.planning.guard import check_rejected
from sync_worker.membership.records.accepted import Accepted, AcceptedRosters, Comparison, compare
from sync_worker.model import RosterKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from sync_worker.config.settings import LimitSettings
    from sync_worker.model import Cohort, Enrolment, Roster

ACCEPT_ROSTER = "lcm sync --apply --accept-roster"
MEANT = f"If that is meant, take it once: {ACCEPT_ROSTER}"
ALLOW = "allow it once with: lcm sync --apply --accept-dates"
ACCEPT = f"If it is the right roster, take it once: {ACCEPT_ROSTER}."
SHOWN_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a person allowed for this one run: a roster that is very different, an end that moved far."""

    roster: bool = False
    dates: bool = False


NOTHING_ACCEPTED = Acceptance()


@dataclass(frozen=True, slots=True)
class RosterGuard:
    """What one run's roster is compared with.

    Args:
        source: what to call the roster.
        now: the moment of the run.
        comparisons: the roster of each cohort beside what is remembered of it, by key.
        going: the cohorts that have not ended.
        running: the cohorts that have begun, now or when an earlier roster was accepted.
        snapshots: the cohorts from which absence means something.
        held: why nothing of a cohort's end is done yet, by key.
        ends: each cohort's last day as it stands once this run is through.
        days: each cohort's day.

    """

    source: str
    rosters: AcceptedRosters
    acceptance: Acceptance
    now: datetime
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    going: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    snapshots: frozenset[str] = frozenset()
    held: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        roster: Roster,
        cohorts: Sequence[Cohort],
        rosters: AcceptedRosters,
        limits: LimitSettings,
        *,
        now: datetime,
        acceptance: Acceptance,
    ) -> RosterGuard:
        """Compare a roster with what is remembered."""
        days = {cohort.key: now.astimezone(cohort.zone).date() for cohort in cohorts}
        held = {
            cohort.key: words
            for cohort in cohorts
            if not acceptance.dates
            and (words := held_end(cohort, rosters.cohorts.get(cohort.key), days[cohort.key], limits, now))
        }
        ends = {
            cohort.key: rosters.cohorts[cohort.key].end or cohort.end if cohort.key in held else cohort.end
            for cohort in cohorts
        }
        going = frozenset(key for key, end in ends.items() if days[key] <= end)
        comparisons = {}
        for key, day in days.items():
            first = day - limits.shrink_window if key in going else date.min  # the rosters of one that ended may be old
            stored = rosters.cohorts.get(key, Accepted())
            comparisons[key] = compare(rosters, stored, roster.of(key), day=min(day, ends[key]), first=first)
        begun = {cohort.key for cohort in cohorts if cohort.start <= days[cohort.key]}
        return cls(
            roster.source,
            rosters,
            acceptance,
            now,
            comparisons,
            going=going,
            running=frozenset(begun | {key for key, one in comparisons.items() if one.before.under_way}),
            snapshots=frozenset(key for key in days if roster.kind_of(key) is RosterKind.SNAPSHOT),
            held=held,
            ends=ends,
            days=days,
        )

    def as_they_stand(self, cohorts: Sequence[Cohort]) -> list[Cohort]:
        """Return the cohorts with the ends that count: where one is held, that of before."""
        return [replace(cohort, end=self.ends[cohort.key]) for cohort in cohorts]

    def check(self, roster: Roster, limits: LimitSettings) -> None:
        """Refuse a roster that shrank too far, has other people in it, or lost or gained too many LCMs at once.

        Raises:
            UnsafePlanError: with what was counted and what is allowed.

        """
        compared = {key: one for key, one in self.comparisons.items() if key in self.snapshots & self.going}
        sizes = {key: one.size for key, one in compared.items()}
        before = {key: one.before.most for key, one in compared.items()}
        if self.acceptance.roster:
            check_rejected(roster, limits)
            return
        check_roster(roster, sizes, before, limits)
        self._check_exchange(compared, limits)
        self._check_roles(limits)

    def strangers(self, inside: Mapping[str, AbstractSet[str]]) -> dict[str, int]:
        """Return how many people the roster brings into each cohort that is under way who are new to it.

        Everybody who may join counts, also without an account or with a later start: a person is known once a roster
        with them was accepted, and then joins unnoticed. The first roster of a cohort brings no strangers, nor does
        one that a person accepted.

        Args:
            inside: of each cohort of this run, the keys of people who are in its group already.

        """
        if self.acceptance.roster:
            return {}
        found = {}
        for key in sorted(self.running & inside.keys()):
            one = self.comparisons[key]
            count = len(one.newcomers - inside[key])
            if count and (one.known or one.before.under_way):
                found[key] = count
        return found

    def check_additions(
        self, strangers: Mapping[str, int], group_sizes: Mapping[str, int], limits: LimitSettings
    ) -> None:
        """Refuse a roster that brings too many strangers into a cohort within 24 hours.

        Args:
            strangers: as the method of this name returns them.
            group_sizes: how many members each cohort's group has, by the cohort's key.
            limits: the limits of lcm.yaml.

        Raises:
            UnsafePlanError: with what was counted and what is allowed.

        """
        for key, count in strangers.items():
            one = self.comparisons[key]
            recent = sum(one.before.recent_strangers(self.now).values())
            base = max(one.known, group_sizes.get(key, 0)) - recent
            allowed = max(limits.small_group_additions, int(limits.max_addition_fraction * base))
            if count + recent > allowed:
                earlier = f", after {recent} in the last 24 hours" if recent else ""
                raise UnsafePlanError(
                    f"the roster brings {count} people into '{key}', which is under way, who were not in it before"
                    f"{earlier} (of {base}; limits.max_addition_fraction allows {allowed} in a day).",
                    where=self.source,
                    numbers={"additions": count + recent, "members": base, "allowed": allowed},
                    do=ACCEPT,
                )

    def accepted(self, cohorts: Sequence[str], strangers: Mapping[str, int]) -> dict[str, Accepted]:
        """Return what is remembered of these cohorts once the run goes on; `strangers` are those it lets in."""
        found, afresh = {}, self.acceptance.roster
        for key in cohorts:
            one = self.comparisons[key]
            after = one.after(self.days[key], counts=key in self.snapshots & self.going, afresh=afresh)
            recent = after.recent_strangers(self.now)
            if key in strangers:
                recent[self.now] = recent.get(self.now, 0) + strangers[key]
            under_way = after.under_way or (key in self.running and bool(after.people))
            lcms = after.lcms if key in self.going else one.before.lcms
            ends = {} if self.acceptance.dates else one.before.recent_ends(self.now)
            end, before = self.ends[key], one.before.end
            if before is not None and end < before and not self.acceptance.dates:
                ends[self.now] = before
            found[key] = replace(after, lcms=lcms, end=end, earlier_ends=ends, strangers=recent, under_way=under_way)
        return found

    def _check_exchange(self, compared: Mapping[str, Comparison], limits: LimitSettings) -> None:
        """Count the people who are gone, no matter who came in their place."""
        for key, one in compared.items():
            base = max(one.before.most, one.size)
            small = base <= limits.small_group
            allowed = limits.small_group_removals if small else int(limits.max_shrink_fraction * base)
            if min(one.gone, base) > allowed:
                days = limits.shrink_window.days
                raise UnsafePlanError(
                    f"cohort '{key}' has {one.size} people in the roster, but {one.gone} of those of the last {days}"
                    f" days are not among them ({allowed} are allowed).",
                    where=self.source,
                    numbers={"before": base, "gone": one.gone, "allowed": allowed},
                    do=ACCEPT,
                )
        known = [one for one in compared.values() if one.before.people]
        base = sum(max(one.before.most, one.size) for one in known)
        gone = sum(min(one.gone, max(one.before.most, one.size)) for one in known)
        allowed = max(limits.small_group_removals, int(limits.max_overall_shrink_fraction * base))
        if len(known) > 1 and gone > allowed:
            raise UnsafePlanError(
                f"{gone} people of the last {limits.shrink_window.days} days are not in the roster any more, of {base}"
                f" in all cohorts ({allowed} are allowed).",
                where=self.source,
                numbers={"before": base, "gone": gone, "allowed": allowed},
                do=ACCEPT,
            )

    def _check_roles(self, limits: LimitSettings) -> None:
        """Refuse a roster whose roles changed for many at once: its column is empty, or its words are others."""
        going = [one for key, one in self.comparisons.items() if key in self.going]
        before = sum(len(one.before.lcms) for one in going)
        allowed = max(limits.small_group_role_changes, int(limits.max_role_change_fraction * before))
        demoted = [enrolment for one in going for enrolment in one.demoted]
        if len(demoted) > allowed:
            raise self._roles(
                f"{len(demoted)} of {before} LCMs are not LCMs in this roster any more ({allowed} are allowed at once)",
                demoted,
                {"demoted": len(demoted), "lcms": before, "allowed": allowed},
            )
        promoted = [enrolment for one in going if one.before.lcms for enrolment in one.promoted]
        if len(promoted) > allowed:
            raise self._roles(
                f"{len(promoted)} people are LCMs in this roster who were not before ({allowed} are allowed at once)",
                promoted,
                {"promoted": len(promoted), "lcms": before, "allowed": allowed},
            )

    def _roles(self, what: str, who: Sequence[Enrolment], numbers: Mapping[str, float]) -> UnsafePlanError:
        listed = "\n".join(_listed(who))
        return UnsafePlanError(
            f"{what}:\n{listed}\nIs the column 'role' empty, or are its words others than before?",
            where=self.source,
            numbers=numbers,
            do=ACCEPT,
        )


def _listed(enrolments: Sequence[Enrolment]) -> Iterator[str]:
    for enrolment in enrolments[:SHOWN_PEOPLE]:
        yield f"  {enrolment.person.label} in {enrolment.cohort} ({enrolment.where})"
    if len(enrolments) > SHOWN_PEOPLE:
        yield f"  and {len(enrolments) - SHOWN_PEOPLE} more."


def held_end(cohort: Cohort, accepted: Accepted | None, day: date, limits: LimitSettings, now: datetime) -> str:
    """Return why a cohort's end does not count yet, in words; nothing where it does.

    An end counts unless it was brought forward into the past, or by more than `max_end_shift` in a day, and the cohort
    would not be over by the end that was accepted before.
    """
    before = accepted.end if accepted else None
    if accepted is None or before is None or cohort.end >= before or (day - before).days > cohort.archive_after:
        return ""
    first = max([before, *accepted.recent_ends(now).values()])
    if cohort.end >= day and first - cohort.end <= limits.max_end_shift:
        return ""
    return f"end date moved from {first} to {cohort.end}; {ALLOW}"


def check_roster(roster: Roster, sizes: Mapping[str, int], before: Mapping[str, int], limits: LimitSettings) -> None:
    """Refuse a roster with too many bad rows, or a snapshot in which a cohort vanished or shrank too far.

    Raises:
        UnsafePlanError: with what was counted and what is allowed.

    """
    check_rejected(roster, limits)
    if roster.kind is not RosterKind.SNAPSHOT:
        return
    for cohort, size in sizes.items():
        _check_shrinking(roster.source, cohort, before.get(cohort, 0), size, limits)
    known = {cohort: before[cohort] for cohort in sizes if before.get(cohort)}
    if len(known) > 1:
        lost = sum(max(0, size - sizes[cohort]) for cohort, size in known.items())
        _check_shrinking_overall(roster.source, sum(known.values()), lost, limits)


def _check_shrinking(source: str, cohort: str, before: int, now: int, limits: LimitSettings) -> None:
    lost = before - now
    small = before <= limits.small_group
    allowed = limits.small_group_removals if small else int(limits.max_shrink_fraction * before)
    if now == 0 < before or lost > allowed:
        raise UnsafePlanError(
            f"cohort '{cohort}' had {before} people in the roster and has {now} now ({allowed} fewer are allowed).",
            where=source,
            numbers={"before": before, "now": now, "allowed": allowed},
            do=f"{MEANT}, or raise limits.max_shrink_fraction in lcm.yaml.",
        )


def _check_shrinking_overall(source: str, before: int, lost: int, limits: LimitSettings) -> None:
    allowed = max(limits.small_group_removals, int(limits.max_overall_shrink_fraction * before))
    if lost > allowed:
        raise UnsafePlanError(
            f"the cohorts had {before} people in the roster, and have lost {lost} of them ({allowed} are allowed).",
            where=source,
            numbers={"before": before, "lost": lost, "allowed": allowed},
            do=f"{MEANT}, or raise limits.max_overall_shrink_fraction in lcm.yaml.",
        )

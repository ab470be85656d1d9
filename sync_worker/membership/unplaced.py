"""Which people of a roster have to be looked up on the forum. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.membership.confirming import is_doubted
from sync_worker.membership.ties import State, TieKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sync_worker.membership.provenance import Remembered
    from sync_worker.membership.state import Account, Observed
    from sync_worker.model import Cohort, Person, Roster


def unplaced(
    roster: Roster,
    *,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    now: datetime,
    joining: bool,
) -> set[str]:
    """Return the keys of the people whose account or present username is not known.

    With `joining`, those as well who are known and will join the cohort's group: what the plugin reported about the
    members of another group may be old.
    """
    everybody = observed.accounts()
    found: set[str] = set()
    for cohort in cohorts:
        day = now.astimezone(cohort.zone).date()
        group = observed.cohorts[cohort.key].group
        seen = everybody if not joining else group.members if group else {}
        for enrolment in roster.of(cohort.key):
            if enrolment.active_on(day) and not _placed(enrolment.person, cohort, seen, observed, remembered):
                found.add(enrolment.person.key)
    return found


def _placed(
    person: Person, cohort: Cohort, seen: Mapping[int, Account], observed: Observed, remembered: Remembered
) -> bool:
    """Whether a person's account and present username are known, or not needed because the person left."""
    recognised = remembered.memory.recognised.get(person.key)
    if recognised is None or recognised.account.id in seen:
        return recognised is not None
    tie = remembered.ties.get(TieKey(cohort.group, recognised.account.id))
    return bool(observed.cohorts[cohort.key].group and tie and tie.state in (State.ADDED, State.LEFT))


def doubted(
    roster: Roster,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    order: Sequence[str],
) -> set[str]:
    """Return the keys of people who were matched, and of whom roster or member lists say something else by now."""
    seen, recognised = observed.accounts(), remembered.memory.recognised
    return {
        enrolment.person.key
        for cohort in cohorts
        for enrolment in roster.of(cohort.key)
        if (known := recognised.get(enrolment.person.key))
        and is_doubted(enrolment.person, known, seen.get(known.account.id), order)
    }

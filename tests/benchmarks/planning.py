"""Planning: many cohorts, most of them unchanged.

Both sides get the same objects, made before the clock starts: a roster as a source reads it (a flat row of enrolments
with dates, some of them withdrawn, some of people without an account), the account of each person, the members of each
group as the forum lists them, and what is remembered as ours. The bare side does only what no planner can do without:
it takes the enrolments that hold today, finds each one's account, groups the numbers by cohort, and takes set
differences and intersections with the members and with ours. The planner makes a whole plan of it, with a reason, place
and detail in each line that does something or needs an explanation, and counts of all the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sync_worker.config.settings import LimitSettings
from sync_worker.membership.matching.accounts import Match, NoMatch
from sync_worker.membership.planning.build import build_plan
from sync_worker.membership.planning.desired import build_desired
from sync_worker.membership.records.memberships import Remembered
from sync_worker.membership.records.ties import State, TieBook, TieKey, TieRecord
from sync_worker.membership.state import Account, CategoryState, CohortState, GroupState, Observed
from sync_worker.model import ChangeKind, Cohort, Enrolment, Person, Roster, RosterKind

COHORT_SIZE = 1000
WITHOUT_ACCOUNT, WITHDRAWN = 503, 504
"""The last three digits of the people who have no account, and of those who withdrew."""
DAY = date(2027, 1, 15)
NOW = datetime(2027, 1, 15, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """The same question asked twice: of bare sets, and of the planner; and what the sets alone take, ready-made."""

    bare: Callable[[], object]
    plan: Callable[[], object]
    ready_made: Callable[[], object]


def make_case(people: int) -> Case:
    """Return `people` enrolments in cohorts of a thousand; one in two hundred is new, one in two hundred has gone."""
    cohorts = [_cohort(number) for number in range(max(1, people // COHORT_SIZE))]
    size = people // len(cohorts)
    wanted: dict[str, set[int]] = {}
    present: dict[str, set[int]] = {}
    for number, cohort in enumerate(cohorts):
        everybody = range(number * size + 1, (number + 1) * size + 1)
        wanted[cohort.key] = {each for each in everybody if each % 200 != 1}
        present[cohort.key] = {each for each in everybody if each % 200 != 2}
    accounts = {each: Account(each, f"user{each}", f"User {each}") for ids in wanted.values() for each in ids}
    accounts |= {each: Account(each, f"user{each}", f"User {each}") for ids in present.values() for each in ids}
    enrolments = tuple(_enrolment(cohort, each) for cohort in cohorts for each in sorted(wanted[cohort.key]))
    numbers = {each.person.key: int(each.where) for each in enrolments if int(each.where) % 1000 != WITHOUT_ACCOUNT}
    who: dict[str, Match | NoMatch] = {each.person.key: NoMatch("no account has it.") for each in enrolments}
    who |= {key: Match(accounts[number], "email") for key, number in numbers.items()}
    observed = Observed({cohort.key: _state(cohort, present[cohort.key], accounts) for cohort in cohorts})
    remembered = Remembered(
        ties=TieBook.of(
            (TieKey(cohort.group, each), TieRecord(State.ADDED, f"user{each}", f"id:p{each}", cohort.key))
            for cohort in cohorts
            for each in present[cohort.key]
        )
    )
    holding = {
        key: {each for each in ids if each % 1000 not in (WITHOUT_ACCOUNT, WITHDRAWN)} for key, ids in wanted.items()
    }
    limits = LimitSettings(allow=("add", "remove", "owners", "create"), grace_days=0)

    def bare() -> int:
        by_cohort: dict[str, set[int]] = {}
        for enrolment in enrolments:
            start, end, number = enrolment.start, enrolment.end, numbers.get(enrolment.person.key)
            if number is None or enrolment.withdrawn or (start and start > DAY) or (end and end < DAY):
                continue
            ids = by_cohort.get(enrolment.cohort)
            if ids is None:
                ids = by_cohort[enrolment.cohort] = set()
            ids.add(number)
        return differences(by_cohort)

    def differences(by_cohort: dict[str, set[int]]) -> int:
        changes = 0
        for cohort in cohorts:
            ids, there = by_cohort[cohort.key], present[cohort.key]
            ours = remembered.ties.to(cohort.group).ours
            joining, leaving, staying = ids - there, (there - ids) & ours, ids & there
            changes += len(joining) + len(leaving) + 0 * len(staying)
        return changes

    def ready_made() -> int:
        return differences(holding)

    def plan() -> int:
        roster = Roster("bench", RosterKind.SNAPSHOT, enrolments)
        desired = [build_desired(cohort, roster, who, DAY) for cohort in cohorts]
        made = build_plan(desired, observed, remembered, limits, now=NOW)
        assert len(made.of(ChangeKind.ADD, ChangeKind.REMOVE)) == len(made.effective)
        assert made.unchanged == sum(map(len, holding.values())) - len(made.of(ChangeKind.ADD))
        return len(made.effective)

    assert plan() == bare() == ready_made()
    return Case(bare, plan, ready_made)


def _enrolment(cohort: Cohort, number: int) -> Enrolment:
    person = Person(external_id=f"p{number}", name=f"Person {number}")
    return Enrolment(
        person, cohort.key, start=cohort.start, end=cohort.end, where=str(number), withdrawn=number % 1000 == WITHDRAWN
    )


def _cohort(number: int) -> Cohort:
    return Cohort(
        key=f"c{number}",
        name=f"Cohort {number}",
        start=date(2027, 1, 1),
        end=date(2027, 3, 1),
        timezone="UTC",
        locale="en",
        group=f"c{number}",
        lcm_group=f"c{number}-lcm",
        category=f"Cohort {number}",
        category_slug=f"c{number}",
    )


def _state(cohort: Cohort, ids: set[int], accounts: dict[int, Account]) -> CohortState:
    return CohortState(
        group=GroupState(cohort.group, cohort.name, {each: accounts[each] for each in ids}, id=1),
        lcm_group=GroupState(cohort.lcm_group, cohort.name, id=2),
        category=CategoryState(
            cohort.category,
            cohort.category_slug,
            {cohort.group: 1, cohort.lcm_group: 1, "staff": 1},
            frozenset({cohort.lcm_group}),
            id=3,
        ),
    )

"""Planning: many cohorts, most of them unchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sync_worker.config.settings import LimitSettings
from sync_worker.membership.desired import build_desired
from sync_worker.membership.identity import Match
from sync_worker.membership.plan import build_plan
from sync_worker.membership.provenance import Remembered, State, TieKey, TieRecord
from sync_worker.membership.state import Account, CategoryState, CohortState, GroupState, Observed
from sync_worker.model import Cohort, Enrolment, Person, Roster, RosterKind

COHORT_SIZE = 1000
DAY = date(2027, 1, 15)


@dataclass(frozen=True)
class Case:
    """The same question asked twice: of bare sets, and of the planner."""

    bare: Callable[[], object]
    plan: Callable[[], object]


def make_case(people: int) -> Case:
    """Return `people` enrolments in cohorts of a thousand; one in a hundred is new, one in a hundred has gone."""
    cohorts = [_cohort(number) for number in range(max(1, people // COHORT_SIZE))]
    size = people // len(cohorts)
    wanted: dict[str, set[int]] = {}
    present: dict[str, set[int]] = {}
    for number, cohort in enumerate(cohorts):
        first = number * size
        ids = set(range(first + 1, first + size + 1))
        wanted[cohort.key] = {each for each in ids if each % 100 != 1}
        present[cohort.key] = {each for each in ids if each % 100 != 2}
    accounts = {each: Account(each, f"user{each}", f"User {each}") for ids in present.values() for each in ids}
    accounts |= {each: Account(each, f"user{each}") for ids in wanted.values() for each in ids}
    roster = Roster(
        "bench",
        RosterKind.SNAPSHOT,
        tuple(
            Enrolment(Person(external_id=f"p{each}", name=f"Person {each}"), key, where=f"roster.csv:{each}")
            for key, ids in wanted.items()
            for each in sorted(ids)
        ),
    )
    who = {f"id:p{each}": Match(accounts[each], "email") for ids in wanted.values() for each in ids}
    observed = Observed({cohort.key: _state(cohort, present[cohort.key], accounts) for cohort in cohorts})
    ties = {
        TieKey(cohort.group, each): TieRecord(State.ADDED, f"user{each}", f"id:p{each}")
        for cohort in cohorts
        for each in present[cohort.key]
    }
    limits = LimitSettings(allow=("add", "remove", "owners", "create"))

    def bare() -> int:
        return sum(len(wanted[key] - present[key]) + len(present[key] - wanted[key]) for key in wanted)

    def plan() -> int:
        desired = [build_desired(cohort, roster_of[cohort.key], who, DAY) for cohort in cohorts]
        made = build_plan(desired, observed, Remembered(ties=ties), limits)
        assert len(made.effective) == bare()
        return len(made.changes)

    roster_of = {
        cohort.key: Roster(
            roster.source, roster.kind, tuple(each for each in roster.enrolments if each.cohort == cohort.key)
        )
        for cohort in cohorts
    }
    return Case(bare, plan)


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

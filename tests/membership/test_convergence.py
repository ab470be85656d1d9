"""Whatever happens to roster and forum, runs converge, remove only what they added, and stay within their caps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from sync_worker.config.settings import LimitSettings
from sync_worker.errors import UnsafePlanError
from sync_worker.membership.plan import settle
from sync_worker.membership.provenance import State, Tie, TieKey, TieRecord
from sync_worker.model import ChangeKind, Role

GROUPS = ("spring", "spring-lcm")
PEOPLE = st.integers(1, 12)
K = ChangeKind


class Life(RuleBasedStateMachine):
    """Edits of the roster, edits by hand on the forum, runs, and runs that are killed half-way."""

    world_type: type[Any]

    def __init__(self) -> None:
        super().__init__()
        self.world = self.world_type()
        self.world.limits = LimitSettings(
            allow=("add", "remove", "owners", "create"), small_group=4, small_group_removals=2, max_removals=6
        )
        self.ours: set[tuple[str, int]] = set()
        self.begun: set[tuple[str, int]] = set()

    @rule(n=PEOPLE, role=st.sampled_from([Role.LEARNER, Role.LCM]), withdrawn=st.booleans())
    def enrol(self, n: int, role: Role, *, withdrawn: bool) -> None:
        self.world.enrol(n, role=role, withdrawn=withdrawn)

    @rule(n=PEOPLE)
    def drop_from_the_roster(self, n: int) -> None:
        self.world.enrolments.pop(n, None)

    @rule(n=PEOPLE, group=st.sampled_from(GROUPS))
    def somebody_adds_or_removes_by_hand(self, n: int, group: str) -> None:
        sets = self.world.groups[group]
        if sets is not None:
            sets[0].symmetric_difference_update({n})
            sets[1].intersection_update(sets[0])
            # Whoever does what a killed run had just begun cannot be told from that run.
            self.ours |= self.begun & {(group, n)}

    @rule(n=PEOPLE, group=st.sampled_from(GROUPS))
    def somebody_changes_an_owner_by_hand(self, n: int, group: str) -> None:
        sets = self.world.groups[group]
        if sets is not None and n in sets[0]:
            sets[1].symmetric_difference_update({n})

    @rule()
    def run(self) -> None:
        if not self._passes_the_guard():
            return
        for change in self.world.carry_out().of(K.ADD):
            self.ours.add((change.target, change.user_id))
        self._see()
        self.begun = set()
        assert self.world.plan().effective == ()
        wanted = {n for n, enrolment in self.world.enrolments.items() if not enrolment.withdrawn}
        assert not {n for group, n in self.ours if group == "spring" and n in self.world.members()} - wanted

    @rule(data=st.data())
    def killed_run(self, data: st.DataObject) -> None:
        if not self._passes_the_guard():
            return
        plan = self.world.plan()
        ties = settle([self.world.desired()], self.world.observed(), self.world.memory.ties)
        self.begun = set()
        for change in plan.of(K.ADD, K.REMOVE):
            sets = self.world.groups[change.target]
            if sets is None:
                continue
            adding = change.kind is K.ADD
            state = State.ADDING if adding else State.REMOVING
            ties[TieKey(change.target, change.user_id, Tie.MEMBER)] = TieRecord(state, change.username, "")
            if adding:
                self.begun.add((change.target, change.user_id))
            if data.draw(st.booleans()):
                sets[0].symmetric_difference_update({change.user_id})
                sets[1].intersection_update(sets[0])
                if adding:
                    self.ours.add((change.target, change.user_id))
        object.__setattr__(self.world.memory, "ties", ties)

    def _see(self) -> None:
        """Strike out of our books whoever is no longer where we put them: runs only see the forum."""
        self.ours = {(group, n) for group, n in self.ours if n in self.world.members(group)}

    def _passes_the_guard(self) -> bool:
        """Hold the plan against our own books: it removes only what we added and is still there, within the caps."""
        self._see()
        plan = self.world.plan()
        removals = plan.of(K.REMOVE)
        assert {(change.target, change.user_id) for change in removals} <= self.ours
        try:
            self.world.check()
        except UnsafePlanError:
            return False
        assert len(removals) <= 6
        for group in GROUPS:
            leaving = sum(change.target == group for change in removals)
            members = len(self.world.members(group))
            assert leaving <= (2 if members <= 4 else members // 4)
        return True


@pytest.mark.slow
def test_any_life_converges(new_world: type[Any]) -> None:
    machine = type("LifeOfThisWorld", (Life,), {"world_type": new_world})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine, settings=settings(max_examples=150, stateful_step_count=30, deadline=None)
    )

"""However long the worker is off, and wherever its clock jumps: nothing early, no pile of old steps, nothing lost.

A model that knows only the looks at which the clock was right says what has to be done; the service must do exactly
that, in front of a real forum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_worker.model import Cohort
from sync_worker.playbook.load import Playbook
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays.context import Drafted, Play, PlayContext
from sync_worker.worker.service import Service
from tests.search import examples
from tests.worker.conftest import NoOptions
from tests.worker.test_clock_watch import Machine, with_clock

if TYPE_CHECKING:
    import pytest

    from sync_worker.playbook.format import Step

PLAYBOOK = """\
playbook: absences
title: {en: Absences}
version: 1
steps:
  - {id: once, at: start +1d 09:00, play: note}
  - {id: latest, every: {rule: FREQ=DAILY, at: "09:00"}, play: note, catch_up: 2d}
  - {id: each, every: {rule: "FREQ=DAILY;INTERVAL=2", at: "11:00"}, play: note, catch_up: all 3d}
  - {id: on-time, every: {rule: FREQ=DAILY, at: "16:00"}, play: note, catch_up: skip}
"""
START, END = date(2026, 9, 7), date(2026, 9, 25)
Done = tuple[str, date]


@dataclass
class Notebook:
    """What was drafted, by the true time at which it was."""

    machine: Machine
    written: list[tuple[datetime, PlayContext]] = field(default_factory=list)

    def note(self, context: PlayContext) -> Drafted:
        """Write down that a step happened, and post nothing."""
        self.written.append((self.machine.true, context))
        return Drafted((), "written down")


class Model:
    """What must be done at a look with a right clock: of each step the latest date that is due, or all of them."""

    def __init__(self, playbook: Playbook, cohort: Cohort) -> None:
        self._planned = [(one, playbook.file.step(one.step)) for one in occurrences(playbook.file, cohort)]
        self.done: list[Done] = []
        self._over: set[Done] = set()

    def look(self, now: datetime) -> list[Done]:
        """Do what is due at that moment, and write off what came too late."""
        did: list[Done] = []
        for step in {step.id: step for _, step in self._planned if step}.values():
            did += self._of(step, now)
        self.done += did
        return did

    def _of(self, step: Step, now: datetime) -> list[Done]:
        dates = [one for one, its in self._planned if its is step and one.at <= now]
        left = [one for one in dates if (one.step, one.local.date()) not in self._over]
        self._over |= {(one.step, one.local.date()) for one in left}
        in_time = [one for one in left if now <= one.at + step.patience]
        chosen = in_time if step.missed.rule == "all" else in_time[-1:]
        return [(one.step, one.local.date()) for one in chosen]


hours = st.integers(0, 90)
errors = st.one_of(st.just(0), st.integers(-200, -1), st.integers(1, 200), st.just(24 * 365))
# After how many hours the worker looks again, whether it was started anew then, by how many hours its clock is wrong.
looks = st.lists(st.tuples(hours, st.booleans(), errors), min_size=1, max_size=10)


@given(looks=looks)
@settings(max_examples=examples(25, 1_000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_done_is_what_the_looks_with_a_right_clock_allow_and_nothing_else(
    world: Any, looks: list[tuple[int, bool, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(datetime(2026, 9, 7, tzinfo=Machine().true.tzinfo))
    machine.began = machine.true
    notebook = Notebook(machine)
    plays = {"note": Play("note", NoOptions, notebook.note)}
    monkeypatch.setattr("sync_worker.worker.run.REGISTRY", plays)
    (world.folder / "absences").mkdir(exist_ok=True)
    (world.folder / "absences" / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
    place = world.add_cohort(playbook="absences", plays=plays)
    [playbook] = place.playbooks.values()
    model = Model(playbook, Cohort(place.key, "C", START, END, "UTC", "en", "g", "l", "S", "s"))
    with place.store() as store, world.forum() as forum:
        service: Service | None = None
        for after, anew, error in looks:
            machine.pass_time(hours=after, minutes=7)
            machine.error = timedelta(hours=error)
            if service is None or anew:
                service = Service(with_clock(forum, machine), store, place.settings, place.playbooks,
                                  wall=machine.wall, steady=machine.steady)  # fmt: skip
            before = len(notebook.written)
            service.tick()
            did = [(one.occurrence.step, one.occurrence.local.date()) for _, one in notebook.written[before:]]
            expected = [] if error else model.look(machine.true)
            assert sorted(did) == sorted(expected)
            assert all(one.occurrence.at <= true for true, one in notebook.written)

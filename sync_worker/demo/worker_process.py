"""The demo's worker, as a process of its own: does on each tick what the real one does, with the real code.

It reads `TICK <time>` lines and answers each with `DONE <json>`. It may be killed at any instruction, started again
and given the same tick.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker import membership
from sync_worker.config import load_settings
from sync_worker.config.load import api_key
from sync_worker.demo.scenario import DESK_HOURS, LCM_HOUR, SETTINGS, SYNC_HOUR, WorkerClock, is_working_hour
from sync_worker.desk.loop import DeskLoop
from sync_worker.errors import ForumError, LcmError
from sync_worker.forum import Forum, Patience
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.rosters import read_roster
from sync_worker.store.database import open_store
from sync_worker.store.ledger import CATCH_UP
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.run import run_due

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from sync_worker.config import Settings
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store

SYNC_TRIES = 5
DESK_TRIES = 5
DESK_EVERY = 20.0  # seconds between two looks at the desks, as the service has it
WORKER = "demo"
NEXT_RUN = timedelta(minutes=1)  # as often as the service looks
LAST_RUN = timedelta(minutes=59)


@dataclass(slots=True)
class _Told:
    """What the runs of one tick came to."""

    failures: list[str] = field(default_factory=list)
    happenings: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TickingWorker:
    """A worker that works at the ticks it is given."""

    forum: Forum
    store: Store
    settings: Settings
    playbooks: Mapping[str, Playbook]
    clock: WorkerClock
    desks: DeskLoop

    @classmethod
    def of(
        cls, forum: Forum, store: Store, settings: Settings, playbooks: Mapping[str, Playbook], clock: WorkerClock
    ) -> TickingWorker:
        """Return a worker that looks after a forum, with its desks where that has the plugin."""
        desks = DeskLoop(forum, store, settings, playbooks, WORKER)
        return cls(forum, store, settings, playbooks, clock, desks)

    def tick(self, at: datetime) -> dict[str, Any]:
        """Do what is due at a tick; what had to be put off is tried at the following minutes, as the service would."""
        calls, waited = self.forum.calls.total, self.clock.waited
        self.clock.now = at
        told = _Told()
        if at.astimezone(UTC).hour == SYNC_HOUR:
            told.failures += _sync(self.forum, self.store, self.settings, at)
        if is_working_hour(at, *DESK_HOURS):
            told.failures += self._look_at_desks(at)
        run = at
        while run <= at + LAST_RUN and self._run(run, told):
            run = max(run + NEXT_RUN, self.clock.now)
        return {
            "calls": self.forum.calls.total - calls,
            "waited": round(self.clock.waited - waited, 1),
            "happenings": told.happenings,
            "failures": told.failures,
        }

    def _look_at_desks(self, at: datetime) -> list[str]:
        """Take in what was decided, as of the tick; show what is new before the LCMs sit down, and what they changed.

        Where the forum does not answer it is tried again.
        """
        failures = []
        for _ in range(DESK_TRIES):
            try:
                self.desks.look(at, publish=self.desks.unpublished or is_working_hour(at, LCM_HOUR))
            except LcmError as error:
                failures.append(f"desks: {error}")
                continue
            if not self.desks.silent and not self.desks.unpublished:
                break
            failures.append("desks: the forum does not answer")
            self.clock.wait(DESK_EVERY)
        return failures

    def _run(self, now: datetime, told: _Told) -> bool:
        """Make one run; say whether it left anything to be tried again."""
        self.clock.now = max(now, self.clock.now)
        try:
            report = run_due(self.forum, self.store, self.settings, self.playbooks, now)
        except ForumError as error:
            told.failures.append(str(error))
            return True
        told.failures += report.failures
        told.happenings += report.to_json()["happenings"]
        return self._put_off(now) or any(happening.outcome == "later" for happening in report.happenings)

    def _put_off(self, now: datetime) -> bool:
        """Whether anything is to be tried again now; what waits for its moment is done at the tick after that."""
        with self.store.begin() as session:
            return any(row.not_before is None or row.not_before <= now for row in self._intended(session))

    def _intended(self, session: Session) -> list[LedgerRow]:
        keys = [cohort.key for cohort in self.settings.cohorts]
        query = select(LedgerRow).where(LedgerRow.forum == self.forum.name, LedgerRow.state == "intended")
        return list(session.scalars(query.where(LedgerRow.cohort.in_(keys), LedgerRow.action != CATCH_UP)))


def main(folder: Path, clock: WorkerClock) -> None:
    """Answer ticks until standard input is closed."""
    settings = load_settings(folder / SETTINGS)
    store = open_store(settings.store)
    playbooks = playbooks_of(settings, REGISTRY)
    with Forum.connect(settings.forum, api_key(settings.forum), patience=Patience(sleep=clock.wait)) as forum:
        worker = TickingWorker.of(forum, store, settings, playbooks, clock)
        _say("READY")
        for line in sys.stdin:
            done = worker.tick(datetime.fromisoformat(line.removeprefix("TICK ").strip()))
            _say(f"DONE {json.dumps(done, ensure_ascii=True, default=str)}")
    store.close()


def _sync(forum: Forum, store: Store, settings: Settings, now: datetime) -> list[str]:
    """Make the forum agree with the roster; where the forum fails, try again as the next run of `lcm sync` would."""
    failures: list[str] = []
    for _ in range(SYNC_TRIES):
        try:
            _, report = membership.sync(settings, read_roster(settings, now=now), forum, store, now=now)
        except LcmError as error:
            failures.append(f"sync: {error}")
            continue
        failures += [f"sync: {failure.change.target}: {failure.reason}" for failure in report.failed]
        if not report.failed:
            break
    return failures


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), WorkerClock(datetime.now(UTC)))
    except LcmError as problem:
        _say(f"FAILED {problem}")

"""The worker as a service: a tick every minute, and nothing else kept in memory."""

from __future__ import annotations

import logging
import signal
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from sync_worker.errors import LcmError, StoppedWaiting
from sync_worker.forum.checks.finding import counted
from sync_worker.rosters.stock import known_cohorts
from sync_worker.worker.run import run_due
from sync_worker.worker.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store
    from sync_worker.worker.run_report import RunReport

LOG = logging.getLogger(__name__)
SIGNALS = (signal.SIGTERM, signal.SIGINT)
WAITED = "%s was waiting and ends here; the next start goes on with it"


@dataclass(frozen=True, slots=True)
class Chore:
    """Something else to be done again and again: what it is called in the log, how often, and what to do."""

    name: str
    seconds: float
    do: Callable[[datetime], None]


@dataclass(slots=True)
class Service:
    """Runs what is due every `seconds`, until SIGTERM or SIGINT; a tick that has begun is finished first.

    A tick that only waits (for a forum that does not answer, or for its limits) ends at once if the forum sleeps with
    `stopping`; the next start looks what became of what it had begun.

    `settings` are those written; cohorts that a sync takes from the source meanwhile are looked after too. `chores` are
    done in turn: never at the same time as a tick. `about_people` says in the log whether people are synced.
    """

    forum: Forum
    store: Store
    settings: Settings
    playbooks: Mapping[str, Playbook]
    seconds: float = 60.0
    chores: Sequence[Chore] = ()
    stopping: Stopping = field(default_factory=Stopping)
    about_people: str = ""
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Work until told to stop; call it in the main thread."""
        scheduler = BlockingScheduler(timezone=UTC)
        jobs = [(self.tick, self.seconds), *((partial(self.do, chore), chore.seconds) for chore in self.chores)]
        for job, seconds in jobs:
            scheduler.add_job(
                job,
                IntervalTrigger(seconds=seconds, timezone=UTC),
                next_run_time=datetime.now(UTC),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )

        def stop(number: int, frame: FrameType | None) -> None:
            del frame
            LOG.info("%s: stopping when this tick is over", signal.Signals(number).name)
            for again in SIGNALS:
                signal.signal(again, signal.SIG_DFL)  # a second one ends the process as it is
            self.stopping.ask()
            scheduler.shutdown(wait=False)

        for number in SIGNALS:
            signal.signal(number, stop)
        cohorts = known_cohorts(self.settings, self.store).cohorts
        people = f"; {self.about_people}" if self.about_people else ""
        LOG.info("looking after %s on %s%s", counted(len(cohorts), "cohort"), self.forum.name, people)
        scheduler.start()
        with self._busy:
            LOG.info("stopped")

    def do(self, chore: Chore) -> None:
        """Do a chore; a failure is told and the next time tries again."""
        with self._busy:
            try:
                chore.do(datetime.now(UTC))
            except StoppedWaiting:
                LOG.info(WAITED, chore.name)
            except LcmError as error:
                LOG.error("%s: %s", chore.name, error)  # noqa: TRY400  (the message says it all)
            except Exception:
                LOG.exception("%s failed", chore.name)

    def tick(self) -> None:
        """Do what is due now; a failure is told and the next tick tries again."""
        with self._busy:
            try:
                settings = known_cohorts(self.settings, self.store)
                report = run_due(self.forum, self.store, settings, self.playbooks, datetime.now(UTC))
            except StoppedWaiting:
                LOG.info(WAITED, "this tick")
            except LcmError as error:
                LOG.error("%s", error)  # noqa: TRY400  (the message says it all)
            except Exception:
                LOG.exception("this tick failed")
            else:
                _tell(report)


def _tell(report: RunReport) -> None:
    """Log what was done, and why something was not: why a play chose what it posts quotes people, and stays out."""
    for happening in report.happenings:
        why = happening.logged_reason
        LOG.info("%s %s %s: %s %s", happening.cohort, happening.step, happening.slot, happening.outcome, why)
    for deed in report.deeds:
        LOG.info("%s %s: %s %s %s", deed.cohort, deed.step, deed.action, deed.state, deed.reason)

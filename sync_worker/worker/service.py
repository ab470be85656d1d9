"""The worker as a service: a tick every minute, jobs that come again, waits that end when it is asked to stop."""

from __future__ import annotations

import logging
import signal
import threading
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import DBAPIError

from sync_worker.errors import LcmError, OtherTablesError, StoppedWaiting
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.store.database import explain_failure
from sync_worker.wording import counted
from sync_worker.worker.run import run_due
from sync_worker.worker.start import ClockWatch, look_at_the_forum, present, steady

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from types import FrameType

    from apscheduler.schedulers.base import BaseScheduler

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store
    from sync_worker.worker.run_report import RunReport


LOOK_SECONDS = 1.0
WAKE_SECONDS = 10.0  # each look at the desks costs a call: a storm of webhooks must not cost one each second
SET_BY = 2.0  # seconds; a clock that is only corrected drifts by less between two looks


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, and how many seconds from one start to the next."""

    do: Callable[[], None]
    seconds: float


def keep_doing(jobs: Sequence[Job], stop: threading.Event, wake: threading.Event | None = None) -> None:
    """Do each job at once and then again and again, one after the other, until `stop` is set.

    When `wake` is set, each job is done as soon as the one under way is over, at most once in `WAKE_SECONDS`.

    A job that took longer than its time, or a machine that slept, makes it come late, never twice in a row. A job that
    has begun is finished before this returns.
    """
    busy = threading.Lock()
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
    for job in jobs:
        scheduler.add_job(
            partial(_do_unless, stop, busy, job),
            IntervalTrigger(seconds=job.seconds, timezone=UTC),
            next_run_time=present(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        guard, waking = ClockGuard(scheduler), Waking(wake or threading.Event())
        while not stop.wait(LOOK_SECONDS):
            guard.look()
            if not busy.locked() and waking.is_time(steady()):
                guard.all_now()
    finally:
        scheduler.shutdown(wait=True)


def _do_unless(stop: threading.Event, busy: threading.Lock, job: Job) -> None:
    if not stop.is_set():
        with busy:
            job.do()


@dataclass(slots=True)
class Waking:
    """Brings all forward when somebody asks for it by `wake`, but not again and again in a storm of webhooks."""

    wake: threading.Event
    last: float | None = None

    def is_time(self, now: float) -> bool:
        """Whether to do all now, at `now` seconds; what was asked for too soon after the last time waits until then."""
        if not self.wake.is_set() or (self.last is not None and now - self.last < WAKE_SECONDS):
            return False
        self.wake.clear()
        self.last = now
        return True


@dataclass(slots=True)
class ClockGuard:
    """Lets all jobs begin anew when the machine's clock was set, for APScheduler counts intervals by that clock.

    Set back by an hour, it would wait for an hour.
    """

    scheduler: BaseScheduler
    wall: Callable[[], datetime] = present
    steady: Callable[[], float] = steady
    _apart: float = field(init=False)

    def __post_init__(self) -> None:
        """Remember how far the two clocks are apart now."""
        self._apart = self._difference()

    def look(self) -> bool:
        """Return whether the clock was set since the last look; every job is due then."""
        apart = self._difference()
        was_set = abs(apart - self._apart) > SET_BY
        if was_set:
            self.all_now()
        self._apart = apart
        return was_set

    def all_now(self) -> None:
        """Let all jobs be due."""
        for job in self.scheduler.get_jobs():
            job.modify(next_run_time=self.wall())

    def _difference(self) -> float:
        return self.wall().timestamp() - self.steady()


# Waits that end at once when the process is asked to stop.


class Stopping:
    """Whether this process was asked to stop, and a sleep that ends then."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Ask the process to stop; every sleep ends."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether the process was asked to stop."""
        return self._asked.is_set()

    def sleep(self, seconds: float) -> None:
        """Sleep.

        Raises:
            StoppedWaiting: the process was asked to stop; what is going on ends here, as if the process were killed.

        """
        if self._asked.wait(seconds):
            raise StoppedWaiting


# The worker as a service: a tick every minute, and nothing else kept in memory.


LOG = logging.getLogger(__name__)
SIGNALS = (signal.SIGTERM, signal.SIGINT)
TICK = "what is due"
WAITED = "%s ends here, between two calls; the next start goes on with it"


def log_failure(log: logging.Logger, store: Store, error: Exception, what: str, *about: str) -> None:
    """Log a failure: of the store in words, as it passes by itself; of ours with all that is known of it."""
    of_store = explain_failure(error, str(store.engine.url)) if isinstance(error, DBAPIError) else None
    if of_store is not None:
        log.error(f"{what}: %s", *about, of_store)
    else:
        log.error(what, *about, exc_info=error)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something else to be done again and again: what it is called in the log, how often, and what to do."""

    name: str
    seconds: float
    do: Callable[[datetime], None]


def _nothing_to_read(asked: bool) -> None:
    """Settings and playbooks stay what they are."""


def _nobody_wrote(now: datetime) -> bool:
    """Nobody writes to the worker."""
    del now
    return True


def _nobody_to_hear(now: datetime) -> None:
    """Nobody writes to the worker while it sends."""


def _nobody_to_tell(report: RunReport | None, now: datetime) -> None:
    """Nobody wants to know that a tick is over."""


@dataclass(slots=True)
class Service:
    """Runs what is due every `seconds`, until SIGTERM or SIGINT; the call to the forum under way is finished first.

    So it is where the forum asks `stopping` before each call, and sleeps with it. The next start looks what became of
    what a tick had begun. With a forum that does not, a tick is finished first.

    `settings` are those written; cohorts that a sync takes from the source meanwhile are looked after too. `chores` are
    done in turn: never at the same time as a tick. While the clock is in doubt neither is done. `about_people` says in
    the log whether people are synced. `listen` takes in what people wrote and acts on it before a tick; where it says
    that it could not, the tick does nothing. `hear` takes in what they wrote before a tick sends anything, if it does.
    `reread` looks before each of them whether settings or playbooks were changed; it is told when SIGHUP asked for it.
    `wake`, set by anybody, brings the next tick and the chores forward.
    """

    forum: Forum
    store: Store
    settings: Settings
    playbooks: Mapping[str, Playbook]
    seconds: float = 60.0
    chores: Sequence[Chore] = ()
    stopping: Stopping = field(default_factory=Stopping)
    about_people: str = ""
    reread: Callable[[bool], None] = _nothing_to_read
    listen: Callable[[datetime], bool] = _nobody_wrote
    hear: Callable[[datetime], None] = _nobody_to_hear
    ticked: Callable[[RunReport | None, datetime], None] = _nobody_to_tell
    wake: threading.Event = field(default_factory=threading.Event)
    wall: Callable[[], datetime] = present
    steady: Callable[[], float] = steady
    _watch: ClockWatch = field(init=False)
    _looked: bool = False
    _told: frozenset[str] = frozenset()
    _doubt: str = ""
    _asked: bool = False
    _stopped: threading.Event = field(default_factory=threading.Event)
    _ended_by: OtherTablesError | None = None

    def __post_init__(self) -> None:
        """Watch the clock from now on."""
        self._watch = ClockWatch(self.store, self.forum, self.wall, self.steady)

    def run(self) -> None:
        """Work until asked to stop; call it in the main thread.

        Raises:
            OtherTablesError: another version of lcm has changed the store's tables; what starts this process anew when
                it fails, starts that version.

        """

        def stop(number: int, frame: FrameType | None) -> None:
            del frame
            LOG.info("%s: stopping when the call under way is over", signal.Signals(number).name)
            for again in SIGNALS:
                signal.signal(again, signal.SIG_DFL)  # a second one ends the process as it is
            self.stopping.ask()
            self._stopped.set()

        for number in SIGNALS:
            signal.signal(number, stop)
        signal.signal(signal.SIGHUP, lambda number, frame: self.read_again())
        self.say_what_for()
        keep_doing(list(self.jobs().values()), self._stopped, self.wake)
        LOG.info("stopped")
        if self._ended_by is not None:
            raise self._ended_by

    def jobs(self) -> dict[str, Job]:
        """Return all that is to be done again and again, by name, in the order in which it is begun."""
        chores = {chore.name: Job(partial(self.do, chore), chore.seconds) for chore in self.chores}
        return {TICK: Job(self.tick, self.seconds), **chores}

    def say_what_for(self) -> None:
        """Log what this service looks after."""
        cohorts = known_cohorts(self.settings, self.store).cohorts
        people = f"; {self.about_people}" if self.about_people else ""
        LOG.info("looking after %s on %s%s", counted(len(cohorts), "cohort"), self.forum.name, people)

    def read_again(self) -> None:
        """Let what is done next, which is brought forward, read settings and playbooks again."""
        self._asked = True
        self.wake.set()

    def do(self, chore: Chore) -> None:
        """Do a chore; a failure is reported and the next time tries again."""
        try:
            self._read_anew()
            if self._may_work():
                self._look_once()
                chore.do(self.wall())
        except StoppedWaiting:
            LOG.info(WAITED, chore.name)
        except LcmError as error:
            self._explain(error, f"{chore.name}: ")
        except Exception as error:
            log_failure(LOG, self.store, error, "%s failed", chore.name)

    def tick(self) -> None:
        """Do what is due now; a failure is reported and the next tick tries again."""
        report: RunReport | None = None
        try:
            self._read_anew()
            if not self._may_work():
                return
            self._look_once()
            if not self.listen(self.wall()):
                return
            settings = known_cohorts(self.settings, self.store)
            now = self.wall()
            report = run_due(self.forum, self.store, settings, self.playbooks, now, hear=partial(self.hear, now))
        except StoppedWaiting:
            LOG.info(WAITED, "this tick")
        except LcmError as error:
            self._explain(error)
        except Exception as error:
            log_failure(LOG, self.store, error, "this tick failed")
        else:
            self._tell(report)
        finally:
            self._note(report)

    def _explain(self, error: LcmError, during: str = "") -> None:
        """Log what went wrong, or end with it where no later tick can go better."""
        if isinstance(error, OtherTablesError):
            self._ended_by = error
            self._stopped.set()
        else:
            LOG.error("%s%s", during, error)

    def _read_anew(self) -> None:
        """Follow what was changed, also before a chore: of several processes another one may do the ticks."""
        asked, self._asked = self._asked, False
        self.reread(asked)

    def _note(self, report: RunReport | None) -> None:
        """Say that a tick is over, with what it did, or None where it could do nothing."""
        try:
            self.ticked(report, self.wall())
        except Exception as error:
            log_failure(LOG, self.store, error, "what the tick did was not noted")

    def _look_once(self) -> None:
        """Before the first thing is done: hold everything where this is not the forum that was left."""
        if not self._looked:
            look_at_the_forum(self.forum, self.store, self.settings)
            self._looked = True

    def _may_work(self) -> bool:
        """Whether the clock can be trusted; the log says once when it cannot, and once when it can again."""
        doubt = self._watch.look()
        if doubt and doubt != self._doubt:
            LOG.error("%s", doubt)
        if self._doubt and not doubt:
            LOG.info("this machine's clock agrees with the forum's again; going on")
        self._doubt = doubt
        return not doubt

    def _tell(self, report: RunReport) -> None:
        """Log what was done, and why something was not: why a play chose what it posts quotes people, and stays out."""
        for happening in report.happenings:
            why = happening.logged_reason
            LOG.info("%s %s %s: %s %s", happening.cohort, happening.step, happening.slot, happening.outcome, why)
        for deed in report.deeds:
            LOG.info("%s %s: %s %s %s", deed.cohort, deed.step, deed.action, deed.state, deed.reason)
        standing = frozenset(str(one) for one in report.standing)
        for line in sorted(standing - self._told):
            LOG.error("%s", line)
        self._told = standing

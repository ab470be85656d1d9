"""Several processes and hosts on one store: Procrastinate is their clock and queue, with one job at a time a forum.

A job says only "look what is due on this forum". The store knows what that is, and its locks and its ledger make a job
that is done twice harmless; so any process may die at any moment, and whatever the queue has lost comes again.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from sync_worker.errors import ConfigError, OtherTablesError
from sync_worker.extras import load
from sync_worker.store.database import SERVER_KEEPALIVES, keepalives
from sync_worker.store.jobs import DEAD_AFTER, SCHEMA, prepare_queue, queue_of
from sync_worker.wording import counted
from sync_worker.worker.service import SIGNALS, Waking
from sync_worker.worker.start import present, steady

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from sync_worker.store.database import Store
    from sync_worker.worker.service import Job, Stopping


LOG = logging.getLogger(__name__)
FORUM_AT_WORK: ContextVar[str] = ContextVar("FORUM_AT_WORK", default="")
"""The forum for which this thread works, for the log."""
TASK = "look"
FEATURE = "lcm run --cluster"
STALLED = "stalled jobs"  # the lock under which one process at a time takes back what dead ones had begun
SPARE_THREADS = 4
APART = 60.0  # seconds between the clocks of this machine and of the database
AT_ONCE = datetime.fromtimestamp(0, UTC)  # whatever this machine's clock says
DO_FOR_SQLITE = "`lcm store move postgresql+psycopg://USER@HOST/NAME` carries it over; or leave out --cluster."


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds.

    Args:
        look: how often a process looks whether a job is due, and whether one was put back.
        beat: how often it says that it is alive.
        dead_after: without such a sign for so long it counts as dead, and another process does its jobs.
        again: how long it waits before it tries again to reach a store that does not answer.

    """

    look: float = 1.0
    beat: float = 5.0
    dead_after: float = DEAD_AFTER
    again: float = 5.0


@dataclass(frozen=True, slots=True)
class Duty:
    """What is done for one forum, by names that all processes use; `wake`, set by anybody, lets all of it be due."""

    forum: str
    jobs: Mapping[str, Job]
    wake: threading.Event


class _QueueLostError(Exception):
    """The queue stopped working, as when the database restarts."""


class _ClocksApartError(Exception):
    """This machine's clock and the database's do not agree, so that other processes do the work."""


@dataclass(slots=True)
class Cluster:
    """One process of several on one store; each does the jobs of its forums that no other is doing.

    When something is due is decided by the database's clock, so that hosts need not agree on the second. A process that
    stops, however it stops, leaves its jobs to the others.

    Args:
        store: in PostgreSQL, shared by all processes.
        duties: of the forums that this process looks after.
        stopping: is asked to stop at the first SIGTERM or SIGINT; jobs end between two calls.
        at_once: how many forums this process works on at the same time.
        pace: how often it looks.
        turned: called after each look that reached the store.

    """

    store: Store
    duties: Sequence[Duty]
    stopping: Stopping
    at_once: int = 4
    pace: Pace = field(default_factory=Pace)
    turned: Callable[[datetime], None] = lambda moment: None
    reread: Callable[[], None] = lambda: None
    _library: Any = None
    _last_problem: str = ""

    def run(self) -> None:
        """Work until asked to stop; call it in the main thread.

        Raises:
            ConfigError: the queue's tables cannot be made.
            OtherTablesError: another version of lcm has changed the store's tables.

        """
        self._library = load("procrastinate", FEATURE)
        # Its words are for programmers; what a job did is said by the job.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        tables = load("procrastinate.schema:SchemaManager", FEATURE).get_schema()
        prepare_queue(self.store, tables, version("procrastinate"))
        asyncio.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        loop.set_default_executor(ThreadPoolExecutor(self.at_once + SPARE_THREADS))
        for number in SIGNALS:
            loop.add_signal_handler(number, self._stop, number, stopped)
        loop.add_signal_handler(signal.SIGHUP, self.reread)
        forums = counted(len(self.duties), "forum")
        LOG.info("one of the processes that look after %s, up to %d at once", forums, self.at_once)
        while not stopped.is_set():
            try:
                await self._work(stopped)
            except OtherTablesError:
                raise
            except Exception as error:
                self._say(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), self.pace.again)
        LOG.info("stopped")

    def _stop(self, number: int, stopped: asyncio.Event) -> None:
        LOG.info("%s: stopping when the calls under way are over", signal.Signals(number).name)
        loop = asyncio.get_running_loop()
        for again in SIGNALS:
            loop.remove_signal_handler(again)
            signal.signal(again, signal.SIG_DFL)  # a second one ends the process as it is
        self.stopping.ask()
        stopped.set()

    def _say(self, error: Exception) -> None:
        """Log once that nothing can be done here, and again when that is for another reason."""
        if isinstance(error, _ClocksApartError):
            if self._last_problem != type(error).__name__:
                LOG.error("%s", error)
            self._last_problem = type(error).__name__
            return
        outage = isinstance(error, _QueueLostError | OSError | self._library.exceptions.ConnectorException) or (
            type(error).__module__.partition(".")[0] in ("psycopg", "psycopg_pool", "sqlalchemy")
        )
        if not outage:
            LOG.error("the queue failed", exc_info=error)
        elif self._last_problem != type(error).__name__:
            LOG.error("the queue in the store does not answer (%s); trying again until it does", type(error).__name__)
        self._last_problem = type(error).__name__

    async def _work(self, stopped: asyncio.Event) -> None:
        """Work as long as the store answers."""
        app = self._app()
        async with app.open_async():
            await self._database_time(app)  # before a job is taken
            working = asyncio.create_task(
                app.run_worker_async(
                    queues=[queue_of(duty.forum) for duty in self.duties],
                    concurrency=self.at_once,
                    fetch_job_polling_interval=self.pace.look,
                    update_heartbeat_interval=self.pace.beat,
                    stalled_worker_timeout=self.pace.dead_after,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            )
            looking = asyncio.create_task(self._look_again_and_again(app))
            stop = asyncio.create_task(stopped.wait())
            try:
                done, _ = await asyncio.wait({working, looking, stop}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (looking, stop, working):
                    task.cancel()
                await asyncio.gather(looking, stop, working, return_exceptions=True)
            for task in done - {stop}:
                task.result()
                raise _QueueLostError

    def _app(self) -> Any:
        url = self.store.engine.url
        given = {"search_path": SCHEMA, **SERVER_KEEPALIVES}
        options = " ".join(
            [str(url.query.get("options", "")), *(f"-c {name}={value}" for name, value in given.items())]
        )
        address = url.difference_update_query(["options"]).set(drivername="postgresql")
        connector = self._library.PsycopgConnector(
            conninfo=address.render_as_string(hide_password=False),
            kwargs={"options": options.strip(), **keepalives(url)},
            min_size=1,
            max_size=4,
        )
        app = self._library.App(connector=connector)
        app.task(name=TASK)(self._do)
        return app

    def _do(self, forum: str, kind: str, timestamp: int) -> None:
        """Do a job; it reports its failures itself. One that this version does not know is left out."""
        del timestamp
        duty = next((one for one in self.duties if one.forum == forum), None)
        job = duty.jobs.get(kind) if duty else None
        if job is None or self.stopping.asked:
            return
        FORUM_AT_WORK.set(forum)
        try:
            job.do()
        except Exception:
            LOG.exception("%s failed", kind)
        finally:
            FORUM_AT_WORK.set("")

    # What is due, by the database's clock: each moment of each job once, for the process that sees it first.

    async def _look_again_and_again(self, app: Any) -> None:
        begun: dict[tuple[str, str], int] = {}
        waking = {duty.forum: Waking(duty.wake) for duty in self.duties}
        while True:
            await asyncio.to_thread(self.store.refuse_other_tables)
            now = await self._database_time(app)
            for duty in self.duties:
                woken = waking[duty.forum].is_time(steady())
                for kind, job in duty.jobs.items():
                    slot = int(now // job.seconds * job.seconds)
                    if begun.get((duty.forum, kind)) != slot:
                        await self._put_slot(app, duty.forum, kind, slot)
                        begun[duty.forum, kind] = slot
                    elif woken:
                        await self._put(app, duty.forum, kind, slot)
            await self._take_back(app)
            if self._last_problem:
                LOG.info("the queue in the store can be used again")
                self._last_problem = ""
            self.turned(datetime.fromtimestamp(now, UTC))
            await asyncio.sleep(self.pace.look)

    async def _database_time(self, app: Any) -> float:
        """Return the time by the database's clock, in seconds since 1970.

        Where this machine's clock is wrong, others do the work: it would take jobs and do nothing with them.
        """
        row = await app.connector.execute_query_one_async("SELECT extract(epoch FROM clock_timestamp())::float8 AS now")
        now: float = row["now"]
        apart = present().timestamp() - now
        if abs(apart) > APART:
            side = "ahead of" if apart > 0 else "behind"
            raise _ClocksApartError(
                f"this machine's clock is {abs(apart):.0f} s {side} that of the store's database. "
                "Other processes do the work until the two agree: timedatectl set-ntp true."
            )
        return now

    async def _put_slot(self, app: Any, forum: str, kind: str, slot: int) -> None:
        """Put a job into the queue, unless a process did so for this moment, or one of its kind still waits."""
        job = self._configured(app, forum, kind).job.evolve(
            task_kwargs={"forum": forum, "kind": kind, "timestamp": slot}
        )
        with suppress(self._library.exceptions.AlreadyEnqueued):
            await app.job_manager.defer_periodic_job(job, periodic_id=f"{queue_of(forum)} {kind}", defer_timestamp=slot)

    async def _put(self, app: Any, forum: str, kind: str, slot: int) -> None:
        with suppress(self._library.exceptions.AlreadyEnqueued):
            await self._configured(app, forum, kind).defer_async(forum=forum, kind=kind, timestamp=slot)

    def _configured(self, app: Any, forum: str, kind: str) -> Any:
        queue = queue_of(forum)
        return app.tasks[TASK].configure(queue=queue, lock=queue, queueing_lock=f"{queue} {kind}")

    async def _take_back(self, app: Any) -> None:
        """Put back what dead processes had begun; where one of its kind waits anyway, drop it."""
        manager = app.job_manager
        await manager.prune_stalled_workers(self.pace.dead_after)
        if not await manager.get_stalled_jobs(seconds_since_heartbeat=self.pace.dead_after):
            return
        with ExitStack() as stack:
            if not await asyncio.to_thread(stack.enter_context, self.store.exclusive(STALLED)):
                return
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self.pace.dead_after):
                LOG.warning("a process ended in the middle of '%s'; it is done again", job.task_kwargs.get("kind"))
                try:
                    await manager.retry_job(job, retry_at=AT_ONCE)
                except self._library.exceptions.UniqueViolation:
                    status = self._library.jobs.Status.FAILED
                    await manager.finish_job(job, status=status, delete_job=True)


def refuse_without_queue(store: str) -> None:
    """Let several processes work together only where they can have a queue; nothing is opened.

    Raises:
        ConfigError: the store at this address is not in PostgreSQL, or a library is missing.

    """
    kind = make_url(store).get_backend_name()
    if kind != "postgresql":
        raise ConfigError(
            f"{FEATURE} needs a store in PostgreSQL; this one is in {kind}.", where="store", do=DO_FOR_SQLITE
        )
    for library in ("procrastinate", "psycopg_pool"):
        load(library, FEATURE)

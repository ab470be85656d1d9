"""`lcm run --cluster`: one of several processes that share the work of one or more forums."""

from __future__ import annotations

import logging
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from sync_worker.cli import set_up_service_log
from sync_worker.cli.run import assemble
from sync_worker.cli.workspace import Workspace
from sync_worker.config import load_settings
from sync_worker.config.load import api_key
from sync_worker.desk.loop import worker_name
from sync_worker.errors import UsageError
from sync_worker.store.database import open_store
from sync_worker.store.pauses import remember, remembered
from sync_worker.worker.cluster import FORUM_AT_WORK, Cluster, Duty, refuse_without_queue
from sync_worker.worker.metrics import Shared
from sync_worker.worker.service import Job, Stopping
from sync_worker.worker.web_server import PortTakenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.cli.run import Work
    from sync_worker.config import Settings
    from sync_worker.desk.loop import DeskLoop
    from sync_worker.store.database import Store


LOG = logging.getLogger("sync_worker.run")
MEMORY = "desk loop"  # the cursor under which processes hand on what the desks' loop has done when


class NamesForum(logging.Filter):
    """Lets lines of a log begin with the forum for which the work is done that logs them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the forum's name before the line."""
        forum = FORUM_AT_WORK.get()
        if forum and not getattr(record, "forum", ""):
            record.forum = forum  # each handler sees the same line
            record.msg = f"{forum.replace('%', '%%')}: {record.msg}"
        return True


def run_cluster(seconds: float, desk_seconds: float, at_once: int, config_files: Sequence[Path]) -> None:
    """Do what no other process is doing, for the forums of these settings, until stopped."""
    written = {file: load_settings(file) for file in config_files}
    refuse_what_cannot_share(written)
    address = next(iter(written.values())).store
    refuse_without_queue(address)
    with ExitStack() as stack:
        store = open_store(address)
        stack.callback(store.close)
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lcm-")))
        stopping = Stopping()
        works: list[Work] = []
        for number, file in enumerate(written):
            workspace = stack.enter_context(Workspace(file, store))
            own = scratch / str(number)
            own.mkdir()
            works.append(assemble(workspace, own, seconds, desk_seconds, stopping))
            works[-1].loop.worker = worker_name("cluster", address)  # all of them are one worker to the plugin
        followed = [work.live.settings for work in works]
        set_up_service_log(followed[0].service.log, [api_key(one.forum) for one in followed])
        for handler in logging.getLogger().handlers:
            handler.addFilter(NamesForum())
        shared = [share(work, store) for work in works]
        for work in works:
            stack.enter_context(listening_if_it_can(work))
            work.service.say_what_for()
        duties = [duty_of(work, store) for work in works]
        Cluster(
            store,
            duties,
            stopping,
            at_once,
            turned=partial(note_turn, shared),
            reread=partial(read_all_again, works),
        ).run()


def refuse_what_cannot_share(written: Mapping[Path, Settings]) -> None:
    """Refuse settings with which one process cannot look after all of these forums.

    Raises:
        UsageError: they name several stores, one forum twice, or one port twice.

    """
    _refuse_same("forum", {file: one.forum.name for file, one in written.items()}, "Leave one of the two files out.")
    ports = {file: one.service.place for file, one in written.items() if one.service.place is not None}
    _refuse_same("service.listen", ports, "Give each forum a port of its own, or leave it out.")
    first, settings = next(iter(written.items()))
    for file, one in written.items():
        if make_url(one.store) != make_url(settings.store):
            raise UsageError(
                f"{first} and {file} name different stores; processes that share work share one.",
                do="Write the same store into both, or start a process for each.",
            )


def _refuse_same(what: str, values: Mapping[Path, object], do: str) -> None:
    seen: dict[object, Path] = {}
    for file, value in values.items():
        if value in seen:
            raise UsageError(f"{seen[value]} and {file} have the same {what}.", do=do)
        seen[value] = file


def share(work: Work, store: Store) -> Shared:
    """Let health and metrics know of the other processes."""
    work.standing.shared = Shared(store, work.live.settings.forum.name)
    return work.standing.shared


def note_turn(shared: Sequence[Shared], moment: datetime) -> None:
    """Note that this process takes part."""
    for one in shared:
        one.turned = moment


def read_all_again(works: Sequence[Work]) -> None:
    """Let settings and playbooks of all forums be read again."""
    for work in works:
        work.service.read_again()


@contextmanager
def listening_if_it_can(work: Work) -> Iterator[None]:
    """Serve health and metrics, unless another process of this machine does so for the same forum."""
    with ExitStack() as stack:
        try:
            stack.enter_context(work.serving())
        except PortTakenError as error:
            LOG.info("%s another process of this machine may be listening there; this one does not listen", error.what)
        yield


def duty_of(work: Work, store: Store) -> Duty:
    """Return what is done for a forum, with the memory of its desks' loop handed on from process to process."""
    forum = work.live.settings.forum.name
    handing_on = HandingOn(store, forum, work.loop, work.service.stopping)
    jobs = {name: Job(handing_on.around(job.do), job.seconds) for name, job in work.service.jobs().items()}
    return Duty(forum, jobs, work.service.wake)


@dataclass(frozen=True, slots=True)
class HandingOn:
    """Hands the memory of a desks' loop from the process that did a job to the one that does the next."""

    store: Store
    forum: str
    loop: DeskLoop
    stopping: Stopping

    def around(self, do: Callable[[], None]) -> Callable[[], None]:
        """Return the same job with the memory read before it and written after it.

        While the job runs, the store holds an empty memory. If the process dies or is stopped in the middle, the next
        one therefore starts as a new worker does, and finishes what was begun.
        """

        def doing() -> None:
            with self.store.begin() as session:
                before = remembered(session, self.forum, MEMORY)
                remember(session, self.forum, MEMORY, "")
            self.loop.recall(before)
            do()
            if self.stopping.asked:
                return
            with self.store.begin() as session:
                remember(session, self.forum, MEMORY, self.loop.memory())

        return doing

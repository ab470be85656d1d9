"""Forums of one store, and processes that share their work; each is forked from one that has imported everything."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sync_worker.practice_forum.server.options import Fault, FaultProfile
from sync_worker.practice_forum.tables import Topic

if TYPE_CHECKING:
    from tests.conftest import PracticeForum

STEPS = 6
SLOW = FaultProfile("each answer takes a while", 1.0, (Fault.SLOW,), slow_seconds=0.05)
WANTED = Counter(f"Note number {number} for you" for number in range(STEPS))
LONGEST = 300.0
CLONE_NEWNET = 0x40000000  # of linux/sched.h
PACE = (0.2, 0.3, 1.5, 0.5)  # nobody waits 20 s in a test until a process counts as dead
FORKING = multiprocessing.get_context("forkserver")
PRELOADED = ("sync_worker.cli.cluster", "sync_worker.cli.commands.service", "procrastinate", "psycopg_pool", __name__)
FORKING.set_forkserver_preload([*PRELOADED, "sqlalchemy.dialects.postgresql.psycopg"])


def work(arguments: Sequence[str], key: str, log: str, host: str, ahead: float) -> None:
    """Be one `lcm run`, in a process of its own, in a network namespace if one is named."""
    if host:
        with Path(f"/run/netns/{host}").open(encoding="utf-8") as namespace:
            assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) == 0
    from sync_worker.cli import main
    from sync_worker.store.database import CLIENT_KEEPALIVES
    from sync_worker.worker import cluster

    os.environ["DISCOURSE_API_KEY"] = key
    sys.stderr = Path(log).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115  (until the process ends)
    cluster.Pace.__init__.__defaults__ = PACE  # type: ignore[misc]
    cluster.present = lambda: datetime.now(UTC) + timedelta(seconds=ahead)  # type: ignore[attr-defined]
    CLIENT_KEEPALIVES.update(keepalives_idle=1, keepalives_interval=1, keepalives_count=2, tcp_user_timeout=2_000)
    CLIENT_KEEPALIVES["connect_timeout"] = 2
    main(list(arguments))


@dataclass
class Site:
    """Forums of one store, each with a cohort for which some topics are due, and processes that look after them."""

    folder: Path
    store: str
    forums: list[PracticeForum]
    processes: list[ForkServerProcess] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)

    def write(
        self,
        *,
        calls_a_minute: int = 1_000_000,
        more: str = "",
        addresses: Sequence[str] = (),
        store: str = "",
        read_timeout: int = 300,
    ) -> None:
        """Write the settings of each forum; `more` are lines of YAML for each, `addresses` those to call instead."""
        start = datetime.now(UTC) - timedelta(hours=1)
        texts = self.folder / "mine" / "templates"
        texts.mkdir(parents=True, exist_ok=True)
        steps = ""
        for number in range(STEPS):
            text = f"---\ntitle: Note number {number} for you\n---\nTell us what you work on.\n"
            (texts / f"note-{number}.en.md").write_text(text, encoding="utf-8")
            at = f"{start:%H:%M}"
            steps += f"  - {{id: note-{number}, at: 'start {at}', play: topic, with: {{template: note-{number}}}}}\n"
        head = "playbook: mine\ntitle: {en: Mine}\nversion: 1\nsteps:\n"
        (self.folder / "mine" / "playbook.yml").write_text(head + steps, encoding="utf-8")
        for number, forum in enumerate(self.forums):
            url = addresses[number] if addresses else forum.url
            self.file(number).write_text(
                f"forum: {{url: '{url}', api_username: forumadmin, calls_per_minute: {calls_a_minute},\n"
                f"  read_timeout: {read_timeout}}}\n"
                f"store: {store or self.store}\nplaybooks: [mine]\n{more}cohorts:\n"
                f"  - {{key: spring, name: Spring, start: {start.date()}, end: {start.date() + timedelta(days=30)},\n"
                "     timezone: UTC, playbook: mine}\n",
                encoding="utf-8",
            )

    def file(self, number: int) -> Path:
        """The settings of a forum."""
        return self.folder / f"forum-{number}.yaml"

    @property
    def arguments(self) -> list[str]:
        """How `lcm` is called to look after all forums."""
        files = [part for number in range(len(self.forums)) for part in ("--config", str(self.file(number)))]
        return ["run", "--cluster", "--at-once", "2", "--every", "1", "--desk-every", "5", *files]

    def start(self, host: str = "", *, ahead: float = 0.0) -> ForkServerProcess:
        """Start a process that looks after all forums, on a host that is a network namespace, or on this one.

        Its clock is `ahead` by so many seconds.
        """
        self.logs.append(self.folder / f"log-{len(self.logs)}")
        arguments = (self.arguments, self.forums[0].key, str(self.logs[-1]), host, ahead)
        process = FORKING.Process(target=work, args=arguments)
        process.start()
        self.processes.append(process)
        return process

    def titles(self) -> list[Counter[str]]:
        """How often each of the topics is on each forum, without a call."""
        found = []
        for forum in self.forums:
            with forum.session() as session:
                found.append(Counter(title for title in session.scalars(select(Topic.title)) if "Note" in title))
        return found

    def done(self) -> int:
        """How many topics there are on all forums."""
        return sum(sum(titles.values()) for titles in self.titles())

    def wait_for(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; a process that does not come to it would never end."""
        deadline = time.monotonic() + LONGEST
        while not holds():
            if time.monotonic() > deadline or not any(process.is_alive() for process in self.processes):
                pytest.fail(f"{self.titles()}\n{self.logged()}")
            time.sleep(0.05)

    def all_at_work(self) -> bool:
        """Whether all processes that live have begun."""
        living = [log for process, log in zip(self.processes, self.logs, strict=True) if process.is_alive()]
        return all(log.exists() and "one of the processes" in log.read_text(encoding="utf-8") for log in living)

    def stop(self) -> list[int | None]:
        """Ask all processes that live to stop, and return their exit codes."""
        living = [process for process in self.processes if process.is_alive()]
        for process in living:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGTERM)
        for process in living:
            process.join(LONGEST)
        return [process.exitcode for process in living]

    def logged(self) -> str:
        """What the processes logged."""
        return "\n---\n".join(log.read_text(encoding="utf-8") for log in self.logs if log.exists())


@contextmanager
def site_of(folder: Path, store: str, forums: list[PracticeForum]) -> Iterator[Site]:
    """Give a site; its processes end with it."""
    for forum in forums:
        forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
        forum.call("POST", "/categories.json", json={"name": "Spring", "slug": "spring", "color": "0088CC",
                   "text_color": "FFFFFF", "permissions": {"spring": 1}})  # fmt: skip
        forum.faults.set(SLOW, 1)
    site = Site(folder, store, forums)
    try:
        yield site
    finally:
        for process in site.processes:
            process.kill()
            process.join()

"""The work of several forums shared by processes, against one process; a forum takes its time for each answer."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from sqlalchemy import func, select

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, Fault, FaultProfile, ForumOptions
from sync_worker.store.database import Store, open_store
from sync_worker.store.jobs import read_queue
from sync_worker.store.tables import LedgerRow
from tests.copied_stores import new_database

TOPICS = 6  # due on each forum
ANSWER = FaultProfile("a forum far away", 1.0, (Fault.SLOW,), slow_seconds=0.1)
HEADERS = {"Api-Key": DEFAULT_KEY, "Api-Username": "forumadmin", "Practice-Forum-Faults": "off"}
COMMAND = "from sync_worker.cli import main; main()"
LONGEST = 600.0


def measure(forums: int, processes: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Yield for each number of processes how many seconds all topics of all forums took; nothing without PostgreSQL.

    Each process works on one forum at a time, so that what is compared is processes. Their start does not count.
    """
    server = os.environ.get("LCM_TEST_POSTGRES")
    for number in processes if server else ():
        with TemporaryDirectory() as folder, new_database(str(server), "lcm_bench") as address, _forums(forums) as urls:
            yield number, _taken(Path(folder), address, urls, number)


def _taken(folder: Path, address: str, urls: Sequence[str], processes: int) -> float:
    files = [folder / f"forum-{number}.yaml" for number in range(len(urls))]
    for file, url in zip(files, urls, strict=True):
        _write_settings(file, url, address)
    _write_playbook(folder, active=False)
    named = [part for file in files for part in ("--config", str(file))]
    command = [sys.executable, "-c", COMMAND, "run", "--cluster", "--at-once", "1", "--every", "1", *named]
    environment = {**os.environ, "DISCOURSE_API_KEY": DEFAULT_KEY}
    with closing(open_store(address)) as store:
        running = [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(processes)]
        try:
            _wait(lambda: _at_work(store) == processes, running)
            begun = time.perf_counter()
            _write_playbook(folder, active=True)
            _wait(lambda: _done(store) == TOPICS * len(urls), running)
            return time.perf_counter() - begun
        finally:
            for process in running:
                process.kill()
                process.wait()


def _wait(holds: Any, running: Sequence[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + LONGEST
    while not holds():
        if time.monotonic() > deadline or any(process.poll() is not None for process in running):
            message = "the processes did not do their work"
            raise RuntimeError(message)
        time.sleep(0.1)


def _at_work(store: Store) -> int:
    state = read_queue(store, "any")
    return state.processes if state else 0


def _done(store: Store) -> int:
    with store.begin() as session:
        query = (
            select(func.count()).select_from(LedgerRow).where(LedgerRow.action == "topic", LedgerRow.state == "done")
        )
        return session.scalar(query) or 0


def _write_settings(file: Path, url: str, address: str) -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    file.write_text(
        f"forum: {{url: '{url}', api_username: forumadmin, calls_per_minute: 1000000}}\n"
        f"store: {address}\nplaybooks: [bench]\ncohorts:\n"
        f"  - {{key: spring, name: Spring, start: {start.date()}, end: {start.date() + timedelta(days=30)},\n"
        "     timezone: UTC, playbook: bench}\n",
        encoding="utf-8",
    )


def _write_playbook(folder: Path, *, active: bool) -> None:
    texts = folder / "bench" / "templates"
    texts.mkdir(parents=True, exist_ok=True)
    at = (datetime.now(UTC) - timedelta(hours=1)).strftime("%H:%M")
    steps = ""
    for number in range(TOPICS):
        note = f"---\ntitle: Note number {number} for you\n---\nTell us what you work on.\n"
        (texts / f"note-{number}.en.md").write_text(note, encoding="utf-8")
        steps += f"  - {{id: note-{number}, at: 'start {at}', play: topic, with: {{template: note-{number}}}}}\n"
    head = f"playbook: bench\ntitle: {{en: Bench}}\nversion: 1\nactive: {str(active).lower()}\nsteps:\n"
    (folder / "bench" / "playbook.yml").write_text(head + steps, encoding="utf-8")


@contextmanager
def _forums(number: int) -> Iterator[list[str]]:
    """Serve practice forums in a process of their own."""
    context = multiprocessing.get_context("spawn")
    told, stop = context.Queue(), context.Event()
    process = context.Process(target=serve, args=(number, told, stop))
    process.start()
    try:
        urls: list[str] = told.get(timeout=LONGEST)
        for url in urls:
            _make_cohort(url)
        yield urls
    finally:
        stop.set()
        process.join()


def serve(number: int, told: Any, stop: Any) -> None:
    """Serve so many forums until told to stop."""
    servers = [ForumServer(":memory:", options=ForumOptions(faults=ANSWER)) for _ in range(number)]
    for server in servers:
        server.__enter__()
    told.put([server.url for server in servers])
    stop.wait()
    for server in servers:
        server.__exit__(None, None, None)


def _make_cohort(url: str) -> None:
    for path, body in (
        ("/admin/groups.json", {"group": {"name": "spring"}}),
        ("/categories.json", {"name": "Spring", "slug": "spring", "color": "0088CC", "text_color": "FFFFFF",
                              "permissions": {"spring": 1}}),
    ):  # fmt: skip
        requests.post(f"{url}{path}", json=body, headers=HEADERS, timeout=60).raise_for_status()

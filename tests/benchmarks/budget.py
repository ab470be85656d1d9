"""The call budget in real time: processes that call as fast as one budget lets them."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.schema import CreateSchema, DropSchema

from sync_worker.forum.budget import CallBudget
from sync_worker.forum.patience import Priority, Rules
from sync_worker.store.tables import Table

SITE = "talk.example.org"
LIMIT, WINDOW, WINDOWS = 24, 2.0, 2
LANES = (Priority.NORMAL, Priority.NORMAL, Priority.BACKGROUND)


def measure() -> Iterator[tuple[str, int, int]]:
    """Yield for each kind of database its name, the calls made in the steady windows, and the limit.

    Raises:
        AssertionError: more calls than the limit in some window.

    """
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", _made(create_engine(f"sqlite:///{Path(folder) / 'calls.db'}")), LIMIT * WINDOWS
    if server := os.environ.get("LCM_TEST_POSTGRES"):
        with _schema(server) as engine:
            yield "PostgreSQL", _made(engine), LIMIT * WINDOWS


@contextmanager
def _schema(server: str) -> Iterator[Engine]:
    name = f"budget_{uuid.uuid4().hex[:12]}"
    admin = create_engine(server)
    with admin.begin() as connection:
        connection.execute(CreateSchema(name))
    try:
        yield create_engine(admin.url.update_query_dict({"options": f"-csearch_path={name}"}))
    finally:
        with admin.begin() as connection:
            connection.execute(DropSchema(name, cascade=True))
        admin.dispose()


def _made(engine: Engine) -> int:
    Table.metadata.create_all(engine)
    context = multiprocessing.get_context("spawn")
    deadline, out = context.Value("d", 0.0), context.Queue()
    url = engine.url.render_as_string(hide_password=False)
    processes = [context.Process(target=call_on, args=(url, lane, deadline, out)) for lane in LANES]
    for process in processes:
        process.start()
    made = sorted(moment for _ in processes for moment in out.get(timeout=600))
    for process in processes:
        process.join()
    engine.dispose()
    most = max(sum(1 for other in made if first <= other < first + WINDOW) for first in made)
    assert most <= LIMIT, f"{most} calls in a window of {LIMIT}"
    begin = made[0] + WINDOW
    return sum(1 for moment in made if begin <= moment < begin + WINDOWS * WINDOW)


def call_on(database: str, priority: int, deadline: Any, out: Any) -> None:
    """Call as fast as the budget lets us, until `WINDOWS` windows after the first one; runs in its own process."""
    engine = create_engine(database)
    budget = CallBudget(engine, SITE, Rules(LIMIT, WINDOW), Priority(priority), longest_call=1.0)
    made: list[float] = []
    while not made or made[-1] < deadline.value:
        with budget.slot():
            made.append(time.time())
            with deadline.get_lock():
                deadline.value = deadline.value or made[-1] + WINDOW * (WINDOWS + 1)
    engine.dispose()
    out.put(made)

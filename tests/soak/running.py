"""A worker of a simulated year, as a process of its own would have it, and what it says in its log."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.desk.loop import DeskLoop
from sync_worker.forum import Forum, Patience
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.store.database import Store, open_store
from sync_worker.worker.roster_sync import RosterSync
from sync_worker.worker.service import Chore, Service
from tests.worker.test_clock_watch import Machine, with_clock

if TYPE_CHECKING:
    from sync_worker.config import Settings
    from sync_worker.playbook.load import Playbook


class Log(logging.Handler):
    """Keeps what the worker reports as a mistake of its own: an error with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.mistakes: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            self.mistakes.append(f"{record.getMessage()}: {type(error).__name__}: {error}"[:600])


@dataclass
class Running:
    """A worker that was started: the service with its chores, as `lcm run` has them."""

    machine: Machine
    settings: Settings
    playbooks: dict[str, Playbook]
    stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """Open the store and the forum."""
        self.store: Store = open_store(self.settings.store)
        self.stack.callback(self.store.close)
        patience = Patience(sleep=lambda seconds: self.machine.pass_time(seconds=seconds))
        self.real = self.stack.enter_context(Forum.connect(self.settings.forum, DEFAULT_KEY, patience=patience))
        forum = with_clock(self.real, self.machine)
        self.desks = DeskLoop(forum, self.store, self.settings, self.playbooks, "soak")
        self.forum = forum
        self.service = Service(
            forum, self.store, self.settings, self.playbooks, wall=self.machine.wall, steady=self.machine.steady
        )
        self.service.listen, self.service.hear = self.desks.listen, self.desks.hear
        self.look_at_desks = Chore("desks", 20.0, self.desks.look)
        self.sync_people = Chore("the sync of people", 60.0, self._sync)

    def _sync(self, now: datetime) -> None:
        assert self.settings.sync is not None
        RosterSync(self.forum, self.store, self.settings, self.settings.sync).look(now)

    def tick(self, *, desks: bool) -> None:
        """Do what the service does when it is time for everything."""
        self.service.do(self.sync_people)
        self.service.tick()
        if desks:
            self.service.do(self.look_at_desks)

    def stop(self) -> None:
        """End as a process ends."""
        self.stack.close()

"""`lcm run`: the worker as a service."""

from __future__ import annotations

import logging
import socket
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sync_worker.cli.workspace import Workspace
from sync_worker.desk.loop import DeskLoop, worker_name
from sync_worker.errors import ConfigError
from sync_worker.forum.budget_rules import Priority
from sync_worker.plays import REGISTRY
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.worker.clock_watch import present
from sync_worker.worker.live import Live
from sync_worker.worker.personal_data import sweep
from sync_worker.worker.roster_sync import RosterSync
from sync_worker.worker.service import Chore, Service
from sync_worker.worker.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.config.sync_settings import SyncSettings
    from sync_worker.forum import Forum
    from sync_worker.playbook.load import Playbook

LOG = logging.getLogger("sync_worker.run")
RETENTION_SECONDS = 3600.0  # it looks each hour whether a day is over
NOTHING = "there is nothing to do: no cohort has a playbook, and people are not synced."


def run(seconds: float, desk_seconds: float, config_file: Path) -> None:
    """Look after all cohorts until stopped (Ctrl-C or SIGTERM)."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # its words are for programmers
    logger = logging.getLogger("sync_worker")
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    with Workspace(config_file) as workspace, tempfile.TemporaryDirectory(prefix="lcm-") as scratch:
        live = Live.start(config_file, REGISTRY, Path(scratch))
        for problem in live.problems:
            LOG.error("%s", problem)
        if not live.playbooks and live.settings.sync is None:
            raise ConfigError(
                "\n".join(live.problems) or NOTHING,
                where=str(config_file),
                do="Give a cohort `playbook: NAME` (lcm playbook list), or add `sync: {every: 1h}`.",
            )
        live.note(workspace.store, present())
        stopping = Stopping()
        forum = workspace.connect(Priority.BACKGROUND, sleep=stopping.sleep, ends_between_calls=True)
        loop = desk_loop(workspace, forum, live.playbooks)
        people = People(workspace, stopping, live.settings.sync)
        loop.more_problems = lambda: [*people.problems(), *live.problems]
        chores = [Chore("desks", desk_seconds, loop.look), Chore("the sync of people", seconds, people.look)]
        chores.append(Chore("retention", RETENTION_SECONDS, partial(clean_up, workspace)))
        service = Service(forum, workspace.store, live.settings, live.playbooks, seconds, chores, stopping)
        service.about_people = about_people(live.settings.sync)
        service.reread = Following(workspace, live, service, loop, people).reread
        service.run()


def clean_up(workspace: Workspace, now: datetime) -> None:
    """Delete what was kept long enough, once a day."""
    sweep(workspace.store, known_cohorts(workspace.written, workspace.store), now)


@dataclass(slots=True)
class People:
    """Syncs people as `lcm.yaml` says at present, not at all while it has no `sync`."""

    workspace: Workspace
    stopping: Stopping
    options: SyncSettings | None
    _forums: dict[bool, Forum] = field(default_factory=dict)

    def look(self, now: datetime) -> None:
        """Sync if it is time."""
        if self.options is not None:
            self._sync(self.options).look(now)

    def problems(self) -> list[str]:
        """Return for the desk why people are not synced."""
        return self._sync(self.options).problems() if self.options is not None else []

    def _sync(self, options: SyncSettings) -> RosterSync:
        """Return what syncs, on a connection of its own that stops between two calls; it only reads without `apply`."""
        if options.apply not in self._forums:
            self._forums[options.apply] = self.workspace.connect(
                Priority.BACKGROUND,
                read_only=not options.apply,
                sleep=self.stopping.sleep,
                ends_between_calls=True,
            )
        return RosterSync(self._forums[options.apply], self.workspace.store, self.workspace.written, options)


@dataclass(frozen=True, slots=True)
class Following:
    """Hands on what was changed in `lcm.yaml` and playbooks to all that a service does."""

    workspace: Workspace
    live: Live
    service: Service
    loop: DeskLoop
    people: People

    def reread(self, asked: bool) -> None:
        """Read what was changed; the log says once what is followed from now on, and what is not."""
        before, followed = self.live.problems, self.live.settings
        if not self.live.look(again=asked):
            return
        settings = self.live.settings
        if settings != followed:
            self.workspace.written = settings
            self.workspace.settings = settings
            self.service.settings = self.loop.settings = settings
            self.people.options = settings.sync
        self.service.playbooks = self.loop.playbooks = self.live.playbooks
        for problem in self.live.problems:
            if problem not in before:
                LOG.error("not followed: %s", problem)
        if not self.live.problems or settings != followed:
            LOG.info("settings and playbooks were read again; %s", about_people(settings.sync))
        self.live.note(self.workspace.store, present())


def about_people(options: SyncSettings | None) -> str:
    """Return whether people are synced, as the log says it."""
    if options is None:
        return "people are not synced, because lcm.yaml has no `sync` (run `lcm sync --apply` when the roster changes)"
    return f"people are synced {options.in_words()}"


def desk_loop(workspace: Workspace, forum: Forum, playbooks: Mapping[str, Playbook]) -> DeskLoop:
    """Return what looks after the desks of all cohorts."""
    name = worker_name(socket.gethostname(), workspace.written.store)
    return DeskLoop(forum, workspace.store, workspace.written, playbooks, name)

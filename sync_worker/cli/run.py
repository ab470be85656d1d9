"""`lcm run`: the worker as a service."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

from sync_worker.cli.workspace import Workspace
from sync_worker.desk.loop import DeskLoop, worker_name
from sync_worker.errors import ConfigError
from sync_worker.forum.budget_rules import Priority
from sync_worker.playbook.load import sound_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.worker.roster_sync import RosterSync
from sync_worker.worker.service import Chore, Service
from sync_worker.worker.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sync_worker.config.sync_settings import SyncSettings
    from sync_worker.forum import Forum
    from sync_worker.playbook.load import Playbook


def run(seconds: float, desk_seconds: float, config_file: Path) -> None:
    """Look after all cohorts until stopped (Ctrl-C or SIGTERM)."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # its words are for programmers
    logger = logging.getLogger("sync_worker")
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    with Workspace(config_file) as workspace:
        playbooks, problems = sound_playbooks(workspace.settings, REGISTRY)
        for problem in problems:
            logger.error("%s", problem)
        options = workspace.written.sync
        if not playbooks and options is None:
            raise ConfigError(
                "\n".join(problems) or "there is nothing to do: no cohort has a playbook, and people are not synced.",
                where=str(config_file),
                do="Give a cohort `playbook: NAME` (lcm playbook list), or add `sync: {every: 1h}`.",
            )
        stopping = Stopping()
        forum = workspace.connect(Priority.BACKGROUND, sleep=stopping.sleep)
        loop = desk_loop(workspace, forum, playbooks)
        chores = [Chore("desks", desk_seconds, loop.look)]
        if options:
            people = roster_sync(workspace, options, stopping)
            loop.more_problems = people.problems
            chores.append(Chore("the sync of people", seconds, people.look))
        service = Service(forum, workspace.store, workspace.written, playbooks, seconds, chores, stopping)
        service.about_people = about_people(options)
        service.run()


def roster_sync(workspace: Workspace, options: SyncSettings, stopping: Stopping) -> RosterSync:
    """Return what syncs people on a timer, on a connection of its own that stops between two calls."""
    forum = workspace.connect(
        Priority.BACKGROUND, read_only=not options.apply, sleep=stopping.sleep, ends_between_calls=True
    )
    return RosterSync(forum, workspace.store, workspace.written, options)


def about_people(options: SyncSettings | None) -> str:
    """Return whether people are synced, as the log says it."""
    if options is None:
        return "people are not synced, because lcm.yaml has no `sync` (run `lcm sync --apply` when the roster changes)"
    return f"people are synced {options.in_words()}"


def desk_loop(workspace: Workspace, forum: Forum, playbooks: Mapping[str, Playbook]) -> DeskLoop:
    """Return what looks after the desks of all cohorts."""
    name = worker_name(socket.gethostname(), workspace.written.store)
    return DeskLoop(forum, workspace.store, workspace.written, playbooks, name)

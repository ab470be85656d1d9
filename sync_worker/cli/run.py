"""`lcm run`: the worker as a service."""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import Workspace, config_option
from sync_worker.desk.loop import DeskLoop
from sync_worker.errors import ConfigError
from sync_worker.forum.budget_rules import Priority
from sync_worker.playbook.load import sound_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.worker.service import Chore, Service
from sync_worker.worker.stopping import Stopping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sync_worker.forum import Forum
    from sync_worker.playbook.load import Playbook


@click.command()
@click.option(
    "--every",
    "seconds",
    type=click.FloatRange(1, 3600),
    default=60.0,
    show_default=True,
    help="Seconds between two looks at what is due.",
)
@click.option(
    "--desk-every",
    "desk_seconds",
    type=click.FloatRange(1, 3600),
    default=20.0,
    show_default=True,
    help="Seconds between two looks at what LCMs decided on their desks, where the forum has the plugin.",
)
@config_option
def run(seconds: float, desk_seconds: float, config_file: Path) -> None:
    """Look after all cohorts until stopped (Ctrl-C or SIGTERM).

    Killing it at any moment does no harm: the next start finds out what was done and does the rest. Several workers on
    one store do not get in each other's way.
    """
    logger = logging.getLogger("sync_worker")
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    with Workspace(config_file) as workspace:
        playbooks, problems = sound_playbooks(workspace.settings, REGISTRY)
        for problem in problems:
            logger.error("%s", problem)
        if not playbooks:
            raise ConfigError(
                "\n".join(problems) or "no cohort has a playbook.",
                where=str(config_file),
                do="Give a cohort `playbook: NAME` (lcm playbook list).",
            )
        stopping = Stopping()
        forum = workspace.connect(Priority.BACKGROUND, sleep=stopping.sleep)
        loop = desk_loop(workspace, forum, playbooks)
        chores = [Chore("desks", desk_seconds, loop.look)]
        Service(forum, workspace.store, workspace.written, playbooks, seconds, chores, stopping).run()


def desk_loop(workspace: Workspace, forum: Forum, playbooks: Mapping[str, Playbook]) -> DeskLoop:
    """Return what looks after the desks of all cohorts."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    return DeskLoop(forum, workspace.store, workspace.written, playbooks, worker)

"""`lcm desk`: once what `lcm run` does for the desks all the time, for those who start the worker by a timer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sync_worker.cli.pretending import refuse_pretended_time
from sync_worker.cli.run import desk_loop
from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.playbook.load import sound_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.wording import counted

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def desk(*, now: datetime, config_file: Path, as_json: bool) -> None:
    """Take in what LCMs and administrators decided on the forum, act on it, and bring the desks up to date."""
    with Workspace(config_file) as workspace:
        playbooks, problems = sound_playbooks(workspace.settings, REGISTRY)
        for problem in problems:
            click.echo(f"note: {problem}", err=True)
        forum = workspace.connect(Priority.PERSON)
        refuse_pretended_time(forum)
        if forum.plugin is None:
            raise UsageError(
                "the forum has no discourse-lcm plugin of this contract.",
                where=forum.url,
                do="See `lcm check`; without it, drafts are decided on with `lcm drafts`.",
            )
        desk_loop(workspace, forum, playbooks).look(now)
        if as_json:
            print_json({"calls": forum.calls.total, "problems": [str(problem) for problem in problems]})
            return
        click.echo(f"Done, {counted(forum.calls.total, 'call')} to the forum.")

"""`lcm playbook switch`: a cohort that is under way is given another playbook; what was done counts as done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sync_worker.cli.pretending import refuse_pretended_time
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import UsageError
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.store.pauses import read_clock
from sync_worker.worker.in_force import in_force, switch_plan
from sync_worker.worker.in_force import switch as follow

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


def switch(*, cohort: str, do_apply: bool, now: datetime, config_file: Path, as_json: bool) -> None:
    """Show what changes with the playbook that lcm.yaml now names for a cohort; with --apply, change it."""
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        if target.playbook is None:
            raise UsageError(f"cohort '{cohort}' has no playbook.", where=str(config_file))
        found = load_named(target.playbook, workspace.settings.playbooks, REGISTRY)
        if do_apply:
            refuse_pretended_time(workspace.connect())
        with workspace.store.begin() as session:
            current = in_force(session, workspace.forum_name, cohort, found.name)
            dates = read_clock(session, workspace.forum_name, cohort).shifted(target)
            changes = current != found.name
            lines = switch_plan(session, workspace.forum_name, found, dates, now) if changes else []
            if do_apply and changes:
                follow(session, workspace.forum_name, found, target, lines, now)
    rows = [
        (
            line.planned.occurrence.local_at.strftime("%Y-%m-%d %H:%M"),
            line.planned.occurrence.label,
            line.state,
            line.reason,
        )
        for line in lines
    ]
    if as_json:
        keys = ("when", "step", "state", "reason")
        shown = [dict(zip(keys, row, strict=True)) for row in rows]
        print_json(
            {"cohort": cohort, "from": current, "to": found.name, "applied": do_apply and changes, "steps": shown}
        )
        return
    if not changes:
        click.echo(f"{cohort} follows '{found.name}' already; nothing changes.")
        click.echo(f"To give it another playbook, write that one's name into {config_file} first.")
        return
    click.echo(f"{target.name}: from '{current or 'none'}' to '{found.name}'\n")
    print_rows(("when", "step", "state", ""), rows)
    if do_apply:
        click.echo(f"\n{cohort} follows '{found.name}' from now on.")
    else:
        click.echo(f"\nTo change to it: lcm playbook switch --cohort {cohort} --apply")

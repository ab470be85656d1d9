"""`lcm playbook copy`: a playbook of one's own to change, made from another one."""

from __future__ import annotations

from pathlib import Path

import click

from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.errors import UsageError
from sync_worker.playbook.load import FILE_NAME, copy_playbook, find_playbooks
from sync_worker.wording import nearest

FOLDER = Path("playbooks")


def copy(*, name: str, new_name: str, parent: Path, config_file: Path, as_json: bool) -> None:
    """Copy PLAYBOOK with all its texts to one of your own, to change it; the copy is switched off."""
    own = Workspace(config_file).written.playbooks if config_file.exists() else ()
    known = find_playbooks(own)
    if name not in known:
        raise UsageError(f"no playbook is called '{name}'.{nearest(name, known)}")
    if new_name in known:
        raise UsageError(
            f"there is a playbook '{new_name}' already.", where=str(known[new_name]), do="Choose another name."
        )
    folder = copy_playbook(known[name], new_name, parent)
    listed = any(folder.resolve().is_relative_to(one.resolve()) for one in own)
    if as_json:
        print_json({"playbook": new_name, "folder": str(folder), "listed": listed})
        return
    click.echo(f"{folder}: a copy of '{name}', switched off.")
    if not listed:
        click.echo(f"Write `playbooks: [{parent}]` into {config_file}, so that it is found.")
    click.echo(
        f"Change it, look at it with `lcm playbook check {new_name}` and `lcm playbook preview STEP --cohort C "
        f"--playbook {new_name}`, then write `active: true` in {folder / FILE_NAME}."
    )

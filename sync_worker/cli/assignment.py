"""`lcm assignment`: more time for one person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.errors import UsageError
from sync_worker.forum.budget_rules import Priority
from sync_worker.membership.observing.observe import members_of
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.plays.assignment import ASSIGNMENT, due_fact
from sync_worker.store.facts import set_fact
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.playbook.load import Playbook

SOURCE = "lcm assignment extend"


def extend(*, step: str, cohort: str, user: str, until: date, config_file: Path, as_json: bool) -> None:
    """Give one person more time for a step's task: kept as a fact about the person in this cohort. Calls: 2 or more.

    Raises:
        UsageError: there is no such cohort, task or account, or the account is not in the cohort.

    """
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        if not target.playbook:
            raise UsageError(f"cohort '{cohort}' follows no playbook.", do="Name one in lcm.yaml.")
        _check_step(load_named(target.playbook, workspace.settings.playbooks, REGISTRY), step)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        members = members_of(forum, workspace.store.sessions, target, target.group)
        known = {member.username.casefold(): member for member in members}
        found = known.get(user.removeprefix("@").casefold())
        if found is None:
            hint = nearest(user, [member.username for member in members])
            raise UsageError(f"nobody in cohort '{cohort}' has the username '{user}'.{hint}")
        with workspace.store.begin() as session:
            now = datetime.now(UTC)
            set_fact(session, forum.name, found.id, due_fact(step), until, SOURCE, now, cohort=target.key)
    if as_json:
        print_json({"cohort": target.key, "step": step, "user": found.username, "until": until})
        return
    click.echo(f"@{found.username} has time for '{step}' until {until}.")


def _check_step(playbook: Playbook, step: str) -> None:
    tasks = [found.id for found in playbook.file.steps if found.play == ASSIGNMENT]
    if step not in tasks:
        raise UsageError(f"playbook '{playbook.name}' gives no task in a step '{step}'.{nearest(step, tasks)}")

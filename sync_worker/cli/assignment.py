"""`lcm assignment`: more time for one person, and who is late."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.observing.observe import members_of
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.plays.assignment import ASSIGNMENT, due_fact
from sync_worker.store.facts import set_fact
from sync_worker.wording import nearest
from sync_worker.worker.tasks import open_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.tasks import OpenTask

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


def late(*, key: str, step: str | None, config_file: Path, as_json: bool) -> None:
    """Show who has not answered the tasks of a cohort, as the forum is now.

    Raises:
        UsageError: there is no such cohort or task.

    """
    with Workspace(config_file) as workspace:
        target = workspace.cohort(key)
        if not target.playbook:
            raise UsageError(f"cohort '{key}' follows no playbook.", do="Name one in lcm.yaml.")
        playbook = load_named(target.playbook, workspace.settings.playbooks, REGISTRY)
        if step is not None:
            _check_step(playbook, step)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        found = [one for one in open_tasks(forum, workspace.store, target, playbook) if step in (None, one.step)]
        url = forum.url
    if as_json:
        print_json([asdict(one) for one in found])
    elif not found:
        click.echo("No task was given so far.")
    for task in found if not as_json else ():
        _print_task(task, url)


def _print_task(task: OpenTask, url: str) -> None:
    due = f"due {task.due:%Y-%m-%d %H:%M}"
    if task.gone:
        click.echo(f"{task.step}: {task.title}, {due}: its topic was deleted.")
        return
    click.echo(f"{task.step}: {task.title}, {due}, {url}/t/{task.topic_id}")
    click.echo(f"  answered: {task.answered}; not: {len(task.owing)}")
    for one in task.owing:
        days = ", ".join(str(day) for day in one.written_to)
        told = f"written to on {days}" if days else "not written to"
        click.echo(f"  @{one.username} ({one.name}): {f'has time until {one.until}, ' if one.until else ''}{told}")
